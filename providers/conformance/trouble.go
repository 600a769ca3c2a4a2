package conformance

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"octroi/providers"
)

func deadline(t *testing.T, s Subject) {
	a := s.Authorisation()
	s.Trouble(Slow)
	ctx, cancel := context.WithTimeout(context.Background(), Patience)
	defer cancel()
	_, err := s.Provider.Authorise(ctx, a)
	doubt(t, "slow server", err, providers.OutcomeUnknown)
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("the error does not say that the deadline passed: %v", err)
	}
	s.Trouble(Calm)
	if r := settle(t, s, a); r.Status != providers.StatusAuthorised || s.Authorised(a.PaymentID) != 1 {
		t.Errorf("settled as %q with %d authorisations", r.Status, s.Authorised(a.PaymentID))
	}
}

func lostAnswers(t *testing.T, s Subject) {
	for _, trouble := range []Trouble{CutBefore, CutAfter, Failing, Garbage} {
		a := s.Authorisation()
		s.Trouble(trouble)
		// A transport may itself have tried again under the same key, and so have the answer.
		if _, err := s.Provider.Authorise(context.Background(), a); err != nil {
			doubt(t, "lost answer", err, providers.OutcomeUnknown)
		}
		s.Trouble(Calm)
		if r := settle(t, s, a); r.Status != providers.StatusAuthorised || s.Authorised(a.PaymentID) != 1 {
			t.Errorf("trouble %d settled as %q with %d authorisations", trouble, r.Status, s.Authorised(a.PaymentID))
		}
		m := modification(a, providers.Result{}, "cancel", 0)
		s.Trouble(trouble)
		if _, err := s.Provider.CancelByReference(context.Background(), m); err != nil {
			doubt(t, "lost receipt", err, providers.OutcomeUnknown)
		}
		s.Trouble(Calm)
	}
}

func notDone(t *testing.T, s Subject) {
	a := s.Authorisation()
	for _, trouble := range []Trouble{Overloaded, Unreachable} {
		s.Trouble(trouble)
		_, err := s.Provider.Authorise(context.Background(), a)
		doubt(t, "nothing was done", err, providers.NotDone)
		if n := s.Authorised(a.PaymentID); n != 0 {
			t.Errorf("trouble %d: %d authorisations", trouble, n)
		}
	}
	s.Trouble(Calm)
	if r := settle(t, s, a); r.Status != providers.StatusAuthorised {
		t.Errorf("the same key afterwards: %q", r.Status)
	}
}

func expiredContext(t *testing.T, s Subject) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	a := s.Authorisation()
	_, err := s.Provider.Authorise(ctx, a)
	doubt(t, "expired context", err, providers.NotDone)
	if !errors.Is(err, context.Canceled) || s.Authorised(a.PaymentID) != 0 {
		t.Errorf("expired context: %v, %d authorisations", err, s.Authorised(a.PaymentID))
	}
}

func badKeys(t *testing.T, s Subject) {
	for _, key := range []string{"", strings.Repeat("k", 65), "a\nb"} {
		a := s.Authorisation()
		a.IdempotencyKey = key
		_, err := s.Provider.Authorise(context.Background(), a)
		doubt(t, "bad key", err, providers.Rejected)
	}
	a := s.Authorisation()
	a.PaymentID = ""
	_, err := s.Provider.Authorise(context.Background(), a)
	doubt(t, "no payment id", err, providers.Rejected)
}

// notifications checks that reports are told apart, recognised again, and never believed when touched.
func notifications(t *testing.T, s Subject) {
	a, r := pay(t, s)
	if _, err := s.Provider.Capture(context.Background(), modification(a, r, "capture", a.Amount.Value)); err != nil {
		t.Fatalf("capture: %v", err)
	}
	seen := map[string]bool{}
	bodies := s.Reports()
	for _, body := range bodies {
		first, err := s.Read(body)
		if err != nil || len(first) == 0 {
			t.Fatalf("a report cannot be read: %v", err)
		}
		again, err := s.Read(body)
		if err != nil || again[0].ID != first[0].ID {
			t.Errorf("a second delivery has another id: %v", err)
		}
		for _, n := range first {
			if n.ID == "" || n.Code == "" || n.Account == "" || n.At.IsZero() || seen[n.ID] {
				t.Errorf("a report lacks an id of its own, a code, an account or a date: %+v", n)
			}
			seen[n.ID] = true
		}
	}
	if len(seen) < 2 {
		t.Fatalf("%d reports, want the authorisation and the capture", len(seen))
	}
	for _, body := range bodies {
		touched(t, s, body)
	}
	for _, garbage := range []string{"", "null", "[]", "{}", "<html>", `{"notificationItems":null}`, strings.Repeat("[", 10_000), strings.Repeat(" ", 1<<20)} {
		if ns, err := s.Read([]byte(garbage)); err == nil {
			t.Errorf("garbage %.20q was read as %d reports", garbage, len(ns))
		}
	}
}

// touched changes every digit of a report in turn: either it is refused, or nothing that moves money has changed.
func touched(t *testing.T, s Subject, body []byte) {
	t.Helper()
	whole, err := s.Read(body)
	if err != nil {
		t.Fatal(err)
	}
	for i, c := range body {
		if c < '0' || c > '9' {
			continue
		}
		forged := slices.Clone(body)
		forged[i] = '0' + (c-'0'+1)%10
		ns, err := s.Read(forged)
		if err != nil {
			continue
		}
		for j, n := range ns {
			w := whole[j]
			if n.Kind != w.Kind || n.Success != w.Success || n.Amount != w.Amount || n.PaymentID != w.PaymentID ||
				n.PaymentReference != w.PaymentReference || n.OperationID != w.OperationID || n.Account != w.Account {
				t.Errorf("a forged report was believed: %s", bytes.TrimSpace(forged[max(0, i-30):min(len(forged), i+30)]))
			}
		}
	}
}
