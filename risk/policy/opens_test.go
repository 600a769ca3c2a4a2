package policy

import (
	"slices"
	"testing"

	"octroi/risk"
)

func TestADecisionOpensTheRungsOfItsReasonsInTheLaddersOrder(t *testing.T) {
	p := small(t, `code: FAR, when: 'amount > 0', points: 15, opens: [address, statement_code]`,
		`code: NEW, when: 'amount > 0', points: 5, opens: [identity, statement_code]`,
		`code: RARE, when: 'amount > 1000000', points: 5, opens: [card_copy]`,
		`code: PLAIN, when: 'amount > 0', points: 1`)
	if got := p.Opens(decideAlone(p, paris())); !slices.Equal(got, []string{"statement_code", "identity", "address"}) {
		t.Errorf("opens %v", got)
	}
	if got := p.Opens(risk.Decision{Reasons: []risk.Reason{{Code: CodeVelocityUnavailable}, {Code: "PLAIN"}}}); got != nil {
		t.Errorf("reasons without a rung open %v", got)
	}
}

func TestARuleThatSleepsOpensNothing(t *testing.T) {
	p := small(t, `code: FAR, when: 'amount > 0', points: 15, opens: [address]`)
	f := paris()
	f.Buyer.ID = "cust_1"
	d := p.Decide(f, nil, someLists{"snooze_far": {"cust_1"}})
	if !d.Has("FAR") || p.Opens(d) != nil {
		t.Errorf("%+v opens %v", d.Reasons, p.Opens(d))
	}
}

func TestEveryHoldOfTheShippedPolicyOpensAWayOut(t *testing.T) {
	for _, r := range Default().Rules() {
		// A suspicion of the issuer's own is not told to its buyer, and so asks them for nothing of its own.
		leads := (r.Points >= 15 || r.Force == risk.Hold || r.Force == risk.Challenge) && r.Code != "REFUSED_AS_FRAUD"
		if leads && !r.BuiltIn && len(r.Opens) == 0 {
			t.Errorf("%s (%d points) can hold an order and opens no rung", r.Code, r.Points)
		}
		if slices.Contains(r.Opens, "card_copy") {
			t.Errorf("%s opens a copy of the card, which the default law forbids", r.Code)
		}
	}
}
