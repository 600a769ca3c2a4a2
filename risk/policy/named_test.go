package policy

import (
	"slices"
	"testing"
	"time"

	"octroi/risk"
)

const byCard = `name: by-card
bands: {challenge: 30, hold: 50, decline: 100}
rules:
  - {code: MANY, when: 'count("card", "attempt", "1h") >= 3', points: 60, detail: {en: many, fr: beaucoup}, why: {en: "Many.", fr: "Beaucoup."}}
  - {code: STRANGER, when: '!known("card")', points: 40, detail: {en: new, fr: nouveau}, why: {en: "New.", fr: "Nouveau."}}
`

// ofOneCard are n orders of one card, a minute apart; the facts are those of the last, and past the others.
func ofOneCard(n int) (f risk.Facts, past []risk.Record) {
	at := time.Date(2026, 5, 4, 12, 0, 0, 0, time.UTC)
	f = risk.Facts{ID: "pay_last", At: at, Amount: 1000, Currency: "EUR", Card: risk.Card{Fingerprint: "k:card"}, Buyer: risk.Buyer{Email: "a@example.org"}}
	for i := n - 1; i > 0; i-- {
		r := f.Attempt()
		r.ID, r.At = string(rune('a'+i)), at.Add(-time.Duration(i)*time.Minute)
		past = append(past, r)
	}
	return f, past
}

func TestACardThatIsNamedLateMakesADecisionHarsherAndNeverMilder(t *testing.T) {
	p, err := Parse("by-card", []byte(byCard))
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
		f, past := ofOneCard(c.orders)
		unnamed := f
		unnamed.Card.Fingerprint = ""
		d := p.Decide(unnamed, recall(unnamed, nil), nil)
		if d.Outcome != risk.Challenge {
			t.Fatalf("without a name: %+v", d)
		}
		f.Review = &risk.Review{Status: "authorised"}
		got := p.Named(d, f, recall(f, past), nil)
		var codes []string
		for _, r := range got.Reasons {
			codes = append(codes, r.Code)
		}
		if got.Outcome != c.want || !slices.Equal(codes, c.codes) {
			t.Errorf("%d orders: %s %v, want %s %v", c.orders, got.Outcome, codes, c.want, c.codes)
		}
	}
}
