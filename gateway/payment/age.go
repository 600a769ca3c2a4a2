package payment

import (
	"slices"
	"time"

	"octroi/risk"
)

// How long the record of a payment names its buyer, in months after the last thing that happened to it: a holder may
// dispute a debit for 13 months (Code monétaire et financier, L. 133-24), and where the account is debited later than the
// card, DOMAIN allows 15.
const (
	KeptMonths         = 13
	KeptMonthsDeferred = 15
)

// KeptUntil is when the payment's buyer must no longer be known. A card whose funding is credit counts as one of deferred
// debit: providers name both alike, since both are credit cards to Regulation (EU) 2015/751.
func (p Payment) KeptUntil() time.Time {
	if p.Card != nil && p.Card.Funding == "credit" {
		return p.UpdatedAt.AddDate(0, KeptMonthsDeferred, 0)
	}
	return p.UpdatedAt.AddDate(0, KeptMonths, 0)
}

// Settled reports whether nothing is under way that needs to know the buyer: the payment has its outcome, its money has
// gone where it goes, and no operation waits for the provider.
func (p Payment) Settled() bool {
	switch p.Status {
	case Pending, ActionRequired, Held, Authorised:
		return false
	}
	return !slices.ContainsFunc(p.Operations, func(o Operation) bool { return o.Status == OpRequested || o.Status == OpSent })
}

// Pseudonymised is what is left of the payment when its time is over: what it came to, for sums and for the shop's books,
// and nothing that leads to its buyer but the shop's own order reference. It names what it keeps, so that a field added
// tomorrow goes unless it is named too.
func (p Payment) Pseudonymised() Payment {
	left := Payment{ID: p.ID, Status: p.Status, OrderReference: p.OrderReference, Amount: p.Amount, Captured: p.Captured, Refunded: p.Refunded,
		Method: PaidBy{Type: p.Method.Type}, Decision: withoutDetails(p.Decision), Authorisation: p.Authorisation, Dispute: p.Dispute,
		CreatedAt: p.CreatedAt, UpdatedAt: p.UpdatedAt, Shop: p.Shop, Due: p.Due, Version: p.Version, Attempt: p.Attempt, Superseded: p.Superseded,
		Detail: Detail{Order: Order{Reference: p.Detail.Order.Reference, Delivery: Delivery{Method: p.Detail.Order.Delivery.Method,
			Address: Address{Country: p.Detail.Order.Delivery.Address.Country}}},
			Billing: Party{Address: Address{Country: p.Detail.Billing.Address.Country}},
			Buyer:   Buyer{Locale: p.Detail.Buyer.Locale}, Capture: p.Detail.Capture}}
	if p.Card != nil {
		left.Card = &Card{Brand: p.Card.Brand, BIN: p.Card.BIN, IssuerCountry: p.Card.IssuerCountry, Funding: p.Card.Funding}
	}
	if p.Refusal != nil {
		left.Refusal = &Refusal{Code: p.Refusal.Code, Retry: p.Refusal.Retry}
	}
	return left
}

// Erased is what is left of the payment when its buyer asks to be forgotten while it may still be disputed: the ways to
// reach the buyer go, and what the shop attached of its own; who was billed, where the goods went, the card and the
// network address stay as the evidence of a dispute until KeptUntil.
func (p Payment) Erased() Payment {
	left := p
	left.Detail.Buyer = Buyer{IP: p.Detail.Buyer.IP, Locale: p.Detail.Buyer.Locale}
	left.Detail.Metadata, left.Detail.ReturnURL = nil, ""
	left.Decision = withoutDetails(p.Decision)
	left.Action, left.Decline, left.Steps = nil, nil, nil
	if p.Refusal != nil {
		left.Refusal = &Refusal{Code: p.Refusal.Code, Retry: p.Refusal.Retry, Raw: p.Refusal.Raw}
	}
	return left
}

// withoutDetails is a decision with what it weighed left out: a reason's words may repeat an address.
func withoutDetails(d *risk.Decision) *risk.Decision {
	if d == nil {
		return nil
	}
	left := *d
	left.Reasons = make([]risk.Reason, len(d.Reasons))
	for i, r := range d.Reasons {
		left.Reasons[i] = risk.Reason{Code: r.Code, Points: r.Points, Forces: r.Forces}
	}
	return &left
}
