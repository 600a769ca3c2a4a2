package velocity

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/redis/go-redis/v9"
	"pgregory.net/rapid"

	"octroi/risk"
)

func TestStore(t *testing.T) {
	onEveryRedis(t, func(t *testing.T, rdb redis.UniversalClient) {
		t.Run("answers as the definitions do", func(t *testing.T) { storeAgreesWithReference(t, rdb) })
		t.Run("keeps the same bytes as Memory, cut or not", func(t *testing.T) { storeAgreesWithMemory(t, rdb) })
		t.Run("counts as the definitions do, and as Memory", func(t *testing.T) { storeCounts(t, rdb) })
		t.Run("rebuilds counts, twice over live traffic", func(t *testing.T) { storeRebuildsCounts(t, rdb) })
		t.Run("lets counts expire", func(t *testing.T) { storeCountsExpire(t, rdb) })
		t.Run("rebuilds from the journal, twice over live traffic", func(t *testing.T) { storeRebuilds(t, rdb) })
		t.Run("counts once when the server forgot the scripts", func(t *testing.T) { storeSurvivesLostScripts(t, rdb) })
		t.Run("lets keys expire", func(t *testing.T) { storeKeysExpire(t, rdb) })
		t.Run("keeps shops apart and names nobody", func(t *testing.T) { storeNamesNobody(t, rdb) })
	})
}

// feed sends records the way a gateway does, and gives the histories of the last attempt.
func feed(t rapid.TB, s *Store, recs []risk.Record) *Histories {
	t.Helper()
	var h *Histories
	for _, r := range recs {
		var err error
		if r.Kind == risk.EventAttempt {
			h, err = s.Observe(context.Background(), "shop", r)
		} else {
			err = s.Append(context.Background(), "shop", r)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return h
}

func storeAgreesWithReference(t *testing.T, rdb redis.UniversalClient) {
	s := newStore(t, rdb, nil)
	for i := range 12 {
		wipe(t, rdb)
		recs := rapid.Custom(func(t *rapid.T) []risk.Record { return drawRecords(t, 20, 60) }).Example(i)
		h := feed(t, s, recs)
		questions(h, reference{recs[len(recs)-1], recs}, func(name string, got, want risk.Fold) {
			if got != want {
				t.Errorf("example %d: %s = %+v, want %+v", i, name, got, want)
			}
		})
	}
}

func storeAgreesWithMemory(t *testing.T, rdb redis.UniversalClient) {
	for i := range 8 {
		wipe(t, rdb)
		var caps Caps
		for e := range caps {
			caps[e] = 1 + i%4
		}
		// Shorter than the world lasts, longer than any entity is silent: keys do not expire in the time of the test.
		retention := []time.Duration{10 * time.Minute, 24 * time.Hour}[i%2]
		s := newStore(t, rdb, func(c *Config) { c.Caps, c.Retention = caps, retention })
		m := NewMemory(caps, retention)
		m.namer = s.namer
		for n, r := range rapid.Custom(func(t *rapid.T) []risk.Record { return drawRecords(t, 150, 200) }).Example(i) {
			if r.Kind != risk.EventAttempt {
				feed(t, s, []risk.Record{r})
				if err := m.Append("shop", r); err != nil {
					t.Fatal(err)
				}
				continue
			}
			want, err := m.Observe("shop", r)
			if err != nil {
				t.Fatal(err)
			}
			got := feed(t, s, []risk.Record{r})
			// Counts are compared elsewhere; hashes are numbers in a recording, and numbers in Memory.
			got.counts, want.counts = nil, nil
			stored, _ := got.MarshalBinary()
			kept, _ := want.MarshalBinary()
			if !bytes.Equal(stored, kept) {
				t.Fatalf("example %d, record %d: Redis holds %.80x, Memory %.80x", i, n, stored, kept)
			}
		}
	}
}

// journal tells records as Rebuild wants them.
func journal(recs []risk.Record) iter.Seq2[risk.Record, error] {
	return func(yield func(risk.Record, error) bool) {
		for _, r := range recs {
			if !yield(r, nil) {
				return
			}
		}
	}
}

func storeRebuilds(t *testing.T, rdb redis.UniversalClient) {
	ctx, s := context.Background(), newStore(t, rdb, nil)
	wipe(t, rdb)
	recs := steady(rapid.Custom(func(t *rapid.T) []risk.Record { return drawRecords(t, 150, 200) }).Example(7))
	// The world's clock reads the time of the last order: none of the records is out of its retention.
	now := recs[len(recs)-1]
	past := slices.Clone(recs[:len(recs)-1])
	slices.Reverse(past)
	feed(t, s, recs[len(recs)/2:len(recs)-1]) // what came in since Redis was lost
	for range 2 {
		if n, err := s.Rebuild(ctx, "shop", journal(past)); err != nil || n != len(past) {
			t.Fatalf("rebuilt %d of %d records: %v", n, len(past), err)
		}
	}
	h := feed(t, s, []risk.Record{now})
	questions(h, reference{now, recs}, func(name string, got, want risk.Fold) {
		// Among orders of the very same millisecond a rebuilt history may tell another one for the latest.
		if got != want && !strings.HasPrefix(name, "streak") {
			t.Errorf("%s = %+v, want %+v", name, got, want)
		}
	})
	bad := risk.Record{ID: "pay_bad", At: now.At, Amount: -1}
	if n, err := s.Rebuild(ctx, "shop", journal([]risk.Record{bad, now})); n != 1 || !errors.Is(err, ErrInvalid) || !strings.Contains(err.Error(), "pay_bad") {
		t.Errorf("a bad record among two: rebuilt %d, %v", n, err)
	}
}

// attempt is an order that names eight entities, all of them by the suffix.
func attempt(id, suffix string, at time.Time) risk.Record {
	r := risk.Record{ID: id, At: at, Amount: 4990, Currency: "EUR"}
	for e := range risk.EntityEmailDomain {
		r.Keys[e] = e.String() + " " + suffix
	}
	return r
}

func storeSurvivesLostScripts(t *testing.T, rdb redis.UniversalClient) {
	s := newStore(t, rdb, nil)
	wipe(t, rdb)
	for i := range 100 { // some of them are due to shorten their lists, and need a script
		forget := func(ctx context.Context, c *redis.Client) error { return c.ScriptFlush(ctx).Err() }
		if cluster, ok := rdb.(*redis.ClusterClient); ok {
			_ = cluster.ForEachMaster(context.Background(), forget)
		} else {
			_ = forget(context.Background(), rdb.(*redis.Client))
		}
		h := feed(t, s, []risk.Record{attempt(fmt.Sprint("pay_", i), "a", epoch())})
		for e := range risk.EntityEmailDomain {
			if got := len(h.of(e).events); got != i+1 {
				t.Errorf("after %d orders the %s has %d events", i+1, e, got)
			}
		}
	}
}

func storeKeysExpire(t *testing.T, rdb redis.UniversalClient) {
	s := newStore(t, rdb, func(c *Config) { c.Retention = time.Hour })
	wipe(t, rdb)
	rec := attempt("pay_1", "a", epoch())
	key := s.namer.name("shop", &rec).key(s.cfg.Prefix, risk.EntityCard)
	ttl := func() time.Duration { return rdb.PTTL(context.Background(), key).Val() }
	feed(t, s, []risk.Record{rec})
	if d := ttl(); d <= 59*time.Minute || d > time.Hour {
		t.Errorf("after Observe the key lives %s, want an hour", d)
	}
	wipe(t, rdb)
	rec.At = epoch().Add(-40 * time.Minute)
	if _, err := s.Rebuild(context.Background(), "shop", journal([]risk.Record{rec})); err != nil {
		t.Fatal(err)
	}
	if d := ttl(); d <= 19*time.Minute || d > 21*time.Minute {
		t.Errorf("after Rebuild of an event 40 minutes old the key lives %s, want 20 minutes", d)
	}
	rec.At = epoch().Add(-61 * time.Minute)
	if n, err := s.Rebuild(context.Background(), "shop", journal([]risk.Record{rec})); n != 0 || err != nil {
		t.Errorf("rebuilt %d records past their retention: %v", n, err)
	}
}

func storeNamesNobody(t *testing.T, rdb redis.UniversalClient) {
	ctx, s := context.Background(), newStore(t, rdb, nil)
	wipe(t, rdb)
	rec := attempt("pay_1", "jean@example.org", epoch())
	feed(t, s, []risk.Record{rec})
	rec.ID = "pay_2"
	h, err := s.Observe(ctx, "other shop", rec)
	if err != nil {
		t.Fatal(err)
	}
	if got := h.Count(risk.EntityCard, risk.Event{}, time.Hour); got.Value != 1 {
		t.Errorf("one shop's order is counted in another's: %+v", got)
	}
	scan := func(ctx context.Context, c *redis.Client) error {
		for _, key := range c.Keys(ctx, "*").Val() {
			if text := key + c.Get(ctx, key).Val(); strings.Contains(text, "jean") || strings.Contains(text, "pay_1") || strings.Contains(text, "other shop") {
				t.Errorf("Redis holds a name in the clear: %q", text)
			}
		}
		return nil
	}
	if cluster, ok := rdb.(*redis.ClusterClient); ok {
		_ = cluster.ForEachMaster(ctx, func(ctx context.Context, c *redis.Client) error { return scan(ctx, c) })
	} else {
		_ = scan(ctx, rdb.(*redis.Client))
	}
}

func TestStoreRefusesWhatItCannotHold(t *testing.T) {
	s := newStore(t, dial(t, "redis://127.0.0.1:1"), nil)
	good := attempt("pay_1", "a", epoch())
	for name, change := range map[string]func(*risk.Record){
		"no ID":            func(r *risk.Record) { r.ID = "" },
		"negative amount":  func(r *risk.Record) { r.Amount = -1 },
		"amount too large": func(r *risk.Record) { r.Amount = maxAmount + 1 },
		"no time":          func(r *risk.Record) { r.At = time.Time{} },
		"unknown kind":     func(r *risk.Record) { r.Kind = risk.EventKindCount },
	} {
		rec := good
		change(&rec)
		if err := s.Append(context.Background(), "shop", rec); !errors.Is(err, ErrInvalid) {
			t.Errorf("%s: Append says %v", name, err)
		}
		if h, err := s.Observe(context.Background(), "shop", rec); !errors.Is(err, ErrInvalid) || h.Available() {
			t.Errorf("%s: Observe says %v", name, err)
		}
	}
	if s.Degraded() {
		t.Error("a record that cannot be stored was held against Redis")
	}
}

func TestNewRefusesAConfigurationItCannotUse(t *testing.T) {
	rdb := dial(t, "redis://127.0.0.1:1")
	if _, err := New(rdb, Config{Secret: []byte("short"), Clock: epoch}); err == nil {
		t.Error("a short secret was taken")
	}
	if _, err := New(rdb, Config{Secret: make([]byte, 32)}); err == nil {
		t.Error("a missing clock was taken")
	}
	reg := prometheus.NewRegistry()
	for i := range 2 {
		if _, err := New(rdb, Config{Secret: make([]byte, 32), Clock: epoch, Registerer: reg}); (err != nil) != (i == 1) {
			t.Errorf("store %d on one registry: %v", i, err)
		}
	}
}
