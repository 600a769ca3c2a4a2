package adyensim

import (
	"encoding/json"
	"maps"
	"net/http"
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
	StatusAuthorised = "authorised"
	StatusRefused    = "refused"
	StatusCancelled  = "cancelled"
	StatusCaptured   = "captured" // some or all of it
)

// Payment is one payment as the simulated account has it. Of the card it holds only what may be kept.
type Payment struct {
	PSPReference     string         `json:"psp_reference"`
	Reference        string         `json:"reference"`
	OrderReference   string         `json:"order_reference,omitempty"`
	Amount           Amount         `json:"amount"` // authorised
	Captured         int64          `json:"captured"`
	Refunded         int64          `json:"refunded"`
	Status           string         `json:"status"`
	ResultCode       string         `json:"result_code"`
	RefusalReason    string         `json:"refusal_reason,omitempty"`
	RefusalRaw       string         `json:"refusal_raw,omitempty"`
	Brand            string         `json:"brand,omitempty"`
	BIN              string         `json:"bin,omitempty"`
	Last4            string         `json:"last4,omitempty"`
	ShopperStatement string         `json:"shopper_statement,omitempty"` // the line on the buyer's bank statement
	FailCapture      bool           `json:"fail_capture,omitempty"`      // holder "capture failed"
	FailRefund       bool           `json:"fail_refund,omitempty"`       // holder "refund failed"
	CreatedAt        time.Time      `json:"created_at"`
	Modifications    []Modification `json:"modifications,omitempty"`
}

// Modification is a capture, cancel, refund, reversal or amount update of a payment, and what came of it.
type Modification struct {
	PSPReference string `json:"psp_reference"`
	Kind         string `json:"kind"` // captures, cancels, refunds, reversals, amountUpdates
	Reference    string `json:"reference,omitempty"`
	Amount       Amount `json:"amount,omitzero"`
	Success      bool   `json:"success"`
	Reason       string `json:"reason,omitempty"`
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

// book is the state that the journal's entries fold into.
type book struct {
	payments map[string]*Payment // by PSP reference
	order    []string            // PSP references, oldest first
	byRef    map[string][]string // PSP references by merchant reference
	answers  map[string]answer   // by idempotency key
	taken    map[string]bool     // every PSP reference in use
	pending  []webhook           // undelivered, in the order of their events
	lastHook int64
}

// answer is what an idempotency key was answered with.
type answer struct {
	Status int             `json:"status"`
	Body   json.RawMessage `json:"body"`
}

// entry is one line of the journal: everything one request, or one delivery, changed.
type entry struct {
	Key       string    `json:"key,omitempty"`
	Answer    *answer   `json:"answer,omitempty"`
	Payments  []Payment `json:"payments,omitempty"` // whole, as they are after the change
	Webhooks  []webhook `json:"webhooks,omitempty"`
	Delivered []int64   `json:"delivered,omitempty"` // ids of webhooks acknowledged
}

func newBook() *book {
	return &book{payments: map[string]*Payment{}, byRef: map[string][]string{}, answers: map[string]answer{}, taken: map[string]bool{}}
}

// apply folds one entry into the book.
func (b *book) apply(e entry) {
	if e.Answer != nil && e.Key != "" {
		b.answers[e.Key] = *e.Answer
	}
	for _, p := range e.Payments {
		b.put(p)
	}
	for _, w := range e.Webhooks {
		b.pending = append(b.pending, w)
		b.lastHook = max(b.lastHook, w.ID)
	}
	for _, id := range e.Delivered {
		if len(b.pending) > 0 && b.pending[0].ID == id { // as a rule: a long backlog is not moved for each
			b.pending = b.pending[1:]
			continue
		}
		b.pending = slices.DeleteFunc(b.pending, func(w webhook) bool { return w.ID == id })
	}
}

func (b *book) put(p Payment) {
	if _, known := b.payments[p.PSPReference]; !known {
		b.order = append(b.order, p.PSPReference)
		b.byRef[p.Reference] = append(b.byRef[p.Reference], p.PSPReference)
	}
	b.taken[p.PSPReference] = true
	for _, m := range p.Modifications {
		b.taken[m.PSPReference] = true
	}
	b.payments[p.PSPReference] = &p
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
		if p.Status == StatusRefused {
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

func moreThanOne(counts map[string]int) []string {
	var names []string
	for _, name := range slices.Sorted(maps.Keys(counts)) {
		if counts[name] > 1 {
			names = append(names, name)
		}
	}
	return names
}

func (s *Server) readLedger(w http.ResponseWriter, _ *http.Request) {
	writeJSON(w, http.StatusOK, s.Ledger())
}
