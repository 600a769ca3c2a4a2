package main

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"

	"octroi/gateway/store"
	"octroi/risk"
	"octroi/risk/velocity"
)

// silent takes what the Redis client would print on its own, past our log: every failure comes back to us as an error
// as well, and is logged there.
type silent struct{}

// Printf implements the client's logger.
func (silent) Printf(context.Context, string, ...any) {}

// redisSettings is what was found wrong with a Redis server's settings.
//
// None of it stops the start: Redis holds nothing that cannot be made again from the database, so the worst is orders
// decided on short histories until "octroi velocity rebuild" has run. It must be seen, though: it is in the log at
// start and under /readyz until the settings are mended and the program is started again.
type redisSettings struct{ problems []string }

// readRedisSettings asks the server; of a Cluster every node, since any of its replicas may become a master. Behind
// Sentinels it is the master of now. Hosted ones often forbid CONFIG, which is said as well.
func readRedisSettings(ctx context.Context, rdb redis.UniversalClient) redisSettings {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	cluster, ok := rdb.(*redis.ClusterClient)
	if !ok {
		return redisSettings{problemsOf(ctx, rdb)}
	}
	var all []string
	var mu sync.Mutex
	err := cluster.ForEachShard(ctx, func(ctx context.Context, node *redis.Client) error {
		found := problemsOf(ctx, node)
		mu.Lock()
		defer mu.Unlock()
		all = append(all, found...)
		return nil
	})
	if err != nil {
		return redisSettings{[]string{"the settings of the Cluster's nodes could not be read: none of them told which there are"}}
	}
	slices.Sort(all)
	return redisSettings{slices.Compact(all)}
}

// problemsOf is what is wrong with the settings of one server.
func problemsOf(ctx context.Context, rdb redis.Cmdable) (problems []string) {
	for _, want := range []struct{ name, value, why string }{
		{"maxmemory-policy", "noeviction", "histories may vanish one by one when memory runs short, and orders look younger than they are"},
		{"appendonly", "yes", "histories are lost when the server restarts, until they are rebuilt"},
	} {
		got, err := rdb.ConfigGet(ctx, want.name).Result()
		switch value, known := got[want.name]; {
		case err != nil || !known:
			problems = append(problems, fmt.Sprintf("%s could not be read; it should be %s", want.name, want.value))
		case value != want.value:
			problems = append(problems, fmt.Sprintf("%s is %s and should be %s: %s", want.name, value, want.value, want.why))
		}
	}
	return problems
}

// retention is how long histories are kept: as far back as any shop's policy looks. A policy that is changed to look
// further back sees so far from the next start on.
func retention(shops []Shop) time.Duration {
	longest := velocity.DefaultRetention
	for _, s := range shops {
		_, p, err := readPolicy(s.Policy)
		if err != nil {
			continue // said where policies are loaded
		}
		for _, back := range p.Horizon() {
			longest = max(longest, back)
		}
	}
	return longest
}

// shopTallies are the counts of the whole shop that each shop's policy asks for, as the files stand now.
func shopTallies(shops []Shop) func(string) []risk.Tally {
	asked := map[string][]risk.Tally{}
	for _, s := range shops {
		if _, p, err := readPolicy(s.Policy); err == nil {
			asked[s.ID] = p.Tallies()
		}
	}
	return func(shop string) []risk.Tally { return asked[shop] }
}

// rebuild fills the histories of every shop from the database's journal and tells how many events it sent.
func rebuild(ctx context.Context, s *store.Store, v *velocity.Store, shops []Shop, now time.Time) (int, error) {
	total := 0
	for _, shop := range shops {
		n, err := v.Rebuild(ctx, shop.ID, journalOf(ctx, s, shop.ID, now.Add(-retention(shops))))
		total += n
		if err != nil {
			return total, fmt.Errorf("rebuild the histories of %s: %w", shop.ID, err)
		}
	}
	return total, nil
}

// journalOf is one shop's part of the journal. The journal is read once per shop: shops are few, and Rebuild takes one
// shop at a time.
func journalOf(ctx context.Context, s *store.Store, shop string, since time.Time) iter.Seq2[risk.Record, error] {
	return func(yield func(risk.Record, error) bool) {
		for e, err := range s.Journal(ctx, since) {
			if err == nil && e.Shop != shop {
				continue
			}
			if !yield(e.Record, err) || err != nil {
				return
			}
		}
	}
}
