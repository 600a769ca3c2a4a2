package hold

import (
	"slices"

	"octroi/gateway/payment"
)

// Rung is a step of the ladder by which a buyer shows that the card is theirs.
type Rung string

// The rungs that are not documents. Each kind of document is a rung of the same name.
const (
	RungChallenge     Rung = "threeds"        // the bank's own challenge, asked for with the authorisation
	RungStatementCode Rung = "statement_code" // the code in the authorisation's line on the bank statement
)

// Ladder lists every rung, cheapest for the good buyer first. A policy opens rungs by these names.
func Ladder() []Rung {
	all := []Rung{RungChallenge, RungStatementCode}
	for _, k := range Kinds() {
		all = append(all, Rung(k))
	}
	return all
}

// Document is the kind of document that the rung asks for; false for a rung without one.
func (r Rung) Document() (Kind, bool) {
	k := Kind(r)
	return k, slices.Contains(Kinds(), k)
}

// Has reports whether the shop's ladder has the rung: it asks for it, and its legal profile allows it.
func (t Terms) Has(r Rung) bool {
	if k, document := r.Document(); document && !slices.Contains(t.Profile.Kinds(), k) {
		return false
	}
	return slices.Contains(t.Ask, r)
}

// Challenges reports whether an order that the policy holds is challenged by the bank with its authorisation. opens are
// the rungs that the policy's reasons open; when they open none, every rung of the shop's is.
func (t Terms) Challenges(opens []string) bool {
	return t.Has(RungChallenge) && (len(opens) == 0 || slices.Contains(opens, string(RungChallenge)))
}

// Offer is what of the ladder a case offers its buyer.
type Offer struct {
	Code      bool // the statement code
	Documents []Kind
}

// Offer is the rungs that the policy opens for the payment, as far as the shop's ladder has them; when that leaves none,
// all of the shop's. A code needs an authorisation that carries one, a copy of the card a card: a shop that asks for
// nothing but that gets an identity document from who has none. Nothing at all may be left: then a person decides
// without the buyer.
func (t Terms) Offer(opens []string, p payment.Payment) Offer {
	var open, all Offer
	copyOnly := false
	for _, r := range Ladder() {
		switch {
		case !t.Has(r) || r == RungChallenge || r == RungStatementCode && !p.Detail.StatementCode:
			continue
		case r == Rung(CardCopy) && !p.Method.Type.IsCard():
			copyOnly = all.Empty()
			continue
		}
		all.add(r)
		if slices.Contains(opens, string(r)) {
			open.add(r)
		}
	}
	if copyOnly {
		all.add(Rung(Identity))
	}
	if open.Empty() {
		open = all
	}
	if open.Documents == nil {
		open.Documents = []Kind{}
	}
	return open
}

// Empty reports an offer of nothing.
func (o Offer) Empty() bool { return !o.Code && len(o.Documents) == 0 }

func (o *Offer) add(r Rung) {
	if k, document := r.Document(); document {
		o.Documents = append(o.Documents, k)
		return
	}
	o.Code = o.Code || r == RungStatementCode
}

// names are the rungs of the offer, in order.
func (o Offer) names() string {
	s := joinKinds(o.Documents)
	switch {
	case !o.Code:
		return s
	case s == "":
		return string(RungStatementCode)
	}
	return string(RungStatementCode) + ", " + s
}
