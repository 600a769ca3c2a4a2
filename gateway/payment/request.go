package payment

import (
	"time"

	"octroi/providers"
	"octroi/risk"
)

// Request is the body of POST /v1/payments. It holds card data and therefore lives for one call only; Detail is the
// part of it that is kept.
type Request struct {
	Order     Order             `json:"order"`
	Amount    providers.Amount  `json:"amount"`
	Method    Method            `json:"payment_method"`
	Billing   Party             `json:"billing"`
	Buyer     Buyer             `json:"buyer"`
	Capture   CaptureMode       `json:"capture"`
	ReturnURL string            `json:"return_url"`
	Metadata  map[string]string `json:"metadata"`
	// Authentication says how the checkout can carry out 3-D Secure.
	Authentication Authentication `json:"authentication"`
}

// AssessmentRequest is the body of POST /v1/assessments.
type AssessmentRequest struct {
	Order     Order             `json:"order"`
	Amount    providers.Amount  `json:"amount"`
	Card      AssessmentCard    `json:"card"`
	Billing   Party             `json:"billing"`
	Buyer     Buyer             `json:"buyer"`
	Capture   CaptureMode       `json:"capture"`
	ReturnURL string            `json:"return_url"`
	Metadata  map[string]string `json:"metadata"`
}

// Method is how the buyer pays: a card with its clear fields or the provider's encrypted ones, or a means that needs no
// more than its name.
type Method struct {
	Type        Means            `json:"type"`
	Number      providers.Secret `json:"number"`
	ExpiryMonth string           `json:"expiry_month"`
	ExpiryYear  string           `json:"expiry_year"`
	CVC         providers.Secret `json:"cvc"`
	HolderName  string           `json:"holder_name"`

	EncryptedNumber      providers.Secret `json:"encrypted_number"`
	EncryptedExpiryMonth providers.Secret `json:"encrypted_expiry_month"`
	EncryptedExpiryYear  providers.Secret `json:"encrypted_expiry_year"`
	EncryptedCVC         providers.Secret `json:"encrypted_cvc"`
}

// Card is the method in the provider's words.
func (m Method) Card() providers.Card {
	return providers.Card{Number: m.Number, ExpiryMonth: m.ExpiryMonth, ExpiryYear: m.ExpiryYear, CVC: m.CVC,
		HolderName: m.HolderName, EncryptedNumber: m.EncryptedNumber, EncryptedExpiryMonth: m.EncryptedExpiryMonth,
		EncryptedExpiryYear: m.EncryptedExpiryYear, EncryptedCVC: m.EncryptedCVC}
}

// AssessmentCard is what a shop that keeps its own provider may tell of the card.
type AssessmentCard struct {
	Fingerprint   string           `json:"fingerprint"` // the shop's own stable name of the card
	Number        providers.Secret `json:"number"`
	BIN           string           `json:"bin"`
	Last4         string           `json:"last4"`
	ExpiryMonth   string           `json:"expiry_month"`
	ExpiryYear    string           `json:"expiry_year"`
	IssuerCountry string           `json:"issuer_country"`
}

// CaptureMode says whether an approved payment is captured by itself.
type CaptureMode string

// The capture modes; an absent one means automatic.
const (
	CaptureAutomatic CaptureMode = "automatic"
	CaptureManual    CaptureMode = "manual"
)

// Order is what is bought and where it goes.
type Order struct {
	Reference string   `json:"reference"`
	Items     []Item   `json:"items,omitempty"`
	Delivery  Delivery `json:"delivery,omitzero"`
}

// Item is one line of an order; amounts in minor units of the payment's currency.
type Item struct {
	SKU        string `json:"sku,omitempty"`
	Name       string `json:"name,omitempty"`
	Quantity   int64  `json:"quantity"`
	UnitAmount int64  `json:"unit_amount"`
	Category   string `json:"category,omitempty"`
}

// Delivery is how and where the goods go.
type Delivery struct {
	Method    string  `json:"method,omitempty"` // home, pickup_point, locker, store, digital
	Recipient string  `json:"recipient,omitempty"`
	Address   Address `json:"address,omitzero"`
}

// Party is a name at an address.
type Party struct {
	Name    string  `json:"name,omitempty"`
	Address Address `json:"address,omitzero"`
}

// Address is a postal address as the checkout sent it.
type Address struct {
	Lines      []string `json:"lines,omitempty"`
	PostalCode string   `json:"postal_code,omitempty"`
	City       string   `json:"city,omitempty"`
	Country    string   `json:"country,omitempty"`
}

// Zero reports whether nothing of the address was sent.
func (a Address) Zero() bool { return risk.Address(a).Zero() }

// Buyer is who orders.
type Buyer struct {
	ID               string    `json:"id,omitempty"`
	Email            string    `json:"email"`
	Phone            string    `json:"phone,omitempty"`
	IP               string    `json:"ip,omitempty"`
	DeviceID         string    `json:"device_id,omitempty"`
	UserAgent        string    `json:"user_agent,omitempty"`
	Locale           string    `json:"locale,omitempty"`
	AccountCreatedAt time.Time `json:"account_created_at,omitzero"`
	Browser          *Browser  `json:"browser,omitempty"` // for the issuer; lives for one call
}

// Detail is what is kept of a request: everything but the means of payment and what only 3-D Secure asks for.
type Detail struct {
	Order     Order             `json:"order"`
	Billing   Party             `json:"billing,omitzero"`
	Buyer     Buyer             `json:"buyer"`
	Capture   CaptureMode       `json:"capture"`
	ReturnURL string            `json:"return_url,omitempty"`
	Metadata  map[string]string `json:"metadata,omitempty"`
	Holder    string            `json:"holder,omitempty"` // name on the card
	// StatementCode says that the authorisation's line on the buyer's bank statement carries a code.
	StatementCode bool `json:"statement_code,omitempty"`
}

// Detail is the part of the request that is kept.
func (r Request) Detail() Detail {
	mode := r.Capture
	if mode == "" {
		mode = CaptureAutomatic
	}
	r.Buyer.Browser = nil
	return Detail{Order: r.Order, Billing: r.Billing, Buyer: r.Buyer, Capture: mode, ReturnURL: r.ReturnURL,
		Metadata: r.Metadata, Holder: r.Method.HolderName}
}
