package velocity

import (
	"cmp"
	"iter"
	"slices"

	"octroi/risk"
)

// latestFinished gives the finished orders in sight from the latest made to the first, that of h left out.
func (x *index) latestFinished(h *Histories) iter.Seq[*order] {
	return func(yield func(*order) bool) {
		// Where the list begins within an order, that order stands at another place than its events do.
		if x.ordersBack || x.from > 0 {
			for _, f := range slices.Backward(x.sortedFinished(h)) {
				if !yield(f.order) {
					return
				}
			}
			return
		}
		for i := len(x.orders) - 1; i >= 0; i-- {
			if o := &x.orders[i]; o.id != h.id && x.finished(o) && !yield(o) {
				return
			}
		}
	}
}

// made is an order with when it was made, and the place of its first event.
type made struct {
	order *order
	at    int64
	place int32
}

func (x *index) sortedFinished(h *Histories) []made {
	out := make([]made, 0, 32)
	for i := range x.orders {
		if o := &x.orders[i]; o.id != h.id && x.finished(o) {
			at, place := x.made(o)
			out = append(out, made{o, min(at, h.now), place})
		}
	}
	slices.SortFunc(out, func(a, b made) int { return cmp.Or(cmp.Compare(a.at, b.at), cmp.Compare(a.place, b.place)) })
	return out
}

func (x *index) finished(o *order) bool {
	for j := o.head; j >= x.from && j >= 0; j = x.events[j].sibling {
		if k := risk.EventKind(x.events[j].kind); k != risk.EventAttempt && k != risk.EventHeld {
			return true
		}
	}
	return false
}

// made is when the order was made, its attempt's time, or its earliest event's when the attempt is not known; and the
// place of the first event in sight.
func (x *index) made(o *order) (at int64, place int32) {
	at = neverMs
	for j := o.head; j >= x.from && j >= 0; j = x.events[j].sibling {
		at, place = min(at, x.events[j].at), j
	}
	if a := x.attemptOf(o); a != nil {
		at = a.at
	}
	return at, place
}
