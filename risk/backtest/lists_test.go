package backtest

import (
	"testing"
	"time"

	"octroi/risk"
)

// one is lists with one card on them.
type one string

func (o one) In(list, value string) bool { return list == "blocked_cards" && value == string(o) }

const blocking = `name: blocking
bands: {challenge: 10, hold: 20, decline: 30}
rules:
  - {code: BLOCKED, when: 'in_list(card.fingerprint, "blocked_cards")', force: decline, detail: a detail, why: A sentence.}
scorecard:
  features:
    - {code: LISTED, value: 'in_list(card.fingerprint, "blocked_cards")', edges: [1], why: A sentence.}
`

// fromNoon is a list that begins at noon of the second day.
func fromNoon(when time.Time) risk.Lists {
	if when.Before(at(2, 12)) {
		return nil
	}
	return one("x")
}

func TestListsAreAskedAsTheyStoodAtTheOrder(t *testing.T) {
	var s tale
	s.order("a", at(1, 10), "x", 100)
	s.order("b", at(2, 11), "x", 100)
	s.order("c", at(2, 12), "x", 100)
	s.order("d", at(2, 13), "y", 100)
	o := options("2026-03-01..2026-03-02")
	o.Lists = fromNoon
	b, err := New(parsed(t, blocking), o)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range s {
		if err := b.Add(e); err != nil {
			t.Fatal(err)
		}
	}
	if r := b.Report(); r.Orders != 4 || r.GoodDeclined != 1 || r.GoodApproved != 3 {
		t.Errorf("%+v", r)
	}
}

func TestAFeatureOverAListIsFittedToTheListAsItStood(t *testing.T) {
	var s tale
	for i := range 12 {
		s.fraud(string(rune('a'+i)), at(15, i), "x", 100)
		s.order(string(rune('A'+i)), at(15, i), "y", 100)
	}
	listed := func(o *FitOptions) {
		o.Lists = func(time.Time) risk.Lists { return one("x") }
	}
	with, err := fitted(t, blocking, listed, s)
	if err != nil {
		t.Fatal(err)
	}
	without, err := fitted(t, blocking, func(*FitOptions) {}, s)
	if err != nil {
		t.Fatal(err)
	}
	points := func(f *Fitted) int { return parsed(t, string(f.Source)).Features()[0].Points[0] }
	if a, b := points(with), points(without); a <= 0 || b != 0 {
		t.Errorf("%d points with the list, %d without", a, b)
	}
}
