package flow

import (
	"cmp"
	"slices"

	"octroi/gateway/hold"
	"octroi/gateway/payment"
	"octroi/gateway/store"
	"octroi/providers"
	"octroi/risk"
)

// operationEvents are the webhooks of an operation that is done or has failed, and what the histories learn of it.
var operationEvents = map[payment.OperationType]struct {
	done, failed string
	kind         risk.EventKind
}{
	payment.OpCapture: {"payment.captured", "payment.capture_failed", risk.EventCaptured},
	payment.OpRefund:  {"payment.refunded", "payment.refund_failed", risk.EventRefunded},
	payment.OpCancel:  {failed: "payment.cancel_failed"}, // what a cancel that is done brings is told by cancellation
}

// operation makes a capture or refund final, or undoes one that failed after all.
func (r *report) operation(kind payment.OperationType, success bool) {
	op, known := r.find(kind)
	before := op.Status
	r.count(&op, success)
	if r.n.Kind != providers.KindRefundReturned && r.n.ModificationReference != "" {
		op.Reference = r.n.ModificationReference
	}
	r.put(op)
	if known && op.Status == before {
		return
	}
	if op.Status == payment.OpFailed {
		r.follow("")
		r.failed(kind)
		return
	}
	r.event(operationEvents[kind].kind)
	if kind == payment.OpRefund {
		r.w.Outbox = append(r.w.Outbox, r.f.tellRefunded(r.p, op.Amount))
	} else {
		r.closeCase("captured at the provider", store.MailReleased)
	}
	r.follow(operationEvents[kind].done)
}

// count adds the report to those of the operation, and says where it stands by all of them.
//
// A failure that the provider flags as a success of its own undoes a confirmation, whichever of the two is told first.
// One that it does not flag so says that the request was not carried out: then a confirmation that follows is that of
// another try of the provider's, while one that was there already is taken as undone. A refund that failed has failed
// for good.
func (r *report) count(op *payment.Operation, success bool) {
	switch {
	case success:
		op.Confirmed++
	case r.n.Success, op.Type == payment.OpRefund, op.Confirmed > op.Failed:
		op.Failed++
	}
	op.Status, op.UpdatedAt = payment.OpFailed, r.now
	if op.Confirmed > op.Failed && (op.Type != payment.OpRefund || op.Failed == 0) {
		op.Status = payment.OpDone
	}
}

// follow brings the status in line with the money, and tells the shop.
func (r *report) follow(event string) {
	if r.p.Status == payment.ChargedBack {
		return
	}
	next := byMoney(r.p)
	if next == payment.Refunded && !r.p.Status.Live() && event != "" {
		r.tell(event) // the payment has ended otherwise, and its money is back
		return
	}
	if next == payment.Refunded {
		r.closeCase("the payment is refunded", "") // tellRefunded did
	}
	r.move(next, event)
	if r.p.Dispute.Lost() {
		r.move(payment.ChargedBack, "payment.charged_back") // the chargeback was told before the capture
	}
}

// failed makes it known that an operation did not come about, or did not last: someone must look.
func (r *report) failed(kind payment.OperationType) {
	if kind == payment.OpCancel && !r.p.Status.Live() {
		return // it is over all the same
	}
	r.f.operationFailed(r.p.ID, kind, cmp.Or(r.n.Reason, r.n.Code))
	r.tell(operationEvents[kind].failed)
}

// operationFailed raises the operators' alarm.
func (f *Flow) operationFailed(paymentID string, kind payment.OperationType, why string) {
	f.metrics.failures.WithLabelValues(string(kind)).Inc()
	f.Logger.Error("an operation failed at the provider", "payment", paymentID, "type", kind, "why", bound(why))
}

// reversal makes a reversal final, which was a cancel of what was not captured and is a refund of all the rest of what
// was.
func (r *report) reversal() error {
	if captured, _ := payment.Sums(r.p.Operations, payment.OpCapture); captured > 0 {
		r.operation(payment.OpRefund, r.n.Success)
		return nil
	}
	return r.cancellation()
}

// find looks the operation up that the report is about; an operation made at the provider without us becomes one.
func (r *report) find(kind payment.OperationType) (payment.Operation, bool) {
	for _, op := range r.p.Operations {
		switch {
		case !r.about(op):
		case op.Type == kind:
			return op, true
		case r.n.Kind == providers.KindReversal:
			// Asked for as a cancel, and a refund by the time it was carried out.
			op.Type, op.Amount = kind, r.left()
			return op, true
		}
	}
	if r.n.Kind == providers.KindRefundReturned {
		// Told by the bank's way back, which need not name the refund: the latest of that amount.
		for _, op := range slices.Backward(r.p.Operations) {
			if op.Type == kind && op.Status == payment.OpDone && op.Amount == r.n.Amount {
				return op, true
			}
		}
	}
	op := payment.Operation{ID: payment.PrefixOperation + cmp.Or(r.n.ModificationReference, r.n.ID), Type: kind, Amount: r.n.Amount, CreatedAt: r.now,
		PaymentID: r.p.ID, Actor: hold.ActorProvider}
	if r.n.Kind == providers.KindReversal {
		op.Amount = r.left()
	}
	return op, false
}

// left is what was captured and not refunded yet.
func (r *report) left() providers.Amount {
	captured, _ := payment.Sums(r.p.Operations, payment.OpCapture)
	refunded, _ := payment.Sums(r.p.Operations, payment.OpRefund)
	return providers.Amount{Value: max(0, captured-refunded), Currency: r.p.Amount.Currency}
}

// about reports whether the report names the operation, by our id or by the provider's.
func (r *report) about(op payment.Operation) bool {
	if a := r.p.Authorisation; a != nil && op.Type == payment.OpCapture && op.Reference == a.Reference &&
		(r.n.Kind == providers.KindCapture || r.n.Kind == providers.KindCaptureFailed) {
		return true // the capture that came with the payment, which its provider may report once more by itself
	}
	return op.ID == r.n.OperationID || (op.Reference != "" && op.Reference == r.n.ModificationReference)
}

// put replaces or adds an operation.
func (r *report) put(op payment.Operation) {
	ops := make([]payment.Operation, 0, len(r.p.Operations)+1)
	found := false
	for _, have := range r.p.Operations {
		if have.ID == op.ID {
			have, found = op, true
		}
		ops = append(ops, have)
	}
	if !found {
		ops = append(ops, op)
	}
	r.p.Operations = ops
	r.w.Operations = append(r.w.Operations, op)
	setSums(&r.p)
}

// setSums brings the confirmed sums in line with the operations.
func setSums(p *payment.Payment) {
	sum := func(kind payment.OperationType) *providers.Amount {
		done, _ := payment.Sums(p.Operations, kind)
		if done == 0 {
			return nil
		}
		return &providers.Amount{Value: done, Currency: p.Amount.Currency}
	}
	p.Captured, p.Refunded = sum(payment.OpCapture), sum(payment.OpRefund)
}

// byMoney is the status that the confirmed operations amount to.
func byMoney(p payment.Payment) payment.Status {
	captured, _ := payment.Sums(p.Operations, payment.OpCapture)
	refunded, _ := payment.Sums(p.Operations, payment.OpRefund)
	switch {
	case captured == 0 && p.Status == payment.Held:
		return payment.Held
	case captured == 0:
		return payment.Authorised
	case refunded >= captured:
		return payment.Refunded
	case p.Status == payment.Held && p.Method.Type.TakesAtOnce():
		return payment.Held // the parcel is, whatever part of the money went back
	case refunded > 0:
		return payment.PartiallyRefunded
	case captured < p.Amount.Value:
		return payment.PartiallyCaptured
	}
	return payment.Captured
}
