package gateway

import (
	"bytes"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"
)

func TestLinkIsSwappedForACookieByItsButtonAlone(t *testing.T) {
	h := newHouse(t, nil)
	path, caseID := h.proof("A-1")
	events := func() int {
		return len(h.call("GET", "/v1/cases/"+caseID, demoReader(h), "").field("events").([]any))
	}
	before := events()
	for range 5 { // mail scanners
		a := h.send("GET", path, nil, "")
		if a.status != 200 || a.header.Get("Set-Cookie") != "" || strings.Contains(string(a.body), "A-1") {
			t.Fatalf("%d, cookie %q", a.status, a.header.Get("Set-Cookie"))
		}
		a.has(`<html lang="fr">`, `method="post" action="`+path+`?lang=fr"`, "Atelier Mémoire vous a écrit")
	}
	if events() != before {
		t.Error("reading the link's page is an event")
	}
	a := h.send("POST", path+"?lang=en", map[string]string{"Sec-Fetch-Site": "same-origin"}, "")
	if a.status != 303 || a.header.Get("Location") != "/proof?lang=en" || strings.Contains(a.header.Get("Location"), path) {
		t.Fatalf("%d %q", a.status, a.header.Get("Location"))
	}
	cookie := a.header.Get("Set-Cookie")
	if !regexp.MustCompile(`(?i)^__Host-octroi-proof=s\.[\w-]+; expires=[^;]+; path=/; HttpOnly; secure; SameSite=Lax$`).MatchString(cookie) {
		t.Errorf("the cookie is %q", cookie)
	}
	cookie, _, _ = strings.Cut(cookie, ";")
	page := h.send("GET", "/proof?lang=en", map[string]string{"Cookie": cookie}, "")
	page.has(`<html lang="en">`, "A-1", `name="case" value="`+caseID+`"`)
	if strings.Contains(string(page.body), strings.TrimPrefix(path, "/proof/")) {
		t.Error("the page holds the token")
	}
	if a := h.send("GET", path, map[string]string{"Cookie": cookie}, ""); a.status != 303 || a.header.Get("Location") != "/proof" {
		t.Errorf("a browser that has the page open is stopped at its link: %d", a.status)
	}
	other, _ := h.proof("A-2")
	if a := h.send("GET", other, map[string]string{"Cookie": cookie}, ""); a.status != 200 {
		t.Errorf("another case's link led to the open one: %d", a.status)
	}
}

func TestPageCarriesThePolicyThatItKeeps(t *testing.T) {
	h := newHouse(t, nil)
	b := h.buyer("A-1")
	a := b.page("")
	csp := a.header.Get("Content-Security-Policy")
	if strings.Contains(csp, "unsafe") || strings.Contains(csp, "*") {
		t.Errorf("the policy is %q", csp)
	}
	for _, want := range []string{"default-src 'none'", "style-src 'sha256-", "script-src 'self'", "connect-src 'self'", "form-action 'self'", "frame-ancestors 'none'", "base-uri 'none'"} {
		if !strings.Contains(csp, want) {
			t.Errorf("the policy lacks %s: %q", want, csp)
		}
	}
	for header, want := range map[string]string{"Cache-Control": "no-store", "Referrer-Policy": "no-referrer", "X-Content-Type-Options": "nosniff", "Cross-Origin-Resource-Policy": "same-origin"} {
		if got := a.header.Get(header); got != want {
			t.Errorf("%s is %q", header, got)
		}
	}
	script := regexp.MustCompile(`<script src="([^"]+)" defer>`).FindSubmatch(a.body)
	if script == nil {
		t.Fatal("the page names no script")
	}
	got := h.send("GET", string(script[1]), nil, "")
	if got.status != 200 || got.header.Get("Content-Type") != "text/javascript; charset=utf-8" || !strings.Contains(got.header.Get("Cache-Control"), "immutable") {
		t.Errorf("the script: %d %s", got.status, got.header.Get("Content-Type"))
	}
	if a := h.send("GET", "/proof/assets/proof-000000000000.js", nil, ""); a.status != 404 || a.header.Get("Cache-Control") != "no-store" {
		t.Errorf("a script of another time: %d", a.status)
	}
}

func TestFormsOfTheContractThatCarryTheTokenComeInByTheSameDoor(t *testing.T) {
	h := newHouse(t, nil)
	b := &buyer{house: h}
	b.link, b.caseID = h.proof("A-1")
	a := b.documents(b.link+"/documents", "", "identity", photo(t))
	if a.status != 303 || a.header.Get("Location") != "/proof?lang=fr&sent=document" || !strings.Contains(a.header.Get("Set-Cookie"), "octroi-proof=s.") {
		t.Errorf("a document: %d %s %.200s", a.status, a.header.Get("Location"), a.body)
	}
	if a := b.post(b.link+"/messages", "text", "Bonjour"); a.status != 303 {
		t.Errorf("a message: %d", a.status)
	}
	if a := b.post(b.link+"/code", "code", wrong(h.code())); a.status != 422 {
		t.Errorf("a wrong code: %d", a.status)
	}
}

func TestFormOfAnotherOrderIsNotSentToTheOneOpenNow(t *testing.T) {
	h := newHouse(t, nil)
	first, second := h.buyer("A-1"), h.buyer("A-2")
	first.cookie = second.cookie // the same browser
	for what, a := range map[string]answered{
		"document": first.documents("/proof/documents?lang=en", first.caseID, "identity", photo(t)),
		"message":  first.post("/proof/messages?lang=en", "case", first.caseID, "text", "hello"),
		"code":     first.post("/proof/code?lang=en", "case", first.caseID, "code", "1234"),
		"human":    first.post("/proof/human?lang=en", "case", first.caseID),
		"withdraw": first.post("/proof/withdraw?lang=en", "case", first.caseID),
	} {
		if a.status != 409 {
			t.Errorf("%s: %d", what, a.status)
		}
		a.has("opened another order in this browser")
	}
	if a := h.call("GET", "/v1/cases/"+second.caseID, demoReader(h), ""); a.text("status") != "awaiting_proof" || len(a.field("messages").([]any)) != 0 {
		t.Errorf("the other order: %s", a.body)
	}
}

func TestLinkOpenedFromManyPlacesAsksForASecondFact(t *testing.T) {
	h := newHouse(t, func(c *Config) { c.TrustedProxies = []string{"127.0.0.1"} })
	path, _ := h.proof("A-1")
	from := func(ip, fact string) answered {
		return h.send("POST", path+"?lang=en", map[string]string{"X-Forwarded-For": ip, "Content-Type": "application/x-www-form-urlencoded"}, url.Values{"fact": {fact}}.Encode())
	}
	for _, ip := range []string{"198.51.100.1", "198.51.100.2", "198.51.100.3"} {
		if a := from(ip, ""); a.status != 303 {
			t.Fatalf("%s: %d", ip, a.status)
		}
	}
	a := from("198.51.100.4", "")
	if a.status != 200 || a.header.Get("Set-Cookie") != "" || strings.Contains(string(a.body), "A-1") {
		t.Errorf("a fourth network: %d, %q", a.status, a.header.Get("Set-Cookie"))
	}
	a.has("Billing postcode, or last four digits")
	b := &buyer{house: h, link: path}
	if a := b.documents(path+"/documents", "", "identity", photo(t)); a.status != 403 || strings.Contains(string(a.body), "A-1") {
		t.Errorf("the contract's form went round the second fact: %d", a.status)
	}
	for _, bad := range []string{"69001", strings.Repeat("9", 100), "4111111111111111"} {
		if a := from("198.51.100.4", bad); a.status != 422 || strings.Contains(string(a.body), bad) {
			t.Errorf("%s: %d", bad, a.status)
		}
	}
	if a := from("198.51.100.4", "75 006"); a.status != 303 || a.header.Get("Set-Cookie") == "" {
		t.Errorf("the right postcode: %d", a.status)
	}
	if a := from("198.51.100.1", ""); a.status != 303 {
		t.Errorf("a known network is asked: %d", a.status)
	}
}

func TestAFormOfAnotherSiteIsRefused(t *testing.T) {
	h := newHouse(t, func(c *Config) { c.Limits.Proof = Rate{Burst: 1000, Every: time.Second} })
	b := h.buyer("A-1")
	send := func(path, name, value string) answered {
		return h.send("POST", path, map[string]string{"Cookie": b.cookie, "Content-Type": "application/x-www-form-urlencoded", name: value}, "text=x")
	}
	for _, path := range []string{"/proof/messages", "/proof/code", "/proof/human", "/proof/withdraw", "/proof/documents", b.link, b.link + "/messages"} {
		for name, value := range map[string]string{"Sec-Fetch-Site": "cross-site", "sec-fetch-site": "same-site", "Origin": "https://evil.example"} {
			if a := send(path, name, value); a.status != 403 || !strings.Contains(string(a.body), "<h1>") {
				t.Errorf("%s, %s: %d", path, value, a.status)
			}
		}
	}
	if a := send("/proof/messages", "Origin", h.url); a.status != 303 {
		t.Errorf("our own page: %d", a.status)
	}
}

func TestUnknownAndClosedLinksAreAnsweredWithTheSameBytes(t *testing.T) {
	h := newHouse(t, nil)
	decided, late, lapsed := h.buyer("A-1"), h.buyer("A-2"), h.buyer("A-3")
	unknown := h.send("GET", "/proof/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", nil, "")
	if unknown.status != 404 || !strings.Contains(string(unknown.body), "Ce lien n") || !strings.Contains(string(unknown.body), "This link is no longer valid") {
		t.Fatalf("%d %.300s", unknown.status, unknown.body)
	}
	if a := h.call("POST", "/v1/cases/"+decided.caseID+"/approve", demoReader(h), ""); a.status != 200 {
		t.Fatalf("%d %s", a.status, a.body)
	}
	h.clock.forward(5 * time.Hour) // sessions are over, cases are not
	if a := lapsed.page(""); a.status != 404 || !bytes.Equal(a.body, unknown.body) {
		t.Errorf("a session that is over: %d", a.status)
	}
	lapsed.open()
	if a := lapsed.page(""); a.status != 200 {
		t.Errorf("the link does not open another session: %d", a.status)
	}
	h.clock.forward(12 * 24 * time.Hour)
	post := func(b *buyer, path string) answered { return b.post(path, "text", "hello", "code", "1234") }
	for name, a := range map[string]answered{"decided": h.send("GET", decided.link, nil, ""), "expired": h.send("GET", late.link, nil, ""), "malformed": h.send("GET", "/proof/x", nil, ""),
		"opened": h.send("POST", late.link, nil, ""), "unknown and opened": h.send("POST", "/proof/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", nil, ""),
		"written to": post(late, late.link+"/messages"), "sent a document": late.documents(late.link+"/documents", "", "identity", photo(t)), "tried": post(late, late.link+"/code"),
		"a session after the decision": decided.page(""), "a session's code": post(decided, "/proof/code"), "a session's withdrawal": post(late, "/proof/withdraw"),
		"no session": h.send("GET", "/proof", nil, ""), "a session that nobody made": h.send("GET", "/proof", map[string]string{"Cookie": "__Host-octroi-proof=s.AAAA"}, ""),
		"a token for a session": h.send("GET", "/proof", map[string]string{"Cookie": "__Host-octroi-proof=" + strings.TrimPrefix(late.link, "/proof/")}, "")} {
		if a.status != 404 || !bytes.Equal(a.body, unknown.body) {
			t.Errorf("%s differs: %d", name, a.status)
		}
	}
	for _, b := range []*buyer{decided, late, lapsed} {
		if _, session, _ := strings.Cut(b.cookie, "="); strings.Contains(h.log.String(), strings.TrimPrefix(b.link, "/proof/")) || strings.Contains(h.log.String(), session) {
			t.Error("a link or a session is in the log")
		}
	}
}

func TestTokenIsNoSession(t *testing.T) {
	h := newHouse(t, nil)
	path, _ := h.proof("A-1")
	if a := h.send("GET", "/proof", map[string]string{"Cookie": "__Host-octroi-proof=" + strings.TrimPrefix(path, "/proof/")}, ""); a.status != 404 {
		t.Errorf("the token went round its door: %d", a.status)
	}
}

func TestCookieIsPlainWhereTheListenerIs(t *testing.T) {
	h := newHouse(t, nil)
	h.flow.PublicURL = "http://127.0.0.1:8080"
	if name, secure := h.server.cookie(); name != "octroi-proof" || secure {
		t.Errorf("%s, secure %v", name, secure)
	}
}
