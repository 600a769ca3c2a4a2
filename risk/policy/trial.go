package policy

import (
	"slices"

	"octroi/risk"
)

// OnTrial reports whether the policy has shadow rules.
func (p *Policy) OnTrial() bool {
	return slices.ContainsFunc(p.rules, func(r rule) bool { return r.shadow })
}

// With is what a decision of this policy would have been had more reasons counted, those of its shadow rules as a rule:
// their points in the score, and the outcome they lead to. Where the policy carried its decision out otherwise than its
// reasons say (a review never gets milder by itself, and a challenge that was met is over), that stands unless they say
// something else.
func (p *Policy) With(d risk.Decision, more []risk.Reason) risk.Decision {
	_, before := p.settle(d.Reasons, d.Degraded)
	out := d
	out.Reasons = together(d.Reasons, more)
	score, outcome := p.settle(out.Reasons, d.Degraded)
	out.Score = score
	switch {
	case outcome.Severity() > before.Severity():
		out.Outcome = d.Outcome.AtLeast(outcome)
	case outcome != before && d.Outcome == before:
		out.Outcome = outcome
	}
	return out
}
