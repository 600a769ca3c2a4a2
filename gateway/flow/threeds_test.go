package flow_test

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"octroi/gateway/payment"
	"octroi/providers"
	"octroi/providers/adyensim"
	"octroi/risk"
)

func TestAChallengeThatTheBuyerMeetsIsApproved(t *testing.T) {
	w, x := wired(t, nil)
	p := w.pay(dear(1, cardOnRequest))
	if p.Status != payment.ActionRequired || p.Action.Type != "redirect" || p.Decision.Outcome != risk.Challenge {
		t.Fatalf("%s %+v %+v", p.Status, p.Action, p.Decision)
	}
	if got, _ := json.Marshal(x.on("/payments")[0].body["authenticationData"]); !strings.Contains(string(got), "always") {
		t.Errorf("the challenge was not asked for: %s", got)
	}
	p = w.finishes(p, w.acts(p, "pay"))
	if p.Status != payment.Authorised || p.Action != nil || p.Decision.Outcome != risk.Approve || p.Case != nil {
		t.Fatalf("%s %+v %+v", p.Status, p.Action, p.Decision)
	}
	if a := p.Authorisation; a.ThreeDS != "authenticated" || a.Liability != "issuer" || a.Reference == "" {
		t.Errorf("%+v", a)
	}
	w.becomes(p.ID, payment.Captured)
	w.audited()
}

func TestABuyerWhomTheIssuerRecognisesIsNotDisturbed(t *testing.T) {
	w, _ := wired(t, nil)
	r := natively(order(1))
	r.Method.Number = cardFrictionless
	p := w.pay(r)
	if p.Status != payment.ActionRequired || p.Action.Type != "threeds2_fingerprint" || p.Action.Data["token"] == "" {
		t.Fatalf("%s %+v", p.Status, p.Action)
	}
	p = w.finishes(p, w.acts(p, ""))
	if p.Status != payment.Authorised || p.Authorisation.Liability != "issuer" {
		t.Errorf("%s %+v", p.Status, p.Authorisation)
	}
}

func TestAChallengeFollowsAFingerprintInTheShopsOwnPage(t *testing.T) {
	w, _ := wired(t, nil)
	p := w.pay(natively(dear(1, cardFull)))
	first := w.acts(p, "")
	p = w.finishes(p, first)
	if p.Status != payment.ActionRequired || p.Action.Type != "threeds2_challenge" {
		t.Fatalf("after the fingerprint: %s %+v", p.Status, p.Action)
	}
	again, replayed, err := w.flow.Details(t.Context(), "demo", p.ID, first)
	check(t, err)
	if !replayed || again.Action == nil || again.Action.Type != "threeds2_challenge" {
		t.Errorf("the fingerprint sent again: %v %s %+v", replayed, again.Status, again.Action)
	}
	last := w.acts(p, "pay")
	if p = w.finishes(p, last); p.Status != payment.Authorised || p.Authorisation.ThreeDS != "authenticated" {
		t.Fatalf("%s %+v", p.Status, p.Authorisation)
	}
	for _, d := range []payment.Details{first, last} {
		if got, replayed, err := w.flow.Details(t.Context(), "demo", p.ID, d); err != nil || !replayed || got.ID != p.ID || !got.Status.Live() {
			t.Errorf("a finished step: %v %v %s", err, replayed, got.Status)
		}
	}
	_, _, err = w.flow.Details(t.Context(), "demo", p.ID, payment.Details{"redirectResult": "another"})
	if payment.CodeOf(err) != payment.CodeWrongState {
		t.Errorf("details that nobody waits for: %v", err)
	}
	w.audited()
}

func TestABuyerWhoFailsTheChallengeIsRefused(t *testing.T) {
	w, _ := wired(t, nil)
	for i, card := range []string{cardOnRequest, cardFull} {
		r := dear(i, card)
		if i == 1 {
			r = natively(r)
		}
		p := w.pay(r)
		for p.Status == payment.ActionRequired {
			p = w.finishes(p, w.acts(p, "refuse"))
		}
		if p.Status != payment.Refused || p.Refusal.Code != providers.AuthenticationFailed || p.Refusal.BuyerMessage == "" || p.Action != nil {
			t.Errorf("%s: %s %+v", card, p.Status, p.Refusal)
		}
		if _, _, err := w.flow.Authorise(t.Context(), w.call("again"+card), r); err != nil {
			t.Errorf("the order is not free: %v", err)
		}
	}
	w.audited()
}

func TestAChallengeThatNobodyMeetsIsAHoldWithAReason(t *testing.T) {
	w, _ := wired(t, nil)
	p := w.pay(dear(1, cardPlain))
	if p.Status != payment.Held || p.Decision.Outcome != risk.Hold || !p.Decision.Has("NOT_AUTHENTICATED") || p.Case.ProofURL == "" {
		t.Fatalf("%s %+v", p.Status, p.Decision)
	}
}

func TestAnAuthenticatedBuyerIsHeldForOtherReasonsAllTheSame(t *testing.T) {
	w, _ := wired(t, nil)
	r := natively(order(1))
	r.Method.Number, r.Order.Delivery.Address = cardFrictionless, marseille()
	p := w.pay(r)
	if p = w.finishes(p, w.acts(p, "")); p.Status != payment.Held || p.Authorisation.ThreeDS != "authenticated" {
		t.Errorf("%s %+v", p.Status, p.Authorisation)
	}
}

func TestOneStepSentManyTimesAtOnceIsTakenOnce(t *testing.T) {
	w, x := wired(t, nil)
	p := w.pay(dear(1, cardOnRequest))
	d := w.acts(p, "pay")
	var wg sync.WaitGroup
	for range 30 {
		wg.Go(func() {
			got, _, err := w.flow.Details(context.Background(), "demo", p.ID, d)
			if err != nil && payment.CodeOf(err) != payment.CodeInFlight {
				t.Errorf("got %v", err)
			}
			if err == nil && got.Status == payment.ActionRequired {
				t.Error("an answer from before the step")
			}
		})
	}
	wg.Wait()
	if n := len(x.on("/payments/details")); n != 1 {
		t.Errorf("sent %d times", n)
	}
	w.becomes(p.ID, payment.Captured)
	w.audited()
}

func TestDetailsThatCannotBeTakenChangeNothing(t *testing.T) {
	w, _ := wired(t, nil)
	p := w.pay(dear(1, cardOnRequest))
	for name, d := range map[string]payment.Details{"of another payment": {"redirectResult": "someone else's"}, "unknown to the provider": {"surname": "x"},
		"badly named": {"a b": "x"}, "none": {}} {
		if _, _, err := w.flow.Details(t.Context(), "demo", p.ID, d); payment.CodeOf(err) != payment.CodeInvalid {
			t.Errorf("details %s: %v", name, err)
		}
	}
	good := w.acts(p, "pay")
	w.sim.Fault(adyensim.Fault{Operation: "details", Times: 1, Transient: true})
	if _, _, err := w.flow.Details(t.Context(), "demo", p.ID, good); payment.CodeOf(err) != payment.CodeUnavailable {
		t.Errorf("a provider that did nothing: %v", err)
	}
	for shop, id := range map[string]string{"other": p.ID, "demo": "pay_nothing"} {
		if _, _, err := w.flow.Details(t.Context(), shop, id, good); payment.CodeOf(err) != payment.CodeNotFound {
			t.Errorf("%s %s: %v", shop, id, err)
		}
	}
	if p = w.finishes(p, good); p.Status != payment.Authorised {
		t.Errorf("the right details after all: %s", p.Status)
	}
}

func TestWhatTheBrowserBroughtBackIsKeptNowhere(t *testing.T) {
	w, _ := wired(t, nil)
	p := w.pay(dear(1, cardOnRequest))
	d := w.acts(p, "pay")
	w.finishes(p, d)
	w.becomes(p.ID, payment.Captured)
	snap, err := w.store.Payment(t.Context(), "demo", p.ID)
	check(t, err)
	text, err := json.Marshal(snap.Payment.Steps)
	check(t, err)
	if len(snap.Payment.Steps) != 1 || strings.Contains(string(text), d["redirectResult"].Reveal()) {
		t.Errorf("the steps hold %s", text)
	}
	files, err := filepath.Glob(filepath.Join(w.dir, "octroi.db*"))
	check(t, err)
	for _, name := range files {
		content, err := os.ReadFile(name)
		check(t, err)
		if strings.Contains(string(content), d["redirectResult"].Reveal()) {
			t.Errorf("%s holds the value", filepath.Base(name))
		}
	}
	if len(files) == 0 {
		t.Error("no file was looked at")
	}
}

func TestDecisionsWithAStepAreMadeAgainBitForBit(t *testing.T) {
	w, _ := wired(t, nil)
	live := w.flow.Policy("demo")
	var ids []string
	for i, card := range []string{cardOnRequest, cardPlain, cardOnRequest} {
		p := w.pay(dear(i, card))
		if i == 0 {
			// Another order of the same buyer while this one is with the bank: the review is of the first decision.
			other := dear(7, cardOnRequest)
			other.Buyer = dear(0, cardOnRequest).Buyer
			w.pay(other)
		}
		if p.Status == payment.ActionRequired {
			p = w.finishes(p, w.acts(p, map[int]string{0: "pay", 2: "refuse"}[i]))
		}
		ids = append(ids, p.ID)
	}
	for _, id := range ids {
		past, err := w.store.Decisions(t.Context(), id)
		check(t, err)
		last := past[len(past)-1]
		if last.Stage != "review" || last.Facts.Review == nil {
			t.Errorf("%s: the review is not recorded", id)
		}
		if first := past[0]; len(past) == 2 && (first.Stage != "decide" || string(first.Histories) != string(last.Histories)) {
			t.Errorf("%s: the review is of another decision", id)
		}
		w.bitForBit(id, live)
	}
}
