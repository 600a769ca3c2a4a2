package velocity

import (
	"time"

	"octroi/risk"
)

// Joined are the histories of an order together with that of its card, which was read later because nobody knew the card
// when the others were. Everything but the card is asked of the earlier ones. They are available when both are.
type Joined struct {
	Earlier, Card *Histories
}

var _ risk.Histories = Joined{}

// Available is false when either could not be read.
func (j Joined) Available() bool { return j.Earlier.Available() && j.Card.Available() }

// of are the histories that know the entity.
func (j Joined) of(e risk.Entity) *Histories {
	if e == risk.EntityCard {
		return j.Card
	}
	return j.Earlier
}

// Count implements risk.Histories, as the other methods do.
func (j Joined) Count(e risk.Entity, ev risk.Event, window time.Duration) risk.Fold {
	return j.of(e).Count(e, ev, window)
}

// Sum adds amounts.
func (j Joined) Sum(e risk.Entity, ev risk.Event, window time.Duration) risk.Fold {
	return j.of(e).Sum(e, ev, window)
}

// Distinct counts values of another entity.
func (j Joined) Distinct(e, of risk.Entity, window time.Duration) risk.Fold {
	return j.of(e).Distinct(e, of, window)
}

// Rate is a share of attempts.
func (j Joined) Rate(e risk.Entity, ev risk.Event, window, delay time.Duration) risk.Fold {
	return j.of(e).Rate(e, ev, window, delay)
}

// Age is the time since the first attempt.
func (j Joined) Age(e risk.Entity) risk.Fold { return j.of(e).Age(e) }

// Since is the time since the latest event.
func (j Joined) Since(e risk.Entity, ev risk.Event) risk.Fold { return j.of(e).Since(e, ev) }

// Streak is how many of the latest orders had the event.
func (j Joined) Streak(e risk.Entity, ev risk.Event) risk.Fold { return j.of(e).Streak(e, ev) }

// Only are the histories of one entity alone, to be recorded: the others are Missing.
func (h *Histories) Only(e risk.Entity) *Histories {
	if !h.available {
		return Unavailable()
	}
	out := &Histories{available: true, id: h.id, now: h.now, currency: h.currency}
	out.lists[e] = h.list(e)
	return out
}
