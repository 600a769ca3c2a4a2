package flow

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"octroi/gateway/hold"
	"octroi/gateway/payment"
	"octroi/gateway/store"
	"octroi/providers"
	"octroi/risk"
)

// operationKinds are the messages that ask the provider for an operation.
func operationKinds() []store.Kind {
	return []store.Kind{store.KindCapture, store.KindCancel, store.KindCancelReference, store.KindRefund, store.KindReverse}
}

// stepOperations carries captures, cancellations and refunds to the provider.
func (f *Flow) stepOperations(ctx context.Context) (bool, error) {
	msgs, err := f.Store.Claim(ctx, operationKinds(), claimLimit, claimLease)
	if err != nil {
		return false, err
	}
	each(msgs, func(m store.Message) {
		if err := f.carry(ctx, m); err != nil {
			f.Logger.Warn("operation not carried out", "payment", m.PaymentID, "kind", m.Kind, "attempts", m.Attempts, "error", err)
			if err := f.Store.Retry(ctx, m.ID, f.Clock().Add(backOff(m.Attempts)), err.Error()); err != nil {
				f.Logger.Error("operation not put back", "payment", m.PaymentID, "error", err)
			}
		}
	})
	return len(msgs) == claimLimit, nil
}

// backOff is how long to wait before the next try: 1 s, doubling, at most 10 minutes. Money operations are never
// given up: the provider's idempotency makes another try harmless.
func backOff(attempts int) time.Duration {
	return min(time.Second<<min(attempts, 10), 10*time.Minute)
}

// carry sends one operation to the provider and writes down what it said. An error means: try again, same key.
func (f *Flow) carry(ctx context.Context, m store.Message) error {
	var o order
	if err := json.Unmarshal(m.Payload, &o); err != nil {
		return fmt.Errorf("read the order: %w", err)
	}
	snap, err := f.Store.Payment(ctx, m.Shop, m.PaymentID)
	if err != nil {
		return err
	}
	op, found := operationOf(snap.Payment, o.OperationID)
	if !found || op.Status != payment.OpRequested {
		return f.Store.Done(ctx, m.ID)
	}
	if f.lapsedMeanwhile(snap.Payment, op) {
		return f.lapsed(ctx, m, op.ID)
	}
	if why := obsolete(snap.Payment, op); why != nil {
		return f.sent(ctx, m, op.ID, providers.Receipt{}, why)
	}
	receipt, err := f.send(ctx, m.Kind, snap.Payment, op)
	if err != nil && providers.DoubtOf(err) != providers.Rejected {
		return err
	}
	return f.sent(ctx, m, op.ID, receipt, err)
}

// obsolete says why an operation that waited in the outbox must not be sent any more: what happened meanwhile would make
// it move money twice.
func obsolete(p payment.Payment, op payment.Operation) error {
	switch {
	case op.Type == payment.OpRefund && p.Status == payment.ChargedBack:
		return errors.New("the issuer has taken the money back: a refund would pay it twice")
	case op.Type == payment.OpCapture && !p.Status.Live():
		return fmt.Errorf("the payment is %s: there is nothing to capture", p.Status)
	}
	return nil
}

func operationOf(p payment.Payment, id string) (payment.Operation, bool) {
	for _, op := range p.Operations {
		if op.ID == id {
			return op, true
		}
	}
	return payment.Operation{}, false
}

// send makes the call that the message asks for.
func (f *Flow) send(ctx context.Context, kind store.Kind, p payment.Payment, op payment.Operation) (providers.Receipt, error) {
	ctx, cancel := context.WithTimeout(ctx, f.ProviderBudget)
	defer cancel()
	m := providers.Modification{Shop: p.Shop, PaymentID: p.ID, OperationID: op.ID, Amount: op.Amount}
	if p.Authorisation != nil {
		m.PaymentReference = p.Authorisation.Reference
	}
	call := map[store.Kind]func(context.Context, providers.Modification) (providers.Receipt, error){
		store.KindCapture: f.Provider.Capture, store.KindCancel: f.Provider.Cancel, store.KindRefund: f.Provider.Refund,
		store.KindReverse: f.Provider.Reverse, store.KindCancelReference: f.Provider.CancelByReference}[kind]
	start := f.Clock()
	receipt, err := call(ctx, m)
	label := "received"
	if err != nil {
		label = providers.DoubtOf(err).String()
	}
	f.asked(string(kind), label, err, f.Clock().Sub(start))
	return receipt, err
}

// sent writes down that the provider has the operation in hand, or will not do it.
func (f *Flow) sent(ctx context.Context, m store.Message, opID string, receipt providers.Receipt, refusal error) error {
	_, err := f.change(ctx, m.PaymentID, func(cur store.Snapshot) (store.Writes, error) {
		w := store.Writes{Done: []int64{m.ID}}
		op, found := operationOf(cur.Payment, opID)
		// The notification may have come first and made it final.
		if !found || op.Status != payment.OpRequested {
			return w, nil
		}
		if refusal == nil {
			op.UpdatedAt, op.Reference, op.Status = f.now(), receipt.Reference, payment.OpSent
			w.Operations = []payment.Operation{op}
			return w, nil
		}
		return w, f.rejected(cur, &w, op, refusal)
	})
	return err
}

// rejected writes down that the provider will not do an operation.
func (f *Flow) rejected(cur store.Snapshot, w *store.Writes, op payment.Operation, refusal error) error {
	now := f.now()
	p := withOperation(cur.Payment, w, op, payment.OpFailed, now)
	w.Audit = []store.Audit{{At: now, Actor: hold.ActorProvider, Action: "operation.rejected", Subject: p.ID, Detail: bound(refusal.Error())}}
	f.operationFailed(p.ID, op.Type, refusal.Error())
	if op.Type == payment.OpCancel && (!p.Status.Live() || unsettled(p.Status)) {
		return nil // it is over all the same, or the sweeper asks again
	}
	w.Payment, w.Outbox = &p, f.webhook(operationEvents[op.Type].failed, store.Snapshot{Payment: p, Case: cur.Case})
	if op.Type != payment.OpCancel {
		return nil
	}
	return f.cancelAgain(&p, w, op)
}

// appendHistories brings a shop's events to the histories and marks them as brought.
func (f *Flow) appendHistories(ctx context.Context, shop string, es []store.JournalEntry) error {
	recs := make([]risk.Record, len(es))
	seqs := make([]int64, len(es))
	for i, e := range es {
		recs[i], seqs[i] = e.Record, e.Seq
	}
	if err := f.Velocity.Append(ctx, shop, recs...); err != nil {
		return fmt.Errorf("append to the histories: %w", err)
	}
	return f.Store.HistoryApplied(ctx, seqs...)
}
