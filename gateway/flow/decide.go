package flow

import (
	"context"
	"slices"

	"octroi/gateway/store"
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
	card      *risk.Card // as known at the review
	// Of a card that was named after the decision: its name, its own history, and that as it is recorded.
	print         string
	cardHistories *velocity.Histories
	cardEncoded   []byte
	naming        bool          // it was this very answer that named it
	met           bool          // the attempt is in the histories under it
	decision      risk.Decision // the policy's, as it is recorded and replayed
	shadow        *store.Shadow
	trial         *policy.Policy // what made the decision in shadow
	added         []risk.Reason  // why flow carries the decision out otherwise than the policy said
	away          []string       // parts that were away when it was carried out
	observed      bool           // the attempt is in the histories
	recalled      bool           // the decision is an earlier one, and its attempt is in the journal
	reported      bool           // the issuer's answer came by a report, which does not prove that the buyer authenticated
	then          recordedLists  // of a recalled decision: what the lists held when it was made
}

// record is what is kept of the decision.
func (s scored) record() store.Recorded {
	r := store.Recorded{Facts: s.facts, Card: s.card, Histories: s.encoded, CardHistories: s.cardEncoded, Lists: s.lists.hits, Decision: s.decision, Shadow: s.shadow}
	if s.recalled {
		r.Lists, r.ReviewLists = s.then, s.lists.hits
	}
	return r
}

// shown is the decision as it is carried out and told: the policy's, and what flow had to add to it.
func (s scored) shown() risk.Decision {
	d := s.decision
	d.Reasons = append(slices.Clip(d.Reasons), s.added...)
	d.Degraded = append(slices.Clip(d.Degraded), s.away...)
	for _, r := range s.added {
		d.Outcome = d.Outcome.AtLeast(r.Forces)
	}
	return d
}

// decide observes the attempt and lets the shop's policy decide: one Redis round trip and a pure function. caps bound what
// the decision is carried out as.
func (f *Flow) decide(ctx context.Context, facts risk.Facts, caps ...func(*scored)) scored {
	start := f.Clock()
	if f.Country != nil && facts.Buyer.IPCountry == "" {
		facts.Buyer.IPCountry = f.Country(facts.Buyer.IP)
	}
	live := f.Policy(facts.Shop)
	facts = live.Prepare(facts)
	s := scored{facts: facts, policy: live, lists: f.listsNow(facts.At)}
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
	for _, bound := range caps {
		bound(&s)
	}
	shown := s.shown()
	f.metrics.decided(shown, f.Clock().Sub(start))
	f.tryShadow(&s)
	f.Logger.Info("decided", "id", facts.ID, "shop", facts.Shop, "outcome", shown.Outcome, "score", shown.Score,
		"reasons", codes(shown), "degraded", shown.Degraded)
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
	s.added = append(s.added, risk.Reason{Code: "DEGRADED_LIMIT", Forces: risk.Decline,
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
