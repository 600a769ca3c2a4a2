package velocity

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/redis/go-redis/v9"

	"octroi/risk"
)

// Config says how histories are kept. Secret and Clock are required.
type Config struct {
	// Secret is the 32-byte key of the hashes that name entities. Another secret begins other histories.
	Secret []byte
	// Prefix goes before every key in Redis; "octroi:" when empty.
	Prefix string
	// Caps bound the lists; zero entries take DefaultCaps.
	Caps Caps
	// Retention is how long events are kept and how long a silent entity's key lives; DefaultRetention when 0.
	Retention time.Duration
	// Timeout is the most that one Observe or Look may take; 100 ms when 0 (the budget for a stalled Redis).
	Timeout time.Duration
	// Tallies says what the policies of a shop ask of its counted entities: what is read back at each order. It is asked
	// at every event, and must be safe for concurrent use. Buckets of five minutes are filled all the same. Those of an
	// hour are filled while a window of more than two hours is asked for: a policy that begins to ask has counted from
	// then on, unless the histories are rebuilt. nil reads nothing, and those questions are then Missing.
	Tallies func(shop string) []risk.Tally
	// Registerer takes octroi_velocity_duration_seconds{result}; nil registers nothing.
	Registerer prometheus.Registerer
	// Clock tells the time for the circuit, the metric and what is too old to rebuild. Windows never use it.
	Clock func() time.Time
}

// ErrDegraded is returned, and Redis not asked, while Redis is taken to be away.
var ErrDegraded = errors.New("velocity: Redis did not answer lately and is left alone for a moment")

// Store keeps histories in Redis. It is safe for concurrent use.
type Store struct {
	rdb      redis.UniversalClient
	cfg      Config
	namer    *namer
	duration *prometheus.HistogramVec
	circuit  circuit
	// scattered: the lists of one order lie on several servers, and each needs a call of its own.
	scattered bool

	living living

	cutScript, mergeScript, raiseScript *redis.Script
}

// New keeps histories in rdb, which should be made by Dial: with go-redis' own defaults a command may be sent twice and
// a stalled server waited for. The Store closes rdb.
func New(rdb redis.UniversalClient, cfg Config) (*Store, error) {
	n, err := newNamer(cfg.Secret)
	if err != nil {
		return nil, err
	}
	if cfg.Clock == nil {
		return nil, errors.New("velocity: Config.Clock is missing")
	}
	cfg.Secret = nil
	if cfg.Prefix == "" {
		cfg.Prefix = "octroi:"
	}
	if cfg.Retention <= 0 {
		cfg.Retention = DefaultRetention
	}
	if cfg.Timeout <= 0 {
		cfg.Timeout = 100 * time.Millisecond
	}
	cfg.Caps = cfg.Caps.withDefaults()
	s := &Store{rdb: rdb, cfg: cfg, namer: n, cutScript: cutScript(), mergeScript: mergeScript(), raiseScript: raiseScript(),
		duration: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name:    "octroi_velocity_duration_seconds",
			Help:    "Time of one Observe or Look: ok, timeout, error, or skipped while Redis is left alone.",
			Buckets: []float64{.0005, .001, .002, .005, .01, .025, .05, .1, .25},
		}, []string{"result"})}
	_, s.scattered = rdb.(*redis.ClusterClient)
	if cfg.Registerer != nil {
		if err := cfg.Registerer.Register(s.duration); err != nil {
			return nil, fmt.Errorf("velocity: register metrics: %w", err)
		}
	}
	return s, nil
}

// Observe appends the order's attempt to the history of each of its entities and reads them back, in one round trip.
// It takes no longer than Config.Timeout. When it fails the histories are Unavailable, never nil, and the attempt may
// or may not have been stored: send the same record again (it counts once), or hand it to Append later.
func (s *Store) Observe(ctx context.Context, shop string, rec risk.Record) (*Histories, error) {
	if rec.Kind != risk.EventAttempt {
		return Unavailable(), fmt.Errorf("%w: only an attempt is observed, not %s", ErrInvalid, rec.Kind)
	}
	if err := check(&rec); err != nil {
		return Unavailable(), err
	}
	return s.bounded(ctx, "observe", func(ctx context.Context) (*Histories, error) { return s.ask(ctx, shop, &rec) })
}

// judge tells the circuit what an error means, and names it for the metric. caller is the context without our budget:
// a caller that went away says nothing about Redis.
func (s *Store) judge(caller context.Context, err error) string {
	var spoken redis.Error
	switch {
	case err == nil:
		s.circuit.answered()
		return "ok"
	case errors.As(err, &spoken) && !unable(err):
		s.circuit.answered()
		return "error"
	case caller.Err() != nil:
		s.circuit.abandoned()
		return "timeout"
	}
	s.circuit.silent(s.cfg.Clock())
	if timedOut(err) {
		return "timeout"
	}
	return "error"
}

// unable reports an answer that says: not now, and to nobody. Such a server is left alone as long as a silent one.
func unable(err error) bool {
	return slices.ContainsFunc([]string{
		"CLUSTERDOWN", "MASTERDOWN", "READONLY", "NOREPLICAS", // while a new master is found
		"LOADING", "MISCONF", "OOM", // starting, or out of disk or memory
		"NOAUTH", "WRONGPASS",
	}, func(prefix string) bool { return redis.HasErrorPrefix(err, prefix) })
}

// broken reports an error of the connection itself, neither an answer nor a silence. A connection to a server that may
// no longer be written to is one: the client has dropped it, and the next leads to the new master.
func broken(err error) bool {
	var spoken redis.Error
	return redis.IsReadOnlyError(err) || err != nil && !errors.As(err, &spoken) && !timedOut(err)
}

func timedOut(err error) bool {
	var t interface{ Timeout() bool }
	return errors.As(err, &t) && t.Timeout()
}

// ask is the round trip of one Observe.
func (s *Store) ask(ctx context.Context, shop string, rec *risk.Record) (*Histories, error) {
	b := &batch{store: s, read: true}
	b.add(shop, rec, s.cfg.Retention)
	if err := b.send(ctx); err != nil {
		return nil, err
	}
	var lists [risk.EntityCount]string
	for i := range b.calls {
		c := &b.calls[i]
		read, err := c.answer()
		if err != nil {
			return nil, err
		}
		for j, e := range c.entities {
			lists[e] = read[j]
		}
	}
	own, _ := next(string(b.record))
	h := newHistories(own, lists)
	for i := range b.counters {
		c := &b.counters[i]
		if err := c.answer(); err != nil {
			return nil, err
		}
		if proof := s.beside(ctx, b, c, &lists); repeated(own.id, proof) {
			s.takeBack(ctx, c)
		}
		h.counts = c.counts
	}
	return h, nil
}

// Degraded reports whether Redis is taken to be away: it did not answer the last time it was asked.
func (s *Store) Degraded() bool { return s.circuit.open() }

// Ping asks Redis for a sign of life, within Config.Timeout. It is also a probe: an answer ends the degraded state.
func (s *Store) Ping(ctx context.Context) error {
	limited, cancel := context.WithTimeout(ctx, s.cfg.Timeout)
	defer cancel()
	err := s.rdb.Ping(limited).Err()
	s.judge(ctx, err)
	if err != nil {
		return fmt.Errorf("velocity: ping: %w", err)
	}
	return nil
}

// Close closes the connections to Redis.
func (s *Store) Close() error { return s.rdb.Close() }
