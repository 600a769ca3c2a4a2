package flow

import (
	"time"

	"octroi/gateway/payment"
	"octroi/gateway/store"
	"octroi/providers"
	"octroi/risk"
	"octroi/risk/policy"
)

// explainLimit is how many attempts a day that brought no money a card, an e-mail and an IP address may each have before
// nothing is told of them any more: exact refusals are an oracle for card testers, and mails a way to pester somebody.
const explainLimit = 3

// refused keeps the issuer's no and tells the buyer as much of it as is safe.
func (o *outcome) refused(r *providers.Refusal, typed payment.Typed) error {
	if r == nil {
		r = &providers.Refusal{Code: providers.Refused, Retry: providers.RetryOtherMethod}
	}
	within := o.s.withinLimits(explainLimit)
	// The texts speak of a card and its bank.
	explain := within && o.p.Card != nil && o.s.decision.Outcome.Severity() < risk.Hold.Severity()
	if o.p.Card != nil {
		typed.Brand, typed.Last4 = o.p.Card.Brand, o.p.Card.Last4
	}
	words := payment.BuyerMessage(r.Code, payment.Language(o.p.Detail.Buyer.Locale), explain, typed)
	o.p.Refusal = &payment.Refusal{Code: r.Code, Retry: r.Retry, Raw: r.Raw, ToBuyer: o.toBuyer(words)}
	if err := o.become(payment.Refused, string(r.Code)); err != nil {
		return err
	}
	o.record(risk.EventRefused, string(r.Code))
	if r.Retry == providers.RetryNever {
		o.record(risk.EventRefused, policy.RefusedNeverRetry)
	}
	if within {
		o.w.Outbox = append(o.w.Outbox, o.f.mailAgain(store.MailRefused, o.p, words))
	}
	o.webhook("payment.refused")
	o.f.metrics.refused(r.Code)
	return nil
}

// toBuyer is what a buyer whose payment did not come about is told: the same in every respect but the words, whoever
// said no and why.
func (o *outcome) toBuyer(words string) payment.ToBuyer {
	shop := o.f.Shops[o.p.Shop]
	return payment.ToBuyer{BuyerMessage: words, OtherMethods: payment.Others(shop.methods(), o.p.Method.Type), RetryURL: shop.retryURL(o.p.OrderReference)}
}

// tellDeclined says to a buyer whom the policy has turned away not why, but what can be done. A mail says also that a
// person can be asked to look (GDPR article 22).
func (o *outcome) tellDeclined() {
	told := o.toBuyer(payment.BuyerMessage(providers.SuspectedFraud, payment.Language(o.p.Detail.Buyer.Locale), false, payment.Typed{}))
	o.p.Decline = &told
	if o.s.withinLimits(explainLimit) {
		o.w.Outbox = append(o.w.Outbox, o.f.mailAgain(store.MailDeclined, o.p, told.BuyerMessage))
	}
}

// mailAgain is a mail about a payment that did not come about, with the ways to pay otherwise.
func (f *Flow) mailAgain(t store.MailTemplate, p payment.Payment, text string) store.Message {
	shop := f.Shops[p.Shop]
	return f.mail(t, p, nil, text, func(m *store.Mail) {
		m.Link, m.Means = shop.retryURL(p.OrderReference), shop.instead(p.Method.Type)
	})
}

// withinLimits reports whether the card, the e-mail and the IP address have each had no more than limit attempts in a
// day that brought no money, this one included. Attempts are counted and not refusals, because an attempt is in the
// histories before its answer is known: of many at the same time each sees those before it, so that no burst gets more
// answers than the limit. Without histories, or when they hold too little to tell, nothing is within.
func (s scored) withinLimits(limit float64) bool {
	if !s.histories.Available() {
		return false
	}
	for _, e := range []risk.Entity{risk.EntityCard, risk.EntityEmail, risk.EntityIP} {
		tried := s.histories.Count(e, risk.Event{Kind: risk.EventAttempt}, dayWindow)
		paid := s.histories.Count(e, risk.Event{Kind: risk.EventAuthorised}, dayWindow)
		if tried.Saturated || tried.Value-paid.Value > limit {
			return false
		}
	}
	return true
}

// providerPatience is how long a payment may stay pending of which the provider itself says that it is: PayPal may clear
// a payment out of a bank account first, and Alma look at a buyer, both of which take days.
const providerPatience = 72 * time.Hour
