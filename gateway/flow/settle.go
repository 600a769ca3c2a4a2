package flow

import (
	"time"

	"octroi/gateway/hold"
	"octroi/gateway/payment"
	"octroi/gateway/store"
	"octroi/providers"
	"octroi/risk"
)

// codeNotAuthenticated says in the decision that a challenge was asked for and nobody met it.
const codeNotAuthenticated = "NOT_AUTHENTICATED"

// liabilityIssuer is providers.Result.Liability when a fraud is the issuer's loss.
const liabilityIssuer = "issuer"

// declined is a payment that the policy refused: the provider never hears of it.
func (f *Flow) declined(p payment.Payment, s scored) (store.Writes, error) {
	o := f.outcome(p, s)
	if err := o.become(payment.Declined, "declined by the policy"); err != nil {
		return store.Writes{}, err
	}
	o.record(risk.EventDeclined, "")
	o.webhook("payment.declined")
	o.tellDeclined()
	return o.done(), nil
}

// abandoned is a payment that was sent once, without an answer, and that the policy would not send again: whatever the
// provider has authorised is cancelled by reference, and its word on that decides.
func (f *Flow) abandoned(p payment.Payment, s scored) (store.Writes, error) {
	o := f.outcome(p, s)
	o.audit("payment.pending", "declined by the policy on a retry: cancelled by reference")
	if running(p.Operations, payment.OpCancel) {
		return o.done(), nil
	}
	if err := o.operate(payment.OpCancel, providers.Amount{}, "declined by the policy on a retry"); err != nil {
		return store.Writes{}, err
	}
	w := o.done()
	w.Lease = sweepLease
	return w, nil
}

// pending is a payment whose outcome at the provider is not known: the retry, the notification or the sweeper settles it.
func (f *Flow) pending(p payment.Payment, s scored, why string) (store.Writes, error) {
	o := f.outcome(p, s)
	err := o.wait(why)
	return o.done(), err
}

// wait leaves the payment without an outcome.
func (o *outcome) wait(why string) error {
	o.p.Action = nil
	if o.p.Status != payment.Pending {
		return o.become(payment.Pending, why)
	}
	o.audit("payment.pending", why)
	return nil
}

// failed is a payment that certainly did not happen, for a reason that is neither the issuer's nor the policy's.
func (f *Flow) failed(p payment.Payment, s scored, why error) (store.Writes, error) {
	o := f.outcome(p, s)
	if err := o.become(payment.Failed, why.Error()); err != nil {
		return store.Writes{}, err
	}
	o.webhook("payment.failed")
	return o.done(), nil
}

// settle says what a provider's answer makes of a payment. It is used alike for the answer to the checkout's own call
// and for one that arrives later by notification.
func (f *Flow) settle(p payment.Payment, s scored, res providers.Result, typed payment.Typed) (store.Writes, error) {
	learn(&p, f.Provider.Name(), res)
	if res.Status == providers.StatusAuthorised || res.Status == providers.StatusRefused {
		s.review(p, res)
	}
	o := f.outcome(p, s)
	if err := o.answered(res, typed); err != nil {
		return store.Writes{}, err
	}
	return o.done(), nil
}

// answered carries out what the answer says.
func (o *outcome) answered(res providers.Result, typed payment.Typed) error {
	o.p.Action, o.p.Due = nil, time.Time{}
	switch res.Status {
	case providers.StatusAuthorised:
		return o.authorised(res)
	case providers.StatusRefused:
		return o.refused(res.Refusal, typed)
	case providers.StatusCancelled:
		o.webhook("payment.cancelled")
		return o.become(payment.Cancelled, "cancelled at the provider")
	case providers.StatusActionRequired:
		o.p.Action = res.Action
		if o.p.Status == payment.ActionRequired {
			o.audit("payment.action_required", "another step")
			return nil
		}
		return o.become(payment.ActionRequired, "")
	default: // pending, unknown: never a yes, never a no
		if res.Status == providers.StatusPending && !o.p.Method.Type.IsCard() {
			o.p.Due = o.p.UpdatedAt.Add(providerPatience)
		}
		return o.wait("the provider's answer is not final")
	}
}

// learn takes over what the provider says of card and authorisation.
func learn(p *payment.Payment, provider string, res providers.Result) {
	if p.Method.Type.IsCard() {
		learnCard(p, res)
	}
	if res.Reference != "" {
		p.Authorisation = &payment.Authorisation{Provider: provider, Reference: res.Reference, AVS: res.AVS, CVC: res.CVC,
			ThreeDS: res.ThreeDS, Liability: res.Liability, Exemption: res.Exemption, ExpiresAt: res.ExpiresAt.UTC().Truncate(time.Microsecond)}
	}
}

func learnCard(p *payment.Payment, res providers.Result) {
	card := payment.Card{}
	if p.Card != nil {
		card = *p.Card
	}
	for _, f := range []struct {
		to   *string
		from string
	}{{&card.Brand, res.Brand}, {&card.BIN, res.BIN}, {&card.Last4, res.Last4}, {&card.IssuerCountry, res.IssuerCountry},
		{&card.Funding, res.Funding}} {
		// A BIN typed in full is better than the six digits a provider may give back.
		if f.from != "" && len(f.from) >= len(*f.to) {
			*f.to = f.from
		}
	}
	p.Card = &card
}

// review lets the policy look again now that the issuer has spoken.
func (s *scored) review(p payment.Payment, res providers.Result) {
	card := s.facts.Card
	if p.Card != nil {
		card.IssuerCountry, card.Funding, card.Brand = p.Card.IssuerCountry, p.Card.Funding, p.Card.Brand
		if card.Fingerprint == "" {
			card.Fingerprint = s.print
		}
		s.card = &card
	}
	r := &risk.Review{Status: string(res.Status), AVS: res.AVS, CVC: res.CVC, ThreeDS: res.ThreeDS,
		LiabilityShift: res.Liability == liabilityIssuer, Exemption: res.Exemption}
	if res.Refusal != nil {
		r.Refusal = string(res.Refusal.Code)
	}
	s.facts.Review = r
	after := s.facts
	after.Card = card
	s.decision = reviewed(s.policy, s.decision, s.facts, card, s.known(), s)
	if res.Status == providers.StatusAuthorised {
		s.capHolds()
	}
	s.tryReview(after)
}

// authorised carries out what the policy makes of reserved money, or of money that is taken already: release, hold, or
// give it back.
func (o *outcome) authorised(res providers.Result) error {
	if o.s.shown().Outcome != risk.Decline { // what we give back at once is nobody's good record
		o.record(risk.EventAuthorised, "")
	}
	if res.Captured {
		if err := o.take(hold.ActorProvider, res.Reference); err != nil {
			return err
		}
	}
	switch {
	case running(o.p.Operations, payment.OpCancel):
		// The sweeper has given this payment up, and its cancel may be carried out at any moment.
		o.webhook("payment.cancelled")
		return o.giveUp(payment.Cancelled, "given up before its answer came")
	case res.Authorised.Value != 0 && res.Authorised != o.p.Amount:
		o.webhook("payment.failed")
		return o.giveUp(payment.Failed, "the issuer authorised "+res.Authorised.String()+" only")
	case o.s.shown().Outcome == risk.Decline:
		o.record(risk.EventDeclined, "")
		o.webhook("payment.declined")
		o.tellDeclined()
		return o.giveUp(payment.Declined, "declined after the authorisation")
	case o.s.shown().Outcome != risk.Approve:
		return o.hold(res.UnderReview)
	case res.UnderReview:
		return o.holdForProvider()
	case taken(o.p):
		return o.paid()
	}
	o.webhook("payment.authorised")
	if err := o.become(payment.Authorised, ""); err != nil || o.p.Detail.Capture != payment.CaptureAutomatic {
		return err
	}
	return o.operate(payment.OpCapture, o.p.Amount, "")
}

// giveUp ends a payment whose money is reserved or taken, and has it given back.
func (o *outcome) giveUp(next payment.Status, why string) error {
	if err := o.become(next, why); err != nil {
		return err
	}
	if taken(o.p) {
		return o.operate(payment.OpRefund, o.p.Amount, why)
	}
	return o.operate(payment.OpCancel, providers.Amount{}, why)
}

// hold opens the case and asks the buyer for proof. A challenge that comes here was not met: the issuer authorised
// without establishing who pays. Should the provider's own analysts have the payment too, the case stays ours.
func (o *outcome) hold(underReview bool) error {
	if o.s.shown().Outcome == risk.Challenge {
		reason := risk.Reason{Code: codeNotAuthenticated, Forces: risk.Hold,
			Detail:   "the issuer was asked to authenticate the buyer and authorised without",
			DetailFR: "la banque devait authentifier l'acheteur et a autorisé sans le faire"}
		switch {
		case o.s.reported && o.p.Method.Type.IsCard():
			reason.Detail, reason.DetailFR = "the issuer's answer came late, by a report that does not say surely whether the buyer authenticated", "la réponse de la banque est venue tard, par un avis qui ne prouve pas que l'acheteur s'est authentifié"
		case !o.p.Method.Type.IsCard():
			reason.Detail, reason.DetailFR = "this means of payment lets nobody authenticate the buyer", "ce moyen de paiement ne permet pas d'authentifier l'acheteur"
		}
		o.s.added = append(o.s.added, reason)
	}
	d := o.s.shown()
	o.p.Decision = &d
	c := hold.Open(o.p, o.p.UpdatedAt, o.f.Shops[o.p.Shop].Terms, wrongCodes(o.s.known()), o.s.policy.Opens(d)...)
	if underReview {
		c = c.Heard("provider_looks", o.p.UpdatedAt)
	}
	if err := o.held(c); err != nil {
		return err
	}
	if c.Status == hold.AwaitingProof {
		o.askByMail()
	}
	return nil
}

// holdForProvider holds what our policy would let go while the provider's own analysts have it. The buyer is not asked
// for anything: theirs is the word that counts, unless one of ours decides first.
func (o *outcome) holdForProvider() error {
	d := o.s.shown()
	o.p.Decision = &d
	return o.held(hold.OpenWithProvider(o.p, o.p.UpdatedAt, o.f.Shops[o.p.Shop].Terms))
}

// held makes the payment a held one with this case.
func (o *outcome) held(c hold.Case) (err error) {
	if c.ID, err = o.f.id(payment.PrefixCase); err != nil {
		return err
	}
	c.TokenHash = tokenHash(o.f.proofToken(c.ID))
	if err := o.become(payment.Held, ""); err != nil {
		return err
	}
	o.record(risk.EventHeld, "")
	o.w.Case = &c
	o.webhook("payment.held")
	return nil
}
