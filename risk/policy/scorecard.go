package policy

import (
	"slices"
	"sort"

	"github.com/goccy/go-yaml/ast"

	"octroi/risk"
)

// The bounds of a scorecard.
const (
	maxFeatures = 200
	maxEdges    = 64
	maxEdge     = 1e15 // beyond any amount in minor units, and whole numbers up to here are exact
)

// CodeScorecardBase is the reason that carries the base of a scorecard, when it is not 0.
const CodeScorecardBase = "SCORECARD_BASE"

// scorecard is a sum of points that features give, each by how far its value reaches.
type scorecard struct {
	present  bool
	base     int
	features []feature
	// Where the file's text has the base, for WithPoints: the number itself, or the key before which one is written.
	baseAt, featuresAt place
	flow               bool // written in braces
}

// feature is one number of the scorecard.
type feature struct {
	code   string
	text   string
	value  expression
	edges  []float64
	points []int
	totals []int // totals[n] is what a value that reaches n edges gives
	silent bool  // no value gives any points
	shown  bool  // the file says how the detail reads
	detail [languages]template
	why    [languages]string
	// Where the text has the lists, brackets included; pointsAt is empty where there is none.
	edgesAt, pointsAt extent
	keyAt             place // of the key edges
	flow              bool
}

// extent is from a place to another, both included.
type extent struct{ from, to place }

// Feature is a feature of the scorecard as shown to people and to whoever fits it.
type Feature struct {
	Code   string    `json:"code"`
	Value  string    `json:"value"` // the expression as written
	Edges  []float64 `json:"edges"`
	Points []int     `json:"points"` // Points[i] is added when the value is at least Edges[i]; all 0 where the file has none
	Why    string    `json:"why"`
	WhyFR  string    `json:"why_fr"`
}

func (k *linker) scorecard(f field, seen map[string]place) scorecard {
	card := scorecard{present: true}
	fields := k.mapping(f.value, "scorecard", "base", "features")
	if fields == nil {
		return card
	}
	if m, ok := f.value.(*ast.MappingNode); ok {
		card.flow = m.IsFlowStyle
	}
	if b, ok := fields["base"]; ok {
		card.base, _ = k.integer(b, "base", -maxPoints, maxPoints)
		card.baseAt = at(b.value)
	}
	list, ok := fields["features"]
	if !ok {
		k.fail(f.key, "scorecard has no features")
		return card
	}
	card.featuresAt = list.key
	values, ok := list.value.(*ast.SequenceNode)
	if !ok {
		k.fail(list.key, "features must be a list")
		return card
	}
	if len(values.Values) > maxFeatures {
		k.fail(at(values.Values[maxFeatures]), "the scorecard has %d features, it may have %d", len(values.Values), maxFeatures)
		return card
	}
	for _, n := range values.Values {
		card.features = append(card.features, k.feature(n, seen))
	}
	return card
}

func (k *linker) feature(n ast.Node, seen map[string]place) feature {
	var out feature
	fields := k.mapping(n, "a feature", "code", "value", "edges", "points", "detail", "why")
	if fields == nil {
		return out
	}
	if m, ok := n.(*ast.MappingNode); ok {
		out.flow = m.IsFlowStyle
	}
	for _, need := range []string{"code", "value", "edges", "why"} {
		if _, ok := fields[need]; !ok {
			k.fail(at(n), "the feature has no %s", need)
		}
	}
	if f, ok := fields["code"]; ok {
		out.code = k.code(f, seen)
	}
	if f, ok := fields["value"]; ok {
		k.number(f, &out)
	}
	if f, ok := fields["edges"]; ok {
		k.steps(f, fields["points"], &out)
	}
	if f, ok := fields["detail"]; ok {
		out.shown = true
		for l, c := range k.texts(f, "the detail") {
			out.detail[l], _ = k.template(c, stageScorecard)
		}
	}
	if f, ok := fields["why"]; ok {
		for l, c := range k.texts(f, "why") {
			out.why[l] = c.text
		}
	}
	return out
}

// number compiles the value of a feature.
func (k *linker) number(f field, out *feature) {
	c, ok := k.scalar(f, "the value")
	if !ok {
		return
	}
	out.text = c.text
	if out.value, ok = k.compile(c, stageScorecard); !ok {
		return
	}
	// The checker gives up on a choice between a whole number and another; what runs in Go is a number for certain.
	if t := typeName(out.value.result); t != aNumber && t != aTruth && out.value.figure == nil {
		k.fail(c.start, "the value must be a number, or true or false for 1 or 0; this is %s", t)
	}
}

// steps reads edges and points.
func (k *linker) steps(edges, points field, out *feature) {
	out.keyAt = edges.key
	nodes, where, ok := k.list(edges, "edges")
	if !ok {
		return
	}
	out.edgesAt = where
	for i, n := range nodes {
		x, ok := number64(n)
		if !ok || x < -maxEdge || x > maxEdge {
			k.fail(at(n), "an edge must be a number from -1e15 to 1e15")
			return
		}
		if i > 0 && x <= out.edges[i-1] {
			k.fail(at(n), "the edges must rise: %s is not above %s", decimalText(x), decimalText(out.edges[i-1]))
			return
		}
		out.edges = append(out.edges, x)
	}
	out.points = make([]int, len(out.edges))
	if points.value != nil {
		k.points(points, out)
	}
	out.totals = make([]int, len(out.edges)+1)
	for i, n := range out.points {
		out.totals[i+1] = out.totals[i] + n
	}
	out.silent = !slices.ContainsFunc(out.totals, func(n int) bool { return n != 0 })
}

func (k *linker) points(f field, out *feature) {
	nodes, where, ok := k.list(f, "points")
	if !ok {
		return
	}
	if out.pointsAt = where; len(nodes) != len(out.edges) {
		k.fail(f.key, "points has %d numbers and edges %d: each edge has its points", len(nodes), len(out.edges))
		return
	}
	for i, n := range nodes {
		if out.points[i], ok = k.integer(field{value: n}, "points", -maxPoints, maxPoints); !ok {
			return
		}
	}
}

// list reads a list of numbers in brackets: written so, it can be written anew without touching what stands around it.
func (k *linker) list(f field, what string) ([]ast.Node, extent, bool) {
	list, ok := f.value.(*ast.SequenceNode)
	if !ok || !list.IsFlowStyle || list.End == nil {
		k.fail(f.key, "%s must be a list in brackets, such as [1, 2, 5]", what)
		return nil, extent{}, false
	}
	if len(list.Values) > maxEdges {
		k.fail(at(list.Values[maxEdges]), "%s has %d numbers, it may have %d", what, len(list.Values), maxEdges)
		return nil, extent{}, false
	}
	return list.Values, extent{tokenPlace(list.Start), tokenPlace(list.End)}, true
}

// total is what a value gives: the points of every edge it reaches.
func (f *feature) total(x float64) int {
	return f.totals[sort.Search(len(f.edges), func(i int) bool { return f.edges[i] > x })]
}

// add adds the scorecard's reasons, one for each feature with points. A feature that can give none is not asked.
func (p *Policy) add(r *run, v *verdict) {
	if !p.card.present {
		return
	}
	v.reasons = slices.Grow(v.reasons, len(p.card.features)+1)
	if p.card.base != 0 {
		v.reasons = append(v.reasons, risk.Reason{Code: CodeScorecardBase, Points: p.card.base,
			Detail: "where every order starts", DetailFR: "le point de départ de toute commande"})
	}
	for i := range p.card.features {
		f := &p.card.features[i]
		if f.silent {
			continue
		}
		x, err := r.weigh(&f.value)
		if err != nil {
			v.fail(f.code, err)
			continue
		}
		points := f.total(x)
		if points == 0 {
			continue
		}
		reason, err := f.reason(r, x, points)
		if err != nil {
			v.fail(f.code, err)
		}
		v.reasons = append(v.reasons, reason)
	}
}

// reason tells the value in the words of the file, or by the feature's name.
func (f *feature) reason(r *run, x float64, points int) (risk.Reason, error) {
	reason := risk.Reason{Code: f.code, Points: points}
	if f.shown {
		err := r.tell(&reason, &f.detail, &f.why)
		return reason, err
	}
	if r.mute {
		return reason, nil
	}
	places := digits(x)
	reason.Detail = f.code + " " + decimal(x, places, english)
	reason.DetailFR = reason.Detail
	if places > 0 {
		reason.DetailFR = f.code + " " + decimal(x, places, french)
	}
	return reason, nil
}
