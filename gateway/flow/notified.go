package flow

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"octroi/gateway/hold"
	"octroi/gateway/payment"
	"octroi/gateway/store"
	"octroi/providers"
	"octroi/risk"
)

// Notified takes a provider's verified reports. It returns once they are durable; they are carried out in the
// background, whatever their order and however often they come.
func (f *Flow) Notified(ctx context.Context, provider string, ns []providers.Notification) error {
	rows := make([]store.StoredNotification, len(ns))
	for i, n := range ns {
		rows[i] = store.StoredNotification{Provider: provider, Notification: n, ReceivedAt: f.now()}
	}
	_, err := f.Store.SaveNotifications(ctx, rows)
	return err
}

// errNotYet says that a notification cannot be carried out now and must be looked at again.
var errNotYet = errors.New("its payment is still being worked on")

// carryOut makes one stored notification take effect, exactly once.
func (f *Flow) carryOut(ctx context.Context, n store.StoredNotification) error {
	cur, err := f.paymentOf(ctx, n)
	if payment.CodeOf(err) == payment.CodeNotFound && (n.Kind == providers.KindInformation || f.Clock().Sub(n.ReceivedAt) > unmatchedFor) {
		return f.unmatched(ctx, n)
	}
	if err != nil {
		return err
	}
	var s *scored
	if n.Kind == providers.KindAuthorisation && unsettled(cur.Payment.Status) {
		if f.Clock().Before(cur.LeaseUntil) {
			return errNotYet // the request that asked is about to write the answer itself
		}
		// The decision is made again from the same order: its attempt counts once, however often it is observed.
		made := f.decide(ctx, cur.Payment.Facts(cur.Payment.CreatedAt))
		s = &made
	}
	_, err = f.change(ctx, cur.Payment.ID, func(cur store.Snapshot) (store.Writes, error) {
		// A retry may have taken the payment over since it was read: only under the lock is it certain that nobody has.
		if n.Kind == providers.KindAuthorisation && unsettled(cur.Payment.Status) && f.Clock().Before(cur.LeaseUntil) {
			return store.Writes{}, errNotYet
		}
		w, err := f.apply(cur, n.Notification, s)
		w.Notifications = append(w.Notifications, n.Key())
		return w, err
	})
	return err
}

// unmatchedFor is how long a report waits for its payment. One that moves money is then the operator's to look at.
const unmatchedFor = 7 * 24 * time.Hour

// unmatched settles a report that belongs to no payment of ours.
func (f *Flow) unmatched(ctx context.Context, n store.StoredNotification) error {
	if n.Kind != providers.KindInformation {
		f.Logger.Error("a notification belongs to no payment", "notification", n.ID, "code", n.Code, "reference", n.PaymentReference)
	}
	return f.Store.Commit(ctx, store.Writes{Notifications: []string{n.Key()}, Audit: []store.Audit{{At: f.now(), Actor: hold.ActorProvider,
		Action: "notification.unmatched", Subject: bound(n.ID), Detail: bound(n.Code + " " + n.PaymentReference)}}})
}

// paymentOf finds the payment a notification is about, by whatever the report names: our payment, our operation, or
// the provider's own id.
func (f *Flow) paymentOf(ctx context.Context, n store.StoredNotification) (store.Snapshot, error) {
	snap, err := store.Snapshot{}, error(payment.Errorf(payment.CodeNotFound, "The notification names no payment."))
	if n.PaymentID != "" {
		snap, err = f.Store.Payment(ctx, "", n.PaymentID)
	}
	if n.OperationID != "" && payment.CodeOf(err) == payment.CodeNotFound {
		snap, err = f.Store.PaymentByOperation(ctx, n.OperationID)
	}
	if n.PaymentReference != "" && payment.CodeOf(err) == payment.CodeNotFound {
		snap, err = f.Store.PaymentByReference(ctx, n.Provider, n.PaymentReference)
	}
	return snap, err
}

// unsettled reports whether the payment still waits for its authorisation's outcome.
func unsettled(s payment.Status) bool { return s == payment.Pending || s == payment.ActionRequired }

// apply says what a notification changes. It is told again of what it has already done without doing it again.
func (f *Flow) apply(cur store.Snapshot, n providers.Notification, s *scored) (store.Writes, error) {
	r := &report{f: f, n: n, cur: cur, p: cur.Payment, now: f.now()}
	r.p.UpdatedAt = r.now
	switch n.Kind {
	case providers.KindAuthorisation:
		return r.authorisation(s)
	case providers.KindCapture, providers.KindCaptureFailed:
		r.operation(payment.OpCapture, n.Kind == providers.KindCapture && n.Success)
	case providers.KindRefund, providers.KindRefundFailed:
		r.operation(payment.OpRefund, n.Kind == providers.KindRefund && n.Success)
	case providers.KindCancellation:
		r.cancellation()
	case providers.KindExpired:
		r.ended(payment.Expired, "payment.expired")
	case providers.KindChargeback:
		r.event(risk.EventChargeback)
		r.move(payment.ChargedBack, "payment.charged_back")
	case providers.KindChargebackWon:
		r.move(byMoney(r.p), "")
	case providers.KindFraudReport:
		r.event(risk.EventFraudReport)
	}
	return r.done(), nil
}

// report is one notification being applied to one payment.
type report struct {
	f   *Flow
	n   providers.Notification
	cur store.Snapshot
	p   payment.Payment
	now time.Time
	w   store.Writes
}

func (r *report) done() store.Writes {
	r.w.Payment = &r.p
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
	if s == nil || !unsettled(r.p.Status) {
		if r.n.Success && givenUp(r.p) {
			op, msg, err := r.f.operation(r.p, payment.OpCancel, providers.Amount{}, "authorised after it was given up", hold.ActorPolicy)
			if err != nil {
				return store.Writes{}, err
			}
			r.p.Authorisation = &payment.Authorisation{Provider: r.f.Provider.Name(), Reference: r.n.PaymentReference}
			r.w.Operations, r.w.Outbox = []payment.Operation{op}, []store.Message{msg}
		}
		return r.done(), nil
	}
	res := providers.Result{Status: providers.StatusRefused, Reference: r.n.PaymentReference}
	if r.n.Result != nil {
		res = *r.n.Result
	} else if r.n.Success {
		res.Status = providers.StatusAuthorised
	}
	return r.f.settle(r.p, *s, res, payment.Typed{})
}

// givenUp reports a payment that ended here without its authorisation, which nobody has asked the provider to cancel.
func givenUp(p payment.Payment) bool {
	switch p.Status {
	case payment.Failed, payment.Cancelled, payment.Declined:
		return !slices.ContainsFunc(p.Operations, func(o payment.Operation) bool {
			return o.Type == payment.OpCancel && o.Status != payment.OpFailed
		})
	}
	return false
}

// operation makes a capture or refund final, or undoes one that failed after all.
func (r *report) operation(kind payment.OperationType, success bool) {
	op, known := r.find(kind)
	if !known && !success {
		return
	}
	status := payment.OpFailed
	if success {
		status = payment.OpDone
	}
	// A refund that failed has failed for good: its confirmation is the older report of the two.
	if known && (op.Status == status || kind == payment.OpRefund && op.Status == payment.OpFailed) {
		return
	}
	op.Status, op.UpdatedAt = status, r.now
	if r.n.ModificationReference != "" {
		op.Reference = r.n.ModificationReference
	}
	r.put(op)
	event := ""
	if success {
		event = "payment." + map[payment.OperationType]string{payment.OpCapture: "captured", payment.OpRefund: "refunded"}[kind]
		r.event(map[payment.OperationType]risk.EventKind{payment.OpCapture: risk.EventCaptured, payment.OpRefund: risk.EventRefunded}[kind])
		r.closeCase("captured at the provider")
	}
	if r.p.Status != payment.ChargedBack {
		r.move(byMoney(r.p), event)
	}
}

// find looks the operation up that the report is about; an operation made at the provider without us becomes one.
func (r *report) find(kind payment.OperationType) (payment.Operation, bool) {
	for _, op := range r.p.Operations {
		if op.Type == kind && r.about(op) {
			return op, true
		}
	}
	return payment.Operation{ID: payment.PrefixOperation + r.n.ModificationReference, Type: kind, Amount: r.n.Amount, CreatedAt: r.now,
		PaymentID: r.p.ID, Actor: hold.ActorProvider}, false
}

// about reports whether the report names the operation, by our id or by the provider's.
func (r *report) about(op payment.Operation) bool {
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

// cancellation makes a cancel final. A cancel by reference that found nothing means that nothing was ever authorised.
func (r *report) cancellation() {
	for _, op := range r.p.Operations {
		if op.Type != payment.OpCancel || !r.about(op) || op.Status == payment.OpDone {
			continue
		}
		op.UpdatedAt, op.Status = r.now, payment.OpDone
		if !r.n.Success {
			op.Status = payment.OpFailed
		}
		r.put(op)
	}
	switch {
	case r.n.Success:
		r.ended(payment.Cancelled, "payment.cancelled")
	case unsettled(r.p.Status):
		r.ended(payment.Failed, "")
	}
}

// ended closes the payment and its case.
func (r *report) ended(next payment.Status, event string) {
	if next == payment.Cancelled && r.p.Status != payment.Cancelled {
		r.event(risk.EventCancelled)
	}
	if r.p.Status.MayBecome(next) {
		r.closeCase("the payment is " + string(next))
	}
	r.move(next, event)
}

// closeCase ends the open case of a payment that was settled elsewhere: there is nothing left to decide.
func (r *report) closeCase(why string) {
	if c := r.cur.Case; c != nil && c.Status.Open() {
		if closed, err := c.Expire(hold.ActorProvider, why, r.now); err == nil {
			r.w.Case = &closed
		}
	}
}

// move changes the status where the table of states allows it and tells the shop.
func (r *report) move(next payment.Status, event string) {
	if next != r.p.Status {
		if !r.p.Status.MayBecome(next) {
			return
		}
		r.p.Status = next
		r.w.Audit = append(r.w.Audit, store.Audit{At: r.now, Actor: hold.ActorProvider, Action: "payment." + string(next), Subject: r.p.ID})
	}
	if event != "" {
		c := r.cur.Case
		if r.w.Case != nil {
			c = r.w.Case
		}
		r.w.Outbox = append(r.w.Outbox, r.f.webhook(event, store.Snapshot{Payment: r.p, Case: c})...)
	}
}

func (r *report) event(kind risk.EventKind) {
	r.w.History = append(r.w.History, happened(r.p, kind, "", r.now))
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
	case refunded > 0:
		return payment.PartiallyRefunded
	case captured < p.Amount.Value:
		return payment.PartiallyCaptured
	}
	return payment.Captured
}
