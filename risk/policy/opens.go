package policy

import (
	"slices"
	"strings"

	"github.com/goccy/go-yaml/ast"

	"octroi/risk"
)

// Rungs are the words a rule may open: the steps of the ladder by which a buyer proves to own the card, the one that
// asks least first. To a policy they are words; what they stand for, and which of them the law allows, is the gateway's.
func Rungs() []string {
	return []string{"threeds", "statement_code", "identity", "address", "bank_statement", "card_copy"}
}

// Opens are the rungs that the reasons of a decision open, in the order of Rungs and each once. A rule that slept opens
// none, and neither do the built-in reasons and the scorecard: nil when nothing is opened.
func (p *Policy) Opens(d risk.Decision) []string {
	var out []string
	for _, rung := range Rungs() {
		if slices.ContainsFunc(p.rules, func(r rule) bool { return slices.Contains(r.opens, rung) && r.gave(d.Reasons) }) {
			out = append(out, rung)
		}
	}
	return out
}

// gave reports whether the rule is among the reasons, awake.
func (r *rule) gave(reasons []risk.Reason) bool {
	return slices.ContainsFunc(reasons, func(x risk.Reason) bool { return x.Code == r.code && x != snoozed(r) })
}

// opens reads the rungs of a rule.
func (k *linker) opens(f field, r *rule) {
	list, ok := f.value.(*ast.SequenceNode)
	if !ok || len(list.Values) == 0 {
		k.fail(f.key, "opens must be a list of rungs, such as [statement_code, address]")
		return
	}
	if r.points <= 0 && r.force != risk.Challenge && r.force != risk.Hold {
		k.fail(f.key, "opens is for rules that add points, or force challenge or hold: no other leads to a hold")
	}
	for _, n := range list.Values {
		c, ok := k.scalar(field{key: f.key, value: n}, "a rung")
		switch {
		case !ok:
		case !slices.Contains(Rungs(), c.text):
			k.fail(c.start, "unknown rung %q: it is one of %s", c.text, strings.Join(Rungs(), ", "))
		case slices.Contains(r.opens, c.text):
			k.fail(c.start, "the rung %s is named twice", c.text)
		default:
			r.opens = append(r.opens, c.text)
		}
	}
}
