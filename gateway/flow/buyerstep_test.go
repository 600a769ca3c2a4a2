package flow_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"octroi/gateway/flow"
	"octroi/gateway/payment"
	"octroi/providers"
	"octroi/providers/adyen"
	"octroi/risk/policy"
)

// Cards of Adyen's documentation by what their simulated issuer does.
const (
	cardPlain        = "4111111111111111" // takes no part in 3-D Secure
	cardOnRequest    = "4917610000000000" // challenges whoever asks for it
	cardFrictionless = "5201281505129736" // recognises the buyer
	cardFull         = "5000550000000029" // fingerprint, then always a challenge
)

// challenging is a policy that challenges what is dear and holds what goes elsewhere.
const challenging = `name: challenging
bands: {challenge: 30, hold: 50, decline: 150}
rules:
  - code: DEAR
    when: amount >= 50000
    points: 35
    detail: {en: "dear", fr: "cher"}
    why: {en: "Much at stake.", fr: "Gros enjeu."}
  - code: ELSEWHERE
    when: address.elsewhere
    force: hold
    detail: {en: "elsewhere", fr: "ailleurs"}
    why: {en: "Not at home.", fr: "Pas chez soi."}
  - code: SHADY
    stage: review
    when: 'review.cvc == "mismatch"'
    points: 60
    detail: {en: "wrong code", fr: "code erroné"}
    why: {en: "The code is wrong.", fr: "Le code est faux."}
`

// wire is the network between the gateway and the simulator: it remembers what was sent, and may lose what comes next.
type wire struct {
	mu     sync.Mutex
	to     http.Handler
	sent   []request
	losing func(request) loss
}

type request struct {
	path string
	nth  int // of its path, from 1
	body map[string]any
}

// loss is what happens to an exchange.
type loss int

const (
	arrives loss = iota
	lostBefore
	lostAfter // carried out, but its answer is lost
)

func (x *wire) ServeHTTP(rw http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	q := request{path: strings.TrimPrefix(r.URL.Path, "/v71"), nth: 1}
	_ = json.Unmarshal(body, &q.body)
	x.mu.Lock()
	for _, s := range x.sent {
		if s.path == q.path {
			q.nth++
		}
	}
	x.sent = append(x.sent, q)
	fate := arrives
	if x.losing != nil {
		fate = x.losing(q)
	}
	x.mu.Unlock()
	if fate == lostBefore {
		panic(http.ErrAbortHandler)
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	rec := httptest.NewRecorder()
	x.to.ServeHTTP(rec, r)
	if fate == lostAfter {
		panic(http.ErrAbortHandler)
	}
	for name, values := range rec.Header() {
		rw.Header()[name] = values
	}
	rw.WriteHeader(rec.Code)
	_, _ = rw.Write(rec.Body.Bytes())
}

// lose sets what is lost from now on; nil is nothing.
func (x *wire) lose(f func(request) loss) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.losing = f
}

// on are the requests sent to a path.
func (x *wire) on(path string) (out []request) {
	x.mu.Lock()
	defer x.mu.Unlock()
	for _, q := range x.sent {
		if q.path == path {
			out = append(out, q)
		}
	}
	return out
}

// from loses every request to a path from the nth on. One loss would not do: Go's client sends a request with an
// idempotency key again when a connection that was used before breaks.
func from(path string, nth int, how loss) func(request) loss {
	return func(q request) loss {
		if q.path == path && q.nth >= nth {
			return how
		}
		return arrives
	}
}

// wired starts a world under the challenging policy whose requests to the provider go over a wire.
func wired(t *testing.T, change func(*flow.Config)) (*world, *wire) {
	t.Helper()
	rules, err := policy.Parse("challenging.yaml", []byte(challenging))
	check(t, err)
	x := &wire{}
	api := httptest.NewServer(x)
	t.Cleanup(api.Close)
	w := begin(t, func(c *flow.Config) {
		c.Policy = func(string) *policy.Policy { return rules }
		c.ProviderBudget = 20 * time.Second // what is late here is late on purpose
		c.Provider, err = adyen.New(adyen.Config{Endpoint: api.URL + "/v71", APIKey: "test-key", Account: "DemoFR",
			HMACKeys: []providers.Secret{hmacKey}, ReturnURL: "https://shop.example/return", Clock: c.Clock})
		check(t, err)
		if change != nil {
			change(c)
		}
	})
	x.to = w.sim.Handler()
	return w, x
}

// dear is an order that the challenging policy challenges, on a card of a known issuer.
func dear(number int, card string) payment.Request {
	r := order(number)
	r.Amount.Value, r.Method.Number = 60000, providers.Secret(card)
	r.ReturnURL = "https://shop.example/back"
	return r
}

// natively lets an order be authenticated without a redirect.
func natively(r payment.Request) payment.Request {
	r.Buyer.Browser = &payment.Browser{AcceptHeader: "*/*", Language: "fr-FR", ColorDepth: 24, ScreenHeight: 1080, ScreenWidth: 1920, JavaScriptEnabled: true}
	r.Buyer.UserAgent = "Mozilla/5.0"
	r.Authentication = payment.Authentication{Native: true, Origin: "https://shop.example"}
	return r
}

// acts does what a buyer chooses on the page that a payment's action leads to, and gives what their browser brings back.
func (w *world) acts(p payment.Payment, choice string) payment.Details {
	w.t.Helper()
	if p.Action == nil {
		w.t.Fatalf("%s %s has no action", p.ID, p.Status)
	}
	switch p.Action.Type {
	case "threeds2_fingerprint":
		return payment.Details{"threeds2.fingerprint": word(`{"threeDSCompInd":"Y"}`), "paymentData": providers.Secret(p.Action.Data["paymentData"])}
	case "threeds2_challenge":
		status := map[string]string{"pay": "Y", "refuse": "N"}[choice]
		return payment.Details{"threeds2.challengeResult": word(`{"transStatus":"` + status + `"}`), "paymentData": providers.Secret(p.Action.Data["paymentData"])}
	}
	page, err := url.Parse(p.Action.URL)
	check(w.t, err)
	form := url.Values{"MD": {page.Query().Get("MD")}, "choice": {choice}, "code": {"1234"}}
	r := httptest.NewRequest(http.MethodPost, page.Path, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	rec := httptest.NewRecorder()
	w.sim.Handler().ServeHTTP(rec, r)
	back, err := rec.Result().Location()
	if err != nil {
		w.t.Fatalf("the issuer's page answers %d %.300s", rec.Code, rec.Body)
	}
	return payment.Details{"redirectResult": providers.Secret(back.Query().Get("redirectResult"))}
}

func word(json string) providers.Secret {
	return providers.Secret(base64.StdEncoding.EncodeToString([]byte(json)))
}

// finishes sends details, which must be taken.
func (w *world) finishes(p payment.Payment, d payment.Details) payment.Payment {
	w.t.Helper()
	p, _, err := w.flow.Details(w.t.Context(), "demo", p.ID, d)
	check(w.t, err)
	return p
}

// audited holds the provider's ledger to one authorisation per payment and one live one per order.
func (w *world) audited() {
	w.t.Helper()
	if l := w.sim.Ledger(); len(l.DoubleAuthorisations)+len(l.DoubleOrders) != 0 {
		w.t.Errorf("money doubled: payments %v, orders %v", l.DoubleAuthorisations, l.DoubleOrders)
	}
}
