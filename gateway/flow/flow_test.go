package flow_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"octroi/gateway/flow"
	"octroi/gateway/hold"
	"octroi/gateway/payment"
	"octroi/gateway/store"
	"octroi/providers"
	"octroi/providers/adyensim"
	"octroi/risk"
)

func TestAGoodOrderIsAuthorisedAndCaptured(t *testing.T) {
	w := begin(t, nil)
	p := w.pay(order(1))
	if p.Status != payment.Authorised || p.Decision.Outcome != risk.Approve {
		t.Fatalf("got %s, %+v", p.Status, p.Decision)
	}
	p = w.becomes(p.ID, payment.Captured)
	if p.Captured == nil || *p.Captured != p.Amount {
		t.Errorf("captured %v of %v", p.Captured, p.Amount)
	}
}

func TestManualCaptureWaitsForTheShop(t *testing.T) {
	w := begin(t, nil)
	p := w.pay(byHand(1))
	if err := w.operate("c1", p.ID, payment.OpCapture, 12991); payment.CodeOf(err) != payment.CodeAmountExceeded {
		t.Errorf("over-capture: %v", err)
	}
	if err := w.operate("c2", p.ID, payment.OpRefund, 0); payment.CodeOf(err) != payment.CodeWrongState {
		t.Errorf("refund before a capture: %v", err)
	}
	check(t, w.operate("c3", p.ID, payment.OpCapture, 10000))
	w.becomes(p.ID, payment.PartiallyCaptured)
	if err := w.operate("c4", p.ID, payment.OpCapture, 2991); payment.CodeOf(err) != payment.CodeAmountExceeded {
		t.Errorf("over-capture of the rest: %v", err)
	}
	check(t, w.operate("c5", p.ID, payment.OpCapture, 0))
	w.becomes(p.ID, payment.Captured)
	check(t, w.operate("r1", p.ID, payment.OpRefund, 1))
	w.becomes(p.ID, payment.PartiallyRefunded)
	if err := w.operate("r2", p.ID, payment.OpRefund, 12990); payment.CodeOf(err) != payment.CodeAmountExceeded {
		t.Errorf("over-refund: %v", err)
	}
	check(t, w.operate("r3", p.ID, payment.OpRefund, 0))
	if got := w.becomes(p.ID, payment.Refunded); *got.Refunded != got.Amount {
		t.Errorf("refunded %v", got.Refunded)
	}
}

func TestAnOperationsKeyCountsOnce(t *testing.T) {
	w := begin(t, nil)
	p := w.pay(byHand(1))
	half := &providers.Amount{Value: 6000, Currency: "EUR"}
	for i := range 3 {
		_, replayed, err := w.flow.Operate(t.Context(), w.call("same"), p.ID, payment.OpCapture, half, "")
		check(t, err)
		if replayed != (i > 0) {
			t.Errorf("call %d: replayed %v", i, replayed)
		}
	}
	other := w.call("same")
	other.Body = []byte(`{"amount":{"value":1,"currency":"EUR"}}`)
	if _, _, err := w.flow.Operate(t.Context(), other, p.ID, payment.OpCapture, half, ""); payment.CodeOf(err) != payment.CodeKeyReused {
		t.Errorf("another body: %v", err)
	}
	if got := w.becomes(p.ID, payment.PartiallyCaptured); got.Captured.Value != 6000 {
		t.Errorf("captured %v", got.Captured)
	}
}

func TestAHeldOrderIsReleasedByProofAndAnAnalyst(t *testing.T) {
	w := begin(t, nil)
	p := w.pay(risky(1))
	if p.Status != payment.Held || p.Case == nil || !p.Decision.Has("ADDRESS_OTHER_CITY") {
		t.Fatalf("got %s %+v", p.Status, p.Decision)
	}
	if _, _, err := w.flow.Operate(t.Context(), w.call("early"), p.ID, payment.OpCapture, nil, ""); payment.CodeOf(err) != payment.CodeWrongState {
		t.Errorf("a held payment was captured: %v", err)
	}
	check(t, w.flow.ReceiveDocument(t.Context(), token(p), hold.Identity, "id.png", "image/png", png(t)))
	snap, err := w.store.Case(t.Context(), p.Case.ID)
	check(t, err)
	doc := snap.Case.Proof.Documents[0]
	if snap.Case.Status != hold.AwaitingReview {
		t.Errorf("after the document: %s", snap.Case.Status)
	}
	check(t, w.flow.Viewed(t.Context(), analyst, p.Case.ID, doc.ID))
	if _, err := w.vault.Open(t.Context(), doc.ID); err != nil {
		t.Errorf("the document cannot be read: %v", err)
	}
	_, err = w.flow.Approve(t.Context(), analyst, p.Case.ID, "statement matches")
	check(t, err)
	w.becomes(p.ID, payment.Captured)
	if _, err := w.flow.ProofPage(t.Context(), token(p)); payment.CodeOf(err) != payment.CodeNotFound {
		t.Errorf("the link outlives the decision: %v", err)
	}
	w.later(hold.Retention + time.Second)
	w.eventually("the document is destroyed", func() bool {
		_, err := w.vault.Open(t.Context(), doc.ID)
		return err != nil
	})
}

func TestARejectedOrderIsCancelled(t *testing.T) {
	w := begin(t, nil)
	p := w.pay(risky(1))
	_, err := w.flow.Reject(t.Context(), analyst, p.Case.ID, "not the holder")
	check(t, err)
	p = w.becomes(p.ID, payment.Cancelled)
	if p.Case.Status != string(hold.Rejected) || p.Case.ProofURL != "" {
		t.Errorf("case %+v", p.Case)
	}
}

func TestAHoldNobodyDecidesIsCancelledInTime(t *testing.T) {
	w := begin(t, nil)
	p := w.pay(risky(1))
	if !p.Case.DecideBy.Before(p.Authorisation.ExpiresAt) {
		t.Fatalf("decide by %v, but the authorisation ends %v", p.Case.DecideBy, p.Authorisation.ExpiresAt)
	}
	w.later(p.Case.DecideBy.Sub(w.now()) + time.Second)
	p = w.becomes(p.ID, payment.Cancelled)
	if p.Case.Status != string(hold.Expired) {
		t.Errorf("case %s", p.Case.Status)
	}
}

func TestFourEyesFromTheShopsAmount(t *testing.T) {
	w := begin(t, func(c *flow.Config) {
		s := c.Shops["demo"]
		s.Terms.FourEyesFrom = 10000
		c.Shops["demo"] = s
	})
	p := w.pay(risky(1))
	_, err := w.flow.Approve(t.Context(), analyst, p.Case.ID, "")
	check(t, err)
	if got := w.see(p.ID); got.Status != payment.Held || got.Case.Status != string(hold.AwaitingSecond) {
		t.Fatalf("after one person: %s, case %s", got.Status, got.Case.Status)
	}
	_, err = w.flow.Approve(t.Context(), store.User{Name: "ben", Role: store.RoleAnalyst}, p.Case.ID, "")
	check(t, err)
	w.becomes(p.ID, payment.Captured)
}

func TestNobodyWithoutARoleActsOnACase(t *testing.T) {
	w := begin(t, nil)
	p := w.pay(risky(1))
	for _, who := range []store.User{{Name: "x"}, {Name: "ana", Role: store.RoleAnalyst, Disabled: true}} {
		if _, err := w.flow.Approve(t.Context(), who, p.Case.ID, ""); payment.CodeOf(err) != payment.CodeForbidden {
			t.Errorf("%+v approves: %v", who, err)
		}
		if err := w.flow.Viewed(t.Context(), who, p.Case.ID, "doc_x"); payment.CodeOf(err) != payment.CodeForbidden {
			t.Errorf("%+v views: %v", who, err)
		}
	}
	if err := w.flow.PutListEntry(t.Context(), analyst, store.ListEntry{List: "block_email", Value: "a@b.example"}); payment.CodeOf(err) != payment.CodeForbidden {
		t.Errorf("an analyst changes a list: %v", err)
	}
}

func TestHundredRetriesAuthoriseOnce(t *testing.T) {
	w := begin(t, nil)
	r := order(1)
	var wg sync.WaitGroup
	for range 100 {
		wg.Go(func() {
			_, _, err := w.flow.Authorise(context.Background(), w.call("one"), r)
			if err != nil && payment.CodeOf(err) != payment.CodeInFlight {
				t.Errorf("got %v", err)
			}
		})
	}
	wg.Wait()
	l := w.sim.Ledger()
	if len(l.Payments) != 1 || len(l.DoubleAuthorisations) != 0 {
		t.Errorf("%d payments, doubles %v", len(l.Payments), l.DoubleAuthorisations)
	}
}

func TestAnOrderHasOneLivePayment(t *testing.T) {
	w := begin(t, nil)
	w.pay(order(1))
	_, _, err := w.flow.Authorise(t.Context(), w.call("another key"), order(1))
	if payment.CodeOf(err) != payment.CodeOrderLive {
		t.Fatalf("got %v", err)
	}
	if n := len(w.sim.Ledger().Payments); n != 1 {
		t.Errorf("%d payments at the provider", n)
	}
}

func TestAnAnswerCutOffIsPendingAndSettledByTheRetry(t *testing.T) {
	w := begin(t, nil)
	w.sim.Fault(adyensim.Fault{Operation: "payments", Times: 1, After: true, Cut: true})
	w.silence()
	p := w.pay(order(1))
	if p.Status != payment.Pending {
		t.Fatalf("got %s", p.Status)
	}
	w.sim.Fault(adyensim.Fault{})
	again, replayed, err := w.flow.Authorise(t.Context(), w.call("key-A-1"), order(1))
	check(t, err)
	if again.ID != p.ID || again.Status != payment.Authorised || replayed {
		t.Errorf("retry: %s %s", again.ID, again.Status)
	}
	l := w.sim.Ledger()
	if len(l.DoubleAuthorisations)+len(l.DoubleOrders) != 0 || len(l.Payments) != 1 {
		t.Errorf("ledger: %+v", l)
	}
}

func TestAnAnswerCutOffIsSettledByTheNotification(t *testing.T) {
	w := begin(t, nil)
	w.sim.Fault(adyensim.Fault{Operation: "payments", Times: 1, After: true, Cut: true})
	for i, r := range []payment.Request{order(1), risky(2)} {
		w.sim.Fault(adyensim.Fault{Operation: "payments", Times: 1, After: true, Cut: true})
		p := w.pay(r)
		if i == 0 {
			w.becomes(p.ID, payment.Captured)
		} else if p = w.becomes(p.ID, payment.Held); p.Case == nil {
			t.Error("held without a case")
		}
	}
}

func TestAnAnswerNobodyBringsIsCancelledByReference(t *testing.T) {
	w := begin(t, nil)
	w.silence()
	w.sim.Fault(adyensim.Fault{Operation: "payments", Times: 1, After: true, Cut: true})
	p := w.pay(order(1))
	w.sim.Fault(adyensim.Fault{Operation: "payments", Times: 1, Cut: true})
	never := w.pay(order(2)) // cut before anything was done
	w.later(20 * time.Minute)
	w.eventually("the sweeper has asked for both", func() bool {
		return len(w.see(p.ID).Operations) == 1 && len(w.see(never.ID).Operations) == 1
	})
	w.hear()
	w.becomes(p.ID, payment.Cancelled)
	w.becomes(never.ID, payment.Failed)
	for _, q := range w.sim.Ledger().Payments {
		if q.Status != adyensim.StatusCancelled {
			t.Errorf("%s is %s at the provider", q.Reference, q.Status)
		}
	}
}

func TestNotificationsInAnyOrderAndTwiceConverge(t *testing.T) {
	w := begin(t, nil)
	w.sim.Fault(adyensim.Fault{DuplicateWebhooks: 3, ReorderWebhooks: true, BatchWebhooks: 4})
	var ids []string
	for i, number := range testCards {
		r := order(i)
		r.Method.Number = providers.Secret(number)
		ids = append(ids, w.pay(r).ID)
	}
	for _, id := range ids {
		p := w.becomes(id, payment.Captured)
		if len(p.Operations) != 1 || *p.Captured != p.Amount {
			t.Errorf("%s: %+v", id, p.Operations)
		}
	}
}

func TestACaptureThatFailsAfterAllLeadsBack(t *testing.T) {
	w := begin(t, nil)
	r := order(1)
	r.Method.HolderName = "capture failed"
	p := w.pay(r)
	w.eventually("the capture has failed", func() bool {
		p = w.see(p.ID)
		return len(p.Operations) == 1 && p.Operations[0].Status == payment.OpFailed
	})
	if p.Status != payment.Authorised || p.Captured != nil {
		t.Errorf("got %s, captured %v", p.Status, p.Captured)
	}
}
