package flow

import (
	"context"
	"slices"

	"octroi/risk"
	"octroi/risk/policy"
	"octroi/risk/velocity"
)

// scored is a decision together with everything it was made from.
type scored struct {
	facts     risk.Facts
	policy    *policy.Policy
	histories *velocity.Histories
	encoded   []byte // the histories as they are recorded
	lists     *recordingLists
	decision  risk.Decision
	observed  bool // the attempt is in the histories
}

// decide observes the attempt and lets the shop's policy decide: one Redis round trip and a pure function.
func (f *Flow) decide(ctx context.Context, facts risk.Facts) scored {
	start := f.Clock()
	if f.Country != nil && facts.Buyer.IPCountry == "" {
		facts.Buyer.IPCountry = f.Country(facts.Buyer.IP)
	}
	s := scored{facts: facts, policy: f.Policy(facts.Shop), lists: f.listsNow(facts.At)}
	h, err := f.Velocity.Observe(ctx, facts.Shop, facts.Attempt())
	if err != nil {
		f.Logger.Warn("histories not available", "id", facts.ID, "error", err)
		h = velocity.Unavailable()
	}
	s.observed, s.histories = err == nil, h
	if s.encoded, err = h.MarshalBinary(); err != nil {
		f.Logger.Error("histories not recordable", "id", facts.ID, "error", err)
	}
	s.decision = s.policy.Decide(facts, h, s.lists)
	f.capDegraded(&s)
	f.metrics.decided(s.decision, f.Clock().Sub(start))
	f.Logger.Info("decided", "id", facts.ID, "shop", facts.Shop, "outcome", s.decision.Outcome, "score", s.decision.Score,
		"reasons", codes(s.decision), "degraded", s.decision.Degraded)
	return s
}

// capDegraded declines what would be held without histories beyond the shop's bounds.
func (f *Flow) capDegraded(s *scored) {
	if s.histories.Available() || s.decision.Outcome == risk.Decline {
		return
	}
	limit := f.Shops[s.facts.Shop].Degraded
	over := limit.MaxAmount > 0 && s.facts.Amount > limit.MaxAmount
	if !over && (limit.PerMinute == 0 || f.degraded.take(limit.PerMinute)) {
		return
	}
	s.decision.Outcome = risk.Decline
	s.decision.Reasons = append(slices.Clone(s.decision.Reasons), risk.Reason{Code: "DEGRADED_LIMIT", Forces: risk.Decline,
		Detail:   "too much or too often while the histories are away",
		DetailFR: "montant ou fréquence trop élevés pendant l'absence des historiques"})
}

// codes are the reason codes of a decision, for its one log line.
func codes(d risk.Decision) []string {
	out := make([]string, len(d.Reasons))
	for i, r := range d.Reasons {
		out[i] = r.Code
	}
	return out
}
