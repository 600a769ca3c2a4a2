package flow

import (
	"context"
	"sync"
	"time"

	"octroi/gateway/payment"
	"octroi/gateway/store"
)

// maxBatch bounds the assessments of one transaction.
const maxBatch = 500

// batcher writes assessments many to a transaction: every caller waits for the commit that holds its own, so that an
// answer is durable without costing a transaction of its own. While one commit runs, the next batch gathers.
type batcher struct {
	store *store.Store
	mu    sync.Mutex
	queue []waiting
	busy  bool // a goroutine is committing
}

// waiting is one assessment and the caller who waits for its commit.
type waiting struct {
	row  store.Assessment
	done chan error // holds one
}

func newBatcher(s *store.Store) *batcher { return &batcher{store: s} }

// save returns once the assessment is committed, or says why it is not.
func (b *batcher) save(ctx context.Context, a store.Assessment) error {
	w := waiting{row: a, done: make(chan error, 1)}
	b.mu.Lock()
	b.queue = append(b.queue, w)
	lead := !b.busy
	b.busy = true
	b.mu.Unlock()
	if lead {
		go b.drain()
	}
	select {
	case err := <-w.done:
		return err
	case <-ctx.Done():
		return payment.Unavailable("The database", ctx.Err())
	}
}

// drain commits batch after batch until nobody waits.
func (b *batcher) drain() {
	for {
		b.mu.Lock()
		n := min(len(b.queue), maxBatch)
		take := b.queue[:n:n]
		b.queue = b.queue[n:]
		if n == 0 {
			b.queue, b.busy = nil, false
			b.mu.Unlock()
			return
		}
		b.mu.Unlock()
		rows := make([]store.Assessment, n)
		for i, w := range take {
			rows[i] = w.row
		}
		// The batch belongs to many callers: none of their contexts may end it.
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		err := b.store.SaveAssessments(ctx, rows)
		cancel()
		for _, w := range take {
			w.done <- err
		}
	}
}
