package adyen

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"octroi/providers"
)

// want spells a refusal shortly.
func spelled(r *providers.Refusal) string {
	if r == nil {
		return "none"
	}
	return string(r.Code) + " " + string(r.Retry)
}

func TestEveryRefusalReasonCodeHasItsWord(t *testing.T) {
	want := strings.Split(strings.TrimSpace(`
refused later
refused other_method
refused contact_issuer
refused contact_issuer
issuer_unavailable later
issuer_blocked never
expiry_incorrect correct_details
refused other_method
number_incorrect correct_details
issuer_unavailable later
not_permitted other_method
authentication_failed authenticate
insufficient_funds later
refused later
suspected_fraud never
refused other_method
refused other_method
refused correct_details
issuer_blocked never
refused later
suspected_fraud never
refused later
suspected_fraud never
not_permitted contact_issuer
cvc_incorrect correct_details
not_permitted never
not_permitted never
refused contact_issuer
limit_exceeded later
limit_exceeded later
refused other_method
suspected_fraud never
refused correct_details
not_permitted other_method
not_permitted other_method
not_permitted other_method
refused correct_details
refused correct_details
authentication_required authenticate
authentication_failed authenticate
refused other_method
refused correct_details
authentication_failed authenticate
refused correct_details
refused correct_details
refused correct_details
refused never`), "\n")
	if len(want) != len(reasons) {
		t.Fatalf("%d expectations for %d codes", len(want), len(reasons))
	}
	for code, w := range want {
		for name, e := range map[string]evidence{"code": {result: "Refused", reasonCode: fmt.Sprint(code)}, "name": {result: "Refused", reason: strings.ToUpper(reasons[code].name)}} {
			if got := spelled(e.refusal()); got != w {
				t.Errorf("%s of %d (%s): %s, want %s", name, code, reasons[code].name, got, w)
			}
		}
	}
}

func TestEveryRawCodeHasItsWord(t *testing.T) {
	words := map[string]string{
		"00": "refused other_method", "10": "refused other_method", "85": "refused other_method",
		"01": "refused contact_issuer", "02": "refused contact_issuer", "03": "refused never", "04": "suspected_fraud never",
		"05": "refused later", "06": "issuer_unavailable later", "07": "suspected_fraud never", "08": "refused contact_issuer",
		"12": "refused never", "13": "refused never", "14": "number_incorrect correct_details", "15": "number_incorrect never",
		"19": "issuer_unavailable later", "28": "issuer_unavailable later", "30": "refused never", "34": "suspected_fraud never",
		"39": "not_permitted later", "41": "suspected_fraud never", "43": "suspected_fraud never", "46": "issuer_blocked never",
		"51": "insufficient_funds later", "52": "not_permitted other_method", "53": "not_permitted other_method",
		"54": "expiry_incorrect correct_details", "55": "refused correct_details", "57": "not_permitted never", "58": "not_permitted never",
		"59": "suspected_fraud later", "60": "refused later", "61": "limit_exceeded later", "62": "not_permitted later",
		"63": "suspected_fraud other_method", "65": "limit_exceeded later", "68": "issuer_unavailable later", "70": "refused contact_issuer",
		"71": "refused other_method", "75": "issuer_blocked other_method", "78": "issuer_blocked other_method",
		"79": "refused contact_issuer", "80": "refused contact_issuer", "81": "refused contact_issuer",
		"82": "suspected_fraud other_method", "83": "suspected_fraud other_method", "86": "refused other_method", "89": "refused other_method",
		"87": "issuer_unavailable later", "88": "issuer_unavailable later", "91": "issuer_unavailable later", "92": "issuer_unavailable later",
		"96": "issuer_unavailable later", "93": "not_permitted never", "94": "refused never", "1A": "authentication_required authenticate", "A1": "authentication_required authenticate",
		"5C": "refused later", "9G": "refused later", "N3": "refused later", "N4": "refused later", "Z5": "refused later",
		"CV": "cvc_incorrect correct_details", "N7": "cvc_incorrect correct_details",
		"R0": "not_permitted never", "R1": "not_permitted never", "R3": "not_permitted never",
	}
	for code, w := range words {
		for _, raw := range []string{code + " : text", code, strings.TrimPrefix(code, "0") + ": text", "DECLINED : " + strings.ToLower(code) + " : TEXT"} {
			if code == "00" && strings.HasPrefix(raw, "0:") {
				continue
			}
			if got := spelled(evidence{result: "Refused", raw: raw, brand: "visa"}.refusal()); got != w {
				t.Errorf("raw %q: %s, want %s", raw, got, w)
			}
		}
	}
	for code := range rawCauses {
		if _, covered := words[code]; !covered {
			t.Errorf("raw code %s has no row here", code)
		}
	}
}

func TestVisaCategoryOneIsNeverTriedAgainUnlessCorrected(t *testing.T) {
	for code := range strings.FieldsSeq("04 07 12 15 41 43 46 57 R0 R1 R3") {
		if r := (evidence{result: "Refused", reasonCode: "2", raw: code + " : x", brand: "visa"}).refusal(); r.Retry != providers.RetryNever {
			t.Errorf("%s: %s", code, r.Retry)
		}
	}
}

func TestMastercardSoftDeclineAsksForAuthentication(t *testing.T) {
	if got := spelled(evidence{result: "Refused", reasonCode: "2", raw: "65 : x", brand: "mc"}.refusal()); got != "authentication_required authenticate" {
		t.Error(got)
	}
}

func TestEveryAdviceCodeDecidesTheRetry(t *testing.T) {
	for code, w := range map[string]providers.Retry{"01": "correct_details", "02": "later", "03": "never", "04": "other_method", "21": "never",
		"24": "later", "25": "later", "26": "later", "27": "later", "28": "later", "29": "later", "30": "later",
		"40": "other_method", "41": "other_method", "43": "other_method", "99": "contact_issuer"} {
		r := evidence{result: "Refused", reasonCode: "2", advice: code + " : text", brand: "mc"}.refusal()
		if r.Retry != w || r.Code != providers.Refused {
			t.Errorf("advice %s: %s %s, want %s", code, r.Code, r.Retry, w)
		}
	}
}

func TestEvidenceIsWeighedInItsOrder(t *testing.T) {
	passed, valid := noon.AddDate(0, -1, 0), noon.AddDate(1, 0, 0)
	for _, c := range []struct {
		why  string
		e    evidence
		want string
	}{
		{"raw before the mapped reason", evidence{reasonCode: "8", raw: "51 : x"}, "insufficient_funds later"},
		{"a raw code without a cause does not hide a cause", evidence{reasonCode: "12", raw: "05 : x"}, "insufficient_funds later"},
		{"advice before both, for what to do", evidence{reasonCode: "12", raw: "51 : x", advice: "03 : x"}, "insufficient_funds never"},
		{"never is never softened", evidence{reasonCode: "5", advice: "02 : x"}, "issuer_blocked never"},
		{"Adyen's finding of fraud stands", evidence{reasonCode: "20", raw: "51 : x"}, "suspected_fraud never"},
		{"the code of an expired card, date passed", evidence{reasonCode: "6", expiry: passed, now: noon}, "card_expired correct_details"},
		{"the code of an expired card, date ahead", evidence{reasonCode: "6", expiry: valid, now: noon}, "expiry_incorrect correct_details"},
		{"raw 54, date passed", evidence{reasonCode: "2", raw: "54 : x", expiry: passed, now: noon}, "card_expired correct_details"},
		{"raw 54, date ahead", evidence{reasonCode: "2", raw: "54 : x", expiry: valid, now: noon}, "expiry_incorrect correct_details"},
		{"the first moment after the last month has passed", evidence{reasonCode: "6", expiry: noon, now: noon}, "card_expired correct_details"},
		{"words without any code", evidence{reason: "Refused", raw: "DECLINED Expiry Incorrect"}, "expiry_incorrect correct_details"},
		{"an unknown reason", evidence{reason: "Something new", reasonCode: "47"}, "refused other_method"},
		{"nothing at all", evidence{}, "refused other_method"},
		{"an error without a reason", evidence{result: "Error"}, "refused later"},
	} {
		if got := spelled(c.e.refusal()); got != c.want {
			t.Errorf("%s: %s, want %s", c.why, got, c.want)
		}
	}
}

func TestEveryCheckResultHasItsWord(t *testing.T) {
	avs := strings.Fields(`unknown partial mismatch unavailable unavailable unavailable partial match unknown partial mismatch unknown
		partial mismatch partial partial mismatch mismatch unavailable partial match partial partial partial partial partial mismatch`)
	for n, w := range avs {
		if got := describe(additional("avsResult", fmt.Sprintf("%d Some text", n)), providers.Card{}).AVS; got != w {
			t.Errorf("AVS %d: %s, want %s", n, got, w)
		}
	}
	for n, w := range strings.Fields("unknown match mismatch not_checked not_provided not_checked not_provided") {
		if got := describe(additional("cvcResult", fmt.Sprintf("%d Some text", n)), providers.Card{}).CVC; got != w {
			t.Errorf("CVC %d: %s, want %s", n, got, w)
		}
	}
	for value, w := range map[string]string{"": "", "27 New": "unknown", "-1": "unknown", "x": "unknown"} {
		if r := describe(additional("avsResult", value), providers.Card{}); r.AVS != w {
			t.Errorf("AVS %q: %q, want %q", value, r.AVS, w)
		}
	}
}

func TestEveryResultCodeHasItsStatus(t *testing.T) {
	for code, w := range map[string]providers.Status{
		"Authorised": "authorised", "PartiallyAuthorised": "authorised", "Refused": "refused", "Error": "refused", "Cancelled": "cancelled",
		"RedirectShopper": "action_required", "IdentifyShopper": "action_required", "ChallengeShopper": "action_required",
		"PresentToShopper": "pending", "Pending": "pending", "Received": "pending",
		"AuthenticationFinished": "unknown", "AuthenticationNotRequired": "unknown", "Success": "unknown", "authorised": "unknown", "Approved!": "unknown",
	} {
		a := answering(t, 200, "application/json", `{"pspReference":"X","resultCode":"`+code+`","amount":{"value":1,"currency":"EUR"},
			"action":{"type":"redirect","url":"https://issuer.example/"}}`)
		r, err := a.Authorise(t.Context(), payment("pay_1"))
		if err != nil || r.Status != w {
			t.Errorf("%s: %s, %v, want %s", code, r.Status, err, w)
		}
		if (r.Refusal != nil) != (w == "refused" || w == "cancelled") || (r.Action != nil) != (w == "action_required") || r.ExpiresAt.IsZero() != (w != "authorised") {
			t.Errorf("%s: %+v", code, r)
		}
	}
}

func TestDescriptionOfTheCardKeepsNoWholeNumber(t *testing.T) {
	full := additional("cardSummary", "4111111111111111", "cardBin", "4111111111111111", "issuerBin", "4111111111111111",
		"paymentMethod", "4111 1111", "cardIssuingCountry", "nl", "fundingSource", "GOLD")
	if r := describe(full, providers.Card{}); r != (providers.Result{}) {
		t.Errorf("kept %+v", r)
	}
	for brand, want := range map[string]string{"4111111111111111": "", "mc4111": "", "facilypay_12x": "facilypay_12x", "mc_applepay": "mc_applepay"} {
		if got := brandWord(brand); got != want {
			t.Errorf("brand %s is kept as %q", brand, got)
		}
	}
	r := describe(additional("cardSummary", "1111", "cardBin", "411111", "issuerBin", "41111111", "paymentMethod", "visa",
		"cardIssuingCountry", "NL", "fundingSource", "PREPAID_RELOADABLE"), providers.Card{})
	if want := (providers.Result{Last4: "1111", BIN: "41111111", Brand: "visa", IssuerCountry: "NL", Funding: "prepaid"}); r != want {
		t.Errorf("got %+v", r)
	}
	if r := describe(nil, payment("x").Card); r.Last4 != "1111" || r.BIN != "41111111" || r.Brand != "visa" {
		t.Errorf("from the clear number: %+v", r)
	}
}

func TestFundingAndAuthenticationWords(t *testing.T) {
	for in, w := range map[string]string{"CREDIT": "credit", "CHARGE": "credit", "DEBIT": "debit", "PREPAID": "prepaid", "DEFFERED_DEBIT": "credit", "": ""} {
		if got := funding(in); got != w {
			t.Errorf("funding %s: %s", in, got)
		}
	}
	for _, c := range []struct {
		data object
		want string
	}{
		{additional("threeDAuthenticated", "true", "threeDAuthenticatedResponse", "Y"), "authenticated"},
		{additional("threeDAuthenticated", "true"), "authenticated"},
		{additional("threeDAuthenticatedResponse", "A"), "attempted"},
		{additional("threeDOffered", "true", "threeDAuthenticated", "false", "threeDAuthenticatedResponse", "N"), "failed"},
		{additional("threeDOffered", "true", "threeDOfferedResponse", "N"), "not_enrolled"},
		{additional("threeDOffered", "false", "threeDAuthenticated", "false"), ""},
	} {
		if got := threeDS(c.data, nil); got != c.want {
			t.Errorf("got %q, want %q", got, c.want)
		}
	}
	if got := threeDS(nil, additional("transStatus", "R")); got != "failed" {
		t.Errorf("transStatus R: %q", got)
	}
}

func TestHeldAuthorisationLapsesAfterTheNetworksDays(t *testing.T) {
	for brand, days := range map[string]int{"visa": 28, "mc": 28, "": 28, "cartebancaire": 12} {
		if got := lapses(noon, brand); !got.Equal(noon.Add(time.Duration(days) * 24 * time.Hour)) {
			t.Errorf("%s: %s", brand, got)
		}
	}
}

// additional makes an additionalData of texts.
func additional(pairs ...string) object {
	o := object{}
	for i := 0; i < len(pairs); i += 2 {
		o[pairs[i]] = []byte(fmt.Sprintf("%q", pairs[i+1]))
	}
	return o
}
