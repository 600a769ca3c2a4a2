package flow_test

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"octroi/gateway/flow"
	"octroi/gateway/payment"
	"octroi/gateway/store"
	"octroi/providers"
	"octroi/risk"
)

// altered is a provider whose answers to authorisations are changed on their way.
type altered struct {
	providers.Provider
	change func(*providers.Result)
}

func (a altered) Authorise(ctx context.Context, q providers.Authorisation) (providers.Result, error) {
	r, err := a.Provider.Authorise(ctx, q)
	a.change(&r)
	return r, err
}

// tester is the i-th try of somebody with one card in encrypted fields, who changes everything else.
func tester(i int, holder string) payment.Request {
	r := order(i)
	r.Method.HolderName = holder
	r.Buyer.Email, r.Buyer.IP = fmt.Sprintf("t%d@example.org", i), fmt.Sprintf("198.51.%d.7", i+1)
	encrypted(&r)
	return r
}

func TestACardInEncryptedFieldsIsNoOracle(t *testing.T) {
	w := unguarded(t)
	neutral := payment.BuyerMessage(providers.CVCIncorrect, payment.French, false, payment.Typed{})
	explained, mails := 0, 0
	for i := range 12 {
		p := w.pay(tester(i, "CVC_DECLINED"))
		if p.Refusal == nil {
			t.Fatalf("%d: %s", i, p.Status)
		}
		if p.Refusal.BuyerMessage != neutral {
			explained++
		}
		mails += len(w.mails(p.ID))
		if i >= 3 && p.Refusal.BuyerMessage != neutral {
			t.Errorf("try %d is explained: %s", i, p.Refusal.BuyerMessage)
		}
	}
	if explained != 3 || mails != 3 {
		t.Errorf("%d explained, %d mails", explained, mails)
	}
}

func TestTheRulesOfTheCardActOnceTheProviderHasNamedIt(t *testing.T) {
	w := unguarded(t)
	for i := range 10 {
		r := tester(i, "CVC_DECLINED")
		r.Method.EncryptedNumber = "test_5555444433331111"
		if p := w.pay(r); p.Status != payment.Refused {
			t.Fatalf("%d: %s", i, p.Status)
		}
	}
	w.quiet()
	r := tester(10, "Camille Exemple")
	r.Method.EncryptedNumber = "test_5555444433331111"
	p := w.pay(r)
	if p.Status != payment.Declined || !p.Decision.Has("SCHEME_DECLINES_DAY") {
		t.Errorf("authorised after ten refusals of the card: %s %+v", p.Status, p.Decision)
	}
	w.eventually("the authorisation is given back", func() bool { return w.reserved(p.ID) == 0 })
	if other := w.pay(withCard(order(77), 77)); other.Status != payment.Captured && other.Status != payment.Authorised {
		t.Errorf("another card: %s", other.Status)
	}
	w.replaysEqual(p.ID)
}

// replaysEqual makes every decision of a payment again.
func (w *world) replaysEqual(id string) {
	w.t.Helper()
	past, err := w.store.Decisions(w.t.Context(), id)
	check(w.t, err)
	if len(past) == 0 {
		w.t.Fatalf("no decision of %s is recorded", id)
	}
	for _, d := range past {
		again, err := flow.Replay(w.cfg.Policy("demo"), d.Recorded)
		check(w.t, err)
		a, err := json.Marshal(again)
		check(w.t, err)
		b, err := json.Marshal(d.Decision)
		check(w.t, err)
		if string(a) != string(b) {
			w.t.Errorf("%s: replayed %s, recorded %s", d.Stage, a, b)
		}
	}
}

func TestABlockedCardInEncryptedFieldsIsGivenBack(t *testing.T) {
	w := begin(t, nil)
	first := order(1)
	encrypted(&first)
	p := w.pay(first)
	name := w.cardOf(p.ID)
	if name == "" || strings.Contains(name, "4111") {
		t.Fatalf("the card is called %q", name)
	}
	check(t, w.flow.PutListEntry(t.Context(), store.User{Name: "sam", Role: store.RoleSenior}, store.ListEntry{List: "blocked_cards", Value: name}))
	again := order(2)
	encrypted(&again)
	q := w.pay(again)
	if q.Status != payment.Declined {
		t.Fatalf("%s %+v", q.Status, q.Decision)
	}
	w.eventually("the authorisation is given back", func() bool { return w.reserved(q.ID) == 0 })
	w.replaysEqual(q.ID)
	clear := order(3)
	if w.cardOf(w.pay(clear).ID) == name {
		t.Error("a number and an alias have one name")
	}
}

// cardOf is the name under which the histories have a payment's card.
func (w *world) cardOf(id string) string {
	w.t.Helper()
	snap, err := w.store.Payment(w.t.Context(), "demo", id)
	check(w.t, err)
	return snap.Payment.Card.Fingerprint
}

func TestACardIsNamedInAllThatFollows(t *testing.T) {
	w := begin(t, nil)
	r := order(1)
	encrypted(&r)
	p := w.pay(r)
	w.becomes(p.ID, payment.Captured)
	w.quiet()
	name := w.cardOf(p.ID)
	kinds := map[string]bool{}
	for e, err := range w.store.Journal(t.Context(), time.Unix(0, 0)) {
		check(t, err)
		if e.Record.Keys[risk.EntityCard] == name {
			kinds[e.Record.Kind.String()+" "+e.Record.Code] = true
		}
	}
	if !kinds["attempt named"] || !kinds["authorised "] || !kinds["captured "] {
		t.Errorf("under the card's name: %v", kinds)
	}
	shown, err := json.Marshal(w.see(p.ID))
	check(t, err)
	if strings.Contains(string(shown), name) || strings.Contains(string(shown), "alias") {
		t.Errorf("the shop is shown the card's name: %s", shown)
	}
}

func TestACardThatNobodyNamesIsNeverExplained(t *testing.T) {
	w := begin(t, func(c *flow.Config) {
		everyMeans(c)
		c.Provider = altered{c.Provider, func(r *providers.Result) { r.Alias = "" }}
	})
	p := w.pay(tester(1, "CVC_DECLINED"))
	neutral := payment.BuyerMessage(providers.CVCIncorrect, payment.French, false, payment.Typed{})
	if p.Refusal == nil || p.Refusal.BuyerMessage != neutral {
		t.Fatalf("%s %+v", p.Status, p.Refusal)
	}
	for _, m := range w.mails(p.ID) {
		if m.Message != neutral {
			t.Errorf("a mail explains: %+v", m)
		}
	}
}

func TestWithoutTheCardsHistoryANamedCardIsHeld(t *testing.T) {
	var w *world
	w = begin(t, func(c *flow.Config) {
		c.Provider = altered{c.Provider, func(*providers.Result) { w.redis.Close() }} // between decision and review
	})
	r := order(1)
	encrypted(&r)
	p := w.pay(r)
	if p.Status != payment.Held || !p.Decision.Has("VELOCITY_UNAVAILABLE") {
		t.Fatalf("%s %+v", p.Status, p.Decision)
	}
	w.replaysEqual(p.ID)
}
