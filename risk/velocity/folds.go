package velocity

import (
	"cmp"
	"slices"
	"time"

	"octroi/risk"
)

// wanted is an event as the records spell it.
type wanted struct {
	kind uint8
	code uint16
}

func want(ev risk.Event) wanted { return wanted{kind: uint8(ev.Kind), code: codeHash(ev.Code)} }

func (w wanted) is(e *event) bool { return e.kind == w.kind && (w.code == 0 || e.code == w.code) }

// span is (from, to], in Unix milliseconds.
type span struct{ from, to int64 }

func (s span) holds(at int64) bool { return at > s.from && at <= s.to }

// last is the window that ends now. Parts of a millisecond do not count.
func (h *Histories) last(window time.Duration) span {
	return span{h.now - window.Milliseconds(), h.now}
}

// had reports whether the order had the event within the span.
func (x *index) had(o *order, w wanted, s span) bool {
	for j := o.head; j >= 0; j = x.events[j].sibling {
		if e := &x.events[j]; w.is(e) && s.holds(e.at) {
			return true
		}
	}
	return false
}

// reaches reports whether the span goes back to what was dropped from the list.
func (x *index) reaches(s span) bool { return x.cut && x.latest > s.from }

var missing = risk.Fold{Missing: true}

// Count is how many orders of the entity had the event in the window; this attempt counts as an attempt.
// A saturated count of attempts is at least the entity's cap (see DefaultCaps).
func (h *Histories) Count(e risk.Entity, ev risk.Event, window time.Duration) risk.Fold {
	if e.Counted() {
		return h.countTally(e, ev, window)
	}
	x := h.of(e)
	if x == nil {
		return missing
	}
	w, s, n := want(ev), h.last(window), 0
	for i := range x.orders {
		if x.had(&x.orders[i], w, s) {
			n++
		}
	}
	return risk.Fold{Value: float64(n), Saturated: x.reaches(s)}
}

// Sum adds the amounts (minor units) of the orders that had the event in the window. Only orders in this order's
// currency are added: minor units of two currencies have no sum. An order whose attempt is not in the list has no
// known amount, and makes the sum saturated.
func (h *Histories) Sum(e risk.Entity, ev risk.Event, window time.Duration) risk.Fold {
	x := h.of(e)
	if x == nil {
		return missing
	}
	w, s := want(ev), h.last(window)
	sum, unknown := int64(0), false
	for i := range x.orders {
		o := &x.orders[i]
		if !x.had(o, w, s) {
			continue
		}
		if o.attempt < 0 {
			unknown = true
		} else if a := &x.events[o.attempt]; a.currency == h.currency {
			sum += a.amount
		}
	}
	return risk.Fold{Value: float64(sum), Saturated: unknown || x.reaches(s)}
}

// Distinct is how many different values of another entity went with the entity's attempts in the window, this attempt
// included. Attempts that did not name it add nothing.
func (h *Histories) Distinct(e, of risk.Entity, window time.Duration) risk.Fold {
	x := h.of(e)
	if x == nil || of >= risk.EntityCount {
		return missing
	}
	s := h.last(window)
	values := make([]uint64, 0, 32)
	for i := range x.orders {
		if a := x.orders[i].attempt; a >= 0 && s.holds(x.events[a].at) {
			if v, ok := shortIn(x.events[a].mask, x.list[x.events[a].shorts:], of); ok {
				values = append(values, v)
			}
		}
	}
	slices.Sort(values)
	return risk.Fold{Value: float64(len(slices.Compact(values))), Saturated: x.reaches(s)}
}

// Rate is the share of the attempts in (now-delay-window, now-delay] that had the event by now, 0 without attempts.
// A saturated rate is that of the attempts still known: unlike the other folds it may be too high as well as too low.
func (h *Histories) Rate(e risk.Entity, ev risk.Event, window, delay time.Duration) risk.Fold {
	if e.Counted() {
		return h.rateTally(e, ev, window, delay)
	}
	x := h.of(e)
	if x == nil {
		return missing
	}
	to := h.last(delay).from
	s := span{to - window.Milliseconds(), to}
	w, ever := want(ev), span{-1, h.now}
	attempts, with := 0, 0
	for i := range x.orders {
		o := &x.orders[i]
		if o.attempt < 0 || !s.holds(x.events[o.attempt].at) {
			continue
		}
		attempts++
		if x.had(o, w, ever) {
			with++
		}
	}
	f := risk.Fold{Saturated: x.reaches(s)}
	if attempts > 0 {
		f.Value = float64(with) / float64(attempts)
	}
	return f
}

// Age is the time in seconds since the entity's first known attempt before this one; Missing when this is the first.
// It survives the shortening of a list, so it is exact for as long as the entity is never silent for the retention.
func (h *Histories) Age(e risk.Entity) risk.Fold {
	x := h.of(e)
	if x == nil {
		return missing
	}
	first := x.first
	for i := range x.orders {
		if o := &x.orders[i]; o.attempt >= 0 && o.id != h.id {
			first = min(first, x.events[o.attempt].at)
		}
	}
	if first == neverMs {
		return risk.Fold{Missing: true, Saturated: x.cut}
	}
	return risk.Fold{Value: float64(max(0, h.now-first)) / 1000}
}

// Since is the time in seconds since the entity's last such event before this attempt, events of this very order left
// out. It is Missing when there was none, and Missing and Saturated when there may have been one in what was cut.
func (h *Histories) Since(e risk.Entity, ev risk.Event) risk.Fold {
	x := h.of(e)
	if x == nil {
		return missing
	}
	w, latest := want(ev), int64(-1)
	for i := range x.orders {
		o := &x.orders[i]
		for j := o.head; j >= 0 && o.id != h.id; j = x.events[j].sibling {
			if w.is(&x.events[j]) {
				latest = max(latest, x.events[j].at)
			}
		}
	}
	if latest < 0 {
		return risk.Fold{Missing: true, Saturated: x.cut}
	}
	return risk.Fold{Value: float64(h.now-latest) / 1000}
}

// Streak is how many of the entity's latest finished orders before this one had the event, unbroken. An order is
// finished once anything but its attempt and a hold is known of it. The latest is the one attempted last.
func (h *Histories) Streak(e risk.Entity, ev risk.Event) risk.Fold {
	x := h.of(e)
	if x == nil {
		return missing
	}
	finished := make([]int32, 0, 32)
	for i := range x.orders {
		if o := &x.orders[i]; o.id != h.id && x.finished(o) {
			finished = append(finished, int32(i))
		}
	}
	slices.SortStableFunc(finished, func(a, b int32) int { return cmp.Compare(x.made(a), x.made(b)) })
	w, ever, n := want(ev), span{-1, h.now}, 0
	for _, i := range slices.Backward(finished) {
		if !x.had(&x.orders[i], w, ever) {
			return risk.Fold{Value: float64(n)}
		}
		n++
	}
	return risk.Fold{Value: float64(n), Saturated: x.cut}
}

func (x *index) finished(o *order) bool {
	for j := o.head; j >= 0; j = x.events[j].sibling {
		if k := risk.EventKind(x.events[j].kind); k != risk.EventAttempt && k != risk.EventHeld {
			return true
		}
	}
	return false
}

// made is when the order was made: its attempt's time, or its earliest event's when the attempt is not known.
func (x *index) made(i int32) int64 {
	o := &x.orders[i]
	if o.attempt >= 0 {
		return x.events[o.attempt].at
	}
	at := int64(neverMs)
	for j := o.head; j >= 0; j = x.events[j].sibling {
		at = min(at, x.events[j].at)
	}
	return at
}
