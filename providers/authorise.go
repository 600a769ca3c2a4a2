package providers

import (
	"fmt"
	"time"
)

// Shopper is what the provider wants to know of the buyer: it sharpens the issuer's own checks and 3-D Secure.
type Shopper struct {
	Reference string
	Name      string
	Email     string
	Phone     string
	IP        string
	UserAgent string
	Locale    string
}

// Authorisation asks a provider to reserve an amount on a card. Capture is always a later step of its own.
type Authorisation struct {
	Shop           string // whose merchant account
	PaymentID      string // our reference at the provider; notifications bring it back
	IdempotencyKey string // at most 64 characters, the same for every retry of the same attempt
	OrderReference string
	Amount         Amount
	Card           Card
	Shopper        Shopper
	Billing        *Address
	Delivery       *Address
	ReturnURL      string
	Statement      string // text of the buyer's bank-statement line; "" leaves the account's own
	Challenge      bool   // ask the issuer to authenticate the buyer
}

// Format implements fmt.Formatter: it prints the fields, and keeps fmt from reaching the card's by another way.
func (a Authorisation) Format(f fmt.State, verb rune) {
	type fields Authorisation
	a.Card = Card{}
	fmt.Fprintf(f, fmt.FormatString(f, verb), fields(a))
}

// Status is what became of an authorisation, as far as the provider's answer tells.
type Status string

// The states an answer can leave an authorisation in.
const (
	StatusAuthorised     Status = "authorised"
	StatusRefused        Status = "refused"
	StatusActionRequired Status = "action_required"
	StatusPending        Status = "pending" // final word follows by notification
	StatusCancelled      Status = "cancelled"
	StatusUnknown        Status = "unknown" // the answer said something this adapter does not know; never read as a yes or a no
)

// Result is a provider's answer to an Authorisation. Fields the provider did not give are empty.
type Result struct {
	Status        Status
	Reference     string // the provider's own id of the payment
	Authorised    Amount // may be less than asked for, where an account takes partial approvals: compare before shipping
	Brand         string
	BIN           string
	Last4         string
	IssuerCountry string // ISO 3166-1 alpha-2
	Funding       string // credit, debit, prepaid
	AVS           string // address check: match, partial, mismatch, unavailable, unknown; "" when absent
	CVC           string // code check: match, mismatch, not_checked, not_provided, unknown; "" when absent
	ThreeDS       string // authenticated, attempted, failed, not_enrolled; "" when not tried
	ExpiresAt     time.Time
	Refusal       *Refusal
	Action        *Action
}

// Action is a step the buyer's browser must take before the payment can go on. Data holds what the step needs under the
// provider's own names; the fields of a form to be posted to URL are named "form." and their own name.
type Action struct {
	Type string            `json:"type"` // redirect, threeds2_fingerprint, threeds2_challenge
	URL  string            `json:"url,omitempty"`
	Data map[string]string `json:"data,omitempty"`
}
