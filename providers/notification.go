package providers

import "time"

// NotificationKind says what a provider reports. Kinds that change no money are KindInformation.
type NotificationKind string

// The kinds of notification a gateway acts on.
const (
	KindAuthorisation NotificationKind = "authorisation"
	KindCapture       NotificationKind = "capture"
	KindCaptureFailed NotificationKind = "capture_failed"
	KindCancellation  NotificationKind = "cancellation"
	KindRefund        NotificationKind = "refund"
	KindRefundFailed  NotificationKind = "refund_failed"
	KindExpired       NotificationKind = "expired"
	KindChargeback    NotificationKind = "chargeback"
	KindChargebackWon NotificationKind = "chargeback_reversed"
	KindFraudReport   NotificationKind = "fraud_report"
	// KindReversal reports a reversal: a cancel of what is not captured yet, a refund of what is.
	KindReversal NotificationKind = "reversal"
	// KindRefundReturned: a refund that was paid has come back, the buyer's account did not take it.
	KindRefundReturned NotificationKind = "refund_returned"
	// KindDispute: the buyer or the issuer disputes the payment; no money has moved yet.
	KindDispute NotificationKind = "dispute"
	// KindAdjusted: the reserved amount or its life has been changed; Amount is the new one.
	KindAdjusted NotificationKind = "adjusted"
	// KindReviewAccepted and KindReviewRejected: the provider's own analysts have decided (see Result.UnderReview).
	KindReviewAccepted NotificationKind = "review_accepted"
	KindReviewRejected NotificationKind = "review_rejected"
	KindInformation    NotificationKind = "information"
)

// Notification is one verified report of a provider in the contract's words. ID is the same for every delivery of
// the same report, so that duplicates can be dropped; order of arrival means nothing.
type Notification struct {
	ID                    string
	Kind                  NotificationKind
	Code                  string // the provider's own event name, bounded
	Account               string // the provider's merchant account
	PaymentID             string // our reference, when the report carries it
	PaymentReference      string // the provider's id of the payment
	ModificationReference string // the provider's id of the capture, cancel or refund
	OperationID           string // our reference of the modification, when the report carries it
	Success               bool   // the provider's own flag; a *_failed Kind is a failure whatever it says
	Amount                Amount
	Reason                string // provider's words, bounded; unsigned at Adyen, so it decides nothing
	At                    time.Time
	// Result is, for KindAuthorisation, what the payment's answer would have said. Of what no signature covers it has
	// only what speaks against the payment: an unsigned word must not release an order.
	Result *Result
}
