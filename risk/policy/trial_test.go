package policy

import (
	"testing"

	"octroi/risk"
)

func TestShadowRulesCountedGiveWhatThePolicyWouldHaveDone(t *testing.T) {
	p := small(t, `code: LIVE, when: "true", points: 15`, `code: TRIED, shadow: true, when: "true", points: 10`)
	if !p.OnTrial() || small(t, `code: LIVE, when: "true", points: 15`).OnTrial() {
		t.Error("shadow rules are not told from live ones")
	}
	f := paris()
	d := decideAlone(p, f)
	got := p.With(d, p.Shadow(f, recall(f, nil), nil))
	if b := p.Bands(); got.Score != 25 || got.Outcome != p.band(25) || got.Outcome == d.Outcome || len(d.Reasons) != 1 || len(got.Reasons) != 2 {
		t.Errorf("%+v beside %+v, bands %v", got, d, b)
	}
	reason := func(points int, force risk.Outcome) risk.Reason {
		return risk.Reason{Code: "TRIED", Points: points, Forces: force}
	}
	live := func(o risk.Outcome, points int) risk.Decision {
		return risk.Decision{Outcome: o, Score: points, Reasons: []risk.Reason{{Code: "LIVE", Points: points}}}
	}
	bands := p.Bands()
	for name, c := range map[string]struct {
		live risk.Decision
		more risk.Reason
		want risk.Outcome
	}{
		"nothing changes":                      {live(risk.Hold, bands[risk.Hold]), reason(0, ""), risk.Hold},
		"points make it milder":                {live(risk.Hold, bands[risk.Hold]), reason(-1, ""), p.band(bands[risk.Hold] - 1)},
		"a rule that forces wins":              {live(risk.Approve, 0), reason(0, risk.Decline), risk.Decline},
		"a rule that allows wins":              {live(risk.Hold, bands[risk.Hold]), reason(0, risk.Approve), risk.Approve},
		"a review that stayed harsh stays":     {live(risk.Hold, bands[risk.Challenge]), reason(-bands[risk.Challenge], ""), risk.Hold},
		"a challenge that was met stays met":   {live(risk.Approve, bands[risk.Challenge]), reason(0, ""), risk.Approve},
		"and gives way to what is worse":       {live(risk.Approve, bands[risk.Challenge]), reason(bands[risk.Hold], ""), p.band(bands[risk.Challenge] + bands[risk.Hold])},
		"a review that stayed harsh gives way": {live(risk.Hold, bands[risk.Challenge]), reason(0, risk.Decline), risk.Decline},
	} {
		if got := p.With(c.live, []risk.Reason{c.more}); got.Outcome != c.want {
			t.Errorf("%s: %s, want %s", name, got.Outcome, c.want)
		}
	}
}
