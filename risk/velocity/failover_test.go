package velocity

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"octroi/risk"
)

// queue is a shop whose customers do not wait: an order whose histories could not be read is appended afterwards, as the
// gateway does it.
type queue struct {
	t       *testing.T
	s       *Store
	base    time.Time
	orders  int
	records []risk.Record
	missed  []risk.Record
	skipped int           // orders for which Redis was not asked
	worst   time.Duration // that an order was delayed to no avail
}

const customers = 5

func newQueue(t *testing.T, address string) *queue {
	q := &queue{t: t, base: time.Now().UTC().Truncate(time.Millisecond).Add(-30 * time.Minute)}
	q.s = newStore(t, dial(t, address), func(c *Config) {
		c.Clock, c.Timeout, c.Tallies = time.Now, 0, countedShop
		for e := range c.Caps {
			c.Caps[e] = 4096
		}
	})
	return q
}

// next is an order of the next customer in turn.
func (q *queue) next() risk.Record {
	r := attempt(fmt.Sprint("pay_", q.orders), fmt.Sprint(q.orders%customers), q.base.Add(time.Duration(q.orders)*10*time.Millisecond))
	q.orders++
	q.records = append(q.records, r)
	return r
}

// serve takes the next order. Every seventh is refused afterwards.
func (q *queue) serve() error {
	q.t.Helper()
	r := q.next()
	start := time.Now()
	h, err := q.s.Observe(context.Background(), "shop", r)
	if err != nil {
		q.missed, q.worst = append(q.missed, r), max(q.worst, time.Since(start))
	}
	if h.Available() != (err == nil) {
		q.t.Fatalf("histories available %v, error %v", h.Available(), err)
	}
	if errors.Is(err, ErrDegraded) {
		q.skipped++
	}
	if q.orders%7 == 0 {
		r.Kind, r.Code, r.At = risk.EventRefused, "insufficient_funds", r.At.Add(5*time.Millisecond)
		q.records, q.missed = append(q.records, r), append(q.missed, r)
	}
	return err
}

// catchUp appends what was missed until it is there, which may take some attempts.
func (q *queue) catchUp() {
	q.t.Helper()
	waitFor(q.t, "missed events to be taken", func() bool { return q.s.Append(context.Background(), "shop", q.missed...) == nil })
	q.missed = nil
}

// untilServed takes orders until as many were served in a row as make it no accident, and tells how many were not.
func (q *queue) untilServed() (failed int) {
	q.t.Helper()
	inRow := 0
	for deadline := time.Now().Add(30 * time.Second); inRow < 4*customers; time.Sleep(20 * time.Millisecond) {
		err := q.serve()
		if inRow++; err != nil {
			inRow, failed = 0, failed+1
		}
		if time.Now().After(deadline) {
			q.t.Fatalf("the histories did not come back: %v", err)
		}
	}
	return failed
}

// exact compares the history of every customer with what happened.
func (q *queue) exact(when string) {
	q.t.Helper()
	q.catchUp()
	for range customers {
		var h *Histories
		now := q.next()
		waitFor(q.t, "an order to be served", func() (done bool) {
			var err error
			h, err = q.s.Observe(context.Background(), "shop", now)
			return err == nil
		})
		questions(h, reference{now, q.records}, func(name string, got, want risk.Fold) {
			if got != want {
				q.t.Errorf("%s: %s = %+v, want %+v", when, name, got, want)
			}
		})
		if got := h.Count(risk.EntityShop, risk.Event{}, 2*time.Hour); got.Missing || got.Value < float64(q.orders) {
			q.t.Errorf("%s: the shop counts %+v of %d orders", when, got, q.orders)
		}
	}
}

// copied waits until the replicas have what the masters have: what is not copied may be lost with its master.
func (n *nodes) copied(t *testing.T, masters int) {
	t.Helper()
	for i := range masters {
		rdb := n.server(t, i)
		waitFor(t, "the replica to have everything", func() bool {
			info := replication(rdb)
			return strings.Contains(info["slave0"], "offset="+info["master_repl_offset"]+",")
		})
	}
}

func TestNoEventIsLostOrCountedTwiceWhenAMasterIsLost(t *testing.T) {
	for _, kind := range []struct {
		name    string
		masters int
		// start also says what goes down together: a master, and what stands on the same machine.
		start func(t *testing.T) (n *nodes, lost func() []*os.Process)
	}{
		{"sentinel", 1, func(t *testing.T) (*nodes, func() []*os.Process) {
			w := startSentinel(t, lock{})
			return &w.nodes, func() []*os.Process { return []*os.Process{w.processes[0], w.sentinels.processes[w.listened(t)]} }
		}},
		{"cluster", 3, func(t *testing.T) (*nodes, func() []*os.Process) {
			n := startNodes(t, 6, 2*time.Second, lock{})
			return n, func() []*os.Process { return n.processes[:1] }
		}},
	} {
		for fate, signal := range map[string]syscall.Signal{"dies": syscall.SIGKILL, "stalls and comes back": syscall.SIGSTOP} {
			t.Run(kind.name+" "+fate, func(t *testing.T) {
				n, lost := kind.start(t)
				t.Parallel() // only from here on, so that no two tests look for free ports at once
				newQueue(t, n.address).survives(n, kind.masters, lost, signal)
			})
		}
	}
}

func (q *queue) survives(n *nodes, masters int, lost func() []*os.Process, how syscall.Signal) {
	q.t.Helper()
	q.untilServed()
	q.exact("before")
	n.copied(q.t, masters)
	down := lost()
	for _, p := range down {
		if err := p.Signal(how); err != nil {
			q.t.Fatal(err)
		}
	}
	start := time.Now()
	failed := q.untilServed()
	if failed == 0 || q.skipped == 0 {
		q.t.Errorf("%d orders were not served and %d of them without asking Redis: nothing was lost", failed, q.skipped)
	}
	q.t.Logf("back after %s: %d orders not served, %d of them without asking Redis, the others delayed by %s at most",
		time.Since(start).Round(time.Millisecond), failed, q.skipped, q.worst.Round(time.Millisecond))
	if how == syscall.SIGSTOP {
		for _, p := range down {
			if err := p.Signal(syscall.SIGCONT); err != nil {
				q.t.Fatal(err)
			}
		}
		// Behind Sentinels it takes itself for the master for some seconds more.
	}
	q.exact("after")
	wipe(q.t, q.s.rdb)
	if _, err := q.s.Rebuild(context.Background(), "shop", journal(q.records)); err != nil {
		q.t.Fatal(err)
	}
	q.exact("rebuilt")
}

func TestAServerThatRefusesToServeIsLeftAloneLikeASilentOne(t *testing.T) {
	port := freePorts(t, 1)[0]
	startRedis(t, port)
	rdb := dial(t, "redis://"+host(port))
	for name, c := range map[string]struct{ spoil, mend []any }{
		"of too few replicas": {[]any{"CONFIG", "SET", "min-replicas-to-write", 1}, []any{"CONFIG", "SET", "min-replicas-to-write", 0}},
		"of no memory left":   {[]any{"CONFIG", "SET", "maxmemory", 1}, []any{"CONFIG", "SET", "maxmemory", 0}},
		"being a replica":     {[]any{"REPLICAOF", "127.0.0.1", 1}, []any{"REPLICAOF", "NO", "ONE"}},
		"being a replica that has lost its master": {[]any{"CONFIG", "SET", "replica-serve-stale-data", "no", "replica-read-only", "no"},
			[]any{"REPLICAOF", "NO", "ONE"}},
	} {
		now := epoch()
		s := newStore(t, dial(t, "redis://"+host(port)), func(c *Config) { c.Clock = func() time.Time { return now } })
		observe := func() error {
			_, err := s.Observe(context.Background(), "shop", attempt("pay_1", "a", epoch()))
			return err
		}
		do(t, rdb, c.spoil...)
		if strings.HasSuffix(name, "lost its master") {
			do(t, rdb, "REPLICAOF", "127.0.0.1", 1)
		}
		if err := observe(); err == nil || errors.Is(err, ErrDegraded) || !s.Degraded() {
			t.Errorf("%s: %v, degraded %v", name, err, s.Degraded())
		}
		if err := observe(); !errors.Is(err, ErrDegraded) {
			t.Errorf("%s: asked again at once: %v", name, err)
		}
		do(t, rdb, c.mend...)
		now = now.Add(pause)
		if err := observe(); err != nil || s.Degraded() {
			t.Errorf("%s, mended: %v, degraded %v", name, err, s.Degraded())
		}
	}
}

func TestAnOrderThatMeetsYesterdaysMasterIsServedByTodays(t *testing.T) {
	ports := freePorts(t, 2)
	startRedis(t, ports[0])
	startRedis(t, ports[1], "--replicaof", fmt.Sprint("127.0.0.1 ", ports[0]))
	dials := 0
	rdb := dialled(t, "redis://"+host(ports[0]), func(to string) (string, error) {
		if dials++; dials == 1 {
			to = host(ports[1])
		}
		return to, nil
	})
	h, err := newStore(t, rdb, nil).Observe(context.Background(), "shop", attempt("pay_1", "a", epoch()))
	if err != nil || h.Count(risk.EntityCard, risk.Event{}, time.Hour) != (risk.Fold{Value: 1}) || dials != 2 {
		t.Errorf("after %d connections: %v", dials, err)
	}
}

func TestAnOrderOfAClusterCountsOnceUnlessOnlyTheNodeOfTheCountsWasAway(t *testing.T) {
	address := startCluster(t)
	tally := func(c *Config) { c.Tallies = countedShop }
	s := newStore(t, dial(t, address), tally)
	rec := risk.Record{ID: "pay_0", At: epoch(), Amount: 4990, Currency: "EUR"}
	node := func(key string) string {
		c, err := s.rdb.(*redis.ClusterClient).MasterForKey(context.Background(), key)
		if err != nil {
			t.Fatal(err)
		}
		return c.Options().Addr
	}
	c, _ := s.counterOf(s.namer.name("shop", &rec), &rec, false)
	home := node(c.keys[fine])
	// order is one whose only list lies on the node of the counts, or on another.
	order := func(beside bool) risk.Record {
		rec.ID += "x"
		for i := 0; ; i++ {
			rec.Keys[risk.EntityCard] = fmt.Sprint("card ", rec.ID, i)
			if (node(s.namer.name("shop", &rec).key(s.cfg.Prefix, risk.EntityCard)) == home) == beside {
				return rec
			}
		}
	}
	shopCounts := func(s *Store, rec risk.Record) (float64, error) {
		h, err := s.Observe(context.Background(), "shop", rec)
		return h.Count(risk.EntityShop, risk.Event{}, time.Hour).Value, err
	}
	apart := newStore(t, without(t, address, home), tally)
	alone, near := order(false), order(true)
	if _, err := shopCounts(apart, alone); err == nil {
		t.Fatal("served without the node of the counts")
	}
	for _, c := range []struct {
		rec  risk.Record
		want float64
	}{{alone, 1}, {near, 2}, {near, 2}} {
		if got, err := shopCounts(s, c.rec); err != nil || got != c.want {
			t.Errorf("the shop counts %v, want %v: %v", got, c.want, err)
		}
	}
}

// without is a client that one of the servers refuses.
func without(t *testing.T, address, server string) redis.UniversalClient {
	t.Helper()
	return dialled(t, address, func(to string) (string, error) {
		if to == server {
			return "", syscall.ECONNREFUSED
		}
		return to, nil
	})
}
