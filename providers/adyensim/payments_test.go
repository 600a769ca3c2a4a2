package adyensim

import (
	"fmt"
	mathrand "math/rand/v2"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
)

func TestApprovedAnswerCarriesWhatAdyensDoes(t *testing.T) {
	r := start(t, "", "")
	for _, version := range []string{"/v71", "/v72"} {
		status, a, header := r.post(version+"/payments", "k"+version[1:], body("pay_"+version[1:]))
		if status != 200 || len(a["pspReference"].(string)) != 16 || a["merchantReference"] != "pay_"+version[1:] || header.Get("Idempotency-Key") != "k"+version[1:] {
			t.Errorf("%d %v", status, a)
		}
		data, _ := a["additionalData"].(map[string]any)
		for name, want := range map[string]string{"cardSummary": "1111", "cardBin": "411111", "issuerBin": "41111111", "paymentMethod": "visa",
			"avsResult": "5 No AVS data provided", "cvcResult": "1 Matches", "cardIssuingCountry": "NL", "fundingSource": "CREDIT"} {
			if data[name] != want {
				t.Errorf("%s is %v", name, data[name])
			}
		}
	}
	if p := r.payment("pay_v71"); p.ShopperStatement != "OCTROI 4821" || p.Amount != (Amount{1000, "EUR"}) || p.Status != StatusAuthorised {
		t.Errorf("%+v", p)
	}
}

func TestEveryHolderNameBringsItsRefusal(t *testing.T) {
	r := start(t, "", "")
	for holder, want := range reasons {
		_, a, _ := r.post("/v71/payments", "", body("pay_"+holder, "Jean Dupont", holder))
		code, _ := a["refusalReasonCode"].(string)
		name, _ := a["refusalReason"].(string)
		if a["resultCode"] != want.Result || want.Result != "Authorised" && want.Result != "Pending" && (code != fmt.Sprint(want.Code) || name != want.Name) {
			t.Errorf("%s: %v", holder, a)
		}
	}
	if len(reasons) < 44 {
		t.Errorf("%d holder names", len(reasons))
	}
}

func TestRefusalsCanBeAskedForInAdyensOtherWays(t *testing.T) {
	r := start(t, "", "")
	for name, c := range map[string]struct {
		changes         []string
		code, raw, text string
	}{
		"raw code with the name":    {[]string{"Jean Dupont", "DECLINED : 06 : ERROR"}, "2", "06 : ERROR", "Refused"},
		"wrong date without a code": {[]string{"Jean Dupont", "EXPIRY INCORRECT"}, "", "DECLINED Expiry Incorrect", "Refused"},
		"by response code":          {[]string{`"returnUrl"`, `"additionalData":{"RequestedTestAcquirerResponseCode":"12"},"returnUrl"`}, "12", "NOT_ENOUGH_BALANCE", "Not enough balance"},
		"wrong code of a test card": {[]string{"737", "736"}, "2", "DECLINED", "Refused"},
		"wrong date of a test card": {[]string{"2030", "2031"}, "2", "DECLINED", "Refused"},
		"the declined test card":    {[]string{"4111111111111111", "4242424242424242"}, "2", "DECLINED", "Refused"},
	} {
		_, a, _ := r.post("/v71/payments", "", body("pay_1", c.changes...))
		data, _ := a["additionalData"].(map[string]any)
		code, _ := a["refusalReasonCode"].(string)
		if a["resultCode"] != "Refused" || code != c.code || data["refusalReasonRaw"] != c.raw || a["refusalReason"] != c.text {
			t.Errorf("%s: %v", name, a)
		}
	}
}

func TestInvalidPaymentsGetAdyensErrors(t *testing.T) {
	r := start(t, "", "")
	for name, c := range map[string]struct {
		changes []string
		status  int
		code    string
	}{
		"no amount":         {[]string{`"amount":{"value":1000,"currency":"EUR"},`, ""}, 422, "100"},
		"number":            {[]string{"4111111111111111", "4111111111111112"}, 422, "101"},
		"short number":      {[]string{"4111111111111111", "42"}, 422, "101"},
		"CVC length":        {[]string{"737", "7373"}, 422, "103"},
		"CVC letters":       {[]string{"737", "7x7"}, 422, "153"},
		"date unreadable":   {[]string{`"2030"`, `"MMXX"`}, 422, "129"},
		"date passed":       {[]string{`"2030"`, `"2026"`}, 422, "140"},
		"month thirteen":    {[]string{`"03"`, `"13"`}, 422, "141"},
		"no reference":      {[]string{`"pay_1"`, `""`}, 422, "130"},
		"negative amount":   {[]string{"1000", "-1"}, 422, "137"},
		"currency":          {[]string{`"EUR"`, `"euro"`}, 422, "138"},
		"merchant account":  {[]string{"TestMerchant", "Other"}, 403, "901"},
		"undecryptable":     {[]string{`"number":"4111111111111111"`, `"encryptedCardNumber":"adyenjs_x"`}, 422, "174"},
		"not JSON":          {[]string{"{", "["}, 400, "702"},
		"technical failure": {[]string{`"returnUrl"`, `"additionalData":{"RequestedTestErrorResponseCode":"IOEXCEPTION_RECEIVED"},"returnUrl"`}, 500, "904"},
	} {
		status, a, _ := r.post("/v71/payments", "", body("pay_1", c.changes...))
		if status != c.status || a["errorCode"] != c.code || a["message"] == "" || a["errorType"] == "" {
			t.Errorf("%s: %d %v", name, status, a)
		}
	}
	if n := len(r.sim.Ledger().Payments); n != 0 {
		t.Errorf("%d payments in the ledger", n)
	}
}

func TestWrongKeyIsUnauthorised(t *testing.T) {
	r := start(t, "", "")
	resp, err := http.Post(r.url+"/v71/payments", "application/json", strings.NewReader(body("pay_1")))
	if err != nil || resp.StatusCode != 401 {
		t.Errorf("%v, %v", resp, err)
	}
}

func TestEncryptedTestCardIsUnderstood(t *testing.T) {
	r := start(t, "", "")
	r.pay("pay_1", `"number":"4111111111111111"`, `"encryptedCardNumber":"test_4111111111111111"`, `"expiryMonth":"03"`, `"encryptedExpiryMonth":"test_03"`,
		`"expiryYear":"2030"`, `"encryptedExpiryYear":"test_2030"`, `"cvc":"737"`, `"encryptedSecurityCode":"test_737"`)
	if p := r.payment("pay_1"); p.Last4 != "1111" || p.BIN != "41111111" {
		t.Errorf("%+v", p)
	}
}

func TestDocumentedTestCardsAreWellFormed(t *testing.T) {
	r := start(t, "", "")
	for number, c := range testCards {
		if demands(c.threeDS) {
			continue
		}
		code := "737"
		if c.brand == "amex" {
			code = "7373"
		}
		r.pay("pay_"+number[len(number)-6:], "4111111111111111", number, `"737"`, `"`+code+`"`)
		if known := brandOf(number); c.brand != known && c.brand != "cartebancaire" {
			t.Errorf("a card of %s is recognised as %s", c.brand, known)
		}
	}
}

func TestAddressCheckCanBeAskedFor(t *testing.T) {
	r := start(t, "", "")
	_, a, _ := r.post("/v71/payments", "", body("pay_1", `"returnUrl"`, `"billingAddress":{"street":"Test AVS result","houseNumberOrName":"2"},"returnUrl"`))
	if data := a["additionalData"].(map[string]any); !strings.HasPrefix(data["avsResult"].(string), "2 ") {
		t.Errorf("%v", data)
	}
}

func BenchmarkPayment(b *testing.B) {
	sim, err := New(Config{APIKey: apiKey, MerchantAccount: account, HMACKey: hmacKey, Journal: filepath.Join(b.TempDir(), "j"),
		Clock: noonClock, Rand: mathrand.NewChaCha8([32]byte{})})
	if err != nil {
		b.Fatal(err)
	}
	h, n := sim.Handler(), 0
	for b.Loop() {
		n++
		q := httptest.NewRequest(http.MethodPost, "/v71/payments", strings.NewReader(body(fmt.Sprint("pay_", n))))
		q.Header.Set("X-API-Key", apiKey)
		q.Header.Set("Idempotency-Key", fmt.Sprint(n))
		h.ServeHTTP(httptest.NewRecorder(), q)
	}
}
