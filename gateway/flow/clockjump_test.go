package flow_test

import (
	"sync"
	"testing"
	"time"

	"octroi/gateway/flow"
	"octroi/gateway/hold"
	"octroi/gateway/payment"
)

// pendulum is the clock that nobody can set, beside the one that w.later moves.
type pendulum struct {
	mu    sync.Mutex
	begun time.Time
	ahead time.Duration
}

func (p *pendulum) elapsed() time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	return time.Since(p.begun) + p.ahead
}

// swinging starts a world whose wall clock can be set by w.later alone; time passes by pass.
func swinging(t *testing.T) (w *world, pass func(time.Duration)) {
	t.Helper()
	p := &pendulum{begun: time.Now()}
	w = begin(t, func(c *flow.Config) {
		everyOrderHeld(t)(c)
		c.Elapsed = p.elapsed
	})
	return w, func(d time.Duration) {
		// In steps that are no jumps, whichever clock is read between the two.
		for ; d > 0; d -= time.Minute {
			step := min(d, time.Minute)
			w.later(step)
			p.mu.Lock()
			p.ahead += step
			p.mu.Unlock()
		}
	}
}

// TestAClockThatJumpsAnHourEndsNothing sets the clock past a case's deadline, and back in time.
func TestAClockThatJumpsAnHourEndsNothing(t *testing.T) {
	t.Parallel() // it waits more than it works
	w, pass := swinging(t)
	p := w.pay(order(1))
	pass(p.Case.DecideBy.Sub(w.now()) - 30*time.Minute)
	w.rests()
	reminders := len(w.mails(p.ID))
	w.later(time.Hour)
	w.eventually("the jump is seen", func() bool { return w.degradedBy("clock") })
	w.rests()
	if got := w.see(p.ID); got.Case.Status == string(hold.Expired) {
		t.Fatal("a clock that was set ended a case")
	}
	w.later(-time.Hour) // somebody has set it right
	w.rests()
	pass(16 * time.Minute)
	w.eventually("deadlines are kept again", func() bool { return !w.degradedBy("clock") })
	w.rests()
	if got := w.see(p.ID); got.Status != payment.Held || len(w.mails(p.ID)) != reminders {
		t.Fatalf("before its deadline the payment is %s, mails %+v", got.Status, w.mails(p.ID))
	}
	pass(15 * time.Minute)
	w.eventually("the case ends in its time", func() bool { return w.see(p.ID).Case.Status == string(hold.Expired) })
	w.oncePerCase([]payment.Payment{p})
}

// TestAClockThatKeepsItsNewTimeIsBelieved sets the clock an hour ahead for good, and later back.
func TestAClockThatKeepsItsNewTimeIsBelieved(t *testing.T) {
	t.Parallel() // it waits more than it works
	w, pass := swinging(t)
	p := w.pay(order(1))
	pass(p.Case.DecideBy.Sub(w.now()) - 30*time.Minute)
	w.rests()
	w.later(time.Hour)
	w.eventually("the jump is seen", func() bool { return w.degradedBy("clock") })
	pass(16 * time.Minute)
	w.eventually("the case ends", func() bool { return w.see(p.ID).Case.Status == string(hold.Expired) })
	w.later(-time.Hour)
	w.eventually("the jump back is seen", func() bool { return w.degradedBy("clock") })
	pass(2 * time.Hour)
	w.rests()
	w.oncePerCase([]payment.Payment{p})
}

// degradedBy reports whether the metric of what is away names this.
func (w *world) degradedBy(what string) bool { return w.counted("octroi_degraded", what) == 1 }
