package velocity

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"octroi/risk"
)

// cutter stands between a client and its servers. It passes everything on, but closes the connection instead of passing
// on one reply in so many: the server has done the work, and the client cannot know.
type cutter struct {
	each          int64
	replies, cuts atomic.Int64
}

// dial makes a client for the address that reaches each server through a proxy.
func (c *cutter) dial(t *testing.T, address string) redis.UniversalClient {
	t.Helper()
	proxies := map[string]string{}
	for _, server := range strings.Split(strings.TrimPrefix(address, "redis://"), ",") {
		proxies[server] = c.proxy(t, server)
	}
	return dialled(t, address, func(to string) (string, error) {
		proxy, ok := proxies[to]
		if !ok {
			t.Errorf("%s is reached past the proxies", to)
		}
		return proxy, nil
	})
}

func (c *cutter) proxy(t *testing.T, server string) (address string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			client, err := l.Accept()
			if err != nil {
				return
			}
			up, err := net.Dial("tcp", server)
			if err != nil {
				_ = client.Close()
				continue
			}
			go func() { _, _ = io.Copy(up, client); _ = up.Close() }()
			go c.answer(client, up)
		}
	}()
	return l.Addr().String()
}

func (c *cutter) answer(client, up net.Conn) {
	defer client.Close()
	defer up.Close()
	buf := make([]byte, 64<<10)
	for {
		size, err := up.Read(buf)
		if err != nil {
			return
		}
		if c.replies.Add(1)%c.each == 0 {
			c.cuts.Add(1)
			return
		}
		if _, err := client.Write(buf[:size]); err != nil {
			return
		}
	}
}

// movingClock goes on by ten milliseconds at each look, so that pauses end without waiting.
func movingClock() func() time.Time {
	var looks atomic.Int64
	return func() time.Time { return epoch().Add(time.Duration(looks.Add(1)) * 10 * time.Millisecond) }
}

func TestTenThousandConcurrentAttemptsCountExactlyOnceThoughRepliesAreCut(t *testing.T) {
	t.Run("one in a hundred", func(t *testing.T) { attemptsOverCuttingProxy(t, oneRedis(t), 100) })
	// So many that Observe's own second try is cut too, and callers must repeat the call.
	t.Run("one in eight", func(t *testing.T) { attemptsOverCuttingProxy(t, oneRedis(t), 8) })
	t.Run("one in a hundred of a cluster", func(t *testing.T) { attemptsOverCuttingProxy(t, startCluster(t), 100) })
}

func countedShop(string) []risk.Tally {
	return []risk.Tally{{Entity: risk.EntityShop, Window: 2 * time.Hour}}
}

func attemptsOverCuttingProxy(t *testing.T, address string, cutEach int64) {
	const attempts, cards, workers = 10_000, 20, 16
	cutter := cutter{each: cutEach}
	s := newStore(t, cutter.dial(t, address), func(c *Config) {
		c.Clock = movingClock()
		for e := range c.Caps {
			c.Caps[e] = 4096
		}
	})
	order := func(i int) risk.Record {
		r := risk.Record{ID: fmt.Sprint("pay_", i), At: epoch().Add(time.Duration(i) * time.Millisecond), Amount: 1, Currency: "EUR"}
		r.Keys[risk.EntityCard], r.Keys[risk.EntityEmail] = fmt.Sprint("card ", i%cards), fmt.Sprint("email ", i)
		return r
	}
	var next, failed atomic.Int64
	var wg sync.WaitGroup
	for range workers {
		wg.Go(func() {
			for i := int(next.Add(1)) - 1; i < attempts; i = int(next.Add(1)) - 1 {
				for tries := 0; ; tries++ {
					_, err := s.Observe(context.Background(), "shop", order(i))
					if err == nil {
						break
					}
					if failed.Add(1); tries > 10_000 {
						t.Errorf("order %d never went through: %v", i, err)
						return
					}
					time.Sleep(time.Millisecond) // another worker may be probing
				}
			}
		})
	}
	wg.Wait()
	cuts := cutter.cuts.Load()
	direct := newStore(t, dial(t, address), func(c *Config) { c.Caps, c.Tallies = s.cfg.Caps, countedShop })
	wrong := 0.0
	for i := range cards {
		r := order(attempts - cards + i)
		r.At = epoch().Add(time.Hour) // the same order once more, to read
		h, err := direct.Observe(context.Background(), "shop", r)
		if err != nil {
			t.Fatal(err)
		}
		got := h.Count(risk.EntityCard, risk.Event{}, 2*time.Hour)
		sum := h.Sum(risk.EntityCard, risk.Event{}, 2*time.Hour)
		if got != (risk.Fold{Value: attempts / cards}) || sum.Value != attempts/cards {
			wrong++
			t.Errorf("card %d: count %+v and sum %+v, want %d", i, got, sum, attempts/cards)
		}
	}
	last := order(attempts - 1)
	h, err := direct.Observe(context.Background(), "shop", last)
	if err != nil {
		t.Fatal(err)
	}
	// The counters of the shop count at least once: an answer that was lost may have counted.
	counted := int64(h.Count(risk.EntityShop, risk.Event{}, time.Hour).Value)
	if counted < attempts || counted > attempts+cuts {
		t.Errorf("the shop has %d attempts, want %d and up to %d more", counted, attempts, cuts)
	}
	if cuts < attempts/cutEach/2 {
		t.Errorf("only %d replies were cut", cuts)
	}
	t.Logf("%d replies cut, %d calls failed and were repeated, %v cards counted wrongly, %d attempts too many in the shop",
		cuts, failed.Load(), wrong, counted-attempts)
}

func TestAStalledRedisLeavesTheHistoriesUnavailableUntilItWakes(t *testing.T) {
	redisServer(t)
	port := freePorts(t, 1)[0]
	server := startRedis(t, port)
	var now atomic.Int64
	s := newStore(t, dial(t, fmt.Sprintf("redis://127.0.0.1:%d", port)), func(c *Config) {
		c.Timeout = 100 * time.Millisecond
		c.Clock = func() time.Time { return epoch().Add(time.Duration(now.Load())) }
	})
	observe := func(id string) (*Histories, error) {
		return s.Observe(context.Background(), "shop", attempt(id, "a", epoch()))
	}
	awake := func() bool {
		now.Add(int64(2 * pause))
		h, err := observe("pay_awake")
		return err == nil && h.Available() && !s.Degraded()
	}
	waitFor(t, "a first answer", awake)
	if err := server.Signal(syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = server.Signal(syscall.SIGCONT) }()
	now.Add(int64(2 * pause))
	if h, err := observe("pay_stalled"); !errors.Is(err, context.DeadlineExceeded) && !timedOut(err) || h.Available() || !s.Degraded() {
		t.Fatalf("stalled: available %v, degraded %v, %v", h.Available(), s.Degraded(), err)
	}
	for range 100 {
		if h, err := observe("pay_skipped"); !errors.Is(err, ErrDegraded) || h.Available() {
			t.Fatalf("while degraded: available %v, %v", h.Available(), err)
		}
	}
	if err := s.Ping(context.Background()); err == nil {
		t.Fatal("a stalled server answered a ping")
	}
	if err := server.Signal(syscall.SIGCONT); err != nil {
		t.Fatal(err)
	}
	waitFor(t, "Redis to be asked again", awake)
}

func TestARedisThatIsNotThereLeavesTheHistoriesUnavailable(t *testing.T) {
	s := newStore(t, dial(t, fmt.Sprint("redis://127.0.0.1:", freePorts(t, 1)[0])), nil)
	h, err := s.Observe(context.Background(), "shop", attempt("pay_1", "a", epoch()))
	if err == nil || h.Available() || !s.Degraded() {
		t.Errorf("available %v, degraded %v, %v", h.Available(), s.Degraded(), err)
	}
	if err := s.Append(context.Background(), "shop", attempt("pay_1", "a", epoch())); err == nil {
		t.Error("an event went nowhere without an error")
	}
}

func TestACallerThatGoesAwayIsNotHeldAgainstRedis(t *testing.T) {
	s := newStore(t, dial(t, oneRedis(t)), nil)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if h, err := s.Observe(ctx, "shop", attempt("pay_1", "a", epoch())); err == nil || h.Available() {
		t.Errorf("available %v, %v", h.Available(), err)
	}
	if s.Degraded() {
		t.Error("the circuit is open")
	}
}

func TestTheCircuitLetsOneProbeThroughAtATime(t *testing.T) {
	var c circuit
	now := epoch()
	if !c.allow(now) || c.open() {
		t.Fatal("a new circuit is open")
	}
	c.silent(now)
	if c.allow(now.Add(pause-1)) || !c.open() {
		t.Error("Redis is asked during the pause")
	}
	now = now.Add(pause)
	if !c.allow(now) {
		t.Error("no probe after the pause")
	}
	if c.allow(now) {
		t.Error("two probes at once")
	}
	c.abandoned()
	if !c.allow(now) {
		t.Error("no second probe after the first was abandoned")
	}
	c.answered()
	for range 2 {
		if !c.allow(now) || c.open() {
			t.Error("the circuit stays open after an answer")
		}
	}
}
