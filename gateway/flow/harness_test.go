package flow_test

import (
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
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

// world is a whole gateway without its HTTP face: the real store, histories, policy, provider adapter and simulator.
type world struct {
	t     testing.TB
	flow  *flow.Flow
	store *store.Store
	sim   *adyensim.Server
	api   *httptest.Server
	redis *miniredis.Miniredis
	vault *vault.Opener
	cfg   flow.Config
	reg   *prometheus.Registry
	url   string // of the database
	dir   string // of the database, if it is a file, and the documents
	log   *slog.Logger

	events  map[string][]string     // that shops were told, by payment
	letters map[string][]store.Mail // that buyers got, by payment

	muted   atomic.Bool
	receive func(body []byte) error
	mu      sync.Mutex
	offset  time.Duration
	stop    func()
}

// hmacKey signs the simulator's webhooks: the sample key of Adyen's documentation.
const hmacKey = "44782DEF547AAA06C910C43932B1EB0C71FC68D9D0C057550C48EC2ACF6BA056"

func (w *world) now() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return time.Now().Add(w.offset)
}

// later moves the clock.
func (w *world) later(d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.offset += d
}

// begin starts a world; change may alter its configuration. Its background work runs until the test ends.
func begin(t testing.TB, change func(*flow.Config)) *world {
	t.Helper()
	return beginOn(t, "sqlite:"+filepath.Join(t.TempDir(), "octroi.db"), change)
}

// openStore opens a database as a process of the gateway does.
func (w *world) openStore(url string) *store.Store {
	w.t.Helper()
	s, err := store.Open(w.t.Context(), url, store.Config{Clock: w.now, Rand: rand.Reader, AuditKey: make([]byte, 32), Logger: w.log})
	check(w.t, err)
	return s
}

// beginOn is begin with a database of its own.
func beginOn(t testing.TB, url string, change func(*flow.Config)) *world {
	t.Helper()
	dir := t.TempDir()
	if path, ok := strings.CutPrefix(url, "sqlite:"); ok {
		dir = filepath.Dir(path)
	}
	log := slog.New(slog.NewTextHandler(t.Output(), nil))
	w := &world{t: t, url: url, log: log, reg: prometheus.NewRegistry(), dir: dir, events: map[string][]string{}, letters: map[string][]store.Mail{}}
	w.store = w.openStore(url)
	w.redis = miniredis.RunT(t)
	rdb, err := velocity.Dial("redis://" + w.redis.Addr())
	check(t, err)
	vel, err := velocity.New(rdb, velocity.Config{Secret: make([]byte, 32), Clock: w.now, Registerer: w.reg,
		Timeout: 5 * time.Second}) // a busy machine is not an outage
	check(t, err)
	w.sim, err = adyensim.New(adyensim.Config{APIKey: "test-key", MerchantAccount: "DemoFR", HMACKey: hmacKey, Clock: w.now,
		Rand: rand.Reader, WebhookBackoff: []time.Duration{20 * time.Millisecond}, Deliver: w.deliver})
	check(t, err)
	api := httptest.NewServer(w.sim.Handler())
	t.Cleanup(api.Close)
	w.api = api
	provider, err := adyen.New(adyen.Config{Endpoint: api.URL + "/v71", APIKey: "test-key", Account: "DemoFR",
		HMACKeys: []providers.Secret{hmacKey}, ReturnURL: "https://shop.example/return", Clock: w.now})
	check(t, err)
	identity, recipient, err := vault.GenerateIdentity()
	check(t, err)
	disk, err := vault.OpenDisk(filepath.Join(dir, "documents"))
	check(t, err)
	sealer, err := vault.NewSealer(disk, recipient)
	check(t, err)
	w.vault, err = vault.NewOpener(disk, identity)
	check(t, err)
	standard := policy.Default()
	key := []byte(strings.Repeat("k", 32))
	cfg := flow.Config{Store: w.store, Velocity: vel, Policy: func(string) *policy.Policy { return standard }, Provider: provider,
		Shops:  map[string]flow.Shop{"demo": {ID: "demo", Name: "Demo", Terms: hold.DefaultTerms(), ClearCards: true, Webhooks: true}},
		Sealer: sealer, Intake: intaketest.Open(t), PublicURL: "http://127.0.0.1:8080",
		Keys:  flow.Keys{FingerprintID: "k1", Fingerprint: key, Body: key, Link: key},
		Clock: w.now, Rand: rand.Reader, Logger: log, Registerer: w.reg, ProviderBudget: 2 * time.Second}
	if change != nil {
		change(&cfg)
	}
	w.cfg = cfg
	w.flow, err = flow.New(cfg)
	check(t, err)
	w.sim.NotifyAt("http://gateway.invalid/notifications")
	w.run(provider)
	return w
}

// run starts the background work of gateway and simulator.
func (w *world) run(provider *adyen.Adyen) {
	ctx, cancel := context.WithCancel(context.Background())
	var wg sync.WaitGroup
	w.receive = func(body []byte) error {
		ns, err := provider.Notifications(body)
		if err != nil {
			return err
		}
		return w.flow.Notified(ctx, "adyen", ns)
	}
	wg.Go(func() { _ = w.flow.Run(ctx) })
	wg.Go(func() { _ = w.sim.Run(ctx) })
	w.stop = func() { cancel(); wg.Wait() }
	w.t.Cleanup(func() {
		w.stop()
		check(w.t, w.store.Close())
		check(w.t, w.sim.Close())
	})
}

// deliver hands the simulator's webhooks to the gateway.
func (w *world) deliver(r *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	rec := httptest.NewRecorder()
	if w.muted.Load() {
		rec.WriteHeader(http.StatusServiceUnavailable)
	} else if err := w.receive(body); err != nil {
		rec.WriteHeader(http.StatusServiceUnavailable)
	} else {
		_, _ = io.WriteString(rec, "[accepted]")
	}
	return rec.Result(), nil
}

func check(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// eventually waits until ok says so.
func (w *world) eventually(what string, ok func() bool) {
	w.t.Helper()
	w.within(10*time.Second, what, ok)
}

// within is eventually for what takes longer.
func (w *world) within(patience time.Duration, what string, ok func() bool) {
	w.t.Helper()
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); time.Sleep(5 * time.Millisecond) {
		if ok() {
			return
		}
	}
	w.t.Fatalf("never happened: %s", what)
}

func paris() payment.Address {
	return payment.Address{Lines: []string{"12 rue des Exemples"}, PostalCode: "75006", City: "Paris", Country: "FR"}
}

func marseille() payment.Address {
	return payment.Address{Lines: []string{"3 quai du Modèle"}, PostalCode: "13001", City: "Marseille", Country: "FR"}
}

// order is a good order of a good buyer; number makes buyers and orders differ.
func order(number int) payment.Request {
	return payment.Request{
		Order: payment.Order{Reference: fmt.Sprintf("A-%d", number), Items: []payment.Item{{Name: "DDR4 16 GB", Quantity: 2, UnitAmount: 6495}},
			Delivery: payment.Delivery{Method: "home", Recipient: "Camille Exemple", Address: paris()}},
		Amount: providers.Amount{Value: 12990, Currency: "EUR"},
		Method: payment.Method{Type: "card", Number: "4111111111111111", ExpiryMonth: "03", ExpiryYear: "2030", CVC: "737",
			HolderName: "Camille Exemple"},
		Billing: payment.Party{Name: "Camille Exemple", Address: paris()},
		Buyer: payment.Buyer{ID: fmt.Sprintf("cust_%d", number), Email: fmt.Sprintf("buyer%d@example.org", number),
			IP: fmt.Sprintf("203.0.113.%d", number%250+1), DeviceID: fmt.Sprintf("d-%d", number), Locale: "fr-FR"},
	}
}

// risky is an order that the default policy holds.
func risky(number int) payment.Request {
	r := order(number)
	r.Order.Delivery.Address = marseille()
	return r
}

func (w *world) call(key string) flow.Call {
	return flow.Call{Shop: "demo", Key: key, Body: []byte(`{"key":"` + key + `"}`)}
}

// pay sends an order under a key of its own.
func (w *world) pay(r payment.Request) payment.Payment {
	w.t.Helper()
	p, _, err := w.flow.Authorise(w.t.Context(), w.call("key-"+r.Order.Reference), r)
	check(w.t, err)
	return p
}

// see reads a payment as the shop would.
func (w *world) see(id string) payment.Payment {
	w.t.Helper()
	snap, err := w.store.Payment(w.t.Context(), "demo", id)
	check(w.t, err)
	return w.flow.View(snap)
}

func (w *world) becomes(id string, s payment.Status) payment.Payment {
	w.t.Helper()
	w.eventually(fmt.Sprintf("%s becomes %s", id, s), func() bool { return w.see(id).Status == s })
	return w.see(id)
}

// token is the proof link's token of a held payment.
func token(p payment.Payment) string {
	return p.Case.ProofURL[strings.LastIndexByte(p.Case.ProofURL, '/')+1:]
}

var analyst = store.User{Name: "ana", Role: store.RoleAnalyst}
