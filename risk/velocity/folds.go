package velocity

import (
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

// span is (from, to], in Unix milliseconds. One that reaches to now has no end: what is dated later happened by now.
type span struct{ from, to int64 }

func (s span) holds(at int64) bool { return at > s.from && at <= s.to }

// span is the window that ends a delay before now. Parts of a millisecond do not count.
func (h *Histories) span(window, delay time.Duration) span {
	s := span{to: h.now - delay.Milliseconds()}
	s.from = s.to - window.Milliseconds()
	switch {
	case s.from >= min(s.to, h.now):
		s.to = -1 // nothing is in a window of no length
	case s.to >= h.now:
		s.to = neverMs
	}
	return s
}

// reaches reports whether the span goes back to what was dropped from the list.
func (x *index) reaches(s span) bool { return x.cut && x.latest > s.from }

// ending is where to stop when the events are read from the latest on: before the first that the span cannot hold.
func (x *index) ending(s span) int64 {
	if x.eventsBack {
		return -1
	}
	return s.from
}

// each gives the events in sight that are asked for, the latest to arrive first, until it is told to stop.
func (x *index) each(w wanted, s span, yield func(e *event) bool) {
	if x.kinds&(1<<w.kind) == 0 {
		return
	}
	end := x.ending(s)
	for i := len(x.events) - 1; i >= int(x.from); i-- {
		e := &x.events[i]
		if e.at <= end {
			return
		}
		if w.is(e) && e.marks&markAgain == 0 && s.holds(e.at) && !yield(e) {
			return
		}
	}
}

// repeats reports whether the event's order had another that is asked for before this one.
func (x *index) repeats(e *event, w wanted, s span) bool {
	return w.code == 0 && e.marks&markOther != 0 && x.chained(e.sibling, w, s)
}

// count is how many orders had the event in the span. It is asked most, and so walks the events itself.
func (x *index) count(w wanted, s span) (n int) {
	if x.censuses != nil && len(x.events)-int(x.from) > fewEvents {
		c := x.census(s)
		if w.code == 0 {
			return int(c.kinds[w.kind])
		}
		if c.codes&codeBit(w.code) == 0 {
			return 0
		}
	}
	end := x.ending(s)
	for i := len(x.events) - 1; i >= int(x.from); i-- {
		e := &x.events[i]
		if e.at <= end {
			break
		}
		if w.is(e) && e.marks&markAgain == 0 && s.holds(e.at) && (e.marks == 0 || !x.repeats(e, w, s)) {
			n++
		}
	}
	return n
}

// had reports whether the order had the event in the span.
func (x *index) had(o *order, w wanted, s span) bool { return x.chained(o.head, w, s) }

func (x *index) chained(j int32, w wanted, s span) bool {
	for ; j >= x.from && j >= 0; j = x.events[j].sibling {
		if e := &x.events[j]; w.is(e) && s.holds(e.at) {
			return true
		}
	}
	return false
}

// ever holds every time.
func ever() span { return span{-1, neverMs} }

// attempts gives the attempts in sight, the latest to arrive first.
func (x *index) attempts(s span, yield func(e *event)) {
	x.each(wanted{kind: byte(risk.EventAttempt)}, s, func(e *event) bool {
		if e.marks&markOther == 0 {
			yield(e)
		}
		return true
	})
}

// attemptOf is the order's attempt; nil when it is not in sight.
func (x *index) attemptOf(o *order) *event {
	if o.attempt < x.from {
		return nil
	}
	return &x.events[o.attempt]
}

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
	s := h.span(window, 0)
	f := risk.Fold{Saturated: x.reaches(s)}
	if x.kinds&(1<<ev.Kind) != 0 { // mostly not, and a code need not be hashed to tell
		f.Value = float64(x.count(want(ev), s))
	}
	return f
}

// Sum adds the amounts (minor units) of the orders that had the event in the window. Only orders in this order's
// currency are added: minor units of two currencies have no sum. An order whose attempt is not in the list has no
// known amount, and makes the sum saturated.
func (h *Histories) Sum(e risk.Entity, ev risk.Event, window time.Duration) risk.Fold {
	x := h.of(e)
	if x == nil {
		return missing
	}
	w, s, sum, unknown := want(ev), h.span(window, 0), int64(0), false
	x.each(w, s, func(e *event) bool {
		if x.repeats(e, w, s) {
			return true
		}
		if a := x.attemptOf(&x.orders[e.order]); a == nil {
			unknown = true
		} else if amount, currency := x.details(a); currency == h.currency {
			sum += amount
		}
		return true
	})
	return risk.Fold{Value: float64(sum), Saturated: unknown || x.reaches(s)}
}

// Distinct is how many different values of another entity went with the entity's attempts in the window, this attempt
// included. Attempts that did not name it add nothing, until they are recorded again with it (risk.AttemptNamed).
func (h *Histories) Distinct(e, of risk.Entity, window time.Duration) risk.Fold {
	x := h.of(e)
	if x == nil || of >= risk.EntityCount {
		return missing
	}
	s := h.span(window, 0)
	return risk.Fold{Value: float64(x.distinct(of, s)), Saturated: x.reaches(s)}
}

func (x *index) distinct(of risk.Entity, s span) (n int) {
	if x.shelf != nil {
		return x.different(of, s)
	}
	var values set
	x.each(wanted{kind: byte(risk.EventAttempt)}, s, func(e *event) bool {
		list := x.list[e.place:]
		if v, ok := shortIn(uint16(readUint(list[25:27])), list[attemptSize:], of); ok {
			values.add(v)
		}
		return true
	})
	return values.size
}

// different is distinct in a Memory, whose events it walks itself.
func (x *index) different(of risk.Entity, s span) (n int) {
	x.shelf.begin()
	end := x.ending(s)
	for i := len(x.events) - 1; i >= int(x.from); i-- {
		e := &x.events[i]
		if e.at <= end {
			break
		}
		if e.kind != byte(risk.EventAttempt) || e.marks&markAgain != 0 || !s.holds(e.at) {
			continue
		}
		if number := x.shelf.at(e.place).entities[of]; number != 0 && x.shelf.first(number) {
			n++
		}
	}
	return n
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
	s, w := h.span(window, delay), want(ev)
	all, with := 0, 0
	x.attempts(s, func(e *event) {
		all++
		if x.had(&x.orders[e.order], w, ever()) {
			with++
		}
	})
	f := risk.Fold{Saturated: x.reaches(s)}
	if all > 0 {
		f.Value = float64(with) / float64(all)
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
	for i := int(x.from); i < len(x.events); i++ {
		e := &x.events[i]
		if e.kind != byte(risk.EventAttempt) || e.marks != 0 || x.orders[e.order].id == h.id {
			continue
		}
		if first = min(first, e.at); !x.eventsBack {
			break // the others are later
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
	latest := int64(-1)
	x.each(want(ev), ever(), func(e *event) bool {
		if x.orders[e.order].id != h.id {
			latest = max(latest, min(e.at, h.now))
		}
		return latest < 0 || x.eventsBack
	})
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
	w, n := want(ev), 0
	for o := range x.latestFinished(h) {
		if !x.had(o, w, ever()) {
			return risk.Fold{Value: float64(n)}
		}
		n++
	}
	return risk.Fold{Value: float64(n), Saturated: x.cut}
}
