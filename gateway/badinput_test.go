package gateway

import (
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"octroi/gateway/payment"
	"octroi/gateway/store"
	"octroi/providers"
)

func TestEveryCodeHasItsStatusAndWords(t *testing.T) {
	for _, code := range payment.Codes() {
		if o := outcomes[code]; o.status < 400 || o.status > 599 || o.title == "" || o.meaning == "" {
			t.Errorf("%s has no complete entry: %+v", code, o)
		}
	}
	if len(outcomes) != len(payment.Codes()) {
		t.Errorf("%d entries for %d codes", len(outcomes), len(payment.Codes()))
	}
}

// refusedWith checks that the answer is a problem document of the code, and gives its text.
func refusedWith(t *testing.T, a answered, code payment.Code) string {
	t.Helper()
	if a.status != outcomes[code].status || a.text("code") != string(code) {
		t.Errorf("got %d %s, want %s", a.status, a.body, code)
	}
	if ct := a.header.Get("Content-Type"); ct != "application/problem+json" {
		t.Errorf("the problem comes as %s", ct)
	}
	if a.text("type") != "/docs#"+string(code) || a.text("detail") == "" || a.header.Get("Request-Id") == "" {
		t.Errorf("the problem is not complete: %s", a.body)
	}
	return string(a.body)
}

func TestBadPaymentsAreRefusedByNameAndNothingIsWritten(t *testing.T) {
	h := newHouse(t, nil)
	swap := func(old, new string) string {
		body := strings.Replace(order("A-1", "Paris"), old, new, 1)
		if body == order("A-1", "Paris") {
			t.Fatalf("the order has no %s", old)
		}
		return body
	}
	cases := []struct {
		name, body string
		code       payment.Code
		says       string
	}{
		{"malformed", `{"order":`, payment.CodeInvalidJSON, "line 1"},
		{"unknown field", swap(`"email"`, `"emial"`), payment.CodeInvalid, `"/buyer/emial"`},
		{"wrong type", swap(`"value":12990`, `"value":"12"`), payment.CodeInvalid, `"/amount/value"`},
		{"fraction", swap(`"value":12990`, `"value":1.5`), payment.CodeInvalid, `"/amount/value"`},
		{"overflow", swap(`"value":12990`, `"value":1e30`), payment.CodeInvalid, `"/amount/value"`},
		{"negative", swap(`"value":12990`, `"value":-1`), payment.CodeInvalid, `"/amount/value"`},
		{"zero", swap(`"value":12990`, `"value":0`), payment.CodeInvalid, `"/amount/value"`},
		{"currency", swap(`"EUR"`, `"XYZ"`), payment.CodeInvalid, `"/amount/currency"`},
		{"control characters", swap(`"A-1"`, `"A\u0000-1"`), payment.CodeInvalid, `"/order/reference"`},
		{"card number", swap("4111111111111111", "4111111111111112"), payment.CodeInvalid, `"/payment_method/number"`},
		{"past expiry", swap(`"2030"`, `"2020"`), payment.CodeInvalid, "the card expired in 03/2020"},
		{"no e-mail", swap(`"jean@example.org"`, `""`), payment.CodeInvalid, `"/buyer/email"`},
	}
	for _, c := range cases {
		a := h.call("POST", "/v1/payments", demoKey, c.body, "Idempotency-Key", "k")
		if body := refusedWith(t, a, c.code); !strings.Contains(body, c.says) {
			t.Errorf("%s: the answer does not say %s: %s", c.name, c.says, body)
		}
		if strings.Contains(string(a.body), "41111") {
			t.Errorf("%s: the answer repeats a card number", c.name)
		}
	}
	json := "application/json"
	for name, c := range map[string]struct{ key, contentType, code string }{
		"no key": {"", json, "validation_failed"}, "long key": {strings.Repeat("k", 256), json, "validation_failed"},
		"key not ASCII": {"clé", json, "validation_failed"}, "form": {"k", "application/x-www-form-urlencoded", "unsupported_media_type"},
		"latin-1": {"k", json + "; charset=iso-8859-1", "unsupported_media_type"}, "no type": {"k", "", "unsupported_media_type"}} {
		header := map[string]string{"Authorization": "Bearer " + demoKey, "Content-Type": c.contentType}
		if c.key != "" {
			header["Idempotency-Key"] = c.key
		}
		a := h.send("POST", "/v1/payments", header, order("A-1", "Paris"))
		if refusedWith(t, a, payment.Code(c.code)); c.code == "validation_failed" && !strings.Contains(a.text("detail"), "Idempotency-Key") {
			t.Errorf("%s: the header is not named: %s", name, a.body)
		}
	}
	if n := h.requestsCounted("POST /v1/payments", "422"); n != 14 {
		t.Errorf("%d refusals were counted as 422", n)
	}
	page, _, err := h.store.Payments(t.Context(), store.PaymentFilter{})
	if err != nil || len(page) != 0 {
		t.Errorf("%d payments were written (%v)", len(page), err)
	}
	if strings.Contains(h.log.String(), "41111111") || strings.Contains(h.log.String(), "jean@") {
		t.Error("the log repeats what was sent")
	}
}

func TestClearCardNumbersAreOnlyTakenFromShopsThatMay(t *testing.T) {
	h := newHouse(t, nil)
	a := h.call("POST", "/v1/payments", otherKey, order("A-1", "Paris"), "Idempotency-Key", "k")
	if body := refusedWith(t, a, payment.CodeInvalid); !strings.Contains(body, "/payment_method/number") {
		t.Error(body)
	}
}

func TestABodyOfTenMegabytesIsRefusedBeforeItIsRead(t *testing.T) {
	h := newHouse(t, nil)
	big := strings.Repeat("x", 10<<20)
	refusedWith(t, h.call("POST", "/v1/payments", demoKey, big, "Idempotency-Key", "k"), payment.CodeTooLarge)
	refusedWith(t, h.call("POST", "/v1/assessments", demoKey, strings.Repeat(" ", maxBody+1)), payment.CodeTooLarge)
	refusedWith(t, h.call("POST", "/v1/assessments", demoKey, "{}"+strings.Repeat(" ", maxBody-2)), payment.CodeInvalid)

	// Without a declared length.
	r := got[*http.Request](t)(http.NewRequestWithContext(t.Context(), "POST", h.url+"/v1/payments", io.LimitReader(endless{}, 10<<20)))
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Authorization", "Bearer "+demoKey)
	resp := got[*http.Response](t)(http.DefaultClient.Do(r))
	defer resp.Body.Close()
	if resp.StatusCode != 413 {
		t.Errorf("a chunked body was answered %d", resp.StatusCode)
	}
}

type endless struct{}

func (endless) Read(p []byte) (int, error) { clear(p); return len(p), nil }

func TestCredentialsAreHeldAgainstEveryRoute(t *testing.T) {
	h := newHouse(t, func(c *Config) { c.Limits.BadCredentials = Rate{Burst: 1000, Every: time.Second} })
	analyst := h.person(store.RoleAnalyst)
	for _, r := range h.server.routes() {
		if r.need == anybody {
			continue
		}
		path := strings.NewReplacer(":id", "pay_1", ":name", "blocked_ips", ":value", "1").Replace(r.path)
		refusedWith(t, h.send(r.method, path, nil, ""), payment.CodeUnauthorised)
		for _, wrong := range []string{"sk_wrong", "an_wrong", "x", "sk_" + strings.Repeat("y", 300)} {
			a := h.call(r.method, path, wrong, "")
			refusedWith(t, a, payment.CodeUnauthorised)
			if a.header.Get("WWW-Authenticate") == "" {
				t.Errorf("%s %s: no WWW-Authenticate", r.method, path)
			}
		}
		switch r.need {
		case aShop:
			refusedWith(t, h.call(r.method, path, analyst, ""), payment.CodeForbidden)
		case aSenior:
			refusedWith(t, h.call(r.method, path, analyst, ""), payment.CodeForbidden)
			fallthrough
		default:
			refusedWith(t, h.call(r.method, path, demoKey, ""), payment.CodeForbidden)
		}
	}
	refusedWith(t, h.call("GET", "/v1/payments", "sk_test_closed", ""), payment.CodeForbidden)
}

func TestWhoGuessesCredentialsMustWaitAndTheShopNextToThemMustNot(t *testing.T) {
	h := newHouse(t, func(c *Config) { c.Limits.BadCredentials = Rate{Burst: 3, Every: time.Minute} })
	if a := h.call("GET", "/v1/payments", demoKey, ""); a.status != 200 {
		t.Fatal(a.status)
	}
	for range 3 {
		refusedWith(t, h.call("GET", "/v1/payments", "sk_guess", ""), payment.CodeUnauthorised)
	}
	a := h.call("GET", "/v1/payments", "sk_guess", "")
	refusedWith(t, a, payment.CodeRateLimited)
	if a.header.Get("Retry-After") == "" || a.header.Get("Retry-After") == "0" {
		t.Errorf("Retry-After is %q", a.header.Get("Retry-After"))
	}
	refusedWith(t, h.call("GET", "/v1/payments", "sk_another_guess", ""), payment.CodeRateLimited)
	h.clock.forward(2 * fresh)
	if a := h.call("GET", "/v1/payments", demoKey, ""); a.status != 200 {
		t.Errorf("the shop at the same address was answered %d", a.status)
	}
}

func TestARevokedKeyStopsWorkingWithinSeconds(t *testing.T) {
	h := newHouse(t, nil)
	h.call("GET", "/v1/payments", demoKey, "")
	if err := h.store.RevokeKey(t.Context(), "demo", "test"); err != nil {
		t.Fatal(err)
	}
	h.clock.forward(fresh)
	refusedWith(t, h.call("GET", "/v1/payments", demoKey, ""), payment.CodeUnauthorised)
}

func TestUnknownAddressesAndMethodsAreProblemsToo(t *testing.T) {
	h := newHouse(t, nil)
	refusedWith(t, h.send("GET", "/v1/nothing", nil, ""), payment.CodeNotFound)
	refusedWith(t, h.send("POST", "/v1/payments/", nil, ""), payment.CodeNotFound)
	a := h.send("DELETE", "/v1/payments", nil, "")
	refusedWith(t, a, payment.CodeMethodNotAllowed)
	if allow := a.header.Get("Allow"); !strings.Contains(allow, "GET") || !strings.Contains(allow, "POST") {
		t.Errorf("Allow is %q", allow)
	}
	if h.requestsCounted("unmatched", "404") != 2 || h.requestsCounted("unmatched", "405") != 1 {
		t.Error("they were not counted")
	}
	for name, want := range map[string]string{"X-Content-Type-Options": "nosniff", "Cache-Control": "no-store", "Referrer-Policy": "no-referrer"} {
		if a.header.Get(name) != want {
			t.Errorf("%s is %q", name, a.header.Get(name))
		}
	}
	if !strings.Contains(a.header.Get("Content-Security-Policy"), "frame-ancestors 'none'") {
		t.Error("the page may be framed")
	}
}

func TestQueriesAreReadStrictly(t *testing.T) {
	h := newHouse(t, nil)
	for query, says := range map[string]string{"?state=held": `\"state\" is not known`, "?limit=0": "1 to 100", "?limit=1e1": "1 to 100", "?limit=101": "1 to 100",
		"?limit=99999999999999999999": "1 to 100", "?status=gone": "status", "?limit=5&limit=6": "given twice", "?order_reference=%00": "text of at most",
		"?status=": "is empty", "?cursor=nonsense": "cursor", "?order_reference=" + strings.Repeat("a", 513): "512"} {
		if body := refusedWith(t, h.call("GET", "/v1/payments"+query, demoKey, ""), payment.CodeInvalid); !strings.Contains(body, says) {
			t.Errorf("%s: %s", query, body)
		}
	}
	if body := refusedWith(t, h.call("POST", "/v1/assessments?debug=1", demoKey, "{}"), payment.CodeInvalid); !strings.Contains(body, "debug") {
		t.Error(body)
	}
	analyst := h.person(store.RoleAnalyst)
	for _, query := range []string{"?status=gone", "?sort=name", "?cursor=x", "?shop=demo"} {
		refusedWith(t, h.call("GET", "/v1/cases"+query, analyst, ""), payment.CodeInvalid)
	}
	refusedWith(t, h.call("GET", "/v1/lists?cursor=%25", analyst, ""), payment.CodeInvalid)
}

func TestOperationsWithWrongFieldsAreRefused(t *testing.T) {
	h := newHouse(t, nil)
	at := "/v1/payments/" + h.pay("A-1", "Paris").text("id")
	for _, c := range []struct{ path, body, says string }{
		{"/captures", `{"amount":{"value":-5,"currency":"EUR"}}`, "/amount/value"}, {"/refunds", `{"amount":{"value":5,"currency":"eur"}}`, "/amount/currency"},
		{"/cancellations", `{"amount":{"value":5,"currency":"EUR"}}`, "a cancellation is of the whole payment: must be its 129.90 EUR"}, {"/captures", `{"reason":"` + strings.Repeat("x", 257) + `"}`, "/reason"},
		{"/captures", `{"reason":"a\u0007"}`, "/reason"}, {"/events", `{"type":"married"}`, "/type"}, {"/events", `{"type":"claim","refusal":"x"}`, "/refusal"},
	} {
		if body := refusedWith(t, h.call("POST", at+c.path, demoKey, c.body, "Idempotency-Key", c.path+c.says), payment.CodeInvalid); !strings.Contains(body, c.says) {
			t.Errorf("%s %s: %s", c.path, c.body, body)
		}
	}
	refusedWith(t, h.call("POST", at+"/captures", demoKey, "", "Idempotency-Key", ""), payment.CodeInvalid)
	refusedWith(t, h.call("POST", "/v1/payments/pay_none/captures", demoKey, "", "Idempotency-Key", "k"), payment.CodeNotFound)
	refusedWith(t, h.call("GET", "/v1/payments/PAY%20NONE", demoKey, ""), payment.CodeNotFound)
}

func TestAPanicIsAProblemAndItsValueStaysOut(t *testing.T) {
	h := newHouse(t, func(c *Config) {
		c.Notifications["bad"] = Notifications{Parse: func([]byte) ([]providers.Notification, error) { panic("secret 4111111111111111") }}
	})
	refusedWith(t, h.send("POST", "/v1/notifications/bad", nil, "{}"), payment.CodeInternal)
	if log := h.log.String(); strings.Contains(log, "4111111111111111") || !strings.Contains(log, "panicked") {
		t.Error("the log does not say it, or says too much")
	}
}

func TestWithoutItsDatabaseTheGatewaySaysWhenToComeBack(t *testing.T) {
	h := newHouse(t, nil)
	h.call("GET", "/v1/payments", demoKey, "")
	h.closeStore()
	a := h.call("GET", "/v1/payments", demoKey, "")
	if a.status != 503 && a.status != 500 || strings.Contains(strings.ToLower(string(a.body)), "sql") {
		t.Errorf("%d %s", a.status, a.body)
	}
}

func TestWhatIsNotHTTPIsAnsweredAsAProblem(t *testing.T) {
	h := newHouse(t, nil)
	for raw, code := range map[string]payment.Code{"POST /v1/payments HTTP/1.1\r\nHost: x\r\nIdempotency-Key: a\x01b\r\n\r\n": payment.CodeMalformed,
		"FETCH /v1/payments HTTP/1.1\r\nHost: x\r\n\r\n":                                              payment.CodeMethodNotAllowed,
		"GET /v1/payments HTTP/1.1\r\nHost: x\r\nX-Long: " + strings.Repeat("a", 20<<10) + "\r\n\r\n": payment.CodeTooLarge} {
		c := got[net.Conn](t)(net.Dial("tcp", strings.TrimPrefix(h.url, "http://")))
		_, _ = io.WriteString(c, raw)
		_ = c.SetReadDeadline(time.Now().Add(5 * time.Second))
		buf, _ := io.ReadAll(io.LimitReader(c, 4096)) // until the server hangs up, or the deadline
		_ = c.Close()
		if text := string(buf); !strings.Contains(text, "application/problem+json") || !strings.Contains(text, "nosniff") || !strings.Contains(text, `"code":"`+string(code)+`"`) {
			t.Errorf("%.20q was answered %q", raw, text)
		}
	}
}

func TestTheContractListsEveryRouteAndNoOther(t *testing.T) {
	doc := contract(t)
	if err := doc.Validate(t.Context()); err != nil {
		t.Fatal(err)
	}
	h := newHouse(t, nil)
	var served, published []string
	for _, r := range h.server.routes() {
		path := r.path
		for _, name := range []string{"id", "name", "value", "token", "document"} {
			path = strings.ReplaceAll(path, ":"+name, "{"+name+"}")
		}
		served = append(served, r.method+" "+path)
	}
	for path, item := range doc.Paths.Map() {
		for method, o := range item.Operations() {
			published = append(published, method+" "+path)
			if o.Summary == "" || o.OperationID == "" || o.Responses.Len() < 2 {
				t.Errorf("%s %s is not described", method, path)
			}
		}
	}
	slices.Sort(served)
	slices.Sort(published)
	if !slices.Equal(served, published) {
		t.Errorf("served:\n%s\npublished:\n%s", strings.Join(served, "\n"), strings.Join(published, "\n"))
	}
}
