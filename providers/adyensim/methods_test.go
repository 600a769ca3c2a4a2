package adyensim

import (
	"slices"
	"strings"
	"testing"
)

// wallet begins a payment by a method without a card.
func (r rig) wallet(method string) map[string]any {
	r.Helper()
	status, a, _ := r.post("/v71/payments", "", `{"amount":{"value":1000,"currency":"EUR"},"merchantAccount":"TestMerchant","reference":"pay_1",`+
		`"shopperLocale":"fr-FR","shopperStatement":"OCTROI 4821","returnUrl":"https://shop.example/","paymentMethod":{"type":"`+method+`"}}`)
	act, _ := a["action"].(map[string]any)
	if status != 200 || a["resultCode"] != "RedirectShopper" || act["paymentMethodType"] != method {
		r.Fatalf("%d %v", status, a)
	}
	return act
}

func TestMethodsTakeTheMoneyOnTheirPage(t *testing.T) {
	for _, method := range []string{"paypal", "alma"} {
		r := start(t, "", "")
		act := r.wallet(method)
		if resp, text := r.browse(act["url"].(string), nil); resp.StatusCode != 200 || !strings.Contains(text, `lang="fr"`) || !strings.Contains(text, "Payer") {
			t.Errorf("%d %s", resp.StatusCode, text)
		}
		result := r.choose(act, "pay", "")
		if p := r.payment("pay_1"); p.Captured != 1000 || !slices.Equal(r.pending(), []string{"AUTHORISATION true"}) {
			t.Errorf("before the buyer has come back: %+v %v", p, r.pending())
		}
		status, a := r.finish(quoted("redirectResult", result))
		if kind := a["paymentMethod"].(map[string]any); status != 200 || a["resultCode"] != "Authorised" || kind["type"] != method || a["pspReference"] != r.payment("pay_1").PSPReference {
			t.Errorf("%s: %d %v", method, status, a)
		}
		psp := r.payment("pay_1").PSPReference
		r.modify(psp, Captures, 1000)
		r.modify(psp, Cancels, 0)
		r.modify(psp, Refunds, 400)
		r.modify(psp, Reversals, 0)
		if want := []string{"AUTHORISATION true", "CAPTURE false", "CANCELLATION false", "REFUND true", "CANCEL_OR_REFUND true"}; !slices.Equal(r.pending(), want) || r.payment("pay_1").Refunded != 1000 {
			t.Errorf("%s: %v %+v", method, r.pending(), r.payment("pay_1"))
		}
	}
}

func TestBuyerMayRefuseCancelOrKeepAMethodWaiting(t *testing.T) {
	for _, c := range []struct{ method, choice, result, code, event string }{
		{"paypal", "refuse", "Refused", "2", "AUTHORISATION false"}, {"alma", "cancel", "Cancelled", "16", "AUTHORISATION false"},
		{"paypal", "wait", "Pending", "", ""}, {"alma", "wait", "Received", "", ""},
	} {
		r := start(t, "", "")
		_, a := r.finish(quoted("redirectResult", r.choose(r.wallet(c.method), c.choice, "")))
		if code, _ := a["refusalReasonCode"].(string); a["resultCode"] != c.result || code != c.code || strings.Join(r.pending(), ",") != c.event {
			t.Errorf("%s %s: %v, %v", c.method, c.choice, a, r.pending())
		}
	}
}

func TestPaymentLeftPendingIsSettledLater(t *testing.T) {
	for event, want := range map[string]string{`{"event":"AUTHORISATION"}`: "AUTHORISATION true", `{"event":"AUTHORISATION","refused":true}`: "AUTHORISATION false", `{"event":"OFFER_CLOSED"}`: "OFFER_CLOSED true"} {
		r := start(t, "", "")
		result := r.choose(r.wallet("alma"), "wait", "")
		r.finish(quoted("redirectResult", result))
		if status, _, _ := r.post("/ledger/pay_1", "", event); status != 200 || !slices.Equal(r.pending(), []string{want}) {
			t.Errorf("%s: %d %v", event, status, r.pending())
		}
		if _, a := r.finish(quoted("redirectResult", result)); want == "AUTHORISATION true" && a["resultCode"] != "Authorised" {
			t.Errorf("%s, then asked again: %v", event, a)
		}
	}
}

func TestUnknownMethodIsNotSupported(t *testing.T) {
	r := start(t, "", "")
	if status, a, _ := r.post("/v71/payments", "", body("pay_1", `"scheme"`, `"hologram"`)); status != 422 || a["errorCode"] != "905" {
		t.Errorf("%d %v", status, a)
	}
}
