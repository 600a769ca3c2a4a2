package flow_test

import (
	"testing"
	"time"

	"octroi/gateway/flow"
	"octroi/gateway/payment"
	"octroi/gateway/store"
	"octroi/risk"
	"octroi/risk/policy"
)

// parsed is a policy with this rule beside one that any order matches.
func parsed(t *testing.T, name, rule string) *policy.Policy {
	t.Helper()
	p, err := policy.Parse(name, []byte(`name: `+name+`
bands: {challenge: 10, hold: 20, decline: 30}
rules:
  - code: ANY
    when: amount > 0
    points: 1
    detail: {en: "any order", fr: "toute commande"}
    why: {en: "Shows that it ran.", fr: "Montre qu'elle a tourné."}
`+rule))
	check(t, err)
	return p
}

func TestWhatIsOnTrialSeesTheIssuersAnswerToo(t *testing.T) {
	const afterwards = `
    stage: review
    when: review.status == "authorised"
    points: 25
    detail: {en: "authorised", fr: "autorisé"}
    why: {en: "A trial of what the issuer says.", fr: "Un essai de ce que dit la banque."}
`
	live := parsed(t, "live", "  - code: TRIED\n    shadow: true"+afterwards)
	trial := parsed(t, "trial", "  - code: LATER"+afterwards)
	w := begin(t, func(c *flow.Config) {
		c.Policy = func(string) *policy.Policy { return live }
		c.Shadow = func(string) *policy.Policy { return trial }
	})
	for _, p := range []*policy.Policy{live, trial} {
		check(t, w.store.SavePolicy(t.Context(), p.Ref().Name, p.Ref().Version, []byte(p.Ref().Name)))
	}
	p := w.pay(order(1))
	if p.Status != payment.Authorised {
		t.Fatalf("got %s", p.Status)
	}
	past, err := w.store.Decisions(t.Context(), p.ID)
	check(t, err)
	got := past[len(past)-1].Shadow
	if got == nil || got.Rules == nil || got.Rules.Score != 26 || len(got.Reasons) != 1 || got.Reasons[0].Code != "TRIED" {
		t.Errorf("shadow rules: %+v", got)
	}
	if got == nil || got.Decision == nil || got.Decision.Score != 26 || !got.Decision.Has("LATER") {
		t.Errorf("policy on trial: %+v", got)
	}
	for kind, code := range map[store.TrialKind]string{store.TrialPolicy: "LATER", store.TrialRules: "TRIED"} {
		all, _, err := w.store.Trials(t.Context(), store.TrialFilter{Shop: "demo", Kind: kind, Since: w.now().Add(-time.Hour)})
		check(t, err)
		if len(all) != 1 || all[0].Orders != 1 || all[0].Outcomes[store.TrialOutcome{Live: risk.Approve, Trial: risk.Hold}] != 1 ||
			len(all[0].Codes) != 1 || all[0].Codes[0].Code != code {
			t.Errorf("%s: %+v", kind, all)
		}
	}
}
