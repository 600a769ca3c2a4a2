package conformance

import (
	"context"
	"testing"

	"octroi/providers"
)

// by is a payment by another method than a card.
func by(s Subject, m providers.Method) providers.Authorisation {
	a := s.Authorisation()
	a.Method, a.Card = m, providers.Card{}
	return a
}

func otherMethods(t *testing.T, s Subject) {
	for _, m := range s.Methods {
		a := by(s, m)
		r, _ := walked(t, s, a, Agrees)
		approvedBy(t, s, a, r)
		if !r.Captured || !r.ExpiresAt.IsZero() || r.Brand != string(m) {
			t.Errorf("%s: %+v, want the money taken, with nothing left to lapse", m, r)
		}
		part := modification(a, r, "refund", 10)
		if _, err := s.Provider.Refund(context.Background(), part); err != nil {
			t.Fatalf("%s: refund: %v", m, err)
		}
		if n := reported(t, s, providers.KindRefund, a.PaymentID, part.OperationID); !n.Success || n.Amount != part.Amount || n.PaymentReference != r.Reference {
			t.Errorf("%s: report of a refund: %+v", m, n)
		}
		whole := by(s, m)
		r, _ = walked(t, s, whole, Agrees)
		reversed(t, s, whole, r)
	}
}

func otherMethodsRefuse(t *testing.T, s Subject) {
	for _, m := range s.Methods {
		a := by(s, m)
		r, _ := walked(t, s, a, Refuses)
		if r.Status != providers.StatusRefused && r.Status != providers.StatusCancelled || r.Captured || s.Authorised(a.PaymentID) != 0 {
			t.Errorf("%s: %+v, %d authorisations", m, r, s.Authorised(a.PaymentID))
		}
	}
}

func unknownMethod(t *testing.T, s Subject) {
	a := by(s, "no such method")
	_, err := s.Provider.Authorise(context.Background(), a)
	doubt(t, "no such method", err, providers.Rejected)
}

// reversed gives a whole payment back and expects that this is received and then reported done.
func reversed(t *testing.T, s Subject, a providers.Authorisation, r providers.Result) {
	t.Helper()
	m := modification(a, r, "reverse", 0)
	got := received(t, s.Provider.Reverse, m)
	n := reported(t, s, providers.KindReversal, a.PaymentID, m.OperationID)
	if !n.Success || n.PaymentReference != r.Reference || n.ModificationReference != got.Reference {
		t.Errorf("report of the reversal: %+v", n)
	}
}

// rejectedOrFailed expects that a modification is refused at once, or reported as failed.
func rejectedOrFailed(t *testing.T, s Subject, call modify, m providers.Modification, kind providers.NotificationKind) {
	t.Helper()
	if _, err := call(context.Background(), m); err != nil {
		doubt(t, m.OperationID, err, providers.Rejected)
		return
	}
	reported(t, s, kind, m.PaymentID, m.OperationID)
}

func reversalOfAuthorised(t *testing.T, s Subject) {
	a, r := pay(t, s)
	reversed(t, s, a, r)
	rejectedOrFailed(t, s, s.Provider.Capture, modification(a, r, "capture", a.Amount.Value), providers.KindCaptureFailed)
}

func reversalOfCaptured(t *testing.T, s Subject) {
	a, r := pay(t, s)
	if _, err := s.Provider.Capture(context.Background(), modification(a, r, "capture", a.Amount.Value)); err != nil {
		t.Fatalf("capture: %v", err)
	}
	reversed(t, s, a, r)
	rejectedOrFailed(t, s, s.Provider.Refund, modification(a, r, "refund", 1), providers.KindRefundFailed)
}
