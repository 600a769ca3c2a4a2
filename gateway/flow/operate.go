package flow

import (
	"bytes"
	"context"
	"time"

	"octroi/gateway/hold"
	"octroi/gateway/payment"
	"octroi/gateway/store"
	"octroi/providers"
)

// Operate takes a shop's wish to capture, cancel or refund. It is durable when Operate returns and is carried out
// through the outbox; the provider's notification makes it final. A nil amount means all that is left. Errors:
// CodeNotFound, CodeWrongState, CodeAmountExceeded, CodeKeyReused.
func (f *Flow) Operate(ctx context.Context, call Call, paymentID string, kind payment.OperationType, amount *providers.Amount, reason string) (payment.Payment, bool, error) {
	if fields := checkOperation(amount, reason); len(fields) > 0 {
		return payment.Payment{}, false, payment.Invalid(fields...)
	}
	if _, err := f.Store.Payment(ctx, call.Shop, paymentID); err != nil {
		return payment.Payment{}, false, err
	}
	hash := f.bodyHash(string(kind), call.Body)
	replayed := false
	snap, err := f.change(ctx, paymentID, func(cur store.Snapshot) (store.Writes, error) {
		replayed = false // a retried transaction starts afresh
		for _, op := range cur.Payment.Operations {
			if op.Key != call.Key {
				continue
			}
			if !bytes.Equal(op.BodyHash, hash) {
				return store.Writes{}, payment.Errorf(payment.CodeKeyReused, "This Idempotency-Key was used with another request.")
			}
			replayed = true
			return store.Writes{}, nil
		}
		want, err := operable(cur, kind, amount, f.Clock())
		if err != nil {
			return store.Writes{}, err
		}
		return f.operateWrites(cur, kind, want, reason, call.Key, hash)
	})
	if err != nil {
		return payment.Payment{}, false, err
	}
	return f.View(snap), replayed, nil
}

// operateWrites makes a shop's operation, and closes the case of a payment that the shop itself settles.
func (f *Flow) operateWrites(cur store.Snapshot, kind payment.OperationType, amount providers.Amount, reason, key string, hash []byte) (store.Writes, error) {
	op, msg, err := f.operation(cur.Payment, kind, amount, reason, hold.ActorShop)
	if err != nil {
		return store.Writes{}, err
	}
	op.Key, op.BodyHash = key, hash
	p := cur.Payment
	p.UpdatedAt = op.CreatedAt
	w := store.Writes{Payment: &p, Operations: []payment.Operation{op}, Outbox: []store.Message{msg},
		Audit: []store.Audit{{At: op.CreatedAt, Actor: hold.ActorShop, Action: "payment." + string(kind), Subject: p.ID, Detail: bound(reason)}}}
	if cur.Case != nil && cur.Case.Status.Open() && kind == payment.OpCancel {
		c, err := cur.Case.Expire(hold.ActorShop, "cancelled by the shop", op.CreatedAt)
		if err != nil {
			return w, err
		}
		w.Case = &c
	}
	return w, nil
}

func checkOperation(amount *providers.Amount, reason string) (fields []payment.FieldError) {
	if amount != nil && (amount.Value <= 0 || amount.Value > providers.MaxAmount) {
		fields = append(fields, payment.FieldError{Pointer: "/amount/value", Detail: "must be more than 0"})
	}
	if len(reason) > payment.MaxText {
		fields = append(fields, payment.FieldError{Pointer: "/reason", Detail: "must be at most 256 bytes long"})
	}
	if payment.HoldsCard(reason) {
		fields = append(fields, payment.FieldError{Pointer: "/reason", Detail: payment.CardInText})
	}
	return fields
}

// operable says how much of an operation the payment's state allows now: the given amount, or all that is left.
func operable(cur store.Snapshot, kind payment.OperationType, amount *providers.Amount, now time.Time) (providers.Amount, error) {
	p := cur.Payment
	if err := stateAllows(cur, kind, now); err != nil {
		return providers.Amount{}, err
	}
	if amount != nil && amount.Currency != p.Amount.Currency {
		return providers.Amount{}, payment.Invalid(payment.FieldError{Pointer: "/amount/currency", Detail: "must be the payment's " + p.Amount.Currency})
	}
	if kind == payment.OpCancel {
		if amount != nil && *amount != p.Amount {
			return providers.Amount{}, payment.Invalid(payment.FieldError{Pointer: "/amount", Detail: "a cancellation is always of the whole payment"})
		}
		return providers.Amount{}, nil
	}
	limit := p.Amount.Value
	if kind == payment.OpRefund {
		limit, _ = payment.Sums(p.Operations, payment.OpCapture)
	}
	_, claimed := payment.Sums(p.Operations, kind)
	left := limit - claimed
	if left <= 0 && amount == nil {
		return providers.Amount{}, payment.Errorf(payment.CodeWrongState, "Nothing is left for a %s.", kind)
	}
	if amount == nil {
		return providers.Amount{Value: left, Currency: p.Amount.Currency}, nil
	}
	if amount.Value > left {
		return providers.Amount{}, payment.Errorf(payment.CodeAmountExceeded, "At most %s is left for a %s.",
			providers.Amount{Value: max(left, 0), Currency: p.Amount.Currency}, kind)
	}
	return *amount, nil
}

// stateAllows tells whether the payment may be captured, cancelled or refunded now.
func stateAllows(cur store.Snapshot, kind payment.OperationType, now time.Time) error {
	p := cur.Payment
	cancelling := running(p.Operations, payment.OpCancel)
	capturing := running(p.Operations, payment.OpCapture)
	ok := false
	switch kind {
	case payment.OpCapture:
		ok = (p.Status == payment.Authorised || p.Status == payment.PartiallyCaptured) && !cancelling
	case payment.OpCancel:
		// A step that the buyer will not finish may be given up, so that the order can be paid otherwise.
		waits := p.Status == payment.ActionRequired && !now.Before(cur.LeaseUntil)
		ok = (p.Status == payment.Authorised || p.Status == payment.Held || waits) && !cancelling && !capturing
	case payment.OpRefund:
		ok = p.Status == payment.Captured || p.Status == payment.PartiallyCaptured || p.Status == payment.PartiallyRefunded
	}
	switch {
	case ok:
		return nil
	case kind == payment.OpCapture && p.Status == payment.Held:
		return payment.Errorf(payment.CodeWrongState, "The payment is held: its case must be approved before a capture.")
	case cancelling:
		return payment.Errorf(payment.CodeWrongState, "The payment is being cancelled.")
	case capturing:
		return payment.Errorf(payment.CodeWrongState, "The payment is being captured; refund it once it is.")
	}
	return payment.Errorf(payment.CodeWrongState, "The payment is %s; a %s is not possible.", p.Status, kind)
}

// running reports whether an operation of the type is asked for and not yet final.
func running(ops []payment.Operation, kind payment.OperationType) bool {
	for _, op := range ops {
		if op.Type == kind && (op.Status == payment.OpRequested || op.Status == payment.OpSent) {
			return true
		}
	}
	return false
}
