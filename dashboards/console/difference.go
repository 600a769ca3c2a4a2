package console

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"octroi/gateway/payment"
	"octroi/risk/address"
)

// piece is a run of words as it was typed, and whether the other side has none of them.
type piece struct {
	Text    string
	Differs bool
}

// side is one of the two addresses of an order, run by run.
type side struct {
	Title   string // key
	Method  string
	Name    []piece
	Lines   [][]piece
	Place   []piece // postal code and city
	Country piece
}

// Known reports whether anything of the side was told.
func (s side) Known() bool { return len(s.Name)+len(s.Lines)+len(s.Place) > 0 || s.Country.Text != "" }

// sides sets billing and delivery against each other. Where the comparison of addresses finds them the same, no
// word of them is marked however it is written: the mark must mean what the decision meant.
func sides(d payment.Detail) (billing, delivery side) {
	b, l := d.Billing, d.Order.Delivery
	grade := address.Compare(address.Address(b.Address), address.Address(l.Address), l.Method).Grade
	compare := grade != address.Same && !b.Address.Zero() && !l.Address.Zero()
	billing = sideOf(b.Name, b.Address, l.Recipient, l.Address, compare)
	delivery = sideOf(l.Recipient, l.Address, b.Name, b.Address, compare)
	billing.Title, delivery.Title, delivery.Method = "address.billing", "address.delivery", l.Method
	return billing, delivery
}

// sideOf marks what of one side is not found on the other.
func sideOf(name string, a payment.Address, otherName string, other payment.Address, compare bool) side {
	s := side{Country: piece{Text: a.Country, Differs: compare && a.Country != "" && other.Country != "" && a.Country != other.Country}}
	s.Name = pieces(name, folded(otherName), otherName != "" && !address.SameName(name, otherName))
	street := folded(strings.Join(other.Lines, " "))
	for _, l := range a.Lines {
		s.Lines = append(s.Lines, pieces(l, street, compare))
	}
	s.Place = pieces(strings.TrimSpace(a.PostalCode+" "+a.City), folded(other.PostalCode+" "+other.City), compare)
	return s
}

// pieces cuts a text into runs of words, and marks those that the other side does not have. Neighbours that are marked
// alike stay together: a line that differs as a whole is one calm mark.
func pieces(text string, other map[string]bool, compare bool) []piece {
	var all []piece
	for _, w := range strings.Fields(text) {
		k := fold(w)
		differs := compare && k != "" && !other[k]
		if n := len(all); n > 0 && all[n-1].Differs == differs {
			all[n-1].Text += " " + w
			continue
		}
		all = append(all, piece{w, differs})
	}
	return all
}

// folded are the words of a text without what does not tell them apart.
func folded(text string) map[string]bool {
	all := map[string]bool{}
	for _, w := range strings.Fields(text) {
		all[fold(w)] = true
	}
	return all
}

// shortForms are the street words most often cut short; a full reading is package address's own affair, here they only
// keep a mark off a word that means the same.
var shortForms = map[string]string{"bd": "boulevard", "bld": "boulevard", "blvd": "boulevard", "av": "avenue", "ave": "avenue",
	"r": "rue", "pl": "place", "st": "saint", "ste": "sainte", "chem": "chemin", "ch": "chemin", "imp": "impasse", "all": "allee",
	"fg": "faubourg", "fbg": "faubourg", "sq": "square", "rte": "route", "res": "residence", "bat": "batiment",
	"appt": "appartement", "apt": "appartement"}

// fold brings a word to lower case without accents and punctuation, and writes common short forms out.
func fold(w string) string {
	var b strings.Builder
	for _, r := range norm.NFKD.String(strings.ToLower(w)) {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			b.WriteRune(r)
		}
	}
	k := b.String()
	if long, ok := shortForms[k]; ok {
		return long
	}
	return k
}
