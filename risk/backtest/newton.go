package backtest

import (
	"errors"
	"math"
)

// design is the training orders as the solver sees them. Every feature cuts its values into cells at its edges: an
// order lies in cell c of a feature when its value reaches c of the edges. The model gives each edge a weight, and an
// order the weights of all the edges it reaches.
type design struct {
	edges []int   // of each feature
	cells []uint8 // of each order, one per feature
	fraud []bool  // of each order
}

func (d *design) orders() int { return len(d.fraud) }

func (d *design) row(i int) []uint8 { return d.cells[i*len(d.edges) : (i+1)*len(d.edges)] }

// weights is how many numbers the model has: the intercept first, then the edges, feature after feature.
func (d *design) weights() int {
	n := 1
	for _, e := range d.edges {
		n += e
	}
	return n
}

// levels sums the weights up: what each cell of each feature brings, cell 0 included, which brings nothing.
func (d *design) levels(w []float64) [][]float64 {
	out, at := make([][]float64, len(d.edges)), 1
	for f, e := range d.edges {
		out[f] = make([]float64, e+1)
		for c := range e {
			out[f][c+1] = out[f][c] + w[at]
			at++
		}
	}
	return out
}

// rounds and tolerance end the search; twelve rounds were the most that any data of the tests needed.
const (
	rounds    = 100
	halvings  = 30
	tolerance = 1e-9
)

var errNoFit = errors.New("the regression did not settle: its features may be one and the same")

// regress finds the weights of the L2-regularised logistic regression: it minimises the negative log-likelihood plus
// ridge/2 times the sum of the squared weights, the intercept's left out, by Newton's method with halved steps. The
// function is convex, so the answer does not depend on where the search begins; the order of every sum is fixed, so it
// does not depend on the machine's mood either.
func (d *design) regress(ridge float64) ([]float64, error) {
	w := make([]float64, d.weights())
	frauds := 0
	for _, f := range d.fraud {
		if f {
			frauds++
		}
	}
	w[0] = math.Log((float64(frauds) + 0.5) / (float64(d.orders()-frauds) + 0.5))
	loss := d.loss(w, ridge)
	for range rounds {
		g, h := d.slope(w, ridge)
		move, ok := solve(h, g)
		if !ok {
			return nil, errNoFit
		}
		next, best, moved := make([]float64, len(w)), loss, false
		for step, n := 1.0, 0; n < halvings && !moved; step, n = step/2, n+1 {
			for i := range w {
				next[i] = w[i] - float64(step*move[i])
			}
			best = d.loss(next, ridge)
			moved = best < loss
		}
		if !moved || loss-best < tolerance*(1+math.Abs(loss)) {
			if moved {
				w = next
			}
			return w, nil
		}
		w, loss = next, best
	}
	return nil, errNoFit
}

// loss is what regress minimises.
func (d *design) loss(w []float64, ridge float64) float64 {
	levels, sum := d.levels(w), 0.0
	for i := range d.orders() {
		z := w[0]
		for f, c := range d.row(i) {
			z += levels[f][c]
		}
		if d.fraud[i] {
			z = -z
		}
		sum += softplus(z)
	}
	penalty := 0.0
	for _, x := range w[1:] {
		penalty += float64(x * x)
	}
	return sum + float64(ridge/2*penalty)
}

// softplus is log(1+exp(z)) without overflow.
func softplus(z float64) float64 { return max(z, 0) + math.Log1p(math.Exp(-math.Abs(z))) }

func logistic(z float64) float64 { return 1 / (1 + math.Exp(-z)) }

// slope gives the gradient and the Hessian of the loss. An order touches one cell per feature, far fewer than the
// edges it reaches, so both are summed over cells first and over edges afterwards.
func (d *design) slope(w []float64, ridge float64) (g []float64, h [][]float64) {
	n := len(w) + len(d.edges) // the intercept, and all cells
	first := make([]int, len(d.edges))
	for f, at := 0, 1; f < len(d.edges); f++ {
		first[f] = at
		at += d.edges[f] + 1
	}
	levels := d.levels(w)
	cg, ch := make([]float64, n), square(n)
	touched := make([]int, len(d.edges)+1)
	for i := range d.orders() {
		z := w[0]
		for f, c := range d.row(i) {
			z += levels[f][c]
			touched[f+1] = first[f] + int(c)
		}
		p := logistic(z)
		curve := p * (1 - p)
		if d.fraud[i] {
			p--
		}
		for _, a := range touched {
			cg[a] += p
			row := ch[a]
			for _, b := range touched {
				row[b] += curve
			}
		}
	}
	g, h = d.gather(cg, ch)
	for i := 1; i < len(w); i++ {
		g[i] += float64(ridge * w[i])
		h[i][i] += ridge
	}
	return g, h
}

// gather brings sums over cells to sums over edges: an edge is reached by its cell and all above it.
func (d *design) gather(cg []float64, ch [][]float64) ([]float64, [][]float64) {
	for i := range ch {
		ch[i] = d.suffix(ch[i])
	}
	rows := make([][]float64, len(ch[0]))
	for j := range rows {
		column := make([]float64, len(ch))
		for i := range ch {
			column[i] = ch[i][j]
		}
		rows[j] = d.suffix(column)
	}
	return d.suffix(cg), rows // the Hessian is its own mirror image
}

// suffix sums cells from the top of each feature; the lowest cell, which every order reaches, falls out.
func (d *design) suffix(cells []float64) []float64 {
	out, at := append(make([]float64, 0, len(cells)), cells[0]), 1
	for _, e := range d.edges {
		from := len(out)
		out = append(out, cells[at+1:at+1+e]...)
		for i := len(out) - 2; i >= from; i-- {
			out[i] += out[i+1]
		}
		at += e + 1
	}
	return out
}

func square(n int) [][]float64 {
	all, rows := make([]float64, n*n), make([][]float64, n)
	for i := range rows {
		rows[i] = all[i*n : (i+1)*n]
	}
	return rows
}

// solve gives x with h x = g for a positive definite h, which it overwrites, by Cholesky's decomposition; false when h
// is not.
func solve(h [][]float64, g []float64) ([]float64, bool) {
	n := len(g)
	for j := range n {
		for k := range j {
			h[j][j] -= float64(h[j][k] * h[j][k])
		}
		if !(h[j][j] > 1e-12) {
			return nil, false
		}
		h[j][j] = math.Sqrt(h[j][j])
		for i := j + 1; i < n; i++ {
			for k := range j {
				h[i][j] -= float64(h[i][k] * h[j][k])
			}
			h[i][j] /= h[j][j]
		}
	}
	x := make([]float64, n)
	for i := range n {
		x[i] = g[i]
		for k := range i {
			x[i] -= float64(h[i][k] * x[k])
		}
		x[i] /= h[i][i]
	}
	for i := n - 1; i >= 0; i-- {
		for k := i + 1; k < n; k++ {
			x[i] -= float64(h[k][i] * x[k])
		}
		x[i] /= h[i][i]
	}
	return x, true
}
