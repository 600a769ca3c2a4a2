package flow

import (
	"context"
	"time"

	"octroi/gateway/hold"
	"octroi/gateway/payment"
	"octroi/gateway/store"
	"octroi/providers"
)

// cancelPatience is how long after a cancel that failed the next one is sent; it doubles each time, up to a day.
const cancelPatience = 15 * time.Minute

// cancelAgain asks once more for a cancel that failed, of a payment that nobody here wants any more: its money must not
// stay reserved because a provider said no once. It goes on until the authorisation has lapsed by itself. A shop's own
// cancel is the shop's to repeat, which the webhook tells it.
func (f *Flow) cancelAgain(p *payment.Payment, w *store.Writes, failed payment.Operation) error {
	if failed.Actor == hold.ActorShop || !p.Status.Live() || p.Authorisation == nil || running(p.Operations, payment.OpCancel) {
		return nil
	}
	before := len(w.Outbox)
	if err := f.addOperation(p, w, payment.OpCancel, providers.Amount{}, "the cancel before failed", failed.Actor); err != nil {
		return err
	}
	wait := min(cancelPatience<<min(cancelsFailed(*p)-1, 8), dayWindow)
	for i := range w.Outbox[before:] {
		w.Outbox[before+i].Due = f.now().Add(wait)
	}
	return nil
}

func cancelsFailed(p payment.Payment) (n int) {
	for _, op := range p.Operations {
		if op.Type == payment.OpCancel && op.Status == payment.OpFailed {
			n++
		}
	}
	return n
}

// lapsedMeanwhile reports a cancel asked for again of an authorisation that has ended by itself.
func (f *Flow) lapsedMeanwhile(p payment.Payment, op payment.Operation) bool {
	return op.Type == payment.OpCancel && cancelsFailed(p) > 0 && p.Status.Live() && !taken(p) &&
		p.Authorisation != nil && !p.Authorisation.ExpiresAt.IsZero() && f.Clock().After(p.Authorisation.ExpiresAt.Add(dayWindow))
}

// lapsed ends a payment whose authorisation has lapsed while its cancel failed again and again.
func (f *Flow) lapsed(ctx context.Context, m store.Message, opID string) error {
	_, err := f.change(ctx, m.PaymentID, func(cur store.Snapshot) (store.Writes, error) {
		w := store.Writes{Done: []int64{m.ID}}
		op, found := operationOf(cur.Payment, opID)
		if !found || op.Status != payment.OpRequested || !f.lapsedMeanwhile(cur.Payment, op) {
			return w, nil
		}
		p := withOperation(cur.Payment, &w, op, payment.OpFailed, f.now())
		f.end(&p, &w, payment.Expired, hold.ActorPolicy, "payment.expired")
		w.Payment = &p
		return w, nil
	})
	return err
}

// withOperation is the payment with one of its operations in another status.
func withOperation(p payment.Payment, w *store.Writes, op payment.Operation, status payment.OperationStatus, now time.Time) payment.Payment {
	op.Status, op.UpdatedAt, p.UpdatedAt = status, now, now
	ops := make([]payment.Operation, len(p.Operations))
	for i, have := range p.Operations {
		if ops[i] = have; have.ID == op.ID {
			ops[i] = op
		}
	}
	p.Operations, w.Operations = ops, append(w.Operations, op)
	return p
}
