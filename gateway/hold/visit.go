package hold

import (
	"slices"
	"time"
)

// Bounds of a proof link's visits. A buyer opens the link at home, at work and on the way; beyond that, somebody else may
// have got hold of it, and says first what only the buyer and the shop know of the order. Who guesses at that shuts out
// the network they guess from, not the buyer who comes from another one. A hundred guesses find four digits one time in
// a hundred: after so many, from 20 networks at least, every network is shut out that is not known.
const (
	MaxNetworks = 3
	MaxFacts    = 5   // wrong facts from one network, after which it may not open the link
	MaxGuesses  = 100 // wrong facts from all, after which only networks that are known may
	maxKnown    = 20  // networks remembered
)

// Visit is what came of opening a proof link from a network.
type Visit string

// What can come of it.
const (
	VisitWelcome Visit = "welcome"
	VisitAsk     Visit = "ask" // a second fact must come first
	VisitWrong   Visit = "wrong"
	VisitLocked  Visit = "locked"
)

// Fact is the second fact that came with a visit.
type Fact string

// What can be said of it.
const (
	FactNone  Fact = "" // none came
	FactRight Fact = "right"
	FactWrong Fact = "wrong"
	FactMoot  Fact = "moot" // nothing is known that could be asked
)

// OpenFrom lets a network, named by a keyed hash, open the case's link, or says what it needs first. The case is the same
// one when nothing is to be written.
func (c Case) OpenFrom(network string, fact Fact, now time.Time) (Case, Visit) {
	switch {
	case slices.Contains(c.Marks.Networks, network):
		return c, VisitWelcome
	case len(c.Marks.Networks) < MaxNetworks:
		return c.remember(network, now), VisitWelcome
	case fact == FactMoot:
		return c, VisitWelcome
	case c.Marks.Wrong[network] >= MaxFacts || c.Marks.guesses() >= MaxGuesses:
		return c, VisitLocked
	case fact == FactNone:
		return c, VisitAsk
	case fact == FactRight:
		return c.remember(network, now), VisitWelcome
	}
	c = c.clone()
	if c.Marks.Wrong == nil {
		c.Marks.Wrong = map[string]int{}
	}
	c.Marks.Wrong[network]++
	c.happened(now, ActorBuyer, "link_fact_wrong", "")
	return c, VisitWrong
}

// guesses counts the wrong facts that came from anywhere.
func (m Marks) guesses() (n int) {
	for _, wrong := range m.Wrong {
		n += wrong
	}
	return n
}

// remember adds a network to those that may open the link.
func (c Case) remember(network string, now time.Time) Case {
	c = c.clone()
	if len(c.Marks.Networks) >= maxKnown {
		c.Marks.Networks = c.Marks.Networks[1:]
	}
	c.Marks.Networks = append(c.Marks.Networks, network)
	c.happened(now, ActorBuyer, "link_opened", "")
	return c
}
