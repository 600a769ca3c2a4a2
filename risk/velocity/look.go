package velocity

import (
	"context"
	"errors"
	"fmt"

	"github.com/redis/go-redis/v9"

	"octroi/risk"
)

// Look gives the histories of the record's entities as they are by now, rec.At, and adds nothing to them. Counted entities
// are not read: they are Missing, as is an entity of which nothing is known. It is bounded, and fails, as Observe.
func (s *Store) Look(ctx context.Context, shop string, rec risk.Record) (*Histories, error) {
	if err := check(&rec); err != nil {
		return Unavailable(), err
	}
	return s.bounded(ctx, "look", func(ctx context.Context) (*Histories, error) { return s.look(ctx, shop, &rec) })
}

// look is the round trip of one Look.
func (s *Store) look(ctx context.Context, shop string, rec *risk.Record) (*Histories, error) {
	n := s.namer.name(shop, rec)
	own, _ := next(string(encode(make([]byte, 0, maxRecord), rec, n)))
	pipe := s.rdb.Pipeline()
	var asked [risk.EntityCount]*redis.StringCmd
	for e := range risk.EntityCount {
		if n.mask&(1<<e) != 0 {
			asked[e] = pipe.Get(ctx, n.key(s.cfg.Prefix, e))
		}
	}
	if pipe.Len() > 0 {
		if _, err := pipe.Exec(ctx); err != nil && !errors.Is(err, redis.Nil) {
			return nil, err
		}
	}
	var lists [risk.EntityCount]string
	for e, cmd := range asked {
		if cmd == nil {
			continue
		}
		list, err := cmd.Result()
		if err != nil && !errors.Is(err, redis.Nil) {
			return nil, err
		}
		lists[e] = limitsFor(own, s.cfg.Caps[e], s.cfg.Retention).view(list)
	}
	return newHistories(own, lists), nil
}

// bounded makes a round trip that reads histories within Config.Timeout, unless Redis is left alone, and tells the circuit
// and the metric how it went.
func (s *Store) bounded(ctx context.Context, what string, trip func(context.Context) (*Histories, error)) (*Histories, error) {
	start := s.cfg.Clock()
	if !s.circuit.allow(start) {
		s.duration.WithLabelValues("skipped").Observe(0)
		return Unavailable(), ErrDegraded
	}
	limited, cancel := context.WithTimeout(ctx, s.cfg.Timeout)
	defer cancel()
	h, err := trip(limited)
	if broken(err) && limited.Err() == nil {
		// A connection that was cut, perhaps long ago while it lay idle, or that leads to a master of yesterday, says
		// little about Redis. Asking again is safe: the attempt counts once.
		h, err = trip(limited)
	}
	result := s.judge(ctx, err)
	s.duration.WithLabelValues(result).Observe(s.cfg.Clock().Sub(start).Seconds())
	if err != nil {
		return Unavailable(), fmt.Errorf("velocity: %s: %w", what, err)
	}
	return h, nil
}
