package velocity

import (
	"fmt"
	"testing"
	"time"

	"octroi/risk"
)

func TestHistoriesOfAMemoryAreGoodUntilItsNextRecord(t *testing.T) {
	m := NewMemory(Caps{}, 0)
	rec := attempt("pay_1", "a", epoch())
	h, err := m.Observe("shop", rec)
	if err != nil || !h.Available() || h.Count(risk.EntityCard, risk.Event{}, time.Hour).Value != 1 {
		t.Fatalf("the attempt itself: %+v, %v", h.Count(risk.EntityCard, risk.Event{}, time.Hour), err)
	}
	rec.Kind = risk.EventAuthorised
	if err := m.Append("shop", rec); err != nil {
		t.Fatal(err)
	}
	if h.Available() || !h.Count(risk.EntityCard, risk.Event{}, time.Hour).Missing {
		t.Error("histories from before a record still answer after it")
	}
}

func TestAnEntityThatWasSilentForTheRetentionIsLetGo(t *testing.T) {
	const retention = 24 * time.Hour
	m := NewMemory(Caps{}, retention)
	for day := range 10 {
		for i := range 50 { // of buyers who never come back
			id := time.Duration(day*50 + i)
			if _, err := m.Observe("shop", attempt(id.String(), id.String(), epoch().Add(time.Duration(day)*retention+id*time.Second))); err != nil {
				t.Fatal(err)
			}
		}
	}
	// Two days are what one retention and its share until the next sweep can hold.
	if n := len(m.shops["shop"].lists[risk.EntityCard]); n > 100 {
		t.Errorf("%d cards are kept", n)
	}
	if used := int(m.shelf.made); used > 150 {
		t.Errorf("%d places were needed for the attempts of two days", used)
	}
}

func TestAnOrderIsFoundAmongManyOthersOfItsCard(t *testing.T) {
	m := NewMemory(Caps{}, 0)
	card := func(i int) risk.Record {
		return attempt(fmt.Sprint("pay_", i), "a", epoch().Add(time.Duration(i)*time.Second))
	}
	for i := range 100 {
		if _, err := m.Observe("shop", card(i)); err != nil {
			t.Fatal(err)
		}
	}
	for _, kind := range []risk.EventKind{risk.EventAuthorised, risk.EventChargeback, risk.EventChargeback} { // one comes twice
		for _, i := range []int{0, 7, 83, 84, 99} {
			rec := card(i)
			rec.Kind = kind
			if err := m.Append("shop", rec); err != nil {
				t.Fatal(err)
			}
		}
	}
	h, err := m.Observe("shop", card(100))
	if err != nil {
		t.Fatal(err)
	}
	for kind, want := range map[risk.EventKind]float64{risk.EventAttempt: 101, risk.EventAuthorised: 5, risk.EventChargeback: 5, risk.EventRefused: 0} {
		for range 2 { // asked again, it answers the same
			if got := h.Count(risk.EntityCard, risk.Event{Kind: kind}, time.Hour); got != (risk.Fold{Value: want}) {
				t.Errorf("%s: %+v, not %v", kind, got, want)
			}
		}
	}
	if got := h.Rate(risk.EntityCard, risk.Event{Kind: risk.EventChargeback}, time.Hour, 0); got.Value != 5.0/101 {
		t.Errorf("a rate of %v", got)
	}
}
