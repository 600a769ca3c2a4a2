package adyensim

import (
	"maps"
	"slices"
	"time"
)

// Amount is money in the currency's minor units, as Adyen writes it.
type Amount struct {
	Value    int64  `json:"value"`
	Currency string `json:"currency"`
}

// What a payment can be in the ledger.
const (
	StatusAwaiting   = "awaiting_shopper" // its buyer has something to do, or its method to decide
	StatusAuthorised = "authorised"
	StatusRefused    = "refused"
	StatusCancelled  = "cancelled" // after it was authorised
	StatusCaptured   = "captured"  // some or all of it
	StatusExpired    = "expired"   // before any of it was captured
)

// Payment is one payment as the simulated account has it. Of the card it holds only what may be kept.
type Payment struct {
	PSPReference     string         `json:"psp_reference"`
	Reference        string         `json:"reference"`
	OrderReference   string         `json:"order_reference,omitempty"`
	Amount           Amount         `json:"amount"` // authorised
	Captured         int64          `json:"captured"`
	Refunded         int64          `json:"refunded"`
	Expired          int64          `json:"expired,omitempty"`      // authorised, never captured, and let go
	ChargedBack      int64          `json:"charged_back,omitempty"` // taken back by the buyer's bank
	Dispute          string         `json:"dispute,omitempty"`      // PSP reference of the dispute
	Status           string         `json:"status"`
	ResultCode       string         `json:"result_code"`
	RefusalReason    string         `json:"refusal_reason,omitempty"`
	RefusalCode      string         `json:"refusal_code,omitempty"`
	RefusalRaw       string         `json:"refusal_raw,omitempty"`
	Method           string         `json:"method"` // scheme, paypal, alma
	Brand            string         `json:"brand,omitempty"`
	BIN              string         `json:"bin,omitempty"`
	Last4            string         `json:"last4,omitempty"`
	ShopperStatement string         `json:"shopper_statement,omitempty"` // the line on the buyer's bank statement
	FailCapture      bool           `json:"fail_capture,omitempty"`      // holder "capture failed"
	FailRefund       bool           `json:"fail_refund,omitempty"`       // holder "refund failed"
	UnderReview      bool           `json:"under_review,omitempty"`      // Adyen's analysts have it
	CreatedAt        time.Time      `json:"created_at"`
	Modifications    []Modification `json:"modifications,omitempty"`
}

// Modification is a capture, cancel, refund, reversal or amount update of a payment, and what came of it.
type Modification struct {
	PSPReference string    `json:"psp_reference"`
	Kind         string    `json:"kind"` // captures, cancels, refunds, reversals, amountUpdates
	Reference    string    `json:"reference,omitempty"`
	At           time.Time `json:"at,omitzero"`
	Amount       Amount    `json:"amount,omitzero"`
	Success      bool      `json:"success"`
	Reason       string    `json:"reason,omitempty"`
}

// Ledger is a snapshot of everything the simulated account did, oldest first.
type Ledger struct {
	Payments []Payment `json:"payments"`
	// Authorisations counts approved authorisations per merchant reference.
	Authorisations map[string]int `json:"authorisations"`
	// DoubleAuthorisations are the merchant references authorised more than once: a payment sent twice.
	DoubleAuthorisations []string `json:"double_authorisations"`
	// DoubleOrders are the order references that have more than one authorisation which is not cancelled.
	DoubleOrders    []string `json:"double_orders"`
	PendingWebhooks int      `json:"pending_webhooks"`
}

// Payment finds the newest payment under a merchant reference.
func (l Ledger) Payment(reference string) (Payment, bool) {
	for _, p := range slices.Backward(l.Payments) {
		if p.Reference == reference {
			return p, true
		}
	}
	return Payment{}, false
}

// Ledger is a snapshot of the account, a copy that later calls do not change.
func (s *Server) Ledger() Ledger {
	s.mu.Lock()
	defer s.mu.Unlock()
	l := Ledger{Payments: []Payment{}, Authorisations: map[string]int{}, PendingWebhooks: len(s.book.pending),
		DoubleAuthorisations: []string{}, DoubleOrders: []string{}}
	live := map[string]int{}
	for _, psp := range s.book.order {
		p := *s.book.payments[psp]
		p.Modifications = slices.Clone(p.Modifications)
		l.Payments = append(l.Payments, p)
		if !p.authorised() {
			continue
		}
		l.Authorisations[p.Reference]++
		if p.OrderReference != "" && p.Status != StatusCancelled {
			live[p.OrderReference]++
		}
	}
	l.DoubleAuthorisations = append(l.DoubleAuthorisations, moreThanOne(l.Authorisations)...)
	l.DoubleOrders = append(l.DoubleOrders, moreThanOne(live)...)
	return l
}

// authorised reports a payment that its issuer or method has approved, whatever came of it later.
func (p Payment) authorised() bool { return p.Status != StatusRefused && p.Status != StatusAwaiting }

// open is what of the authorisation may still be captured.
func (p Payment) open() int64 {
	if p.Status != StatusAuthorised && p.Status != StatusCaptured {
		return 0
	}
	return p.Amount.Value - p.Captured - p.Expired
}

func moreThanOne(counts map[string]int) []string {
	var names []string
	for _, name := range slices.Sorted(maps.Keys(counts)) {
		if counts[name] > 1 {
			names = append(names, name)
		}
	}
	return names
}
