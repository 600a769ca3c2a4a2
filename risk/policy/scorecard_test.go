package policy

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"octroi/risk"
)

// carded writes a policy with a scorecard of features, each the lines of one list entry without why.
func carded(t testing.TB, base int, features ...string) *Policy {
	t.Helper()
	src := smallSource(`code: NEVER, when: "false", points: 1`) + fmt.Sprintf("scorecard:\n  base: %d\n  features:\n", base)
	for _, f := range features {
		src += "    - {" + f + ", why: A sentence.}\n"
	}
	p, err := Parse("carded.yaml", []byte(src))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestPointsOfAFeatureAddUpToTheEdgesItsValueReaches(t *testing.T) {
	p := carded(t, 0, `code: AMOUNT, value: amount, edges: [100, 200, 300], points: [5, -2, 10]`)
	for amount, want := range map[int64]int{99: 0, 100: 5, 199: 5, 200: 3, 299: 3, 300: 13, 1 << 40: 13} {
		f := paris()
		f.Amount = amount
		if d := decideAlone(p, f); d.Score != want {
			t.Errorf("%d: %d points, want %d", amount, d.Score, want)
		}
	}
}

func TestReasonsAddUpToTheScoreInTheOrderOfTheFile(t *testing.T) {
	p := loadPolicy(t, "policy_wide.yaml")
	dice := rand.New(rand.NewPCG(3, 4))
	for range 200 {
		f := p.Prepare(paris())
		f.Amount = dice.Int64N(1_000_000)
		d := p.Decide(f, &guessed{dice: dice, said: map[asked]risk.Fold{}}, nil)
		sum, last := 0, -1
		codes := p.Codes()
		for _, r := range d.Reasons {
			sum += r.Points
			at := slices.Index(codes, r.Code)
			if at <= last {
				t.Fatalf("%s is out of order or no code: %v", r.Code, codes)
			}
			last = at
		}
		if max(sum, 0) != d.Score {
			t.Fatalf("the reasons add up to %d, the score is %d", sum, d.Score)
		}
	}
}

func TestAScoreBelowNothingIsNothing(t *testing.T) {
	if d := decideAlone(carded(t, -5, `code: AMOUNT, value: amount, edges: [1], points: [-7]`), paris()); d.Score != 0 || len(d.Reasons) != 2 {
		t.Errorf("%+v", d)
	}
}

func TestAFeatureThatFailsIsNamedAndHolds(t *testing.T) {
	p := carded(t, 0, `code: QUOTIENT, value: 'amount / count("card", "chargeback", "1h")', edges: [1], points: [5]`,
		`code: HUGE, value: 'amount * 1e300 * 1e300', edges: [1], points: [5]`,
		`code: AMOUNT, value: amount, edges: [1], points: [3]`,
		`code: TRUTH, value: 'amount > 1', edges: [1], points: [4]`,
		`code: MACHINE, value: 'any(order.items, .quantity > 1)', edges: [1], points: [6]`)
	d := decideAlone(p, paris())
	if d.Outcome != risk.Hold || d.Score != 13 || !slices.Equal(d.Degraded, []string{"rule:QUOTIENT", "rule:HUGE"}) {
		t.Errorf("%+v", d)
	}
	if d.Reasons[0].Detail != "rule QUOTIENT failed: division by zero" || d.Reasons[1].Detail != "rule HUGE failed: the value is not a finite number" {
		t.Errorf("%+v", d.Reasons)
	}
	values, err := p.Values(paris(), recall(paris(), nil), nil, nil)
	if err == nil || err.Error() != "feature QUOTIENT: division by zero" || len(values) != 5 || !math.IsNaN(values[0]) ||
		!math.IsNaN(values[1]) || !slices.Equal(values[2:], []float64{12990, 1, 1}) {
		t.Errorf("%v %v", values, err)
	}
}

func TestAFeatureWithoutPointsIsNotAskedToDecide(t *testing.T) {
	p := carded(t, 0, `code: QUOTIENT, value: 'amount / count("card", "chargeback", "1h")', edges: [1, 2]`)
	if d := decideAlone(p, paris()); len(d.Reasons) != 0 || len(d.Degraded) != 0 {
		t.Errorf("%+v", d)
	}
}

func TestReviewKeepsTheScorecard(t *testing.T) {
	p := loadPolicy(t, "policy_fitted.yaml")
	f := p.Prepare(paris())
	d := decideAlone(p, f)
	f.Review = &risk.Review{Status: "authorised"}
	if after := p.Review(d, f, recall(f, nil), nil); after.Score != d.Score || len(after.Reasons) != len(d.Reasons) {
		t.Errorf("%+v, then %+v", d, after)
	}
}

func TestValuesAreThoseTheFeaturesHaveAndNeedNoMemory(t *testing.T) {
	p := loadPolicy(t, "policy_wide.yaml")
	f := p.Prepare(risk.Facts{ID: "o", At: noon, Amount: 5000, Currency: "EUR", Card: risk.Card{Fingerprint: "c"},
		Buyer: risk.Buyer{ID: "b"}, Metadata: map[string]string{"terminal": "T"}})
	var past []risk.Record
	for i, days := range []int{40, 9, 8, 3, 1} {
		r := f.Attempt()
		r.ID, r.At, r.Amount = fmt.Sprint("past", i), noon.Add(-time.Duration(days)*24*time.Hour+time.Minute), 1000*int64(i+1)
		past = append(past, r)
	}
	fraud := past[1]
	fraud.Kind = risk.EventChargeback
	h := recall(f, append(past, fraud))
	dst := make([]float64, 0, len(p.Features()))
	dst, err := p.Values(f, h, nil, dst)
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]float64{}
	for i, feature := range p.Features() {
		got[feature.Code] = dst[i]
	}
	for code, want := range map[string]float64{"AMOUNT": 50, "AMOUNT_TO_HABIT": 5000.0 / 3500, "CUSTOMER_DAY": 2, "CUSTOMER_WEEK": 3,
		"CUSTOMER_MONTH": 5, "CUSTOMER_MEAN_WEEK": (50 + 50 + 40) / 3.0, "TERMINAL_DAY": 1, "TERMINAL_WEEK": 2, "TERMINAL_MONTH": 2,
		"TERMINAL_RISK_WEEK": 0.5, "SPENT_ELSEWHERE": 2000 + 3000 + 4000 - 5000} {
		if math.Abs(got[code]-want) > 1e-9 {
			t.Errorf("%s is %v, want %v", code, got[code], want)
		}
	}
	still := &standing{}
	if n := testing.AllocsPerRun(100, func() { dst, _ = p.Values(f, still, nil, dst) }); n > 0 && !raced {
		t.Errorf("%v allocations an order", n)
	}
}

// standing are histories that cost nothing.
type standing struct{ none }

func (*standing) Available() bool { return true }

func (*standing) Count(risk.Entity, risk.Event, time.Duration) risk.Fold { return risk.Fold{Value: 3} }

func (*standing) Sum(risk.Entity, risk.Event, time.Duration) risk.Fold {
	return risk.Fold{Value: 9000}
}

func TestDelayedWindowsEndWhereTheDelayBegins(t *testing.T) {
	p := carded(t, 0, `code: COUNT, value: 'count("email", "attempt", "2h", "1h")', edges: []`,
		`code: SUM, value: 'sum("email", "attempt", "2h", "1h")', edges: []`,
		`code: MEAN, value: 'mean("email", "attempt", "2h", "1h")', edges: []`,
		`code: REFUNDED, value: 'count("email", "refunded", "2h", "1h")', edges: []`)
	f := paris()
	var past []risk.Record
	for i, ago := range []time.Duration{3 * time.Hour, 3*time.Hour - 1, 2 * time.Hour, time.Hour, time.Hour - 1} {
		r := f.Attempt()
		r.ID, r.At, r.Amount = fmt.Sprint("past", i), noon.Add(-ago), 100<<i
		past = append(past, r)
	}
	for i, ago := range []time.Duration{2 * time.Hour, 2 * time.Hour, time.Minute} { // past1 twice: once since
		r := past[[]int{0, 1, 1}[i]]
		r.Kind, r.At = risk.EventRefunded, noon.Add(-ago)
		past = append(past, r)
	}
	got, err := p.Values(f, recall(f, past), nil, nil)
	if want := []float64{3, 200 + 400 + 800, 1400.0 / 3, 1}; err != nil || !slices.Equal(got, want) {
		t.Errorf("%v %v, want %v", got, err, want)
	}
}

func TestThisOrderIsLeftOutOfWhatWasBefore(t *testing.T) {
	p := carded(t, 0, `code: COUNT, value: 'count_before("email", "attempt", "1d")', edges: []`,
		`code: SUM, value: 'sum_before("email", "attempt", "1d")', edges: []`,
		`code: MEAN, value: 'mean_before("email", "attempt", "1d")', edges: []`,
		`code: PHONE, value: 'mean_before("phone", "attempt", "1d") + count_before("phone", "attempt", "1d")', edges: []`,
		`code: REFUSED, value: 'count_before("email", "refused", "1d")', edges: []`,
		`code: RATIO, value: 'ratio(amount, mean_before("email", "attempt", "1d"), -1)', edges: []`)
	f := paris()
	for _, c := range []struct {
		past []risk.Record
		want []float64
	}{
		{nil, []float64{0, 0, 0, 0, 0, -1}},
		{someRefused(f, 1000, 3000), []float64{2, 4000, 2000, 0, 2, 6.495}},
	} {
		if got, err := p.Values(f, recall(f, c.past), nil, nil); err != nil || !slices.Equal(got, c.want) {
			t.Errorf("%v %v, want %v", got, err, c.want)
		}
	}
}

// someRefused are orders of the same entities with an amount each, all refused.
func someRefused(f risk.Facts, amounts ...int64) (past []risk.Record) {
	for i, amount := range amounts {
		r := f.Attempt()
		r.ID, r.At, r.Amount = fmt.Sprint("past", i), noon.Add(-time.Hour), amount
		after := r
		after.Kind, after.Code = risk.EventRefused, "refused"
		past = append(past, r, after)
	}
	return past
}

func TestAScorecardAtItsBoundsIsTaken(t *testing.T) {
	var edges []string
	for i := range maxEdges {
		edges = append(edges, fmt.Sprint(i))
	}
	features := make([]string, maxFeatures)
	for i := range features {
		features[i] = fmt.Sprintf("code: F%d, value: 'amount - %d', edges: [%s]", i, i, strings.Join(edges, ", "))
	}
	p := carded(t, 0, features...)
	points, steps := make([][]int, maxFeatures), make([][]float64, maxFeatures)
	for i := range points {
		for j := range maxEdges {
			points[i], steps[i] = append(points[i], -maxPoints), append(steps[i], float64(j)+1.0/3)
		}
	}
	out, err := p.WithPoints(0, points, steps)
	if err != nil || len(out) > maxFileBytes/2 {
		t.Errorf("%d bytes, %v", len(out), err)
	}
}

func BenchmarkScorecardOfTwentyFeatures(b *testing.B) {
	p := loadPolicy(b, "policy_wide.yaml")
	f := paris()
	f.Metadata = map[string]string{"terminal": "T"}
	f = p.Prepare(f)
	var h risk.Histories = &standing{}
	b.Run("Decide", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			p.Decide(f, h, nil)
		}
	})
	b.Run("Values", func(b *testing.B) {
		b.ReportAllocs()
		var dst []float64
		for b.Loop() {
			dst, _ = p.Values(f, h, nil, dst)
		}
	})
}
