package policy_test

import (
	"slices"
	"testing"
	"time"

	"octroi/risk"
	"octroi/risk/policy"
	"octroi/risk/velocity"
)

const byCard = `name: by-card
bands: {challenge: 30, hold: 50, decline: 100}
rules:
  - {code: MANY, when: 'count("card", "attempt", "1h") >= 3', points: 60, detail: {en: many, fr: beaucoup}, why: {en: "Many.", fr: "Beaucoup."}}
  - {code: STRANGER, when: '!known("card")', points: 40, detail: {en: new, fr: nouveau}, why: {en: "New.", fr: "Nouveau."}}
`

// attempts are n orders of one card, the last of which is decided.
func attempts(t *testing.T, n int) (risk.Facts, *velocity.Histories) {
	t.Helper()
	at := time.Date(2026, 5, 4, 12, 0, 0, 0, time.UTC)
	f := risk.Facts{ID: "pay_last", At: at, Amount: 1000, Currency: "EUR", Card: risk.Card{Fingerprint: "k:card"}, Buyer: risk.Buyer{Email: "a@example.org"}}
	var past []risk.Record
	for i := range n - 1 {
		r := f.Attempt()
		r.ID, r.At = string(rune('a'+i)), at.Add(-time.Duration(i+1)*time.Minute)
		past = append(past, r)
	}
	slices.Reverse(past)
	h, err := velocity.Build(f.Attempt(), past)
	if err != nil {
		t.Fatal(err)
	}
	return f, h
}

func TestACardThatIsNamedLateMakesADecisionHarsherAndNeverMilder(t *testing.T) {
	p, err := policy.Parse("by-card", []byte(byCard))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		orders int
		want   risk.Outcome
		codes  []string
	}{
		{1, risk.Challenge, []string{"STRANGER"}}, // nothing new
		{2, risk.Challenge, []string{"STRANGER"}}, // the card is known: no reason to be milder
		{3, risk.Hold, []string{"MANY"}},
		{12, risk.Hold, []string{"MANY"}},
	} {
		f, h := attempts(t, c.orders)
		unnamed := f
		unnamed.Card.Fingerprint = ""
		before, err := velocity.Build(unnamed.Attempt(), nil)
		if err != nil {
			t.Fatal(err)
		}
		d := p.Decide(unnamed, before, nil)
		if d.Outcome != risk.Challenge {
			t.Fatalf("without a name: %+v", d)
		}
		f.Review = &risk.Review{Status: "authorised"}
		got := p.Named(d, f, velocity.Joined{Earlier: before, Card: h.Only(risk.EntityCard)}, nil)
		var codes []string
		for _, r := range got.Reasons {
			codes = append(codes, r.Code)
		}
		if got.Outcome != c.want || !slices.Equal(codes, c.codes) {
			t.Errorf("%d orders: %s %v, want %s %v", c.orders, got.Outcome, codes, c.want, c.codes)
		}
	}
}

func TestJoinedHistoriesAskTheCardsOwnOfTheCardAlone(t *testing.T) {
	f, h := attempts(t, 4)
	other, err := velocity.Build(risk.Record{ID: "pay_last", At: f.At, Keys: [risk.EntityCount]string{risk.EntityEmail: "x"}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	j := velocity.Joined{Earlier: other, Card: h.Only(risk.EntityCard)}
	tried := risk.Event{Kind: risk.EventAttempt}
	if !j.Available() || j.Count(risk.EntityCard, tried, time.Hour).Value != 4 || j.Count(risk.EntityEmail, tried, time.Hour).Value != 1 ||
		j.Sum(risk.EntityCard, tried, time.Hour).Value != 4000 || j.Distinct(risk.EntityCard, risk.EntityEmail, time.Hour).Value != 1 ||
		j.Rate(risk.EntityCard, tried, time.Hour, 0).Value != 1 || j.Age(risk.EntityCard).Value != 180 ||
		j.Since(risk.EntityCard, tried).Value != 60 || j.Streak(risk.EntityCard, tried).Value != 0 {
		t.Errorf("%+v", j.Count(risk.EntityCard, tried, time.Hour))
	}
	own := h.Only(risk.EntityCard)
	if !own.Count(risk.EntityEmail, tried, time.Hour).Missing {
		t.Error("of one entity alone another is known")
	}
	if (velocity.Joined{Earlier: other, Card: velocity.Unavailable()}).Available() || velocity.Unavailable().Only(risk.EntityCard).Available() {
		t.Error("without the card's history the histories are available")
	}
}
