package adyen

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"octroi/providers"
)

func TestDetailsCarryWhatTheBrowserBroughtUnderAdyensNames(t *testing.T) {
	names := []string{"redirectResult", "threeDSResult", "payload", "threeds2.fingerprint", "threeds2.challengeResult", "MD", "PaRes",
		"billingToken", "facilitatorAccessToken", "orderID", "payerID", "paymentID"}
	values := map[string]providers.Secret{"paymentData": "value of paymentData"}
	for _, n := range names {
		values[n] = providers.Secret("value of " + n)
	}
	got, body := overheard(t, func(a *Adyen) { _, _ = a.Details(t.Context(), details(values)) })
	if got.URL.Path != "/v71/payments/details" || got.Header.Get("Idempotency-Key") != "pay_1-d1" || len(got.Header.Values("Idempotency-Key")) != 1 {
		t.Fatalf("sent %v", got)
	}
	sent, _ := body["details"].(map[string]any)
	if have := slices.Sorted(maps.Keys(sent)); !slices.Equal(have, slices.Sorted(slices.Values(names))) {
		t.Errorf("names sent: %v", have)
	}
	for n, v := range sent {
		if v != "value of "+n {
			t.Errorf("%s carries %v", n, v)
		}
	}
	if body["paymentData"] != "value of paymentData" || len(body) != 2 {
		t.Errorf("sent %v", slices.Sorted(maps.Keys(body)))
	}
}

func TestDetailsAreRejectedBeforeTheWire(t *testing.T) {
	a := answering(t, 200, "application/json", approved(""))
	for name, spoil := range map[string]func(*providers.Details){
		"nothing":             func(d *providers.Details) { d.Values = nil },
		"a name of ours":      func(d *providers.Details) { d.Values["password"] = "x" },
		"a value of a volume": func(d *providers.Details) { d.Values["payload"] = providers.Secret(strings.Repeat("x", maxDetail+1)) },
		"an empty value":      func(d *providers.Details) { d.Values["payload"] = "" },
		"no key":              func(d *providers.Details) { d.IdempotencyKey = "" },
		"a long key":          func(d *providers.Details) { d.IdempotencyKey = strings.Repeat("k", 65) },
		"no payment":          func(d *providers.Details) { d.PaymentID = "" },
	} {
		d := details(map[string]providers.Secret{"redirectResult": "r"})
		spoil(&d)
		if _, err := a.Details(t.Context(), d); providers.DoubtOf(err) != providers.Rejected || strings.Contains(fmt.Sprint(err), "xxx") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestDetailsThatCannotBeReadByAdyenAreRejected(t *testing.T) {
	a := answering(t, 422, "application/json", `{"status":422,"errorCode":"14_0408","message":"Invalid redirectResult provided","errorType":"validation"}`)
	if _, err := a.Details(t.Context(), details(map[string]providers.Secret{"redirectResult": "r"})); providers.DoubtOf(err) != providers.Rejected {
		t.Errorf("got %v", err)
	}
}
