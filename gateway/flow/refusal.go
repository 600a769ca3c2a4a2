package flow

import (
	"time"

	"octroi/gateway/payment"
	"octroi/gateway/store"
	"octroi/providers"
	"octroi/risk"
	"octroi/risk/policy"
)

// refused keeps the issuer's no and tells the buyer as much of it as is safe.
func (o *outcome) refused(r *providers.Refusal, typed payment.Typed) error {
	if r == nil {
		r = &providers.Refusal{Code: providers.Refused, Retry: providers.RetryOtherMethod}
	}
	// The texts speak of a card and its bank.
	explain := o.s.mayExplain() && o.p.Card != nil && o.s.decision.Outcome.Severity() < risk.Hold.Severity()
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
	if o.s.mayTell() {
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
	if o.s.mayTell() {
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

// providerPatience is how long a payment may stay pending of which the provider itself says that it is: PayPal may clear
// a payment out of a bank account first, and Alma look at a buyer, both of which take days.
const providerPatience = 72 * time.Hour
