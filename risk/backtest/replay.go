package backtest

import (
	"fmt"
	"time"

	"octroi/risk"
	"octroi/risk/policy"
	"octroi/risk/velocity"
)

// shop is the one whose orders a recording holds; histories of different shops never meet.
const shop = "recorded"

// Remembered is how long an order can still be named by an event. Card schemes give a holder 120 days to dispute a
// payment; with the paperwork that follows, half a year holds them all.
const Remembered = 180 * 24 * time.Hour

// Histories say how the histories of a replay are kept; zero values take the gateway's own.
type Histories struct {
	Caps      velocity.Caps
	Retention time.Duration
	// LabelDelay is the time after which a chargeback or fraud report dated at its order is known. One that is dated
	// later than its order is known at its own date.
	LabelDelay time.Duration
	// Lists gives the lists as they stood at a moment; nil for none. The policy asks it about every order it decides.
	Lists func(at time.Time) risk.Lists
}

func (h Histories) lists(at time.Time) risk.Lists {
	if h.Lists == nil {
		return nil
	}
	return h.Lists(at)
}

// DefaultLabelDelay is how long a fraud stays unknown when nothing else is said.
const DefaultLabelDelay = 7 * oneDay

// maxLabelDelay bounds the delay: an event must find its order.
const maxLabelDelay = Remembered

func (h Histories) check() error {
	if h.LabelDelay < 0 || h.LabelDelay > maxLabelDelay {
		return fmt.Errorf("the delay of labels must be from 0 to %s", maxLabelDelay)
	}
	return nil
}

// replay leads recorded orders past one policy's histories.
type replay struct {
	Histories
	policy *policy.Policy
	memory *velocity.Memory
	now    time.Time
	line   int // of the latest entry
	// until is when histories are no longer asked; orders after it are only remembered.
	until  time.Time
	orders ledger
	late   []pending
}

// pending is a label that is not known yet.
type pending struct {
	known time.Time
	rec   risk.Record
}

func newReplay(h Histories, p *policy.Policy, until time.Time) (*replay, error) {
	if err := h.check(); err != nil {
		return nil, err
	}
	asked := p.Horizon()
	for e := range risk.EntityCount {
		if _, ok := asked[e]; !ok {
			h.Caps[e] = 1 // no rule asks: a list as short as can be
		}
	}
	r := &replay{Histories: h, policy: p, memory: velocity.NewMemory(h.Caps, h.Retention), until: until,
		orders: newLedger()}
	r.memory.Tallies(p.Tallies()...)
	return r, nil
}

// advance takes the entry's time, which may not go back, and makes known what is known by then.
func (r *replay) advance(e Entry) error {
	switch {
	case e.ID == "":
		return wrong(e, "the id is empty")
	case e.At.UnixMilli() <= 0:
		return wrong(e, "the time %s is before 1970", e.At.Format(time.RFC3339))
	case e.At.Before(r.now):
		return wrong(e, "%s is before line %d, which was at %s: recorded orders stand oldest first",
			e.At.Format(time.RFC3339), r.line, r.now.Format(time.RFC3339))
	}
	r.now, r.line = e.At, e.Line
	for len(r.late) > 0 && !r.late[0].known.After(r.now) {
		if err := r.append(r.late[0].known, r.late[0].rec); err != nil {
			return wrong(e, "%v", err)
		}
		r.late = r.late[1:]
	}
	r.orders.forget(r.now.Add(-Remembered))
	return nil
}

// append adds an event to the histories while they are still asked.
func (r *replay) append(at time.Time, rec risk.Record) error {
	if !at.Before(r.until) {
		return nil
	}
	rec.At = at
	return r.memory.Append(shop, rec)
}

// order takes in an order and gives its facts as the policy wants them, with its histories; nil histories when they
// are no longer asked. What is remembered of the order stays where it is until the next order.
func (r *replay) order(e Entry) (risk.Facts, *velocity.Histories, *past, error) {
	f := *e.Order
	f.ID, f.At, f.Shop = e.ID, e.At, shop
	if old := r.orders.find(e.ID); old != nil {
		return f, nil, nil, wrong(e, "the order %q is already on line %d", e.ID, old.line)
	}
	f = r.policy.Prepare(f)
	rec := f.Attempt()
	p := r.orders.add(e.Line, &rec)
	if !e.At.Before(r.until) {
		return f, nil, p, nil
	}
	h, err := r.memory.Observe(shop, rec)
	if err != nil {
		return f, nil, nil, wrong(e, "%v", err)
	}
	return f, h, p, nil
}

// event takes in what became of an order, and gives the order and when the event is known.
func (r *replay) event(e Entry) (*past, time.Time, error) {
	p := r.orders.find(e.ID)
	switch {
	case p == nil:
		return nil, time.Time{}, wrong(e, "the event is of the order %q, which no line of the %d days before has",
			e.ID, int(Remembered/oneDay))
	case e.Event.Kind == risk.EventAttempt || e.Event.Kind >= risk.EventKindCount:
		return nil, time.Time{}, wrong(e, "%s is no event of an order", e.Event.Kind)
	}
	rec := p.record(e.Event)
	if label(e.Event.Kind) && e.At.UnixMilli() == p.at {
		known := e.At.Add(r.LabelDelay)
		if known.After(r.now) {
			r.late = append(r.late, pending{known, rec})
			return p, known, nil
		}
	}
	if err := r.append(e.At, rec); err != nil {
		return nil, time.Time{}, wrong(e, "%v", err)
	}
	return p, e.At, nil
}
