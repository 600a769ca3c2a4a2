package policy

import (
	"fmt"
	"time"

	"octroi/risk"
)

// argument says what a literal argument of a function must be.
type argument uint8

const (
	anEntity argument = iota
	anEvent
	aWindow
	aDelay // a window that may be 0
)

// question is a call with its literals resolved.
type question struct {
	entities [2]risk.Entity
	event    risk.Event
	windows  [2]time.Duration // the window, and the delay where one is given
}

// function is one question an expression may put to the histories. All its arguments are literals, so that what a
// policy needs of the histories is known before the first order.
type function struct {
	name     string
	args     []argument
	optional int // how many of the last arguments may be left out
	kind     kind
	doc      string
	timely   bool // asks about all that is remembered, not about a window
	build    func(*linker, question) any
}

var (
	inWindow  = []argument{anEntity, anEvent, aWindow}
	inDelayed = []argument{anEntity, anEvent, aWindow, aWindow}
	byEvent   = []argument{anEntity, anEvent}
)

// functions are the questions of the language, in the order they are documented.
//
// A delay moves the window back: events in (now-delay-window, now-delay]. The number is the difference of two windows,
// so an order that had the event again since is left out, and a history cut to its cap within the delay may give too
// little, never less than 0. Later events such as chargebacks stand at the time they were reported; how many of the
// orders made then have one by now is rate times count of attempts, both with that delay.
var functions = []function{
	{"count", inDelayed, 1, number, "orders of the entity with the event in the window, ended by the delay if any; this attempt counts as an attempt", false, buildCount},
	{"sum", inDelayed, 1, number, "their amounts, minor units of this order's currency", false, buildSum},
	{"mean", inDelayed, 1, number, "their mean amount; 0 when there is none", false, buildMean},
	{"count_before", inWindow, 0, number, "as count, this order left out", false, buildCountBefore},
	{"sum_before", inWindow, 0, number, "as sum, this order left out", false, buildSumBefore},
	{"mean_before", inWindow, 0, number, "as mean, this order left out", false, buildMeanBefore},
	{"distinct", []argument{anEntity, anEntity, aWindow}, 0, number, "how many values of the second entity went with the first, this order's included", false, alone(measureDistinct)},
	{"rate", inDelayed, 0, number, "share of attempts in the window, ended by the delay, that had the event", false, alone(measureRate)},
	{"age", []argument{anEntity}, 0, number, "seconds since the entity was first seen; 0 when it is new or not known", true, alone(measureAge)},
	{"since", byEvent, 0, number, "seconds since its last such event; 0 when there was none: ask happened first", true, alone(measureSince)},
	{"streak", byEvent, 0, number, "how many of its latest orders had the event, unbroken", true, alone(measureStreak)},
	{"known", []argument{anEntity}, 0, truth, "the entity was seen before this order", true, buildKnown},
	{"first_seen", []argument{anEntity}, 0, truth, "the order names the entity and it was never seen before; false when histories are away", true, buildFirstSeen},
	{"happened", byEvent, 0, truth, "the entity had such an event before", true, buildHappened},
}

// Functions lists what an expression may call: the questions to histories and lists, one "name(arguments): meaning"
// each, arguments that may be left out in brackets.
func Functions() []string {
	words := map[argument]string{anEntity: "entity", anEvent: "event", aWindow: "window"}
	out := make([]string, 0, len(functions)+7)
	for _, f := range functions {
		args, windows := "", 0
		for i, a := range f.args {
			word := words[a]
			if a == aWindow {
				if windows++; windows == 2 {
					word = "delay"
				}
			}
			if i > 0 {
				word = ", " + word
			}
			if i >= len(f.args)-f.optional {
				word = "[" + word + "]"
			}
			args += word
		}
		out = append(out, fmt.Sprintf("%s(%s): %s", f.name, args, f.doc))
	}
	return append(out,
		`in_list(value, "list"): the value stands on the named list`,
		"disposable(domain): the mail domain is one of throw-away mailboxes",
		"differs(a, b): both are known and not the same",
		"ratio(a, b, otherwise): a / b, or otherwise when b is 0; it never fails",
		`seconds("30d"): a span of time as a number, to compare ages with`,
		"money(amount): an amount of the order's currency, for details",
		"span(seconds): a span of time in words, for details")
}

func functionNamed(name string) (function, bool) {
	for _, f := range functions {
		if f.name == name {
			return f, true
		}
	}
	return function{}, false
}

// fold gives the place of a fold of the question, made when it is new.
func (k *linker) fold(m measure, q question, window time.Duration) int {
	f := fold{measure: m, entities: q.entities, event: q.event, window: window}
	if m == measureRate {
		f.delay = q.windows[1]
	}
	i, ok := k.byFold[f]
	if !ok {
		i = len(k.folds)
		k.byFold[f] = i
		k.folds = append(k.folds, f)
	}
	return i
}

// alone is a question that is one fold.
func alone(m measure) func(*linker, question) any {
	return func(k *linker, q question) any {
		i := k.fold(m, q, q.windows[0])
		return func(r *run) float64 { return r.value(i) }
	}
}

// delayed is a fold in a window that ends a delay ago: what is in the window up to now, less what is in the delay.
func (k *linker) delayed(m measure, q question) func(*run) float64 {
	window, delay := q.windows[0], q.windows[1]
	if delay == 0 {
		i := k.fold(m, q, window)
		return func(r *run) float64 { return r.value(i) }
	}
	all, late := k.fold(m, q, window+delay), k.fold(m, q, delay)
	return func(r *run) float64 { return max(r.value(all)-r.value(late), 0) }
}

func buildCount(k *linker, q question) any { return k.delayed(measureCount, q) }

func buildSum(k *linker, q question) any { return k.delayed(measureSum, q) }

func buildMean(k *linker, q question) any {
	sum, count := k.delayed(measureSum, q), k.delayed(measureCount, q)
	return func(r *run) float64 { return ratio(sum(r), count(r), 0) }
}

// before is a fold without this order, whose only event so far is its attempt: own is what the attempt added. A fold
// that is missing holds no attempt either.
func (k *linker) before(m measure, q question, own func(*run) float64) func(*run) float64 {
	i := k.fold(m, q, q.windows[0])
	if q.event.Kind != risk.EventAttempt {
		return func(r *run) float64 { return r.value(i) }
	}
	return func(r *run) float64 { return max(r.value(i)-own(r), 0) }
}

func (k *linker) countBefore(q question) func(*run) float64 {
	return k.before(measureCount, q, func(*run) float64 { return 1 })
}

func (k *linker) sumBefore(q question) func(*run) float64 {
	return k.before(measureSum, q, func(r *run) float64 { return float64(r.f.Amount) })
}

func buildCountBefore(k *linker, q question) any { return k.countBefore(q) }

func buildSumBefore(k *linker, q question) any { return k.sumBefore(q) }

func buildMeanBefore(k *linker, q question) any {
	sum, count := k.sumBefore(q), k.countBefore(q)
	return func(r *run) float64 { return ratio(sum(r), count(r), 0) }
}

func buildKnown(k *linker, q question) any {
	i := k.fold(measureAge, q, 0)
	return func(r *run) bool { return !r.asked(i).Missing }
}

func buildHappened(k *linker, q question) any {
	i := k.fold(measureSince, q, 0)
	return func(r *run) bool { return !r.asked(i).Missing }
}

// buildFirstSeen asks for the attempt itself to learn whether the order names the entity at all.
func buildFirstSeen(k *linker, q question) any {
	age := k.fold(measureAge, q, 0)
	attempt := k.fold(measureCount, question{entities: q.entities, event: risk.Event{Kind: risk.EventAttempt}}, time.Hour)
	return func(r *run) bool {
		return r.h.Available() && !r.asked(attempt).Missing && r.asked(age).Missing
	}
}
