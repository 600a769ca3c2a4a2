package flow

import (
	"context"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"octroi/gateway/store"
)

// What background work takes at a time, and how long it may hold it before another process may.
const (
	claimLimit = 64
	claimLease = time.Minute
	parallel   = 8
)

// Run does the background work until ctx ends: operations at the provider, its notifications, the histories, the clock
// of the cases, the sweeper, the audit chain. It puts down what it has in hand and then returns nil. Several processes
// may run it on one store.
func (f *Flow) Run(ctx context.Context) error {
	if err := f.refreshLists(ctx); err != nil {
		return err
	}
	var wg sync.WaitGroup
	for _, w := range []worker{
		{"operations", f.Store.Wake(operationKinds()...), time.Second, f.stepOperations},
		{"notifications", f.Store.WakeNotifications(), time.Second, f.stepNotifications},
		{"histories", f.Store.WakeHistory(), time.Second, f.stepHistories},
		{"cases", nil, time.Second, f.stepCases},
		{"sweeper", nil, sweepEvery, f.stepSweep},
		{"audit", nil, time.Second, f.stepAudit},
		{"orphans", nil, orphanAge, f.stepOrphans},
		{"retention", nil, retentionEvery, f.stepRetention},
		{"lists", nil, listsRefresh, func(ctx context.Context) (bool, error) { return false, f.refreshLists(ctx) }},
	} {
		wg.Go(func() { f.loop(ctx, w) })
	}
	wg.Wait()
	return nil
}

// worker is one kind of background work. step does a bounded amount of it and says whether there is more.
type worker struct {
	name  string
	wake  <-chan struct{}
	every time.Duration
	step  func(context.Context) (more bool, err error)
}

// loop runs a worker whenever it is woken, and every so often in case nobody did.
func (f *Flow) loop(ctx context.Context, w worker) {
	tick := time.NewTicker(w.every)
	defer tick.Stop()
	for ctx.Err() == nil {
		// What is in hand is finished even when the program stops, within a bound.
		step, cancel := context.WithTimeout(context.WithoutCancel(ctx), claimLease/2)
		more, err := w.step(step)
		cancel()
		if err != nil {
			f.Logger.Error("background work failed", "work", w.name, "error", err)
		} else if more {
			continue
		}
		select {
		case <-ctx.Done():
		case <-w.wake:
		case <-tick.C:
		}
	}
}

// each runs fn over all items, a few at a time. Failures belong to their item.
func each[T any](items []T, fn func(T)) {
	var g errgroup.Group
	g.SetLimit(parallel)
	for _, it := range items {
		g.Go(func() error { fn(it); return nil })
	}
	_ = g.Wait() // nothing of it fails: fn keeps its own errors
}

// stepNotifications carries stored notifications out.
func (f *Flow) stepNotifications(ctx context.Context) (bool, error) {
	ns, err := f.Store.ClaimNotifications(ctx, claimLimit, claimLease)
	if err != nil {
		return false, err
	}
	each(ns, func(n store.StoredNotification) {
		if err := f.carryOut(ctx, n); err != nil {
			f.postpone(ctx, n, err)
		}
	})
	return len(ns) == claimLimit, nil
}

// postpone looks at a notification again later: its payment may not be written yet, or the store was away. One that
// never finds its payment is kept for the operator to see.
func (f *Flow) postpone(ctx context.Context, n store.StoredNotification, why error) {
	wait := min(time.Second<<min(n.Attempts, 12), time.Hour)
	f.Logger.Warn("notification postponed", "notification", n.ID, "code", n.Code, "attempts", n.Attempts, "error", why)
	if err := f.Store.RetryNotification(ctx, n.Key(), f.Clock().Add(wait), why.Error()); err != nil {
		f.Logger.Error("notification not postponed", "notification", n.ID, "error", err)
	}
}

// stepHistories brings committed events to the velocity histories.
func (f *Flow) stepHistories(ctx context.Context) (bool, error) {
	entries, err := f.Store.ClaimHistory(ctx, 8*claimLimit, claimLease)
	if err != nil || len(entries) == 0 {
		return false, err
	}
	byShop := map[string][]store.JournalEntry{}
	for _, e := range entries {
		byShop[e.Shop] = append(byShop[e.Shop], e)
	}
	for shop, es := range byShop {
		if err := f.appendHistories(ctx, shop, es); err != nil {
			return false, err
		}
	}
	return len(entries) == 8*claimLimit, nil
}

// stepAudit chains what has been committed to the audit log.
func (f *Flow) stepAudit(ctx context.Context) (bool, error) {
	n, err := f.Store.SealAudit(ctx, 8*claimLimit)
	return n == 8*claimLimit, err
}
