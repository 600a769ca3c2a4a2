package flow

import (
	"context"

	"octroi/gateway/payment"
	"octroi/providers"
	"octroi/risk"
	"octroi/risk/policy"
	"octroi/risk/velocity"
)

// A card in the provider's encrypted fields has no number that we could see, and so no name and no history when its order
// is decided. The provider's answer names it. From then on the payment and all that happens to it stand under that name,
// its attempt too, and what the card's own history says is heard before the money is let go.

// named takes over the name that the provider's answer gives to a card that had none.
func (f *Flow) named(ctx context.Context, p *payment.Payment, s *scored, res providers.Result) {
	print := payment.AliasFingerprint(f.Keys.FingerprintID, f.Keys.Fingerprint, f.Provider.Name(), res.Alias)
	if print == "" || !p.Method.Type.IsCard() || p.Card != nil && p.Card.Fingerprint != "" {
		return
	}
	card := payment.Card{}
	if p.Card != nil {
		card = *p.Card
	}
	card.Fingerprint = print
	p.Card, s.naming = &card, true
	f.meet(ctx, *p, s)
}

// meet records the order's attempt under a card that was named after the decision, and reads what the card did before.
// Without an answer the review has no histories, and holds.
func (f *Flow) meet(ctx context.Context, p payment.Payment, s *scored) {
	if p.Card == nil || p.Card.Fingerprint == "" || s.facts.Card.Fingerprint != "" || s.print != "" {
		return
	}
	s.print = p.Card.Fingerprint
	h, err := f.Velocity.Observe(ctx, s.facts.Shop, s.attemptNamed())
	if err != nil {
		f.Logger.Warn("history of the card not available", "id", s.facts.ID, "error", err)
		h = velocity.Unavailable()
	}
	s.met, s.cardHistories = err == nil, h.Only(risk.EntityCard)
	if s.cardEncoded, err = s.cardHistories.MarshalBinary(); err != nil {
		f.Logger.Error("history of the card not recordable", "id", s.facts.ID, "error", err)
	}
}

// known are the histories with that of a card which was named after the decision.
func (s *scored) known() risk.Histories {
	if s.cardHistories == nil {
		return s.histories
	}
	return velocity.Joined{Earlier: s.histories, Card: s.cardHistories}
}

// attempt is the record of the order's attempt, under its card as far as that has a name by now.
func (s *scored) attempt() risk.Record {
	facts := s.facts
	if facts.Card.Fingerprint == "" {
		facts.Card.Fingerprint = s.print
	}
	return facts.Attempt()
}

// attemptNamed is the attempt recorded again because its card has been named.
func (s *scored) attemptNamed() risk.Record {
	r := s.attempt()
	r.Code = risk.AttemptNamed
	return r
}

// reviewed is what a policy makes of its decision once the issuer has answered, which facts.Review tells, and the card is
// known as it is by now. It is pure.
func reviewed(p *policy.Policy, d risk.Decision, facts risk.Facts, card risk.Card, h risk.Histories, l risk.Lists) risk.Decision {
	if facts.Card.Fingerprint != card.Fingerprint {
		named := facts
		named.Card.Fingerprint = card.Fingerprint
		d = p.Named(d, named, h, l)
	}
	facts.Card = card
	return p.Review(d, facts, h, l)
}
