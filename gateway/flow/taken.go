package flow

import (
	"octroi/gateway/hold"
	"octroi/gateway/payment"
	"octroi/gateway/store"
	"octroi/providers"
	"octroi/risk"
)

// Some means of payment take the money when the payment succeeds, and some bring it by themselves. Such a payment has
// its capture from the start, made by nobody here; a hold of it holds the parcel, and whatever would release a reserved
// amount gives the money back instead, as one refund against the original payment. A company that lets its buyers pay in
// instalments re-plans them by that.

// taken reports whether money of the payment is with the shop.
func taken(p payment.Payment) bool {
	done, _ := payment.Sums(p.Operations, payment.OpCapture)
	return done > 0
}

// mayBecome reports whether next may follow: the table of states, and of a held payment also whether there is any money
// that could have been given back or charged back.
func mayBecome(p payment.Payment, next payment.Status) bool {
	if p.Status == payment.Held && !taken(p) {
		switch next {
		case payment.PartiallyRefunded, payment.Refunded, payment.ChargedBack:
			return false
		}
	}
	return p.Status.MayBecome(next)
}

// take notes that the money is taken. reference is what the provider knows the payment by, "" when there is none.
func (o *outcome) take(actor, reference string) error {
	op, err := o.f.takenOperation(o.p, actor, reference)
	if err != nil {
		return err
	}
	o.p.Operations = append(o.p.Operations[:len(o.p.Operations):len(o.p.Operations)], op)
	o.w.Operations = append(o.w.Operations, op)
	setSums(&o.p)
	return nil
}

// takenOperation is the capture that came with the payment.
func (f *Flow) takenOperation(p payment.Payment, actor, reference string) (payment.Operation, error) {
	op, err := f.newOperation(p, payment.OpCapture, p.Amount, "", actor)
	op.Status, op.Reference = payment.OpDone, reference
	return op, err
}

// paid lets a payment go on whose money is there.
func (o *outcome) paid() error {
	o.record(risk.EventCaptured, "")
	o.webhook("payment.captured")
	return o.become(payment.Captured, "")
}

// leftToRefund is what was captured and is neither refunded nor asked back yet.
func leftToRefund(p payment.Payment) providers.Amount {
	captured, _ := payment.Sums(p.Operations, payment.OpCapture)
	_, claimed := payment.Sums(p.Operations, payment.OpRefund)
	return providers.Amount{Value: max(0, captured-claimed), Currency: p.Amount.Currency}
}

// takenLate gives money back that was taken for a payment which had ended here.
func (r *report) takenLate() error {
	op, err := r.f.takenOperation(r.p, hold.ActorProvider, r.n.PaymentReference)
	if err != nil {
		return err
	}
	r.put(op)
	op, msg, err := r.f.operation(r.p, payment.OpRefund, r.p.Amount, "taken after it was given up", hold.ActorPolicy)
	if err != nil {
		return err
	}
	r.put(op)
	r.w.Outbox = append(r.w.Outbox, msg...)
	return nil
}

// tellRefunded writes to the buyer that money is on its way back.
func (f *Flow) tellRefunded(p payment.Payment, amount providers.Amount) store.Message {
	return f.mail(store.MailRefunded, p, nil, "", func(m *store.Mail) { m.Refunded = amount })
}
