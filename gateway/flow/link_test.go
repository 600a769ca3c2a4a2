package flow_test

import (
	"strings"
	"testing"
	"time"

	"octroi/gateway/flow"
	"octroi/gateway/hold"
	"octroi/gateway/payment"
	"octroi/gateway/store"
)

// session opens a payment's link from a network and fails when it does not open.
func (w *world) session(p payment.Payment, network string) string {
	w.t.Helper()
	o, err := w.flow.OpenLink(w.t.Context(), token(p), flow.Visit{Network: network})
	check(w.t, err)
	if o.Session == "" {
		w.t.Fatalf("the link did not open: %+v", o)
	}
	return o.Session
}

func TestASessionStandsForTheLinkUntilItEnds(t *testing.T) {
	w := begin(t, nil)
	p := w.pay(risky(1))
	session := w.session(p, "203.0.113.0/24")
	if id, ok := w.flow.CaseOfSession(session); !ok || id != p.Case.ID {
		t.Errorf("the session is of %q, %v", id, ok)
	}
	if strings.Contains(session, token(p)) {
		t.Error("the session gives the link away")
	}
	check(t, w.flow.BuyerSays(t.Context(), session, "Bonjour."))
	if _, err := w.flow.ProofPage(t.Context(), token(p)); err != nil {
		t.Errorf("the link itself: %v", err)
	}
	w.later(4*time.Hour + time.Second)
	if _, err := w.flow.ProofPage(t.Context(), session); payment.CodeOf(err) != payment.CodeNotFound {
		t.Errorf("an old session: %v", err)
	}
	if again := w.session(p, "203.0.113.0/24"); again == session {
		t.Error("the link opens an old session")
	}
}

func TestASessionNeverOutlivesItsCase(t *testing.T) {
	w := begin(t, nil)
	p := w.pay(risky(1))
	w.later(p.Case.DecideBy.Sub(w.now()) - time.Hour)
	o, err := w.flow.OpenLink(t.Context(), token(p), flow.Visit{Network: "203.0.113.0/24"})
	check(t, err)
	if o.Until.After(p.Case.DecideBy) {
		t.Errorf("until %v, the case until %v", o.Until, p.Case.DecideBy)
	}
	_, err = w.flow.Approve(t.Context(), analyst, p.Case.ID, "")
	check(t, err)
	if _, err := w.flow.ProofPage(t.Context(), o.Session); payment.CodeOf(err) != payment.CodeNotFound {
		t.Errorf("the session outlives the decision: %v", err)
	}
}

func TestASessionCannotBeMadeUp(t *testing.T) {
	w := begin(t, nil)
	p := w.pay(risky(1))
	session := w.session(p, "203.0.113.0/24")
	for i := range session {
		b := []byte(session)
		b[i] ^= 1
		if _, err := w.flow.ProofPage(t.Context(), string(b)); payment.CodeOf(err) != payment.CodeNotFound {
			t.Fatalf("with character %d changed: %v", i, err)
		}
	}
	for _, made := range []string{"s.", "s.AAAA", "s." + token(p), "s." + strings.Repeat("A", 1000), session + session} {
		if _, err := w.flow.ProofPage(t.Context(), made); payment.CodeOf(err) != payment.CodeNotFound {
			t.Errorf("%.20s: %v", made, err)
		}
	}
	if _, err := w.flow.OpenLink(t.Context(), session, flow.Visit{}); payment.CodeOf(err) != payment.CodeNotFound {
		t.Errorf("a session opened a link: %v", err)
	}
}

func TestAPassedOnLinkAsksForWhatOnlyTheBuyerKnows(t *testing.T) {
	w := begin(t, nil)
	p := w.pay(risky(1))
	for _, network := range []string{"home", "work", "train"} {
		w.session(p, network)
	}
	visit := func(network, fact string) flow.Opened {
		o, err := w.flow.OpenLink(t.Context(), token(p), flow.Visit{Network: network, Fact: fact})
		check(t, err)
		return o
	}
	if o := visit("stranger", ""); !o.AskFact || o.Wrong || o.Session != "" || o.Shop != "Demo" || o.Language != "fr" {
		t.Errorf("from a fourth network: %+v", o)
	}
	if o := visit("stranger", "75 999"); !o.Wrong || o.Session != "" {
		t.Errorf("with a wrong fact: %+v", o)
	}
	if o := visit("café", " 75 006 "); o.Session == "" || o.AskFact {
		t.Errorf("with the postcode: %+v", o)
	}
	if o := visit("hotel", "1111"); o.Session == "" {
		t.Errorf("with the card's last digits: %+v", o)
	}
	for range hold.MaxFacts - 1 {
		visit("stranger", "0000")
	}
	if _, err := w.flow.OpenLink(t.Context(), token(p), flow.Visit{Network: "stranger", Fact: "75006"}); payment.CodeOf(err) != payment.CodeNotFound {
		t.Errorf("after too many wrong facts: %v", err)
	}
	if o := visit("airport", "75006"); o.Session == "" {
		t.Errorf("the buyer is shut out by somebody else's guesses: %+v", o)
	}
	w.session(p, "home")
	trail, err := w.store.AuditTrail(t.Context(), p.Case.ID, 50)
	check(t, err)
	wrong := 0
	for _, a := range trail {
		if a.Action == "case.link_fact_wrong" {
			wrong++
		}
	}
	if wrong != hold.MaxFacts {
		t.Errorf("%d wrong facts in the audit log", wrong)
	}
}

func TestTheNetworksOfTwoCasesCannotBeCompared(t *testing.T) {
	w := begin(t, nil)
	kept := map[string]bool{}
	for n := range 2 {
		p := w.pay(risky(n))
		w.session(p, "203.0.113.0/24")
		snap, err := w.store.Case(t.Context(), p.Case.ID)
		check(t, err)
		for _, name := range snap.Case.Marks.Networks {
			if kept[name] || strings.Contains(name, "203") {
				t.Errorf("kept %q", name)
			}
			kept[name] = true
		}
	}
	if len(kept) != 2 {
		t.Errorf("kept %v", kept)
	}
}

func TestABuyerGivesTheOrderUp(t *testing.T) {
	w := begin(t, nil)
	p := w.pay(risky(1))
	session := w.session(p, "home")
	check(t, w.flow.Withdraw(t.Context(), session))
	p = w.becomes(p.ID, payment.Cancelled)
	if _, ok := w.mailed(store.MailWithdrawn, p.ID); !ok || p.Case.Status != string(hold.Expired) || !w.told("payment.cancelled", p.ID) {
		t.Errorf("case %+v, mails %v, told %v", p.Case, w.mails(p.ID), w.webhooks(p.ID))
	}
	if err := w.flow.Withdraw(t.Context(), session); payment.CodeOf(err) != payment.CodeNotFound {
		t.Errorf("given up twice: %v", err)
	}
}

func TestABuyerMayAskForAPerson(t *testing.T) {
	w := begin(t, nil)
	p := w.pay(risky(1))
	for range 2 {
		check(t, w.flow.AskHuman(t.Context(), token(p)))
	}
	snap, err := w.store.Case(t.Context(), p.Case.ID)
	check(t, err)
	looks := 0
	for _, e := range snap.Case.Events {
		if e.Type == "human_look" {
			looks++
		}
	}
	if snap.Case.Status != hold.AwaitingReview || !snap.Case.HumanLook || looks != 1 {
		t.Errorf("%+v", snap.Case)
	}
}

// TestAShopThatComesUnderAnotherLawStopsAsking holds back, from an open case, what its shop may no longer ask for.
func TestAShopThatComesUnderAnotherLawStopsAsking(t *testing.T) {
	var shops map[string]flow.Shop
	w := begin(t, func(c *flow.Config) {
		terms(func(t *hold.Terms) { t.Profile, t.Ask = hold.ProfileStandard, []hold.Rung{"identity", "card_copy"} })(c)
		shops = c.Shops
	})
	p := w.pay(risky(1))
	_, err := w.flow.RequestProof(t.Context(), analyst, p.Case.ID, []hold.Kind{hold.Identity, hold.CardCopy}, "")
	check(t, err)
	w.stop()
	shop := shops["demo"]
	shop.Terms.Profile = hold.ProfileFR
	shops["demo"] = shop
	page, err := w.flow.ProofPage(t.Context(), token(p))
	check(t, err)
	if len(page.Case.Proof.Requested) != 1 || page.Case.Proof.Requested[0] != hold.Identity {
		t.Errorf("asked for %v", page.Case.Proof.Requested)
	}
	if err := w.flow.ReceiveDocument(t.Context(), token(p), hold.CardCopy, "card.png", "image/png", png(t)); payment.CodeOf(err) != payment.CodeInvalid {
		t.Errorf("a copy of the card was taken: %v", err)
	}
}
