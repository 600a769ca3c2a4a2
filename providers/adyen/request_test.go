package adyen

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"octroi/providers"
)

// sent gives what an authorisation puts on the wire.
func sent(t *testing.T, au providers.Authorisation) (*http.Request, map[string]any) {
	t.Helper()
	return overheard(t, func(a *Adyen) { _, _ = a.Authorise(t.Context(), au) })
}

// overheard gives what a call puts on the wire.
func overheard(t *testing.T, call func(*Adyen)) (*http.Request, map[string]any) {
	t.Helper()
	var got *http.Request
	var body map[string]any
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		got = r
		raw, _ := io.ReadAll(r.Body)
		_ = json.Unmarshal(raw, &body)
	}))
	defer server.Close()
	call(adapter(t, server.URL+"/v71", nil))
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
	au.Challenge, au.Native, au.Origin = true, true, "https://checkout.shop.example"
	au.Browser = &providers.Browser{AcceptHeader: "text/html", Language: "fr", ColorDepth: 24, ScreenHeight: 900, ScreenWidth: 1440, TimeZoneOffset: -120, ScriptEnabled: true}
	r, body := sent(t, au)
	for path, want := range map[string]any{
		"amount.value": 12990.0, "amount.currency": "EUR", "merchantAccount": testAccount, "reference": "pay_1",
		"merchantOrderReference": "A-pay_1", "additionalData.manualCapture": "true", "returnUrl": "https://shop.example/checkout/return",
		"origin": "https://checkout.shop.example", "redirectFromIssuerMethod": "GET", "channel": "Web", "shopperInteraction": "Ecommerce", "shopperStatement": "OCTROI 4821",
		"paymentMethod.type": "scheme", "paymentMethod.number": "4111111111111111", "paymentMethod.cvc": "737",
		"paymentMethod.expiryMonth": "03", "paymentMethod.expiryYear": "2030", "paymentMethod.holderName": "Jean Dupont",
		"shopperReference": "cust_42", "shopperEmail": "jean@example.org", "telephoneNumber": "+33612345678", "shopperIP": "203.0.113.7",
		"shopperLocale": "fr-FR", "shopperName.lastName": "Dupont", "browserInfo.userAgent": "Mozilla/5.0", "browserInfo.language": "fr",
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
	for _, name := range []string{"threeDSAuthenticationOnly", "dateOfBirth", "authenticationData", "captureDelayHours", "lineItems", "accountInfo", "merchantRiskIndicator"} {
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
		"negative trip":          func(c *Config) { c.TripAfter = -1 },
		"negative rest":          func(c *Config) { c.Rest = -1 },
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

func TestShopWithoutAccountIsNotDone(t *testing.T) {
	au := payment("pay_1")
	au.Shop = "other"
	_, err := adapter(t, "http://127.0.0.1:1/v71", nil).Authorise(t.Context(), au)
	if providers.DoubtOf(err) != providers.NotDone || !strings.Contains(fmt.Sprint(err), "configuration") {
		t.Errorf("got %v", err)
	}
}

func TestReferenceWithColonIsRejected(t *testing.T) {
	_, err := adapter(t, "http://127.0.0.1:1/v71", nil).Authorise(t.Context(), payment("pay:1"))
	if providers.DoubtOf(err) != providers.Rejected {
		t.Errorf("got %v", err)
	}
}
