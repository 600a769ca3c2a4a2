package flow_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"octroi/gateway/hold"
	"octroi/gateway/payment"
	"octroi/gateway/store"
	"octroi/providers"
)

func TestAHeldParcelIsReleasedWithItsMoneyWhereItIs(t *testing.T) {
	w, x := wired(t, everyMeans)
	for i, m := range wallets {
		p := w.pay(by(m, risky(i)))
		p = w.finishes(p, w.acts(p, "pay"))
		if p.Status != payment.Held || p.Captured == nil || *p.Captured != p.Amount || p.Case == nil || p.Case.ProofURL == "" {
			t.Fatalf("%s: %s %+v %+v", m, p.Status, p.Captured, p.Case)
		}
		within := hold.DefaultTerms().Window[""]
		if m == payment.MeansPayPal {
			within = 48 * time.Hour
		}
		if got := p.Case.DecideBy.Sub(p.UpdatedAt); got != within {
			t.Errorf("%s: to be decided within %v", m, got)
		}
		w.settled()
		if got := w.see(p.ID); got.Status != payment.Held || got.Case.Status != string(hold.AwaitingProof) {
			t.Fatalf("%s, once all is told: %s %+v", m, got.Status, got.Case)
		}
		_, err := w.flow.Approve(t.Context(), analyst, p.Case.ID, "fine")
		check(t, err)
		if got := w.see(p.ID); got.Status != payment.Captured || len(got.Operations) != 1 {
			t.Errorf("%s released: %s %+v", m, got.Status, got.Operations)
		}
		if got := w.webhooks(p.ID); !slices.Equal(got, []string{"payment.held", "payment.released"}) {
			t.Errorf("%s: the shop was told %v", m, got)
		}
		if m, ok := w.mailed(store.MailProofRequest, p.ID); !ok || !m.Taken {
			t.Errorf("the buyer was not told that the money is taken: %+v", m)
		}
	}
	if n := len(x.on("/payments")); n != len(wallets) {
		t.Errorf("%d payments", n)
	}
}

func TestARejectedParcelIsRefundedWholeAndTheBuyerToldSo(t *testing.T) {
	w, x := wired(t, everyMeans)
	for i, m := range wallets {
		p := w.pay(by(m, risky(i)))
		p = w.finishes(p, w.acts(p, "pay"))
		_, err := w.flow.Reject(t.Context(), analyst, p.Case.ID, "not theirs")
		check(t, err)
		p = w.becomes(p.ID, payment.Refunded)
		if p.Refunded == nil || *p.Refunded != p.Amount || p.Case.Status != string(hold.Rejected) {
			t.Errorf("%s: %+v %+v", m, p.Refunded, p.Case)
		}
		if captured, refunded := w.account(p.ID); captured != p.Amount.Value || refunded != captured {
			t.Errorf("%s: the provider took %d and gave back %d", m, captured, refunded)
		}
		if !w.told("payment.refunded", p.ID) {
			t.Error("the shop was not told of the refund")
		}
		rejected, _ := w.mailed(store.MailRejected, p.ID)
		refunded, ok := w.mailed(store.MailRefunded, p.ID)
		if !rejected.Taken || !ok || refunded.Refunded != p.Amount || refunded.Method != providers.Method(m) {
			t.Errorf("%s: mails %+v %+v", m, rejected, refunded)
		}
	}
	refunds := 0
	for _, q := range x.sent {
		if strings.HasSuffix(q.path, "/refunds") {
			refunds++
		}
		if strings.HasSuffix(q.path, "/cancels") {
			t.Errorf("a cancel was sent: %s", q.path)
		}
	}
	if refunds != len(wallets) {
		t.Errorf("%d refunds for %d payments", refunds, len(wallets))
	}
}

func TestAHeldParcelThatNobodyDecidesOnIsRefunded(t *testing.T) {
	w, _ := wired(t, everyMeans)
	p := w.pay(by(payment.MeansPayPal, risky(1)))
	p = w.finishes(p, w.acts(p, "pay"))
	w.later(48*time.Hour + time.Minute)
	p = w.becomes(p.ID, payment.Refunded)
	if p.Case.Status != string(hold.Expired) {
		t.Errorf("the case is %s", p.Case.Status)
	}
	if m, ok := w.mailed(store.MailExpired, p.ID); !ok || !m.Taken {
		t.Errorf("the buyer's mail: %+v", m)
	}
}

func TestAShopThatCancelsAHeldParcelGivesTheMoneyBack(t *testing.T) {
	w, _ := wired(t, everyMeans)
	p := w.pay(by(payment.MeansAlma, risky(1)))
	p = w.finishes(p, w.acts(p, "pay"))
	check(t, w.operate("part", p.ID, payment.OpRefund, 1000))
	w.eventually("the part is given back", func() bool { return w.see(p.ID).Refunded != nil })
	if got := w.see(p.ID); got.Status != payment.Held || got.Case.Status != string(hold.AwaitingProof) || got.Refunded.Value != 1000 {
		t.Fatalf("after a part: %s %+v %+v", got.Status, got.Case, got.Refunded)
	}
	check(t, w.operate("all", p.ID, payment.OpCancel, 0))
	if err := w.operate("again", p.ID, payment.OpCancel, 0); payment.CodeOf(err) != payment.CodeWrongState {
		t.Errorf("a second cancel: %v", err)
	}
	p = w.becomes(p.ID, payment.Refunded)
	if p.Case.Status != string(hold.Expired) || *p.Refunded != p.Amount {
		t.Errorf("%+v %+v", p.Case, p.Refunded)
	}
	if _, refunded := w.account(p.ID); refunded != p.Amount.Value {
		t.Errorf("the provider gave back %d", refunded)
	}
}
