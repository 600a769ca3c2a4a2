package gateway

import (
	"strings"
	"testing"

	"octroi/gateway/store"
)

func TestAnalystsJudgeEachDocumentOfACase(t *testing.T) {
	h := newHouse(t, nil)
	analyst := h.person(store.RoleAnalyst)
	b := h.buyer("A-1")
	at := "/v1/cases/" + b.caseID
	send := func(kind string) string {
		t.Helper()
		if a := b.documents("/proof/documents", b.caseID, kind, photo(t)); a.status != 303 {
			t.Fatalf("%d %.300s", a.status, a.body)
		}
		documents := h.call("GET", at, analyst, "").field("proof.documents").([]any)
		return documents[len(documents)-1].(map[string]any)["id"].(string)
	}
	last := func(a answered) map[string]any {
		documents := a.field("proof.documents").([]any)
		return documents[len(documents)-1].(map[string]any)
	}
	for _, c := range []struct{ verb, body, document, status string }{
		{"accept", "", "accepted", "awaiting_review"},
		{"unreadable", `{"reason":"Le bas est coupé."}`, "unreadable", "awaiting_proof"},
		{"refuse", `{"reason":"Ce n'est pas le bon nom."}`, "refused", "awaiting_review"},
		{"card_data", "{}", "destroyed", "awaiting_proof"},
	} {
		a := h.call("POST", at+"/documents/"+send("identity")+"/"+c.verb, analyst, c.body)
		if a.status != 200 || last(a)["status"] != c.document || last(a)["judged_by"] != "analyst" || a.text("status") != c.status {
			t.Errorf("%s: %d %s", c.verb, a.status, a.body)
		}
	}
	doc := send("bank_statement")
	for _, c := range []struct {
		path, body string
		status     int
		says       string
	}{
		{doc + "/refuse", "{}", 422, `"/reason"`},
		{doc + "/refuse", `{"reason":"4111 1111 1111 1111"}`, 422, `"/reason"`},
		{"doc_nothing/accept", "{}", 404, "document"},
		{"DOC/accept", "{}", 404, "not_found"},
		{doc + "/burn", "{}", 404, "not_found"},
	} {
		if a := h.call("POST", at+"/documents/"+c.path, analyst, c.body); a.status != c.status || !strings.Contains(string(a.body), c.says) {
			t.Errorf("%s: %d %s", c.path, a.status, a.body)
		}
	}
	if a := h.call("POST", at+"/documents/"+doc+"/accept", demoKey, "{}"); a.status != 401 && a.status != 403 {
		t.Errorf("a shop judged: %d %s", a.status, a.body)
	}
	if a := h.call("POST", at+"/request_proof", analyst, `{"kinds":["card_copy"]}`); a.status != 422 || !strings.Contains(string(a.body), "legal profile") {
		t.Errorf("a copy of the card was asked for: %d %s", a.status, a.body)
	}
}
