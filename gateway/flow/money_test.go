package flow_test

import (
	"cmp"
	"testing"
	"time"

	"octroi/gateway/flow"
	"octroi/gateway/hold"
	"octroi/gateway/payment"
	"octroi/gateway/store"
	"octroi/providers"
	"octroi/providers/adyensim"
)

// report hands the gateway notifications as the provider's adapter would, of the shop's own account where one names none,
// and waits until they are carried out.
func (w *world) report(ns ...providers.Notification) {
	w.t.Helper()
	for i := range ns {
		ns[i].Account = cmp.Or(ns[i].Account, "DemoFR")
	}
	check(w.t, w.flow.Notified(w.t.Context(), "adyen", ns))
	w.eventually("the reports are carried out", func() bool {
		counts, err := w.store.Counts(w.t.Context())
		check(w.t, err)
		return counts.Notifications == 0
	})
}

// captures is how many captures of a payment the provider has seen.
func (w *world) captures(id string) (n int) {
	for _, p := range w.sim.Ledger().Payments {
		for _, m := range p.Modifications {
			if p.Reference == id && m.Kind == adyensim.Captures {
				n++
			}
		}
	}
	return n
}

func TestTwoReportsOfOneAuthorisationCaptureOnce(t *testing.T) {
	w := begin(t, nil)
	w.silence()
	w.sim.Fault(adyensim.Fault{Operation: "payments", Times: 1, After: true, Cut: true})
	p := w.pay(order(1))
	psp := w.sim.Ledger().Payments[0].PSPReference
	authorised := providers.Notification{Kind: providers.KindAuthorisation, Code: "AUTHORISATION", PaymentID: p.ID, PaymentReference: psp, Success: true}
	again := authorised
	authorised.ID, again.ID = "a", "b"
	w.report(authorised, again)
	w.hear()
	w.becomes(p.ID, payment.Captured)
	if n, ops := w.captures(p.ID), w.see(p.ID).Operations; n != 1 || len(ops) != 1 {
		t.Errorf("%d captures at the provider, operations %+v", n, ops)
	}
}

func TestARetryThatCannotConnectDoesNotFreeTheOrder(t *testing.T) {
	w := begin(t, nil)
	w.silence()
	w.sim.Fault(adyensim.Fault{Operation: "payments", Times: 1, After: true, Cut: true})
	p := w.pay(order(1))
	w.api.Close() // from now on nobody answers at the provider's address
	again, _, err := w.flow.Authorise(t.Context(), w.call("key-A-1"), order(1))
	check(t, err)
	if again.ID != p.ID || again.Status != payment.Pending {
		t.Fatalf("after a retry that certainly did nothing: %s", again.Status)
	}
	if _, _, err := w.flow.Authorise(t.Context(), w.call("new key"), order(1)); payment.CodeOf(err) != payment.CodeOrderLive {
		t.Errorf("the order may be paid twice: %v", err)
	}
}

func TestACaseWhosePaymentWasCapturedElsewhereIsClosed(t *testing.T) {
	w := begin(t, nil)
	p := w.pay(risky(1))
	w.report(providers.Notification{ID: "c", Kind: providers.KindCapture, Code: "CAPTURE", PaymentReference: p.Authorisation.Reference,
		ModificationReference: "BACKOFFICE1", Success: true, Amount: p.Amount})
	got := w.becomes(p.ID, payment.Captured)
	if got.Case.Status != string(hold.Expired) {
		t.Errorf("case %s", got.Case.Status)
	}
	for name, err := range map[string]error{
		"approve": second(w.flow.Approve(t.Context(), analyst, p.Case.ID, "")),
		"reject":  second(w.flow.Reject(t.Context(), analyst, p.Case.ID, "no")),
	} {
		if payment.CodeOf(err) != payment.CodeWrongState {
			t.Errorf("%s: %v", name, err)
		}
	}
	if n := w.captures(p.ID); n != 0 {
		t.Errorf("%d captures of our own", n)
	}
}

func second[T any](_ T, err error) error { return err }

func TestAWrongKeyAtTheProviderLosesNoOperation(t *testing.T) {
	t.Parallel() // it waits more than it works
	w := begin(t, nil)
	w.sim.Fault(adyensim.Fault{Operation: "captures", Times: 2, Status: 401})
	w.becomes(w.pay(order(1)).ID, payment.Captured)
}

func TestTheRestOfAPartialCaptureMayExpireAndTheRestBeRefunded(t *testing.T) {
	w := begin(t, nil)
	p := w.pay(byHand(1))
	check(t, w.operate("c", p.ID, payment.OpCapture, 5000))
	w.becomes(p.ID, payment.PartiallyCaptured)
	w.report(providers.Notification{ID: "e", Kind: providers.KindExpired, Code: "EXPIRE", PaymentReference: p.Authorisation.Reference, Success: true})
	if got := w.see(p.ID).Status; got != payment.PartiallyCaptured {
		t.Fatalf("got %s", got)
	}
	check(t, w.operate("r", p.ID, payment.OpRefund, 0))
	w.becomes(p.ID, payment.Refunded)
}

func TestAnAnswerAfterTheSweepIsNeverReleased(t *testing.T) {
	w := begin(t, nil)
	w.silence()
	w.sim.Fault(adyensim.Fault{Operation: "payments", Times: 1, After: true, Cut: true})
	p := w.pay(order(1))
	w.later(20 * time.Minute)
	w.eventually("it is swept", func() bool { return len(w.see(p.ID).Operations) == 1 })
	w.later(2 * time.Hour) // the report of the cancel is lost
	got, _, err := w.flow.Authorise(t.Context(), w.call("key-A-1"), order(1))
	check(t, err)
	if got.Status != payment.Cancelled {
		t.Errorf("got %s", got.Status)
	}
	w.hear()
	if n := w.captures(p.ID); n != 0 {
		t.Errorf("%d captures", n)
	}
}

func TestAFailedRefundStaysFailedWhateverComesLate(t *testing.T) {
	w := begin(t, nil)
	p := w.becomes(w.pay(order(1)).ID, payment.Captured)
	w.silence()
	check(t, w.operate("r", p.ID, payment.OpRefund, 0))
	w.eventually("the refund is sent", func() bool {
		ops := w.see(p.ID).Operations
		return ops[len(ops)-1].Status == payment.OpSent
	})
	ops := w.see(p.ID).Operations
	r := providers.Notification{ID: "f", Kind: providers.KindRefundFailed, Code: "REFUND_FAILED", PaymentID: p.ID, Success: true,
		OperationID: ops[len(ops)-1].ID, PaymentReference: p.Authorisation.Reference, Amount: p.Amount}
	late := r
	late.ID, late.Kind, late.Code = "r", providers.KindRefund, "REFUND"
	w.report(r)
	w.report(late)
	if got := w.see(p.ID); got.Status != payment.Captured || got.Refunded != nil {
		t.Errorf("got %s, refunded %v", got.Status, got.Refunded)
	}
}

func TestARefundThatWaitedIsNotSentAfterAChargeback(t *testing.T) {
	w := begin(t, nil)
	p := w.becomes(w.pay(order(1)).ID, payment.Captured)
	w.sim.Fault(adyensim.Fault{Operation: "refunds", Status: 503})
	check(t, w.operate("r", p.ID, payment.OpRefund, 0))
	w.report(providers.Notification{ID: "cb", Kind: providers.KindChargeback, Code: "CHARGEBACK", PaymentReference: p.Authorisation.Reference, Success: true})
	w.becomes(p.ID, payment.ChargedBack)
	w.sim.Fault(adyensim.Fault{})
	w.later(time.Hour)
	w.eventually("the refund is given up", func() bool {
		ops := w.see(p.ID).Operations
		return ops[len(ops)-1].Status == payment.OpFailed
	})
	for _, m := range w.sim.Ledger().Payments[0].Modifications {
		if m.Kind == adyensim.Refunds && m.Success {
			t.Errorf("refunded after the chargeback: %+v", m)
		}
	}
}

func TestAReportThatBelongsToNoPaymentIsSettled(t *testing.T) {
	w := begin(t, nil)
	w.report(providers.Notification{ID: "report", Kind: providers.KindInformation, Code: "REPORT_AVAILABLE", PaymentReference: "NONE", Success: true})
	check(t, w.flow.Notified(t.Context(), "adyen", []providers.Notification{{ID: "stray", Kind: providers.KindCapture, Code: "CAPTURE", PaymentReference: "NONE", Success: true}}))
	w.later(8 * 24 * time.Hour)
	w.report()
}

func TestAReportOfAnotherAccountMovesNothing(t *testing.T) {
	w := begin(t, nil)
	p := w.pay(risky(1))
	w.report(providers.Notification{ID: "elsewhere", Kind: providers.KindCapture, Code: "CAPTURE", Account: "AnotherAccount", PaymentID: p.ID,
		PaymentReference: p.Authorisation.Reference, Success: true, Amount: p.Amount})
	if got := w.see(p.ID); got.Status != payment.Held || got.Captured != nil {
		t.Errorf("a report of another account made it %s, %v taken", got.Status, got.Captured)
	}
}

func TestNothingCapturedCannotBeChargedBack(t *testing.T) {
	w := begin(t, nil)
	p := w.pay(risky(1))
	if _, err := w.flow.PaymentHappened(t.Context(), "demo", p.ID, flow.Happening{Type: "chargeback"}); payment.CodeOf(err) != payment.CodeWrongState {
		t.Errorf("a held payment: %v", err)
	}
	if _, err := w.flow.PaymentHappened(t.Context(), "demo", p.ID, flow.Happening{Type: "claim", At: p.CreatedAt.Add(-time.Hour)}); payment.CodeOf(err) != payment.CodeInvalid {
		t.Errorf("before the payment: %v", err)
	}
	_, err := w.flow.Reject(t.Context(), analyst, p.Case.ID, "no")
	check(t, err)
	w.becomes(p.ID, payment.Cancelled)
}

func TestAnEntryOnAListMeansEverySpelling(t *testing.T) {
	w := begin(t, nil)
	senior := store.User{Name: "ben", Role: store.RoleSenior}
	check(t, w.flow.PutListEntry(t.Context(), senior, store.ListEntry{List: "blocked_emails", Value: "J.Doe+x@gmail.com"}))
	check(t, w.flow.PutListEntry(t.Context(), senior, store.ListEntry{List: "blocked_ips", Value: "80.1.2.3"}))
	a, b := order(1), order(2)
	a.Buyer.Email, b.Buyer.IP = "jdoe+other@googlemail.com", "::ffff:80.1.2.3"
	for _, r := range []payment.Request{a, b} {
		if p := w.pay(r); p.Status != payment.Declined {
			t.Errorf("%s %s: %s", r.Buyer.Email, r.Buyer.IP, p.Status)
		}
	}
	err := w.flow.PutListEntry(t.Context(), senior, store.ListEntry{List: "blocked_email", Value: "a@example.org"})
	if payment.CodeOf(err) != payment.CodeInvalid {
		t.Errorf("a list that nobody asks for: %v", err)
	}
}
