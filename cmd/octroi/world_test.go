package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"maps"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/http"
	"net/mail"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/gorillamux"
)

// loopback asks for three free ports.
var loopback = Listen{API: "127.0.0.1:0", Console: "127.0.0.1:0", Ops: "127.0.0.1:0"}

// options are those of a demo in tests: a busy machine must not be taken for a Redis that is away.
func options(dir string) demoOptions {
	return demoOptions{Dir: dir, Listen: loopback, Shop: "127.0.0.1:0", Policy: shippedPolicy, HistoriesWithin: 10 * time.Second}
}

// terminal is what the program wrote for people.
type terminal struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (w *terminal) Write(b []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.text.Write(b)
}

func (w *terminal) String() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.text.String()
}

// world is a whole running demo, driven from outside over HTTP alone.
type world struct {
	t      *testing.T
	demo   *demo
	stderr *terminal
	router routers.Router
	client *http.Client
}

// open starts the whole program.
func open(t *testing.T, o demoOptions) *world {
	t.Helper()
	w := &world{t: t, stderr: &terminal{}, client: &http.Client{Timeout: time.Minute,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
	o.Stderr = w.stderr
	w.demo = must[*demo](t)(startDemo(t.Context(), o))
	t.Cleanup(w.shut)
	a := w.request("GET", w.api()+"/openapi.json", nil, "")
	doc := must[*openapi3.T](t)(openapi3.NewLoader().LoadFromData(a.body))
	w.router = must[routers.Router](t)(gorillamux.NewRouter(doc))
	return w
}

// shut stops it; the second time does nothing.
func (w *world) shut() {
	w.client.CloseIdleConnections()
	if err := w.demo.Close(); err != nil {
		w.t.Error(err)
	}
}

func (w *world) api() string { return "http://" + w.demo.Addresses().API }

// answer is an answer, read whole.
type answer struct {
	t      *testing.T
	status int
	header http.Header
	body   []byte
}

// at reads a member of a JSON answer by a dotted path; "" when it is absent or no text.
func (a answer) at(path string) string {
	a.t.Helper()
	var v any
	if err := json.Unmarshal(a.body, &v); err != nil {
		a.t.Fatalf("the answer is not JSON: %v: %.300s", err, a.body)
	}
	for name := range strings.SplitSeq(path, ".") {
		m, _ := v.(map[string]any)
		v = m[name]
	}
	s, _ := v.(string)
	return s
}

// is ends the test when the answer has another status.
func (a answer) is(status int) answer {
	a.t.Helper()
	if a.status != status {
		a.t.Fatalf("answered %d, not %d: %.800s", a.status, status, a.body)
	}
	return a
}

// request makes one exchange and holds the answer against the published contract.
func (w *world) request(method, url string, header map[string]string, body string) answer {
	w.t.Helper()
	r := must[*http.Request](w.t)(http.NewRequestWithContext(context.Background(), method, url, strings.NewReader(body)))
	for k, v := range header {
		r.Header.Set(k, v)
	}
	resp := must[*http.Response](w.t)(w.client.Do(r))
	defer resp.Body.Close()
	a := answer{t: w.t, status: resp.StatusCode, header: resp.Header, body: must[[]byte](w.t)(io.ReadAll(resp.Body))}
	if w.router != nil {
		w.hold(r, a)
	}
	return a
}

// hold compares an answer with the contract.
func (w *world) hold(r *http.Request, a answer) {
	w.t.Helper()
	if "http://"+r.URL.Host != w.api() {
		return // another door
	}
	route, params, err := w.router.FindRoute(r)
	if err != nil {
		return // no route of the contract
	}
	in := &openapi3filter.RequestValidationInput{Request: r, PathParams: params, Route: route,
		Options: &openapi3filter.Options{AuthenticationFunc: openapi3filter.NoopAuthenticationFunc, IncludeResponseStatus: true,
			ExcludeResponseBody: strings.HasPrefix(a.header.Get("Content-Type"), "text/")}}
	out := &openapi3filter.ResponseValidationInput{RequestValidationInput: in, Status: a.status, Header: a.header, Options: in.Options}
	out.SetBodyBytes(a.body)
	if err := openapi3filter.ValidateResponse(context.Background(), out); err != nil {
		w.t.Errorf("%s %s answered %d against the contract: %v\n%.800s", r.Method, r.URL.Path, a.status, err, a.body)
	}
}

// call makes a JSON call with a credential.
func (w *world) call(method, path, credential, body string, more map[string]string) answer {
	w.t.Helper()
	header := map[string]string{"Authorization": "Bearer " + credential}
	if body != "" {
		header["Content-Type"] = "application/json"
	}
	maps.Copy(header, more)
	return w.request(method, w.api()+path, header, body)
}

// shop and analyst are the two who call the API.
func (w *world) shop(method, path, body string) answer {
	w.t.Helper()
	return w.call(method, path, demoAPIKey, body, nil)
}

func (w *world) analyst(method, path, body string) answer {
	w.t.Helper()
	return w.call(method, path, demoToken, body, nil)
}

// purchase is an order in tests; its zero fields are those of a good one, billed and delivered in Paris.
type purchase struct {
	reference, email, holder, number, device, ip string
	elsewhere                                    bool
	amount                                       int
}

func (p purchase) body(t *testing.T) string {
	t.Helper()
	or := func(s, def string) string {
		if s == "" {
			return def
		}
		return s
	}
	address := func(line, code, city string) map[string]any {
		return map[string]any{"lines": []string{line}, "postal_code": code, "city": city, "country": "FR"}
	}
	paris, delivery := address("12 bd Saint-Michel", "75006", "Paris"), address("12 boulevard St Michel", "75006", "Paris")
	recipient := "Jean Dupont"
	if p.elsewhere {
		delivery, recipient = address("8 rue Paradis", "13001", "Marseille"), "Luc Martin"
	}
	amount := p.amount
	if amount == 0 {
		amount = 12990
	}
	cvc := "737"
	b := must[[]byte](t)(json.Marshal(map[string]any{
		"order": map[string]any{"reference": p.reference,
			"items":    []any{map[string]any{"sku": "DDR4-16", "name": "DDR4 16 Go", "quantity": 1, "unit_amount": amount, "category": "memory"}},
			"delivery": map[string]any{"method": "home", "recipient": recipient, "address": delivery}},
		"amount": map[string]any{"value": amount, "currency": "EUR"},
		"payment_method": map[string]any{"type": "card", "number": or(p.number, "4111111111111111"), "expiry_month": "03",
			"expiry_year": "2030", "cvc": cvc, "holder_name": or(p.holder, "Jean Dupont")},
		"billing": map[string]any{"name": "Jean Dupont", "address": paris},
		"buyer": map[string]any{"email": p.email, "ip": or(p.ip, "203.0.113.7"), "device_id": or(p.device, "d-"+p.reference),
			"locale": "fr-FR"},
		"return_url": "https://shop.example/return", "metadata": map[string]any{"basket": "7"}}))
	return string(b)
}

// pay sends the purchase under a key named after its reference.
func (w *world) pay(p purchase) answer {
	w.t.Helper()
	return w.call("POST", "/v1/payments", demoAPIKey, p.body(w.t), map[string]string{"Idempotency-Key": "key-" + p.reference})
}

// becomes waits until the payment has the status.
func (w *world) becomes(id, status string) {
	w.t.Helper()
	eventually(w.t, id+" to become "+status, func() bool { return w.shop("GET", "/v1/payments/"+id, "").is(200).at("status") == status })
}

// letter waits for a mail to somebody whose text has the word in it, and gives its plain text.
func (w *world) letter(to, word string) (text string) {
	w.t.Helper()
	eventually(w.t, "a mail to "+to+" with "+word, func() bool {
		for _, m := range w.letters() {
			if strings.Contains(m.Header.Get("To"), to) && strings.Contains(m.text, word) {
				text = m.text
				return true
			}
		}
		return false
	})
	return text
}

// written is a mail of the demo's mailbox.
type written struct {
	*mail.Message
	text string
}

func (w *world) letters() (out []written) {
	w.t.Helper()
	files := must[[]string](w.t)(filepath.Glob(filepath.Join(w.demo.options.Dir, demoMail, "*.eml")))
	for _, f := range files {
		m := must[*mail.Message](w.t)(mail.ReadMessage(bytes.NewReader(must[[]byte](w.t)(os.ReadFile(f)))))
		out = append(out, written{m, plainText(w.t, m)})
	}
	return out
}

// plainText is the mail's text/plain part.
func plainText(t *testing.T, m *mail.Message) string {
	t.Helper()
	_, params, err := mime.ParseMediaType(m.Header.Get("Content-Type"))
	if err != nil {
		t.Fatal(err)
	}
	part := must[*multipart.Part](t)(multipart.NewReader(m.Body, params["boundary"]).NextRawPart())
	var r io.Reader = part
	if strings.EqualFold(part.Header.Get("Content-Transfer-Encoding"), "quoted-printable") {
		r = quotedprintable.NewReader(part)
	}
	return strings.ReplaceAll(string(must[[]byte](t)(io.ReadAll(r))), "\r\n", "\n")
}

// upload sends a document through the form of the proof page.
func (w *world) upload(link, kind string, data []byte) answer {
	w.t.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	if err := form.WriteField("kind", kind); err != nil {
		w.t.Fatal(err)
	}
	part := must[io.Writer](w.t)(form.CreateFormFile("file", "releve.png"))
	if _, err := part.Write(data); err != nil {
		w.t.Fatal(err)
	}
	if err := form.Close(); err != nil {
		w.t.Fatal(err)
	}
	return w.request("POST", link+"/documents", map[string]string{"Content-Type": form.FormDataContentType()}, body.String())
}
