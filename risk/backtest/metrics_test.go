package backtest

import (
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

func near(t *testing.T, what string, got, want float64) {
	t.Helper()
	if math.Abs(got-want) > 1e-12 {
		t.Errorf("%s is %v, want %v", what, got, want)
	}
}

func TestMetricsOfAHandfulOfOrdersAreThoseWorkedOutByHand(t *testing.T) {
	// By score from high to low: fraud 9, good 8, then fraud and good together at 5, good 1.
	orders := []Scored{{5, false}, {9, true}, {1, false}, {8, false}, {5, true}}
	// Of the 6 pairs, 9 wins all three; 5 loses to 8, ties with 5 and wins over 1: 3 + 1.5.
	near(t, "AUC", AUC(orders), 4.5/6)
	// Recall 1/2 at precision 1, then nothing gained at 8, then 1/2 more at precision 2/4.
	near(t, "average precision", AveragePrecision(orders), 0.5*1+0.5*0.5)
}

func TestMetricsWithoutBothKindsHaveNoValue(t *testing.T) {
	good := []Scored{{1, false}, {2, false}}
	if !math.IsNaN(AUC(good)) || !math.IsNaN(AveragePrecision(good)) || !math.IsNaN(AUC(nil)) || !math.IsNaN(AveragePrecision(nil)) {
		t.Error("good orders alone must give no figure")
	}
	if fraud := []Scored{{1, true}}; !math.IsNaN(AUC(fraud)) || AveragePrecision(fraud) != 1 {
		t.Error("fraud alone must give no AUC, and a precision of 1")
	}
}

// scored makes few distinct scores, so that ties are common.
func scored() *rapid.Generator[[]Scored] {
	return rapid.SliceOfN(rapid.Custom(func(t *rapid.T) Scored {
		return Scored{Score: float64(rapid.IntRange(0, 9).Draw(t, "score")), Fraud: rapid.Bool().Draw(t, "fraud")}
	}), 0, 40)
}

func TestAUCIsTheShareOfPairsInOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		orders := scored().Draw(t, "orders")
		won, pairs := 0.0, 0.0
		for _, a := range orders {
			for _, b := range orders {
				if a.Fraud && !b.Fraud {
					pairs++
					if a.Score > b.Score {
						won++
					} else if a.Score == b.Score {
						won += 0.5
					}
				}
			}
		}
		if got := AUC(orders); pairs == 0 && !math.IsNaN(got) || pairs > 0 && math.Abs(got-won/pairs) > 1e-9 {
			t.Fatalf("AUC %v, the pairs say %v", got, won/pairs)
		}
	})
}

func TestAveragePrecisionIsTheSumOverThresholds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		orders := scored().Draw(t, "orders")
		all, sum, before := 0.0, 0.0, 0.0
		for _, o := range orders {
			if o.Fraud {
				all++
			}
		}
		for threshold := 9.0; threshold >= 0; threshold-- {
			hit, taken := 0.0, 0.0
			for _, o := range orders {
				if o.Score >= threshold {
					taken++
					if o.Fraud {
						hit++
					}
				}
			}
			if taken > 0 && all > 0 {
				sum += (hit/all - before) * hit / taken
				before = hit / all
			}
		}
		if got := AveragePrecision(orders); all == 0 && !math.IsNaN(got) || all > 0 && math.Abs(got-sum) > 1e-9 {
			t.Fatalf("average precision %v, the thresholds say %v", got, sum)
		}
	})
}

func TestCardPrecisionLeavesOutWhatWasFound(t *testing.T) {
	days := []Sighting{
		{0, 1, 9, false}, {0, 1, 2, true}, {0, 2, 8, true}, {0, 3, 7, false}, // top two: 1 and 2, both fraud that day
		{1, 1, 9, true}, {1, 2, 9, true}, {1, 3, 5, false}, {1, 4, 4, true}, {1, 5, 3, true}, // left: 3, 4 and 5
	}
	near(t, "card precision", CardPrecision(days, 2, 2), (2.0/2+1.0/2)/2)
	near(t, "card precision of three days", CardPrecision(days, 3, 2), (2.0/2+1.0/2)/3)
	near(t, "card precision of the top ten", CardPrecision(days, 2, 10), (2.0/10+2.0/10)/2)
}

func TestOfEqualScoresTheCardThatCameFirstIsLookedAt(t *testing.T) {
	near(t, "card precision", CardPrecision([]Sighting{{0, 7, 5, true}, {0, 3, 5, false}}, 1, 1), 1)
	near(t, "card precision", CardPrecision([]Sighting{{0, 3, 5, false}, {0, 7, 5, true}}, 1, 1), 0)
}

func TestCardPrecisionIsThatOfASlowCount(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var seen []Sighting
		for day := range 3 {
			for range rapid.IntRange(0, 12).Draw(t, "orders") {
				seen = append(seen, Sighting{day, rapid.IntRange(0, 5).Draw(t, "card"), float64(rapid.IntRange(0, 4).Draw(t, "score")),
					rapid.Bool().Draw(t, "fraud")})
			}
		}
		if got, want := CardPrecision(seen, 3, 2), slowCardPrecision(seen, 3, 2); math.Abs(got-want) > 1e-9 {
			t.Fatalf("card precision %v, counted slowly %v", got, want)
		}
	})
}

// slowCardPrecision takes the day's best card, again and again.
func slowCardPrecision(seen []Sighting, days, top int) float64 {
	var found []int
	sum := 0.0
	for day := range days {
		left := slices.DeleteFunc(slices.Clone(seen), func(s Sighting) bool { return s.Day != day || slices.Contains(found, s.Entity) })
		var hits []int
		for range top {
			if len(left) == 0 {
				break
			}
			best := slices.MaxFunc(left, func(a, b Sighting) int { return int(a.Score - b.Score) })
			if slices.ContainsFunc(left, func(s Sighting) bool { return s.Entity == best.Entity && s.Fraud }) {
				hits = append(hits, best.Entity)
			}
			left = slices.DeleteFunc(left, func(s Sighting) bool { return s.Entity == best.Entity })
		}
		found = append(found, hits...)
		sum += float64(len(hits)) / float64(top)
	}
	return sum / float64(days)
}

func TestCasesLapseWhenAnalystsDoNotGetToThem(t *testing.T) {
	desk := Desk{MinutesPerCase: 60, HoursPerDay: 2, DecideWithin: 2 * oneDay} // two cases a day, each within two days
	for _, c := range []struct {
		cases []int
		want  int
	}{{[]int{0}, 0}, {[]int{2, 2}, 0}, {[]int{4}, 0}, {[]int{5}, 1}, {[]int{4, 2}, 0}, {[]int{4, 4}, 2}, {[]int{3, 3, 3}, 1}} {
		if got := desk.lapsed(c.cases); got != c.want {
			t.Errorf("of %v, %d lapse, want %d", c.cases, got, c.want)
		}
	}
	near(t, "hours", desk.hours(3), 3)
}
