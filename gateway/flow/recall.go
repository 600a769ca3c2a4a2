package flow

import (
	"context"

	"octroi/gateway/payment"
	"octroi/gateway/store"
	"octroi/risk"
	"octroi/risk/policy"
	"octroi/risk/velocity"
)

// recall gives a payment's decision back as it was made, so that what the issuer says later is added to that decision
// and to no other: by the policy that made it, on the histories of that moment. A decision that was never written (a
// crash came first), or that cannot be read any more, is made now.
func (f *Flow) recall(ctx context.Context, p payment.Payment) (scored, error) {
	past, err := f.Store.Decisions(ctx, p.ID)
	if err != nil {
		return scored{}, err
	}
	for i := len(past) - 1; i >= 0; i-- {
		if past[i].Facts.Review != nil {
			continue
		}
		if past[i].Recorded.Emptied && p.Decision != nil {
			return f.kept(p), nil
		}
		s, err := f.remembered(ctx, p.Shop, past[i].Recorded)
		if err == nil {
			f.meet(ctx, p, &s)
			return s, nil
		}
		if payment.CodeOf(err) == payment.CodeUnavailable {
			return scored{}, err
		}
		f.Logger.Warn("decision not recalled, made again", "id", p.ID, "decision", past[i].ID, "error", err)
		break
	}
	return f.decide(ctx, p.Facts(p.CreatedAt)), nil
}

// kept is the decision of a payment whose record was emptied, because its buyer asked to be forgotten: what was decided
// stays decided, and is not made anew from facts that are gone.
func (f *Flow) kept(p payment.Payment) scored {
	facts := p.Facts(p.CreatedAt)
	return scored{facts: facts, policy: f.Policy(p.Shop), histories: velocity.Unavailable(), lists: f.listsNow(facts.At),
		decision: *p.Decision, observed: true, recalled: true}
}

// remembered is a recorded decision, ready for its review.
func (f *Flow) remembered(ctx context.Context, shop string, r store.Recorded) (scored, error) {
	live, err := f.policyOf(ctx, shop, r.Decision.Policy)
	if err != nil {
		return scored{}, err
	}
	h, err := velocity.Decode(r.Histories)
	if err != nil {
		return scored{}, err
	}
	s := scored{facts: r.Facts, policy: live, histories: h, encoded: r.Histories, lists: f.listsNow(r.Facts.At), decision: r.Decision,
		shadow: r.Shadow, observed: true, recalled: true, then: r.Lists}
	f.recallTrial(ctx, shop, &s)
	return s, nil
}

// In implements risk.Lists for a review: what the lists held when the decision was made they still hold for it.
func (s *scored) In(list, value string) bool {
	return s.then.In(list, value) || s.lists.In(list, value)
}

var _ risk.Lists = (*scored)(nil)

// policyOf finds the very policy that made a decision: the one in force, or the text that was kept of it.
func (f *Flow) policyOf(ctx context.Context, shop string, ref risk.PolicyRef) (*policy.Policy, error) {
	if live := f.Policy(shop); live.Ref() == ref {
		return live, nil
	}
	source, err := f.Store.PolicySource(ctx, ref.Version)
	if err != nil {
		return nil, err
	}
	return policy.Parse(ref.Name, source)
}
