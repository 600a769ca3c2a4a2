package notify

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"log/slog"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"octroi/gateway/store"
	"octroi/providers"
)

// bench is a notifier on a real SQLite database, with a clock that stands still until it is moved.
type bench struct {
	t    *testing.T
	file string
	db   *store.Store
	cfg  Config
	logs *bytes.Buffer

	mu  sync.Mutex
	now time.Time
}

func newBench(t *testing.T) *bench {
	b := &bench{t: t, file: filepath.Join(t.TempDir(), "octroi.db"), now: time.Date(2026, 6, 28, 9, 30, 0, 0, time.UTC), logs: &bytes.Buffer{}}
	b.open()
	t.Cleanup(func() { _ = b.db.Close() })
	folder, err := NewFolder(filepath.Join(t.TempDir(), "mail"))
	if err != nil {
		t.Fatal(err)
	}
	b.cfg = Config{Mailer: folder, From: "commandes@shop.example", Clock: b.clock, AllowPrivate: true, Outgoing: asKept,
		Logger: slog.New(slog.NewJSONHandler(b.logs, nil)), Endpoints: map[string]Endpoint{}}
	return b
}

// asKept leaves messages as they are.
func asKept(_ context.Context, m store.Message) ([]byte, error) { return m.Payload, nil }

func (b *bench) clock() time.Time {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.now
}

func (b *bench) pass(d time.Duration) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.now = b.now.Add(d)
}

// open opens the database; calling it again is a restart on the same file.
func (b *bench) open() {
	b.t.Helper()
	if b.db != nil {
		if err := b.db.Close(); err != nil {
			b.t.Fatal(err)
		}
	}
	db, err := store.Open(context.Background(), "sqlite:"+b.file, store.Config{Clock: b.clock, Rand: rand.Reader,
		AuditKey: make([]byte, 32), Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		b.t.Fatal(err)
	}
	b.db = db
}

// notifier makes one with metrics of its own, as a new process would.
func (b *bench) notifier() *Notifier {
	b.t.Helper()
	b.cfg.Store, b.cfg.Registerer = b.db, prometheus.NewRegistry()
	n, err := New(b.cfg)
	if err != nil {
		b.t.Fatal(err)
	}
	return n
}

func (b *bench) shop(name, url string) {
	b.cfg.Endpoints[name] = Endpoint{URL: url, Secrets: []providers.Secret{newSecret, oldSecret}}
}

// put writes messages into the outbox, as flow's transactions do.
func (b *bench) put(ms ...store.Message) {
	b.t.Helper()
	if err := b.db.Commit(context.Background(), store.Writes{Outbox: ms}); err != nil {
		b.t.Fatal(err)
	}
}

func webhook(paymentID, body string) store.Message {
	return store.Message{Kind: store.KindWebhook, Shop: "demo", PaymentID: paymentID, Payload: []byte(body)}
}

func mailMessage(t *testing.T, m store.Mail) store.Message {
	t.Helper()
	payload, err := json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	return store.Message{Kind: store.KindMail, Shop: "demo", PaymentID: "pay_1", Payload: payload}
}

// deliver makes one round and wants that many tries.
func (b *bench) deliver(n *Notifier, want int) {
	b.t.Helper()
	if got, err := n.Deliver(context.Background()); err != nil || got != want {
		b.t.Fatalf("Deliver made %d tries, %v; want %d", got, err, want)
	}
}

// waiting is what still lies in the outbox, by kind, and what was given up.
func (b *bench) waiting() (waiting, buried int) {
	b.t.Helper()
	counts, err := b.db.Counts(context.Background())
	if err != nil {
		b.t.Fatal(err)
	}
	given, err := b.db.Buried(context.Background(), 100)
	if err != nil {
		b.t.Fatal(err)
	}
	return counts.Outbox[store.KindMail] + counts.Outbox[store.KindWebhook], len(given)
}

func (b *bench) wantLeft(waiting, buried int) {
	b.t.Helper()
	if w, g := b.waiting(); w != waiting || g != buried {
		b.t.Errorf("%d messages wait and %d are buried, want %d and %d", w, g, waiting, buried)
	}
}
