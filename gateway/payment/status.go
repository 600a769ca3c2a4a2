package payment

import "slices"

// Status is where a payment stands.
type Status string

// The states of a payment, as the public contract names them.
const (
	Pending           Status = "pending" // its outcome at the provider is not known yet
	ActionRequired    Status = "action_required"
	Authorised        Status = "authorised"
	Held              Status = "held"     // authorised, and kept until ownership is proven
	Declined          Status = "declined" // we said no
	Refused           Status = "refused"  // the issuer said no
	Captured          Status = "captured"
	PartiallyCaptured Status = "partially_captured"
	Cancelled         Status = "cancelled"
	Refunded          Status = "refunded"
	PartiallyRefunded Status = "partially_refunded"
	Expired           Status = "expired"
	ChargedBack       Status = "charged_back"
	Failed            Status = "failed"
)

// follows says which state may follow which. What is not listed never happens, whatever a notification claims.
var follows = map[Status][]Status{
	// Straight to captured goes a payment whose money is taken at once, or has come by itself.
	Pending:        {ActionRequired, Authorised, Held, Captured, Declined, Refused, Cancelled, Failed, Expired},
	ActionRequired: {Pending, Authorised, Held, Captured, Declined, Refused, Cancelled, Failed, Expired},
	// A hold of money that is taken already ends with its release or its refund, or with the issuer taking it back.
	Held:       {Authorised, PartiallyCaptured, Captured, Cancelled, Expired, PartiallyRefunded, Refunded, ChargedBack},
	Authorised: {Held, PartiallyCaptured, Captured, Cancelled, Expired},
	// What expires after a partial capture is the rest: the payment stays what it is.
	// A capture that the provider first confirmed and then failed leads back to authorised.
	PartiallyCaptured: {Captured, Authorised, PartiallyRefunded, Refunded, ChargedBack},
	Captured:          {Authorised, PartiallyCaptured, PartiallyRefunded, Refunded, ChargedBack},
	PartiallyRefunded: {Captured, PartiallyCaptured, Refunded, ChargedBack},
	// A refund that failed after its confirmation leads back.
	Refunded:    {PartiallyRefunded, Captured, PartiallyCaptured, ChargedBack},
	ChargedBack: {Captured, PartiallyCaptured, PartiallyRefunded, Refunded}, // a chargeback that was won back
	// Schemes let a late capture through, and a transfer may come after its time.
	Expired: {Captured, PartiallyCaptured, Held},
	// An authorisation reported after we gave the payment up is cancelled by reference, never taken.
	Cancelled: {}, Declined: {}, Refused: {}, Failed: {},
}

// Statuses lists every status, for pre-set metrics and the published contract.
func Statuses() []Status {
	return []Status{Pending, ActionRequired, Authorised, Held, Declined, Refused, Captured, PartiallyCaptured, Cancelled,
		Refunded, PartiallyRefunded, Expired, ChargedBack, Failed}
}

// Valid reports whether s is one of the contract's statuses.
func (s Status) Valid() bool { _, ok := follows[s]; return ok }

// MayBecome reports whether next may follow s.
func (s Status) MayBecome(next Status) bool { return slices.Contains(follows[s], next) }

// Live reports whether an order with a payment in this state must not get a second one.
func (s Status) Live() bool {
	switch s {
	case Refused, Declined, Cancelled, Expired, Failed:
		return false
	}
	return true
}
