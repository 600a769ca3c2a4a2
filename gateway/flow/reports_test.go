package flow_test

import (
	"fmt"
	"slices"
	"testing"

	"octroi/gateway/flow"
	"octroi/gateway/hold"
	"octroi/gateway/payment"
	"octroi/providers"
	"octroi/providers/adyensim"
	"octroi/risk"
)

// permutations are all orders of n things.
func permutations(n int) (all [][]int) {
	if n == 0 {
		return [][]int{nil}
	}
	for _, shorter := range permutations(n - 1) {
		for at := range n {
			all = append(all, slices.Insert(slices.Clone(shorter), at, n-1))
		}
	}
	return all
}

// captured is a payment that has been captured.
func (w *world) captured(number int) payment.Payment {
	w.t.Helper()
	return w.becomes(w.pay(order(number)).ID, payment.Captured)
}

// happens lets something happen at the provider and waits until it has been told.
func (w *world) happens(p payment.Payment, c adyensim.Control) payment.Payment {
	w.t.Helper()
	_, err := w.sim.Happen(p.ID, c)
	check(w.t, err)
	w.settled()
	return w.see(p.ID)
}

func TestDisputesEndAlikeInWhateverOrderTheyAreTold(t *testing.T) {
	w, _ := wired(t, nil) // whose policy forgets chargebacks
	number := 0
	for _, c := range []struct {
		told   []providers.NotificationKind
		status payment.Status
		stands payment.DisputeStatus
	}{
		{[]providers.NotificationKind{providers.KindDispute}, payment.Captured, payment.DisputeOpen},
		{[]providers.NotificationKind{providers.KindDispute, providers.KindChargeback}, payment.ChargedBack, payment.DisputeChargedBack},
		{[]providers.NotificationKind{providers.KindChargeback, providers.KindChargebackWon}, payment.Captured, payment.DisputeWon},
		{[]providers.NotificationKind{providers.KindChargeback, providers.KindChargebackWon, providers.KindChargeback}, payment.ChargedBack, payment.DisputeChargedBack},
	} {
		for _, order := range permutations(len(c.told)) {
			number++
			p := w.captured(number)
			for _, i := range order {
				w.report(providers.Notification{ID: fmt.Sprint(p.ID, i), Kind: c.told[i], PaymentID: p.ID, Success: true, Amount: p.Amount})
			}
			if got := w.see(p.ID); got.Status != c.status || got.Dispute.Status != c.stands {
				t.Errorf("%v in the order %v: %s, %+v", c.told, order, got.Status, got.Dispute)
			}
		}
	}
}

func TestACaptureEndsAlikeInWhateverOrderItsReportsCome(t *testing.T) {
	w := begin(t, nil)
	for i, order := range permutations(3) {
		r := risky(i)
		r.Order.Reference = fmt.Sprintf("C-%d", i)
		p := w.pay(r)
		reports := []providers.Notification{{Kind: providers.KindCapture}, {Kind: providers.KindCaptureFailed}, {Kind: providers.KindCapture}}
		for _, n := range order {
			n, report := n, reports[n]
			report.ID, report.PaymentID, report.ModificationReference = fmt.Sprint(p.ID, n), p.ID, "CAP"+fmt.Sprint(i)
			report.Success, report.Amount = true, p.Amount
			w.report(report)
		}
		if got := w.see(p.ID); got.Status != payment.Captured || *got.Captured != p.Amount || len(got.Operations) != 1 {
			t.Errorf("captured, failed, captured again, told in the order %v: %s %+v", order, got.Status, got.Operations)
		}
	}
}

func TestACaptureThatNeverCameAboutAndIsMadeAnewCounts(t *testing.T) {
	w := begin(t, nil)
	p := w.pay(risky(1))
	for i, kind := range []providers.NotificationKind{providers.KindCaptureFailed, providers.KindCapture} {
		w.report(providers.Notification{ID: fmt.Sprint(i), Kind: kind, PaymentID: p.ID, ModificationReference: "CAP", Success: kind == providers.KindCapture, Amount: p.Amount})
	}
	if got := w.see(p.ID); got.Status != payment.Captured {
		t.Errorf("got %s", got.Status)
	}
}

func TestACaptureThatFailsIsToldAndRaisesTheAlarm(t *testing.T) {
	w := begin(t, nil)
	p := w.captured(1)
	p = w.happens(p, adyensim.Control{Event: "CAPTURE_FAILED"})
	if p.Status != payment.Authorised || p.Captured != nil || p.Operations[0].Status != payment.OpFailed {
		t.Errorf("%s %v %+v", p.Status, p.Captured, p.Operations)
	}
	if !w.told("payment.capture_failed", p.ID) || w.counted("octroi_operations_failed_total", "capture") != 1 {
		t.Errorf("told %v, alarm %v", w.webhooks(p.ID), w.counted("octroi_operations_failed_total", "capture"))
	}
	check(t, w.operate("again", p.ID, payment.OpCapture, 0))
	w.becomes(p.ID, payment.Captured)
}

func TestARefundThatComesBackIsUndone(t *testing.T) {
	for _, event := range []string{"REFUND_FAILED", "REFUNDED_REVERSED"} {
		w := begin(t, nil)
		p := w.captured(1)
		check(t, w.operate("r", p.ID, payment.OpRefund, 5000))
		w.becomes(p.ID, payment.PartiallyRefunded)
		p = w.happens(p, adyensim.Control{Event: event})
		if p.Status != payment.Captured || p.Refunded != nil || p.Operations[1].Status != payment.OpFailed || !w.told("payment.refund_failed", p.ID) {
			t.Errorf("%s: %s, refunded %v, %+v, told %v", event, p.Status, p.Refunded, p.Operations, w.webhooks(p.ID))
		}
		check(t, w.operate("again", p.ID, payment.OpRefund, 0))
		w.becomes(p.ID, payment.Refunded)
	}
}

func TestAnOperationThatTheProviderWillNotDoIsTold(t *testing.T) {
	w, x := wired(t, nil)
	w.silence()
	x.lose(from("/payments", 1, lostBefore))
	p := w.pay(order(1))
	w.report(providers.Notification{ID: "a", Kind: providers.KindAuthorisation, PaymentID: p.ID, PaymentReference: "NOSUCHPAYMENT000", Success: true, Amount: p.Amount})
	w.eventually("the shop is told", func() bool { return w.told("payment.capture_failed", p.ID) })
	if n := w.counted("octroi_operations_failed_total", "capture"); n != 1 {
		t.Errorf("%v alarms", n)
	}
}

func TestAReversalIsACancelOrARefundByWhatWasCaptured(t *testing.T) {
	w := begin(t, nil)
	held, taken := w.pay(risky(1)), w.captured(2)
	for _, p := range []payment.Payment{held, taken} {
		w.report(providers.Notification{ID: p.ID, Kind: providers.KindReversal, PaymentReference: p.Authorisation.Reference,
			ModificationReference: "REV" + p.ID, Success: true, Amount: p.Amount})
	}
	if got := w.see(held.ID); got.Status != payment.Cancelled || got.Case.Status != string(hold.Expired) {
		t.Errorf("a held payment: %s %+v", got.Status, got.Case)
	}
	if got := w.see(taken.ID); got.Status != payment.Refunded || *got.Refunded != got.Amount {
		t.Errorf("a captured payment: %s %v", got.Status, got.Refunded)
	}
}

func TestTheRestOfAPartialCaptureExpiresAndTheShopIsTold(t *testing.T) {
	w := begin(t, nil)
	p := w.pay(byHand(1))
	check(t, w.operate("c", p.ID, payment.OpCapture, 5000))
	p = w.becomes(p.ID, payment.PartiallyCaptured)
	until := p.Authorisation.ExpiresAt
	p = w.happens(p, adyensim.Control{Event: "EXPIRE"})
	if p.Status != payment.PartiallyCaptured || !p.Authorisation.ExpiresAt.Before(until) || !w.told("payment.expired", p.ID) {
		t.Errorf("%s, expires %v, told %v", p.Status, p.Authorisation.ExpiresAt, w.webhooks(p.ID))
	}
}

func TestAnAdjustedAuthorisationHasItsNewAmount(t *testing.T) {
	w := begin(t, nil)
	p := w.pay(byHand(1))
	adjust := func(id string, a providers.Amount, success bool) {
		w.report(providers.Notification{ID: id, Kind: providers.KindAdjusted, PaymentID: p.ID, Success: success, Amount: a})
	}
	adjust("refused", providers.Amount{Value: 99900, Currency: "EUR"}, false)
	adjust("foreign", providers.Amount{Value: 99900, Currency: "USD"}, true)
	if got := w.see(p.ID).Amount; got != p.Amount {
		t.Errorf("got %v", got)
	}
	adjust("less", providers.Amount{Value: 9000, Currency: "EUR"}, true)
	check(t, w.operate("c", p.ID, payment.OpCapture, 0))
	if got := w.becomes(p.ID, payment.Captured); got.Captured.Value != 9000 {
		t.Errorf("captured %v", got.Captured)
	}
}

func TestDisputesAndReportsOfFraudReachTheHistoriesAndTheShop(t *testing.T) {
	w := begin(t, nil)
	p := w.captured(1)
	w.happens(p, adyensim.Control{Event: "NOTIFICATION_OF_FRAUD"})
	w.happens(p, adyensim.Control{Event: "NOTIFICATION_OF_CHARGEBACK"})
	p = w.happens(p, adyensim.Control{Event: "CHARGEBACK"})
	if p.Status != payment.ChargedBack {
		t.Fatalf("got %s", p.Status)
	}
	p = w.happens(p, adyensim.Control{Event: "CHARGEBACK_REVERSED"})
	if p.Status != payment.Captured || p.Dispute.Status != payment.DisputeWon {
		t.Errorf("%s %+v", p.Status, p.Dispute)
	}
	for _, event := range []string{"payment.fraud_reported", "payment.disputed", "payment.charged_back", "payment.chargeback_reversed"} {
		if !w.told(event, p.ID) {
			t.Errorf("the shop was not told of %s: %v", event, w.webhooks(p.ID))
		}
	}
	w.eventually("the histories are up to date", func() bool { return w.waiting() == 0 })
	f := p.Facts(w.now())
	f.ID, f.Card.Fingerprint, f.Buyer.ID = "next", "", "cust_1"
	h, err := w.flow.Velocity.Observe(t.Context(), "demo", f.Attempt())
	check(t, err)
	for _, kind := range []risk.EventKind{risk.EventDispute, risk.EventFraudReport, risk.EventChargeback} {
		if got := h.Count(risk.EntityCustomer, risk.Event{Kind: kind}, 24*3600e9); got.Value != 1 {
			t.Errorf("%s: %+v", kind, got)
		}
	}
}

func TestAFraudReportOnAHeldPaymentIsBeforeItsAnalyst(t *testing.T) {
	w := begin(t, nil)
	p := w.pay(risky(1))
	w.happens(p, adyensim.Control{Event: "NOTIFICATION_OF_FRAUD"})
	snap, err := w.store.Case(t.Context(), p.Case.ID)
	check(t, err)
	if !heard(*snap.Case, "fraud_reported") || !snap.Case.Status.Open() {
		t.Errorf("%s %+v", snap.Case.Status, snap.Case.Events)
	}
}

func heard(c hold.Case, what string) bool {
	return slices.ContainsFunc(c.Events, func(e hold.Event) bool { return e.Type == what && e.Actor == hold.ActorProvider })
}

func TestAProviderThatDoesNotAnswerShowsInAnswerAndMetric(t *testing.T) {
	w, x := wired(t, nil)
	w.silence()
	x.lose(from("/payments", 1, lostAfter))
	p := w.pay(order(1))
	if p.Status != payment.Pending || !slices.Equal(p.Decision.Degraded, []string{"provider_unavailable"}) {
		t.Errorf("%s %v", p.Status, p.Decision.Degraded)
	}
	if w.counted("octroi_degraded", "provider") != 1 {
		t.Error("the metric does not say so")
	}
	past, err := w.store.Decisions(t.Context(), p.ID)
	check(t, err)
	if len(past) != 1 || len(past[0].Decision.Degraded) != 0 {
		t.Errorf("the recorded decision depends on the provider: %+v", past)
	}
	if again, err := flow.Replay(w.flow.Policy("demo"), past[0].Recorded); err != nil || again.Outcome != past[0].Decision.Outcome {
		t.Errorf("%v %+v", err, again)
	}
	x.lose(nil)
	w.hear()
	if p = w.becomes(p.ID, payment.Captured); len(p.Decision.Degraded) != 0 || w.counted("octroi_degraded", "provider") != 0 {
		t.Errorf("once it answers: %v", p.Decision.Degraded)
	}
}
