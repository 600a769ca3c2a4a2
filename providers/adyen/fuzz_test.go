package adyen

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"unicode/utf8"

	"octroi/providers"
)

// FuzzNotifications holds that no body makes the reader panic, and that nothing unsigned is ever read.
func FuzzNotifications(f *testing.F) {
	a, err := New(Config{Endpoint: "https://checkout-test.adyen.com/v71", APIKey: "k", Account: "m", HMACKeys: []providers.Secret{testHMAC}, Clock: clock})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		ns, err := a.Notifications(body)
		if err == nil && !strings.Contains(string(body), "hmacSignature") && !strings.Contains(string(body), `\u`) {
			t.Fatalf("read without a signature: %+v", ns)
		}
		if err != nil && !errors.Is(err, ErrMalformed) && !errors.Is(err, ErrSignature) {
			t.Fatalf("an error of neither kind: %v", err)
		}
	})
}

// FuzzNotificationItem reads items as if they were signed: every text that leaves is bounded.
func FuzzNotificationItem(f *testing.F) {
	a, err := New(Config{Endpoint: "https://checkout-test.adyen.com/v71", APIKey: "k", Account: "m", Clock: clock})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		o, ok := decode(body)
		if !ok {
			return
		}
		n := a.notification(o)
		if len(n.ID) > 200 || len(n.Code) > 64 || len(n.Reason) > 200 || len(n.PaymentID)+len(n.OperationID)+len(n.PaymentReference)+len(n.ModificationReference) > 4*maxReference {
			t.Fatalf("not bounded: %+v", n)
		}
		if n.Kind == "" || n.At.IsZero() || n.Kind == providers.KindAuthorisation && n.Result == nil {
			t.Fatalf("incomplete: %+v", n)
		}
	})
}

// FuzzAnswer holds that no answer makes the reader panic, that only Adyen's own word approves, and that nothing that
// looks like a card number is kept.
func FuzzAnswer(f *testing.F) {
	a, err := New(Config{Endpoint: "https://checkout-test.adyen.com/v71", APIKey: "k", Account: "m", Clock: clock})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, status int, body []byte) {
		r, err := a.readPayment("authorise", &exchange{complete: true, status: status, header: http.Header{}, body: body}, asked{payment: "pay_1", amount: payment("").Amount, card: payment("").Card})
		if err != nil {
			var e *providers.Error
			if !errors.As(err, &e) {
				t.Fatalf("not an *Error: %v", err)
			}
			return
		}
		if r.Status == "" || r.Status == providers.StatusAuthorised && (status >= 300 || r.Reference == "" || r.ExpiresAt.IsZero()) {
			t.Fatalf("HTTP %d read as %+v", status, r)
		}
		if (r.Status == providers.StatusRefused) != (r.Refusal != nil) && r.Status != providers.StatusCancelled {
			t.Fatalf("status %s with refusal %v", r.Status, r.Refusal)
		}
		if r.Refusal != nil && (len(r.Refusal.Raw) > maxRaw+16 || !utf8.ValidString(r.Refusal.Raw) || r.Refusal.Code == "" || r.Refusal.Retry == "") {
			t.Fatalf("refusal %+v", r.Refusal)
		}
		if len(r.BIN) > 8 || len(r.Last4) > 4 || len(r.Brand) > 40 {
			t.Fatalf("card described as %+v", r)
		}
	})
}
