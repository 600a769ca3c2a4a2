package console

import (
	"slices"

	"octroi/gateway/store"
	"octroi/risk"
	"octroi/risk/policy"
)

// trial is what was on trial when an order was decided, beside what was decided.
type trial struct {
	Live   store.Verdict
	Policy *wouldBe // of the policy on trial
	Rules  *wouldBe // of the live policy with its shadow rules counted
}

// wouldBe is a decision that changed nothing.
type wouldBe struct {
	store.Verdict
	Name    string // of the policy; "" for shadow rules
	Differs bool   // something else would have been done
	Added   []reason
	Dropped []reason
}

// trialOf finds what was on trial at the last of a payment's decisions; nil when nothing was.
func trialOf(past []store.Decision, lang string) *trial {
	for _, d := range slices.Backward(past) {
		if d.Shadow != nil {
			return trialBeside(d.Recorded, lang)
		}
	}
	return nil
}

// trialBeside lays what was on trial beside the decision it was recorded with. It is compared with what the policy said,
// not with what the gateway had to make of it: that holds for both.
func trialBeside(r store.Recorded, lang string) *trial {
	live := r.Decision
	t := &trial{Live: store.Verdict{Outcome: live.Outcome, Score: live.Score}}
	if v := r.Shadow.Rules; v != nil {
		t.Rules = &wouldBe{Verdict: *v, Differs: v.Outcome != live.Outcome, Added: reasonsOf(&risk.Decision{Reasons: r.Shadow.Reasons}, lang)}
	}
	if d := r.Shadow.Decision; d != nil {
		diff := policy.Compare(live, *d)
		t.Policy = &wouldBe{Verdict: store.Verdict{Outcome: d.Outcome, Score: d.Score}, Name: d.Policy.Name, Differs: !diff.Same(),
			Added: only(reasonsOf(d, lang), diff.Added), Dropped: only(reasonsOf(&live, lang), diff.Dropped)}
	}
	return t
}

// only keeps the reasons with these codes.
func only(all []reason, codes []string) []reason {
	return slices.DeleteFunc(all, func(r reason) bool { return !slices.Contains(codes, r.Code) })
}

// oneSided are the reasons that one side alone gave.
type oneSided struct {
	Side    string // added, dropped
	Reasons []reason
}

// OneSided are the reasons that tell what was on trial from what was decided.
func (t trial) OneSided() (all []oneSided) {
	for _, w := range []*wouldBe{t.Rules, t.Policy} {
		if w != nil {
			all = append(all, oneSided{"added", w.Added}, oneSided{"dropped", w.Dropped})
		}
	}
	return slices.DeleteFunc(all, func(o oneSided) bool { return len(o.Reasons) == 0 })
}
