package flow

import (
	"context"
	"errors"
	"slices"
	"time"

	"octroi/gateway/hold"
	"octroi/gateway/payment"
	"octroi/gateway/store"
	"octroi/providers"
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
	// References are chosen by whoever uses an account: one that is not this shop's says nothing of its payments.
	if !f.Provider.Serves(n.Account, cur.Payment.Shop) {
		return f.unmatched(ctx, n)
	}
	var s *scored
	if settles(cur.Payment, n.Notification) {
		if f.busy(cur, n.Notification) {
			return errNotYet
		}
		made, err := f.recall(ctx, cur.Payment)
		if err != nil {
			return err
		}
		s = &made
	}
	_, err = f.change(ctx, cur.Payment.ID, func(cur store.Snapshot) (store.Writes, error) {
		// A retry may have taken the payment over since it was read: only under the lock is it certain that nobody has.
		if f.busy(cur, n.Notification) {
			return store.Writes{}, errNotYet
		}
		w, err := f.apply(cur, n.Notification, s)
		w.Notifications = append(w.Notifications, n.Key())
		return w, err
	})
	return err
}

// settles reports whether the notification brings the outcome that the payment waits for. What is reported of an earlier
// attempt, which the issuer refused before the present one was made, brings none.
func settles(p payment.Payment, n providers.Notification) bool {
	return n.Kind == providers.KindAuthorisation && unsettled(p.Status) && !slices.Contains(p.Superseded, n.PaymentReference)
}

// busy reports whether the notification must wait: a request may be about to write the answer that it brings, and what
// the provider's analysts say belongs to a case that is not there before the outcome is.
func (f *Flow) busy(cur store.Snapshot, n providers.Notification) bool {
	if n.Kind == providers.KindReviewAccepted || n.Kind == providers.KindReviewRejected {
		return unsettled(cur.Payment.Status)
	}
	return settles(cur.Payment, n) && f.Clock().Before(cur.LeaseUntil)
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
