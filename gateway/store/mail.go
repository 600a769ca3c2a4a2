package store

import (
	"time"

	"octroi/gateway/hold"
	"octroi/providers"
)

// MailTemplate names a mail to the buyer.
type MailTemplate string

// The mails a buyer can get.
const (
	MailProofRequest  MailTemplate = "proof_request"
	MailProofReminder MailTemplate = "proof_reminder"
	MailRefused       MailTemplate = "payment_refused"
	MailReleased      MailTemplate = "payment_released"
	MailCancelled     MailTemplate = "payment_cancelled"
	MailMessage       MailTemplate = "message_from_analyst"
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
	Link           string           `json:"link,omitempty"`
	RespondBy      time.Time        `json:"respond_by,omitzero"`
	Message        string           `json:"message,omitempty"`
	Kinds          []hold.Kind      `json:"kinds,omitempty"`
}
