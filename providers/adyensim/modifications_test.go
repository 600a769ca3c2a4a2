package adyensim

import (
	"slices"
	"testing"
)

func TestModificationsStayWithinThePayment(t *testing.T) {
	r := start(t, "", "")
	psp := r.pay("pay_1")
	for _, c := range []struct {
		kind  string
		value int64
		event string
	}{
		{Refunds, 1, "REFUND false"}, {Captures, 600, "CAPTURE true"}, {Captures, 500, "CAPTURE false"}, {Captures, 400, "CAPTURE true"},
		{Cancels, 0, "CANCELLATION false"}, {Refunds, 900, "REFUND true"}, {Refunds, 200, "REFUND false"}, {AmountUpdates, 2000, "AUTHORISATION_ADJUSTMENT false"},
		{Reversals, 0, "CANCEL_OR_REFUND true"},
	} {
		status, a := r.modify(psp, c.kind, c.value)
		events := r.pending()
		if status != 201 || a["status"] != "received" || len(a["pspReference"].(string)) != 16 || a["paymentPspReference"] != psp || events[len(events)-1] != c.event {
			t.Errorf("%s %d: %d %v, %v", c.kind, c.value, status, a, events)
		}
	}
	if p := r.payment("pay_1"); p.Captured != 1000 || p.Refunded != 1000 || len(p.Modifications) != 9 {
		t.Errorf("%+v", p)
	}
}

func TestAdjustedAmountCanBeCapturedAndCancelledPaymentCannot(t *testing.T) {
	r := start(t, "", "")
	psp := r.pay("pay_1")
	r.modify(psp, AmountUpdates, 1500)
	r.modify(psp, Captures, 1500)
	other := r.pay("pay_2")
	r.modify(other, Reversals, 0)
	r.modify(other, Captures, 1)
	want := []string{"AUTHORISATION true", "AUTHORISATION_ADJUSTMENT true", "CAPTURE true", "AUTHORISATION true", "CANCEL_OR_REFUND true", "CAPTURE false"}
	if got := r.pending(); !slices.Equal(got, want) || r.payment("pay_2").Status != StatusCancelled {
		t.Errorf("%v", got)
	}
}

func TestModificationsThatMakeNoSenseAreErrors(t *testing.T) {
	r := start(t, "", "")
	psp := r.pay("pay_1")
	_, refused, _ := r.post("/v71/payments", "", body("pay_2", "Jean Dupont", "DECLINED"))
	for _, c := range []struct {
		path, body string
		status     int
		code       string
	}{
		{"/v71/payments/NOSUCHPAYMENT234/captures", `{"merchantAccount":"TestMerchant","amount":{"value":1,"currency":"EUR"}}`, 422, "167"},
		{"/v71/payments/" + refused["pspReference"].(string) + "/captures", `{"merchantAccount":"TestMerchant","amount":{"value":1,"currency":"EUR"}}`, 422, "167"},
		{"/v71/payments/" + psp + "/captures", `{"merchantAccount":"Other","amount":{"value":1,"currency":"EUR"}}`, 403, "901"},
		{"/v71/payments/" + psp + "/captures", `{"merchantAccount":"TestMerchant"}`, 422, "100"},
		{"/v71/payments/" + psp + "/refunds", `{"merchantAccount":"TestMerchant","amount":{"value":0,"currency":"EUR"}}`, 422, "137"},
		{"/v71/payments/" + psp + "/captures", `{"merchantAccount":"TestMerchant","amount":{"value":1,"currency":"USD"}}`, 422, "138"},
		{"/v71/cancels", `{"merchantAccount":"TestMerchant"}`, 422, "130"},
		{"/v71/cancels", `[`, 400, "702"},
	} {
		if status, a, _ := r.post(c.path, "", c.body); status != c.status || a["errorCode"] != c.code {
			t.Errorf("%s %s: %d %v", c.path, c.body, status, a)
		}
	}
}

func TestCancelByReferenceSaysWhetherItFoundAnything(t *testing.T) {
	r := start(t, "", "")
	r.pay("pay_1")
	for _, reference := range []string{"pay_1", "pay_unknown"} {
		status, a, _ := r.post("/v71/cancels", "", `{"merchantAccount":"TestMerchant","paymentReference":"`+reference+`","reference":"op"}`)
		if status != 201 || a["paymentReference"] != reference || a["status"] != "received" {
			t.Errorf("%d %v", status, a)
		}
	}
	if got := r.pending(); !slices.Equal(got[1:], []string{"TECHNICAL_CANCEL true", "TECHNICAL_CANCEL false"}) || r.payment("pay_1").Status != StatusCancelled {
		t.Errorf("%v", got)
	}
}

func TestHolderNamesMakeModificationsFailLater(t *testing.T) {
	r := start(t, "", "")
	r.modify(r.pay("pay_1", "Jean Dupont", "capture failed"), Captures, 1000)
	psp := r.pay("pay_2", "Jean Dupont", "refund failed")
	r.modify(psp, Captures, 1000)
	r.modify(psp, Refunds, 400)
	want := []string{"AUTHORISATION true", "CAPTURE true", "CAPTURE_FAILED true", "AUTHORISATION true", "CAPTURE true", "REFUND true", "REFUND_FAILED true"}
	if got := r.pending(); !slices.Equal(got, want) || r.payment("pay_1").Captured != 0 || r.payment("pay_2").Refunded != 0 {
		t.Errorf("%v", got)
	}
}
