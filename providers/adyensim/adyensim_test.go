package adyensim

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	mathrand "math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

const (
	apiKey  = "sim-key"
	account = "TestMerchant"
	hmacKey = "DFB1EB5485895CFA84146406857104ABB4CBCABDC8AAF103A624C8F6A3EAAB00"
)

var noon = time.Date(2026, 5, 4, 12, 0, 0, 0, time.UTC)

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
		Clock: func() time.Time { return noon }, Rand: mathrand.NewChaCha8(seed), WebhookBackoff: []time.Duration{time.Millisecond}})
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

func TestApprovedAnswerCarriesWhatAdyensDoes(t *testing.T) {
	r := start(t, "", "")
	for _, version := range []string{"/v71", "/v72"} {
		status, a, header := r.post(version+"/payments", "k"+version[1:], body("pay_"+version[1:]))
		if status != 200 || len(a["pspReference"].(string)) != 16 || a["merchantReference"] != "pay_"+version[1:] || header.Get("Idempotency-Key") != "k"+version[1:] {
			t.Errorf("%d %v", status, a)
		}
		data, _ := a["additionalData"].(map[string]any)
		for name, want := range map[string]string{"cardSummary": "1111", "cardBin": "411111", "issuerBin": "41111111", "paymentMethod": "visa",
			"avsResult": "5 No AVS data provided", "cvcResult": "1 Matches", "cardIssuingCountry": "NL", "fundingSource": "CREDIT"} {
			if data[name] != want {
				t.Errorf("%s is %v", name, data[name])
			}
		}
	}
	if p := r.payment("pay_v71"); p.ShopperStatement != "OCTROI 4821" || p.Amount != (Amount{1000, "EUR"}) || p.Status != StatusAuthorised {
		t.Errorf("%+v", p)
	}
}

func TestEveryHolderNameBringsItsRefusal(t *testing.T) {
	r := start(t, "", "")
	for holder, want := range reasons {
		_, a, _ := r.post("/v71/payments", "", body("pay_"+holder, "Jean Dupont", holder))
		code, _ := a["refusalReasonCode"].(string)
		name, _ := a["refusalReason"].(string)
		if a["resultCode"] != want.result || want.result != "Authorised" && want.result != "Pending" && (code != fmt.Sprint(want.code) || name != want.name) {
			t.Errorf("%s: %v", holder, a)
		}
	}
	if len(reasons) < 44 {
		t.Errorf("%d holder names", len(reasons))
	}
}

func TestRefusalsCanBeAskedForInAdyensOtherWays(t *testing.T) {
	r := start(t, "", "")
	for name, c := range map[string]struct {
		changes         []string
		code, raw, text string
	}{
		"raw code with the name":    {[]string{"Jean Dupont", "DECLINED : 06 : ERROR"}, "2", "06 : ERROR", "Refused"},
		"wrong date without a code": {[]string{"Jean Dupont", "EXPIRY INCORRECT"}, "", "DECLINED Expiry Incorrect", "Refused"},
		"by response code":          {[]string{`"returnUrl"`, `"additionalData":{"RequestedTestAcquirerResponseCode":"12"},"returnUrl"`}, "12", "NOT_ENOUGH_BALANCE", "Not enough balance"},
		"wrong code of a test card": {[]string{"737", "736"}, "2", "DECLINED", "Refused"},
		"wrong date of a test card": {[]string{"2030", "2031"}, "2", "DECLINED", "Refused"},
		"the declined test card":    {[]string{"4111111111111111", "4242424242424242"}, "2", "DECLINED", "Refused"},
	} {
		_, a, _ := r.post("/v71/payments", "", body("pay_1", c.changes...))
		data, _ := a["additionalData"].(map[string]any)
		code, _ := a["refusalReasonCode"].(string)
		if a["resultCode"] != "Refused" || code != c.code || data["refusalReasonRaw"] != c.raw || a["refusalReason"] != c.text {
			t.Errorf("%s: %v", name, a)
		}
	}
}

func TestInvalidPaymentsGetAdyensErrors(t *testing.T) {
	r := start(t, "", "")
	for name, c := range map[string]struct {
		changes []string
		status  int
		code    string
	}{
		"no amount":         {[]string{`"amount":{"value":1000,"currency":"EUR"},`, ""}, 422, "100"},
		"number":            {[]string{"4111111111111111", "4111111111111112"}, 422, "101"},
		"short number":      {[]string{"4111111111111111", "42"}, 422, "101"},
		"CVC length":        {[]string{"737", "7373"}, 422, "103"},
		"CVC letters":       {[]string{"737", "7x7"}, 422, "153"},
		"date unreadable":   {[]string{`"2030"`, `"MMXX"`}, 422, "129"},
		"date passed":       {[]string{`"2030"`, `"2026"`}, 422, "140"},
		"month thirteen":    {[]string{`"03"`, `"13"`}, 422, "141"},
		"no reference":      {[]string{`"pay_1"`, `""`}, 422, "130"},
		"negative amount":   {[]string{"1000", "-1"}, 422, "137"},
		"currency":          {[]string{`"EUR"`, `"euro"`}, 422, "138"},
		"merchant account":  {[]string{"TestMerchant", "Other"}, 403, "901"},
		"undecryptable":     {[]string{`"number":"4111111111111111"`, `"encryptedCardNumber":"adyenjs_x"`}, 422, "174"},
		"not JSON":          {[]string{"{", "["}, 400, "702"},
		"technical failure": {[]string{`"returnUrl"`, `"additionalData":{"RequestedTestErrorResponseCode":"IOEXCEPTION_RECEIVED"},"returnUrl"`}, 500, "904"},
	} {
		status, a, _ := r.post("/v71/payments", "", body("pay_1", c.changes...))
		if status != c.status || a["errorCode"] != c.code || a["message"] == "" || a["errorType"] == "" {
			t.Errorf("%s: %d %v", name, status, a)
		}
	}
	if n := len(r.sim.Ledger().Payments); n != 0 {
		t.Errorf("%d payments in the ledger", n)
	}
}

func TestWrongKeyIsUnauthorised(t *testing.T) {
	r := start(t, "", "")
	resp, err := http.Post(r.url+"/v71/payments", "application/json", strings.NewReader(body("pay_1")))
	if err != nil || resp.StatusCode != 401 {
		t.Errorf("%v, %v", resp, err)
	}
}

func TestEncryptedTestCardIsUnderstood(t *testing.T) {
	r := start(t, "", "")
	r.pay("pay_1", `"number":"4111111111111111"`, `"encryptedCardNumber":"test_4111111111111111"`, `"expiryMonth":"03"`, `"encryptedExpiryMonth":"test_03"`,
		`"expiryYear":"2030"`, `"encryptedExpiryYear":"test_2030"`, `"cvc":"737"`, `"encryptedSecurityCode":"test_737"`)
	if p := r.payment("pay_1"); p.Last4 != "1111" || p.BIN != "41111111" {
		t.Errorf("%+v", p)
	}
}

func TestDocumentedTestCardsAreWellFormed(t *testing.T) {
	r := start(t, "", "")
	for number, c := range testCards {
		code := "737"
		if c.brand == "amex" {
			code = "7373"
		}
		r.pay("pay_"+number[len(number)-6:], "4111111111111111", number, `"737"`, `"`+code+`"`)
		if known := brandOf(number); c.brand != known && c.brand != "cartebancaire" {
			t.Errorf("a card of %s is recognised as %s", c.brand, known)
		}
	}
}

func TestAuthenticationIsTriedWhenForced(t *testing.T) {
	r := start(t, "", "")
	_, a, _ := r.post("/v71/payments", "", body("pay_1", "4111111111111111", "4917610000000000", `"returnUrl"`, `"authenticationData":{"attemptAuthentication":"always"},"returnUrl"`))
	if data := a["additionalData"].(map[string]any); data["threeDAuthenticatedResponse"] != "Y" || data["liabilityShift"] != "true" {
		t.Errorf("%v", data)
	}
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
	r.sim.inFlight["key"] = true
	if status, a, _ := r.post("/v71/payments", "key", body("pay_1")); status != 422 || a["errorCode"] != "704" {
		t.Errorf("%d %v", status, a)
	}
}

func TestLedgerNoticesADoubleAuthorisation(t *testing.T) {
	r := start(t, "", "")
	r.pay("pay_1")
	r.pay("pay_2")
	r.post("/v71/payments", "", body("pay_2", "Jean Dupont", "DECLINED"))
	if l := r.sim.Ledger(); len(l.DoubleAuthorisations) != 0 || !slices.Equal(l.DoubleOrders, []string{"order-1"}) {
		t.Errorf("%+v", l)
	}
	r.pay("pay_2", "order-1", "order-2")
	resp, err := http.Get(r.url + "/ledger")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	var l Ledger
	if err := json.NewDecoder(resp.Body).Decode(&l); err != nil || l.Authorisations["pay_2"] != 2 || !slices.Equal(l.DoubleAuthorisations, []string{"pay_2"}) {
		t.Errorf("%+v, %v", l, err)
	}
}

func TestModificationsStayWithinThePayment(t *testing.T) {
	r := start(t, "", "")
	psp := r.pay("pay_1")
	for _, c := range []struct {
		kind  string
		value int64
		event string
	}{
		{Refunds, 1, "REFUND false"}, {Captures, 600, "CAPTURE true"}, {Captures, 500, "CAPTURE false"}, {Captures, 400, "CAPTURE true"},
		{Cancels, 0, "CANCELLATION false"}, {Refunds, 900, "REFUND true"}, {Refunds, 200, "REFUND false"}, {AmountUpdates, 2000, "AUTHORISATION_ADJUSTMENT false"},
		{Reversals, 0, "CANCEL_OR_REFUND true"},
	} {
		status, a := r.modify(psp, c.kind, c.value)
		events := r.pending()
		if status != 201 || a["status"] != "received" || len(a["pspReference"].(string)) != 16 || a["paymentPspReference"] != psp || events[len(events)-1] != c.event {
			t.Errorf("%s %d: %d %v, %v", c.kind, c.value, status, a, events)
		}
	}
	if p := r.payment("pay_1"); p.Captured != 1000 || p.Refunded != 1000 || len(p.Modifications) != 9 {
		t.Errorf("%+v", p)
	}
}

func TestAdjustedAmountCanBeCapturedAndCancelledPaymentCannot(t *testing.T) {
	r := start(t, "", "")
	psp := r.pay("pay_1")
	r.modify(psp, AmountUpdates, 1500)
	r.modify(psp, Captures, 1500)
	other := r.pay("pay_2")
	r.modify(other, Reversals, 0)
	r.modify(other, Captures, 1)
	want := []string{"AUTHORISATION true", "AUTHORISATION_ADJUSTMENT true", "CAPTURE true", "AUTHORISATION true", "CANCEL_OR_REFUND true", "CAPTURE false"}
	if got := r.pending(); !slices.Equal(got, want) || r.payment("pay_2").Status != StatusCancelled {
		t.Errorf("%v", got)
	}
}

func TestModificationsThatMakeNoSenseAreErrors(t *testing.T) {
	r := start(t, "", "")
	psp := r.pay("pay_1")
	_, refused, _ := r.post("/v71/payments", "", body("pay_2", "Jean Dupont", "DECLINED"))
	for _, c := range []struct {
		path, body string
		status     int
		code       string
	}{
		{"/v71/payments/NOSUCHPAYMENT234/captures", `{"merchantAccount":"TestMerchant","amount":{"value":1,"currency":"EUR"}}`, 422, "167"},
		{"/v71/payments/" + refused["pspReference"].(string) + "/captures", `{"merchantAccount":"TestMerchant","amount":{"value":1,"currency":"EUR"}}`, 422, "167"},
		{"/v71/payments/" + psp + "/captures", `{"merchantAccount":"Other","amount":{"value":1,"currency":"EUR"}}`, 403, "901"},
		{"/v71/payments/" + psp + "/captures", `{"merchantAccount":"TestMerchant"}`, 422, "100"},
		{"/v71/payments/" + psp + "/refunds", `{"merchantAccount":"TestMerchant","amount":{"value":0,"currency":"EUR"}}`, 422, "137"},
		{"/v71/payments/" + psp + "/captures", `{"merchantAccount":"TestMerchant","amount":{"value":1,"currency":"USD"}}`, 422, "138"},
		{"/v71/cancels", `{"merchantAccount":"TestMerchant"}`, 422, "130"},
		{"/v71/cancels", `[`, 400, "702"},
	} {
		if status, a, _ := r.post(c.path, "", c.body); status != c.status || a["errorCode"] != c.code {
			t.Errorf("%s %s: %d %v", c.path, c.body, status, a)
		}
	}
}

func TestCancelByReferenceSaysWhetherItFoundAnything(t *testing.T) {
	r := start(t, "", "")
	r.pay("pay_1")
	for _, reference := range []string{"pay_1", "pay_unknown"} {
		status, a, _ := r.post("/v71/cancels", "", `{"merchantAccount":"TestMerchant","paymentReference":"`+reference+`","reference":"op"}`)
		if status != 201 || a["paymentReference"] != reference || a["status"] != "received" {
			t.Errorf("%d %v", status, a)
		}
	}
	if got := r.pending(); !slices.Equal(got[1:], []string{"TECHNICAL_CANCEL true", "TECHNICAL_CANCEL false"}) || r.payment("pay_1").Status != StatusCancelled {
		t.Errorf("%v", got)
	}
}

func TestHolderNamesMakeModificationsFailLater(t *testing.T) {
	r := start(t, "", "")
	r.modify(r.pay("pay_1", "Jean Dupont", "capture failed"), Captures, 1000)
	psp := r.pay("pay_2", "Jean Dupont", "refund failed")
	r.modify(psp, Captures, 1000)
	r.modify(psp, Refunds, 400)
	want := []string{"AUTHORISATION true", "CAPTURE true", "CAPTURE_FAILED true", "AUTHORISATION true", "CAPTURE true", "REFUND true", "REFUND_FAILED true"}
	if got := r.pending(); !slices.Equal(got, want) || r.payment("pay_1").Captured != 0 || r.payment("pay_2").Refunded != 0 {
		t.Errorf("%v", got)
	}
}

func TestSignatureFollowsAdyensVector(t *testing.T) {
	key := []byte{0xDF, 0xB1, 0xEB, 0x54, 0x85, 0x89, 0x5C, 0xFA, 0x84, 0x14, 0x64, 0x06, 0x85, 0x71, 0x04, 0xAB, 0xB4, 0xCB, 0xCA, 0xBD, 0xC8, 0xAA, 0xF1, 0x03, 0xA6, 0x24, 0xC8, 0xF6, 0xA3, 0xEA, 0xAB, 0x00}
	it := item{PSPReference: "pspReference", OriginalReference: "originalReference", MerchantAccountCode: "merchantAccount", MerchantReference: "reference",
		Amount: Amount{1000, "EUR"}, EventCode: "EVENT", Success: "true"}
	if got := sign(key, it); got != "ipnxGCaUZ4l8TUW75a71/ghd2Fe5ffvX0pV4TLTntIc=" {
		t.Error(got)
	}
}

// inbox receives webhooks, and refuses the first few.
type inbox struct {
	mu     sync.Mutex
	refuse int
	bodies []string
	signal chan struct{}
}

func (b *inbox) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	raw, _ := io.ReadAll(r.Body)
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.refuse > 0 {
		b.refuse--
		w.WriteHeader(503)
		return
	}
	b.bodies = append(b.bodies, string(raw))
	b.signal <- struct{}{}
	w.WriteHeader(202)
}

// events waits for n deliveries and lists the event codes in them.
func (b *inbox) events(t *testing.T, n int) []string {
	t.Helper()
	for range n {
		select {
		case <-b.signal:
		case <-time.After(10 * time.Second):
			t.Fatal("a webhook did not come")
		}
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	var codes []string
	for _, body := range b.bodies {
		for rest := body; ; {
			_, after, found := strings.Cut(rest, `"eventCode":"`)
			if !found {
				break
			}
			code, tail, _ := strings.Cut(after, `"`)
			codes, rest = append(codes, code), tail
		}
	}
	return codes
}

func mailbox(t *testing.T, refuse int) (*inbox, string) {
	b := &inbox{refuse: refuse, signal: make(chan struct{}, 100)}
	server := httptest.NewServer(b)
	t.Cleanup(server.Close)
	return b, server.URL
}

// run delivers webhooks until the test ends.
func (r rig) run() {
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { _ = r.sim.Run(ctx); close(done) }()
	r.Cleanup(func() { stop(); <-done })
}

func TestWebhooksAreRepeatedUntilAcknowledged(t *testing.T) {
	b, url := mailbox(t, 3)
	r := start(t, "", url)
	r.run()
	r.modify(r.pay("pay_1"), Captures, 1000)
	if got := b.events(t, 2); !slices.Equal(got, []string{"AUTHORISATION", "CAPTURE"}) {
		t.Errorf("%v", got)
	}
	if !strings.HasPrefix(b.bodies[0], `{"live":"false","notificationItems":[{"NotificationRequestItem":{`) || !strings.Contains(b.bodies[0], `"hmacSignature":"`) {
		t.Error(b.bodies[0])
	}
}

func TestWebhooksCanBeBatchedDoubledAndReordered(t *testing.T) {
	b, url := mailbox(t, 0)
	r := start(t, "", "")
	r.modify(r.pay("pay_1"), Captures, 1000)
	r.sim.Fault(Fault{BatchWebhooks: 2, DuplicateWebhooks: 1, ReorderWebhooks: true})
	r.run()
	r.sim.NotifyAt(url)
	if got := b.events(t, 2); !slices.Equal(got, []string{"CAPTURE", "AUTHORISATION", "CAPTURE", "AUTHORISATION"}) {
		t.Errorf("%v", got)
	}
}

func TestSecondStartOnTheJournalFindsEverything(t *testing.T) {
	journal := filepath.Join(t.TempDir(), "ledger.jsonl")
	first := start(t, journal, "")
	_, a, _ := first.post("/v71/payments", "key", body("pay_1"))
	psp := a["pspReference"].(string)
	first.modify(psp, Captures, 700)
	before := first.sim.Ledger()
	if err := first.sim.Close(); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(journal)
	if err != nil || bytes.Contains(text, []byte("4111111111111111")) || bytes.Contains(text, []byte("737")) || bytes.Contains(text, []byte("Dupont")) || bytes.Contains(text, []byte("2030")) {
		t.Fatalf("the journal keeps what it must not: %v %s", err, text)
	}
	if err := os.WriteFile(journal, append(text, []byte(`{"key":"torn by a cra`)...), 0o600); err != nil {
		t.Fatal(err)
	}
	b, url := mailbox(t, 0)
	second := start(t, journal, url)
	if got := second.sim.Ledger(); fmt.Sprint(got) != fmt.Sprint(before) || got.PendingWebhooks != 2 {
		t.Errorf("found %+v, want %+v", got, before)
	}
	if _, again, _ := second.post("/v71/payments", "key", body("pay_1")); again["pspReference"] != psp {
		t.Errorf("the idempotency answer is lost: %v", again)
	}
	second.run()
	if got := b.events(t, 2); !slices.Equal(got, []string{"AUTHORISATION", "CAPTURE"}) {
		t.Errorf("%v", got)
	}
	if status, _ := second.modify(psp, Captures, 300); status != 201 || second.payment("pay_1").Captured != 1000 {
		t.Errorf("%d %+v", status, second.payment("pay_1"))
	}
}

func TestUnreadableJournalIsNotOverwritten(t *testing.T) {
	journal := filepath.Join(t.TempDir(), "ledger.jsonl")
	if err := os.WriteFile(journal, []byte("not a journal\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := New(Config{Journal: journal, Clock: time.Now, Rand: mathrand.NewChaCha8([32]byte{})})
	if text, _ := os.ReadFile(journal); err == nil || string(text) != "not a journal\n" {
		t.Errorf("%v, %q", err, text)
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

func TestAddressCheckCanBeAskedFor(t *testing.T) {
	r := start(t, "", "")
	_, a, _ := r.post("/v71/payments", "", body("pay_1", `"returnUrl"`, `"billingAddress":{"street":"Test AVS result","houseNumberOrName":"2"},"returnUrl"`))
	if data := a["additionalData"].(map[string]any); !strings.HasPrefix(data["avsResult"].(string), "2 ") {
		t.Errorf("%v", data)
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

func BenchmarkPayment(b *testing.B) {
	sim, err := New(Config{APIKey: apiKey, MerchantAccount: account, HMACKey: hmacKey, Journal: filepath.Join(b.TempDir(), "j"),
		Clock: func() time.Time { return noon }, Rand: mathrand.NewChaCha8([32]byte{})})
	if err != nil {
		b.Fatal(err)
	}
	h, n := sim.Handler(), 0
	for b.Loop() {
		n++
		q := httptest.NewRequest(http.MethodPost, "/v71/payments", strings.NewReader(body(fmt.Sprint("pay_", n))))
		q.Header.Set("X-API-Key", apiKey)
		q.Header.Set("Idempotency-Key", fmt.Sprint(n))
		h.ServeHTTP(httptest.NewRecorder(), q)
	}
}
