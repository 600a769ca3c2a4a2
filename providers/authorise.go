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

// Method is a means of payment that a provider settles.
type Method string

// The means of payment of the contract. A card's money is reserved, and captured in a step of its own; the others take
// the buyer to a page of theirs and take the money at once (see Result.Captured).
const (
	MethodCard   Method = "card"
	MethodPayPal Method = "paypal"
	MethodAlma   Method = "alma" // paid to the shop at once and by the buyer in instalments: refunded as one purchase
)

// Item is one line of the order. Methods that pay in instalments want to see them.
type Item struct {
	SKU        string
	Name       string
	Quantity   int64
	UnitAmount int64 // minor units of the order's currency
}

// Browser is what 3-D Secure asks of the buyer's browser (EMV 3-D Secure, browser data elements).
type Browser struct {
	AcceptHeader   string
	Language       string
	ColorDepth     int
	ScreenHeight   int
	ScreenWidth    int
	TimeZoneOffset int // minutes that UTC is ahead of the browser's time, as getTimezoneOffset gives it
	JavaEnabled    bool
	ScriptEnabled  bool
}

// Destination says where the goods go, in the words of EMV 3-D Secure's merchant risk indicator.
type Destination string

// The destinations an issuer knows.
const (
	ToBillingAddress  Destination = "billing_address"
	ToVerifiedAddress Destination = "verified_address" // another address, to which this buyer has been sent goods before
	ToOtherAddress    Destination = "other_address"
	ToStore           Destination = "store" // a shop, locker or pick-up point where the buyer fetches the parcel
	ToDigital         Destination = "digital"
)

// RiskIndicator is what the shop's own checks tell the issuer, so that 3-D Secure runs frictionless when it can.
type RiskIndicator struct {
	Destination    Destination // "" when the order has no delivery
	AddressesMatch *bool       // billing and delivery are the same place; nil when one is not known
	DeliveryEmail  string      // of goods that are delivered by e-mail
	Reordered      bool        // the buyer has bought here before
}

// Account is what the shop knows of the buyer's account with it.
type Account struct {
	CreatedAt       time.Time // zero when there is none or it is not known
	PurchasesHalf   int       // purchases of the last six months
	AttemptsDay     int       // attempts of the last 24 hours
	AttemptsYear    int
	DeliverySince   time.Time // first use of this delivery address; zero when never or not known
	SuspiciousBuyer bool      // the shop has had fraud from this account
}

// Authorisation asks a provider to reserve an amount on a card, or to begin a payment by another Method. Capture of a
// card is always a later step of its own.
type Authorisation struct {
	Shop           string // whose merchant account
	PaymentID      string // our reference at the provider; notifications bring it back
	IdempotencyKey string // at most 64 characters, the same for every retry of the same attempt
	OrderReference string
	Amount         Amount
	Method         Method // "" is MethodCard
	Card           Card   // of MethodCard
	Items          []Item
	Shopper        Shopper
	Account        Account
	Risk           RiskIndicator
	Browser        *Browser // nil when the checkout did not tell: 3-D Secure then runs on a page of the provider's
	Billing        *Address
	Delivery       *Address
	ReturnURL      string // where the buyer comes back to after a redirect
	Origin         string // scheme and host of the checkout's page; needed where Native is set
	Native         bool   // the checkout can carry out 3-D Secure 2 steps itself, without a redirect
	Statement      string // text of the buyer's bank-statement line; "" leaves the account's own
	Challenge      bool   // ask the issuer to authenticate the buyer
}

// Details is what the buyer's browser brought back from an Action: the provider's own names and values, which the
// gateway passes on without reading them.
type Details struct {
	Shop           string
	PaymentID      string
	IdempotencyKey string // at most 64 characters, the same for every retry of the same details
	Amount         Amount // of the payment, to tell a partial approval
	Method         Method // "" is MethodCard
	Values         map[string]Secret
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
	Status     Status
	Reference  string // the provider's own id of the payment
	Authorised Amount // may be less than asked for, where an account takes partial approvals: compare before shipping
	Brand      string
	BIN        string
	Last4      string
	// Alias is the provider's own lasting name of the card, the same for every payment with it through one account. It is
	// no number, and known even of a card that came encrypted.
	Alias         Secret
	IssuerCountry string    // ISO 3166-1 alpha-2
	Funding       string    // credit, debit, prepaid
	AVS           string    // address check: match, partial, mismatch, unavailable, unknown; "" when absent
	CVC           string    // code check: match, mismatch, not_checked, not_provided, unknown; "" when absent
	ThreeDS       string    // authenticated, attempted, failed, not_enrolled; "" when not tried
	Liability     string    // who bears a fraud chargeback: issuer (it has shifted), shop; "" when the provider did not say
	Exemption     string    // the PSD2 exemption the authorisation ran under, in the provider's words, bounded; "" when none
	Captured      bool      // the money is taken already: rejecting the order means a refund
	UnderReview   bool      // the provider's own analysts have the payment and will report by notification
	ExpiresAt     time.Time // when what is reserved lapses; zero where nothing is, or the money is captured
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
