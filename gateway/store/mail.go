package store

import (
	"time"

	"octroi/gateway/hold"
	"octroi/gateway/payment"
	"octroi/providers"
)

// MailTemplate names a mail to the buyer.
type MailTemplate string

// The mails a buyer can get.
const (
	MailProofRequest  MailTemplate = "proof_request"
	MailProofReminder MailTemplate = "proof_reminder"
	MailUnreadable    MailTemplate = "document_unreadable" // a document has to be sent again
	MailMessage       MailTemplate = "message_from_analyst"
	MailReleased      MailTemplate = "payment_released"
	MailRejected      MailTemplate = "payment_rejected"  // a person said no after looking
	MailCancelled     MailTemplate = "payment_cancelled" // by the shop
	MailWithdrawn     MailTemplate = "order_withdrawn"   // by the buyer
	MailExpired       MailTemplate = "payment_expired"   // nobody decided in time
	MailRefused       MailTemplate = "payment_refused"   // the issuer said no
	MailDeclined      MailTemplate = "payment_declined"  // the policy said no, without a person
	MailRefunded      MailTemplate = "payment_refunded"
)

// Mail is the payload of a KindMail message: what a mail says, not how. It never holds a score, a rule or card data
// beyond what the buyer may be shown; it is emptied with the message once it has left.
type Mail struct {
	Template       MailTemplate     `json:"template"`
	Language       string           `json:"language"`
	To             string           `json:"to"`
	ToName         string           `json:"to_name,omitempty"`
	ShopName       string           `json:"shop_name"`
	OrderReference string           `json:"order_reference"`
	Amount         providers.Amount `json:"amount"`
	// Link leads to the proof page, or to where the order can be paid again. To the proof page it is kept as a place that is
	// filled when the mail leaves, and empty when the case is over by then.
	Link      string    `json:"link,omitempty"`
	RespondBy time.Time `json:"respond_by,omitzero"`
	Message   string    `json:"message,omitempty"`
	// Kinds are the proofs asked for, or asked for again.
	Kinds []hold.Kind `json:"kinds,omitempty"`
	// Code says that the code on the buyer's bank statement is offered.
	Code bool `json:"code,omitempty"`
	// Last says that no reminder follows.
	Last bool `json:"last,omitempty"`
	// Refunded is what MailRefunded gives back; Amount stays the payment's.
	Refunded providers.Amount `json:"refunded,omitzero"`
	// Method is how the payment was made; "" is a card. A refund of instalments is explained as what it is.
	Method providers.Method `json:"method,omitempty"`
	// Taken says that the money is with the shop, so that a rejection gives it back; otherwise it is reserved at most.
	Taken bool `json:"taken,omitempty"`
	// Means are other ways to pay that the shop takes, for a mail about a refusal.
	Means []payment.Means `json:"means,omitempty"`
}
