package gateway

import (
	"net/http"
	"strings"
	"testing"

	"octroi/gateway/payment"
)

// TestACancellationMayNameTheWholeAmount sends what captures and refunds take too.
func TestACancellationMayNameTheWholeAmount(t *testing.T) {
	h := newHouse(t, nil)
	at := "/v1/payments/" + h.pay("A-1", "Paris").text("id")
	a := h.call("POST", at+"/cancellations", demoKey, `{"amount":{"value":12990,"currency":"EUR"},"reason":"changed their mind"}`, "Idempotency-Key", "x")
	if a.status != 202 {
		t.Errorf("%d %s", a.status, a.body)
	}
	h.eventually("the cancellation is final", func() bool { return h.call("GET", at, demoKey, "").text("status") == "cancelled" })
}

func TestAMissingAmountIsRequiredByName(t *testing.T) {
	h := newHouse(t, nil)
	body := strings.Replace(order("A-1", "Paris"), `"amount":{"value":12990,"currency":"EUR"},`, "", 1)
	for path, says := range map[string]string{"/v1/payments": body, "/v1/assessments": `{"order":{"reference":"A-1"},"buyer":{"email":"a@example.org"}}`} {
		a := refusedWith(t, h.call("POST", path, demoKey, says, "Idempotency-Key", "k"), payment.CodeInvalid)
		if !strings.Contains(a, `{"pointer":"/amount","detail":"is required"}`) || strings.Contains(a, "/amount/") {
			t.Errorf("%s: %s", path, a)
		}
	}
}

func TestTheBareAddressLeadsToTheContract(t *testing.T) {
	h := newHouse(t, nil)
	c := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	r := got[*http.Response](t)(c.Get(h.url + "/"))
	_ = r.Body.Close()
	if r.StatusCode != 302 || r.Header.Get("Location") != "/docs" {
		t.Errorf("%d to %q", r.StatusCode, r.Header.Get("Location"))
	}
}
