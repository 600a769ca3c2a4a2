package adyensim

import (
	mathrand "math/rand/v2"
	"net/http/httptest"
	"strings"
	"testing"
)

// FuzzAnythingIsAnswered sends any body to every address that takes one: the server answers, and no payment begins that
// none asked for.
func FuzzAnythingIsAnswered(f *testing.F) {
	paths := []string{"/v71/payments", "/v72/payments/details", "/v71/payments/X/captures", "/v71/cancels", "/ledger/pay_1", "/faults",
		pathRedirect, pathMethod, pathMethodNotification, pathChallenge, pathChallengeNotification}
	for i, text := range []string{body("pay_1"), `{"details":{"redirectResult":"x"}}`, `{"merchantAccount":"TestMerchant","amount":{"value":1,"currency":"EUR"}}`,
		`{"merchantAccount":"TestMerchant","paymentReference":"pay_1"}`, `{"event":"EXPIRE"}`, `{"status":500}`, "MD=1&choice=pay", "threeDSMethodData=e30",
		"threeDSMethodData=e30", "creq=e30&choice=pay", "cres=e30"} {
		f.Add(uint8(i), text)
	}
	sim, err := New(Config{APIKey: apiKey, MerchantAccount: account, Clock: noonClock, Rand: mathrand.NewChaCha8([32]byte{}), Keep: 50})
	if err != nil {
		f.Fatal(err)
	}
	handler := sim.Handler()
	f.Fuzz(func(t *testing.T, which uint8, text string) {
		path := paths[int(which)%len(paths)]
		q := httptest.NewRequest("POST", path, strings.NewReader(text))
		if path == "/faults" {
			q.Method = "PUT"
		}
		q.Header.Set("X-API-Key", apiKey)
		if strings.HasPrefix(path, "/shopper") {
			q.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		}
		sim.Fault(Fault{}) // an earlier input may have set one
		known := len(sim.Ledger().Payments)
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, q)
		if more := len(sim.Ledger().Payments) - known; w.Body.Len() == 0 || more > 0 && (path != "/v71/payments" || w.Code != 200) {
			t.Errorf("%s: %d %s, %d payments more", path, w.Code, w.Body, more)
		}
	})
}
