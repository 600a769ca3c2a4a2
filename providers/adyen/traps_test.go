package adyen

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"octroi/providers"
)

func TestApprovalThatTheLibraryCannotReadIsStillAnApproval(t *testing.T) {
	for name, c := range map[string][2]string{
		"unknown action":          {"application/json", `{"pspReference":"X","resultCode":"Authorised","action":{"type":"hologram"}}`},
		"numbers among the texts": {"application/json", `{"pspReference":"X","resultCode":"Authorised","additionalData":{"cardSummary":1111,"flag":true,"deep":{"a":1}}}`},
		"additionalData a list":   {"application/json", `{"pspReference":"X","resultCode":"Authorised","additionalData":[1]}`},
		"another content type":    {"text/plain", `{"pspReference":"X","resultCode":"Authorised"}`},
		"nested fraud result":     {"application/json", `{"pspReference":"X","resultCode":"Authorised","fraudResult":{"results":[{"FraudCheckResult":{"accountScore":5}}]}}`},
	} {
		r, err := answering(t, 200, c[0], c[1]).Authorise(t.Context(), payment("pay_1"))
		if err != nil || r.Status != providers.StatusAuthorised || r.Authorised != payment("").Amount {
			t.Errorf("%s: %+v, %v", name, r, err)
		}
	}
}

func TestUnreadableSuccessIsUnknown(t *testing.T) {
	for _, body := range []string{"", "{", "null", "[]", `"Authorised"`, "<html>", `{"pspReference":"X"}`, `{"resultCode":["Authorised"]}`,
		`{"pspReference":"X","resultCode":"Authorised","merchantReference":"pay_other"}`, strings.Repeat(" ", maxAnswer+1)} {
		r, err := answering(t, 200, "application/json", body).Authorise(t.Context(), payment("pay_1"))
		if err == nil || providers.DoubtOf(err) != providers.OutcomeUnknown {
			t.Errorf("%.40q: %+v, %v", body, r, err)
		}
	}
}

func TestApprovalThatCannotBeUsedIsUnknown(t *testing.T) {
	for _, body := range []string{`{"resultCode":"Authorised"}`, `{"pspReference":"X","resultCode":"PartiallyAuthorised"}`,
		`{"pspReference":"X","resultCode":"Authorised","amount":{"value":"1e9","currency":"EUR"}}`, `{"pspReference":"X","resultCode":"Authorised","amount":"12990 EUR"}`,
		`{"pspReference":"X","resultCode":"Authorised","additionalData":{"authorisedAmountValue":"129=0","authorisedAmountCurrency":"EUR"}}`} {
		r, err := answering(t, 200, "application/json", body).Authorise(t.Context(), payment("pay_1"))
		if err != nil || r.Status != providers.StatusUnknown {
			t.Errorf("%s: %+v, %v", body, r, err)
		}
	}
	r, err := answering(t, 200, "application/json", `{"pspReference":"X","resultCode":"PartiallyAuthorised","amount":{"value":12990,"currency":"EUR"},
		"additionalData":{"authorisedAmountValue":"5000","authorisedAmountCurrency":"EUR"}}`).Authorise(t.Context(), payment("pay_1"))
	if err != nil || r.Status != providers.StatusAuthorised || r.Authorised.Value != 5000 {
		t.Errorf("partial approval: %+v, %v", r, err)
	}
}

func TestErrorBodiesThatPanicTheLibraryAreErrors(t *testing.T) {
	for _, body := range []string{`{"message":1}`, `{"errorType":null}`, `{"status":"422"}`, `{"status":null,"message":null}`, `[]`, `<html>`, ``} {
		_, err := answering(t, 500, "application/json", body).Authorise(t.Context(), payment("pay_1"))
		if err == nil || providers.DoubtOf(err) != providers.OutcomeUnknown {
			t.Errorf("%s: %v", body, err)
		}
	}
}

func TestPanicBesideTheLibraryNeverGetsOut(t *testing.T) {
	a := adapter(t, "http://127.0.0.1:1/v71", &http.Client{Transport: roundTrip(func(*http.Request) (*http.Response, error) { panic("boom") })})
	if _, err := a.Authorise(t.Context(), payment("pay_1")); providers.DoubtOf(err) != providers.OutcomeUnknown || err == nil {
		t.Errorf("got %v", err)
	}
}

func TestEveryErrorSaysWhatIsKnown(t *testing.T) {
	body := func(code, kind string) string {
		return `{"status":422,"errorCode":"` + code + `","message":"m","errorType":"` + kind + `"}`
	}
	for _, c := range []struct {
		status int
		body   string
		want   providers.Doubt
	}{
		{422, body("130", "validation"), providers.Rejected}, {422, body("167", "validation"), providers.Rejected},
		{422, body("14_0391", "validation"), providers.Rejected}, {400, body("702", "validation"), providers.Rejected},
		{401, "", providers.NotDone}, {403, body("901", "security"), providers.NotDone}, {404, "", providers.NotDone},
		{422, body("704", "validation"), providers.OutcomeUnknown}, {422, "<html>", providers.OutcomeUnknown},
		{422, body("903", "internal"), providers.OutcomeUnknown}, {422, body("130", "internal"), providers.OutcomeUnknown},
		{400, body("000", "validation"), providers.OutcomeUnknown},
		{500, body("905", "configuration"), providers.OutcomeUnknown}, {502, "", providers.OutcomeUnknown}, {503, "", providers.OutcomeUnknown},
		{504, "", providers.OutcomeUnknown}, {408, "", providers.OutcomeUnknown}, {302, "", providers.OutcomeUnknown}, {429, "", providers.NotDone},
	} {
		a := answering(t, c.status, "application/json", c.body)
		_, err := a.Authorise(t.Context(), payment("pay_1"))
		_, merr := a.Capture(t.Context(), providers.Modification{Shop: "shop", PaymentReference: "X", OperationID: "op_1"})
		if err == nil || providers.DoubtOf(err) != c.want || merr == nil || providers.DoubtOf(merr) != c.want {
			t.Errorf("HTTP %d %s: %v and %v, want %s", c.status, c.body, err, merr, c.want)
		}
		if configuration := c.status == 401 || c.status == 403 || c.status == 404; configuration != strings.Contains(fmt.Sprint(err), "configuration") {
			t.Errorf("HTTP %d: %v", c.status, err)
		}
	}
}

func TestTransientErrorIsNotDone(t *testing.T) {
	_, err := answering(t, 500, "application/json", `{}`, "Transient-Error", "true").Authorise(t.Context(), payment("pay_1"))
	if err == nil || providers.DoubtOf(err) != providers.NotDone {
		t.Errorf("got %v", err)
	}
	_, err = answering(t, 422, "application/json", `{"errorCode":"704"}`, "Transient-Error", "true").Authorise(t.Context(), payment("pay_1"))
	if err == nil || providers.DoubtOf(err) != providers.OutcomeUnknown {
		t.Errorf("704 got %v", err)
	}
}

func TestErrorsAboutTheCardAreRefusals(t *testing.T) {
	for code, want := range map[string]providers.RefusalCode{"101": "number_incorrect", "103": "cvc_incorrect", "129": "expiry_incorrect",
		"140": "expiry_incorrect", "141": "expiry_incorrect", "153": "cvc_incorrect"} {
		a := answering(t, 422, "application/json", `{"status":422,"errorCode":"`+code+`","message":"4111111111111111 is wrong","errorType":"validation","pspReference":"P"}`)
		r, err := a.Authorise(t.Context(), payment("pay_1"))
		if err != nil || r.Status != providers.StatusRefused || r.Refusal == nil || r.Refusal.Code != want || r.Refusal.Retry != providers.RetryCorrectDetails || r.Reference != "P" {
			t.Errorf("%s: %+v, %v", code, r, err)
			continue
		}
		if strings.Contains(r.Refusal.Raw, "4111") || !strings.Contains(r.Refusal.Raw, code) {
			t.Errorf("evidence is %q", r.Refusal.Raw)
		}
	}
}

func TestNoErrorShowsCardOrKey(t *testing.T) {
	for _, c := range []struct {
		status int
		body   string
	}{
		{422, `{"errorCode":"4111111111111111","message":"card 4111 1111 1111 1111, code 737"}`},
		{500, `4111111111111111 737 test-api-key`}, {200, `4111111111111111`},
	} {
		_, err := answering(t, c.status, "application/json", c.body).Authorise(t.Context(), payment("pay_1"))
		for e := err; e != nil; e = errors.Unwrap(e) {
			for _, secret := range []string{"4111", "737", testKey} {
				if strings.Contains(fmt.Sprintf("%v %+v", e, e), secret) {
					t.Errorf("HTTP %d: error shows %s: %v", c.status, secret, e)
				}
			}
		}
	}
}

func TestPrintedAdapterShowsNoKey(t *testing.T) {
	a := verifier(t, testHMAC)
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x"} {
		if got := fmt.Sprintf(verb, a); got != "adyen" {
			t.Errorf("%s prints %s", verb, got)
		}
	}
}

func TestRedirectIsNeverFollowedWithACard(t *testing.T) {
	reached := false
	other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { reached = true }))
	defer other.Close()
	_, err := answering(t, 307, "text/plain", "", "Location", other.URL).Authorise(t.Context(), payment("pay_1"))
	if err == nil || reached {
		t.Errorf("followed: %v, error %v", reached, err)
	}
}

func TestOwnClientLeavesTheSharedOneAlone(t *testing.T) {
	before := *http.DefaultClient
	c := carrier(nil)
	transport, _ := c.Transport.(keeper).base.(*http.Transport)
	if c == http.DefaultClient || transport.MaxIdleConnsPerHost < 100 || http.DefaultClient.Timeout != before.Timeout || http.DefaultClient.Transport != before.Transport {
		t.Error("the pool is not one of its own, or too small for one host")
	}
}

func TestDeadlineReachesThroughTheLibrary(t *testing.T) {
	stop := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-stop }))
	defer server.Close()
	defer close(stop)
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	_, err := adapter(t, server.URL+"/v71", nil).Authorise(ctx, payment("pay_1"))
	if !errors.Is(err, context.DeadlineExceeded) || providers.DoubtOf(err) != providers.OutcomeUnknown {
		t.Errorf("got %v", err)
	}
}
