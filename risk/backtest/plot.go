package backtest

import (
	"fmt"
	"html/template"
	"math"
	"strings"
)

// The size of a plot in its own units, and the margins in which its labels stand.
const (
	plotWidth, plotHeight             = 480.0, 320.0
	marginLeft, marginRight           = 52.0, 14.0
	marginTop, marginBottom           = 14.0, 44.0
	areaWidth, areaHeight             = plotWidth - marginLeft - marginRight, plotHeight - marginTop - marginBottom
	maxCurve, histogramBins, maxTicks = 400, 40, 8
)

// plot is one drawing as SVG text, made of numbers and of this package's own words: nothing of the orders or of the
// policy's text stands in it, so that it needs no escaping.
type plot struct{ b strings.Builder }

func newPlot(title string) *plot {
	p := &plot{}
	p.add(`<svg viewBox="0 0 %g %g" role="img" aria-label="%s"><title>%s</title>`, plotWidth, plotHeight, title, title)
	return p
}

func (p *plot) add(format string, args ...any) { fmt.Fprintf(&p.b, format, args...) }

// x and y bring shares of the area, from its lower left corner, to the drawing's coordinates.
func x(share float64) float64 { return marginLeft + share*areaWidth }
func y(share float64) float64 { return marginTop + (1-share)*areaHeight }

// done closes the drawing.
func (p *plot) done() template.HTML {
	return template.HTML(p.b.String() + "</svg>") //nolint:gosec // numbers and fixed words alone, see plot
}

// axes draws the frame, the names of both axes and up to maxTicks values on each.
func (p *plot) axes(across, up string, xs, ys []tick) {
	for _, t := range ys {
		p.add(`<path class="grid" d="M%.1f %.1fH%.1f"/>`, marginLeft, y(t.at), plotWidth-marginRight)
		p.add(`<text x="%.1f" y="%.1f" text-anchor="end">%s</text>`, marginLeft-6, y(t.at)+4, t.text)
	}
	for _, t := range xs {
		p.add(`<text x="%.1f" y="%.1f" text-anchor="middle">%s</text>`, x(t.at), y(0)+16, t.text)
	}
	p.add(`<path class="axis" d="M%.1f %.1fV%.1fH%.1f"/>`, marginLeft, marginTop, y(0), plotWidth-marginRight)
	p.add(`<text class="name" x="%.1f" y="%.1f" text-anchor="middle">%s</text>`, x(0.5), plotHeight-8, across)
	p.add(`<text class="name" transform="translate(12 %.1f) rotate(-90)" text-anchor="middle">%s</text>`, y(0.5), up)
}

// tick is a value on an axis, at a share of its length.
type tick struct {
	at   float64
	text string
}

// shares are the ticks of an axis from 0 to 1.
func shares() []tick {
	var out []tick
	for i := range 6 {
		out = append(out, tick{float64(i) / 5, fmt.Sprintf("%.1f", float64(i)/5)})
	}
	return out
}

// point is a place on a plot, both from 0 to 1.
type point struct{ x, y float64 }

// curve draws a line through the points, thinned to what can be seen.
func (p *plot) curve(class string, points []point) {
	every := max(1, len(points)/maxCurve)
	p.add(`<path class="%s" d="`, class)
	for i, q := range points {
		if i%every != 0 && i != len(points)-1 {
			continue
		}
		verb := "L"
		if i == 0 {
			verb = "M"
		}
		p.add("%s%.1f %.1f", verb, x(q.x), y(q.y))
	}
	p.add(`"/>`)
}

// roc are the points of the ROC curve.
func (r *Report) roc() []point {
	out := []point{{0, 0}}
	if len(r.steps) == 0 {
		return out
	}
	last := r.steps[len(r.steps)-1]
	for _, s := range r.steps {
		out = append(out, point{float64(s.good) / math.Max(1, float64(last.good)), float64(s.fraud) / math.Max(1, float64(last.fraud))})
	}
	return out
}

// precisionRecall are the points of precision over recall.
func (r *Report) precisionRecall() []point {
	var out []point
	if len(r.steps) == 0 {
		return out
	}
	all := math.Max(1, float64(r.steps[len(r.steps)-1].fraud))
	for _, s := range r.steps {
		out = append(out, point{float64(s.fraud) / all, float64(s.fraud) / float64(s.fraud+s.good)})
	}
	return out
}

// curves draws one curve for each report.
func curves(title, across, up string, reports []*Report, points func(*Report) []point, chance bool) template.HTML {
	p := newPlot(title)
	p.axes(across, up, shares(), shares())
	if chance {
		p.curve("chance", []point{{0, 0}, {1, 1}})
	}
	for i, r := range reports {
		p.curve(fmt.Sprintf("curve c%d", i), points(r))
	}
	return p.done()
}

// bins are how many orders have scores within equal stretches.
type bins struct {
	low, wide   float64
	fraud, good []int
}

func binned(steps []step) bins {
	b := bins{fraud: make([]int, histogramBins), good: make([]int, histogramBins)}
	if len(steps) == 0 {
		return b
	}
	b.low = steps[len(steps)-1].score
	b.wide = max(1, math.Ceil((steps[0].score-b.low+1)/histogramBins))
	last := step{}
	for _, s := range steps {
		i := min(int((s.score-b.low)/b.wide), histogramBins-1)
		b.fraud[i] += s.fraud - last.fraud
		b.good[i] += s.good - last.good
		last = s
	}
	return b
}

// histogram draws how many orders have which scores. The counts go up by tens, hundreds, thousands: fraud is rare.
func (r *Report) histogram() template.HTML {
	p := newPlot("Orders by score")
	most := 1.0
	for i := range r.bins.good {
		most = max(most, float64(r.bins.good[i]), float64(r.bins.fraud[i]))
	}
	decades := math.Ceil(math.Log10(most + 1))
	height := func(n int) float64 { return math.Log10(float64(n)+1) / math.Max(decades, 1) }
	xs, ys := []tick(nil), []tick{{0, "0"}}
	for d := range int(decades) {
		ys = append(ys, tick{height(int(math.Pow10(d))), fmt.Sprintf("%d", int(math.Pow10(d)))})
	}
	for i := 0; i <= histogramBins; i += histogramBins / maxTicks {
		xs = append(xs, tick{float64(i) / histogramBins, fmt.Sprintf("%g", r.bins.low+float64(i)*r.bins.wide)})
	}
	p.axes("score", "orders", xs, ys)
	step := 1.0 / histogramBins
	for i := range r.bins.good {
		p.bar("good", float64(i)*step, step*0.45, 0, height(r.bins.good[i]))
		p.bar("fraud", (float64(i)+0.5)*step, step*0.45, 0, height(r.bins.fraud[i]))
	}
	for i, o := range bandNames() {
		if at := (float64(r.bands[o]) - r.bins.low) / (r.bins.wide * histogramBins); at > 0 && at < 1 {
			p.add(`<path class="band" d="M%.1f %.1fV%.1f"/><text x="%.1f" y="%.1f">%s</text>`,
				x(at), y(0), y(1), x(at)+3, marginTop+10+12*float64(i), o)
		}
	}
	return p.done()
}

// bar draws a rectangle from one height to another.
func (p *plot) bar(class string, left, wide, from, to float64) {
	if to > from {
		p.add(`<rect class="%s" x="%.1f" y="%.1f" width="%.1f" height="%.1f"/>`, class, x(left), y(to), wide*areaWidth, (to-from)*areaHeight)
	}
}

// daily draws the orders of each day that were not simply approved, and the frauds there were.
func (r *Report) daily() template.HTML {
	p := newPlot("Orders stopped, and fraud, by day")
	most := 1
	for _, d := range r.Days {
		most = max(most, d.Challenged+d.Held+d.Declined, d.Fraud)
	}
	unit := math.Pow10(int(math.Log10(float64(most))))
	top := math.Ceil(float64(most)/unit) * unit
	var xs, ys []tick
	for i := range 5 {
		ys = append(ys, tick{float64(i) / 4, fmt.Sprintf("%g", top*float64(i)/4)})
	}
	every, step := (len(r.Days)+maxTicks-1)/maxTicks, 1/float64(len(r.Days))
	for i := 0; i < len(r.Days); i += every {
		xs = append(xs, tick{(float64(i) + 0.5) * step, r.Days[i].Date[5:]})
	}
	p.axes("day", "orders", xs, ys)
	for i, d := range r.Days {
		left, at := (float64(i)+0.1)*step, 0.0
		for j, n := range []int{d.Challenged, d.Held, d.Declined} {
			to := at + float64(n)/top
			p.bar([]string{"challenged", "held", "declined"}[j], left, step*0.5, at, to)
			at = to
		}
		p.bar("fraud", left+step*0.55, step*0.25, 0, float64(d.Fraud)/top)
	}
	return p.done()
}
