package flow_test

import (
	"database/sql"
	"strings"
	"testing"
	"time"

	"octroi/gateway/flow"
	"octroi/gateway/payment"
	"octroi/providers/adyensim"
)

func TestAnAbandonedStepExpiresAndFreesTheOrder(t *testing.T) {
	w, _ := wired(t, func(c *flow.Config) {
		s := c.Shops["demo"]
		s.ActionTimeout = 20 * time.Minute
		c.Shops["demo"] = s
	})
	p := w.pay(dear(1, cardOnRequest))
	late := w.acts(p, "pay") // the buyer has paid, but never comes back
	if _, _, err := w.flow.Authorise(t.Context(), w.call("too early"), dear(1, cardPlain)); payment.CodeOf(err) != payment.CodeOrderLive {
		t.Errorf("while the buyer is away: %v", err)
	}
	w.later(19 * time.Minute)
	if got := w.see(p.ID); got.Status != payment.ActionRequired {
		t.Fatalf("before its time: %s", got.Status)
	}
	w.later(2 * time.Minute)
	p = w.becomes(p.ID, payment.Expired)
	if p.Action != nil {
		t.Errorf("it still asks for %+v", p.Action)
	}
	if !w.told("payment.expired", p.ID) {
		t.Error("the shop was not told")
	}
	if _, _, err := w.flow.Details(t.Context(), "demo", p.ID, late); payment.CodeOf(err) != payment.CodeWrongState {
		t.Errorf("the step after its time: %v", err)
	}
	if again, _, err := w.flow.Authorise(t.Context(), w.call("again"), dear(1, cardPlain)); err != nil || !again.Status.Live() {
		t.Errorf("the order is not free: %v %s", err, again.Status)
	}
	w.audited()
}

func TestAShopGivesAStepUpSoThatTheOrderCanBePaidOtherwise(t *testing.T) {
	w, _ := wired(t, nil)
	p := w.pay(dear(1, cardOnRequest))
	_, _, err := w.flow.Operate(t.Context(), w.call("c"), p.ID, payment.OpCancel, nil, "the buyer went back")
	check(t, err)
	if _, _, err := w.flow.Details(t.Context(), "demo", p.ID, w.acts(p, "pay")); payment.CodeOf(err) != payment.CodeWrongState {
		t.Errorf("a step of a payment that is being cancelled: %v", err)
	}
	w.becomes(p.ID, payment.Cancelled)
	if _, _, err := w.flow.Authorise(t.Context(), w.call("again"), dear(1, cardPlain)); err != nil {
		t.Errorf("the order is not free: %v", err)
	}
	w.audited()
}

func TestAStepWhoseAnswerIsLostIsSettledWhicheverWayItIs(t *testing.T) {
	for name, how := range map[string]loss{"after it was carried out": lostAfter, "before": lostBefore} {
		t.Run(name, func(t *testing.T) {
			w, x := wired(t, nil)
			w.silence()
			p := w.pay(dear(1, cardOnRequest))
			d := w.acts(p, "pay")
			x.lose(from("/payments/details", 1, how))
			p = w.finishes(p, d)
			x.lose(nil)
			if p.Status != payment.Pending || p.Action != nil || len(p.Decision.Degraded) != 1 || p.Decision.Degraded[0] != "provider_unavailable" {
				t.Fatalf("%s %+v", p.Status, p.Decision)
			}
			if _, _, err := w.flow.Details(t.Context(), "demo", p.ID, payment.Details{"redirectResult": "another"}); payment.CodeOf(err) != payment.CodeWrongState {
				t.Errorf("other details meanwhile: %v", err)
			}
			again, _, err := w.flow.Authorise(t.Context(), w.call("key-A-1"), dear(1, cardOnRequest))
			if err != nil || again.Status != payment.Pending || len(x.on("/payments")) != 1 {
				t.Errorf("the order sent again: %v %s", err, again.Status)
			}
			if p = w.finishes(p, d); p.Status != payment.Authorised || len(p.Decision.Degraded) != 0 {
				t.Errorf("the same details again: %s %+v", p.Status, p.Decision.Degraded)
			}
			w.hear()
			w.becomes(p.ID, payment.Captured)
			w.audited()
		})
	}
}

func TestAStepWhoseAnswerIsLostIsSettledByTheNotification(t *testing.T) {
	w, x := wired(t, nil)
	var paid []payment.Payment
	for i, choice := range []string{"pay", "refuse"} {
		p := w.pay(dear(i, cardOnRequest))
		d := w.acts(p, choice)
		x.lose(from("/payments/details", 1, lostAfter))
		paid = append(paid, w.finishes(p, d))
		x.lose(nil)
	}
	// No signature covers what a report says of an authentication: the buyer proves it another way.
	got := w.becomes(paid[0].ID, payment.Held)
	reasons := got.Decision.Reasons
	if last := reasons[len(reasons)-1]; last.Code != "NOT_AUTHENTICATED" || !strings.Contains(last.Detail, "by a report") || got.Authorisation.ThreeDS != "" {
		t.Errorf("%+v %+v", got.Decision, got.Authorisation)
	}
	w.becomes(paid[1].ID, payment.Refused)
	w.audited()
}

func TestAStepThatNobodySettlesIsCancelledByReference(t *testing.T) {
	w, x := wired(t, nil)
	w.silence()
	p := w.pay(dear(1, cardOnRequest))
	d := w.acts(p, "pay")
	x.lose(from("/payments/details", 1, lostAfter))
	p = w.finishes(p, d)
	w.later(20 * time.Minute)
	w.eventually("the sweeper has asked", func() bool { return len(w.see(p.ID).Operations) == 1 })
	w.hear()
	w.becomes(p.ID, payment.Cancelled)
	if q, _ := w.sim.Ledger().Payment(p.ID); q.Status != adyensim.StatusCancelled {
		t.Errorf("it is %s at the provider", q.Status)
	}
}

func TestAPaymentThatCannotBeReadHoldsUpNoOtherOnesSweeping(t *testing.T) {
	w := begin(t, nil)
	w.silence()
	w.sim.Fault(adyensim.Fault{Operation: "payments", Times: 3, Cut: true})
	broken, next, last := w.pay(order(1)), w.pay(order(2)), w.pay(order(3))
	db, err := sql.Open("sqlite", "file:"+strings.TrimPrefix(w.url, "sqlite:")+"?_pragma=busy_timeout(5000)")
	check(t, err)
	defer db.Close()
	_, err = db.ExecContext(t.Context(), "UPDATE payments SET body = '{' WHERE id = $1", broken.ID)
	check(t, err)
	w.later(20 * time.Minute)
	w.eventually("the sweeper has asked for the others", func() bool {
		return len(w.see(next.ID).Operations) == 1 && len(w.see(last.ID).Operations) == 1
	})
}
