package gateway

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/gorillamux"
	"github.com/prometheus/client_golang/prometheus"

	"octroi/gateway/flow"
	"octroi/gateway/hold"
	"octroi/gateway/intake/intaketest"
	"octroi/gateway/payment"
	"octroi/gateway/store"
	"octroi/gateway/vault"
	"octroi/providers"
	"octroi/providers/adyen"
	"octroi/providers/adyensim"
	"octroi/risk/policy"
	"octroi/risk/velocity"
)

const (
	demoKey  = "sk_test_0123456789abcdef0123456789abcdef"
	otherKey = "sk_test_fedcba9876543210fedcba9876543210"
	hmacKey  = "44782DEF547AAA06C910C43932B1EB0C71FC68D9D0C057550C48EC2ACF6BA056" // of Adyen's own documentation
)

// testPolicy holds what goes to another city, so that a test chooses its outcome by an address.
const testPolicy = `name: test
bands: {challenge: 30, hold: 50, decline: 150}
rules:
  - code: BLOCKED
    when: in_list(buyer.email, "blocked_emails") || in_list(buyer.ip, "blocked_ips") || in_list(card.fingerprint, "blocked_cards")
    force: decline
    detail: {en: "blocked", fr: "bloqué"}
    why: {en: "On a list.", fr: "Sur une liste."}
  - code: ADDRESS_OTHER_CITY
    when: address.grade == "other_city"
    force: hold
    detail: {en: "to {{delivery.city}}", fr: "vers {{delivery.city}}"}
    why: {en: "Another city.", fr: "Une autre ville."}
`

// clockwork is a clock that a test moves.
type clockwork struct {
	mu sync.Mutex
	at time.Time
}

func (c *clockwork) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(time.Millisecond)
	return c.at
}

func (c *clockwork) forward(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

// house is the whole gateway on small parts: SQLite, miniredis, and Adyen's simulator over HTTP.
type house struct {
	t      *testing.T
	url    string
	clock  *clockwork
	store  *store.Store
	flow   *flow.Flow
	sim    *adyensim.Server
	server *Server
	reg    *prometheus.Registry
	log    *lockedBuffer
	router routers.Router
	reader string // the token of somebody who may read cases

	closeStore func()
}

type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

func got[T any](t *testing.T) func(T, error) T {
	t.Helper()
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// newHouse builds and starts everything. change may adjust the server's configuration.
func newHouse(t *testing.T, change func(*Config)) *house {
	t.Helper()
	h := &house{t: t, clock: &clockwork{at: noon}, reg: prometheus.NewRegistry(), log: &lockedBuffer{}}
	logger := slog.New(slog.NewJSONHandler(h.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	h.store = got[*store.Store](t)(store.Open(t.Context(), "sqlite:"+filepath.Join(t.TempDir(), "o.db"),
		store.Config{Clock: h.clock.now, Rand: rand.Reader, AuditKey: bytes.Repeat([]byte{1}, 32), Logger: logger}))
	h.closeStore = sync.OnceFunc(func() { _ = h.store.Close() })
	t.Cleanup(h.closeStore)
	provider := h.startProvider()
	h.flow = h.newFlow(provider, logger)
	h.addKeys()
	cfg := Config{Flow: h.flow, Store: h.store, Clock: h.clock.now, Logger: logger, Registerer: h.reg,
		Notifications: map[string]Notifications{"adyen": {Parse: provider.Notifications, Forged: adyen.ErrSignature}}}
	if change != nil {
		change(&cfg)
	}
	h.server = got[*Server](t)(New(cfg))
	l := got[net.Listener](t)(net.Listen("tcp", "127.0.0.1:0"))
	h.url = "http://" + l.Addr().String()
	served := make(chan error, 1)
	go func() { served <- h.server.Listener(l) }()
	ctx, stop := context.WithCancel(context.Background())
	ran := make(chan error, 1)
	go func() { ran <- h.flow.Run(ctx) }()
	t.Cleanup(func() {
		within, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		_ = h.server.Shutdown(within)
		stop()
		if err := <-served; err != nil {
			t.Error(err)
		}
		if err := <-ran; err != nil {
			t.Error(err)
		}
	})
	h.sim.NotifyAt(h.url + "/v1/notifications/adyen")
	h.router = got[routers.Router](t)(gorillamux.NewRouter(contract(t)))
	return h
}

// contract loads the published document.
func contract(t *testing.T) *openapi3.T {
	t.Helper()
	doc := got[*openapi3.T](t)(openapi3.NewLoader().LoadFromData(got[[]byte](t)(OpenAPI())))
	return doc
}

func (h *house) startProvider() *adyen.Adyen {
	h.sim = got[*adyensim.Server](h.t)(adyensim.New(adyensim.Config{APIKey: "test-api-key", MerchantAccount: "TestMerchant",
		HMACKey: hmacKey, Clock: h.clock.now, Rand: rand.Reader, WebhookBackoff: []time.Duration{10 * time.Millisecond}}))
	server := httptest.NewServer(h.sim.Handler())
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { defer close(done); h.sim.Run(ctx) }()
	h.t.Cleanup(func() { stop(); <-done; server.Close(); _ = h.sim.Close() })
	return got[*adyen.Adyen](h.t)(adyen.New(adyen.Config{Endpoint: server.URL + "/v71", APIKey: "test-api-key",
		Account: "TestMerchant", HMACKeys: []providers.Secret{hmacKey}, ReturnURL: "https://shop.example/return", Clock: h.clock.now}))
}

func (h *house) newFlow(provider providers.Provider, logger *slog.Logger) *flow.Flow {
	t := h.t
	redis := miniredis.RunT(t)
	client, err := velocity.Dial("redis://" + redis.Addr())
	if err != nil {
		t.Fatal(err)
	}
	histories := got[*velocity.Store](t)(velocity.New(client, velocity.Config{Secret: bytes.Repeat([]byte{2}, 32), Clock: h.clock.now,
		Timeout: 5 * time.Second}))
	t.Cleanup(func() { _ = histories.Close() })
	rules := got[*policy.Policy](t)(policy.Parse("test.yaml", []byte(testPolicy)))
	_, recipient, err := vault.GenerateIdentity()
	if err != nil {
		t.Fatal(err)
	}
	sealer := got[*vault.Sealer](t)(vault.NewSealer(got[*vault.Disk](t)(vault.OpenDisk(t.TempDir())), recipient))
	key := func(b byte) []byte { return bytes.Repeat([]byte{b}, 32) }
	return got[*flow.Flow](t)(flow.New(flow.Config{Store: h.store, Velocity: histories, Policy: func(string) *policy.Policy { return rules },
		Provider: provider, Sealer: sealer, Intake: intaketest.Open(h.t), PublicURL: "https://pay.example",
		Keys: flow.Keys{FingerprintID: "k1", Fingerprint: key(3), Body: key(4), Link: key(5)}, Clock: h.clock.now, Rand: rand.Reader,
		Logger: logger, Registerer: h.reg, Shops: map[string]flow.Shop{
			"demo":  {ID: "demo", Name: "Atelier Mémoire", Terms: hold.DefaultTerms(), ClearCards: true},
			"other": {ID: "other", Name: "Autre", Terms: hold.DefaultTerms()},
			"every": {ID: "every", Name: "Tous moyens", Terms: hold.DefaultTerms(), ClearCards: true, Methods: payment.AllMeans(),
				RetryURL: "https://shop.example/pay/{order_reference}", Cheque: flow.ChequeTerms{PayableTo: "Tous moyens", Address: "1 rue des Exemples, Paris"},
				Transfer: flow.TransferTerms{Beneficiary: "Tous moyens", IBAN: "FR1420041010050500013M02606"}}}}))
}

func (h *house) addKeys() {
	for shop, key := range map[string]string{"demo": demoKey, "other": otherKey, "every": everyKey, "closed": "sk_test_closed"} {
		if err := h.store.AddKey(h.t.Context(), shop, "test", key); err != nil {
			h.t.Fatal(err)
		}
	}
}

// person adds a person with a role and gives their token.
func (h *house) person(role store.Role) (token string) {
	h.t.Helper()
	name, token := string(role), "an_test_"+string(role)
	if err := h.store.AddUser(h.t.Context(), store.User{Name: name, Role: role, Language: "en"}, "a long pass phrase"); err != nil {
		h.t.Fatal(err)
	}
	if err := h.store.AddToken(h.t.Context(), name, token); err != nil {
		h.t.Fatal(err)
	}
	return token
}

// answered is an answer, read whole.
type answered struct {
	t      *testing.T
	status int
	header http.Header
	body   []byte
}

// field reads a member of a JSON answer by a dotted path; nil when it is absent.
func (a answered) field(path string) any {
	a.t.Helper()
	var v any
	if err := json.Unmarshal(a.body, &v); err != nil {
		a.t.Fatalf("the answer is not JSON: %v: %.200s", err, a.body)
	}
	for name := range strings.SplitSeq(path, ".") {
		m, _ := v.(map[string]any)
		v = m[name]
	}
	return v
}

func (a answered) text(path string) string { a.t.Helper(); s, _ := a.field(path).(string); return s }

// send makes a request and holds it, when it is accepted, and its answer, always, against the published contract.
func (h *house) send(method, path string, header map[string]string, body string) answered {
	h.t.Helper()
	r := got[*http.Request](h.t)(http.NewRequestWithContext(h.t.Context(), method, h.url+path, strings.NewReader(body)))
	for k, v := range header {
		r.Header.Set(k, v)
	}
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	resp := got[*http.Response](h.t)(client.Do(r))
	defer resp.Body.Close()
	a := answered{t: h.t, status: resp.StatusCode, header: resp.Header, body: got[[]byte](h.t)(io.ReadAll(resp.Body))}
	h.hold(r, body, a)
	return a
}

// hold compares one exchange with the contract.
func (h *house) hold(r *http.Request, body string, a answered) {
	h.t.Helper()
	route, params, err := h.router.FindRoute(r)
	if err != nil {
		return // not a call of the contract: 404 and 405
	}
	r.Body = io.NopCloser(strings.NewReader(body))
	in := &openapi3filter.RequestValidationInput{Request: r, PathParams: params, Route: route,
		Options: &openapi3filter.Options{AuthenticationFunc: openapi3filter.NoopAuthenticationFunc, MultiError: true, IncludeResponseStatus: true,
			ExcludeResponseBody: strings.HasPrefix(a.header.Get("Content-Type"), "text/"), ExcludeRequestBody: strings.HasPrefix(r.URL.Path, "/proof/")}}
	if a.status < 400 {
		if err := openapi3filter.ValidateRequest(h.t.Context(), in); err != nil {
			h.t.Errorf("%s %s was accepted against the contract: %v", r.Method, r.URL.Path, err)
		}
	}
	out := &openapi3filter.ResponseValidationInput{RequestValidationInput: in, Status: a.status, Header: a.header, Options: in.Options}
	out.SetBodyBytes(a.body)
	if err := openapi3filter.ValidateResponse(h.t.Context(), out); err != nil {
		h.t.Errorf("%s %s answered %d against the contract: %v\n%.600s", r.Method, r.URL.Path, a.status, err, a.body)
	}
}

// call makes a JSON call with a credential.
func (h *house) call(method, path, credential, body string, more ...string) answered {
	h.t.Helper()
	header := map[string]string{"Authorization": "Bearer " + credential}
	if body != "" {
		header["Content-Type"] = "application/json"
	}
	for i := 0; i+1 < len(more); i += 2 {
		header[more[i]] = more[i+1]
	}
	return h.send(method, path, header, body)
}

// order is a payment's body; city is where it is delivered: Paris, or Marseille, which the test policy holds.
func order(reference, city string) string {
	code := map[string]string{"Marseille": "13001"}[city]
	if code == "" {
		code = "75006"
	}
	return `{"order":{"reference":"` + reference + `","items":[{"sku":"DDR4-16","name":"DDR4 16 GB","quantity":2,"unit_amount":6495,"category":"memory"}],
"delivery":{"method":"home","recipient":"Jean Dupont","address":{"lines":["12 bd Saint-Michel"],"postal_code":"` + code + `","city":"` + city + `","country":"FR"}}},
"amount":{"value":12990,"currency":"EUR"},
"payment_method":{"type":"card","number":"4111111111111111","expiry_month":"03","expiry_year":"2030","cvc":"737","holder_name":"Jean Dupont"},
"billing":{"name":"Jean Dupont","address":{"lines":["12 boulevard St Michel"],"postal_code":"75006","city":"Paris","country":"FR"}},
"buyer":{"id":"cust_42","email":"jean@example.org","phone":"+33612345678","ip":"203.0.113.7","device_id":"d-1","user_agent":"test","locale":"fr-FR"},
"capture":"manual","metadata":{"channel":"web"}}`
}

// pay makes a payment.
func (h *house) pay(reference, city string) answered {
	h.t.Helper()
	return h.call("POST", "/v1/payments", demoKey, order(reference, city), "Idempotency-Key", "key-"+reference)
}

// eventually polls until the condition holds: background work has no other sign.
func (h *house) eventually(what string, holds func() bool) {
	h.t.Helper()
	for range 500 {
		if holds() {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	h.t.Fatalf("never: %s\n%s", what, h.log)
}

// requestsCounted is how many requests the metric counts for a route and status.
func (h *house) requestsCounted(route, status string) (n uint64) {
	h.t.Helper()
	families, err := h.reg.Gather()
	if err != nil {
		h.t.Fatal(err)
	}
	for _, f := range families {
		if f.GetName() != "octroi_request_duration_seconds" {
			continue
		}
		for _, m := range f.GetMetric() {
			labels := map[string]string{}
			for _, l := range m.GetLabel() {
				labels[l.GetName()] = l.GetValue()
			}
			if labels["route"] == route && labels["status"] == status {
				n += m.GetHistogram().GetSampleCount()
			}
		}
	}
	return n
}
