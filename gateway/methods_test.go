package gateway

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
)

const everyKey = "sk_test_every_means_of_payment_0123456789"

// by is an order's body that is paid otherwise than by card.
func by(means, reference, city string) string {
	body := order(reference, city)
	from := strings.Index(body, `{"type":"card"`)
	return body[:from] + `{"type":"` + means + `"}` + body[from+strings.IndexByte(body[from:], '}')+1:]
}

// payBy makes a payment at the shop that takes every means.
func (h *house) payBy(means, reference, city string) answered {
	h.t.Helper()
	return h.call("POST", "/v1/payments", everyKey, by(means, reference, city), "Idempotency-Key", "key-"+reference)
}

// chooses does what a buyer chooses on the method's page, and gives what their browser brings back.
func (h *house) chooses(a answered, choice string) string {
	h.t.Helper()
	page := got[*url.URL](h.t)(url.Parse(a.text("action.url")))
	r := httptest.NewRequest(http.MethodPost, page.Path, strings.NewReader(url.Values{"MD": {page.Query().Get("MD")}, "choice": {choice}}.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	rec := httptest.NewRecorder()
	h.sim.Handler().ServeHTTP(rec, r)
	return got[*url.URL](h.t)(rec.Result().Location()).Query().Get("redirectResult")
}

func TestAShopIsToldWhichMeansItTakes(t *testing.T) {
	h := newHouse(t, nil)
	a := h.call("POST", "/v1/payments", demoKey, by("paypal", "A-1", "Paris"), "Idempotency-Key", "k")
	if a.status != 422 || !strings.Contains(string(a.body), `"/payment_method/type"`) || !strings.Contains(string(a.body), "this shop takes: card") {
		t.Errorf("%d %s", a.status, a.body)
	}
	if a = h.payBy("barter", "A-2", "Paris"); a.status != 422 || !strings.Contains(string(a.body), "card, paypal, alma, bank_transfer, cheque") {
		t.Errorf("%d %s", a.status, a.body)
	}
	if a = h.call("POST", "/v1/payments", everyKey, strings.Replace(order("A-3", "Paris"), `"type":"card"`, `"type":"cheque"`, 1), "Idempotency-Key", "k3"); a.status != 422 || !strings.Contains(string(a.body), "nothing but the type") || strings.Contains(string(a.body), "4111") {
		t.Errorf("%d %s", a.status, a.body)
	}
}

func TestPayPalGoesThroughItsPageToCaptured(t *testing.T) {
	h := newHouse(t, nil)
	a := h.payBy("paypal", "A-1", "Paris")
	if a.status != 201 || a.text("status") != "action_required" || a.text("payment_method.type") != "paypal" || a.field("card") != nil {
		t.Fatalf("%d %s", a.status, a.body)
	}
	id := a.text("id")
	a = h.call("POST", "/v1/payments/"+id+"/details", everyKey, `{"details":{"redirectResult":"`+h.chooses(a, "pay")+`"}}`)
	if a.status != 200 || a.text("status") != "captured" || a.field("captured_amount.value") != 12990.0 {
		t.Fatalf("%d %s", a.status, a.body)
	}
	a = h.call("POST", "/v1/payments/"+id+"/refunds", everyKey, "", "Idempotency-Key", "r")
	if a.status != 202 {
		t.Errorf("%d %s", a.status, a.body)
	}
	h.eventually("the refund is made", func() bool {
		return h.call("GET", "/v1/payments/"+id, everyKey, "").text("status") == "refunded"
	})
}

func TestATransferIsFinishedByItsEvents(t *testing.T) {
	h := newHouse(t, nil)
	a := h.payBy("bank_transfer", "A-1", "Paris")
	if a.status != 201 || a.text("status") != "action_required" || a.text("action.type") != "bank_transfer" || a.text("action.data.iban") == "" {
		t.Fatalf("%d %s", a.status, a.body)
	}
	events := "/v1/payments/" + a.text("id") + "/events"
	for body, want := range map[string]string{
		`{"type":"funds_received","amount":{"value":12000,"currency":"EUR"}}`:  "9.90 EUR is missing",
		`{"type":"funds_received","amount":{"value":-1,"currency":"EUR"}}`:     "between 1 and",
		`{"type":"funds_received","amount":{"value":12990,"currency":"euro"}}`: "ISO 4217",
		`{"type":"delivered","amount":{"value":12990,"currency":"EUR"}}`:       "funds_received and funds_returned alone",
		`{"type":"funds_received","amounts":{"value":12990}}`:                  "/amounts",
	} {
		if a := h.call("POST", events, everyKey, body); a.status != 422 || !strings.Contains(string(a.body), want) {
			t.Errorf("%s: %d %s", body, a.status, a.body)
		}
	}
	if a = h.call("POST", events, everyKey, `{"type":"funds_returned"}`); a.status != 409 {
		t.Errorf("%d %s", a.status, a.body)
	}
	if a = h.call("POST", events, everyKey, `{"type":"funds_received","amount":{"value":12990,"currency":"EUR"},"detail":"statement 7"}`); a.status != 200 || a.text("status") != "captured" {
		t.Fatalf("%d %s", a.status, a.body)
	}
	if a = h.call("POST", strings.Replace(events, "events", "refunds", 1), everyKey, "", "Idempotency-Key", "r"); a.status != 202 || a.text("status") != "captured" {
		t.Fatalf("%d %s", a.status, a.body)
	}
	if a = h.call("POST", events, everyKey, `{"type":"funds_returned"}`); a.status != 200 || a.text("status") != "refunded" || a.field("refunded_amount.value") != 12990.0 {
		t.Errorf("%d %s", a.status, a.body)
	}
}

func TestAHeldTransferIsHeldOnceItIsPaid(t *testing.T) {
	h := newHouse(t, nil)
	a := h.payBy("cheque", "A-1", "Marseille")
	if a.text("action.data.payable_to") == "" || a.field("case") != nil {
		t.Fatalf("%d %s", a.status, a.body)
	}
	a = h.call("POST", "/v1/payments/"+a.text("id")+"/events", everyKey, `{"type":"funds_received"}`)
	if a.status != 200 || a.text("status") != "held" || a.text("case.status") != "awaiting_proof" || a.field("captured_amount.value") != 12990.0 {
		t.Fatalf("%d %s", a.status, a.body)
	}
	page := h.send("GET", strings.TrimPrefix(a.text("case.proof_url"), "https://pay.example"), nil, "")
	for _, wrong := range []string{"réservé", "débité", "titulaire"} {
		if page.status != 200 || strings.Contains(string(page.body), wrong) {
			t.Errorf("the proof page speaks of money that is taken as %q: %d", wrong, page.status)
		}
	}
}

func TestARefusalAndADeclineOfferTheOtherMeans(t *testing.T) {
	h := newHouse(t, nil)
	a := h.call("POST", "/v1/payments", everyKey, strings.Replace(order("A/1", "Paris"), "Jean Dupont\"},\n\"billing", "NOT_ENOUGH_BALANCE\"},\n\"billing", 1), "Idempotency-Key", "k")
	others, _ := a.field("refusal.other_methods").([]any)
	if a.status != 201 || a.text("status") != "refused" || len(others) != 4 || a.text("refusal.retry_url") != "https://shop.example/pay/A%2F1" || a.text("refusal.buyer_message") == "" {
		t.Errorf("%d %s", a.status, a.body)
	}
	a = h.call("POST", "/v1/lists/blocked_emails/entries", h.person("senior"), `{"value":"jean@example.org"}`)
	if a.status != 201 {
		t.Fatalf("%d %s", a.status, a.body)
	}
	a = h.payBy("alma", "A-2", "Paris")
	if a.text("status") != "declined" || a.text("decline.buyer_message") == "" || a.text("decline.retry_url") != "https://shop.example/pay/A-2" || a.field("refusal") != nil {
		t.Errorf("%d %s", a.status, a.body)
	}
}
