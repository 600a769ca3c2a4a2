package providers

// RefusalCode says why an issuer (or the provider for it) refused a payment. The set is closed: it is part of the
// public contract, and its values are metric labels.
type RefusalCode string

// The refusal codes of the public contract.
const (
	ExpiryIncorrect        RefusalCode = "expiry_incorrect" // the issuer says that the date typed is not the card's
	CardExpired            RefusalCode = "card_expired"     // the date on the card has passed
	InsufficientFunds      RefusalCode = "insufficient_funds"
	IssuerBlocked          RefusalCode = "issuer_blocked"
	CVCIncorrect           RefusalCode = "cvc_incorrect"
	NumberIncorrect        RefusalCode = "number_incorrect"
	LimitExceeded          RefusalCode = "limit_exceeded"
	AuthenticationRequired RefusalCode = "authentication_required" // a soft decline: once more, with 3-D Secure
	AuthenticationFailed   RefusalCode = "authentication_failed"
	NotPermitted           RefusalCode = "not_permitted"
	IssuerUnavailable      RefusalCode = "issuer_unavailable"
	SuspectedFraud         RefusalCode = "suspected_fraud"
	Refused                RefusalCode = "refused" // no reason given, or one that has no code of its own
)

// RefusalCodes lists every code, for pre-set metrics and the published contract.
func RefusalCodes() []RefusalCode {
	return []RefusalCode{ExpiryIncorrect, CardExpired, InsufficientFunds, IssuerBlocked, CVCIncorrect, NumberIncorrect,
		LimitExceeded, AuthenticationRequired, AuthenticationFailed, NotPermitted, IssuerUnavailable, SuspectedFraud, Refused}
}

// Retry says what may sensibly be tried after a refusal.
type Retry string

// What a buyer or a shop can do after a refusal.
const (
	RetryCorrectDetails Retry = "correct_details"
	RetryContactIssuer  Retry = "contact_issuer"
	RetryOtherMethod    Retry = "other_method"
	RetryLater          Retry = "later"
	RetryAuthenticate   Retry = "authenticate"
	RetryNever          Retry = "never" // the scheme forbids another try with this card
)

// Refusal is one issuer refusal in the contract's words. Raw keeps the provider's own evidence for the operator's
// logs and the analyst; it is bounded, holds no card data, and is never shown to a buyer or a shop.
type Refusal struct {
	Code  RefusalCode
	Retry Retry
	Raw   string
}
