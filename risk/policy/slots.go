package policy

import (
	"fmt"
	"math"
	"time"

	"octroi/risk"
)

// slot is one value that expressions read: a fact, or the answer to one question. Every place that reads the same
// value shares the slot, so that it is worked out once for an order. The functions have Go types of their own because
// a number put into an interface costs an allocation, and a scorecard reads many.
type slot struct {
	kind   kind
	number func(*run) float64
	text   func(*run) string
	truth  func(*run) bool
	other  func(*run) any // texts, pairs, items

	defined *expression // of a definition, in place of a function
	name    string      // of the definition, with its arguments
	place   int         // of a text among the run's texts, of texts, pairs or items among its others
}

// newSlot takes a getter by its type. A getter of another type is a mistake in this package's tables.
func newSlot(get any) slot {
	switch g := get.(type) {
	case func(*run) float64:
		return slot{kind: number, number: g}
	case func(*run) string:
		return slot{kind: text, text: g}
	case func(*run) bool:
		return slot{kind: truth, truth: g}
	case func(*run) []string:
		return slot{kind: texts, other: func(r *run) any { return g(r) }}
	case func(*run) map[string]string:
		return slot{kind: pairs, other: func(r *run) any { return g(r) }}
	case func(*run) []item:
		return slot{kind: items, other: func(r *run) any { return g(r) }}
	}
	panic(fmt.Sprintf("policy: no slot for %T", get))
}

// shelve gives the slots that hold no number and no truth their places, and tells how many texts and others there are.
func shelve(slots []slot) (ofTexts, ofOthers int) {
	for i := range slots {
		switch s := &slots[i]; s.kind {
		case number, truth:
		case text:
			s.place = ofTexts
			ofTexts++
		default:
			s.place = ofOthers
			ofOthers++
		}
	}
	return ofTexts, ofOthers
}

// cell is the value of a slot once it is worked out: a number or a truth. Texts and others stand apart, so that cells hold
// no pointers: there are hundreds, forgotten after every order, and the garbage collector need not be told of it.
type cell struct {
	known  bool
	broken bool // a definition has no value for this order: run.broken says why
	truth  bool
	number float64
}

// cell gives the value of a slot, worked out at its first reader.
func (r *run) cell(i int) *cell {
	c := &r.cells[i]
	if !c.known {
		r.workOut(c, i)
	}
	return c
}

func (r *run) workOut(c *cell, i int) {
	s := &r.p.slots[i]
	switch {
	case s.defined != nil:
		r.define(c, i)
	case s.kind == number:
		c.number = s.number(r)
	case s.kind == text:
		r.texts[s.place] = s.text(r)
	case s.kind == truth:
		c.truth = s.truth(r)
	default:
		r.others[s.place] = s.other(r)
	}
	c.known = true
}

// text and other give the value of a slot of their kinds.
func (r *run) text(i int) string {
	r.cell(i)
	return r.texts[r.p.slots[i].place]
}

func (r *run) other(i int) any {
	r.cell(i)
	return r.others[r.p.slots[i].place]
}

// define works out a definition, once for an order: if it fails, whatever uses it fails with it.
func (r *run) define(c *cell, i int) {
	if c.broken {
		panic(r.broken[i])
	}
	s := &r.p.slots[i]
	var err error
	switch s.kind {
	case number:
		c.number, err = r.weigh(s.defined)
	case truth:
		c.truth, err = r.holds(s.defined)
	default:
		var v any
		v, err = r.machine(s.defined.program)
		r.texts[s.place], _ = v.(string)
	}
	if err != nil {
		if r.broken == nil {
			r.broken = map[int]error{}
		}
		c.broken, r.broken[i] = true, fmt.Errorf("%s: %s", s.name, cause(err))
		panic(r.broken[i])
	}
}

// read is the value of a slot for the virtual machine.
func (r *run) read(i int) any {
	switch r.p.slots[i].kind {
	case number:
		return r.cell(i).number
	case text:
		return r.text(i)
	case truth:
		return r.cell(i).truth
	}
	return r.other(i)
}

// measure is which method of the histories a question goes to.
type measure uint8

const (
	measureCount measure = iota
	measureSum
	measureDistinct
	measureRate
	measureAge
	measureSince
	measureStreak
)

// fold is one call to the histories. Questions are made of folds and share them: a mean is a sum by a count.
type fold struct {
	measure  measure
	entities [2]risk.Entity
	event    risk.Event
	window   time.Duration
	delay    time.Duration // of a rate
}

// answer is a fold once it was asked.
type answer struct {
	known bool
	fold  risk.Fold
}

func (f *fold) ask(h risk.Histories) risk.Fold {
	switch f.measure {
	case measureCount:
		return h.Count(f.entities[0], f.event, f.window)
	case measureSum:
		return h.Sum(f.entities[0], f.event, f.window)
	case measureDistinct:
		return h.Distinct(f.entities[0], f.entities[1], f.window)
	case measureRate:
		return h.Rate(f.entities[0], f.event, f.window, f.delay)
	case measureAge:
		return h.Age(f.entities[0])
	case measureSince:
		return h.Since(f.entities[0], f.event)
	}
	return h.Streak(f.entities[0], f.event)
}

// asked gives a fold, asked of the histories at its first reader. An entity that the policy declares but the facts
// were not prepared for is missing: the histories then hold another policy's entity in its place.
func (r *run) asked(i int) risk.Fold {
	a := &r.answers[i]
	if !a.known {
		f := &r.p.folds[i]
		if r.prepared(f.entities[0]) && r.prepared(f.entities[1]) {
			a.fold = f.ask(r.h)
		} else {
			a.fold = missing
		}
		a.known = true
	}
	return a.fold
}

// value is the number of a fold; 0 when it is missing. A number that is not finite would make every comparison with it
// silently false, so it fails the rule.
func (r *run) value(i int) float64 {
	f := r.asked(i)
	if f.Missing {
		return 0
	}
	if math.IsNaN(f.Value) || math.IsInf(f.Value, 0) {
		panic("the history gave a number that is not finite")
	}
	return f.Value
}
