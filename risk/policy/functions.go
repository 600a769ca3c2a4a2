package policy

import (
	"fmt"
	"math"
	"time"

	"octroi/risk"
)

// argument says what a literal argument of a function must be.
type argument uint8

const (
	anEntity argument = iota
	anEvent
	aWindow
)

// question is a call with its literals resolved.
type question struct {
	entities [2]risk.Entity
	event    risk.Event
	windows  [2]time.Duration
}

// function is one question a rule may put to the histories. All its arguments are literals, so that what a policy
// needs of the histories is known before the first order.
type function struct {
	name   string
	args   []argument
	kind   kind
	doc    string
	timely bool // asks about all that is remembered, not about a window
	ask    func(risk.Histories, question) any
}

// functions are the questions of the language, in the order they are documented.
var functions = []function{
	{"count", []argument{anEntity, anEvent, aWindow}, number, "orders of the entity with the event in the window; this attempt counts as an attempt", false,
		func(h risk.Histories, q question) any { return value(h.Count(q.entities[0], q.event, q.windows[0])) }},
	{"sum", []argument{anEntity, anEvent, aWindow}, number, "their amounts, minor units", false,
		func(h risk.Histories, q question) any { return value(h.Sum(q.entities[0], q.event, q.windows[0])) }},
	{"mean", []argument{anEntity, anEvent, aWindow}, number, "their mean amount; 0 when there is none", false, mean},
	{"distinct", []argument{anEntity, anEntity, aWindow}, number, "how many values of the second entity went with the first, this order's included", false,
		func(h risk.Histories, q question) any {
			return value(h.Distinct(q.entities[0], q.entities[1], q.windows[0]))
		}},
	{"rate", []argument{anEntity, anEvent, aWindow, aWindow}, number, "share of attempts in the window, ended by the delay, that had the event", false,
		func(h risk.Histories, q question) any {
			return value(h.Rate(q.entities[0], q.event, q.windows[0], q.windows[1]))
		}},
	{"age", []argument{anEntity}, number, "seconds since the entity was first seen; 0 when it is new or not known", true,
		func(h risk.Histories, q question) any { return value(h.Age(q.entities[0])) }},
	{"since", []argument{anEntity, anEvent}, number, "seconds since its last such event; 0 when there was none: ask happened first", true,
		func(h risk.Histories, q question) any { return value(h.Since(q.entities[0], q.event)) }},
	{"streak", []argument{anEntity, anEvent}, number, "how many of its latest orders had the event, unbroken", true,
		func(h risk.Histories, q question) any { return value(h.Streak(q.entities[0], q.event)) }},
	{"known", []argument{anEntity}, truth, "the entity was seen before this order", true,
		func(h risk.Histories, q question) any { return !h.Age(q.entities[0]).Missing }},
	{"first_seen", []argument{anEntity}, truth, "the order names the entity and it was never seen before; false when histories are away", true, firstSeen},
	{"happened", []argument{anEntity, anEvent}, truth, "the entity had such an event before", true,
		func(h risk.Histories, q question) any { return !h.Since(q.entities[0], q.event).Missing }},
}

// Functions lists the questions a rule may ask of histories and lists, one "name(arguments): meaning" each.
func Functions() []string {
	words := map[argument]string{anEntity: "entity", anEvent: "event", aWindow: "window"}
	out := make([]string, 0, len(functions)+6)
	for _, f := range functions {
		args := ""
		for i, a := range f.args {
			if i > 0 {
				args += ", "
			}
			args += words[a]
		}
		out = append(out, fmt.Sprintf("%s(%s): %s", f.name, args, f.doc))
	}
	return append(out,
		`in_list(value, "list"): the value stands on the named list`,
		"disposable(domain): the mail domain is one of throw-away mailboxes",
		"differs(a, b): both are known and not the same",
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

// value is the number of a fold; 0 when it is missing. A number that is not finite would make every comparison with it
// silently false, so it fails the rule.
func value(f risk.Fold) any {
	if f.Missing {
		return 0.0
	}
	if math.IsNaN(f.Value) || math.IsInf(f.Value, 0) {
		panic("the history gave a number that is not finite")
	}
	return f.Value
}

func mean(h risk.Histories, q question) any {
	n := value(h.Count(q.entities[0], q.event, q.windows[0])).(float64)
	if n == 0 {
		return 0.0
	}
	return value(h.Sum(q.entities[0], q.event, q.windows[0])).(float64) / n
}

// firstSeen asks for the attempt itself to learn whether the order names the entity at all.
func firstSeen(h risk.Histories, q question) any {
	if !h.Available() || h.Count(q.entities[0], risk.Event{Kind: risk.EventAttempt}, time.Hour).Missing {
		return false
	}
	return h.Age(q.entities[0]).Missing
}
