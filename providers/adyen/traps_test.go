package adyen

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"octroi/providers"
)

// sent gives what an authorisation puts on the wire.
func sent(t *testing.T, au providers.Authorisation) (*http.Request, map[string]any) {
	t.Helper()
	var got *http.Request
	var body map[string]any
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		got = r
		raw, _ := io.ReadAll(r.Body)
		_ = json.Unmarshal(raw, &body)
	}))
	defer server.Close()
	_, _ = adapter(t, server.URL+"/v71", nil).Authorise(t.Context(), au)
	if got == nil || body == nil {
		t.Fatal("nothing was sent")
	}
	return got, body
}

// at walks into decoded JSON.
func at(v any, path string) any {
	for name := range strings.SplitSeq(path, ".") {
		m, _ := v.(map[string]any)
		v = m[name]
	}
	return v
}

func TestRequestCarriesThePaymentAndTheBuyer(t *testing.T) {
	au := payment("pay_1")
	au.Challenge = true
	r, body := sent(t, au)
	for path, want := range map[string]any{
		"amount.value": 12990.0, "amount.currency": "EUR", "merchantAccount": testAccount, "reference": "pay_1",
		"merchantOrderReference": "A-pay_1", "additionalData.manualCapture": "true", "returnUrl": "https://shop.example/checkout/return",
		"origin": "https://shop.example", "channel": "Web", "shopperInteraction": "Ecommerce", "shopperStatement": "OCTROI 4821",
		"paymentMethod.type": "scheme", "paymentMethod.number": "4111111111111111", "paymentMethod.cvc": "737",
		"paymentMethod.expiryMonth": "03", "paymentMethod.expiryYear": "2030", "paymentMethod.holderName": "Jean Dupont",
		"shopperReference": "cust_42", "shopperEmail": "jean@example.org", "telephoneNumber": "+33612345678", "shopperIP": "203.0.113.7",
		"shopperLocale": "fr-FR", "shopperName.lastName": "Dupont", "browserInfo.userAgent": "Mozilla/5.0", "browserInfo.language": "fr-FR",
		"billingAddress.houseNumberOrName": "12", "billingAddress.street": "boulevard St Michel", "billingAddress.postalCode": "75006",
		"deliveryAddress.houseNumberOrName": "5", "deliveryAddress.street": "Hauptstr.", "deliveryAddress.country": "DE", "countryCode": "FR",
		"authenticationData.attemptAuthentication": "always", "authenticationData.threeDSRequestData.nativeThreeDS": "preferred",
	} {
		if got := at(body, path); got != want {
			t.Errorf("%s is %v, want %v", path, got, want)
		}
	}
	if r.URL.Path != "/v71/payments" || r.Header.Get("X-Api-Key") != testKey {
		t.Errorf("sent to %s", r.URL.Path)
	}
	if keys := r.Header.Values("Idempotency-Key"); len(keys) != 1 || keys[0] != "pay_1-1" {
		t.Errorf("idempotency keys %q, want exactly one", keys)
	}
}

func TestRequestLeavesOutWhatTheLibraryWouldGetWrong(t *testing.T) {
	_, body := sent(t, payment("pay_1"))
	for _, name := range []string{"threeDSAuthenticationOnly", "dateOfBirth", "authenticationData", "captureDelayHours"} {
		if _, there := body[name]; there {
			t.Errorf("%s is sent", name)
		}
	}
}

func TestRequestLeavesOutWhatAdyenWouldRefuseThePaymentFor(t *testing.T) {
	au := payment("pay_1")
	au.Shopper = providers.Shopper{Reference: "a", IP: "not an address", Name: "Madonna"}
	au.Billing, au.Delivery = &providers.Address{City: "Paris"}, &providers.Address{Lines: []string{"x"}, PostalCode: "12345678901", City: "y"}
	au.Statement, au.ReturnURL = "Ünïcode & a text longer than 22 characters", ""
	_, body := sent(t, au)
	for _, name := range []string{"shopperReference", "shopperIP", "shopperName", "billingAddress", "deliveryAddress", "browserInfo", "shopperEmail"} {
		if v, there := body[name]; there {
			t.Errorf("%s is sent: %v", name, v)
		}
	}
	if body["shopperStatement"] != "ncode  a text longer t" || body["returnUrl"] != "https://shop.example/return" {
		t.Errorf("statement %q, returnUrl %q", body["shopperStatement"], body["returnUrl"])
	}
}

func TestEncryptedCardIsSentEncryptedOnly(t *testing.T) {
	au := payment("pay_1")
	au.Card = providers.Card{EncryptedNumber: "test_4111111111111111", EncryptedExpiryMonth: "test_03", EncryptedExpiryYear: "test_2030", EncryptedCVC: "test_737"}
	_, body := sent(t, au)
	method, _ := body["paymentMethod"].(map[string]any)
	want := map[string]any{"type": "scheme", "encryptedCardNumber": "test_4111111111111111", "encryptedExpiryMonth": "test_03",
		"encryptedExpiryYear": "test_2030", "encryptedSecurityCode": "test_737"}
	if fmt.Sprint(method) != fmt.Sprint(want) {
		t.Errorf("sent %v", method)
	}
}

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
	for _, body := range []string{`{"resultCode":"Authorised"}`, `{"pspReference":"X","resultCode":"PartiallyAuthorised"}`} {
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
		{401, "", providers.Rejected}, {403, body("901", "security"), providers.Rejected}, {404, "", providers.Rejected},
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
		if configuration := c.status == 401 || c.status == 403; configuration != strings.Contains(fmt.Sprint(err), "configuration") {
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

func TestConfigurationIsCheckedAtStart(t *testing.T) {
	good := func() Config {
		return Config{Endpoint: "https://checkout-test.adyen.com/v71", APIKey: "k", Account: "m", Clock: clock}
	}
	if _, err := New(good()); err != nil {
		t.Fatal(err)
	}
	for name, spoil := range map[string]func(*Config){
		"no endpoint":            func(c *Config) { c.Endpoint = "" },
		"live without prefix":    func(c *Config) { c.Endpoint = "/v71" },
		"no version":             func(c *Config) { c.Endpoint = "https://checkout-test.adyen.com" },
		"another version":        func(c *Config) { c.Endpoint = "https://checkout-test.adyen.com/v70" },
		"clear text":             func(c *Config) { c.Endpoint = "http://checkout-test.adyen.com/v71" },
		"credentials in address": func(c *Config) { c.Endpoint = "https://a:b@checkout-test.adyen.com/v71" },
		"no key":                 func(c *Config) { c.APIKey = "" },
		"no account":             func(c *Config) { c.Account = "" },
		"empty account":          func(c *Config) { c.Accounts = map[string]string{"shop": ""} },
		"no clock":               func(c *Config) { c.Clock = nil },
		"HMAC key not hex":       func(c *Config) { c.HMACKeys = []providers.Secret{"very secret"} },
		"HMAC key short":         func(c *Config) { c.HMACKeys = []providers.Secret{"ABCD"} },
	} {
		c := good()
		spoil(&c)
		if _, err := New(c); err == nil || strings.Contains(err.Error(), "very secret") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestShopWithoutAccountIsRejected(t *testing.T) {
	au := payment("pay_1")
	au.Shop = "other"
	_, err := adapter(t, "http://127.0.0.1:1/v71", nil).Authorise(t.Context(), au)
	if providers.DoubtOf(err) != providers.Rejected || !strings.Contains(fmt.Sprint(err), "configuration") {
		t.Errorf("got %v", err)
	}
}

func TestReferenceWithColonIsRejected(t *testing.T) {
	_, err := adapter(t, "http://127.0.0.1:1/v71", nil).Authorise(t.Context(), payment("pay:1"))
	if providers.DoubtOf(err) != providers.Rejected {
		t.Errorf("got %v", err)
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
