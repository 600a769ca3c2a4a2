package store_test

import (
	"bytes"
	"crypto/rand"
	"database/sql"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib"

	"octroi/gateway/hold"
	"octroi/gateway/payment"
	"octroi/gateway/store"
	"octroi/gateway/store/storetest"
	"octroi/providers"
	"octroi/risk"
)

// TestMain stops the server that the tests started.
func TestMain(m *testing.M) {
	code := m.Run()
	if err := storetest.Stop(); err != nil {
		fmt.Fprintln(os.Stderr, "stop PostgreSQL:", err)
	}
	os.Exit(code)
}

// clock is a clock that tests set.
type clock struct {
	mu sync.Mutex
	at time.Time
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) forward(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

// bench is a database under test: Store, its address, and its clock.
type bench struct {
	*store.Store
	url   string
	clock *clock
}

var day0 = time.Date(2026, 3, 1, 12, 0, 0, 123_000, time.UTC)

func config(c *clock) store.Config {
	return store.Config{Clock: c.now, Rand: rand.Reader, AuditKey: bytes.Repeat([]byte{7}, 32), Logger: slog.New(slog.DiscardHandler)}
}

// open opens the database at url once more, as another process would.
func open(t testing.TB, url string, c *clock) *store.Store {
	t.Helper()
	s, err := store.Open(t.Context(), url, config(c))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

// urls are the databases to test on.
func urls(t testing.TB) map[string]func(testing.TB) string {
	return map[string]func(testing.TB) string{
		"SQLite":     func(t testing.TB) string { return "sqlite:" + filepath.Join(t.TempDir(), "octroi?#%.db") },
		"PostgreSQL": storetest.Postgres,
	}
}

// each runs the test on an empty database of either kind.
func each(t *testing.T, test func(t *testing.T, b bench)) {
	for name, url := range urls(t) {
		t.Run(name, func(t *testing.T) {
			b := bench{url: url(t), clock: &clock{at: day0}}
			b.Store = open(t, b.url, b.clock)
			test(t, b)
		})
	}
}

// raw opens the database beside the Store, as somebody with its password could.
func (b bench) raw(t testing.TB) *sql.DB {
	t.Helper()
	driver, dsn := "pgx", b.url
	if rest, ok := strings.CutPrefix(b.url, "sqlite:"); ok {
		driver, dsn = "sqlite", "file:"+strings.NewReplacer("%", "%25", "?", "%3f", "#", "%23").Replace(rest)+"?_pragma=busy_timeout(5000)"
	}
	db, err := sql.Open(driver, dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

func aPayment(n int) payment.Payment {
	return payment.Payment{ID: fmt.Sprintf("pay_%06d", n), Shop: "memory", Status: payment.Pending,
		OrderReference: fmt.Sprintf("A-%d", n), Amount: providers.Amount{Value: 12990, Currency: "EUR"}, CreatedAt: day0, UpdatedAt: day0,
		Method: payment.PaidBy{Type: payment.MeansCard}, Card: &payment.Card{Brand: "visa", BIN: "41111111", Last4: "1111", Fingerprint: "k1:abc"},
		Detail: payment.Detail{Order: payment.Order{Reference: fmt.Sprintf("A-%d", n), Items: []payment.Item{{SKU: "DDR4-16", Quantity: 2, UnitAmount: 6495}}},
			Buyer: payment.Buyer{Email: "jean@example.org"}, Capture: payment.CaptureAutomatic, Holder: "Jean Dupont"}}
}

func beginOf(p payment.Payment) store.Begin {
	return store.Begin{Payment: p, Key: "key of " + p.ID, BodyHash: []byte("hash of " + p.ID), Lease: 30 * time.Second}
}

// begun begins payment n and gives it as stored.
func (b bench) begun(t testing.TB, n int) payment.Payment {
	t.Helper()
	found, snap, err := b.Begin(t.Context(), beginOf(aPayment(n)))
	if err != nil || found != store.BegunNew {
		t.Fatalf("begin payment %d: %v, %v", n, found, err)
	}
	return snap.Payment
}

func (b bench) commit(t testing.TB, w store.Writes) {
	t.Helper()
	if err := b.Commit(t.Context(), w); err != nil {
		t.Fatal(err)
	}
}

func (b bench) payment(t testing.TB, id string) store.Snapshot {
	t.Helper()
	snap, err := b.Payment(t.Context(), "", id)
	if err != nil {
		t.Fatal(err)
	}
	return snap
}

// heldPayment begins payment n and holds it, with a case.
func (b bench) heldPayment(t testing.TB, n int) store.Snapshot {
	t.Helper()
	p := b.begun(t, n)
	p.Status = payment.Held
	c := hold.Open(p, b.clock.now(), hold.DefaultTerms(), hold.Elsewhere{})
	c.ID, c.TokenHash = fmt.Sprintf("case_%06d", n), fmt.Appendf(nil, "token %d", n)
	b.commit(t, store.Writes{Payment: &p, Case: &c})
	return b.payment(t, p.ID)
}

func wantCode(t testing.TB, err error, want payment.Code) {
	t.Helper()
	if err == nil || payment.CodeOf(err) != want {
		t.Fatalf("error is %v, want code %s", err, want)
	}
}

func anAttempt(id string) risk.Record {
	r := risk.Record{ID: id, At: day0, Kind: risk.EventAttempt, Amount: 12990, Currency: "EUR", IssuerCountry: "FR"}
	r.Keys[risk.EntityCard], r.Keys[risk.EntityBIN] = "k1:abc", "41111111"
	return r
}

func TestClosingTwiceDoesNothing(t *testing.T) {
	s, err := store.Open(t.Context(), "sqlite:"+filepath.Join(t.TempDir(), "o.db"), store.Config{Clock: time.Now, Rand: rand.Reader,
		AuditKey: make([]byte, 32), Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
}
