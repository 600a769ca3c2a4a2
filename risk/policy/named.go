package policy

import "octroi/risk"

// Named takes a decision on that was made before anybody knew the order's card, because it came in the provider's
// encrypted fields: f and h are those of the decision with what has become known since, the card's name and its own
// history. It is made before Review, under the policy that decided. Rules of stage decide then see the card as they would
// have from the start: lists, the limits of the schemes, whatever counts by card. The decision gets harsher by that or
// stays what it was; that nothing is known against a card is no reason to let an order go that was to be held.
func (p *Policy) Named(d risk.Decision, f risk.Facts, h risk.Histories, l risk.Lists) risk.Decision {
	f.Review = nil
	again := p.Decide(f, h, l)
	if again.Score <= d.Score && again.Outcome.Severity() <= d.Outcome.Severity() {
		return d
	}
	again.Outcome = again.Outcome.AtLeast(d.Outcome)
	return again
}
