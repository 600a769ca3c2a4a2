package gateway

import (
	"bytes"
	"image"
	"image/jpeg"
	"mime/multipart"
	"net/netip"
	"net/textproto"
	"net/url"
	"strings"
	"testing"
	"time"

	"octroi/gateway/payment"
	"octroi/gateway/store"
)

// proof makes a held payment and gives the path of its page and the id of its case.
func (h *house) proof(reference string) (path, caseID string) {
	h.t.Helper()
	held := h.pay(reference, "Marseille")
	path, ok := strings.CutPrefix(held.text("case.proof_url"), "https://pay.example")
	if !ok {
		h.t.Fatalf("no link: %d %s", held.status, held.body)
	}
	return path, held.text("case.id")
}

func picture(t *testing.T) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, image.NewGray(image.Rect(0, 0, 64, 64)), nil); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// document sends a file as the page's form does.
func (h *house) document(path, kind, name, media string, data []byte) answered {
	h.t.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	_ = w.WriteField("kind", kind)
	part, err := w.CreatePart(textproto.MIMEHeader{"Content-Disposition": {`form-data; name="file"; filename="` + name + `"`}, "Content-Type": {media}})
	if err != nil {
		h.t.Fatal(err)
	}
	_, _ = part.Write(data)
	_ = w.Close()
	return h.send("POST", path+"/documents", map[string]string{"Content-Type": w.FormDataContentType(), "Sec-Fetch-Site": "same-origin"}, b.String())
}

// message sends the page's message form.
func (h *house) message(path, text string, more map[string]string) answered {
	h.t.Helper()
	header := map[string]string{"Content-Type": "application/x-www-form-urlencoded", "Origin": "null"}
	for k, v := range more {
		header[k] = v
	}
	return h.send("POST", path+"/messages", header, url.Values{"text": {text}}.Encode())
}

func TestABuyerSendsADocumentAndIsThanked(t *testing.T) {
	h := newHouse(t, nil)
	path, caseID := h.proof("A-1")
	page := h.send("GET", path, nil, "")
	if page.status != 200 || !strings.Contains(string(page.body), `<html lang="fr">`) || !strings.Contains(page.header.Get("Content-Security-Policy"), "style-src 'sha256-") {
		t.Fatalf("%d %.300s", page.status, page.body)
	}
	sent := h.document(path, "bank_statement", "relevé.jpg", "image/jpeg", picture(t))
	if sent.status != 303 || sent.header.Get("Location") != path+"?lang=fr&sent=document" {
		t.Fatalf("%d %s %.300s", sent.status, sent.header.Get("Location"), sent.body)
	}
	page = h.send("GET", sent.header.Get("Location"), nil, "")
	if !strings.Contains(string(page.body), "votre document est bien arrivé") || !strings.Contains(string(page.body), "Reçu le vendredi 20 novembre 2026") {
		t.Error("the page does not confirm the document")
	}
	if a := h.call("GET", "/v1/cases/"+caseID, h.person(store.RoleAnalyst), ""); a.text("status") != "awaiting_review" {
		t.Errorf("the case: %s", a.body)
	}
}

func TestARefusedFileIsExplainedAtItsField(t *testing.T) {
	h := newHouse(t, nil)
	path, _ := h.proof("A-1")
	for _, c := range []struct {
		name, kind, file, media string
		data                    []byte
		status                  int
		says                    string
	}{
		{"not a picture", "identity", "a.jpg", "image/jpeg", []byte("hello"), 422, "file-identity"},
		{"empty", "identity", "a.jpg", "image/jpeg", nil, 422, "Ce fichier est vide"},
		{"too large", "bank_statement", "a.jpg", "image/jpeg", make([]byte, maxFile+1), 413, "10 Mo"},
		{"not asked for", "card_copy", "a.jpg", "image/jpeg", picture(t), 422, `href="#asks"`},
		{"no file", "identity", "", "", nil, 422, "Choisissez d"},
	} {
		a := h.document(path, c.kind, c.file, c.media, c.data)
		if a.status != c.status || !strings.Contains(string(a.body), c.says) || !strings.Contains(string(a.body), `role="alert"`) {
			t.Errorf("%s: %d, lacks %q", c.name, a.status, c.says)
		}
	}
	a := h.document(path, "identity", "a.jpg", "image/jpeg", make([]byte, maxUpload+1))
	if a.status != 413 || !strings.Contains(string(a.body), "This file is too large") {
		t.Errorf("beyond the form's bound: %d %.200s", a.status, a.body)
	}
	if a := h.send("POST", path+"/documents", map[string]string{"Content-Type": "multipart/form-data; boundary=x"}, "--x\r\nbroken"); a.status != 422 {
		t.Errorf("a broken form: %d", a.status)
	}
	if a := h.send("POST", path+"/documents", map[string]string{"Content-Type": "text/plain"}, "x"); a.status != 415 {
		t.Errorf("not a form: %d", a.status)
	}
}

func TestBuyerAndAnalystTalkOnThePage(t *testing.T) {
	h := newHouse(t, nil)
	path, caseID := h.proof("A-1")
	if a := h.message(path, "Bonjour,\r\nje n'ai pas de relevé.", nil); a.status != 303 || !strings.HasSuffix(a.header.Get("Location"), "sent=message") {
		t.Fatalf("%d %.300s", a.status, a.body)
	}
	if a := h.message(path, "ma carte : 4111 1111 1111 1111", nil); a.status != 422 || !strings.Contains(string(a.body), "contient un numéro de carte") {
		t.Errorf("a card number in a message: %d %.300s", a.status, a.body)
	}
	if a := h.call("POST", "/v1/cases/"+caseID+"/messages", h.person(store.RoleAnalyst), `{"text":"Une capture suffit."}`); a.status != 200 {
		t.Errorf("%d %s", a.status, a.body)
	}
	page := string(h.send("GET", path+"?lang=en", nil, "").body)
	for _, want := range []string{`<html lang="en">`, "je n&#39;ai pas de relevé.", "Une capture suffit.", "Atelier Mémoire"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	for name, text := range map[string]string{"empty": " ", "long": strings.Repeat("x", 2001), "control": "a\x07b", "not UTF-8": "\xff"} {
		if a := h.message(path, text, nil); a.status != 422 || !strings.Contains(string(a.body), `href="#text"`) {
			t.Errorf("%s: %d", name, a.status)
		}
	}
}

func TestAFormOfAnotherSiteIsRefused(t *testing.T) {
	h := newHouse(t, nil)
	path, _ := h.proof("A-1")
	for _, header := range []map[string]string{{"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}, {"Origin": "https://evil.example"}} {
		if a := h.message(path, "x", header); a.status != 403 || !strings.Contains(string(a.body), "<h1>") {
			t.Errorf("%v: %d", header, a.status)
		}
	}
	if a := h.message(path, "x", map[string]string{"Origin": h.url}); a.status != 303 {
		t.Errorf("our own page: %d", a.status)
	}
}

func TestUnknownAndClosedLinksAreAnsweredWithTheSameBytes(t *testing.T) {
	h := newHouse(t, nil)
	path, caseID := h.proof("A-1")
	late, _ := h.proof("A-2")
	unknown := h.send("GET", "/proof/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", nil, "")
	if unknown.status != 404 || !strings.Contains(string(unknown.body), "Ce lien n") || !strings.Contains(string(unknown.body), "This link is no longer valid") {
		t.Fatalf("%d %.300s", unknown.status, unknown.body)
	}
	if a := h.call("POST", "/v1/cases/"+caseID+"/approve", h.person(store.RoleAnalyst), ""); a.status != 200 {
		t.Fatalf("%d %s", a.status, a.body)
	}
	h.clock.forward(12 * 24 * time.Hour)
	for name, a := range map[string]answered{"decided": h.send("GET", path, nil, ""), "expired": h.send("GET", late, nil, ""), "malformed": h.send("GET", "/proof/x", nil, ""),
		"written to": h.message(path, "hello", nil), "sent a document": h.document(path, "identity", "a.jpg", "image/jpeg", picture(t))} {
		if a.status != 404 || !bytes.Equal(a.body, unknown.body) {
			t.Errorf("%s differs: %d", name, a.status)
		}
	}
	if strings.Contains(h.log.String(), strings.TrimPrefix(path, "/proof/")) {
		t.Error("a link is in the log")
	}
}

func TestProofPagesAreLimitedPerAddress(t *testing.T) {
	h := newHouse(t, func(c *Config) {
		c.Limits.Proof = Rate{Burst: 2, Every: time.Minute}
		c.TrustedProxies = []string{"127.0.0.1", "10.0.0.0/8"}
	})
	from := func(ip string) answered {
		return h.send("GET", "/proof/x", map[string]string{"X-Forwarded-For": ip}, "")
	}
	from("198.51.100.7")
	from("198.51.100.7")
	if a := from("203.0.113.1, 198.51.100.7, 10.1.1.1"); a.status != 429 || a.header.Get("Retry-After") == "" || !strings.Contains(string(a.body), "One moment, please") {
		t.Errorf("%d", a.status)
	}
	if a := from("198.51.100.8"); a.status != 404 {
		t.Errorf("another address was answered %d", a.status)
	}
}

func TestForwardedAddressesAreOnlyBelievedFromTrustedProxies(t *testing.T) {
	h := newHouse(t, func(c *Config) { c.Limits.Proof = Rate{Burst: 1, Every: time.Hour} })
	h.send("GET", "/proof/x", map[string]string{"X-Forwarded-For": "198.51.100.1"}, "")
	if a := h.send("GET", "/proof/x", map[string]string{"X-Forwarded-For": "198.51.100.2"}, ""); a.status != 429 {
		t.Errorf("a made-up address opened a new bucket: %d", a.status)
	}
	if _, err := New(Config{Flow: h.flow, Store: h.store, Clock: h.clock.now, TrustedProxies: []string{"proxy.example"}}); err == nil {
		t.Error("a name was taken for a proxy's address")
	}
}

func TestTheLimiterForgetsInBoundedMemoryAndRefillsSteadily(t *testing.T) {
	clock := &clockwork{at: noon}
	l := newLimiter(Rate{Burst: 2, Every: time.Minute}, clock.now)
	who := netip.MustParsePrefix("198.51.100.1/32")
	allowed := 0
	for range 3 {
		if l.take(who, 1) == 0 {
			allowed++
		}
	}
	if allowed != 2 {
		t.Errorf("a burst of two let %d through", allowed)
	}
	clock.forward(time.Minute)
	first, second := l.take(who, 1), l.take(who, 1)
	if first != 0 || second == 0 {
		t.Error("one minute does not give one token")
	}
	for i := range 5 * generation {
		l.take(netip.PrefixFrom(netip.AddrFrom4([4]byte{10, byte(i >> 16), byte(i >> 8), byte(i)}), 32), 1)
	}
	if n := len(l.new) + len(l.old); n > 2*generation {
		t.Errorf("%d clients are remembered", n)
	}
}

func TestCredentialsAreRememberedInBoundedNumber(t *testing.T) {
	h := newHouse(t, nil)
	for i := range remembered + 10 {
		h.server.users.have[[32]byte{byte(i), byte(i >> 8)}] = credential[store.User]{}
	}
	if _, err := h.server.users.owner(t.Context(), h.person(store.RoleAdmin), func() error { return nil }); err != nil {
		t.Fatal(err)
	}
	if n := len(h.server.users.have); n > remembered+10 {
		t.Errorf("%d credentials are remembered", n)
	}
	if payment.CodeOf(errNoShop) != payment.CodeForbidden {
		t.Error("a key without a shop is not forbidden")
	}
}
