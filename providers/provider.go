package providers

import (
	"context"
	"errors"
	"fmt"
)

// Provider authorises, captures, cancels and refunds card payments. Implementations are safe for concurrent use,
// never panic outward, honour the context's deadline, and send the given idempotency key with every call.
// The suite in providers/conformance shows what each must hold.
type Provider interface {
	// Name is the provider's short stable name, used in metrics and in the contract.
	Name() string
	// Serves reports whether a shop's payments go through an account at the provider: a Notification of any other Account
	// says nothing of them.
	Serves(account, shop string) bool
	// Authorise reserves the amount. The error, when there is one, is an *Error; a refusal is a Result, not an error.
	Authorise(ctx context.Context, a Authorisation) (Result, error)
	// Details goes on with a payment whose Result was StatusActionRequired, with what the buyer's browser brought back.
	Details(ctx context.Context, d Details) (Result, error)
	// Capture, Cancel and Refund ask for a modification. A Receipt means "received", not "done": the notification decides.
	Capture(ctx context.Context, m Modification) (Receipt, error)
	Cancel(ctx context.Context, m Modification) (Receipt, error)
	Refund(ctx context.Context, m Modification) (Receipt, error)
	// Reverse gives back whatever the payment has taken: a cancel before its capture, a full refund after it.
	Reverse(ctx context.Context, m Modification) (Receipt, error)
	// CancelByReference cancels whatever was authorised under a payment id whose answer never arrived.
	CancelByReference(ctx context.Context, m Modification) (Receipt, error)
}

// Modification asks for a change to an authorised payment.
type Modification struct {
	Shop             string
	PaymentID        string // our reference of the payment
	PaymentReference string // the provider's id; empty only for CancelByReference
	OperationID      string // our reference of this modification, and its idempotency key
	Amount           Amount // not used by cancels and reversals
}

// Receipt is the provider's word that it has taken a modification in hand.
type Receipt struct {
	Reference string // the provider's id of the modification
}

// Doubt says what is known about a call that failed.
type Doubt int

// What an *Error tells about the call.
const (
	// OutcomeUnknown: the request may have been carried out; only the same idempotency key or a notification can tell.
	OutcomeUnknown Doubt = iota
	// NotDone: the request certainly had no effect, and may be sent again.
	NotDone
	// Rejected: the provider understood the request and will not do it; sending it again changes nothing.
	Rejected
)

// String names the doubt for logs and metric labels.
func (d Doubt) String() string {
	switch d {
	case NotDone:
		return "not_done"
	case Rejected:
		return "rejected"
	default:
		return "unknown"
	}
}

// Error is how every provider call fails. Detail is safe to log: it never holds card data or keys.
type Error struct {
	Operation string
	Doubt     Doubt
	Code      string // the provider's own code, when it gave one
	Detail    string
	Err       error
}

// Error implements error.
func (e *Error) Error() string {
	s := fmt.Sprintf("provider %s: %s", e.Operation, e.Doubt)
	if e.Code != "" {
		s += " (code " + e.Code + ")"
	}
	if e.Detail != "" {
		s += ": " + e.Detail
	}
	return s
}

// Unwrap gives the cause, for errors.Is with context errors.
func (e *Error) Unwrap() error { return e.Err }

// DoubtOf tells what is known after err: OutcomeUnknown for anything that is not an *Error.
func DoubtOf(err error) Doubt {
	var e *Error
	if errors.As(err, &e) {
		return e.Doubt
	}
	return OutcomeUnknown
}
