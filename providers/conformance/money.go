package conformance

import (
	"context"
	"sync"
	"testing"

	"octroi/providers"
)

func approval(t *testing.T, s Subject) {
	a, r := pay(t, s)
	if r.Reference == "" || r.Authorised != a.Amount || r.ExpiresAt.IsZero() || r.Refusal != nil || r.Action != nil {
		t.Errorf("approval lacks a reference, the amount or its expiry, or carries too much: %+v", r)
	}
	if r.Captured {
		t.Errorf("a card's money is taken before it is captured: %+v", r)
	}
	if len(r.Last4) != 4 || r.Brand == "" {
		t.Errorf("approval does not describe the card: %+v", r)
	}
	n := reported(t, s, providers.KindAuthorisation, a.PaymentID, "")
	if !n.Success || n.PaymentReference != r.Reference || n.Amount != a.Amount || n.Result == nil || n.Result.Status != r.Status {
		t.Errorf("the report disagrees with the answer: %+v", n)
	}
}

func refusals(t *testing.T, s Subject) {
	for _, code := range providers.RefusalCodes() {
		a, can := s.Refusal(s.Authorisation(), code)
		if !can {
			continue
		}
		r, err := s.Provider.Authorise(context.Background(), a)
		if err != nil || r.Status != providers.StatusRefused || r.Refusal == nil {
			t.Errorf("%s: %q, %v, want a refusal", code, r.Status, err)
			continue
		}
		if r.Refusal.Code != code || r.Refusal.Retry == "" {
			t.Errorf("%s: refused as %s, retry %q", code, r.Refusal.Code, r.Refusal.Retry)
		}
		if s.Authorised(a.PaymentID) != 0 {
			t.Errorf("%s: the server holds an authorisation", code)
		}
	}
}

func sameKey(t *testing.T, s Subject) {
	a, first := pay(t, s)
	again, err := s.Provider.Authorise(context.Background(), a)
	if err != nil || again.Reference != first.Reference || s.Authorised(a.PaymentID) != 1 {
		t.Errorf("the same key gave %q after %q (%v), %d authorisations", again.Reference, first.Reference, err, s.Authorised(a.PaymentID))
	}
}

func sameKeyAtOnce(t *testing.T, s Subject) {
	a := s.Authorisation()
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			r, err := s.Provider.Authorise(context.Background(), a)
			if err == nil && r.Status != providers.StatusAuthorised || err != nil && providers.DoubtOf(err) != providers.OutcomeUnknown {
				t.Errorf("concurrent call: %q, %v", r.Status, err)
			}
		})
	}
	wg.Wait()
	if settle(t, s, a); s.Authorised(a.PaymentID) != 1 {
		t.Errorf("%d authorisations under one key", s.Authorised(a.PaymentID))
	}
}

func capture(t *testing.T, s Subject) {
	a, r := pay(t, s)
	m := modification(a, r, "capture", a.Amount.Value)
	got := received(t, s.Provider.Capture, m)
	n := reported(t, s, providers.KindCapture, a.PaymentID, m.OperationID)
	if !n.Success || n.PaymentReference != r.Reference || n.ModificationReference != got.Reference || n.Amount != a.Amount {
		t.Errorf("report of the capture: %+v", n)
	}
}

// modify is one of the provider's modifications.
type modify = func(context.Context, providers.Modification) (providers.Receipt, error)

// received asks for a modification twice and expects the same receipt.
func received(t *testing.T, call modify, m providers.Modification) providers.Receipt {
	t.Helper()
	got, err := call(context.Background(), m)
	if err != nil || got.Reference == "" {
		t.Fatalf("%s: %+v, %v", m.OperationID, got, err)
	}
	again, err := call(context.Background(), m)
	if err != nil || again != got {
		t.Errorf("the same operation gave %+v after %+v (%v)", again, got, err)
	}
	return got
}

func partialCaptures(t *testing.T, s Subject) {
	a, r := pay(t, s)
	for _, m := range []providers.Modification{modification(a, r, "capture1", a.Amount.Value-10), modification(a, r, "capture2", 10)} {
		if _, err := s.Provider.Capture(context.Background(), m); err != nil {
			t.Fatalf("partial capture: %v", err)
		}
		if n := reported(t, s, providers.KindCapture, a.PaymentID, m.OperationID); n.Amount != m.Amount {
			t.Errorf("report of a partial capture: %+v", n)
		}
	}
	rejectedOrFailed(t, s, s.Provider.Capture, modification(a, r, "capture3", 1), providers.KindCaptureFailed)
}

func cancel(t *testing.T, s Subject) {
	a, r := pay(t, s)
	m := modification(a, r, "cancel", 0)
	got, err := s.Provider.Cancel(context.Background(), m)
	if err != nil {
		t.Fatalf("cancel: %v", err)
	}
	n := reported(t, s, providers.KindCancellation, a.PaymentID, m.OperationID)
	if !n.Success || n.PaymentReference != r.Reference || n.ModificationReference != got.Reference {
		t.Errorf("report of the cancellation: %+v", n)
	}
}

func refund(t *testing.T, s Subject) {
	a, r := pay(t, s)
	if _, err := s.Provider.Capture(context.Background(), modification(a, r, "capture", a.Amount.Value)); err != nil {
		t.Fatalf("capture: %v", err)
	}
	part := modification(a, r, "refund", a.Amount.Value-1)
	if _, err := s.Provider.Refund(context.Background(), part); err != nil {
		t.Fatalf("refund: %v", err)
	}
	if n := reported(t, s, providers.KindRefund, a.PaymentID, part.OperationID); !n.Success || n.Amount != part.Amount {
		t.Errorf("report of the refund: %+v", n)
	}
	rejectedOrFailed(t, s, s.Provider.Refund, modification(a, r, "refund2", 2), providers.KindRefundFailed)
}

func cancelByReference(t *testing.T, s Subject) {
	a := s.Authorisation()
	s.Trouble(CutAfter)
	if _, err := s.Provider.Authorise(context.Background(), a); err != nil {
		doubt(t, "cut connection", err, providers.OutcomeUnknown)
	}
	s.Trouble(Calm)
	m := modification(a, providers.Result{}, "cancel", 0)
	if _, err := s.Provider.CancelByReference(context.Background(), m); err != nil {
		t.Fatalf("cancel by reference: %v", err)
	}
	if n := reported(t, s, providers.KindCancellation, a.PaymentID, m.OperationID); !n.Success {
		t.Errorf("report of the cancellation: %+v", n)
	}
}

func unknownPayment(t *testing.T, s Subject) {
	m := modification(s.Authorisation(), providers.Result{Reference: "NOSUCHPAYMENT234"}, "operation", 100)
	for name, call := range map[string]modify{
		"capture": s.Provider.Capture, "cancel": s.Provider.Cancel, "refund": s.Provider.Refund, "reverse": s.Provider.Reverse} {
		m.OperationID = m.PaymentID + "-" + name
		_, err := call(context.Background(), m)
		doubt(t, name, err, providers.Rejected)
	}
}
