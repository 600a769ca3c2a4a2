package adyen

import (
	"fmt"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"

	"octroi/providers"
)

// approved is an answer of an approval with more fields.
func approved(more string) string {
	return `{"pspReference":"X","resultCode":"Authorised","merchantReference":"pay_1","amount":{"value":12990,"currency":"EUR"}` + more + `}`
}

// paid authorises the usual payment at an Adyen that answers so.
func paid(t *testing.T, body string) providers.Result {
	t.Helper()
	r, err := answering(t, 200, "application/json", body).Authorise(t.Context(), payment("pay_1"))
	if err != nil {
		t.Fatalf("%s: %v", body, err)
	}
	return r
}

func TestLiabilityExemptionAndReviewAreReadFromTheAnswer(t *testing.T) {
	for more, want := range map[string]string{
		``: "   false",
		`,"additionalData":{"liabilityShift":"true","threeDAuthenticated":"true"}`:                                            "issuer  authenticated false",
		`,"additionalData":{"liabilityShift":"false"}`:                                                                        "shop   false",
		`,"additionalData":{"liabilityShift":"perhaps"}`:                                                                      "   false",
		`,"additionalData":{"liabilityShift":true}`:                                                                           "issuer   false",
		`,"additionalData":{"scaExemptionRequested":"transactionRiskAnalysis","liabilityShift":"false"}`:                      "shop transactionRiskAnalysis  false",
		`,"threeDS2Result":{"transStatus":"Y","exemptionIndicator":"lowValue"}`:                                               " lowValue authenticated false",
		`,"additionalData":{"scaExemptionRequested":"lowValue"},"threeDS2Result":{"exemptionIndicator":"trustedBeneficiary"}`: " lowValue  false",
		`,"additionalData":{"scaExemptionRequested":"4111111111111111"}`:                                                      "   false",
		`,"additionalData":{"scaExemptionRequested":"` + strings.Repeat("x", 41) + `"}`:                                       "   false",
		`,"additionalData":{"fraudManualReview":"true"}`:                                                                      "   true",
		`,"additionalData":{"fraudManualReview":"false","fraudResultType":"AMBER"}`:                                           "   true",
		`,"additionalData":{"fraudManualReview":"false","fraudResultType":"GREEN"}`:                                           "   false",
		`,"threeDS2Result":{"transStatus":"A"}`:                                                                               "  attempted false",
		`,"threeDS2Result":{"transStatus":"U"}`:                                                                               "   false",
	} {
		r := paid(t, approved(more))
		if got := fmt.Sprint(r.Liability, " ", r.Exemption, " ", r.ThreeDS, " ", r.UnderReview); got != want || r.Status != providers.StatusAuthorised {
			t.Errorf("%s: %q, want %q", more, got, want)
		}
	}
}

func TestRefusedPaymentIsNotUnderReview(t *testing.T) {
	if r := paid(t, `{"pspReference":"X","resultCode":"Refused","refusalReasonCode":"20","additionalData":{"fraudResultType":"AMBER"}}`); r.UnderReview || r.Status != providers.StatusRefused {
		t.Errorf("got %+v", r)
	}
}

func TestSoftDeclinesAskForAuthentication(t *testing.T) {
	const want = "authentication_required authenticate"
	refused := func(code, data string) string {
		return `{"pspReference":"X","resultCode":"Refused","refusalReason":"Refused","refusalReasonCode":"` + code + `","additionalData":{` + data + `}}`
	}
	for name, body := range map[string]string{
		"code 38":                            refused("38", ``),
		"Visa 1A":                            refused("2", `"refusalReasonRaw":"1A : Additional customer authentication required","paymentMethod":"visa"`),
		"Cartes Bancaires A1":                refused("2", `"refusalReasonRaw":"A1 : Soft decline","paymentMethod":"cartebancaire"`),
		"Mastercard 65":                      refused("2", `"refusalReasonRaw":"65 : Exceeds withdrawal count limit","paymentMethod":"mc"`),
		"Maestro 65":                         refused("2", `"refusalReasonRaw":"65 : Exceeds withdrawal count limit","paymentMethod":"maestro"`),
		"Mastercard 65 with other advice":    refused("2", `"refusalReasonRaw":"65 : x","paymentMethod":"mc","merchantAdviceCode":"01 : New account information available"`),
		"Mastercard 65 in a wallet":          refused("2", `"refusalReasonRaw":"65 : x","paymentMethod":"mc_applepay"`),
		"code 38 without the issuer's words": refused("38", `"refusalReasonRaw":"05 : Do not honor"`),
	} {
		if got := spelled(paid(t, body).Refusal); got != want {
			t.Errorf("%s: %s, want %s", name, got, want)
		}
	}
	for name, c := range map[string][2]string{
		"Visa 65 is a limit":    {refused("2", `"refusalReasonRaw":"65 : x","paymentMethod":"visa"`), "limit_exceeded later"},
		"advice 03 forbids all": {refused("2", `"refusalReasonRaw":"65 : x","paymentMethod":"mc","merchantAdviceCode":"03 : Do not try again"`), "authentication_required never"},
		"3-D Secure failed":     {refused("11", ``), "authentication_failed authenticate"},
	} {
		if got := spelled(paid(t, c[0]).Refusal); got != c[1] {
			t.Errorf("%s: %s, want %s", name, got, c[1])
		}
	}
}

func TestValuesInNoTableAreCounted(t *testing.T) {
	refused := func(more string) string { return `{"pspReference":"X","resultCode":"Refused",` + more + `}` }
	for name, c := range map[string]struct {
		body  string
		field string
	}{
		"a result":              {`{"pspReference":"X","resultCode":"Levitated"}`, fieldResult},
		"authentication alone":  {`{"pspReference":"X","resultCode":"AuthenticationFinished"}`, fieldResult},
		"an action":             {`{"resultCode":"RedirectShopper","action":{"type":"hologram"}}`, fieldAction},
		"a reason":              {refused(`"refusalReasonCode":"47"`), fieldReason},
		"a reason of approval":  {refused(`"refusalReasonCode":"1"`), fieldReason},
		"a raw code":            {refused(`"refusalReasonCode":"2","additionalData":{"refusalReasonRaw":"9Z : New"}`), fieldRaw},
		"an advice":             {refused(`"refusalReasonCode":"2","additionalData":{"merchantAdviceCode":"77 : New"}`), fieldAdvice},
		"an address check":      {approved(`,"additionalData":{"avsResult":"27 New"}`), fieldAVS},
		"a code check":          {approved(`,"additionalData":{"cvcResult":"7 New"}`), fieldCVC},
		"nothing":               {approved(`,"additionalData":{"avsResult":"0 Unknown","cvcResult":"0 Unknown"}`), ""},
		"an approval's code":    {refused(`"refusalReasonCode":"15","additionalData":{"refusalReasonRaw":"00 : Approved"}`), ""},
		"a text":                {refused(`"refusalReasonCode":"2","additionalData":{"refusalReasonRaw":"DECLINED Expiry Incorrect"}`), ""},
		"every known thing":     {refused(`"refusalReasonCode":"12","additionalData":{"refusalReasonRaw":"51 : Funds","merchantAdviceCode":"02 : Later"}`), ""},
		"a code without a zero": {refused(`"refusalReasonCode":"2","additionalData":{"refusalReasonRaw":"5: Do not honor"}`), ""},
	} {
		a := answering(t, 200, "application/json", c.body)
		if _, err := a.Authorise(t.Context(), payment("pay_1")); err != nil {
			t.Fatal(err)
		}
		want := 0.0
		if c.field != "" {
			want = testutil.ToFloat64(a.unknowns.WithLabelValues(c.field))
			if want != 1 {
				t.Errorf("%s: %s counted %v times", name, c.field, want)
			}
		}
		for _, f := range []string{fieldResult, fieldAction, fieldReason, fieldRaw, fieldAdvice, fieldAVS, fieldCVC, fieldEvent, fieldAccount} {
			if n := testutil.ToFloat64(a.unknowns.WithLabelValues(f)); f != c.field && n != 0 {
				t.Errorf("%s: %s counted %v times", name, f, n)
			}
		}
	}
}

func TestUnknownsAreAMetricOfTheGivenRegistry(t *testing.T) {
	reg := prometheus.NewRegistry()
	cfg := Config{Endpoint: "https://checkout-test.adyen.com/v71", APIKey: "k", Account: "m", Clock: clock, Registerer: reg}
	a, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	a.unknown(fieldEvent, "X")
	families, err := reg.Gather()
	if err != nil || len(families) != 1 || families[0].GetName() != "octroi_provider_unknown_total" || len(families[0].GetMetric()) != 9 {
		t.Fatalf("%v, %v", families, err)
	}
	if _, err := New(cfg); err == nil || !strings.Contains(err.Error(), "register") {
		t.Errorf("the same registry twice: %v", err)
	}
}

// details is what a browser brought back for the usual payment.
func details(values map[string]providers.Secret) providers.Details {
	return providers.Details{Shop: "shop", PaymentID: "pay_1", IdempotencyKey: "pay_1-d1", Amount: payment("").Amount, Values: values}
}

func TestDetailsThatDoNotNameThePaymentSettleNothing(t *testing.T) {
	values := map[string]providers.Secret{"redirectResult": "r"}
	for body, want := range map[string]string{
		approved(``): "authorised",
		`{"pspReference":"X","resultCode":"Authorised"}`:                                                                               "unknown outcome",
		`{"pspReference":"X","resultCode":"Authorised","merchantReference":"pay_2"}`:                                                   "unknown outcome",
		`{"pspReference":"X","resultCode":"Refused","refusalReasonCode":"2"}`:                                                          "unknown outcome",
		`{"pspReference":"X","resultCode":"Cancelled"}`:                                                                                "unknown outcome",
		`{"pspReference":"X","resultCode":"Refused","refusalReasonCode":"11","merchantReference":"pay_1"}`:                             "refused authentication_failed authenticate",
		`{"resultCode":"ChallengeShopper","action":{"type":"threeDS2","subtype":"challenge","token":"t"}}`:                             "action_required",
		`{"resultCode":"ChallengeShopper","merchantReference":"pay_2","action":{"type":"threeDS2","subtype":"challenge","token":"t"}}`: "unknown outcome",
		`{"resultCode":"Pending"}`:                               "pending",
		`{"resultCode":"Levitated","merchantReference":"pay_1"}`: "unknown",
	} {
		r, err := answering(t, 200, "application/json", body).Details(t.Context(), details(values))
		got := string(r.Status)
		if r.Refusal != nil {
			got += " " + spelled(r.Refusal)
		}
		if err != nil {
			got = providers.DoubtOf(err).String() + " outcome"
		}
		if got != want || err != nil && r.Reference != "" {
			t.Errorf("%s: %s (%v), want %s", body, got, err, want)
		}
	}
}
