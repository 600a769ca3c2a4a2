package policy

import (
	"fmt"
	"slices"

	"octroi/risk"
)

// Features are the features of the scorecard in the order of the file; none without a scorecard.
func (p *Policy) Features() []Feature {
	out := make([]Feature, 0, len(p.card.features))
	for _, f := range p.card.features {
		out = append(out, Feature{Code: f.code, Value: f.text, Edges: slices.Clone(f.edges), Points: slices.Clone(f.points),
			Why: f.why[english], WhyFR: f.why[french]})
	}
	return out
}

// Base is what the scorecard adds to every order.
func (p *Policy) Base() int { return p.card.base }

// Values gives the number of each feature for an order, in the order of Features, without deciding: what a scorecard
// is fitted to. It is written over dst, which is allocated anew only when it is too small. A feature that cannot be
// worked out is NaN, and the error names the first such.
func (p *Policy) Values(f risk.Facts, h risk.Histories, l risk.Lists, dst []float64) ([]float64, error) {
	r := p.begin(f, h, l)
	defer p.end(r)
	dst = dst[:0]
	var first error
	for i := range p.card.features {
		feature := &p.card.features[i]
		x, err := r.weigh(&feature.value)
		if err != nil && first == nil {
			first = fmt.Errorf("feature %s: %s", feature.code, cause(err))
		}
		dst = append(dst, x)
	}
	return dst, first
}
