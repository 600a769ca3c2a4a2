package risk

import (
	"slices"
	"time"
)

// Facts are what is known of one order when it is decided. They are recorded with the decision and are all it may
// depend on besides histories, policy and lists, so that it can be replayed. They hold no card number, only its keyed
// fingerprint.
type Facts struct {
	ID       string    `json:"id"` // of the payment or assessment; the same for every retry of one request
	At       time.Time `json:"at"`
	Shop     string    `json:"shop"`
	Order    Order     `json:"order"`
	Amount   int64     `json:"amount"` // minor units
	Currency string    `json:"currency"`
	Method   string    `json:"payment_method,omitempty"` // paypal, bank_transfer …; "" is a card
	Card     Card      `json:"card"`
	Billing  Party     `json:"billing"`
	Delivery Delivery  `json:"delivery"`
	Buyer    Buyer     `json:"buyer"`
	// Metadata is the shop's own; a policy may declare entities from it.
	Metadata map[string]string `json:"metadata,omitempty"`
	// Custom are the values of the entities that the policy declared, in its order.
	Custom [CustomEntities]string `json:"custom,omitzero"`
	// Review is what the issuer answered; nil before the authorisation.
	Review *Review `json:"review,omitempty"`
}

// Order is what is bought.
type Order struct {
	Reference string `json:"reference"`
	Items     []Item `json:"items,omitempty"`
}

// Item is one line of an order.
type Item struct {
	SKU        string `json:"sku,omitempty"`
	Name       string `json:"name,omitempty"`
	Category   string `json:"category,omitempty"`
	Quantity   int64  `json:"quantity"`
	UnitAmount int64  `json:"unit_amount"`
}

// Card is what may be known of a card without its number.
type Card struct {
	Fingerprint   string `json:"fingerprint,omitempty"` // keyed hash of the whole number, or of what else names the card for good
	BIN           string `json:"bin,omitempty"`         // 8 digits, 6 tolerated
	Last4         string `json:"last4,omitempty"`
	Brand         string `json:"brand,omitempty"`
	ExpiryMonth   string `json:"expiry_month,omitempty"`
	ExpiryYear    string `json:"expiry_year,omitempty"`
	IssuerCountry string `json:"issuer_country,omitempty"`
	Funding       string `json:"funding,omitempty"`
	HolderName    string `json:"holder_name,omitempty"`
}

// Address is a postal address.
type Address struct {
	Lines      []string `json:"lines,omitempty"`
	PostalCode string   `json:"postal_code,omitempty"`
	City       string   `json:"city,omitempty"`
	Country    string   `json:"country,omitempty"` // ISO 3166-1 alpha-2
}

// Zero reports whether nothing of the address is known.
func (a Address) Zero() bool {
	return len(a.Lines) == 0 && a.PostalCode == "" && a.City == "" && a.Country == ""
}

// equal reports whether both are written alike, letter for letter, as they are in most orders.
func (a Address) equal(b Address) bool {
	return a.PostalCode == b.PostalCode && a.City == b.City && a.Country == b.Country && slices.Equal(a.Lines, b.Lines)
}

// Party is a name at an address.
type Party struct {
	Name    string  `json:"name,omitempty"`
	Address Address `json:"address"`
}

// Delivery is where and how the goods go.
type Delivery struct {
	Method    string  `json:"method,omitempty"` // home, pickup_point, locker, store, digital; "" when not said
	Recipient string  `json:"recipient,omitempty"`
	Address   Address `json:"address"`
}

// Buyer is who orders.
type Buyer struct {
	ID               string    `json:"id,omitempty"` // the shop's customer number
	Email            string    `json:"email"`
	Phone            string    `json:"phone,omitempty"`
	IP               string    `json:"ip,omitempty"`
	IPCountry        string    `json:"ip_country,omitempty"` // from a geolocation database when one is configured
	DeviceID         string    `json:"device_id,omitempty"`
	UserAgent        string    `json:"user_agent,omitempty"`
	Locale           string    `json:"locale,omitempty"`
	AccountCreatedAt time.Time `json:"account_created_at,omitzero"`
}

// Review is what an authorisation brought, for the stage after it.
type Review struct {
	Status         string `json:"status"` // authorised, refused
	AVS            string `json:"avs,omitempty"`
	CVC            string `json:"cvc,omitempty"`
	ThreeDS        string `json:"three_ds,omitempty"`
	LiabilityShift bool   `json:"liability_shift,omitempty"`
	Exemption      string `json:"exemption,omitempty"` // from strong authentication, in the provider's words
	Refusal        string `json:"refusal,omitempty"`
}

// Authenticated reports whether the issuer has established that the buyer is the card's holder. An attempt that the
// issuer took no part in may shift the liability, but establishes nothing.
func (r Review) Authenticated() bool { return r.ThreeDS == "authenticated" }
