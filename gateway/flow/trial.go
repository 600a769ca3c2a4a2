package flow

import (
	"context"

	"octroi/gateway/store"
	"octroi/risk"
)

// tryShadow asks the rules and the policy on trial what they would have said. They change nothing.
func (f *Flow) tryShadow(s *scored) {
	if f.Shadow != nil {
		s.trial = f.Shadow(s.facts.Shop)
	}
	var d *risk.Decision
	if s.trial != nil {
		said := s.trial.Decide(s.facts, s.histories, s.lists)
		f.metrics.shadowed(s.decision.Outcome, said.Outcome)
		d = &said
	}
	s.shadow = s.tried(s.facts, d)
}

// tried is what is kept of a trial: the decision of the policy on trial, and what the shadow rules of the live one add
// to what it said of the same facts. Nil when nothing is on trial.
func (s *scored) tried(facts risk.Facts, d *risk.Decision) *store.Shadow {
	out := store.Shadow{Decision: d}
	if s.policy.OnTrial() {
		out.Reasons = s.policy.Shadow(facts, s.known(), s)
		with := s.policy.With(s.decision, out.Reasons)
		out.Rules = &store.Verdict{Outcome: with.Outcome, Score: with.Score}
	}
	if out.Decision == nil && out.Rules == nil {
		return nil
	}
	return &out
}

// tryReview asks them again now that the issuer has spoken. A policy on trial that would have declined the order stays
// by that: what the issuer says of it was bought by the live one.
func (s *scored) tryReview(after risk.Facts) {
	var d *risk.Decision
	if s.shadow != nil {
		d = s.shadow.Decision
	}
	if d != nil && s.trial != nil {
		said := reviewed(s.trial, *d, s.facts, after.Card, s.known(), s)
		d = &said
	}
	s.shadow = s.tried(after, d)
}

// recallTrial finds the policy that was on trial beside a recorded decision. One that cannot be found any more
// stays by what it said.
func (f *Flow) recallTrial(ctx context.Context, shop string, s *scored) {
	if s.shadow == nil || s.shadow.Decision == nil {
		return
	}
	p, err := f.policyOf(ctx, shop, s.shadow.Decision.Policy)
	if err != nil {
		f.Logger.Warn("policy on trial not recalled", "id", s.facts.ID, "policy", s.shadow.Decision.Policy.Version, "error", err)
		return
	}
	s.trial = p
}
