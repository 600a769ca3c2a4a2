package flow_test

import (
	"fmt"
	"testing"

	"octroi/gateway/hold"
	"octroi/gateway/payment"
	"octroi/gateway/store"
	"octroi/providers"
	"octroi/providers/adyensim"
	"octroi/risk"
)

// amber is an order that the provider's analysts want to see.
func amber(r payment.Request) payment.Request {
	r.Method.HolderName = "AMBER"
	return r
}

func TestWhatOnlyTheProvidersAnalystsHoldUpWaitsForTheirWord(t *testing.T) {
	w := begin(t, nil)
	accepted, rejected, overruled := w.pay(amber(order(1))), w.pay(amber(order(2))), w.pay(amber(order(3)))
	if accepted.Status != payment.Held || accepted.Case.ProofURL != "" || accepted.Case.Status != string(hold.AwaitingReview) || accepted.Decision.Outcome != risk.Approve {
		t.Fatalf("%s %+v %+v", accepted.Status, accepted.Case, accepted.Decision)
	}
	if n := w.outbox(store.KindMail); n != 0 {
		t.Errorf("%d mails to buyers of whom nothing is asked", n)
	}
	w.happens(accepted, adyensim.Control{Event: "MANUAL_REVIEW_ACCEPT"})
	if got := w.becomes(accepted.ID, payment.Captured); got.Case.Status != string(hold.Approved) {
		t.Errorf("case %s", got.Case.Status)
	}
	w.happens(rejected, adyensim.Control{Event: "MANUAL_REVIEW_REJECT"})
	// The provider cancels what its analysts reject, and tells of both at once: whichever is carried out first ends the case.
	if got := w.becomes(rejected.ID, payment.Cancelled); hold.Status(got.Case.Status).Open() || got.Case.Status == string(hold.Approved) {
		t.Errorf("case %s", got.Case.Status)
	}
	snap, err := w.flow.Approve(t.Context(), analyst, overruled.Case.ID, "known to us")
	check(t, err)
	if snap.Case.Owner != hold.OwnerProvider {
		t.Errorf("owner %q", snap.Case.Owner)
	}
	w.becomes(overruled.ID, payment.Captured)
	if got := w.happens(overruled, adyensim.Control{Event: "MANUAL_REVIEW_ACCEPT"}); got.Status != payment.Captured || w.captures(got.ID) != 1 {
		t.Errorf("their yes after ours: %s, %d captures", got.Status, w.captures(got.ID))
	}
	w.audited()
}

func TestTheProvidersAnalystsEndACaseWithTheirNo(t *testing.T) {
	w := begin(t, nil)
	for i, r := range []payment.Request{amber(order(1)), amber(risky(2))} {
		p := w.pay(r)
		w.report(providers.Notification{ID: fmt.Sprint(i), Kind: providers.KindReviewRejected, PaymentID: p.ID, Success: true})
		if got := w.becomes(p.ID, payment.Cancelled); got.Case.Status != string(hold.Rejected) { // by a cancel of ours
			t.Errorf("case %s", got.Case.Status)
		}
	}
}

func TestAHoldOfOursStaysOursWhateverTheProvidersAnalystsSay(t *testing.T) {
	w := begin(t, nil)
	yes, no, asked := w.pay(amber(risky(1))), w.pay(amber(risky(2))), w.pay(amber(order(3)))
	if yes.Case.ProofURL == "" {
		t.Fatalf("the buyer is asked for nothing: %+v", yes.Case)
	}
	_, err := w.flow.RequestProof(t.Context(), analyst, asked.Case.ID, []hold.Kind{hold.Identity}, "")
	check(t, err)
	if got := w.see(asked.ID); got.Case.ProofURL == "" || got.Case.Status != string(hold.AwaitingProof) {
		t.Errorf("a case that our analyst took over: %+v", got.Case)
	}
	for _, p := range []payment.Payment{yes, asked} {
		if got := w.happens(p, adyensim.Control{Event: "MANUAL_REVIEW_ACCEPT"}); got.Status != payment.Held || got.Case.Status != string(hold.AwaitingProof) {
			t.Errorf("their yes: %s %s", got.Status, got.Case.Status)
		}
		snap, err := w.store.Case(t.Context(), p.Case.ID)
		check(t, err)
		if !heard(*snap.Case, "provider_accepted") || snap.Case.Owner != "" {
			t.Errorf("owner %q, events %+v", snap.Case.Owner, snap.Case.Events)
		}
	}
	w.happens(no, adyensim.Control{Event: "MANUAL_REVIEW_REJECT"})
	if got := w.becomes(no.ID, payment.Cancelled); hold.Status(got.Case.Status).Open() || got.Case.Status == string(hold.Approved) {
		t.Errorf("their no: case %s", got.Case.Status)
	}
}
