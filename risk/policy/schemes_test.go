package policy

import (
	"slices"
	"strings"
	"testing"

	"octroi/risk"
)

func TestSchemeLimitsArePartOfEveryPolicy(t *testing.T) {
	limits := []string{CodeNeverRetry, CodeReattempts, CodeDeclinesDay}
	for _, p := range []*Policy{Default(), small(t, `code: NEVER, when: "false", points: 1`)} {
		if codes := p.Codes(); !slices.Equal(codes[2:5], limits) {
			t.Errorf("%v", codes)
		}
		for i, r := range p.Rules()[:3] {
			if r.Code != limits[i] || !r.BuiltIn || r.Force != risk.Decline || r.Stage != "decide" || r.Why == "" || r.WhyFR == "" {
				t.Errorf("%+v", r)
			}
			if p.rules[i].when.direct == nil || len(p.rules[i].detail[french].parts) == 0 {
				t.Errorf("%s is not compiled", r.Code)
			}
		}
		if p.Rules()[3].BuiltIn {
			t.Error("a rule of the file is called built in")
		}
	}
}

func TestACardOfUnknownSchemeIsUnderAllLimits(t *testing.T) {
	p := small(t, `code: NEVER, when: "false", points: 1`)
	refusals := func(n int) []int64 { return slices.Repeat([]int64{100}, n) }
	for _, c := range []struct {
		card    risk.Card
		refused int
		want    string
	}{
		{risk.Card{}, 10, CodeDeclinesDay},
		{risk.Card{}, 16, CodeReattempts},
		{risk.Card{Brand: "visa"}, 10, ""},
		{risk.Card{Brand: "VISA_applepay"}, 16, CodeReattempts},
		{risk.Card{BIN: "41111111"}, 16, CodeReattempts},
		{risk.Card{BIN: "22210000"}, 9, ""},
		{risk.Card{BIN: "22210000"}, 10, CodeDeclinesDay},
		{risk.Card{BIN: "55000000"}, 10, CodeDeclinesDay},
		{risk.Card{Brand: "mc", BIN: "41111111"}, 10, CodeDeclinesDay},
		{risk.Card{Brand: "amex", BIN: "37000000"}, 20, ""},
		{risk.Card{Brand: "cartebancaire", BIN: "49700000"}, 16, ""},
	} {
		f := paris()
		c.card.Fingerprint = "c-jean"
		f.Card = c.card
		d := p.Decide(f, recall(f, someRefused(f, refusals(c.refused)...)), nil)
		if (d.Outcome == risk.Decline) != (c.want != "") || c.want != "" && !d.Has(c.want) {
			t.Errorf("%+v after %d refusals: %+v", c.card, c.refused, d)
		}
	}
}

func TestTheShippedPolicyTellsARefusedCardOnceWhateverItsScheme(t *testing.T) {
	for _, c := range []struct {
		brand   string
		refused int
		want    string
	}{
		{"visa", 9, ""}, {"visa", 10, "CARD_REFUSED_ON"}, {"mc", 10, CodeDeclinesDay}, {"", 10, CodeDeclinesDay}, {"amex", 10, "CARD_REFUSED_ON"},
	} {
		f := paris()
		f.Card.Brand, f.Card.BIN = c.brand, ""
		d := Default().Decide(f, recall(f, someRefused(f, slices.Repeat([]int64{100}, c.refused)...)), nil)
		var told []string
		for _, r := range d.Reasons {
			if r.Forces == risk.Decline {
				told = append(told, r.Code)
			}
		}
		if len(told) > 1 || strings.Join(told, "") != c.want {
			t.Errorf("%q after %d refusals: %v, want %s", c.brand, c.refused, told, c.want)
		}
	}
}

// counting are lists that count what they are asked.
type counting struct {
	someLists
	asked *int
}

func (c counting) In(list, value string) bool {
	*c.asked++
	return c.someLists.In(list, value)
}

func TestASnoozeIsAskedForOnlyWhenTheRuleMatched(t *testing.T) {
	p := small(t, `code: ALWAYS, when: "true", points: 25`, `code: NEVER, when: "false", points: 1`,
		`code: STOP, when: "true", force: decline`, `code: AFTER, stage: review, when: "true", points: -25, lowers: true`,
		`code: TRIED, shadow: true, when: "true", points: 7`)
	l := counting{someLists{"snooze_always": {"cust_42"}, "snooze_stop": {"cust_42"}, "snooze_after": {"cust_42"}, "snooze_tried": {"cust_42"}}, new(int)}
	f := paris()
	d := p.Decide(f, recall(f, nil), l)
	if *l.asked != 1 || d.Score != 0 || d.Outcome != risk.Decline {
		t.Errorf("asked %d times: %+v", *l.asked, d)
	}
	if got := d.Reasons[0]; got != (risk.Reason{Code: "ALWAYS", Detail: "snoozed", DetailFR: "en sommeil"}) {
		t.Errorf("%+v", got)
	}
	if got := p.Shadow(f, recall(f, nil), l); len(got) != 1 || got[0].Points != 0 || got[0].Detail != "snoozed" {
		t.Errorf("%+v", got)
	}
	held := risk.Decision{Outcome: risk.Hold, Reasons: []risk.Reason{{Code: "ALWAYS", Points: 25}}}
	f.Review = &risk.Review{}
	if got := p.Review(held, f, recall(f, nil), l); got.Outcome != risk.Hold || got.Score != 25 {
		t.Errorf("a snoozed rule made the review milder: %+v", got)
	}
	f.Buyer.ID = ""
	*l.asked = 0
	if p.Decide(f, recall(f, nil), l).Score != 25 || *l.asked != 0 {
		t.Error("an order without a customer asks for no snooze")
	}
}

func TestADifferenceTellsWhatTheShadowWouldHaveDone(t *testing.T) {
	f := paris()
	live := decideAlone(small(t, `code: BOTH, when: "true", points: 5`, `code: LIVE, when: "true", points: 15`), f)
	shadow := decideAlone(small(t, `code: BOTH, when: "true", points: 8`, `code: TRIED, when: "true", force: decline`), f)
	d := Compare(live, shadow)
	if d.Same() || d.Live != risk.Hold || d.Shadow != risk.Decline || d.Harsher != 1 || d.Score != -12 ||
		!slices.Equal(d.Added, []string{"TRIED"}) || !slices.Equal(d.Dropped, []string{"LIVE"}) {
		t.Errorf("%+v", d)
	}
	if same := Compare(live, live); !same.Same() || same.Harsher != 0 || same.Added == nil || len(same.Dropped) != 0 {
		t.Errorf("%+v", same)
	}
}
