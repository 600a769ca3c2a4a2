package policy

import (
	"cmp"
	"slices"
	"time"

	"octroi/risk"
)

// recorded is risk.Histories over plain records: the definition written down, without an index. The real one is
// package velocity, on this package's own floor.
type recorded struct {
	records []risk.Record // of any entity, the order's own attempt included
	id      string
	now     time.Time
	keys    [risk.EntityCount]string
	country string
}

var _ risk.Histories = (*recorded)(nil)

func recall(f risk.Facts, past []risk.Record) *recorded {
	return &recorded{records: append(slices.Clone(past), f.Attempt()), id: f.ID, now: f.At, keys: f.Keys(), country: f.Attempt().IssuerCountry}
}

func (h *recorded) Available() bool { return true }

func (h *recorded) named(e risk.Entity) bool { return h.keys[e] != "" }

func (h *recorded) of(e risk.Entity, r risk.Record) bool { return h.named(e) && r.Keys[e] == h.keys[e] }

func (h *recorded) within(at time.Time, window, delay time.Duration) bool {
	end := h.now.Add(-delay)
	return at.After(end.Add(-window)) && !at.After(end)
}

func is(r risk.Record, ev risk.Event) bool {
	return r.Kind == ev.Kind && (ev.Code == "" || r.Code == ev.Code)
}

// orders gives the amount of each order of the entity with the event in the window.
func (h *recorded) orders(e risk.Entity, ev risk.Event, window, delay time.Duration) map[string]int64 {
	found := map[string]int64{}
	for _, r := range h.records {
		if h.of(e, r) && is(r, ev) && h.within(r.At, window, delay) {
			found[r.ID] = r.Amount
		}
	}
	return found
}

// tally counts records in whole buckets, as a counted entity's histories do: the bucket of the order is the last one
// without a delay; with one, the window is that many buckets from the one after the delay.
func (h *recorded) tally(e risk.Entity, ev risk.Event, window, delay time.Duration) (n float64, ok bool) {
	bucket, ok := risk.CountedWindow(window, delay)
	if !ok || e == risk.EntityIssuerCountry && h.country == "" {
		return 0, false
	}
	number := func(at time.Time) int64 { return at.UnixMilli() / bucket.Milliseconds() }
	for _, r := range h.records {
		ago := time.Duration(number(h.now)-number(r.At)) * bucket
		mine := e == risk.EntityShop || r.IssuerCountry == h.country
		if mine && is(r, ev) && ago >= 0 && ago <= window+delay && (delay == 0 || ago > delay) {
			n++
		}
	}
	return n, true
}

func (h *recorded) Count(e risk.Entity, ev risk.Event, window time.Duration) risk.Fold {
	if e.Counted() {
		n, ok := h.tally(e, ev, window, 0)
		return risk.Fold{Value: n, Missing: !ok}
	}
	return risk.Fold{Value: float64(len(h.orders(e, ev, window, 0))), Missing: !h.named(e)}
}

func (h *recorded) Sum(e risk.Entity, ev risk.Event, window time.Duration) risk.Fold {
	total := int64(0)
	for _, amount := range h.orders(e, ev, window, 0) {
		total += amount
	}
	return risk.Fold{Value: float64(total), Missing: !h.named(e)}
}

func (h *recorded) Distinct(e, of risk.Entity, window time.Duration) risk.Fold {
	values := map[string]bool{}
	for _, r := range h.records {
		if h.of(e, r) && r.Kind == risk.EventAttempt && r.Keys[of] != "" && h.within(r.At, window, 0) {
			values[r.Keys[of]] = true
		}
	}
	return risk.Fold{Value: float64(len(values)), Missing: !h.named(e)}
}

func (h *recorded) Rate(e risk.Entity, ev risk.Event, window, delay time.Duration) risk.Fold {
	if e.Counted() {
		n, ok := h.tally(e, ev, window, delay)
		all, _ := h.tally(e, risk.Event{Kind: risk.EventAttempt}, window, delay)
		return risk.Fold{Value: min(1, ratio(n, all, 0)), Missing: !ok}
	}
	attempts := h.orders(e, risk.Event{Kind: risk.EventAttempt}, window, delay)
	had := map[string]bool{}
	for _, r := range h.records {
		if _, ok := attempts[r.ID]; ok && h.of(e, r) && is(r, ev) && !r.At.After(h.now) {
			had[r.ID] = true
		}
	}
	if len(attempts) == 0 {
		return risk.Fold{Missing: !h.named(e)}
	}
	return risk.Fold{Value: float64(len(had)) / float64(len(attempts))}
}

// before gives the entity's records of other orders up to now that pass, oldest first.
func (h *recorded) before(e risk.Entity, pass func(risk.Record) bool) []risk.Record {
	var found []risk.Record
	for _, r := range h.records {
		if h.of(e, r) && r.ID != h.id && !r.At.After(h.now) && pass(r) {
			found = append(found, r)
		}
	}
	slices.SortStableFunc(found, func(a, b risk.Record) int { return cmp.Compare(a.At.UnixNano(), b.At.UnixNano()) })
	return found
}

func (h *recorded) Age(e risk.Entity) risk.Fold {
	seen := h.before(e, func(r risk.Record) bool { return r.Kind == risk.EventAttempt })
	if len(seen) == 0 {
		return risk.Fold{Missing: true}
	}
	return risk.Fold{Value: h.now.Sub(seen[0].At).Seconds()}
}

func (h *recorded) Since(e risk.Entity, ev risk.Event) risk.Fold {
	seen := h.before(e, func(r risk.Record) bool { return is(r, ev) })
	if len(seen) == 0 {
		return risk.Fold{Missing: true}
	}
	return risk.Fold{Value: h.now.Sub(seen[len(seen)-1].At).Seconds()}
}

func (h *recorded) Streak(e risk.Entity, ev risk.Event) risk.Fold {
	finished := h.before(e, func(r risk.Record) bool {
		return r.Kind == risk.EventAuthorised || r.Kind == risk.EventRefused || r.Kind == risk.EventDeclined
	})
	n := 0
	for i := len(finished) - 1; i >= 0 && is(finished[i], ev); i-- {
		n++
	}
	return risk.Fold{Value: float64(n), Missing: !h.named(e)}
}
