package flow

import (
	"context"

	"octroi/gateway/hold"
	"octroi/gateway/payment"
	"octroi/gateway/store"
	"octroi/risk"
)

// Assessment is a decision without a payment, for shops that keep their own provider.
type Assessment struct {
	ID       string        `json:"id"`
	Decision risk.Decision `json:"decision"`
}

// assessmentHappenings are what a shop may tell of an assessed order: all that Octroi cannot see.
var assessmentHappenings = []risk.EventKind{risk.EventAuthorised, risk.EventRefused, risk.EventDeclined, risk.EventHeld,
	risk.EventCaptured, risk.EventCancelled, risk.EventRefunded, risk.EventChargeback, risk.EventFraudReport,
	risk.EventDelivered, risk.EventReturned, risk.EventClaim, risk.EventDispute}

// Assess scores an order. The request has been checked. The answer is given once the decision is durable.
func (f *Flow) Assess(ctx context.Context, shop string, r payment.AssessmentRequest) (Assessment, error) {
	id, err := f.id(payment.PrefixAssessment)
	if err != nil {
		return Assessment{}, err
	}
	fingerprint := payment.Fingerprint(f.Keys.FingerprintID, f.Keys.Fingerprint, r.Card.Number)
	if fingerprint == "" && r.Card.Fingerprint != "" {
		fingerprint = "shop:" + r.Card.Fingerprint
	}
	s := f.decide(ctx, r.Facts(id, shop, fingerprint, f.now()))
	a := store.Assessment{ID: id, Shop: shop, At: s.facts.At, Recorded: s.record(), Observed: s.observed}
	if err := f.assessments.save(ctx, a); err != nil {
		return Assessment{}, err
	}
	return Assessment{ID: id, Decision: s.shown()}, nil
}

// AssessmentHappened records what became of an assessed order.
func (f *Flow) AssessmentHappened(ctx context.Context, shop, id string, h Happening) error {
	kind, err := h.check(assessmentHappenings, f.Clock())
	if err != nil {
		return err
	}
	a, err := f.Store.Assessment(ctx, shop, id)
	if err != nil {
		return err
	}
	r := a.Facts.Attempt()
	r.Kind, r.Code, r.At = kind, h.Refusal, h.At.UTC()
	return f.Store.Commit(ctx, store.Writes{History: []store.History{{Shop: shop, Record: r}},
		Audit: []store.Audit{{At: f.now(), Actor: hold.ActorShop, Action: "assessment." + h.Type, Subject: id, Detail: bound(h.Detail)}}})
}
