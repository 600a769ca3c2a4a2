package adyensim

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	mathrand "math/rand/v2"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

const (
	apiKey  = "sim-key"
	account = "TestMerchant"
	hmacKey = "DFB1EB5485895CFA84146406857104ABB4CBCABDC8AAF103A624C8F6A3EAAB00"
)

var noon = time.Date(2026, 5, 4, 12, 0, 0, 0, time.UTC)

func noonClock() time.Time { return noon }

// rig is a simulator behind real HTTP.

type rig struct {
	*testing.T
	sim *Server
	url string
}

func start(t *testing.T, journal, webhooks string) rig {
	t.Helper()
	seed := [32]byte{byte(len(t.Name()))}
	sim, err := New(Config{APIKey: apiKey, MerchantAccount: account, HMACKey: hmacKey, WebhookURL: webhooks, Journal: journal,
		Clock: noonClock, Rand: mathrand.NewChaCha8(seed), WebhookBackoff: []time.Duration{time.Millisecond}})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(sim.Handler())
	t.Cleanup(func() { server.Close(); _ = sim.Close() })
	return rig{t, sim, server.URL}
}

// post calls an endpoint; the answer is decoded, and nil when it is not JSON or there is none.

func (r rig) post(path, key, body string) (int, map[string]any, http.Header) {
	r.Helper()
	q, _ := http.NewRequest(http.MethodPost, r.url+path, strings.NewReader(body))
	q.Header.Set("X-API-Key", apiKey)
	if key != "" {
		q.Header.Set("Idempotency-Key", key)
	}
	resp, err := http.DefaultClient.Do(q)
	if err != nil {
		return 0, nil, nil
	}
	defer func() { _ = resp.Body.Close() }()
	var a map[string]any
	raw, _ := io.ReadAll(resp.Body)
	_ = json.Unmarshal(raw, &a)
	return resp.StatusCode, a, resp.Header
}

// body of a payment; changes replace text in it.

func body(reference string, changes ...string) string {
	return strings.NewReplacer(changes...).Replace(`{"amount":{"value":1000,"currency":"EUR"},"merchantAccount":"TestMerchant","reference":"` + reference +
		`","merchantOrderReference":"order-1","returnUrl":"https://shop.example/","shopperStatement":"OCTROI 4821","paymentMethod":{"type":"scheme","number":"4111111111111111",` +
		`"expiryMonth":"03","expiryYear":"2030","cvc":"737","holderName":"Jean Dupont"}}`)
}

// pay expects an approval and gives its reference.

func (r rig) pay(reference string, changes ...string) string {
	r.Helper()
	status, a, _ := r.post("/v71/payments", "", body(reference, changes...))
	if status != 200 || a["resultCode"] != "Authorised" {
		r.Fatalf("payment: %d %v", status, a)
	}
	return a["pspReference"].(string)
}

func (r rig) modify(psp, kind string, value int64) (int, map[string]any) {
	r.Helper()
	status, a, _ := r.post("/v71/payments/"+psp+"/"+kind, "", fmt.Sprintf(`{"merchantAccount":"TestMerchant","reference":"op","amount":{"value":%d,"currency":"EUR"}}`, value))
	return status, a
}

func (r rig) payment(reference string) Payment {
	r.Helper()
	p, ok := r.sim.Ledger().Payment(reference)
	if !ok {
		r.Fatalf("%s is not in the ledger", reference)
	}
	return p
}

// pending lists event, success of the undelivered webhooks.

func (r rig) pending() []string {
	var events []string
	for _, w := range r.sim.book.pending {
		events = append(events, w.Item.EventCode+" "+w.Item.Success)
	}
	return events
}

func TestSameKeyGivesTheStoredAnswerEvenToAnotherBody(t *testing.T) {
	r := start(t, "", "")
	_, first, _ := r.post("/v71/payments", "key", body("pay_1"))
	status, again, header := r.post("/v71/payments", "key", body("pay_2", "1000", "5"))
	if status != 200 || again["pspReference"] != first["pspReference"] || header.Get("Idempotency-Key") != "key" {
		t.Errorf("%d %v", status, again)
	}
	status, _, _ = r.post("/v71/payments", "bad", body("pay_3", "4111111111111111", "4111111111111112"))
	if again, _, _ := r.post("/v71/payments", "bad", body("pay_3")); status != 422 || again != 422 {
		t.Errorf("an error is not the stored answer: %d then %d", status, again)
	}
	if n := len(r.sim.Ledger().Payments); n != 1 {
		t.Errorf("%d payments", n)
	}
}

func TestTransientErrorIsProcessedAnew(t *testing.T) {
	r := start(t, "", "")
	status, _, header := r.post("/v71/payments", "key", body("pay_1", `"returnUrl"`, `"additionalData":{"RequestedTestErrorResponseCode":"NO_CONNECTION_AVAILABLE"},"returnUrl"`))
	if status != 500 || header.Get("Transient-Error") != "true" {
		t.Errorf("%d %v", status, header)
	}
	if status, a, _ := r.post("/v71/payments", "key", body("pay_1")); status != 200 || a["resultCode"] != "Authorised" {
		t.Errorf("%d %v", status, a)
	}
}

func TestKeyInUseIsInProgress(t *testing.T) {
	r := start(t, "", "")
	entered, done := make(chan struct{}), make(chan int)
	r.sim.Fault(Fault{Delay: time.Minute, Times: 1})
	go func() {
		close(entered)
		status, _, _ := r.post("/v71/payments", "key", body("pay_1"))
		done <- status
	}()
	<-entered
	for range 1000 {
		r.sim.mu.Lock()
		working := r.sim.inFlight["key"]
		r.sim.mu.Unlock()
		if working {
			break
		}
		time.Sleep(time.Millisecond)
	}
	if status, a, _ := r.post("/v71/payments", "key", body("pay_1")); status != 422 || a["errorCode"] != "704" {
		t.Errorf("%d %v", status, a)
	}
	if err := r.sim.Close(); err != nil {
		t.Fatal(err)
	}
	if status := <-done; status != 500 {
		t.Errorf("the request that was under way when the server closed: %d", status)
	}
}

func TestTechnicalErrorIsTheStoredAnswer(t *testing.T) {
	r := start(t, "", "")
	failing := body("pay_1", `"returnUrl"`, `"additionalData":{"RequestedTestErrorResponseCode":"IOEXCEPTION_RECEIVED"},"returnUrl"`)
	for _, send := range []string{failing, body("pay_1")} {
		if status, a, header := r.post("/v71/payments", "key", send); status != 500 || a["errorCode"] != "904" || header.Get("Transient-Error") != "" {
			t.Errorf("%d %v", status, a)
		}
	}
}

func TestFaultsStrikeAsOftenAsAsked(t *testing.T) {
	r := start(t, "", "")
	for name, c := range map[string]struct {
		fault  Fault
		status int
		done   int
	}{
		"cut before":     {Fault{Cut: true, Times: 1}, 0, 0},
		"cut after":      {Fault{Cut: true, After: true, Times: 1}, 0, 1},
		"500 before":     {Fault{Status: 500, Times: 1}, 500, 0},
		"500 after":      {Fault{Status: 500, After: true, Times: 1}, 500, 1},
		"garbage":        {Fault{Garbage: true, After: true, Times: 1}, 200, 1},
		"transient":      {Fault{Transient: true, Times: 1}, 500, 0},
		"slow":           {Fault{Delay: time.Millisecond, Times: 1}, 200, 1},
		"content type":   {Fault{ContentType: "text/plain", Times: 1}, 200, 1},
		"other endpoint": {Fault{Status: 500, Operation: "captures"}, 200, 1},
	} {
		http.DefaultClient.CloseIdleConnections()
		r.sim.Fault(c.fault)
		reference := "pay_" + strings.ReplaceAll(name, " ", "_")
		if status, _, _ := r.post("/v71/payments", reference, body(reference)); status != c.status || r.sim.Ledger().Authorisations[reference] != c.done {
			t.Errorf("%s: %d, %d authorisations", name, status, r.sim.Ledger().Authorisations[reference])
		}
		if status, _, _ := r.post("/v71/payments", reference, body(reference)); status != 200 || r.sim.Ledger().Authorisations[reference] != 1 {
			t.Errorf("%s, then: %d", name, status)
		}
	}
}

func TestFaultsCanBeSetOverHTTP(t *testing.T) {
	r := start(t, "", "")
	put := func(body string) int {
		q, _ := http.NewRequest(http.MethodPut, r.url+"/faults", strings.NewReader(body))
		resp, err := http.DefaultClient.Do(q)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = resp.Body.Close() }()
		return resp.StatusCode
	}
	if put(`{"status":503,"delay_ms":1,"times":1}`) != 200 || r.sim.fault.Delay != time.Millisecond || put(`{"stauts":1}`) != 400 {
		t.Error("faults are not read strictly")
	}
	if status, _, _ := r.post("/v71/payments", "", body("pay_1")); status != 503 {
		t.Errorf("%d", status)
	}
}

func TestConfigurationIsChecked(t *testing.T) {
	for _, c := range []Config{{}, {Clock: time.Now}, {Clock: time.Now, Rand: mathrand.NewChaCha8([32]byte{}), HMACKey: "xyz"}} {
		if _, err := New(c); err == nil {
			t.Errorf("%+v is taken", c)
		}
	}
}

func TestStartServesUntilItsContextEnds(t *testing.T) {
	r := start(t, "", "")
	ctx, stop := context.WithCancel(context.Background())
	addr, err := r.sim.Start(ctx, "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.Get("http://" + addr.String() + "/ledger")
	stop()
	if err != nil || resp.StatusCode != 200 {
		t.Errorf("%v, %v", resp, err)
	}
}
