package flow

import (
	"context"
	"fmt"
	"time"

	"octroi/gateway/hold"
	"octroi/gateway/payment"
	"octroi/gateway/store"
	"octroi/providers"
)

// firstAttempt is the one authorisation that may be followed by another of the same payment: after a soft decline the
// same card is tried once more with a challenge, and no further.
const firstAttempt = 1

// ask calls the provider within the budget, and once more with a challenge when the issuer wants the buyer
// authenticated: the card is only here as long as this call. It gives the payment with the attempt that was answered. The
// error is the provider's, or store.ErrStale when somebody else has taken the payment over.
func (f *Flow) ask(ctx context.Context, p payment.Payment, s scored, r payment.Request) (payment.Payment, providers.Result, error) {
	began := f.Clock()
	a := f.authorisation(p, s, r)
	res, err := f.authoriseAt(ctx, a, f.ProviderBudget)
	if err != nil || a.Challenge || a.Method != providers.MethodCard || !softDecline(res) {
		return p, res, err
	}
	// A quarter of the time at least: a challenge is asked of the issuer's own server.
	left := f.ProviderBudget - f.Clock().Sub(began)
	if left < f.ProviderBudget/4 {
		f.Logger.Warn("no time left to ask again with a challenge", "id", p.ID)
		return p, res, nil
	}
	again, err := f.secondAttempt(ctx, p, res)
	if err != nil {
		if payment.CodeOf(err) != payment.CodeUnavailable {
			return p, res, err
		}
		f.Logger.Warn("second attempt not written down, hence not made", "id", p.ID, "error", err)
		return p, res, nil // the first no is the answer
	}
	second, err := f.authoriseAt(ctx, f.authorisation(again, s, r), left)
	if err != nil && providers.DoubtOf(err) != providers.OutcomeUnknown {
		f.Logger.Warn("second attempt not made", "id", p.ID, "error", err)
		return again, res, nil // it certainly did not happen: the first no stands
	}
	return again, second, err
}

// softDecline reports a refusal that only says: authenticate the buyer first. One without the provider's id is not
// followed up, since its late notification could not be told from that of the next attempt.
func softDecline(res providers.Result) bool {
	return res.Status == providers.StatusRefused && res.Reference != "" && res.Refusal != nil &&
		(res.Refusal.Code == providers.AuthenticationRequired || res.Refusal.Retry == providers.RetryAuthenticate)
}

// secondAttempt writes down that the payment is about to be asked for again, before it is: a crash in between is
// carried on by the shop's retry under the second attempt's key, and what is still reported of the first is known for
// what it is.
func (f *Flow) secondAttempt(ctx context.Context, p payment.Payment, first providers.Result) (payment.Payment, error) {
	snap, err := f.change(ctx, p.ID, func(cur store.Snapshot) (store.Writes, error) {
		q := cur.Payment
		if q.Version != p.Version {
			return store.Writes{}, store.ErrStale
		}
		q.Attempt, q.UpdatedAt = firstAttempt+1, f.now()
		q.Superseded = append(q.Superseded, first.Reference)
		return store.Writes{Payment: &q, Lease: f.lease(), Audit: []store.Audit{{At: q.UpdatedAt, Actor: hold.ActorProvider,
			Action: "payment.soft_declined", Subject: q.ID, Detail: bound(first.Refusal.Raw)}}}, nil
	})
	if err == nil {
		f.metrics.softDeclines.Inc()
	}
	return snap.Payment, err
}

// authorisation is the payment's present attempt in the provider's words.
func (f *Flow) authorisation(p payment.Payment, s scored, r payment.Request) providers.Authorisation {
	b := p.Detail.Buyer
	a := providers.Authorisation{Shop: p.Shop, PaymentID: p.ID, IdempotencyKey: fmt.Sprintf("%s-%d", p.ID, p.Attempt),
		OrderReference: p.OrderReference, Amount: p.Amount, Method: p.Method.Type.Provider(), Card: r.Method.Card(), ReturnURL: p.Detail.ReturnURL,
		Shopper: providers.Shopper{Reference: b.ID, Name: p.Detail.Billing.Name, Email: b.Email, Phone: b.Phone, IP: b.IP,
			UserAgent: b.UserAgent, Locale: b.Locale},
		Browser: r.Buyer.Browser.Provider(), Native: r.Authentication.Native, Origin: r.Authentication.Origin,
		Billing: providerAddress(p.Detail.Billing.Address), Delivery: providerAddress(p.Detail.Order.Delivery.Address),
		Risk: riskIndicator(s), Account: account(s), Statement: f.statement(p), Challenge: f.challenged(p, s)}
	for _, it := range p.Detail.Order.Items {
		a.Items = append(a.Items, providers.Item{SKU: it.SKU, Name: it.Name, Quantity: it.Quantity, UnitAmount: it.UnitAmount})
	}
	return a
}

// authoriseAt calls the provider once.
func (f *Flow) authoriseAt(ctx context.Context, a providers.Authorisation, within time.Duration) (providers.Result, error) {
	return f.timed(ctx, "authorise", within, func(ctx context.Context) (providers.Result, error) { return f.Provider.Authorise(ctx, a) })
}

// timed makes a call whose answer is a Result, within a time, and counts how it went.
func (f *Flow) timed(ctx context.Context, operation string, within time.Duration, call func(context.Context) (providers.Result, error)) (providers.Result, error) {
	ctx, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	start := f.Clock()
	res, err := call(ctx)
	label := string(res.Status)
	if err != nil {
		label = providers.DoubtOf(err).String()
	}
	f.asked(operation, label, err, f.Clock().Sub(start))
	return res, err
}

// asked counts a call to the provider, and remembers whether it was there to answer.
func (f *Flow) asked(operation, label string, err error, took time.Duration) {
	f.metrics.asked(operation, label, took)
	f.providerAway.Store(err != nil && providers.DoubtOf(err) != providers.Rejected)
}

func providerAddress(a payment.Address) *providers.Address {
	if a.Zero() {
		return nil
	}
	out := providers.Address(a)
	return &out
}
