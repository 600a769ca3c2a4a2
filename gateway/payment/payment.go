package payment

import (
	"time"

	"octroi/providers"
	"octroi/risk"
)

// Payment is one attempt of an order to pay. Its JSON form is what the shop sees; the fields without one are the
// gateway's own.
type Payment struct {
	ID             string            `json:"id"`
	Status         Status            `json:"status"`
	OrderReference string            `json:"order_reference"`
	Amount         providers.Amount  `json:"amount"`
	Captured       *providers.Amount `json:"captured_amount,omitempty"` // confirmed by the provider
	Refunded       *providers.Amount `json:"refunded_amount,omitempty"` // confirmed by the provider
	Method         PaidBy            `json:"payment_method"`
	Card           *Card             `json:"card,omitempty"` // of a payment by card
	Decision       *risk.Decision    `json:"decision,omitempty"`
	Authorisation  *Authorisation    `json:"authorisation,omitempty"`
	Refusal        *Refusal          `json:"refusal,omitempty"`
	Decline        *ToBuyer          `json:"decline,omitempty"` // of a payment that we declined
	Action         *providers.Action `json:"action,omitempty"`
	Dispute        *Dispute          `json:"dispute,omitempty"`
	Case           *CaseSummary      `json:"case,omitempty"`
	Operations     []Operation       `json:"operations,omitempty"`
	CreatedAt      time.Time         `json:"created_at"`
	UpdatedAt      time.Time         `json:"updated_at"`

	Shop   string `json:"-"`
	Detail Detail `json:"-"`
	// Due is until when the payment waits for what is not in Octroi's hands: an offline payment for its money, a pending
	// one for a provider that has said that it will take its time. Zero is the usual patience.
	Due     time.Time `json:"-"`
	Version int64     `json:"-"` // grows by one with every stored change; a change of an older version is refused
	// Attempt numbers the authorisation sent to the provider, from 1; with ID it makes the provider's idempotency key.
	Attempt int `json:"-"`
	// Superseded are the provider's ids of earlier attempts of this payment that the issuer refused: what is reported
	// of them does not touch it.
	Superseded []string `json:"-"`
	// Steps are the buyer's steps that were sent to the provider, oldest first.
	Steps []Step `json:"-"`
}

// PaidBy is how a payment is made, without what a card is told by.
type PaidBy struct {
	Type Means `json:"type"`
}

// Step is one step of the buyer's (3-D Secure, a redirect) whose details were sent to the provider. Of the details
// only a keyed hash is kept.
type Step struct {
	// Hash is empty for a step whose outcome the provider reported before its details came.
	Hash []byte `json:"hash,omitempty"`
	// Done is set once the provider has answered. A step that is not done may be sent again, under the same key.
	Done bool `json:"done,omitempty"`
}

// MaxSteps bounds the steps of one payment. 3-D Secure takes two, a redirect one; whoever asks for ever more of them is
// stopped.
const MaxSteps = 10

// DisputeStatus is where a dispute stands.
type DisputeStatus string

// The states of a dispute.
const (
	DisputeOpen        DisputeStatus = "open"         // announced; no money has moved
	DisputeChargedBack DisputeStatus = "charged_back" // the issuer has taken the money back
	DisputeWon         DisputeStatus = "won"          // and has given it back
)

// Dispute is what the provider has reported of disputes of the payment. Reports come in any order, so they are
// counted: the money is with the issuer while there are more chargebacks than reversals of them.
type Dispute struct {
	Status      DisputeStatus `json:"status"`
	Chargebacks int           `json:"chargebacks"` // a second one may follow a reversal
	Reversals   int           `json:"reversals"`
	UpdatedAt   time.Time     `json:"updated_at"`
}

// Lost reports whether the money is with the issuer.
func (d *Dispute) Lost() bool { return d != nil && d.Chargebacks > d.Reversals }

// Card is what may be shown and kept of a card.
type Card struct {
	Brand         string `json:"brand,omitempty"`
	BIN           string `json:"bin,omitempty"`
	Last4         string `json:"last4,omitempty"`
	IssuerCountry string `json:"issuer_country,omitempty"`
	Funding       string `json:"funding,omitempty"`
	Fingerprint   string `json:"-"` // keyed hash of the number, or of the provider's name of the card; "" while neither is known
}

// Authorisation is what the provider reserved.
type Authorisation struct {
	Provider  string    `json:"provider"`
	Reference string    `json:"reference"`
	AVS       string    `json:"avs,omitempty"`
	CVC       string    `json:"cvc,omitempty"`
	ThreeDS   string    `json:"three_ds,omitempty"`
	Liability string    `json:"liability,omitempty"` // who bears a fraud: issuer, shop; "" when the provider did not say
	Exemption string    `json:"exemption,omitempty"` // from strong authentication, in the provider's words
	ExpiresAt time.Time `json:"expires_at,omitzero"`
}

// Refusal is the issuer's no, and what the buyer may be told of it.
//
// The code and what to try are for the shop: shown to a buyer they would tell a card tester what ToBuyer, which is graded
// by risk, keeps back.
type Refusal struct {
	Code  providers.RefusalCode `json:"code"`
	Retry providers.Retry       `json:"retry"`
	ToBuyer
	Raw string `json:"-"` // the provider's evidence, for analysts
}

// ToBuyer is what a buyer whose payment did not come about may be told, and what they can do instead.
type ToBuyer struct {
	BuyerMessage string `json:"buyer_message"` // in the buyer's language
	// OtherMethods are the other means of payment that the shop takes, and RetryURL is where the order can be paid anew.
	OtherMethods []Means `json:"other_methods,omitempty"`
	RetryURL     string  `json:"retry_url,omitempty"`
}

// CaseSummary is what a shop sees of the case of a held payment.
type CaseSummary struct {
	ID        string    `json:"id"`
	Status    string    `json:"status"`
	RespondBy time.Time `json:"respond_by,omitzero"`
	DecideBy  time.Time `json:"decide_by,omitzero"`
	ProofURL  string    `json:"proof_url,omitempty"`
	// Alarms are what the clock has warned of: see the states of a case.
	Alarms []string `json:"alarms,omitempty"`
}

// OperationType is a change asked of an authorised payment.
type OperationType string

// The operations.
const (
	OpCapture OperationType = "capture"
	OpCancel  OperationType = "cancellation"
	OpRefund  OperationType = "refund"
)

// OperationStatus is where an operation stands.
type OperationStatus string

// The states of an operation: the provider's notification makes it final.
const (
	OpRequested OperationStatus = "requested" // durable here, not yet taken by the provider
	OpSent      OperationStatus = "sent"      // the provider has it in hand
	OpDone      OperationStatus = "done"
	OpFailed    OperationStatus = "failed"
)

// Operation is a capture, cancellation or refund and what became of it.
type Operation struct {
	ID        string           `json:"id"`
	Type      OperationType    `json:"type"`
	Status    OperationStatus  `json:"status"`
	Amount    providers.Amount `json:"amount,omitzero"`
	Reason    string           `json:"reason,omitempty"`
	CreatedAt time.Time        `json:"created_at"`
	UpdatedAt time.Time        `json:"updated_at"`

	PaymentID string `json:"-"`
	Reference string `json:"-"` // the provider's id of it
	Key       string `json:"-"` // the shop's Idempotency-Key; "" for our own
	BodyHash  []byte `json:"-"`
	Actor     string `json:"-"`
	// Confirmed and Failed count the provider's reports of success and of failure. A capture may fail after it was
	// confirmed and be made anew by the provider, and reports come in any order: it is done while successes prevail.
	Confirmed int `json:"-"`
	Failed    int `json:"-"`
}

// Sums of the operations of one type that are done, and of those that are done or may yet be.
func Sums(ops []Operation, kind OperationType) (done, claimed int64) {
	for _, o := range ops {
		if o.Type != kind || o.Status == OpFailed {
			continue
		}
		claimed += o.Amount.Value
		if o.Status == OpDone {
			done += o.Amount.Value
		}
	}
	return done, claimed
}
