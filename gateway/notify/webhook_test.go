package notify

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"octroi/gateway/payment"
	"octroi/gateway/store"
	"octroi/providers"
)

// received is one request that reached the shop.
type received struct {
	id, timestamp, signatures, body string
}

// signedBy verifies a request as a shop would, with nothing but the standard's text.
func (r received) signedBy(secret providers.Secret) bool {
	key, _ := base64.StdEncoding.DecodeString(strings.TrimPrefix(secret.Reveal(), "whsec_"))
	mac := hmac.New(sha256.New, key)
	fmt.Fprintf(mac, "%s.%s.%s", r.id, r.timestamp, r.body)
	return slices.Contains(strings.Split(r.signatures, " "), "v1,"+base64.StdEncoding.EncodeToString(mac.Sum(nil)))
}

// shop is a real HTTP receiver. answers are the statuses of its next answers; then it answers 204.
type shop struct {
	*httptest.Server
	mu       sync.Mutex
	answers  []int
	requests []received
}

func newShop(t *testing.T, answers ...int) *shop {
	t.Helper()
	s := &shop{answers: answers}
	s.Server = httptest.NewServer(http.HandlerFunc(s.take))
	t.Cleanup(s.Close)
	return s
}

func (s *shop) take(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.requests = append(s.requests, received{r.Header.Get("webhook-id"), r.Header.Get("webhook-timestamp"),
		r.Header.Get("webhook-signature"), string(body)})
	status := http.StatusNoContent
	if len(s.answers) > 0 {
		status, s.answers = s.answers[0], s.answers[1:]
	}
	if status == http.StatusFound {
		w.Header().Set("Location", "/elsewhere")
	}
	w.WriteHeader(status)
}

func (s *shop) got() []received {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.requests)
}

// bodies are what reached the shop, in order.
func (s *shop) bodies() []string {
	var out []string
	for _, r := range s.got() {
		out = append(out, r.body)
	}
	return out
}

func TestWebhookCarriesOneSignaturePerSecret(t *testing.T) {
	s := newShop(t)
	at := time.Date(2026, 6, 28, 9, 30, 0, 0, time.UTC)
	p := newPoster(func() time.Time { return at }, true)
	m := store.Message{ID: 42, PaymentID: "pay_1", CreatedAt: at, Payload: []byte(`{"type":"payment.held"}`)}
	if err := p.post(context.Background(), Endpoint{URL: s.URL, Secrets: []providers.Secret{newSecret, oldSecret}}, m); err != nil {
		t.Fatal(err)
	}
	r := s.got()[0]
	if !strings.HasPrefix(r.id, "msg_42_") || strings.Contains(r.id, ".") || r.timestamp != fmt.Sprint(at.Unix()) || r.body != `{"type":"payment.held"}` {
		t.Errorf("got %+v", r)
	}
	if len(strings.Split(r.signatures, " ")) != 2 || !r.signedBy(newSecret) || !r.signedBy(oldSecret) {
		t.Errorf("signatures %q do not verify under both secrets", r.signatures)
	}
	r.body += " "
	if r.signedBy(newSecret) {
		t.Error("the signature does not depend on the body")
	}
}

func TestWebhookBeyondItsBoundIsNotSent(t *testing.T) {
	s := newShop(t)
	err := newPoster(time.Now, true).post(context.Background(), Endpoint{URL: s.URL, Secrets: []providers.Secret{newSecret}},
		store.Message{ID: 1, Payload: make([]byte, maxBody+1)})
	if !IsPermanent(err) || len(s.got()) != 0 {
		t.Errorf("%v after %d requests", err, len(s.got()))
	}
}

func TestRedirectIsAFailureAndIsNotFollowed(t *testing.T) {
	s := newShop(t, http.StatusFound)
	p := newPoster(time.Now, true)
	err := p.post(context.Background(), Endpoint{URL: s.URL, Secrets: []providers.Secret{newSecret}}, store.Message{ID: 1})
	if err == nil || IsPermanent(err) || len(s.got()) != 1 {
		t.Errorf("%v after %d requests", err, len(s.got()))
	}
}

func TestEndlessAnswerIsNotReadToItsEnd(t *testing.T) {
	wrote := make(chan int64, 1)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusOK)
		var n int64
		for chunk := bytes.Repeat([]byte("x"), 64<<10); n < 1<<30; n += int64(len(chunk)) {
			if _, err := w.Write(chunk); err != nil {
				break
			}
		}
		wrote <- n
	}))
	defer s.Close()
	p := newPoster(time.Now, true)
	if err := p.post(context.Background(), Endpoint{URL: s.URL, Secrets: []providers.Secret{newSecret}}, store.Message{ID: 1}); err != nil {
		t.Error(err)
	}
	if n := <-wrote; n >= 1<<30 {
		t.Errorf("the shop could make us read %d bytes", n)
	}
}

func TestWebhookNeverLeavesForAPrivateNetwork(t *testing.T) {
	s := newShop(t)
	p := newPoster(time.Now, false)
	_, port, _ := strings.Cut(strings.TrimPrefix(s.URL, "http://"), ":")
	for _, host := range []string{"127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]", "0.0.0.0"} {
		e := Endpoint{URL: "http://" + host + ":" + port + "/token-in-path", Secrets: []providers.Secret{newSecret}}
		err := p.post(context.Background(), e, store.Message{ID: 1})
		if !errors.Is(err, errPrivate) {
			t.Errorf("%s: %v, want errPrivate", host, err)
		}
		if err != nil && strings.Contains(err.Error(), "token-in-path") {
			t.Errorf("the error repeats the URL: %v", err)
		}
	}
	if len(s.got()) != 0 {
		t.Error("a request arrived on loopback")
	}
}

func TestOnlyPublicAddressesAreDialled(t *testing.T) {
	for _, a := range []string{"10.1.2.3", "172.16.0.1", "192.168.1.1", "127.8.8.8", "169.254.169.254", "100.64.0.1", "100.100.100.200",
		"0.0.0.0", "0.1.2.3", "224.0.0.1", "239.1.1.1", "255.255.255.255", "240.0.0.1", "192.0.0.8", "198.18.0.1", "203.0.113.1",
		"::", "::1", "fe80::1", "fe80::1%eth0", "fc00::1", "fd12::1", "fec0::1", "ff02::1", "::ffff:10.0.0.1", "::ffff:169.254.169.254",
		"64:ff9b::7f00:1", "2002:7f00:1::", "2001::1", "2001:db8::1", "::127.0.0.1"} {
		if public(netip.MustParseAddr(a)) {
			t.Errorf("%s counts as public", a)
		}
	}
	for _, a := range []string{"1.1.1.1", "8.8.8.8", "93.184.216.34", "172.32.0.1", "100.128.0.1", "2606:4700::1111", "2a01:e0a::1", "::ffff:8.8.8.8"} {
		if !public(netip.MustParseAddr(a)) {
			t.Errorf("%s does not count as public", a)
		}
	}
}

func TestWrongEndpointIsRefused(t *testing.T) {
	right := Endpoint{URL: "https://shop.example/hooks", Secrets: []providers.Secret{newSecret}}
	if err := right.check(false); err != nil {
		t.Fatal(err)
	}
	for name, spoil := range map[string]func(*Endpoint){
		"plain http":       func(e *Endpoint) { e.URL = "http://shop.example/hooks" },
		"another scheme":   func(e *Endpoint) { e.URL = "file:///etc/passwd" },
		"no host":          func(e *Endpoint) { e.URL = "https:///hooks" },
		"user in the url":  func(e *Endpoint) { e.URL = "https://a:b@shop.example/" },
		"no secret":        func(e *Endpoint) { e.Secrets = nil },
		"too many secrets": func(e *Endpoint) { e.Secrets = slices.Repeat(e.Secrets, 5) },
		"a wrong secret":   func(e *Endpoint) { e.Secrets = []providers.Secret{newSecret, "whsec_short"} },
	} {
		e := right
		spoil(&e)
		if e.check(false) == nil {
			t.Errorf("%s: was taken", name)
		}
	}
}

func TestLastTriesFallWithinTheirDays(t *testing.T) {
	for _, c := range []struct {
		name  string
		waits []time.Duration
		most  time.Duration
	}{{"webhook", webhookWaits, 72 * time.Hour}, {"mail", mailWaits, 48 * time.Hour}} {
		var age time.Duration
		try := 1
		for {
			wait, more := nextWait(c.waits, try, age)
			if !more {
				break
			}
			age, try = age+wait, try+1
		}
		if try != 10 || age > c.most || age < c.most-time.Hour {
			t.Errorf("%s: try %d, %s after the first, is the last; want the tenth, just within %s", c.name, try, age, c.most)
		}
		if _, more := nextWait(c.waits, 50, time.Hour); !more {
			t.Errorf("%s: given up within an hour because crashes cut 49 tries short", c.name)
		}
	}
}

func TestShopThatDoesNotAnswerIsProbedAndNotStormed(t *testing.T) {
	r := &rests{shops: map[string]rest{}}
	now := time.Date(2026, 6, 28, 9, 30, 0, 0, time.UTC)
	for range restAfter {
		if !r.mayTry("a", now) {
			t.Fatal("rests too early")
		}
		r.tried("a", false, now)
	}
	if r.mayTry("a", now) || !r.mayTry("b", now) {
		t.Error("want a to rest, and b not")
	}
	now = now.Add(restFor)
	if !r.mayTry("a", now) || r.mayTry("a", now) {
		t.Error("want one probe after the rest")
	}
	r.tried("a", true, now)
	if !r.mayTry("a", now) || len(r.shops) != 0 {
		t.Error("an answer did not end the rest")
	}
}

func TestWhatLeavesIsWhatIsSignedAndIsNotKept(t *testing.T) {
	b := newBench(t)
	s := newShop(t, 500)
	b.shop("demo", s.URL)
	link, away := "https://pay.shop.example/proof/4rT9qXcV0aB1nM2k", true
	b.cfg.Outgoing = func(_ context.Context, m store.Message) ([]byte, error) {
		if away {
			return nil, errors.New("the database is away")
		}
		return bytes.ReplaceAll(m.Payload, []byte("PLACE"), []byte(link)), nil
	}
	n := b.notifier()
	asked := sample(store.MailProofRequest, payment.French)
	asked.Link = "PLACE"
	b.put(webhook("pay_1", `{"proof_url":"PLACE"}`), mailMessage(t, asked))
	b.deliver(n, 2)
	if len(s.got()) != 0 {
		t.Fatal("a webhook left without what it says")
	}
	b.wantLeft(2, 0)
	away = false
	b.pass(mailWaits[0])
	b.deliver(n, 2)
	b.pass(webhookWaits[1])
	link = "" // the case is over
	b.put(mailMessage(t, asked))
	b.deliver(n, 2)
	var bodies []string
	for _, r := range s.got() {
		if bodies = append(bodies, r.body); !r.signedBy(newSecret) || r.id != s.got()[0].id {
			t.Errorf("%+v is not signed as it is, or is another webhook", r)
		}
	}
	if want := []string{`{"proof_url":"https://pay.shop.example/proof/4rT9qXcV0aB1nM2k"}`, `{"proof_url":""}`}; !slices.Equal(bodies, want) {
		t.Errorf("sent %q, want %q", bodies, want)
	}
	b.wantLeft(0, 1) // a mail that asks for proof nobody takes any more
	files, err := filepath.Glob(filepath.Join(b.cfg.Mailer.(Folder).dir, "*"))
	if err != nil || len(files) != 1 {
		t.Fatalf("%d mails, %v", len(files), err)
	}
	for _, file := range []string{b.file, b.file + "-wal"} {
		if kept, err := os.ReadFile(file); err != nil || bytes.Contains(kept, []byte("4rT9qXcV0aB1nM2k")) {
			t.Errorf("%s keeps the link, or cannot be read: %v", filepath.Base(file), err)
		}
	}
}
