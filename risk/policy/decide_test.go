package policy

import (
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"octroi/risk"
)

// small writes a policy of the given rules, each the lines of one list entry without detail and why.
func small(t testing.TB, rules ...string) *Policy {
	t.Helper()
	p, err := Parse("small.yaml", []byte(smallSource(rules...)))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func smallSource(rules ...string) string {
	var b strings.Builder
	b.WriteString("name: small\nbands: {challenge: 10, hold: 20, decline: 30}\nrules:\n")
	for _, r := range rules {
		fmt.Fprintf(&b, "  - {%s, detail: a detail, why: A sentence.}\n", r)
	}
	return b.String()
}

func paris() risk.Facts {
	home := risk.Address{Lines: []string{"12 bd Saint-Michel"}, PostalCode: "75006", City: "Paris", Country: "FR"}
	return risk.Facts{ID: "order", At: noon, Shop: "demo", Amount: 12990, Currency: "EUR",
		Card:     risk.Card{Fingerprint: "c-jean", BIN: "41111111", Last4: "1111"},
		Billing:  risk.Party{Name: "Jean Dupont", Address: home},
		Delivery: risk.Delivery{Method: "home", Recipient: "Jean Dupont", Address: home},
		Buyer:    risk.Buyer{ID: "cust_42", Email: "jean@example.org", IP: "203.0.113.7", DeviceID: "d-1"},
		Order:    risk.Order{Reference: "A-1", Items: []risk.Item{{SKU: "S", Category: "memory", Quantity: 2, UnitAmount: 6495}}},
	}
}

func decideAlone(p *Policy, f risk.Facts) risk.Decision { return p.Decide(f, recall(f, nil), nil) }

func TestTenCardsOnOneDeviceAreDeclinedFromTheSixth(t *testing.T) {
	p := Default()
	var past []risk.Record
	for i := range 10 {
		f := paris()
		f.ID, f.At = fmt.Sprintf("try-%d", i), noon.Add(time.Duration(i)*20*time.Second)
		f.Card.Fingerprint, f.Amount = fmt.Sprintf("c-%d", i), 100
		f.Buyer.Email = fmt.Sprintf("buyer%d@example.net", i)
		d := p.Decide(f, recall(f, past), nil)
		want := []risk.Outcome{risk.Approve, risk.Approve, risk.Approve, risk.Hold, risk.Hold}
		switch {
		case i < 5 && d.Outcome != want[i]:
			t.Errorf("card %d: %s, want %s", i+1, d.Outcome, want[i])
		case i >= 5 && d.Outcome != risk.Decline:
			t.Errorf("card %d: %s, want decline", i+1, d.Outcome)
		}
		after := f.Attempt()
		after.Kind, after.Code = risk.EventRefused, "refused"
		if d.Outcome == risk.Decline {
			after.Kind, after.Code = risk.EventDeclined, ""
		}
		past = append(past, f.Attempt(), after)
	}
}

func TestTheSameInputsGiveTheSameBytes(t *testing.T) {
	f := paris()
	f.Delivery.Address = risk.Address{Lines: []string{"4 rue de Rome"}, PostalCode: "13001", City: "Marseille", Country: "FR"}
	f.Metadata = map[string]string{"a": "1", "b": "2"}
	once := func(p *Policy) string {
		d := p.Decide(f, recall(f, nil), nil)
		after := f
		after.Review = &risk.Review{Status: "authorised", AVS: "partial"}
		d = p.Review(d, after, recall(f, nil), nil)
		b, err := json.Marshal(d)
		if err != nil {
			t.Error(err)
		}
		return string(b)
	}
	p := Default()
	want := once(Default())
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for range 20 {
				if got := once(p); got != want {
					t.Errorf("got %s\nwant %s", got, want)
				}
			}
		})
	}
	all.Wait()
	if !strings.Contains(want, `"traits":[]`) || !strings.Contains(want, `"degraded":[]`) {
		t.Errorf("empty lists must be [] in JSON: %s", want)
	}
}

func TestPrecedenceOfWhatRulesForce(t *testing.T) {
	approve, hold := `code: YES, when: "true", force: approve`, `code: STOP, when: "true", force: hold`
	decline, points := `code: NO, when: "true", force: decline`, `code: MUCH, when: "true", points: 25`
	fails := `code: BROKEN, when: 'amount / count("email", "chargeback", "1h") > 1', points: 1`
	for _, c := range []struct {
		name  string
		rules []string
		want  risk.Outcome
	}{
		{"nothing matches", nil, risk.Approve},
		{"points alone", []string{points}, risk.Hold},
		{"approve beats points", []string{points, approve}, risk.Approve},
		{"approve beats a forced hold", []string{hold, approve}, risk.Approve},
		{"decline beats approve", []string{approve, decline}, risk.Decline},
		{"a failed rule holds", []string{fails}, risk.Hold},
		{"a failed rule holds even whom the shop vouches for", []string{fails, approve}, risk.Hold},
		{"a failed rule does not soften a decline", []string{fails, decline}, risk.Decline},
		{"points that are taken away do not undo a forced hold", []string{hold, `code: LESS, when: "true", points: -50`}, risk.Hold},
	} {
		if d := decideAlone(small(t, append(c.rules, `code: NEVER, when: "false", points: 1`)...), paris()); d.Outcome != c.want || d.Score < 0 {
			t.Errorf("%s: %s with score %d, want %s", c.name, d.Outcome, d.Score, c.want)
		}
	}
}

func TestAFailedRuleIsNamedAndHolds(t *testing.T) {
	p := small(t, `code: LATER, when: "true", points: 1`,
		`code: MEAN_OF_NONE, when: 'sum("email", "authorised", "30d") / count("email", "authorised", "30d") > 100', points: 5`)
	d := decideAlone(p, paris())
	if d.Outcome != risk.Hold || len(d.Degraded) != 1 || d.Degraded[0] != "rule:MEAN_OF_NONE" {
		t.Fatalf("%s, degraded %v", d.Outcome, d.Degraded)
	}
	if d.Reasons[0].Code != CodeRuleFailed || d.Reasons[0].Detail != "rule MEAN_OF_NONE failed: division by zero" {
		t.Errorf("first reason: %+v", d.Reasons[0])
	}
	if d.Reasons[1].Code != "LATER" {
		t.Errorf("the other rules must still be asked: %+v", d.Reasons)
	}
}

// broken are histories that panic, or that give no number.
type broken struct {
	*recorded
	value func() risk.Fold
}

func (b broken) Count(risk.Entity, risk.Event, time.Duration) risk.Fold { return b.value() }

func TestHistoriesThatPanicOrGiveNoNumberHold(t *testing.T) {
	nan := 0.0
	nan /= nan
	p := small(t, `code: COUNTS, when: 'count("card", "refused", "1h") > 3', points: 5`)
	for name, value := range map[string]func() risk.Fold{
		"panic": func() risk.Fold { panic("torn record") },
		"NaN":   func() risk.Fold { return risk.Fold{Value: nan} },
	} {
		f := paris()
		d := p.Decide(f, broken{recall(f, nil), value}, nil)
		if d.Outcome != risk.Hold || !d.Has(CodeRuleFailed) {
			t.Errorf("%s: %s %v", name, d.Outcome, d.Reasons)
		}
	}
}

func TestADetailThatFailsFallsBackToWhy(t *testing.T) {
	src := strings.Replace(smallSource(`code: SHOWN, when: "true", points: 5`), "detail: a detail",
		`detail: "mean {{amount / count(\"email\", \"chargeback\", \"1h\")}}"`, 1)
	p, err := Parse("small.yaml", []byte(src))
	if err != nil {
		t.Fatal(err)
	}
	d := decideAlone(p, paris())
	if d.Score != 5 || d.Outcome != risk.Hold || d.Reasons[1].Detail != "A sentence." {
		t.Errorf("%+v", d)
	}
}

func TestAnUnknownHistoryNeverReadsAsLongKnown(t *testing.T) {
	p := small(t, `code: OLD, when: 'age("email") > seconds("1d") || since("email", "chargeback") > seconds("1d") || known("email")', points: 1`,
		`code: NEW, when: 'first_seen("email") && age("email") == 0 && !happened("email", "chargeback")', points: 2`,
		`code: NAMELESS, when: 'first_seen("phone") || known("phone")', points: 4`)
	if d := decideAlone(p, paris()); d.Score != 2 {
		t.Errorf("first seen: %+v", d.Reasons)
	}
	if d := p.Decide(paris(), nil, nil); d.Score != 0 || d.Outcome != risk.Hold || !d.Has(CodeVelocityUnavailable) {
		t.Errorf("histories away: %+v", d)
	}
}

func TestReviewNeverLowersUnlessTheRuleSaysSo(t *testing.T) {
	p := small(t, `code: MUCH, when: "true", points: 25`,
		`code: AWAY, stage: review, when: 'review.three_ds == "authenticated"', points: -20`,
		`code: SHIFT, stage: review, when: review.liability_shift, points: -20, lowers: true`,
		`code: CODE, stage: review, when: 'review.cvc == "mismatch"', points: 30`)
	f := paris()
	d := decideAlone(p, f)
	for _, c := range []struct {
		review risk.Review
		want   risk.Outcome
		score  int
	}{
		{risk.Review{}, risk.Hold, 25},
		{risk.Review{ThreeDS: "authenticated"}, risk.Hold, 5},
		{risk.Review{LiabilityShift: true}, risk.Approve, 5},
		{risk.Review{LiabilityShift: true, CVC: "mismatch"}, risk.Decline, 35},
		{risk.Review{CVC: "mismatch"}, risk.Decline, 55},
	} {
		f.Review = &c.review
		if got := p.Review(d, f, recall(f, nil), nil); got.Outcome != c.want || got.Score != c.score {
			t.Errorf("%+v: %s %d, want %s %d", c.review, got.Outcome, got.Score, c.want, c.score)
		}
	}
	declined := d
	declined.Outcome = risk.Decline
	f.Review = &risk.Review{LiabilityShift: true}
	if got := p.Review(declined, f, recall(f, nil), nil); got.Outcome != risk.Decline {
		t.Errorf("a decline was lowered to %s", got.Outcome)
	}
	if len(d.Reasons) != 1 {
		t.Errorf("Review changed the decision it was given: %+v", d.Reasons)
	}
}

func TestReviewKeepsAnOutageOnceAndFirst(t *testing.T) {
	p := Default()
	f := paris()
	d := p.Decide(f, nil, nil)
	f.Review = &risk.Review{Status: "authorised", CVC: "mismatch", ThreeDS: "authenticated", LiabilityShift: true}
	d = p.Review(d, f, nil, nil)
	if d.Outcome != risk.Hold || d.Reasons[0].Code != CodeVelocityUnavailable || len(d.Degraded) != 1 {
		t.Errorf("%+v", d)
	}
	n := 0
	for _, r := range d.Reasons {
		if r.Code == CodeVelocityUnavailable {
			n++
		}
	}
	if n != 1 {
		t.Errorf("the outage is told %d times", n)
	}
}

func TestShadowRulesAreToldAndChangeNothing(t *testing.T) {
	p := small(t, `code: TRIED, shadow: true, when: "true", force: decline`,
		`code: TRIED_LATER, shadow: true, stage: review, when: 'review.status == "authorised"', points: 7`,
		`code: TRIED_BROKEN, shadow: true, when: 'amount / age("card") > 1', points: 7`)
	f := paris()
	if d := decideAlone(p, f); d.Outcome != risk.Approve || len(d.Reasons) != 0 || len(d.Degraded) != 0 {
		t.Errorf("%+v", d)
	}
	f.Review = &risk.Review{Status: "authorised"}
	got := p.Shadow(f, recall(f, nil), nil)
	if len(got) != 3 || got[0].Code != "TRIED" || got[1].Code != "TRIED_LATER" || got[2].Code != CodeRuleFailed {
		t.Errorf("%+v", got)
	}
}

func TestARuleLoopsOverTheOrderAndNoFurther(t *testing.T) {
	f := paris()
	f.Order.Items = make([]risk.Item, 100_000)
	p := small(t, `code: LOOP, when: 'any(order.items, .category == "memory")', points: 5`)
	if d := decideAlone(p, f); d.Outcome != risk.Approve || len(d.Degraded) != 0 {
		t.Errorf("%+v", d)
	}
	f.Order.Items[99_999].Category = "memory"
	if d := decideAlone(p, f); d.Score != 5 {
		t.Errorf("the last line was not reached: %+v", d)
	}
}

func TestADecisionWithoutReasonsSaysSoInJSON(t *testing.T) {
	p := small(t, `code: NEVER, when: "amount < 0", points: 1`)
	f := risk.Facts{ID: "pay_1", Amount: 1, Currency: "EUR", Buyer: risk.Buyer{Email: "a@example.org"}}
	h := recall(f, nil)
	d := p.Decide(f, h, nil)
	f.Review = &risk.Review{Status: "authorised"}
	for _, d := range []risk.Decision{d, p.Review(d, f, h, nil)} {
		text, err := json.Marshal(d)
		if err != nil || !strings.Contains(string(text), `"reasons":[]`) || !strings.Contains(string(text), `"degraded":[]`) {
			t.Errorf("%s, %v", text, err)
		}
	}
}
