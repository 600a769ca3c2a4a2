package velocity

import (
	"context"
	"fmt"
	"iter"
	"strconv"

	"github.com/redis/go-redis/v9"

	"octroi/risk"
)

// batchSize is how many records go in one pipeline: at eleven entities each, some 30 kB.
const batchSize = 32

// batch is one pipeline of calls to one script.
type batch struct {
	store  *Store
	script *redis.Script
	calls  []call
	record []byte // the latest one added, encoded
}

// call is one script call, for the lists of one record that one server is known to hold together.
type call struct {
	entities []risk.Entity
	keys     []string
	args     []any
	cmd      *redis.Cmd
}

func (s *Store) newBatch(script *redis.Script) *batch {
	return &batch{store: s, script: script}
}

// add queues a record for the list of each entity it names, to live for ttl milliseconds more.
func (b *batch) add(ctx context.Context, shop string, rec *risk.Record, ttl string) {
	s := b.store
	n := s.namer.name(shop, rec)
	b.record = encode(make([]byte, 0, maxRecord), rec, n)
	r, _ := next(string(b.record))
	cutoff := limitsFor(r, 1, s.cfg.Retention).cutoff
	var c *call
	for e := range risk.EntityCount {
		if n.mask&(1<<e) == 0 {
			continue
		}
		if c == nil || s.scattered {
			b.calls = append(b.calls, call{args: append(make([]any, 0, 3+3*risk.EntityCount), b.record, ttl, cutoff)})
			c = &b.calls[len(b.calls)-1]
		}
		l := limitsFor(r, s.cfg.Caps[e], s.cfg.Retention)
		c.entities, c.keys = append(c.entities, e), append(c.keys, n.key(s.cfg.Prefix, e))
		c.args = append(c.args, l.trigger, l.cap, l.most)
	}
}

// send runs the pipeline. Calls refused because a server does not know the script (it was restarted) were not run:
// they alone are sent again, with the script.
func (b *batch) send(ctx context.Context) error {
	if len(b.calls) == 0 {
		return nil
	}
	pipe := b.store.rdb.Pipeline()
	for i := range b.calls {
		c := &b.calls[i]
		c.cmd = b.script.EvalSha(ctx, pipe, c.keys, c.args...)
	}
	_, err := pipe.Exec(ctx)
	if err == nil {
		return nil
	}
	again := b.store.rdb.Pipeline()
	for i := range b.calls {
		c := &b.calls[i]
		err := c.cmd.Err()
		if redis.HasErrorPrefix(err, "NOSCRIPT") {
			c.cmd = b.script.Eval(ctx, again, c.keys, c.args...)
		} else if err != nil {
			return err
		}
	}
	if again.Len() == 0 {
		return err
	}
	_, err = again.Exec(ctx)
	return err
}

// Append adds events to the histories of the entities they name: outcomes, as they become known, and attempts that
// Observe could not store. It may be repeated after a failure, as often as needed: an event counts once, by its
// record's ID, kind and code. The context is its only bound in time beside the client's own timeouts.
func (s *Store) Append(ctx context.Context, shop string, recs ...risk.Record) error {
	for i := range recs {
		if err := check(&recs[i]); err != nil {
			return err
		}
	}
	for len(recs) > 0 {
		n := min(len(recs), batchSize)
		b := s.newBatch(s.append)
		for i := range recs[:n] {
			b.add(ctx, shop, &recs[i], s.ttl)
		}
		if err := b.send(ctx); err != nil {
			return fmt.Errorf("velocity: append: %w", err)
		}
		recs = recs[n:]
	}
	return nil
}

// Rebuild fills one shop's histories from its journal of records, in whatever order they come, while the shop goes on
// selling. Each event is put in its place by time unless it is there already, so it may be run again, and on a Redis
// that is not empty. It reports how many records it sent; those past their retention are passed over. Records that
// cannot be stored are left out and named in the error at the end; any other error ends it at once.
func (s *Store) Rebuild(ctx context.Context, shop string, recs iter.Seq2[risk.Record, error]) (int, error) {
	sent, left := 0, 0
	var first error
	b, queued := s.newBatch(s.merge), 0
	flush := func() error {
		if err := b.send(ctx); err != nil {
			return fmt.Errorf("velocity: rebuild: %w", err)
		}
		sent, queued, b = sent+queued, 0, s.newBatch(s.merge)
		return nil
	}
	now := s.cfg.Clock()
	for rec, err := range recs {
		if err != nil {
			return sent, fmt.Errorf("velocity: rebuild: read journal: %w", err)
		}
		if err := check(&rec); err != nil {
			if left++; first == nil {
				first = fmt.Errorf("record %q: %w", rec.ID, err)
			}
			continue
		}
		life := rec.At.Add(s.cfg.Retention).Sub(now)
		if life <= 0 {
			continue
		}
		b.add(ctx, shop, &rec, strconv.FormatInt(min(life, s.cfg.Retention).Milliseconds()+1, 10))
		if queued++; queued == batchSize {
			if err := flush(); err != nil {
				return sent, err
			}
		}
	}
	if err := flush(); err != nil {
		return sent, err
	}
	if left > 0 {
		return sent, fmt.Errorf("velocity: rebuild: %d records left out, the first: %w", left, first)
	}
	return sent, nil
}
