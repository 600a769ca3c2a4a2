package hold_test

import (
	"fmt"
	"testing"

	"octroi/gateway/hold"
)

// visited is a case whose link has been opened from as many networks as need no second fact.
func visited(t *testing.T) hold.Case {
	c := opened()
	for i := range hold.MaxNetworks {
		after, came := c.OpenFrom(fmt.Sprint("home ", i), hold.FactNone, t0)
		if came != hold.VisitWelcome || len(after.Events) != len(c.Events)+1 {
			t.Fatalf("network %d: %s", i, came)
		}
		c = after
	}
	return c
}

func TestALinkFromManyNetworksAsksForASecondFact(t *testing.T) {
	c := visited(t)
	if same, came := c.OpenFrom("home 0", hold.FactNone, t0); came != hold.VisitWelcome || len(same.Events) != len(c.Events) {
		t.Errorf("a known network: %s", came)
	}
	if _, came := c.OpenFrom("café", hold.FactNone, t0); came != hold.VisitAsk {
		t.Errorf("a fourth network: %s", came)
	}
	after, came := c.OpenFrom("café", hold.FactRight, t0)
	if came != hold.VisitWelcome {
		t.Fatalf("with the fact: %s", came)
	}
	if _, came := after.OpenFrom("café", hold.FactNone, t0); came != hold.VisitWelcome {
		t.Errorf("again from there: %s", came)
	}
	if same, came := c.OpenFrom("café", hold.FactMoot, t0); came != hold.VisitWelcome || len(same.Events) != len(c.Events) {
		t.Errorf("without anything to ask: %s", came)
	}
}

func TestAFactCannotBeGuessedForLong(t *testing.T) {
	c := visited(t)
	for range hold.MaxFacts {
		after, came := c.OpenFrom("elsewhere", hold.FactWrong, t0)
		if came != hold.VisitWrong {
			t.Fatalf("a wrong fact: %s", came)
		}
		c = after
	}
	for _, fact := range []hold.Fact{hold.FactRight, hold.FactWrong, hold.FactNone} {
		if same, came := c.OpenFrom("elsewhere", fact, t0); came != hold.VisitLocked || len(same.Events) != len(c.Events) {
			t.Errorf("%s after too many: %s", fact, came)
		}
	}
	if _, came := c.OpenFrom("home 1", hold.FactNone, t0); came != hold.VisitWelcome {
		t.Errorf("the buyer's own network: %s", came)
	}
	if _, came := c.OpenFrom("hotel", hold.FactNone, t0); came != hold.VisitAsk {
		t.Errorf("the buyer on another network: %s", came)
	}
	if _, came := c.OpenFrom("hotel", hold.FactRight, t0); came != hold.VisitWelcome {
		t.Errorf("the buyer on another network, with the fact: %s", came)
	}
}

func TestAFactCannotBeGuessedFromEverywhere(t *testing.T) {
	c, tries := visited(t), 0
	for n := range 1000 {
		after, came := c.OpenFrom(fmt.Sprint("anywhere ", n/2), hold.FactWrong, t0)
		if came == hold.VisitLocked {
			break
		}
		c, tries = after, tries+1
	}
	if tries != hold.MaxGuesses {
		t.Errorf("%d guesses, want %d", tries, hold.MaxGuesses)
	}
	if _, came := c.OpenFrom("hotel", hold.FactRight, t0); came != hold.VisitLocked {
		t.Errorf("from a network that nobody knows: %s", came)
	}
	if _, came := c.OpenFrom("home 2", hold.FactNone, t0); came != hold.VisitWelcome {
		t.Errorf("the buyer's own network: %s", came)
	}
}

func TestAWrongFactLeavesTheCaseBeforeItAsItWas(t *testing.T) {
	before, _ := visited(t).OpenFrom("elsewhere", hold.FactWrong, t0)
	after, _ := before.OpenFrom("elsewhere", hold.FactWrong, t0)
	if before.Marks.Wrong["elsewhere"] != 1 || after.Marks.Wrong["elsewhere"] != 2 {
		t.Errorf("%v became %v", before.Marks, after.Marks)
	}
}

func TestTheNetworksOfACaseAreBounded(t *testing.T) {
	c := visited(t)
	for i := range 100 {
		c, _ = c.OpenFrom(fmt.Sprint("train ", i), hold.FactRight, t0)
	}
	if n := len(c.Marks.Networks); n > 20 {
		t.Errorf("%d networks are kept", n)
	}
}
