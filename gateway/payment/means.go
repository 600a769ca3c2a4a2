package payment

import (
	"slices"
	"strings"

	"octroi/providers"
)

// Means is a way to pay at a shop, as the contract names it in payment_method.type. An absent one is a card.
type Means string

// The ways to pay.
const (
	MeansCard     Means = "card"
	MeansPayPal   Means = "paypal"
	MeansAlma     Means = "alma"          // the shop is paid at once, and the buyer pays Alma in instalments
	MeansTransfer Means = "bank_transfer" // offline, as is a cheque: see Offline
	MeansCheque   Means = "cheque"
)

// AllMeans lists every way to pay, in the order of the contract.
func AllMeans() []Means {
	return []Means{MeansCard, MeansPayPal, MeansAlma, MeansTransfer, MeansCheque}
}

// Valid reports whether m is one of the contract's.
func (m Means) Valid() bool { return slices.Contains(AllMeans(), m) }

// IsCard reports a card, which is also what an absent means is.
func (m Means) IsCard() bool { return m == MeansCard || m == "" }

// Offline reports a way to pay that no provider carries out: the money comes to the shop's account or letter box by
// itself, and the shop says when it has.
func (m Means) Offline() bool { return m == MeansTransfer || m == MeansCheque }

// TakesAtOnce reports a way to pay whose money is taken when the payment succeeds, so that there is nothing to capture,
// a hold holds the parcel alone, and a rejection is a refund.
func (m Means) TakesAtOnce() bool { return !m.IsCard() }

// Provider is the means in the provider's words; "" for those that no provider carries out.
func (m Means) Provider() providers.Method {
	switch {
	case m.IsCard():
		return providers.MethodCard
	case m.Offline():
		return ""
	}
	return providers.Method(m)
}

// Others are the means without m.
func Others(all []Means, m Means) []Means {
	return slices.DeleteFunc(slices.Clone(all), func(o Means) bool { return o == m })
}

// join names the means for people.
func join(all []Means) string {
	names := make([]string, len(all))
	for i, m := range all {
		names[i] = string(m)
	}
	return strings.Join(names, ", ")
}

// Accepts is what a shop lets its checkout send.
type Accepts struct {
	Means      []Means
	ClearCards bool // card numbers in the clear
}
