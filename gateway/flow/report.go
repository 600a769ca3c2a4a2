package flow

import (
	"fmt"
	"reflect"
	"slices"
	"time"

	"octroi/gateway/hold"
	"octroi/gateway/payment"
	"octroi/gateway/store"
	"octroi/providers"
	"octroi/risk"
)

// report is one notification being applied to one payment. It knows nothing of what came before it but what the payment
// itself says, since reports come in any order: what can be told more than once is counted, and the payment follows from
// the counts.
type report struct {
	f   *Flow
	n   providers.Notification
	cur store.Snapshot
	p   payment.Payment
	now time.Time
	w   store.Writes
}

// apply says what a notification changes.
func (f *Flow) apply(cur store.Snapshot, n providers.Notification, s *scored) (store.Writes, error) {
	r := &report{f: f, n: n, cur: cur, p: cur.Payment, now: f.now()}
	r.p.UpdatedAt = r.now
	var err error
	switch n.Kind {
	case providers.KindAuthorisation:
		return r.authorisation(s)
	case providers.KindCapture, providers.KindCaptureFailed:
		r.operation(payment.OpCapture, n.Kind == providers.KindCapture && n.Success)
	case providers.KindRefund, providers.KindRefundFailed, providers.KindRefundReturned:
		r.operation(payment.OpRefund, n.Kind == providers.KindRefund && n.Success)
	case providers.KindReversal:
		err = r.reversal()
	case providers.KindCancellation:
		err = r.cancellation()
	case providers.KindExpired:
		r.expired()
	case providers.KindAdjusted:
		r.adjusted()
	case providers.KindDispute, providers.KindChargeback, providers.KindChargebackWon:
		r.dispute()
	case providers.KindFraudReport:
		r.fraud()
	case providers.KindReviewAccepted, providers.KindReviewRejected:
		err = r.reviewed(n.Kind == providers.KindReviewAccepted)
	}
	return r.done(), err
}

// done adds the report to the audit. A report that changes nothing of the payment leaves its version as it is: a request
// that is just about to write the payment's outcome must not find itself overtaken by it.
func (r *report) done() store.Writes {
	same := r.p
	same.UpdatedAt = r.cur.Payment.UpdatedAt
	if !reflect.DeepEqual(same, r.cur.Payment) {
		r.w.Payment = &r.p
	}
	detail := string(r.n.Code) + " success=" + fmt.Sprint(r.n.Success)
	if r.n.Reason != "" {
		detail += ": " + r.n.Reason
	}
	r.w.Audit = append(r.w.Audit, store.Audit{At: r.now, Actor: hold.ActorProvider, Action: "notification." + string(r.n.Kind), Subject: r.p.ID, Detail: bound(detail)})
	return r.w
}

// authorisation settles a payment whose answer never came. One that the gateway has given up on meanwhile is given
// back at the provider: its money must not stay reserved for an order that is over.
func (r *report) authorisation(s *scored) (store.Writes, error) {
	if s == nil || !settles(r.p, r.n) {
		err := r.late()
		return r.done(), err
	}
	s.reported = true
	res := r.result()
	if r.p.Status == payment.ActionRequired {
		// The buyer may yet bring back what their step gave.
		r.p.Steps = append(finished(r.p.Steps), payment.Step{Done: true})
	}
	return r.f.settle(r.p, *s, res, payment.Typed{})
}

// result is the answer that the report brings. The means of payment and the date are not covered by the provider's
// signature: money of a card is never taken with its authorisation, whatever the report says, and no authorisation is
// older than its payment.
func (r *report) result() providers.Result {
	if r.n.Result == nil {
		res := providers.Result{Status: providers.StatusRefused, Reference: r.n.PaymentReference}
		if r.n.Success {
			res.Status = providers.StatusAuthorised
		}
		return res
	}
	res := *r.n.Result
	res.Captured = res.Captured && !r.p.Method.Type.IsCard()
	if early := r.p.CreatedAt.Sub(r.n.At); early > 0 && !res.ExpiresAt.IsZero() {
		res.ExpiresAt = res.ExpiresAt.Add(early)
	}
	return res
}

// late gives back what was authorised, or taken, for a payment that has ended here.
func (r *report) late() error {
	captured := r.result().Captured && !r.p.Status.Live() && !taken(r.p)
	if !r.n.Success || !captured && !givenUp(r.p) {
		return nil
	}
	r.p.Authorisation = &payment.Authorisation{Provider: r.f.Provider.Name(), Reference: r.n.PaymentReference}
	if captured {
		return r.takenLate()
	}
	return r.f.addOperation(&r.p, &r.w, payment.OpCancel, providers.Amount{}, "authorised after it was given up", hold.ActorPolicy)
}

// givenUp reports a payment that ended here without its authorisation, which nobody has asked the provider to cancel. An
// expired one is meant only when it was the buyer's step that expired: of an authorisation there is nothing left.
func givenUp(p payment.Payment) bool {
	swept := func(o payment.Operation) bool { return o.Type == payment.OpCancel && o.Actor == actorSweeper }
	switch p.Status {
	case payment.Expired:
		if !slices.ContainsFunc(p.Operations, swept) {
			return false
		}
	case payment.Failed, payment.Cancelled, payment.Declined, payment.Refused:
	default:
		return false
	}
	return !slices.ContainsFunc(p.Operations, func(o payment.Operation) bool {
		return o.Type == payment.OpCancel && o.Status != payment.OpFailed
	})
}

// cancellation makes a cancel final. Of a payment that waits for its outcome even one that found nothing to cancel is
// final: nothing was authorised.
func (r *report) cancellation() error {
	asked := ""
	var failed payment.Operation
	for _, op := range r.p.Operations {
		// A cancel by reference may be reported under the payment's reference instead of its own.
		if op.Type != payment.OpCancel || op.Status == payment.OpDone || !r.about(op) && r.n.OperationID != r.p.ID {
			continue
		}
		asked = op.Actor
		op.UpdatedAt, op.Status = r.now, payment.OpDone
		if !r.n.Success {
			op.Status = payment.OpFailed
			failed = op
		}
		r.put(op)
	}
	waited := unsettled(r.p.Status)
	switch {
	case !r.n.Success && asked == "":
	case r.p.Status == payment.ActionRequired && asked == actorSweeper:
		r.ended(payment.Expired, "payment.expired") // the buyer let the time pass
	case r.n.Success, waited && asked == hold.ActorShop:
		r.ended(payment.Cancelled, "payment.cancelled")
	case waited:
		r.ended(payment.Failed, "payment.failed")
	default:
		r.failed(payment.OpCancel)
		return r.f.cancelAgain(&r.p, &r.w, failed)
	}
	return nil
}

// expired ends an authorisation that was not captured. Of a partial capture it ends the rest, and the payment stays what
// it is.
func (r *report) expired() {
	if r.p.Authorisation != nil && (r.p.Status == payment.PartiallyCaptured || r.p.Status == payment.PartiallyRefunded) {
		a := *r.p.Authorisation
		a.ExpiresAt = r.now
		r.p.Authorisation = &a
		r.tell("payment.expired")
		return
	}
	r.ended(payment.Expired, "payment.expired")
}

// adjusted takes over a new amount or a longer life of the reservation.
func (r *report) adjusted() {
	captured, _ := payment.Sums(r.p.Operations, payment.OpCapture)
	if a := r.n.Amount; r.n.Success && a.Currency == r.p.Amount.Currency && a.Value > 0 && a.Value >= captured {
		r.p.Amount = a
	}
	if res := r.n.Result; r.n.Success && res != nil && !res.ExpiresAt.IsZero() && r.p.Authorisation != nil {
		a := *r.p.Authorisation
		a.ExpiresAt = res.ExpiresAt.UTC().Truncate(time.Microsecond)
		r.p.Authorisation = &a
	}
}

// ended closes the payment and its case.
func (r *report) ended(next payment.Status, event string) {
	if !r.p.Status.MayBecome(next) {
		return
	}
	if next == payment.Cancelled {
		r.event(risk.EventCancelled)
	}
	r.p.Action = nil
	tell := store.MailCancelled
	if next == payment.Expired {
		tell = store.MailExpired
	}
	r.closeCase("the payment is "+string(next), tell)
	r.move(next, event)
}

// closeCase ends the open case of a payment that was settled elsewhere: there is nothing left to decide. tell is what its
// buyer is told; "" when something else tells them.
func (r *report) closeCase(why string, tell store.MailTemplate) {
	c := r.cur.Case
	if c == nil || !c.Status.Open() {
		return
	}
	closed, err := c.Expire(hold.ActorProvider, why, r.now)
	if err != nil {
		return
	}
	r.w.Case = &closed
	if tell != "" {
		r.w.Outbox = append(r.w.Outbox, r.f.tellEnded(tell, r.p, closed)...)
	}
}

// move changes the status where the table of states allows it and tells the shop.
func (r *report) move(next payment.Status, event string) {
	if next != r.p.Status {
		if !mayBecome(r.p, next) {
			return
		}
		r.p.Status = next
		r.w.Audit = append(r.w.Audit, store.Audit{At: r.now, Actor: hold.ActorProvider, Action: "payment." + string(next), Subject: r.p.ID})
	}
	if event != "" {
		r.tell(event)
	}
}

// tell writes the webhook of an event, which shows the payment as it is by now.
func (r *report) tell(event string) {
	c := r.cur.Case
	if r.w.Case != nil {
		c = r.w.Case
	}
	r.w.Outbox = append(r.w.Outbox, r.f.webhook(event, store.Snapshot{Payment: r.p, Case: c})...)
}

func (r *report) event(kind risk.EventKind) {
	r.w.History = append(r.w.History, happened(r.p, kind, "", r.now))
}
