package adyen

import (
	"reflect"
	"testing"

	"octroi/providers"
)

func TestActionsAreNormalised(t *testing.T) {
	for name, c := range map[string]struct {
		code, action string
		want         *providers.Action
	}{
		"redirect": {"RedirectShopper", `{"type":"redirect","method":"GET","url":"https://issuer.example/3ds","paymentMethodType":"scheme"}`,
			&providers.Action{Type: "redirect", URL: "https://issuer.example/3ds", Data: map[string]string{"type": "redirect", "method": "GET", "paymentMethodType": "scheme"}}},
		"redirect by form": {"RedirectShopper", `{"type":"redirect","method":"POST","url":"https://issuer.example/3ds","data":{"PaReq":"p","MD":"m"}}`,
			&providers.Action{Type: "redirect", URL: "https://issuer.example/3ds", Data: map[string]string{"type": "redirect", "method": "POST", "form.PaReq": "p", "form.MD": "m"}}},
		"fingerprint": {"IdentifyShopper", `{"type":"threeDS2","subtype":"fingerprint","token":"t","paymentData":"d","authorisationToken":"a"}`,
			&providers.Action{Type: "threeds2_fingerprint", Data: map[string]string{"type": "threeDS2", "subtype": "fingerprint", "token": "t", "paymentData": "d", "authorisationToken": "a"}}},
		"challenge": {"ChallengeShopper", `{"type":"threeDS2","subtype":"challenge","token":"t"}`,
			&providers.Action{Type: "threeds2_challenge", Data: map[string]string{"type": "threeDS2", "subtype": "challenge", "token": "t"}}},
		"older fingerprint":  {"IdentifyShopper", `{"type":"threeDS2Fingerprint","token":"t"}`, &providers.Action{Type: "threeds2_fingerprint", Data: map[string]string{"type": "threeDS2Fingerprint", "token": "t"}}},
		"older challenge":    {"ChallengeShopper", `{"type":"threeDS2Challenge","token":"t"}`, &providers.Action{Type: "threeds2_challenge", Data: map[string]string{"type": "threeDS2Challenge", "token": "t"}}},
		"no subtype":         {"IdentifyShopper", `{"type":"threeDS2","token":"t"}`, &providers.Action{Type: "threeds2_fingerprint", Data: map[string]string{"type": "threeDS2", "token": "t"}}},
		"challenge untyped":  {"ChallengeShopper", `{"type":"threeDS2","token":"t"}`, &providers.Action{Type: "threeds2_challenge", Data: map[string]string{"type": "threeDS2", "token": "t"}}},
		"unknown type":       {"RedirectShopper", `{"type":"hologram","url":"https://issuer.example/"}`, nil},
		"step without token": {"IdentifyShopper", `{"type":"threeDS2","subtype":"fingerprint"}`, nil},
		"unknown subtype":    {"IdentifyShopper", `{"type":"threeDS2","subtype":"oracle","token":"t"}`, nil},
		"unnamed step":       {"RedirectShopper", `{"type":"threeDS2","token":"t"}`, nil},
		"subtype for a type": {"ChallengeShopper", `{"type":"challenge","token":"t"}`, nil},
		"script for a step":  {"IdentifyShopper", `{"type":"threeDS2","subtype":"fingerprint","token":"t","url":"javascript:alert(1)"}`, nil},
		"script for address": {"RedirectShopper", `{"type":"redirect","url":"javascript:alert(1)"}`, nil},
		"no address":         {"RedirectShopper", `{"type":"redirect"}`, nil},
		"no action":          {"RedirectShopper", `null`, nil},
	} {
		r, err := answering(t, 200, "application/json", `{"resultCode":"`+c.code+`","action":`+c.action+`}`).Authorise(t.Context(), payment("pay_1"))
		status := providers.StatusActionRequired
		if c.want == nil {
			status = providers.StatusUnknown
		}
		if err != nil || r.Status != status || !reflect.DeepEqual(r.Action, c.want) {
			t.Errorf("%s: %s %+v, %v, want %+v", name, r.Status, r.Action, err, c.want)
		}
	}
}

func TestClearTextAddressIsOnlyForASimulator(t *testing.T) {
	o := item(t, `{"type":"redirect","method":"GET","url":"http://issuer.example/3ds"}`)
	if readAction(o, "RedirectShopper", false) != nil || readAction(o, "RedirectShopper", true) == nil {
		t.Error("a buyer is sent over clear text by a real Adyen, or cannot reach a simulated one")
	}
}
