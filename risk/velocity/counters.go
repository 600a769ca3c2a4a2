package velocity

import (
	"context"
	"fmt"
	"strconv"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"

	"octroi/risk"
)

// counter is what one record does to the counts of its counted entities.
type counter struct {
	keys   [len(widths)]string
	spans  [len(widths)]int64
	fields [len(widths)][]any // names
	expire [len(widths)]bool
	counts []series // to be read
	reads  []reading
}

// reading is one HMGET, and where its answers go.
type reading struct {
	width int
	span  int64
	args  []any // of HMGET
	into  []*uint32
	cmd   *redis.SliceCmd
}

// tallies are what the policies of a shop ask, and whether any needs the buckets of an hour.
func (s *Store) tallies(shop string) (asked []risk.Tally, hours bool) {
	if s.cfg.Tallies == nil {
		return nil, false
	}
	asked = s.cfg.Tallies(shop)
	for _, t := range asked {
		if w, ok := widthOf(t.Window, t.Delay); ok && w == coarse {
			return asked, true
		}
	}
	return asked, false
}

// counterOf says where the record counts.
func (s *Store) counterOf(n *names, rec *risk.Record, hours bool) (c counter, happens bool) {
	events, most := counted(rec)
	if most == 0 {
		return c, false
	}
	for i, w := range widths {
		if i == coarse && !hours {
			continue
		}
		b := rec.At.UnixMilli() / w.bucket
		c.spans[i] = b / w.per
		c.keys[i] = n.countsKey(s.cfg.Prefix, w, c.spans[i])
		c.fields[i] = make([]any, 0, 4)
		for _, e := range risk.CountedEntities() {
			value := whose(e, rec)
			for _, ev := range events[:most] {
				if value != "" {
					c.fields[i] = append(c.fields[i], field(b%w.per, value, ev))
				}
			}
		}
	}
	return c, true
}

// ask adds the reading of what the shop's policies ask about.
func (c *counter) ask(s *Store, tallies []risk.Tally, n *names, rec *risk.Record) {
	c.counts = plan(tallies, rec)
	for i := range c.counts {
		from := &c.counts[i]
		w, value := &widths[from.width], whose(from.entity, rec)
		now := rec.At.UnixMilli() / w.bucket
		for j := range from.buckets {
			b := now - int64(j)
			r := c.reading(s, n, from.width, b/w.per)
			r.args, r.into = append(r.args, field(b%w.per, value, from.event)), append(r.into, &from.buckets[j])
		}
	}
}

// reading is the one of that span, made when it is new.
func (c *counter) reading(s *Store, n *names, width int, span int64) *reading {
	for i := range c.reads {
		if r := &c.reads[i]; r.span == span && r.width == width {
			return r
		}
	}
	key := c.keys[width]
	if span != c.spans[width] {
		key = n.countsKey(s.cfg.Prefix, widths[width], span)
	}
	c.reads = append(c.reads, reading{width: width, span: span, args: append(make([]any, 0, 16), "hmget", key), into: make([]*uint32, 0, 16)})
	return &c.reads[len(c.reads)-1]
}

// queue puts the counting on the pipeline, and after it the reading.
func (c *counter) queue(ctx context.Context, pipe redis.Pipeliner) {
	for i, w := range widths {
		for _, f := range c.fields[i] {
			_ = pipe.Process(ctx, redis.NewIntCmd(ctx, "hincrby", c.keys[i], f, 1))
		}
		if c.expire[i] {
			pipe.PExpire(ctx, c.keys[i], w.life)
		}
	}
	for i := range c.reads {
		c.reads[i].cmd = redis.NewSliceCmd(ctx, c.reads[i].args...)
		_ = pipe.Process(ctx, c.reads[i].cmd)
	}
}

// answer puts what was read in its place.
func (c *counter) answer() error {
	for _, r := range c.reads {
		values, err := r.cmd.Result()
		if err != nil {
			return err
		}
		if len(values) != len(r.into) {
			return fmt.Errorf("asked for %d counts, Redis answered %d", len(r.into), len(values))
		}
		for i, v := range values {
			if text, ok := v.(string); ok {
				n, err := strconv.ParseUint(text, 10, 32)
				if err != nil {
					n = 0 // below zero: taken back in a bucket that was lost in between
				}
				*r.into[i] = uint32(n)
			}
		}
	}
	return nil
}

// beside are the lists that lie on one server with the counts, and so prove that an attempt they hold was counted, which
// is done first. On a Redis Cluster the counts may have failed alone: where nothing proves the contrary a count too many
// is better than one too few.
func (s *Store) beside(ctx context.Context, b *batch, c *counter, lists *[risk.EntityCount]string) *[risk.EntityCount]string {
	cluster, ok := s.rdb.(*redis.ClusterClient)
	if !ok {
		return lists
	}
	var proof [risk.EntityCount]string
	home, err := cluster.MasterForKey(ctx, c.keys[fine])
	if err != nil {
		return &proof
	}
	at := func(key string) bool {
		node, err := cluster.MasterForKey(ctx, key)
		return err == nil && node == home
	}
	if key := c.keys[coarse]; key != "" && !at(key) {
		return &proof
	}
	for i := range b.calls {
		for j, e := range b.calls[i].entities {
			if at(b.calls[i].keys[j]) {
				proof[e] = lists[e]
			}
		}
	}
	return &proof
}

// takeBack uncounts an attempt that was counted before. Its error is no one's concern: the count stays one too high,
// as it would after any command whose answer was lost.
func (s *Store) takeBack(ctx context.Context, c *counter) {
	takeBack(c.counts)
	_, _ = s.rdb.Pipelined(ctx, func(pipe redis.Pipeliner) error {
		for i := range widths {
			for _, f := range c.fields[i] {
				_ = pipe.Process(ctx, redis.NewIntCmd(ctx, "hincrby", c.keys[i], f, -1))
			}
		}
		return nil
	})
}

// living are the keys of counts to which this process gave their time to live: an order need not give it again.
type living struct {
	mu   sync.Mutex
	keys map[string]bool
}

// maxLiving bounds what is remembered: two keys a shop, renewed every few hours.
const maxLiving = 10_000

func (l *living) has(key string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.keys[key]
}

func (l *living) add(keys ...string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.keys == nil || len(l.keys) >= maxLiving {
		l.keys = map[string]bool{}
	}
	for _, k := range keys {
		l.keys[k] = true
	}
}

// recount notes what a record of the journal adds, unless no window will reach it any more.
func (s *Store) recount(r recount, shop string, rec *risk.Record, now time.Time) {
	if now.Sub(rec.At) > widths[coarse].life {
		return
	}
	if c, ok := s.counterOf(s.namer.name(shop, &risk.Record{ID: rec.ID}), rec, true); ok {
		r.add(&c)
	}
}

// raiseAll puts the counts of a journal in place, a few fields at a time.
func (s *Store) raiseAll(ctx context.Context, r recount) error {
	for key, counts := range r {
		part := map[string]int64{}
		for f, n := range counts {
			part[f] = n
			if len(part) == 500 {
				if err := s.raise(ctx, key, part); err != nil {
					return err
				}
				clear(part)
			}
		}
		if err := s.raise(ctx, key, part); err != nil {
			return err
		}
	}
	return nil
}

// recount gathers the counts of a journal, to be put in place when all of it is read.
type recount map[string]map[string]int64 // by key and field

func (r recount) add(c *counter) {
	for i, key := range c.keys {
		if r[key] == nil {
			r[key] = map[string]int64{}
		}
		for _, f := range c.fields[i] {
			r[key][f.(string)]++
		}
	}
}

// raise lifts each count to what the journal says, to live as long as the longest do. None is lowered, so that it may be
// done again and while orders come.
func (s *Store) raise(ctx context.Context, key string, counts map[string]int64) error {
	if len(counts) == 0 {
		return nil
	}
	args := make([]any, 0, 2*len(counts)+1)
	args = append(args, widths[coarse].life.Milliseconds())
	for f, n := range counts {
		args = append(args, f, n)
	}
	if err := s.raiseScript.Run(ctx, s.rdb, []string{key}, args...).Err(); err != nil && err != redis.Nil {
		return fmt.Errorf("velocity: rebuild counts: %w", err)
	}
	return nil
}
