package velocity

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"time"

	"github.com/redis/go-redis/v9"

	"octroi/risk"
)

// batchSize is how many records go in one pipeline: at eleven entities each, some 30 kB.
const batchSize = 32

// batch is one pipeline that adds records to their lists.
type batch struct {
	store *Store
	// merge puts records in their place by time; otherwise they go to the end.
	merge bool
	// read asks for the lists as they are after the record.
	read     bool
	calls    []call
	counters []counter
	record   []byte // the latest one added, encoded
}

// call adds one record to some of its lists: those that one server is known to hold together.
type call struct {
	entities []risk.Entity
	keys     []string
	limits   []limits
	args     []any // of the script; limits follow
	ttl      time.Duration
	script   *redis.Script // nil when plain commands do
	cmd      *redis.Cmd
	lists    []*redis.StringCmd
}

// add queues a record for the list of each entity it names, to live for ttl more.
func (b *batch) add(shop string, rec *risk.Record, ttl time.Duration) {
	s := b.store
	n := s.namer.name(shop, rec)
	b.record = encode(make([]byte, 0, maxRecord), rec, n)
	r, _ := next(string(b.record))
	b.count(shop, rec, n, r.id)
	var c *call
	for e := range risk.EntityCount {
		if n.mask&(1<<e) == 0 {
			continue
		}
		if c == nil || s.scattered {
			b.calls = append(b.calls, call{ttl: ttl, args: []any{b.record}})
			c = &b.calls[len(b.calls)-1]
		}
		l := limitsFor(r, s.cfg.Caps[e], s.cfg.Retention)
		if c.entities = append(c.entities, e); b.merge {
			c.script = s.mergeScript
		} else if l.due {
			c.script = s.cutScript
		}
		c.keys, c.limits = append(c.keys, n.key(s.cfg.Prefix, e)), append(c.limits, l)
	}
}

// count queues the counting of a record. Orders give a key its time to live once in a process, and now and again;
// what comes later does so each time, because it may come to a key that has expired.
func (b *batch) count(shop string, rec *risk.Record, n *names, id uint64) {
	if b.merge {
		return
	}
	tallies, hours := b.store.tallies(shop)
	c, ok := b.store.counterOf(n, rec, hours)
	if !ok {
		return
	}
	for i, key := range c.keys {
		c.expire[i] = key != "" && (!b.read || id%cutEvery == 0 || !b.store.living.has(key))
	}
	if b.read {
		c.ask(b.store, tallies, n, rec)
	}
	b.counters = append(b.counters, c)
}

// queue puts the call on the pipeline.
func (b *batch) queue(ctx context.Context, pipe redis.Pipeliner, c *call) {
	if c.script != nil {
		c.args = append(c.args, c.ttl.Milliseconds(), c.limits[0].cutoff, c.limits[0].due)
		for _, l := range c.limits {
			c.args = append(c.args, l.cap, l.most)
		}
		c.cmd = c.script.EvalSha(ctx, pipe, c.keys, c.args...)
		return
	}
	record := string(c.args[0].([]byte))
	for _, key := range c.keys {
		pipe.Append(ctx, key, record)
		if b.read {
			c.lists = append(c.lists, pipe.GetEx(ctx, key, c.ttl))
		} else {
			pipe.PExpire(ctx, key, c.ttl)
		}
	}
}

// send runs the pipeline. Calls refused because a server does not know the script (it was restarted) were not run:
// they alone are sent again, with the script.
func (b *batch) send(ctx context.Context) error {
	if len(b.calls)+len(b.counters) == 0 {
		return nil
	}
	pipe := b.store.rdb.Pipeline()
	// Counts go first: where one server holds all, a list that has the attempt proves that it was counted.
	for i := range b.counters {
		b.counters[i].queue(ctx, pipe)
	}
	for i := range b.calls {
		b.queue(ctx, pipe, &b.calls[i])
	}
	cmds, first := pipe.Exec(ctx)
	if first == nil {
		b.expiring()
		return nil
	}
	for _, cmd := range cmds {
		if err := cmd.Err(); err != nil && !redis.HasErrorPrefix(err, "NOSCRIPT") {
			return err
		}
	}
	again := b.store.rdb.Pipeline()
	for i := range b.calls {
		if c := &b.calls[i]; c.cmd != nil && c.cmd.Err() != nil {
			c.cmd = c.script.Eval(ctx, again, c.keys, c.args...)
		}
	}
	if again.Len() == 0 {
		return first
	}
	_, err := again.Exec(ctx)
	return err
}

// expiring remembers which keys of counts were given their time to live.
func (b *batch) expiring() {
	for i := range b.counters {
		for j, given := range b.counters[i].expire {
			if given {
				b.store.living.add(b.counters[i].keys[j])
			}
		}
	}
}

// answer gives the call's lists, in the order of its entities.
func (c *call) answer() ([]string, error) {
	if c.script != nil {
		lists, err := c.cmd.StringSlice()
		if err == nil && len(lists) != len(c.entities) {
			err = errors.New("the script answered something else")
		}
		return lists, err
	}
	lists := make([]string, len(c.lists))
	for i, cmd := range c.lists {
		if cmd.Err() != nil {
			return nil, cmd.Err()
		}
		lists[i] = c.limits[i].view(cmd.Val())
	}
	return lists, nil
}

// Append adds events to the histories of the entities they name: outcomes, as they become known, and attempts that
// Observe could not store. It may be repeated after a failure, as often as needed: an event counts once, by its
// record's ID, kind and code; counted entities count it each time. The context is its only bound in time beside the client's own timeouts.
func (s *Store) Append(ctx context.Context, shop string, recs ...risk.Record) error {
	for i := range recs {
		if err := check(&recs[i]); err != nil {
			return err
		}
	}
	for len(recs) > 0 {
		n := min(len(recs), batchSize)
		b := &batch{store: s}
		for i := range recs[:n] {
			b.add(shop, &recs[i], s.cfg.Retention)
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
// that is not empty. It reports how many records it sent; those past their retention are passed over. Counts
// are raised to what the journal holds, never lowered; one that grew while it was read may miss what came meanwhile,
// which running it again mends. The journal holds each event once. Records that
// cannot be stored are left out and named in the error at the end; any other error ends it at once.
func (s *Store) Rebuild(ctx context.Context, shop string, recs iter.Seq2[risk.Record, error]) (int, error) {
	sent, left := 0, 0
	var first error
	b, queued := &batch{store: s, merge: true}, 0
	flush := func() error {
		if err := b.send(ctx); err != nil {
			return fmt.Errorf("velocity: rebuild: %w", err)
		}
		sent, queued, b = sent+queued, 0, &batch{store: s, merge: true}
		return nil
	}
	now, counts := s.cfg.Clock(), recount{}
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
		s.recount(counts, shop, &rec, now)
		life := rec.At.Add(s.cfg.Retention).Sub(now)
		if life <= 0 {
			continue
		}
		b.add(shop, &rec, min(life, s.cfg.Retention)+time.Millisecond)
		if queued++; queued == batchSize {
			if err := flush(); err != nil {
				return sent, err
			}
		}
	}
	if err := flush(); err != nil {
		return sent, err
	}
	if err := s.raiseAll(ctx, counts); err != nil {
		return sent, err
	}
	if left > 0 {
		return sent, fmt.Errorf("velocity: rebuild: %d records left out, the first: %w", left, first)
	}
	return sent, nil
}
