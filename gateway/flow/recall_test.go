package flow_test

import (
	"encoding/json"
	"sync/atomic"
	"testing"
	"time"

	"octroi/gateway/flow"
	"octroi/gateway/payment"
	"octroi/gateway/store"
	"octroi/risk"
	"octroi/risk/policy"
)

// watching challenges every order, and holds one whose buyer is on the list by the time the issuer has answered.
const watching = `name: watching
bands: {challenge: 10, hold: 50, decline: 150}
rules:
  - code: EVERY
    when: amount > 0
    points: 10
    detail: {en: "any order", fr: "toute commande"}
    why: {en: "All are challenged.", fr: "Toutes sont authentifiées."}
  - code: WATCHED
    stage: review
    when: 'in_list(buyer.id, "watched")'
    force: hold
    detail: {en: "watched", fr: "surveillé"}
    why: {en: "Watched by then.", fr: "Surveillé entre-temps."}
`

// swapped lets a test change the policy in force.
func swapped(t *testing.T, source string) (*world, func(string)) {
	t.Helper()
	var live atomic.Pointer[policy.Policy]
	set := func(source string) {
		t.Helper()
		p, err := policy.Parse("live.yaml", []byte(source))
		check(t, err)
		live.Store(p)
	}
	set(source)
	w, _ := wired(t, func(c *flow.Config) { c.Policy = func(string) *policy.Policy { return live.Load() } })
	return w, set
}

func TestAReviewIsMadeByThePolicyThatDecided(t *testing.T) {
	w, set := swapped(t, challenging)
	kept := w.flow.Policy("demo")
	check(t, w.store.SavePolicy(t.Context(), kept.Ref().Name, kept.Ref().Version, []byte(challenging)))
	p := w.pay(dear(1, cardOnRequest))
	set(`name: strict
bands: {challenge: 1, hold: 2, decline: 3}
rules:
  - code: EVERYTHING
    when: amount > 0
    force: hold
    detail: {en: "any order", fr: "toute commande"}
    why: {en: "All are held.", fr: "Toutes sont retenues."}
`)
	if p = w.finishes(p, w.acts(p, "pay")); p.Status != payment.Authorised || p.Decision.Policy != kept.Ref() {
		t.Errorf("%s by %+v", p.Status, p.Decision.Policy)
	}
	w.bitForBit(p.ID, kept)
}

func TestAReviewSeesTheListsAsTheyAreByThen(t *testing.T) {
	w, _ := swapped(t, watching)
	senior := store.User{Name: "ben", Role: store.RoleSenior}
	before, between, after := w.pay(dear(1, cardOnRequest)), w.pay(dear(2, cardOnRequest)), w.pay(dear(3, cardOnRequest))
	if before = w.finishes(before, w.acts(before, "pay")); before.Status != payment.Authorised {
		t.Fatalf("before the list: %s", before.Status)
	}
	check(t, w.flow.PutListEntry(t.Context(), senior, store.ListEntry{List: "watched", Value: "cust_2", ExpiresAt: w.now().Add(time.Hour)}))
	between, after = w.finishes(between, w.acts(between, "pay")), w.finishes(after, w.acts(after, "pay"))
	if between.Status != payment.Held || !between.Decision.Has("WATCHED") || after.Status != payment.Authorised {
		t.Errorf("%s %+v, another buyer's %s", between.Status, between.Decision.Reasons, after.Status)
	}
	check(t, w.flow.RemoveListEntry(t.Context(), senior, "watched", "cust_2"))
	for _, p := range []payment.Payment{before, between, after} {
		w.bitForBit(p.ID, w.flow.Policy("demo"))
	}
}

// bitForBit makes every decision of a payment again.
func (w *world) bitForBit(id string, by *policy.Policy) {
	w.t.Helper()
	past, err := w.store.Decisions(w.t.Context(), id)
	check(w.t, err)
	text := func(d risk.Decision) string {
		b, err := json.Marshal(d)
		check(w.t, err)
		return string(b)
	}
	for _, d := range past {
		again, err := flow.Replay(by, d.Recorded)
		check(w.t, err)
		if was, is := text(d.Decision), text(again); was != is {
			w.t.Errorf("%s:\nwas %s\nis  %s", d.ID, was, is)
		}
	}
	if len(past) == 0 || past[len(past)-1].Facts.Review == nil {
		w.t.Errorf("%s has no review", id)
	}
}
