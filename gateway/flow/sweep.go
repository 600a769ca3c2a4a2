package flow

import (
	"context"
	"slices"
	"time"

	"octroi/gateway/payment"
	"octroi/gateway/store"
	"octroi/providers"
)

const (
	// pendingGrace is how long an authorisation without an answer is left to the retry and the notification before the
	// sweeper cancels it by reference.
	pendingGrace = 15 * time.Minute
	// sweepLease is how long the provider has to say what became of a cancel by reference before it is looked at again.
	sweepLease = time.Hour
	sweepEvery = time.Second
)

// actorSweeper is who acts for payments that were left without an outcome.
const actorSweeper = "sweeper"

// stepSweep cancels by reference what was left without an outcome: authorisations whose answer never came, and steps
// that a buyer abandoned, which must not keep the order from being paid for good.
func (f *Flow) stepSweep(ctx context.Context) (bool, error) {
	if !f.steady() {
		return false, nil
	}
	ids, err := f.left(ctx)
	if err != nil {
		return false, err
	}
	for _, id := range ids {
		err := f.sweep(ctx, id)
		if ctx.Err() != nil {
			return false, ctx.Err()
		}
		if err != nil { // one payment that cannot be read or written holds up no other
			f.Logger.Error("payment not swept", "payment", id, "error", err)
		}
	}
	return false, nil
}

// left names payments that were left without an outcome.
func (f *Flow) left(ctx context.Context) ([]string, error) {
	ids, err := f.Store.StalePending(ctx, f.Clock().Add(-pendingGrace), claimLimit)
	if err != nil {
		return nil, err
	}
	for id, shop := range f.Shops {
		waiting, err := f.Store.StaleActions(ctx, id, f.Clock().Add(-shop.actionTimeout()), claimLimit)
		if err != nil {
			return nil, err
		}
		ids = append(ids, waiting...)
	}
	due, err := f.Store.DueActions(ctx, f.Clock(), claimLimit)
	return append(ids, due...), err
}

// sweep asks the provider to cancel whatever it may have authorised for the payment.
func (f *Flow) sweep(ctx context.Context, id string) error {
	_, err := f.change(ctx, id, func(cur store.Snapshot) (store.Writes, error) {
		p := cur.Payment
		if !unsettled(p.Status) || f.Clock().Before(cur.LeaseUntil) {
			return store.Writes{}, nil // somebody has come back to it since
		}
		// The lease keeps the sweeper from coming back while the cancel is on its way.
		w := store.Writes{Payment: &p, Lease: sweepLease}
		p.UpdatedAt = f.now()
		if p.Method.Type.Offline() {
			w.Lease = 0
			f.end(&p, &w, payment.Expired, actorSweeper, "payment.expired")
			return w, nil
		}
		if waits := unanswered(&p, &w, p.UpdatedAt); waits {
			return w, nil
		}
		if err := f.addOperation(&p, &w, payment.OpCancel, providers.Amount{}, "no outcome in time", actorSweeper); err != nil {
			return w, err
		}
		w.Audit = []store.Audit{{At: p.UpdatedAt, Actor: actorSweeper, Action: "payment.swept", Subject: p.ID}}
		return w, nil
	})
	return err
}

// end ends a payment of which nothing is anywhere but here.
func (f *Flow) end(p *payment.Payment, w *store.Writes, next payment.Status, actor, event string) {
	p.Status, p.Action, p.Due = next, nil, time.Time{}
	w.Audit = append(w.Audit, store.Audit{At: p.UpdatedAt, Actor: actor, Action: event, Subject: p.ID})
	w.Outbox = append(w.Outbox, f.webhook(event, store.Snapshot{Payment: *p})...)
}

// unanswered reports whether a cancel of the payment still waits for the provider's word. One that has waited a day is
// given up, so that another can be asked for.
func unanswered(p *payment.Payment, w *store.Writes, now time.Time) (waits bool) {
	ops := slices.Clone(p.Operations)
	for i, op := range ops {
		if op.Type != payment.OpCancel || op.Status != payment.OpRequested && op.Status != payment.OpSent {
			continue
		}
		if now.Sub(op.UpdatedAt) < dayWindow {
			return true
		}
		ops[i].Status, ops[i].UpdatedAt = payment.OpFailed, now
		w.Operations = append(w.Operations, ops[i])
	}
	p.Operations = ops
	return false
}
