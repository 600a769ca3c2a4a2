package flow_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"octroi/gateway/flow"
	"octroi/gateway/hold"
	"octroi/gateway/payment"
	"octroi/gateway/store"
	"octroi/providers"
	"octroi/risk"
)

// happened tells what happened of a payment, now.
func (w *world) happened(id string, h flow.Happening) (payment.Payment, error) {
	return w.flow.PaymentHappened(w.t.Context(), "demo", id, h)
}

func euros(cents int64) *providers.Amount { return &providers.Amount{Value: cents, Currency: "EUR"} }

func TestATransferWaitsForItsMoneyAndIsThenPaid(t *testing.T) {
	w, x := wired(t, everyMeans)
	for i, m := range []payment.Means{payment.MeansTransfer, payment.MeansCheque} {
		p := w.pay(by(m, order(i)))
		if p.Status != payment.ActionRequired || p.Action.Type != string(m) || p.Action.URL != "" || p.Authorisation != nil || p.Card != nil {
			t.Fatalf("%s: %s %+v", m, p.Status, p.Action)
		}
		want := map[string]string{"reference": payment.TransferReference(p.OrderReference, p.ID), "amount": "129.90 EUR",
			"beneficiary": "Boutique d'exemple", "iban": "FR1420041010050500013M02606", "bic": "EXMPFRP1XXX", "due": p.CreatedAt.Add(7 * 24 * time.Hour).Format(time.RFC3339)}
		if m == payment.MeansCheque {
			want = map[string]string{"reference": want["reference"], "amount": want["amount"], "payable_to": "Boutique d'exemple",
				"address": "1 rue des Exemples, 75000 Paris", "due": p.CreatedAt.Add(14 * 24 * time.Hour).Format(time.RFC3339)}
		}
		if len(want) != len(p.Action.Data) {
			t.Errorf("%s: %v", m, p.Action.Data)
		}
		for k, v := range want {
			if p.Action.Data[k] != v {
				t.Errorf("%s: %s is %q, want %q", m, k, p.Action.Data[k], v)
			}
		}
		if _, _, err := w.flow.Authorise(t.Context(), w.call("another"+string(m)), order(i)); payment.CodeOf(err) != payment.CodeOrderLive {
			t.Errorf("another payment of the order: %v", err)
		}
		if _, _, err := w.flow.Details(t.Context(), "demo", p.ID, payment.Details{"a": "b"}); payment.CodeOf(err) != payment.CodeWrongState {
			t.Errorf("details of a %s: %v", m, err)
		}
		w.later(48 * time.Hour)
		at := w.now()
		p, err := w.happened(p.ID, flow.Happening{Type: "funds_received", At: at, Amount: euros(12990), Detail: "statement 12"})
		check(t, err)
		if p.Status != payment.Captured || *p.Captured != p.Amount || p.Action != nil {
			t.Fatalf("%s: %s %+v", m, p.Status, p.Captured)
		}
		again, err := w.happened(p.ID, flow.Happening{Type: "funds_received", At: at, Amount: euros(12990)})
		check(t, err)
		if again.UpdatedAt != p.UpdatedAt || len(again.Operations) != 1 {
			t.Errorf("told twice: %+v", again.Operations)
		}
		if got := w.webhooks(p.ID); !slices.Equal(got, []string{"payment.captured"}) {
			t.Errorf("%s: the shop was told %v", m, got)
		}
	}
	if len(x.sent) != 0 {
		t.Errorf("the provider heard of %d requests", len(x.sent))
	}
}

func TestTheHistoriesKnowOfATransferWhenItsMoneyCame(t *testing.T) {
	w := begin(t, everyMeans)
	p := w.pay(by(payment.MeansTransfer, order(1)))
	w.later(3 * 24 * time.Hour)
	at := w.now().Truncate(time.Microsecond)
	_, err := w.happened(p.ID, flow.Happening{Type: "funds_received", At: at})
	check(t, err)
	when := map[risk.EventKind]time.Time{}
	for e, err := range w.store.Journal(t.Context(), time.Time{}) {
		check(t, err)
		when[e.Record.Kind] = e.Record.At
	}
	if !when[risk.EventAttempt].Equal(p.CreatedAt) || !when[risk.EventAuthorised].Equal(at) || !when[risk.EventCaptured].Equal(at) {
		t.Errorf("attempt %v, authorised %v, captured %v", when[risk.EventAttempt], when[risk.EventAuthorised], when[risk.EventCaptured])
	}
}

func TestMoneyThatIsNotAllOfItIsToldWhatIsMissing(t *testing.T) {
	w := begin(t, everyMeans)
	p := w.pay(by(payment.MeansTransfer, order(1)))
	for _, c := range []struct {
		h       flow.Happening
		code    payment.Code
		pointer string
		says    string
	}{
		{flow.Happening{Type: "funds_received", Amount: euros(10000)}, payment.CodeInvalid, "/amount/value", "29.90 EUR is missing"},
		{flow.Happening{Type: "funds_received", Amount: euros(13000)}, payment.CodeInvalid, "/amount/value", "0.10 EUR is too much"},
		{flow.Happening{Type: "funds_received", Amount: &providers.Amount{Value: 12990, Currency: "USD"}}, payment.CodeInvalid, "/amount/currency", "EUR"},
		{flow.Happening{Type: "funds_received", At: p.CreatedAt.Add(-time.Hour)}, payment.CodeInvalid, "/at", "before the payment"},
		{flow.Happening{Type: "funds_received", At: w.now().Add(time.Hour)}, payment.CodeInvalid, "/at", "future"},
		{flow.Happening{Type: "funds_received", Detail: "card 4111 1111 1111 1111"}, payment.CodeInvalid, "/detail", "card number"},
		{flow.Happening{Type: "delivered", Amount: euros(1)}, payment.CodeInvalid, "/amount", "alone"},
		{flow.Happening{Type: "funds_lost"}, payment.CodeInvalid, "/type", "claim, funds_received, funds_returned"},
		{flow.Happening{Type: "funds_returned"}, payment.CodeWrongState, "", "No refund"},
	} {
		_, err := w.happened(p.ID, c.h)
		var e *payment.Error
		if payment.CodeOf(err) != c.code || !errors.As(err, &e) {
			t.Errorf("%+v: %v", c.h, err)
			continue
		}
		if c.pointer == "" && !strings.Contains(e.Detail, c.says) || c.pointer != "" && (e.Fields[0].Pointer != c.pointer || !strings.Contains(e.Fields[0].Detail, c.says)) {
			t.Errorf("%+v: %s %+v", c.h, e.Detail, e.Fields)
		}
	}
	if got := w.see(p.ID); got.Status != payment.ActionRequired || got.Captured != nil {
		t.Errorf("it is %s", got.Status)
	}
	card := w.pay(order(2))
	if _, err := w.happened(card.ID, flow.Happening{Type: "funds_received"}); payment.CodeOf(err) != payment.CodeWrongState {
		t.Errorf("funds of a card: %v", err)
	}
	if _, err := w.flow.PaymentHappened(t.Context(), "other", p.ID, flow.Happening{Type: "funds_received"}); payment.CodeOf(err) != payment.CodeNotFound {
		t.Errorf("another shop's payment: %v", err)
	}
}

func TestATransferThatDoesNotComeExpiresAndFreesTheOrder(t *testing.T) {
	w, x := wired(t, func(c *flow.Config) {
		everyMeans(c)
		s := c.Shops["demo"]
		s.Transfer.Within = 72 * time.Hour
		c.Shops["demo"] = s
	})
	p := w.pay(by(payment.MeansTransfer, order(1)))
	w.later(72*time.Hour - time.Minute)
	if got := w.see(p.ID); got.Status != payment.ActionRequired {
		t.Fatalf("before its time: %s", got.Status)
	}
	w.later(2 * time.Minute)
	if got := w.becomes(p.ID, payment.Expired); got.Action != nil || len(got.Operations) != 0 {
		t.Errorf("%+v %+v", got.Action, got.Operations)
	}
	if got := w.webhooks(p.ID); !slices.Equal(got, []string{"payment.expired"}) {
		t.Errorf("the shop was told %v", got)
	}
	if len(x.sent) != 0 {
		t.Errorf("the provider was asked: %v", x.sent)
	}
	again, _, err := w.flow.Authorise(t.Context(), w.call("again"), by(payment.MeansCheque, order(1)))
	check(t, err)
	if again.Status != payment.ActionRequired {
		t.Errorf("the order's next payment: %s", again.Status)
	}
	late, err := w.happened(p.ID, flow.Happening{Type: "funds_received"})
	check(t, err)
	if late.Status != payment.Captured || *late.Captured != late.Amount {
		t.Errorf("money that came late: %s", late.Status)
	}
}

func TestAShopMayCancelATransferAtOnce(t *testing.T) {
	w, x := wired(t, everyMeans)
	p := w.pay(by(payment.MeansTransfer, order(1)))
	got, _, err := w.flow.Operate(t.Context(), w.call("c"), p.ID, payment.OpCancel, nil, "changed their mind")
	check(t, err)
	if got.Status != payment.Cancelled || got.Action != nil || len(got.Operations) != 1 || got.Operations[0].Status != payment.OpDone {
		t.Fatalf("%s %+v", got.Status, got.Operations)
	}
	if again, replayed, err := w.flow.Operate(t.Context(), w.call("c"), p.ID, payment.OpCancel, nil, "changed their mind"); err != nil || !replayed || again.Status != payment.Cancelled {
		t.Errorf("the same wish again: %v %v", err, replayed)
	}
	if got := w.webhooks(p.ID); !slices.Equal(got, []string{"payment.cancelled"}) {
		t.Errorf("the shop was told %v", got)
	}
	if _, err := w.happened(p.ID, flow.Happening{Type: "funds_received"}); payment.CodeOf(err) != payment.CodeWrongState {
		t.Errorf("money for a cancelled payment: %v", err)
	}
	if len(x.sent) != 0 {
		t.Errorf("the provider was asked: %v", x.sent)
	}
}

func TestAPaidTransferIsHeldIfThePolicySaidSo(t *testing.T) {
	w, _ := wired(t, everyMeans)
	far := by(payment.MeansTransfer, risky(1))
	dear := by(payment.MeansCheque, order(2))
	dear.Amount.Value = 60000
	for _, r := range []payment.Request{far, dear} {
		p := w.pay(r)
		if p.Status != payment.ActionRequired || p.Case != nil {
			t.Fatalf("before its money: %s %+v", p.Status, p.Case)
		}
		p, err := w.happened(p.ID, flow.Happening{Type: "funds_received"})
		check(t, err)
		if p.Status != payment.Held || *p.Captured != p.Amount || p.Case == nil || p.Decision.Outcome.Severity() < risk.Hold.Severity() {
			t.Fatalf("%s %+v %+v", p.Status, p.Case, p.Decision)
		}
		_, err = w.flow.Approve(t.Context(), analyst, p.Case.ID, "fine")
		check(t, err)
		if got := w.see(p.ID); got.Status != payment.Captured {
			t.Errorf("released: %s", got.Status)
		}
		if got := w.webhooks(p.ID); !slices.Equal(got, []string{"payment.held", "payment.released"}) {
			t.Errorf("the shop was told %v", got)
		}
	}
}

func TestARejectedTransferIsGivenBackByTheShop(t *testing.T) {
	w, x := wired(t, everyMeans)
	p := w.pay(by(payment.MeansTransfer, risky(1)))
	p, err := w.happened(p.ID, flow.Happening{Type: "funds_received"})
	check(t, err)
	_, err = w.flow.Reject(t.Context(), analyst, p.Case.ID, "not theirs")
	check(t, err)
	p = w.see(p.ID)
	if p.Status != payment.Held || p.Case.Status != string(hold.Rejected) || len(p.Operations) != 2 || p.Operations[1].Status != payment.OpRequested {
		t.Fatalf("%s %+v", p.Status, p.Operations)
	}
	if !w.told("payment.refund_due", p.ID) {
		t.Error("the shop was not told that a refund is due")
	}
	at := w.now()
	for range 2 {
		p, err = w.happened(p.ID, flow.Happening{Type: "funds_returned", At: at, Amount: euros(12990)})
		check(t, err)
		if p.Status != payment.Refunded || *p.Refunded != p.Amount {
			t.Fatalf("%s %+v", p.Status, p.Refunded)
		}
	}
	if got := w.webhooks(p.ID); !slices.Equal(got, []string{"payment.held", "payment.refund_due", "payment.refunded"}) {
		t.Errorf("the shop was told %v", got)
	}
	refunded, ok := w.mailed(store.MailRefunded, p.ID)
	if !ok || refunded.Refunded != p.Amount || refunded.Method != "" {
		t.Errorf("the buyer's mail: %+v", refunded)
	}
	if len(x.sent) != 0 {
		t.Errorf("the provider was asked: %v", x.sent)
	}
}

func TestRefundsOfATransferAreFinishedOneByOne(t *testing.T) {
	w := begin(t, everyMeans)
	p := w.pay(by(payment.MeansTransfer, order(1)))
	p, err := w.happened(p.ID, flow.Happening{Type: "funds_received"})
	check(t, err)
	for key, sum := range map[string]int64{"a": 1000, "b": 2000} {
		check(t, w.operate(key, p.ID, payment.OpRefund, sum))
	}
	if err := w.operate("c", p.ID, payment.OpRefund, 10000); payment.CodeOf(err) != payment.CodeAmountExceeded {
		t.Errorf("more than is left: %v", err)
	}
	if got := w.see(p.ID); got.Status != payment.Captured || got.Refunded != nil {
		t.Fatalf("before the money went: %s %+v", got.Status, got.Refunded)
	}
	for _, wrong := range []*providers.Amount{nil, euros(1500)} {
		if _, err := w.happened(p.ID, flow.Happening{Type: "funds_returned", Amount: wrong}); payment.CodeOf(err) != payment.CodeInvalid {
			t.Errorf("one of two, %v: %v", wrong, err)
		}
	}
	first := w.now()
	for range 2 { // told again while the other is still due: it must not be taken for that one
		p, err = w.happened(p.ID, flow.Happening{Type: "funds_returned", At: first, Amount: euros(2000)})
		check(t, err)
		if p.Status != payment.PartiallyRefunded || p.Refunded.Value != 2000 {
			t.Fatalf("%s %+v", p.Status, p.Refunded)
		}
	}
	p, err = w.happened(p.ID, flow.Happening{Type: "funds_returned", At: first.Add(time.Second)})
	check(t, err)
	if p.Refunded.Value != 3000 || p.Status != payment.PartiallyRefunded {
		t.Errorf("%s %+v", p.Status, p.Refunded)
	}
	if again, err := w.happened(p.ID, flow.Happening{Type: "funds_returned"}); err != nil || again.Refunded.Value != 3000 {
		t.Errorf("when none is due any more: %v", err)
	}
}

func TestACheckoutThatAsksAgainForATransferGetsTheSameInstructions(t *testing.T) {
	w := begin(t, everyMeans)
	r := by(payment.MeansTransfer, order(1))
	first := w.pay(r)
	again, replayed, err := w.flow.Authorise(t.Context(), w.call("key-"+r.Order.Reference), r)
	check(t, err)
	if !replayed || again.ID != first.ID || again.Action.Data["reference"] != first.Action.Data["reference"] {
		t.Errorf("%v %+v", replayed, again.Action)
	}
}
