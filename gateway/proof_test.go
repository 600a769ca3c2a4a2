package gateway

import (
	"net/url"
	"strings"
	"testing"

	"octroi/gateway/hold"
	"octroi/gateway/store"
)

// proof makes a held payment and gives the path of its link and the id of its case.
func (h *house) proof(reference string) (path, caseID string) {
	h.t.Helper()
	held := h.pay(reference, "Marseille")
	path, ok := strings.CutPrefix(held.text("case.proof_url"), "https://pay.example")
	if !ok {
		h.t.Fatalf("no link: %d %s", held.status, held.body)
	}
	return path, held.text("case.id")
}

// buyer is somebody who was sent a link, and whose browser keeps a cookie.
type buyer struct {
	*house
	link, caseID, cookie string
}

// buyer makes a held payment and opens its link.
func (h *house) buyer(reference string) *buyer {
	h.t.Helper()
	b := &buyer{house: h}
	b.link, b.caseID = h.proof(reference)
	b.open()
	return b
}

// open swaps the link for a cookie.
func (b *buyer) open() {
	b.t.Helper()
	a := b.send("POST", b.link, map[string]string{"Sec-Fetch-Site": "same-origin"}, "")
	if a.status != 303 || a.header.Get("Location") != "/proof" {
		b.t.Fatalf("the link was not swapped: %d %s", a.status, a.header.Get("Location"))
	}
	b.cookie, _, _ = strings.Cut(a.header.Get("Set-Cookie"), ";")
}

func (b *buyer) page(query string) answered {
	b.t.Helper()
	return b.send("GET", "/proof"+query, map[string]string{"Cookie": b.cookie}, "")
}

// post sends one of the page's forms; form is names and values in turn.
func (b *buyer) post(path string, form ...string) answered {
	b.t.Helper()
	values := url.Values{}
	for i := 0; i+1 < len(form); i += 2 {
		values.Set(form[i], form[i+1])
	}
	return b.send("POST", path, map[string]string{"Cookie": b.cookie, "Content-Type": "application/x-www-form-urlencoded", "Origin": "null"}, values.Encode())
}

// has names what the page lacks.
func (a answered) has(texts ...string) {
	a.t.Helper()
	for _, text := range texts {
		if !strings.Contains(string(a.body), text) {
			a.t.Errorf("%d: the page lacks %q", a.status, text)
		}
	}
}

// code is the one on the buyer's bank statement.
func (h *house) code() string {
	h.t.Helper()
	lines := h.sim.Statement("1111")
	if len(lines) == 0 || len(lines[0].Text) < 4 {
		h.t.Fatalf("no line on the statement: %v", lines)
	}
	return lines[0].Text[len(lines[0].Text)-4:]
}

// wrong is a code that is not the right one.
func wrong(code string) string {
	if code == "0000" {
		return "0001"
	}
	return "0000"
}

// demoReader is the token of a person who may read cases.
func demoReader(h *house) string {
	if h.reader == "" {
		h.reader = h.person(store.RoleAnalyst)
	}
	return h.reader
}

func TestRightCodeEndsTheCaseWithoutAPerson(t *testing.T) {
	h := newHouse(t, nil)
	b := h.buyer("A-1")
	code := h.code()
	b.page("").has("ATELIER MEMOIRE", "Vous avez trois essais.")
	b.post("/proof/code?lang=en", "case", b.caseID, "code", "12a").has(`href="#code"`, "type the four digits only", "You can try three times.")
	a := b.post("/proof/code?lang=en", "case", b.caseID, "code", wrong(code))
	if a.status != 422 {
		t.Errorf("a wrong code: %d", a.status)
	}
	a.has(`role="alert"`, `href="#code"`, "You have two tries left.")
	if strings.Contains(string(a.body), `value="`+wrong(code)) {
		t.Error("the page shows the code that was typed")
	}
	a = b.post("/proof/code?lang=en", "case", b.caseID, "code", " "+code[:2]+" "+code[2:]+" ")
	if a.status != 200 || !strings.Contains(a.header.Get("Set-Cookie"), "octroi-proof=;") {
		t.Fatalf("the right code: %d, cookie %q, %.300s", a.status, a.header.Get("Set-Cookie"), a.body)
	}
	a.has("Thank you: your order is confirmed", "Atelier Mémoire prepares your order")
	if a := h.call("GET", "/v1/cases/"+b.caseID, demoReader(h), ""); a.text("status") != "approved" || a.text("proof.code") != "passed" {
		t.Errorf("the case: %s", a.body)
	}
	if a := b.page(""); a.status != 404 {
		t.Errorf("the session outlived the decision: %d", a.status)
	}
	if strings.Contains(h.log.String(), code) {
		t.Error("the code is in the log")
	}
}

func TestThreeWrongCodesLeaveTheOtherWays(t *testing.T) {
	h := newHouse(t, nil)
	b := h.buyer("A-1")
	bad := wrong(h.code())
	for i, want := range []int{422, 422, 409, 409} {
		a := b.post("/proof/code?lang=en", "case", b.caseID, "code", bad)
		if a.status != want {
			t.Errorf("try %d: %d", i+1, a.status)
		}
		if want == 409 {
			a.has("cannot be tried again", `id="ask-identity" open`)
		}
	}
	if a := b.post("/proof/code", "case", b.caseID, "code", h.code()); a.status != 409 {
		t.Errorf("the right code came too late and was answered %d", a.status)
	}
}

func TestBuyerAsksForAPersonAndOneIsTold(t *testing.T) {
	h := newHouse(t, nil)
	b := h.buyer("A-1")
	if a := b.post("/proof/human?lang=en", "case", b.caseID); a.status != 303 || a.header.Get("Location") != "/proof?lang=en&sent=human" {
		t.Fatalf("%d %s", a.status, a.header.Get("Location"))
	}
	page := b.page("?lang=en&sent=human")
	page.has("Understood: a person will look", "You have asked for it")
	if strings.Contains(string(page.body), `action="/proof/human`) {
		t.Error("what was asked for is offered again")
	}
	if a := h.call("GET", "/v1/cases/"+b.caseID, demoReader(h), ""); a.text("status") != "awaiting_review" {
		t.Errorf("the case: %s", a.body)
	}
}

func TestBuyerGivesTheOrderUpWithASecondWord(t *testing.T) {
	h := newHouse(t, nil)
	b := h.buyer("A-1")
	ask := b.send("GET", "/proof/withdraw?lang=en", map[string]string{"Cookie": b.cookie}, "")
	if ask.status != 200 {
		t.Fatalf("%d %.300s", ask.status, ask.body)
	}
	ask.has("Do you want to cancel this order?", `action="/proof/withdraw?lang=en"`, `href="/proof?lang=en"`, "not debited")
	if a := h.call("GET", "/v1/cases/"+b.caseID, demoReader(h), ""); a.text("status") != "awaiting_proof" {
		t.Errorf("the question alone ended the case: %s", a.body)
	}
	a := b.post("/proof/withdraw?lang=en", "case", b.caseID)
	if a.status != 200 {
		t.Fatalf("%d %.300s", a.status, a.body)
	}
	a.has("Your order is cancelled", "not debited")
	if a := b.post("/proof/withdraw?lang=en", "case", b.caseID); a.status != 404 {
		t.Errorf("a second time: %d", a.status)
	}
	h.eventually("the authorisation to be cancelled", func() bool {
		return h.call("GET", "/v1/payments?order_reference=A-1", demoKey, "").first("status") == "cancelled"
	})
}

// first reads a member of a list's first entry.
func (a answered) first(name string) string {
	a.t.Helper()
	data, _ := a.field("data").([]any)
	if len(data) == 0 {
		return ""
	}
	text, _ := data[0].(map[string]any)[name].(string)
	return text
}

func TestBuyerAndAnalystTalkOnThePage(t *testing.T) {
	h := newHouse(t, nil)
	b := h.buyer("A-1")
	if a := b.post("/proof/messages", "case", b.caseID, "text", "Bonjour,\r\nje n'ai pas de relevé."); a.status != 303 || !strings.HasSuffix(a.header.Get("Location"), "sent=message") {
		t.Fatalf("%d %.300s", a.status, a.body)
	}
	if a := b.post("/proof/messages", "text", "ma carte : 4111 1111 1111 1111"); a.status != 422 || !strings.Contains(string(a.body), "contient un numéro de carte") {
		t.Errorf("a card number in a message: %d %.300s", a.status, a.body)
	}
	if a := h.call("POST", "/v1/cases/"+b.caseID+"/messages", demoReader(h), `{"text":"Une capture suffit."}`); a.status != 200 {
		t.Errorf("%d %s", a.status, a.body)
	}
	b.page("?lang=en").has(`<html lang="en">`, "je n&#39;ai pas de relevé.", "Une capture suffit.", "Atelier Mémoire", `id="write" open`)
	for name, text := range map[string]string{"empty": " ", "long": strings.Repeat("x", hold.MaxNote+1), "control": "a\x07b", "not UTF-8": "\xff"} {
		if a := b.post("/proof/messages", "text", text); a.status != 422 || !strings.Contains(string(a.body), `href="#text"`) {
			t.Errorf("%s: %d", name, a.status)
		}
	}
}
