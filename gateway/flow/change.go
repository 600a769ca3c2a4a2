package flow

import (
	"context"

	"octroi/gateway/store"
)

// change is store.Change with its metrics.
func (f *Flow) change(ctx context.Context, paymentID string, fn func(store.Snapshot) (store.Writes, error)) (store.Snapshot, error) {
	var written store.Writes
	snap, err := f.Store.Change(ctx, paymentID, f.noting(&written, fn))
	return snap, f.noted(written, err)
}

// changeCase is store.ChangeCase with its metrics.
func (f *Flow) changeCase(ctx context.Context, caseID string, fn func(store.Snapshot) (store.Writes, error)) (store.Snapshot, error) {
	var written store.Writes
	snap, err := f.Store.ChangeCase(ctx, caseID, f.noting(&written, fn))
	return snap, f.noted(written, err)
}

// noting remembers the writes of the run of fn that is committed, and the status they start from: a transaction may
// be run again.
func (f *Flow) noting(into *store.Writes, fn func(store.Snapshot) (store.Writes, error)) func(store.Snapshot) (store.Writes, error) {
	return func(cur store.Snapshot) (store.Writes, error) {
		w, err := fn(cur)
		*into = w
		if w.Payment != nil && w.Payment.Status == cur.Payment.Status {
			into.Payment = nil // counted only when its status changes
		}
		return w, err
	}
}

func (f *Flow) noted(w store.Writes, err error) error {
	if err == nil {
		f.metrics.written(w)
	}
	return err
}
