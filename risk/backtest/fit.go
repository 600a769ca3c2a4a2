package backtest

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"slices"
	"time"

	"octroi/risk"
	"octroi/risk/policy"
)

// FitOptions say what a policy's scorecard is fitted to.
type FitOptions struct {
	Histories
	// Train are the days whose orders are fitted; orders before them only fill the histories. A label counts when it is
	// known LabelDelay after the last of them, as it would be to whoever fits then.
	Train Days
	// Ridge is the strength of the L2 penalty on each weight; see DefaultFit.
	Ridge float64
	// Double is how many points are to double the odds of fraud, where the bands leave room for it.
	Double float64
	// HoldAt is the chance of fraud at which the scorecard alone reaches the band hold.
	HoldAt float64
}

// DefaultFit is a penalty of 1, the usual one, which stayed within a hundredth of the best on every stretch of days it
// was tried on (from 0.3 to 3 there was hardly a difference); forty points to double the odds, so that rounding to
// whole points moves no figure; and orders held from a chance of one in ten.
func DefaultFit() FitOptions { return FitOptions{Ridge: 1, Double: 40, HoldAt: 0.1} }

func (o FitOptions) check() error {
	switch {
	case o.Train.Zero():
		return errors.New("there are no days to train on")
	case !(o.Ridge >= 1e-3 && o.Ridge <= 1e6):
		return errors.New("the ridge must be from 0.001 to 1000000")
	case !(o.Double >= 1 && o.Double <= 1000):
		return errors.New("the points to double the odds must be from 1 to 1000")
	case !(o.HoldAt >= 1e-4 && o.HoldAt <= 0.99):
		return errors.New("the chance of fraud at which to hold must be from 0.0001 to 0.99")
	}
	return o.Histories.check()
}

// maxEdges bounds the edges of one feature, for a cell is kept in a byte.
const maxEdges = 255

// Fitting gathers the training orders of one policy. Entries go in oldest first, those after the training too: they are
// checked, and no more. Fit ends it. It is not safe for concurrent use. An order under training takes one byte per feature and one more.
type Fitting struct {
	*replay
	opts   FitOptions
	edges  [][]float64
	design design
	values []float64
	failed int
	first  error // of those that failed
}

// NewFitting begins one for the policy.
func NewFitting(p *policy.Policy, o FitOptions) (*Fitting, error) {
	if err := o.check(); err != nil {
		return nil, err
	}
	features := p.Features()
	if len(features) == 0 {
		return nil, fmt.Errorf("policy %s has no scorecard, so there is nothing to fit", p.Ref().Name)
	}
	r, err := newReplay(o.Histories, p, o.Train.End())
	if err != nil {
		return nil, err
	}
	t := &Fitting{replay: r, opts: o}
	for _, f := range features {
		if len(f.Edges) > maxEdges {
			return nil, fmt.Errorf("the feature %s has %d edges, at most %d can be fitted", f.Code, len(f.Edges), maxEdges)
		}
		t.edges = append(t.edges, f.Edges)
		t.design.edges = append(t.design.edges, len(f.Edges))
	}
	return t, nil
}

// Add takes in the next entry. After an error, of type *Error when the entry is to blame, the fitting is void.
func (t *Fitting) Add(e Entry) error {
	if err := t.advance(e); err != nil {
		return err
	}
	if e.Order == nil {
		p, known, err := t.event(e)
		if err == nil && label(e.Event.Kind) && !known.After(t.closing()) && p.row >= 0 {
			t.design.fraud[p.row] = true
		}
		return err
	}
	f, h, p, err := t.order(e)
	if err != nil || !t.opts.Train.Holds(e.At) {
		return err
	}
	if t.values, err = t.policy.Values(f, h, t.opts.lists(f.At), t.values[:0]); err != nil {
		if t.failed++; t.first == nil {
			t.first = wrong(e, "%v", err)
		}
		return nil
	}
	p.row = int32(t.design.orders())
	t.design.fraud = append(t.design.fraud, false)
	for i, v := range t.values {
		t.design.cells = append(t.design.cells, cell(v, t.edges[i]))
	}
	return nil
}

// closing is when whoever fits looks at the labels.
func (t *Fitting) closing() time.Time { return t.opts.Train.End().Add(t.opts.LabelDelay) }

// cell is how many of the edges the value reaches.
func cell(v float64, edges []float64) uint8 {
	n := 0
	for n < len(edges) && v >= edges[n] {
		n++
	}
	return uint8(n)
}

// Fitted is a policy with its points estimated.
type Fitted struct {
	Source []byte // the policy's text with the new points
	Policy *policy.Policy
	Train  Days
	Orders int
	Fraud  int
	// Failed are orders left out because a feature could not be worked out; Failure says how the first did.
	Failed  int
	Failure error
	Double  float64 // points that double the odds of fraud
	Bands   map[risk.Outcome]int
	// Calibration is what the points say of the orders they were fitted to, by tenths from mild to suspect.
	Calibration []Tenth

	scale scale
}

// Tenth is a tenth of the training orders, by score.
type Tenth struct {
	From, To  int // scores
	Orders    int
	Predicted float64 // frauds that the scores stand for
	Observed  int
}

// Chance is the chance of fraud that a score of the scorecard stands for, among orders like those of training.
func (f *Fitted) Chance(score int) float64 { return f.scale.chance(score) }

// minFraud is how many frauds a fit needs: with fewer, chance writes the points.
const minFraud = 10

// Fit estimates the points.
func (t *Fitting) Fit() (*Fitted, error) {
	d := &t.design
	f := &Fitted{Train: t.opts.Train, Orders: d.orders(), Failed: t.failed, Failure: t.first, Bands: t.policy.Bands()}
	for _, fraud := range d.fraud {
		if fraud {
			f.Fraud++
		}
	}
	if good := f.Orders - f.Fraud; min(f.Fraud, good) < minFraud {
		return nil, fmt.Errorf("of the %d orders of %s, %d are known as fraud by then: at least %d of each kind are needed",
			f.Orders, f.Train, f.Fraud, minFraud)
	}
	w, err := d.regress(t.opts.Ridge)
	if err != nil {
		return nil, err
	}
	levels := d.levels(w)
	f.scale = newScale(t.opts, f.Bands[risk.Hold], w[0]+lowest(levels), len(levels))
	f.Double = f.scale.double()
	base, points := f.scale.points(w[0], levels)
	src, err := t.policy.WithPoints(base, points, t.edges)
	if err != nil {
		return nil, fmt.Errorf("write the fitted policy: %w", err)
	}
	f.Source = withHead(f.head(), src)
	f.Calibration = d.calibration(f.scale, base, points)
	if f.Policy, err = policy.Parse("fitted policy", f.Source); err != nil {
		return nil, fmt.Errorf("the fitted policy is not one: %w", err)
	}
	return f, nil
}

// calibration sets the chances against what happened.
func (d *design) calibration(s scale, base int, points [][]int) []Tenth {
	type one struct {
		score int
		fraud bool
	}
	all := make([]one, d.orders())
	for i := range all {
		all[i] = one{base, d.fraud[i]}
		for f, c := range d.row(i) {
			for _, p := range points[f][:c] {
				all[i].score += p
			}
		}
	}
	slices.SortStableFunc(all, func(a, b one) int { return cmp.Compare(a.score, b.score) })
	const parts = 10
	out := make([]Tenth, parts)
	for k := range out {
		part := all[len(all)*k/parts : len(all)*(k+1)/parts]
		if len(part) == 0 {
			continue
		}
		out[k] = Tenth{From: part[0].score, To: part[len(part)-1].score, Orders: len(part)}
		for _, o := range part {
			out[k].Predicted += s.chance(max(o.score, 0))
			if o.fraud {
				out[k].Observed++
			}
		}
		out[k].Predicted = math.Round(out[k].Predicted*1000) / 1000
	}
	return out
}
