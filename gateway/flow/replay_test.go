package flow_test

import (
	"encoding/json"
	"iter"
	"reflect"
	"testing"
	"time"

	"octroi/gateway/flow"
	"octroi/gateway/payment"
	"octroi/gateway/store"
	"octroi/providers"
	"octroi/risk"
	"octroi/risk/policy"
)

// mixed runs orders of every fate through the gateway.
func (w *world) mixed() (ids []string) {
	for i := range 12 {
		r := order(i % 7)
		if i%3 == 0 {
			r = risky(i % 7)
		}
		r.Order.Reference = "M-" + time.Duration(i).String()
		r.Method.Number = providers.Secret(testCards[i%4])
		if i%5 == 2 {
			r.Method.HolderName = "NOT_ENOUGH_BALANCE"
		}
		ids = append(ids, w.pay(r).ID)
		w.eventually("the histories are up to date", func() bool { return w.waiting() == 0 })
		w.later(7 * time.Minute)
	}
	return ids
}

func TestEveryDecisionIsMadeAgainBitForBit(t *testing.T) {
	w := begin(t, nil)
	senior := store.User{Name: "ben", Role: store.RoleSenior}
	check(t, w.flow.PutListEntry(t.Context(), senior, store.ListEntry{List: "blocked_emails", Value: "buyer3@example.org"}))
	ids := w.mixed()
	check(t, w.flow.RemoveListEntry(t.Context(), senior, "blocked_emails", "buyer3@example.org"))
	seen := map[risk.Outcome]int{}
	for _, id := range ids {
		past, err := w.store.Decisions(t.Context(), id)
		check(t, err)
		if len(past) == 0 {
			t.Errorf("%s has no decision", id)
		}
		for _, d := range past {
			again, err := flow.Replay(policy.Default(), d.Recorded)
			check(t, err)
			was, err := json.Marshal(d.Decision)
			check(t, err)
			is, err := json.Marshal(again)
			check(t, err)
			if string(was) != string(is) {
				t.Errorf("%s:\nwas %s\nis  %s", d.ID, was, is)
			}
			seen[again.Outcome]++
		}
	}
	if seen[risk.Approve] == 0 || seen[risk.Hold] == 0 || seen[risk.Decline] == 0 {
		t.Errorf("too little variety to prove anything: %v", seen)
	}
}

func TestAShadowPolicyDecidesBesideTheLiveOneAndChangesNothing(t *testing.T) {
	strict, err := policy.Parse("strict", []byte(`name: strict
bands: {challenge: 1, hold: 2, decline: 3}
rules:
  - code: EVERYTHING
    when: amount > 0
    points: 3
    detail: {en: "any order", fr: "toute commande"}
    why: {en: "A trial that declines everything.", fr: "Un essai qui refuse tout."}
`))
	check(t, err)
	w := begin(t, func(c *flow.Config) { c.Shadow = func(string) *policy.Policy { return strict } })
	p := w.pay(order(1))
	if p.Status != payment.Authorised {
		t.Fatalf("got %s", p.Status)
	}
	past, err := w.store.Decisions(t.Context(), p.ID)
	check(t, err)
	if s := past[0].Shadow; s == nil || s.Decision == nil || s.Decision.Outcome != risk.Decline {
		t.Errorf("shadow %+v", s)
	}
}

func TestDecisionsAfterARebuildEqualThoseBefore(t *testing.T) {
	w := begin(t, nil)
	ids, at := w.mixed(), w.now()
	decide := func() (all []risk.Decision) {
		for _, id := range ids {
			snap, err := w.store.Payment(t.Context(), "demo", id)
			check(t, err)
			f := snap.Payment.Facts(at)
			f.ID = "next of " + id // in no journal: the rebuild does not bring it back
			h, err := w.flow.Velocity.Observe(t.Context(), "demo", f.Attempt())
			check(t, err)
			all = append(all, policy.Default().Decide(f, h, nil))
		}
		return all
	}
	before := decide()
	w.redis.FlushAll()
	n, err := w.flow.Velocity.Rebuild(t.Context(), "demo", journal(t, w.store))
	check(t, err)
	if n < len(ids) {
		t.Fatalf("%d events rebuilt", n)
	}
	if after := decide(); !reflect.DeepEqual(before, after) {
		t.Errorf("before %+v\nafter  %+v", before, after)
	}
}

// journal gives the records of the store's journal.
func journal(t *testing.T, s *store.Store) iter.Seq2[risk.Record, error] {
	return func(yield func(risk.Record, error) bool) {
		for e, err := range s.Journal(t.Context(), time.Time{}) {
			if !yield(e.Record, err) {
				return
			}
		}
	}
}
