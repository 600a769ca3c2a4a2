package gateway

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"octroi/gateway/store"
)

func TestAPaymentIsMadeOnceAndReplayedAfterwards(t *testing.T) {
	h := newHouse(t, nil)
	first := h.pay("A-1", "Paris")
	if first.status != 201 || first.text("status") != "authorised" || first.text("card.last4") != "1111" {
		t.Fatalf("%d %s", first.status, first.body)
	}
	if first.header.Get("Location") != "/v1/payments/"+first.text("id") {
		t.Errorf("Location is %q", first.header.Get("Location"))
	}
	again := h.pay("A-1", "Paris")
	if again.status != 200 || again.header.Get(replayed) != "true" || again.text("id") != first.text("id") {
		t.Errorf("the retry was answered %d %s", again.status, again.body)
	}
	other := h.call("POST", "/v1/payments", demoKey, order("A-1", "Lyon"), "Idempotency-Key", "key-A-1")
	if other.status != 422 || other.text("code") != "idempotency_key_reused" {
		t.Errorf("the same key with another body: %d %s", other.status, other.body)
	}
	second := h.call("POST", "/v1/payments", demoKey, order("A-1", "Paris"), "Idempotency-Key", "another")
	if second.status != 409 || second.text("code") != "order_live" {
		t.Errorf("a second live payment: %d %s", second.status, second.body)
	}
	if n := h.requestsCounted("POST /v1/payments", "201"); n != 1 {
		t.Errorf("%d payments were counted as 201", n)
	}
}

func TestAShopReadsItsOwnPaymentsAndNobodyElses(t *testing.T) {
	h := newHouse(t, nil)
	id := h.pay("A-1", "Paris").text("id")
	h.pay("A-2", "Paris")
	h.pay("A-3", "Marseille")
	if a := h.call("GET", "/v1/payments/"+id, demoKey, ""); a.status != 200 || a.text("order_reference") != "A-1" {
		t.Errorf("%d %s", a.status, a.body)
	}
	if a := h.call("GET", "/v1/payments/"+id, otherKey, ""); a.status != 404 || a.text("code") != "not_found" {
		t.Errorf("another shop was answered %d %s", a.status, a.body)
	}
	a := h.call("GET", "/v1/payments?limit=2", demoKey, "")
	if a.status != 200 || len(a.field("data").([]any)) != 2 || a.text("next_cursor") == "" {
		t.Fatalf("%d %s", a.status, a.body)
	}
	a = h.call("GET", "/v1/payments?limit=2&cursor="+a.text("next_cursor"), demoKey, "")
	if len(a.field("data").([]any)) != 1 || a.field("next_cursor") != nil {
		t.Errorf("the last page: %s", a.body)
	}
	if a = h.call("GET", "/v1/payments?status=held&order_reference=A-3", demoKey, ""); len(a.field("data").([]any)) != 1 {
		t.Errorf("the filter: %s", a.body)
	}
	if a = h.call("GET", "/v1/payments", otherKey, ""); len(a.field("data").([]any)) != 0 {
		t.Errorf("another shop sees %s", a.body)
	}
}

func TestOperationsAreTakenInHandAndMadeFinalByTheProvider(t *testing.T) {
	h := newHouse(t, nil)
	at := "/v1/payments/" + h.pay("A-1", "Paris").text("id")
	capture := func() answered {
		return h.call("POST", at+"/captures", demoKey, `{"amount":{"value":5000,"currency":"EUR"},"reason":"first parcel"}`, "Idempotency-Key", "c1")
	}
	if a := capture(); a.status != 202 || a.header.Get(replayed) != "" {
		t.Fatalf("%d %s", a.status, a.body)
	}
	if a := capture(); a.status != 202 || a.header.Get(replayed) != "true" {
		t.Errorf("the retry: %d %s", a.status, a.body)
	}
	h.eventually("the capture is final", func() bool {
		return h.call("GET", at, demoKey, "").text("status") == "partially_captured"
	})
	if a := h.call("POST", at+"/captures", demoKey, `{"amount":{"value":9000,"currency":"EUR"}}`, "Idempotency-Key", "c2"); a.status != 422 || a.text("code") != "amount_exceeded" {
		t.Errorf("over-capture: %d %s", a.status, a.body)
	}
	if a := h.call("POST", at+"/refunds", demoKey, `{"amount":{"value":100,"currency":"EUR"}}`, "Idempotency-Key", "r1"); a.status != 202 {
		t.Errorf("refund: %d %s", a.status, a.body)
	}
	if a := h.call("POST", at+"/events", demoKey, `{"type":"delivered","detail":"by hand"}`); a.status != 200 {
		t.Errorf("event: %d %s", a.status, a.body)
	}
	made := h.pay("A-2", "Paris")
	if made.status != 201 {
		t.Fatalf("%d %s\n%s", made.status, made.body, h.log)
	}
	second := "/v1/payments/" + made.text("id")
	if a := h.call("POST", second+"/cancellations", demoKey, "", "Idempotency-Key", "x1"); a.status != 202 {
		t.Errorf("cancellation without a body: %d %s", a.status, a.body)
	}
	h.eventually("the cancellation is final", func() bool { return h.call("GET", second, demoKey, "").text("status") == "cancelled" })
	if a := h.call("POST", second+"/captures", demoKey, "", "Idempotency-Key", "c3"); a.status != 409 || a.text("code") != "wrong_state" {
		t.Errorf("capture of a cancelled payment: %d %s", a.status, a.body)
	}
}

func TestRefusedByTheIssuerIsAnAnswerAndNotAnError(t *testing.T) {
	h := newHouse(t, nil)
	body := strings.Replace(order("A-1", "Paris"), `"holder_name":"Jean Dupont"`, `"holder_name":"NOT_ENOUGH_BALANCE"`, 1)
	a := h.call("POST", "/v1/payments", demoKey, body, "Idempotency-Key", "k")
	if a.status != 201 || a.text("status") != "refused" || a.text("refusal.code") != "insufficient_funds" || a.text("refusal.buyer_message") == "" {
		t.Errorf("%d %s", a.status, a.body)
	}
}

func TestAnAssessmentIsScoredAndItsOutcomeNoted(t *testing.T) {
	h := newHouse(t, nil)
	a := h.call("POST", "/v1/assessments", demoKey, `{"order":{"reference":"B-1"},"amount":{"value":12990,"currency":"EUR"},
"card":{"bin":"41111111","last4":"1111","expiry_month":"03","expiry_year":"2030","issuer_country":"FR"},"buyer":{"email":"jean@example.org"}}`)
	if a.status != 200 || a.text("decision.outcome") != "approve" {
		t.Fatalf("%d %s", a.status, a.body)
	}
	at := "/v1/assessments/" + a.text("id") + "/events"
	if a = h.call("POST", at, demoKey, `{"type":"refused","refusal":"insufficient_funds","at":"2026-11-20T12:00:00Z"}`); a.status != 204 {
		t.Errorf("%d %s", a.status, a.body)
	}
	if a = h.call("POST", at, otherKey, `{"type":"captured"}`); a.status != 404 {
		t.Errorf("another shop's outcome: %d %s", a.status, a.body)
	}
	if a = h.call("POST", at, demoKey, `{"type":"married"}`); a.status != 422 || !strings.Contains(string(a.body), `"/type"`) {
		t.Errorf("%d %s", a.status, a.body)
	}
}

func TestAnalystsWorkACaseFromClaimToApproval(t *testing.T) {
	h := newHouse(t, nil)
	analyst := h.person(store.RoleAnalyst)
	held := h.pay("A-1", "Marseille")
	if held.status != 201 || held.text("status") != "held" || held.text("case.proof_url") == "" {
		t.Fatalf("%d %s", held.status, held.body)
	}
	list := h.call("GET", "/v1/cases?status=awaiting_proof&sort=score", analyst, "")
	if list.status != 200 || len(list.field("data").([]any)) != 1 || strings.Contains(string(list.body), "/proof/") {
		t.Fatalf("%d %s", list.status, list.body)
	}
	at := "/v1/cases/" + held.text("case.id")
	for _, step := range []struct{ act, body, status string }{{"claim", "", "awaiting_proof"}, {"notes", `{"note":"called the shop"}`, ""},
		{"request_proof", `{"kinds":["bank_statement"],"note":"one page"}`, "awaiting_proof"}, {"release", "{}", ""},
		{"messages", `{"text":"Bonjour,\nmerci."}`, ""}, {"approve", `{"note":"fine"}`, "approved"}} {
		a := h.call("POST", at+"/"+step.act, analyst, step.body)
		if a.status != 200 || step.status != "" && a.text("status") != step.status {
			t.Errorf("%s: %d %s", step.act, a.status, a.body)
		}
	}
	if a := h.call("POST", at+"/reject", analyst, `{"reason":"too late"}`); a.status != 409 {
		t.Errorf("rejecting a decided case: %d %s", a.status, a.body)
	}
	if a := h.call("GET", at, analyst, ""); a.status != 200 || a.text("payment.status") != "authorised" {
		t.Errorf("%d %s", a.status, a.body)
	}
	if a := h.call("GET", "/v1/cases/case_nothing", analyst, ""); a.status != 404 {
		t.Errorf("%d %s", a.status, a.body)
	}
}

func TestListsAreReadByAnalystsAndKeptBySeniors(t *testing.T) {
	h := newHouse(t, nil)
	analyst, senior := h.person(store.RoleAnalyst), h.person(store.RoleSenior)
	entry := `{"value":"Fraud/Ster@example.org","note":"chargeback","expires_at":"2027-01-31T00:00:00Z"}`
	if a := h.call("POST", "/v1/lists/blocked_emails/entries", analyst, entry); a.status != 403 {
		t.Errorf("an analyst wrote: %d %s", a.status, a.body)
	}
	if a := h.call("POST", "/v1/lists/blocked_emails/entries", senior, entry); a.status != 201 || a.text("value") != "fraud/ster@example.org" || a.text("added_by") != "senior" {
		t.Fatalf("%d %s", a.status, a.body)
	}
	for i := range 3 {
		h.call("POST", "/v1/lists/blocked_ips/entries", senior, fmt.Sprintf(`{"value":"198.51.100.%d"}`, i))
	}
	if a := h.call("POST", "/v1/lists/blocked_cards/entries", senior, `{"value":"4111111111111111"}`); a.status != 422 || strings.Contains(string(a.body), "4111") {
		t.Errorf("a card number: %d %s", a.status, a.body)
	}
	var seen []string
	for path, pages := "/v1/lists?limit=3", 0; path != "" && pages < 5; pages++ {
		a := h.call("GET", path, analyst, "")
		for _, e := range a.field("data").([]any) {
			seen = append(seen, e.(map[string]any)["value"].(string))
		}
		if path = ""; a.text("next_cursor") != "" {
			path = "/v1/lists?limit=3&cursor=" + a.text("next_cursor")
		}
	}
	if want := []string{"fraud/ster@example.org", "198.51.100.0", "198.51.100.1", "198.51.100.2"}; !slices.Equal(seen, want) {
		t.Errorf("the pages hold %v", seen)
	}
	if a := h.call("DELETE", "/v1/lists/blocked_emails/entries/fraud%2Fster%40example.org", senior, ""); a.status != 204 {
		t.Errorf("%d %s", a.status, a.body)
	}
	if a := h.call("GET", "/v1/lists?list=blocked_emails", analyst, ""); len(a.field("data").([]any)) != 0 {
		t.Errorf("the entry is still there: %s", a.body)
	}
}

func TestForgedAndMalformedNotificationsAreToldApart(t *testing.T) {
	h := newHouse(t, nil)
	forged := `{"live":"false","notificationItems":[{"NotificationRequestItem":{"eventCode":"CAPTURE","success":"true","pspReference":"AAAA",
"merchantAccountCode":"TestMerchant","merchantReference":"x","amount":{"value":1,"currency":"EUR"},"eventDate":"2026-11-20T12:00:00+00:00","additionalData":{"hmacSignature":"AAAA"}}}]}`
	json := map[string]string{"Content-Type": "application/json"}
	if a := h.send("POST", "/v1/notifications/adyen", json, forged); a.status != 401 || a.text("code") != "unauthorised" {
		t.Errorf("forged: %d %s", a.status, a.body)
	}
	if a := h.send("POST", "/v1/notifications/adyen", json, `{"live":`); a.status != 400 || a.text("code") != "invalid_json" {
		t.Errorf("malformed: %d %s", a.status, a.body)
	}
	if h.requestsCounted("POST /v1/notifications/adyen", "401") != 1 {
		t.Error("the forgery was not counted")
	}
}

func TestTheContractAndItsPageAreServed(t *testing.T) {
	h := newHouse(t, nil)
	if a := h.send("GET", "/openapi.json", nil, ""); a.status != 200 || a.text("openapi") != "3.1.0" {
		t.Errorf("%d %.200s", a.status, a.body)
	}
	a := h.send("GET", "/docs", nil, "")
	page := string(a.body)
	if a.status != http.StatusOK || strings.Contains(page, "<script") {
		t.Fatalf("%d %.200s", a.status, page)
	}
	for code := range outcomes {
		if !strings.Contains(page, `id="`+string(code)+`"`) {
			t.Errorf("a problem's type points at /docs#%s, which is not there", code)
		}
	}
}
