package main

import (
	"net/url"
	"slices"
	"strings"
	"time"

	"octroi/gateway/flow"
	"octroi/gateway/payment"
)

// transferSection is where a shop takes bank transfers.
type transferSection struct {
	Beneficiary string   `yaml:"beneficiary"`
	IBAN        string   `yaml:"iban"`
	BIC         string   `yaml:"bic"`
	Within      duration `yaml:"within"`
}

// chequeSection is how a shop takes cheques.
type chequeSection struct {
	PayableTo string   `yaml:"payable_to"`
	Address   string   `yaml:"address"`
	Within    duration `yaml:"within"`
}

// Bounds of how long offline money may take: a cheque or a transfer of the same hour is no such thing, and no shop keeps
// goods aside for two months.
const leastWait, longestWait = time.Hour, 60 * 24 * time.Hour

// means reads the means of payment that the shop takes, and what the offline ones need.
func (r *reader) means(key string, s shopSection, to *flow.Shop) {
	for _, name := range s.Methods {
		m := payment.Means(name)
		if !m.Valid() {
			r.bad(key+".methods", "there is no means %q: they are card, paypal, alma, bank_transfer and cheque", name)
		}
		if slices.Contains(to.Methods, m) {
			r.bad(key+".methods", "%s is there twice", name)
		}
		to.Methods = append(to.Methods, m)
	}
	takes := func(m payment.Means, section string, there bool) bool {
		if slices.Contains(to.Methods, m) != there {
			r.bad(key+"."+section, "goes with %s among the methods, and needs it", m)
		}
		return there
	}
	if takes(payment.MeansTransfer, "bank_transfer", s.BankTransfer != nil) {
		to.Transfer = r.transfer(key+".bank_transfer", *s.BankTransfer)
	}
	if takes(payment.MeansCheque, "cheque", s.Cheque != nil) {
		to.Cheque = r.cheque(key+".cheque", *s.Cheque)
	}
	to.RetryURL = r.retryURL(key+".retry_url", s.RetryURL)
}

func (r *reader) transfer(key string, s transferSection) flow.TransferTerms {
	if s.Beneficiary == "" {
		r.bad(key+".beneficiary", "is missing: the buyer's bank asks for it")
	}
	if !payment.ValidIBAN(s.IBAN) {
		r.bad(key+".iban", "is not an IBAN: its length or its check digits are wrong")
	}
	if s.BIC != "" && !payment.ValidBIC(s.BIC) {
		r.bad(key+".bic", "is not a BIC: it must have 8 or 11 letters and digits")
	}
	return flow.TransferTerms{Beneficiary: s.Beneficiary, IBAN: s.IBAN, BIC: s.BIC, Within: r.wait(key, time.Duration(s.Within))}
}

func (r *reader) cheque(key string, s chequeSection) flow.ChequeTerms {
	if s.PayableTo == "" || s.Address == "" {
		r.bad(key, "payable_to and address are both needed: the buyer writes the one and sends it to the other")
	}
	return flow.ChequeTerms{PayableTo: s.PayableTo, Address: s.Address, Within: r.wait(key, time.Duration(s.Within))}
}

// wait is how long money may take; 0 leaves what is usual.
func (r *reader) wait(key string, within time.Duration) time.Duration {
	if within != 0 && (within < leastWait || within > longestWait) {
		r.bad(key+".within", "must be between 1h and 1440h")
	}
	return within
}

// retryURL is where an order can be paid anew.
func (r *reader) retryURL(key, pattern string) string {
	if pattern == "" {
		return ""
	}
	u, err := url.Parse(strings.ReplaceAll(pattern, flow.RetryOrder, "A-1"))
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || u.User != nil ||
		strings.Count(pattern, flow.RetryOrder) != 1 || !strings.Contains(u.RequestURI(), "A-1") {
		r.bad(key, "must be an http or https address with %s once in its path or query", flow.RetryOrder)
	}
	return pattern
}

// everyMeans lets the demo's shop be paid in every way: into nobody's account, and by post to nobody. A buyer pays again at
// the pretend shop at site.
func everyMeans(s flow.Shop, site string) flow.Shop {
	s.Methods, s.RetryURL = payment.AllMeans(), site+"/?order="+flow.RetryOrder
	s.Transfer = flow.TransferTerms{Beneficiary: s.Name, IBAN: "FR14 2004 1010 0505 0001 3M02 606", BIC: "EXMPFRP1"} // the IBAN registry's example
	s.Cheque = flow.ChequeTerms{PayableTo: s.Name, Address: s.Name + ", 1 rue des Exemples, 75000 Paris"}
	return s
}
