package velocity

import (
	"slices"
	"testing"
	"time"

	"octroi/risk"
)

func TestJoinedHistoriesAskTheCardsOwnOfTheCardAlone(t *testing.T) {
	var past []risk.Record
	for i := range 4 {
		r := named(unnamed(i), "the card")
		r.Amount = 1000
		past = append(past, r)
	}
	now := past[3]
	h, err := Build(now, past[:3])
	if err != nil {
		t.Fatal(err)
	}
	own := h.Only(risk.EntityCard)
	encoded, err := own.MarshalBinary()
	if err != nil {
		t.Fatal(err)
	}
	again, err := Decode(encoded)
	if err != nil {
		t.Fatal(err)
	}
	earlier, err := Build(unnamed(3), nil)
	if err != nil {
		t.Fatal(err)
	}
	tried := risk.Event{Kind: risk.EventAttempt}
	for _, card := range []*Histories{own, again} {
		j := Joined{Earlier: earlier, Card: card}
		got := []float64{j.Count(risk.EntityCard, tried, time.Hour).Value, j.Count(risk.EntityEmail, tried, time.Hour).Value,
			j.Sum(risk.EntityCard, tried, time.Hour).Value, j.Distinct(risk.EntityCard, risk.EntityEmail, time.Hour).Value,
			j.Rate(risk.EntityCard, tried, time.Hour, 0).Value, j.Age(risk.EntityCard).Value, j.Since(risk.EntityCard, tried).Value,
			j.Streak(risk.EntityCard, tried).Value}
		if want := []float64{4, 1, 4000, 1, 1, 3, 1, 0}; !j.Available() || !slices.Equal(got, want) {
			t.Errorf("%v, want %v", got, want)
		}
	}
	if !own.Count(risk.EntityEmail, tried, time.Hour).Missing {
		t.Error("of one entity alone another is known")
	}
	if (Joined{Earlier: earlier, Card: Unavailable()}).Available() || Unavailable().Only(risk.EntityCard).Available() {
		t.Error("without the card's history the histories are available")
	}
}
