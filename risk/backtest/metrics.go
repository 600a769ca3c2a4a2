package backtest

import (
	"cmp"
	"math"
	"slices"
)

// Scored is one order with its score, higher being more suspect, and what it turned out to be.
type Scored struct {
	Score float64
	Fraud bool
}

// step is the orders of one score and all above it.
type step struct {
	score       float64
	fraud, good int
}

// steps are the distinct scores from high to low, each with how many orders reach it.
func steps(orders []Scored) []step {
	sorted := slices.Clone(orders)
	slices.SortFunc(sorted, func(a, b Scored) int { return cmp.Compare(b.Score, a.Score) })
	var out []step
	fraud, good := 0, 0
	for i, o := range sorted {
		if o.Fraud {
			fraud++
		} else {
			good++
		}
		if i+1 == len(sorted) || sorted[i+1].Score != o.Score {
			out = append(out, step{o.Score, fraud, good})
		}
	}
	return out
}

// AUC is the area under the ROC curve: the chance that a fraud scores above a good order, ties counting half. It is
// NaN unless there are both.
func AUC(orders []Scored) float64 { return auc(steps(orders)) }

func auc(steps []step) float64 {
	area, last := 0.0, step{}
	for _, s := range steps {
		area += float64(s.good-last.good) * float64(s.fraud+last.fraud) / 2
		last = s
	}
	if last.fraud == 0 || last.good == 0 {
		return math.NaN()
	}
	return area / float64(last.fraud) / float64(last.good)
}

// AveragePrecision is the sum over the distinct scores, from high to low, of the recall gained times the precision
// there; nothing is interpolated. It is NaN without a fraud.
func AveragePrecision(orders []Scored) float64 { return averagePrecision(steps(orders)) }

func averagePrecision(steps []step) float64 {
	if len(steps) == 0 || steps[len(steps)-1].fraud == 0 {
		return math.NaN()
	}
	all, sum, before := float64(steps[len(steps)-1].fraud), 0.0, 0
	for _, s := range steps {
		sum += float64(s.fraud-before) / all * float64(s.fraud) / float64(s.fraud+s.good)
		before = s.fraud
	}
	return sum
}

// Sighting is one order of an entity on a day under test.
type Sighting struct {
	Day    int // from 0
	Entity int // which one; any numbers that tell them apart
	Score  float64
	Fraud  bool
}

// standing is an entity on one day: its highest score, and whether any of its orders was fraud.
type standing struct {
	score float64
	fraud bool
	first int // the place of that score among the day's orders
}

// CardPrecision is the share of fraud among the top entities of each day, averaged over the days. An entity's score is its
// highest of the day, and it is found when any of its orders that day was fraud; what was found is left out on later
// days. Of equal scores the one reached first goes first, as in an analyst's queue. The divisor is top even when
// fewer entities are left. Sightings are in order of time. (Fraud Detection Handbook, chapter 4, "Card Precision top-k".)
func CardPrecision(sightings []Sighting, days, top int) float64 {
	found, at, sum := map[int]bool{}, 0, 0.0
	for day := range days {
		cards := map[int]standing{}
		for ; at < len(sightings) && sightings[at].Day == day; at++ {
			s := sightings[at]
			if found[s.Entity] {
				continue
			}
			c, known := cards[s.Entity]
			if !known || s.Score > c.score {
				c.score, c.first = s.Score, at
			}
			c.fraud = c.fraud || s.Fraud
			cards[s.Entity] = c
		}
		hits := 0
		for _, e := range leading(cards, top) {
			if cards[e].fraud {
				found[e] = true
				hits++
			}
		}
		sum += float64(hits) / float64(top)
	}
	return sum / float64(days)
}

// leading are the entities with the highest scores.
func leading(cards map[int]standing, top int) []int {
	order := make([]int, 0, len(cards))
	for e := range cards {
		order = append(order, e)
	}
	slices.SortFunc(order, func(a, b int) int {
		x, y := cards[a], cards[b]
		return cmp.Or(cmp.Compare(y.score, x.score), cmp.Compare(x.first, y.first))
	})
	return order[:min(top, len(order))]
}
