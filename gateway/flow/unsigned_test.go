package flow_test

import (
	"slices"
	"testing"
	"time"

	"octroi/gateway/flow"
	"octroi/gateway/hold"
	"octroi/gateway/payment"
	"octroi/gateway/store"
	"octroi/providers"
	"octroi/risk"
)

// approvalOf is the report of a payment's authorisation.
func approvalOf(p payment.Payment, at time.Time, r providers.Result) providers.Notification {
	r.Status, r.Reference, r.Authorised = providers.StatusAuthorised, "FORGEDPSP0000001", p.Amount
	return providers.Notification{Kind: providers.KindAuthorisation, Code: "AUTHORISATION", ID: "forged " + p.ID, PaymentID: p.ID,
		PaymentReference: r.Reference, Success: true, Amount: p.Amount, At: at, Result: &r}
}

func TestWhatNoSignatureCoversMovesNoMoney(t *testing.T) {
	w, x := wired(t, nil)
	w.silence()
	x.lose(from("/payments", 1, lostAfter))
	p := w.pay(order(1))
	long := w.now().AddDate(0, 0, -27)
	w.report(approvalOf(p, long, providers.Result{Captured: true, ExpiresAt: long.AddDate(0, 0, 28)}))
	p = w.see(p.ID)
	if p.Status != payment.Authorised || p.Captured != nil || w.captures(p.ID) > 1 {
		t.Errorf("a card's payment is %s, %v captured", p.Status, p.Captured)
	}
	if left := p.Authorisation.ExpiresAt.Sub(p.CreatedAt); left < 27*24*time.Hour || left > 28*24*time.Hour {
		t.Errorf("the authorisation of now lapses in %s", left)
	}
}

func TestACancelThatFailsIsToldAndAskedForAgainUntilTheAuthorisationLapses(t *testing.T) {
	w := begin(t, nil)
	p := w.pay(risky(1))
	w.silence()
	_, err := w.flow.Reject(t.Context(), analyst, p.Case.ID, "not theirs")
	check(t, err)
	fails := func(n int) {
		t.Helper()
		var op payment.Operation
		w.eventually("the cancel is sent", func() bool {
			ops := w.see(p.ID).Operations
			if len(ops) != n {
				return false
			}
			op = ops[n-1]
			return op.Status == payment.OpSent
		})
		w.report(providers.Notification{Kind: providers.KindCancellation, Code: "CANCELLATION", ID: "failed " + op.ID, PaymentID: p.ID, OperationID: op.ID,
			PaymentReference: p.Authorisation.Reference, ModificationReference: op.Reference, Reason: "no such luck", At: w.now()})
	}
	fails(1)
	if !w.told("payment.cancel_failed", p.ID) {
		t.Errorf("the shop was told %v", w.webhooks(p.ID))
	}
	if got := w.see(p.ID); got.Status != payment.Held || len(got.Operations) != 2 || got.Operations[1].Status != payment.OpRequested {
		t.Fatalf("%s %+v", got.Status, got.Operations)
	}
	w.later(16 * time.Minute)
	fails(2)
	w.later(31 * time.Minute)
	fails(3)
	w.later(30 * 24 * time.Hour)
	if got := w.becomes(p.ID, payment.Expired); len(got.Operations) != 4 || got.Operations[3].Status != payment.OpFailed {
		t.Errorf("%+v", got.Operations)
	}
	if !w.told("payment.expired", p.ID) {
		t.Errorf("the shop was told %v", w.webhooks(p.ID))
	}
}

func TestWhatWasDecidedOfAForgottenBuyerStays(t *testing.T) {
	w, _ := wired(t, everyMeans)
	p := w.pay(by(payment.MeansTransfer, risky(1)))
	outcome := p.Decision.Outcome
	w.later(8 * 24 * time.Hour)
	w.becomes(p.ID, payment.Expired)
	_, err := w.eraser().Erase(t.Context(), "operator", store.Subject{Shop: "demo", Email: p.Detail.Buyer.Email})
	check(t, err)
	p, err = w.happened(p.ID, flow.Happening{Type: "funds_received"})
	check(t, err)
	if p.Status != payment.Held || p.Case == nil || p.Case.Status == string(hold.Approved) || outcome.Severity() < risk.Challenge.Severity() {
		t.Errorf("%s %+v, decided %s before", p.Status, p.Case, outcome)
	}
	if slices.ContainsFunc(w.decisions(p.ID), func(d store.Decision) bool { return !d.Emptied }) {
		t.Error("a decision was made from facts that are gone")
	}
}
