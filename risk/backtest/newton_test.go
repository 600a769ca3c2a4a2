package backtest

import (
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// dice makes training orders from a seed: the second feature says nothing.
func dice(n int) *design {
	r := rand.New(rand.NewPCG(1, 2))
	d := &design{edges: []int{3, 2}}
	for range n {
		a, b := uint8(r.IntN(4)), uint8(r.IntN(3))
		d.cells = append(d.cells, a, b)
		d.fraud = append(d.fraud, r.Float64() < logistic(-2+float64(a)))
	}
	return d
}

// reached is a plain list of the edges an order reaches, the intercept first.
func (d *design) reached(i int) []float64 {
	out := []float64{1}
	for f, c := range d.row(i) {
		for e := range d.edges[f] {
			if e < int(c) {
				out = append(out, 1)
			} else {
				out = append(out, 0)
			}
		}
	}
	return out
}

func TestTheRegressionEndsWhereTheGradientVanishes(t *testing.T) {
	d, ridge := dice(2000), 2.0
	w, err := d.regress(ridge)
	if err != nil {
		t.Fatal(err)
	}
	g := make([]float64, len(w))
	for i := range d.orders() {
		x, z := d.reached(i), 0.0
		for j := range w {
			z += w[j] * x[j]
		}
		p := logistic(z)
		if d.fraud[i] {
			p--
		}
		for j := range w {
			g[j] += p * x[j]
		}
	}
	for j := range w {
		if j > 0 {
			g[j] += ridge * w[j]
		}
		if math.Abs(g[j]) > 1e-4 {
			t.Errorf("the gradient of weight %d is %g", j, g[j])
		}
	}
	if math.Abs(w[0]+2) > 0.3 || math.Abs(w[1]-1) > 0.4 || math.Abs(w[4]) > 0.3 {
		t.Errorf("the weights %v are not near those the orders were made with: -2, 1 1 1, 0 0", w)
	}
}

func TestTheHessianOverCellsIsThatOverEdges(t *testing.T) {
	d := dice(50)
	w := []float64{-1, 0.5, 0.25, -0.5, 0.1, 0.2}
	g, h := d.slope(w, 0)
	for a := range w {
		sum, row := 0.0, make([]float64, len(w))
		for i := range d.orders() {
			x, z := d.reached(i), 0.0
			for j := range w {
				z += w[j] * x[j]
			}
			p, want := logistic(z), 0.0
			if d.fraud[i] {
				want = 1
			}
			sum += (p - want) * x[a]
			for b := range w {
				row[b] += p * (1 - p) * x[a] * x[b]
			}
		}
		near(t, "the gradient", g[a], sum)
		for b := range w {
			near(t, "the Hessian", h[a][b], row[b])
		}
	}
}

func TestTheSameFeatureTwiceSharesItsWeight(t *testing.T) {
	d := dice(500)
	twin := &design{edges: []int{3, 3}, fraud: d.fraud}
	for i := range d.orders() {
		twin.cells = append(twin.cells, d.row(i)[0], d.row(i)[0])
	}
	w, err := twin.regress(1)
	if err != nil {
		t.Fatal(err)
	}
	for j := 1; j <= 3; j++ {
		if math.Abs(w[j]-w[j+3]) > 1e-6 {
			t.Errorf("weights %v: the twins differ", w)
		}
	}
}

func TestTheRegressionIsTheSameBitForBit(t *testing.T) {
	a, err := dice(1000).regress(0.5)
	b, err2 := dice(1000).regress(0.5)
	if errors.Join(err, err2) != nil || !slices.Equal(a, b) {
		t.Errorf("%v and %v differ: %v", a, b, errors.Join(err, err2))
	}
}

func TestPerfectSeparationSettles(t *testing.T) {
	d := &design{edges: []int{1}}
	for i := range 100 {
		d.cells, d.fraud = append(d.cells, uint8(i%2)), append(d.fraud, i%2 == 1)
	}
	if w, err := d.regress(1e-3); err != nil || w[1] < 5 || math.IsInf(w[1], 0) {
		t.Errorf("%v, %v", w, err)
	}
}

func TestAMatrixThatIsNotPositiveIsRefused(t *testing.T) {
	if _, ok := solve([][]float64{{1, 2}, {2, 1}}, []float64{1, 1}); ok {
		t.Error("it was solved")
	}
	x, ok := solve([][]float64{{4, 2}, {2, 3}}, []float64{10, 8})
	if !ok || math.Abs(x[0]-1.75) > 1e-12 || math.Abs(x[1]-1.5) > 1e-12 {
		t.Errorf("%v %v", x, ok)
	}
}

func TestPointsRoundWhatACellBringsNotWhatAnEdgeAdds(t *testing.T) {
	s := scale{perOdds: 10, hold: 500, holdAt: 0}
	base, points := s.points(-20, [][]float64{{0, 0.04, 0.08, 0.12, -1}})
	if base != 300 || !slices.Equal(points[0], []int{0, 1, 0, -11}) {
		t.Errorf("base %d, points %v", base, points)
	}
	near(t, "the chance at hold", s.chance(500), 0.5)
}

func TestTheMildestOrderIsNeverCutToZero(t *testing.T) {
	o := DefaultFit()
	for _, hold := range []int{10, 50, 900, 9000} {
		levels := [][]float64{{0, -3, 2}, {0, 1.55, -4.45}, {0, 1}}
		s := newScale(o, hold, -6+lowest(levels), len(levels))
		base, points := s.points(-6, levels)
		low := base + points[0][0] + points[1][0] + points[1][1]
		if low < 0 {
			t.Errorf("with hold at %d the mildest order has %d points", hold, low)
		}
		if s.double() > o.Double || hold == 9000 && s.double() != o.Double {
			t.Errorf("with hold at %d, %g points double the odds", hold, s.double())
		}
	}
}
