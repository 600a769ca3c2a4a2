package flow

import (
	"bytes"
	"cmp"
	"context"
	"time"

	"octroi/gateway/hold"
	"octroi/gateway/payment"
	"octroi/gateway/store"
	"octroi/providers"
	"octroi/risk"
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
		return f.operateWrites(cur, wish{kind: kind, amount: want, reason: reason, key: call.Key, hash: hash})
	})
	if err != nil {
		return payment.Payment{}, false, err
	}
	return f.View(snap), replayed, nil
}

// wish is an operation that a shop asks for.
type wish struct {
	kind        payment.OperationType
	amount      providers.Amount
	reason, key string
	hash        []byte
}

// operateWrites makes a shop's operation, and closes the case of a payment that the shop itself settles. Of a payment
// whose money is taken a cancel is a refund of all that is left; of an offline one that waits for its money it is done at
// once.
func (f *Flow) operateWrites(cur store.Snapshot, a wish) (store.Writes, error) {
	p, kind := cur.Payment, a.kind
	if kind == payment.OpCancel && taken(p) {
		kind, a.amount = payment.OpRefund, leftToRefund(p)
	}
	w := store.Writes{Payment: &p}
	p.UpdatedAt = f.now()
	w.Audit = []store.Audit{{At: p.UpdatedAt, Actor: hold.ActorShop, Action: "payment." + string(a.kind), Subject: p.ID, Detail: bound(a.reason)}}
	settles := kind == payment.OpCancel || kind == payment.OpRefund && a.amount == leftToRefund(p)
	if cur.Case != nil && cur.Case.Status.Open() && settles {
		c, err := cur.Case.Expire(hold.ActorShop, "cancelled by the shop", p.UpdatedAt)
		if err != nil {
			return w, err
		}
		w.Case, w.Outbox = &c, f.tellEnded(store.MailCancelled, p, c)
	}
	if err := f.addOperation(&p, &w, kind, a.amount, a.reason, hold.ActorShop); err != nil {
		return w, err
	}
	if kind == payment.OpRefund {
		f.refundDue(p, &w, cmp.Or(w.Case, cur.Case))
	}
	op := &p.Operations[len(p.Operations)-1]
	op.Key, op.BodyHash = a.key, a.hash
	if kind == payment.OpCancel && p.Method.Type.Offline() {
		op.Status = payment.OpDone
		f.end(&p, &w, payment.Cancelled, hold.ActorShop, "payment.cancelled")
		w.History = []store.History{happened(p, risk.EventCancelled, "", p.UpdatedAt)}
	}
	w.Operations = []payment.Operation{*op}
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
		if taken(p) && leftToRefund(p).Value == 0 {
			return providers.Amount{}, payment.Errorf(payment.CodeWrongState, "All of the payment's money is being given back.")
		}
		if amount != nil && *amount != p.Amount {
			return providers.Amount{}, payment.Invalid(payment.FieldError{Pointer: "/amount", Detail: "a cancellation is of the whole payment: must be its " + p.Amount.String() + ", or be left out"})
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
		// What the buyer will not finish, or the provider not soon, may be given up, so that the order can be paid otherwise.
		waits := unsettled(p.Status) && !now.Before(cur.LeaseUntil)
		ok = (p.Status == payment.Authorised || p.Status == payment.Held || waits) && !cancelling && !capturing
	case payment.OpRefund:
		ok = p.Status == payment.Captured || p.Status == payment.PartiallyCaptured || p.Status == payment.PartiallyRefunded ||
			p.Status == payment.Held && taken(p)
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
