package policy

import (
	"testing"

	"octroi/risk"
)

func TestAChallengeThatTheBuyerMetIsOverAndNothingElseIs(t *testing.T) {
	p := small(t, `code: SOME, when: "true", points: 15`,
		`code: CODE, stage: review, when: 'review.cvc == "mismatch"', points: 30`,
		`code: EXEMPT, stage: review, when: 'review.exemption == "lowValue"', points: 10`)
	f := paris()
	d := decideAlone(p, f)
	if d.Outcome != risk.Challenge {
		t.Fatalf("%s at %d", d.Outcome, d.Score)
	}
	for _, c := range []struct {
		review risk.Review
		want   risk.Outcome
	}{
		{risk.Review{}, risk.Challenge},
		{risk.Review{ThreeDS: "attempted", LiabilityShift: true}, risk.Challenge}, // the issuer took no part
		{risk.Review{ThreeDS: "failed"}, risk.Challenge},
		{risk.Review{ThreeDS: "authenticated"}, risk.Approve},
		{risk.Review{ThreeDS: "authenticated", Exemption: "lowValue"}, risk.Hold},
		{risk.Review{ThreeDS: "authenticated", CVC: "mismatch"}, risk.Decline},
	} {
		f.Review = &c.review
		if got := p.Review(d, f, recall(f, nil), nil); got.Outcome != c.want {
			t.Errorf("%+v: %s at %d, want %s", c.review, got.Outcome, got.Score, c.want)
		}
	}
	for _, harsher := range []risk.Outcome{risk.Hold, risk.Decline} {
		held := d
		held.Outcome = harsher
		f.Review = &risk.Review{ThreeDS: "authenticated"}
		if got := p.Review(held, f, recall(f, nil), nil); got.Outcome != harsher {
			t.Errorf("a %s became %s", harsher, got.Outcome)
		}
	}
}
