package flow

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"octroi/gateway/hold"
	"octroi/gateway/payment"
)

// Shop is one merchant account and its terms.
type Shop struct {
	ID    string
	Name  string // as buyers know it
	Terms hold.Terms
	// ClearCards lets the shop send card numbers in the clear. Without it only the provider's encrypted fields are taken.
	ClearCards bool
	// Methods are the means of payment that the shop takes, in the order it offers them; cards alone when empty.
	Methods []payment.Means
	// Transfer and Cheque are the terms of the offline ones, needed where Methods has them.
	Transfer TransferTerms
	Cheque   ChequeTerms
	// RetryURL is where a buyer can pay an order anew, with RetryOrder in the place of its reference; "" for nowhere.
	RetryURL string
	// Webhooks tells whether the shop listens; without it no webhook message is written.
	Webhooks bool
	// Degraded bounds what may be authorised while the histories are away.
	Degraded DegradedLimit
	// Statement is what the buyer reads on the bank statement, as far as the provider lets it be chosen; "" leaves the
	// account's own text.
	Statement string
	// ActionTimeout is how long a buyer may take over a step of their bank's; DefaultActionTimeout when 0.
	ActionTimeout time.Duration
}

// RetryOrder stands for the order's reference in Shop.RetryURL.
const RetryOrder = "{order_reference}"

// TransferTerms are where a bank transfer goes.
type TransferTerms struct {
	Beneficiary string
	IBAN        string
	BIC         string        // "" where the buyer's bank finds it by the IBAN
	Within      time.Duration // how long the money may take; DefaultTransferTime when 0
}

// ChequeTerms are whom a cheque is made out to, and where it is sent.
type ChequeTerms struct {
	PayableTo string
	Address   string
	Within    time.Duration // how long it may take; DefaultChequeTime when 0
}

// How long the money of an offline payment may take to come.
const (
	DefaultTransferTime = 7 * 24 * time.Hour  // a transfer takes a banking day (PSD2 article 83), and its buyer a weekend
	DefaultChequeTime   = 14 * 24 * time.Hour // to write it, to post it, to be paid in
)

// DefaultActionTimeout is how long a buyer may take over a step of their bank's. An hour is more than any issuer leaves
// a challenge open, and as long as an order can well wait for another try.
const DefaultActionTimeout = time.Hour

// actionTimeout is the shop's.
func (s Shop) actionTimeout() time.Duration {
	if s.ActionTimeout > 0 {
		return s.ActionTimeout
	}
	return DefaultActionTimeout
}

// Accepts is what the shop lets its checkout send.
func (s Shop) Accepts() payment.Accepts {
	return payment.Accepts{Means: s.methods(), ClearCards: s.ClearCards}
}

// methods are the means of payment that the shop takes.
func (s Shop) methods() []payment.Means {
	if len(s.Methods) == 0 {
		return []payment.Means{payment.MeansCard}
	}
	return s.Methods
}

// instead are the means to offer a buyer whose payment did not come about: another card is one.
func (s Shop) instead(of payment.Means) []payment.Means {
	if of.IsCard() {
		return s.methods()
	}
	return payment.Others(s.methods(), of)
}

// check says what the shop's means of payment lack.
func (s Shop) check() error {
	for i, m := range s.Methods {
		switch {
		case !m.Valid():
			return fmt.Errorf("there is no means of payment %q", m)
		case slices.Index(s.Methods, m) != i:
			return fmt.Errorf("the means of payment %s is named twice", m)
		}
	}
	t, c := s.Transfer, s.Cheque
	switch {
	case slices.Contains(s.Methods, payment.MeansTransfer) && (t.Beneficiary == "" || !payment.ValidIBAN(t.IBAN) || t.BIC != "" && !payment.ValidBIC(t.BIC)):
		return errors.New("a bank transfer needs a beneficiary and a valid IBAN, and a BIC must be valid where there is one")
	case slices.Contains(s.Methods, payment.MeansCheque) && (c.PayableTo == "" || c.Address == ""):
		return errors.New("a cheque needs whom it is payable to and the address it is sent to")
	case t.Within < 0 || c.Within < 0:
		return errors.New("the time that money may take must not be negative")
	}
	return checkRetryURL(s.RetryURL)
}

func checkRetryURL(pattern string) error {
	if pattern == "" {
		return nil
	}
	u, err := url.Parse(strings.ReplaceAll(pattern, RetryOrder, "A-1"))
	if err != nil || (u.Scheme != "https" && u.Scheme != "http") || u.Host == "" || u.User != nil || !strings.Contains(u.RequestURI(), "A-1") ||
		strings.Count(pattern, RetryOrder) != 1 || len(pattern) > payment.MaxURL/2 {
		return errors.New("the retry address must be an absolute http or https one with " + RetryOrder + " once in its path or query")
	}
	return nil
}

// retryURL is where the order can be paid anew; "" when the shop has not said.
func (s Shop) retryURL(order string) string {
	before, after, found := strings.Cut(s.RetryURL, RetryOrder)
	if !found {
		return ""
	}
	escape := url.PathEscape
	if strings.Contains(before, "?") {
		escape = url.QueryEscape
	}
	return before + escape(order) + after
}

// DegradedLimit bounds authorisations made without histories, which are all held: above either bound the order is
// declined, since a card tester would otherwise get his answers from the issuer while Redis is away.
type DegradedLimit struct {
	MaxAmount int64 // minor units; 0 is no bound
	PerMinute int   // authorisations a minute; 0 is no bound
}
