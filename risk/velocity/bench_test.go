package velocity

import (
	"context"
	"fmt"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"octroi/risk"
)

// population makes orders of 10,000 buyers in turn, each with eight entities of their own.
func population(i int) risk.Record {
	return attempt(fmt.Sprint("pay_", i), fmt.Sprint(i*7919%10_000), epoch().Add(time.Duration(i)*time.Millisecond))
}

// perOp reports the processor time of this process for each operation, and that of the Redis server.
func perOp(b *testing.B, rdb redis.UniversalClient, run func()) {
	own := func() time.Duration {
		var u syscall.Rusage
		_ = syscall.Getrusage(syscall.RUSAGE_SELF, &u)
		return time.Duration(u.Utime.Nano() + u.Stime.Nano())
	}
	servers := func() (d time.Duration) {
		for line := range strings.SplitSeq(rdb.Info(context.Background(), "cpu").Val(), "\r\n") {
			var seconds float64
			if name, v, _ := strings.Cut(line, ":"); name == "used_cpu_sys" || name == "used_cpu_user" {
				_, _ = fmt.Sscan(v, &seconds)
				d += time.Duration(seconds * float64(time.Second))
			}
		}
		return d
	}
	own0, redis0 := own(), servers()
	b.ResetTimer()
	run()
	b.StopTimer()
	b.ReportMetric(float64(own()-own0)/float64(b.N)/1e3, "own-cpu-us/op")
	b.ReportMetric(float64(servers()-redis0)/float64(b.N)/1e3, "redis-cpu-us/op")
}

// BenchmarkObserve is one order with eight entities on a real Redis, from as many callers as a gateway has.
func BenchmarkObserve(b *testing.B) {
	rdb := dial(b, oneRedis(b))
	s := newStore(b, rdb, nil)
	observeAll(b, rdb, s, "")
}

func observeAll(b *testing.B, rdb redis.UniversalClient, s *Store, country string) {
	order := func(i int) risk.Record {
		r := population(i)
		r.IssuerCountry = country
		return r
	}
	var next atomic.Int64
	for i := range 20_000 {
		if _, err := s.Observe(context.Background(), "shop", order(i)); err != nil {
			b.Fatal(err)
		}
	}
	b.SetParallelism(16)
	next.Store(20_000)
	perOp(b, rdb, func() {
		b.RunParallel(func(pb *testing.PB) {
			for pb.Next() {
				if _, err := s.Observe(context.Background(), "shop", order(int(next.Add(1)))); err != nil {
					b.Error(err)
				}
			}
		})
	})
}

// BenchmarkObserveWithCounts is the same with the counted entities' buckets of a policy with three rules read back.
func BenchmarkObserveWithCounts(b *testing.B) {
	rdb := dial(b, oneRedis(b))
	refused, window := risk.Event{Kind: risk.EventRefused}, 10*time.Minute
	s := newStore(b, rdb, func(c *Config) {
		tallies := []risk.Tally{{Entity: risk.EntityShop, Window: window}, {Entity: risk.EntityShop, Event: refused, Window: window},
			{Entity: risk.EntityIssuerCountry, Event: refused, Window: window}}
		c.Tallies = func(string) []risk.Tally { return tallies }
	})
	observeAll(b, rdb, s, "FR")
}

// BenchmarkEightCounters is the yardstick: eight bare INCRs in one script.
func BenchmarkEightCounters(b *testing.B) {
	rdb := dial(b, oneRedis(b))
	script := redis.NewScript(`local r = {} for i, k in ipairs(KEYS) do r[i] = redis.call('INCR', k) redis.call('EXPIRE', k, 3600) end return r`)
	var next atomic.Int64
	b.SetParallelism(16)
	perOp(b, rdb, func() {
		b.RunParallel(func(pb *testing.PB) {
			for pb.Next() {
				rec := population(int(next.Add(1)))
				keys := make([]string, 0, 8)
				for e := range risk.EntityEmailDomain {
					keys = append(keys, "octroi:"+e.String()+":"+rec.Keys[e])
				}
				if err := script.Run(context.Background(), rdb, keys).Err(); err != nil {
					b.Error(err)
				}
			}
		})
	})
}

// BenchmarkMemory is one order of a backtest with eight entities, its outcome, and six folds.
func BenchmarkMemory(b *testing.B) {
	m := NewMemory(Caps{}, 0)
	for i := range b.N {
		rec := population(i)
		h, err := m.Observe("shop", rec)
		if err != nil {
			b.Fatal(err)
		}
		for _, e := range []risk.Entity{risk.EntityCard, risk.EntityIP, risk.EntityDelivery} {
			h.Count(e, risk.Event{}, time.Hour)
			h.Distinct(e, risk.EntityEmail, time.Hour)
		}
		rec.Kind = risk.EventAuthorised
		_ = m.Append("shop", rec)
	}
}

// BenchmarkFolds asks one history of each length: the first fold reads the list, the others use what was read.
func BenchmarkFolds(b *testing.B) {
	for _, n := range []int{1, 16, 128, 512} {
		m := NewMemory(Caps{}, 0)
		var h *Histories
		for i := range n {
			rec := attempt(fmt.Sprint("pay_", i), fmt.Sprint(i%16), epoch().Add(time.Duration(i)*time.Second))
			rec.Keys[risk.EntityIP] = "203.0.113.7"
			h, _ = m.Observe("shop", rec)
		}
		fold := map[string]func(h *Histories){
			"count":    func(h *Histories) { h.Count(risk.EntityIP, risk.Event{}, time.Hour) },
			"distinct": func(h *Histories) { h.Distinct(risk.EntityIP, risk.EntityCard, time.Hour) },
			"streak":   func(h *Histories) { h.Streak(risk.EntityIP, risk.Event{Kind: risk.EventRefused}) },
		}
		list := h.list(risk.EntityIP)
		h = newHistories(record{id: h.id, at: h.now, currency: h.currency}, [risk.EntityCount]string{risk.EntityIP: list})
		b.Run(fmt.Sprintf("read/%d", n), func(b *testing.B) {
			for b.Loop() {
				build(list)
			}
		})
		for name, f := range fold {
			b.Run(fmt.Sprintf("%s/%d", name, n), func(b *testing.B) {
				for b.Loop() {
					f(h)
				}
			})
		}
		b.Run(fmt.Sprintf("record/%d", n), func(b *testing.B) {
			var raw []byte
			for b.Loop() {
				raw, _ = h.MarshalBinary()
			}
			b.ReportMetric(float64(len(raw)), "bytes")
		})
	}
}

// TestMemoryOfAnEvent reports what events cost in a real Redis (MEMORY USAGE: key, value and overhead), and holds the
// figures that the documentation gives, for an order that names all the entities an order has of itself.
func TestMemoryOfAnEvent(t *testing.T) {
	rdb := dial(t, oneRedis(t))
	s := newStore(t, rdb, nil)
	rec := attempt("pay_1", "a", epoch())
	for e := range risk.EntityCustom1 {
		rec.Keys[e] = e.String() + " a"
	}
	key := s.namer.name("shop", &rec).key(s.cfg.Prefix, risk.EntityCard)
	for _, n := range []int{1, 10, 100} {
		wipe(t, rdb)
		for i := range n {
			rec.ID = fmt.Sprint("pay_", i)
			rec.Kind, rec.Code = risk.EventAttempt, ""
			feed(t, s, []risk.Record{rec})
			rec.Kind, rec.Code = risk.EventRefused, "expiry_incorrect"
			feed(t, s, []risk.Record{rec})
		}
		usage, length := rdb.MemoryUsage(context.Background(), key).Val(), rdb.StrLen(context.Background(), key).Val()
		t.Logf("%d orders with one outcome each: %d bytes of records, %d bytes of Redis, %d an order", n, length, usage, usage/int64(n))
		most := 2*length + length/10 + 256 // APPEND reserves as much again; the rest is the key
		if length != int64(n*(82+headSize)) || usage > most {
			t.Errorf("%d orders take %d bytes, and %d of Redis", n, length, usage)
		}
	}
}
