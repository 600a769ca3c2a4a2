package adyen

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
)

// BenchmarkAuthorise measures the adapter and a server that does nothing but answer, over loopback HTTP.
func BenchmarkAuthorise(b *testing.B) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, `{"pspReference":"KHHQ9DJZ7M9JNR65","resultCode":"Authorised","amount":{"currency":"EUR","value":12990},`+
			`"additionalData":{"cardSummary":"1111","issuerBin":"41111111","paymentMethod":"visa","avsResult":"7 Both match","cvcResult":"1 Matches"}}`)
	}))
	defer server.Close()
	a, err := New(Config{Endpoint: server.URL + "/v71", APIKey: testKey, Account: testAccount, Clock: clock})
	if err != nil {
		b.Fatal(err)
	}
	n := 0
	b.ReportAllocs()
	for b.Loop() {
		n++
		au := payment(fmt.Sprint("pay_", n))
		au.Shop = ""
		if _, err := a.Authorise(b.Context(), au); err != nil {
			b.Fatal(err)
		}
	}
}
