package console

import (
	"bytes"
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/alicebob/miniredis/v2"
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

// hmacKey signs the simulator's webhooks: the sample key of Adyen's documentation.
const hmacKey = "44782DEF547AAA06C910C43932B1EB0C71FC68D9D0C057550C48EC2ACF6BA056"

// office is a whole gateway with its console over HTTP: SQLite, miniredis, and Adyen's simulator.
type office struct {
	t     testing.TB
	url   string
	desk  *Console
	flow  *flow.Flow
	store *store.Store
	redis *miniredis.Miniredis
	sim   *adyensim.Server
	log   bytes.Buffer
	logMu sync.Mutex

	mu     sync.Mutex
	offset time.Duration
}

func (o *office) now() time.Time {
	o.mu.Lock()
	defer o.mu.Unlock()
	return time.Now().Add(o.offset)
}

// later moves the clock.
func (o *office) later(d time.Duration) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.offset += d
}

// Write takes the log.
func (o *office) Write(p []byte) (int, error) {
	o.logMu.Lock()
	defer o.logMu.Unlock()
	return o.log.Write(p)
}

func check(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// people sign in with a password made of their name.
var people = []store.User{{Name: "ana", Role: store.RoleAnalyst, Language: "en"}, {Name: "zoe", Role: store.RoleAnalyst, Language: "fr"},
	{Name: "sam", Role: store.RoleSenior, Language: "en"}, {Name: "adm", Role: store.RoleAdmin, Language: "en"},
	{Name: "ivo", Role: store.RoleAdmin, Language: "fr"}}

func passwordOf(name string) string { return "correct-horse-" + name }

// staff is a database with the people in it. Their passwords are hashed once for all tests, since that is costly on
// purpose.
var staff = sync.OnceValues(func() (fstest.MapFS, error) {
	dir, err := os.MkdirTemp("", "console")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	file := filepath.Join(dir, "octroi.db")
	s, err := store.Open(context.Background(), "sqlite:"+file, store.Config{Clock: time.Now, Rand: rand.Reader,
		AuditKey: make([]byte, 32), Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		return nil, err
	}
	for _, u := range people {
		if err := s.AddUser(context.Background(), u, passwordOf(u.Name)); err != nil {
			return nil, err
		}
	}
	if err := s.Close(); err != nil {
		return nil, err
	}
	all := fstest.MapFS{}
	entries, err := os.ReadDir(dir)
	for _, e := range entries {
		b, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			return nil, err
		}
		all[e.Name()] = &fstest.MapFile{Data: b, Mode: 0o600}
	}
	return all, err
})

// opened starts an office; change may alter the gateway's configuration.
func opened(t testing.TB, change func(*flow.Config)) *office {
	t.Helper()
	dir := t.TempDir()
	o := &office{t: t}
	log := slog.New(slog.NewJSONHandler(o, nil))
	staffed, err := staff()
	check(t, err)
	check(t, os.CopyFS(dir, staffed))
	o.store, err = store.Open(t.Context(), "sqlite:"+filepath.Join(dir, "octroi.db"), store.Config{Clock: o.now, Rand: rand.Reader,
		AuditKey: make([]byte, 32), Logger: log})
	check(t, err)
	o.redis = miniredis.RunT(t)
	rdb, err := velocity.Dial("redis://" + o.redis.Addr())
	check(t, err)
	reg := prometheus.NewRegistry()
	vel, err := velocity.New(rdb, velocity.Config{Secret: make([]byte, 32), Clock: o.now, Registerer: reg})
	check(t, err)
	identity, recipient, err := vault.GenerateIdentity()
	check(t, err)
	disk, err := vault.OpenDisk(filepath.Join(dir, "documents"))
	check(t, err)
	sealer, err := vault.NewSealer(disk, recipient)
	check(t, err)
	opener, err := vault.NewOpener(disk, identity)
	check(t, err)
	terms := hold.DefaultTerms()
	terms.FourEyesFrom = 100_000
	standard, key := policy.Default(), []byte(strings.Repeat("k", 32))
	cfg := flow.Config{Store: o.store, Velocity: vel, Policy: func(string) *policy.Policy { return standard },
		Shops:  map[string]flow.Shop{"demo": {ID: "demo", Name: "Demo", Terms: terms, ClearCards: true}},
		Sealer: sealer, Intake: intaketest.Open(t), PublicURL: "http://127.0.0.1:8080",
		Keys:  flow.Keys{FingerprintID: "k1", Fingerprint: key, Body: key, Link: key},
		Clock: o.now, Rand: rand.Reader, Logger: log, Registerer: reg, ProviderBudget: 2 * time.Second}
	o.connect(&cfg)
	if change != nil {
		change(&cfg)
	}
	o.flow, err = flow.New(cfg)
	check(t, err)
	o.desk, err = New(Config{Flow: o.flow, Store: o.store, Documents: opener, Parts: parts, Clock: o.now, Logger: log, Rand: rand.Reader})
	check(t, err)
	server := httptest.NewServer(o.desk)
	o.url = server.URL
	t.Cleanup(func() { server.Close(); check(t, vel.Close()); check(t, o.store.Close()) })
	return o
}

// parts are what the program would tell of itself.
func parts(context.Context) []Part {
	return []Part{{Name: "database", Status: "ok"}, {Name: "velocity", Status: "degraded", Detail: []string{"maxmemory-policy is allkeys-lru and should be noeviction"}},
		{Name: "policies", Status: "ok"}, {Name: "notify", Status: "away"}}
}

// connect starts the simulator and its adapter.
func (o *office) connect(cfg *flow.Config) {
	t := o.t
	sim, err := adyensim.New(adyensim.Config{APIKey: "test-key", MerchantAccount: "DemoFR", HMACKey: hmacKey, Clock: o.now, Rand: rand.Reader})
	check(t, err)
	api := httptest.NewServer(sim.Handler())
	o.sim = sim
	t.Cleanup(func() { api.Close(); check(t, sim.Close()) })
	cfg.Provider, err = adyen.New(adyen.Config{Endpoint: api.URL + "/v71", APIKey: "test-key", Account: "DemoFR",
		HMACKeys: []providers.Secret{hmacKey}, ReturnURL: "https://shop.example/return", Clock: o.now})
	check(t, err)
}

func paris() payment.Address {
	return payment.Address{Lines: []string{"12 bd Saint-Michel"}, PostalCode: "75006", City: "Paris", Country: "FR"}
}

// testCards are Adyen's documented test cards.
var testCards = []string{"4111111111111111", "4988438843884305", "4166676667666746", "4646464646464644", "4000620000000007",
	"5555444433331111", "5555555555554444", "5577000055770004", "5136333333333335", "5585558555855583"}

// risky is an order that the default policy holds: it goes to another city, and nobody knows the buyer.
func risky(number int) payment.Request {
	return payment.Request{
		Order: payment.Order{Reference: fmt.Sprintf("A-%d", 1000+number),
			Items: []payment.Item{{Name: "DDR4 16 GB", Category: "memory", Quantity: 2, UnitAmount: 6495}},
			Delivery: payment.Delivery{Method: "home", Recipient: "Camille Exemple",
				Address: payment.Address{Lines: []string{"3 quai du Modèle"}, PostalCode: "13001", City: "Marseille", Country: "FR"}}},
		Amount: providers.Amount{Value: 12990 + int64(number), Currency: "EUR"},
		Method: payment.Method{Type: "card", Number: providers.Secret(testCards[number%len(testCards)]), ExpiryMonth: "03", ExpiryYear: "2030", CVC: "737",
			HolderName: "Camille Exemple"},
		Billing: payment.Party{Name: "Camille Exemple", Address: paris()},
		Buyer: payment.Buyer{ID: fmt.Sprintf("cust_%d", number), Email: fmt.Sprintf("buyer%d@example.org", number), Phone: "+33612345678",
			IP: fmt.Sprintf("203.0.113.%d", number%250+1), DeviceID: fmt.Sprintf("d-%d", number), Locale: "fr-FR", UserAgent: "Mozilla/5.0"},
	}
}

// held sends an order and wants it held.
func (o *office) held(r payment.Request) payment.Payment {
	o.t.Helper()
	if wrong := r.Check(o.now(), o.flow.Shops["demo"].Accepts()); len(wrong) > 0 {
		o.t.Fatalf("the order is not valid: %v", wrong)
	}
	p, _, err := o.flow.Authorise(context.WithoutCancel(o.t.Context()), call(r.Order.Reference), r)
	check(o.t, err)
	if p.Status != payment.Held || p.Case == nil {
		o.t.Fatalf("%s is %s, %+v", r.Order.Reference, p.Status, p.Decision)
	}
	return p
}

// reviewed is a held order whose buyer has sent a document.
func (o *office) reviewed(number int) payment.Payment {
	o.t.Helper()
	p := o.held(risky(number))
	o.sends(p, hold.Identity)
	return p
}

// sends makes the buyer send a picture.
func (o *office) sends(p payment.Payment, kind hold.Kind) {
	o.t.Helper()
	check(o.t, o.flow.ReceiveDocument(o.t.Context(), tokenOf(p), kind, "id.png", "image/png", picture(o.t)))
}

// tokenOf is the proof link's token.
func tokenOf(p payment.Payment) string {
	return p.Case.ProofURL[strings.LastIndexByte(p.Case.ProofURL, '/')+1:]
}

// caseOf reads a payment's case.
func (o *office) caseOf(p payment.Payment) hold.Case {
	o.t.Helper()
	snap, err := o.store.Case(o.t.Context(), p.Case.ID)
	check(o.t, err)
	return *snap.Case
}

// person is somebody at a browser.
type person struct {
	o       *office
	name    string
	session string
}

// as begins a session without the cost of a password.
func (o *office) as(name string) *person {
	o.t.Helper()
	if name == "" {
		return &person{o: o}
	}
	token, err := o.store.NewSession(o.t.Context(), name)
	check(o.t, err)
	return &person{o, name, token}
}

// answer is what came back.
type answer struct {
	status int
	header http.Header
	body   string
}

func (p *person) send(method, path string, form url.Values, headers ...string) answer {
	p.o.t.Helper()
	var body io.Reader
	if method == http.MethodPost {
		body = strings.NewReader(form.Encode())
	}
	r, err := http.NewRequestWithContext(p.o.t.Context(), method, p.o.url+path, body)
	check(p.o.t, err)
	if method == http.MethodPost {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Sec-Fetch-Site", "same-origin")
	}
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	if p.session != "" {
		r.AddCookie(&http.Cookie{Name: p.o.desk.cookieName(), Value: p.session})
	}
	res, err := http.DefaultTransport.RoundTrip(r)
	check(p.o.t, err)
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	check(p.o.t, err)
	return answer{res.StatusCode, res.Header, string(b)}
}

func (p *person) get(path string) answer { p.o.t.Helper(); return p.send(http.MethodGet, path, nil) }

func (p *person) post(path string, pairs ...string) answer {
	p.o.t.Helper()
	return p.send(http.MethodPost, path, formOf(pairs...))
}

// call is a request of the demo shop under a key.
func call(key string) flow.Call { return flow.Call{Shop: "demo", Key: key, Body: []byte(`{}`)} }

func formOf(pairs ...string) url.Values {
	form := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		form.Add(pairs[i], pairs[i+1])
	}
	return form
}

// version is the version of the case as its page would send it.
func (o *office) version(p payment.Payment) string { return fmt.Sprint(o.caseOf(p).Version) }

// shows fails unless the page holds every text.
func (a answer) shows(t testing.TB, want ...string) {
	t.Helper()
	for _, w := range want {
		if !strings.Contains(a.body, w) {
			t.Errorf("the page (%d) does not show %q", a.status, w)
		}
	}
}

// hides fails when the page holds any of the texts.
func (a answer) hides(t testing.TB, unwanted ...string) {
	t.Helper()
	for _, w := range unwanted {
		if strings.Contains(a.body, w) {
			t.Errorf("the page (%d) shows %q", a.status, w)
		}
	}
}
