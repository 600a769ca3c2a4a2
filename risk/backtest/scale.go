package backtest

import (
	"fmt"
	"math"
	"strings"

	"octroi/risk"
)

// scale turns log-odds into points: hold points stand for the chance at which orders are held, and each doubling of
// the odds adds the same number.
type scale struct {
	perOdds float64 // points for one natural unit of log-odds
	hold    int
	holdAt  float64 // log-odds at the score hold
}

func logit(p float64) float64 { return math.Log(p / (1 - p)) }

// newScale keeps the asked points per doubling where there is room for them: the mildest order any values of the
// features can make, at lowest log-odds, must not fall below 0, where the score is cut.
func newScale(o FitOptions, hold int, lowest float64, features int) scale {
	s := scale{perOdds: o.Double / math.Ln2, hold: hold, holdAt: logit(o.HoldAt)}
	room := float64(hold) - float64(features)/2 - 1 // rounding moves a feature by half a point at most, and the base
	if below := s.holdAt - lowest; below > 0 {
		s.perOdds = min(s.perOdds, max(room, 1)/below)
	}
	return s
}

// double is how many points double the odds.
func (s scale) double() float64 { return s.perOdds * math.Ln2 }

// chance is the chance of fraud that a score stands for.
func (s scale) chance(score int) float64 {
	return logistic(float64(score-s.hold)/s.perOdds + s.holdAt)
}

// points are whole numbers for the base and for each edge. What a cell brings in all is rounded, not what each edge
// adds, so that roundings do not pile up.
func (s scale) points(intercept float64, levels [][]float64) (base int, points [][]int) {
	base = s.hold + int(math.Round((intercept-s.holdAt)*s.perOdds))
	points = make([][]int, len(levels))
	for f, level := range levels {
		before := 0
		for _, l := range level[1:] {
			p := int(math.Round(l * s.perOdds))
			points[f] = append(points[f], p-before)
			before = p
		}
	}
	return base, points
}

// lowest is the sum of what the mildest cell of each feature brings.
func lowest(levels [][]float64) float64 {
	sum := 0.0
	for _, level := range levels {
		least := 0.0
		for _, l := range level {
			least = min(least, l)
		}
		sum += least
	}
	return sum
}

// fitMark begins the lines of a fitted file that the next fit replaces.
const fitMark = "#: "

// head is what a fitted file says of itself: what it was fitted on, and what its bands stand for.
func (f *Fitted) head() string {
	var b strings.Builder
	line := func(format string, args ...any) { fmt.Fprintf(&b, fitMark+format+"\n", args...) }
	line("Points fitted by `octroi policy fit` on %d orders of %s, %d of them fraud.", f.Orders, f.Train, f.Fraud)
	line("Each %s points double the odds of fraud. From the scorecard alone, without the rules, a score", short(f.Double))
	line("of these bands stands for this chance of fraud:")
	for _, o := range []risk.Outcome{risk.Challenge, risk.Hold, risk.Decline} {
		line("  %-9s %5d  %s %%", o, f.Bands[o], short(100*f.Chance(f.Bands[o])))
	}
	return b.String()
}

// short is a number in at most three digits that count.
func short(x float64) string { return fmt.Sprintf("%.3g", x) }

// withHead puts a new head on a policy's text in place of an older one.
func withHead(head string, text []byte) []byte {
	rest := string(text)
	for strings.HasPrefix(rest, fitMark) {
		_, rest, _ = strings.Cut(rest, "\n")
	}
	return []byte(head + rest)
}
