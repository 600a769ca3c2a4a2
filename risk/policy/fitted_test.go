package policy

import (
	"math"
	"os"
	"slices"
	"strings"
	"testing"
)

func TestPointsAreWrittenIntoTheTextAndNothingElseChanges(t *testing.T) {
	p := loadPolicy(t, "policy_fitted.yaml")
	points := [][]int{{1, -2, 3}, {4}, {5, 6}, {7}, {8}}
	edges := [][]float64{nil, {1.25}, {0.001, 1e12}, nil, nil}
	got, err := p.WithPoints(-12, points, edges)
	if err != nil {
		t.Fatal(err)
	}
	src, err := os.ReadFile("testdata/policy_fitted.yaml")
	if err != nil {
		t.Fatal(err)
	}
	want := strings.NewReplacer("base: 400 #", "base: -12 #", "[10, 12, 31]", "[1, -2, 3]", "edges: [1.5, 3]", "edges: [1.25]", "[20, 25]", "[4]",
		"[0.1, 0.5]", "[0.001, 1000000000000]", "[80, 120]", "[5, 6]", "[-15]", "[7]", "{code: NIGHT, value: 'order.hour < 6', edges: [1],",
		"{code: NIGHT, value: 'order.hour < 6', edges: [1], points: [8],").Replace(string(src))
	if string(got) != want {
		t.Errorf("got:\n%s\nwant:\n%s", got, want)
	}
	again, err := Parse("again.yaml", got)
	if err != nil {
		t.Fatal(err)
	}
	if again.Base() != -12 || again.Ref().Version == p.Ref().Version {
		t.Errorf("base %d, %s", again.Base(), again.Ref().Version)
	}
	for i, f := range again.Features() {
		if !slices.Equal(f.Points, points[i]) || edges[i] != nil && !slices.Equal(f.Edges, edges[i]) {
			t.Errorf("%+v", f)
		}
	}
	if same, err := again.WithPoints(-12, points, nil); err != nil || string(same) != string(got) {
		t.Errorf("the same numbers change the text: %v\n%s", err, same)
	}
}

func TestPointsAndBaseAreAddedWhereTheFileHasNone(t *testing.T) {
	head := smallSource(`code: NEVER, when: "false", points: 1`)
	for _, c := range []struct{ before, after string }{
		{"scorecard:\n  # première\n  features:\n  - code: AMOUNT\n    edges: [1,\n      2] # é\n    value: amount\n    why: A sentence.",
			"scorecard:\n  # première\n  base: 7\n  features:\n  - code: AMOUNT\n    edges: [1,\n      2] # é\n    points: [3, 4]\n    value: amount\n    why: A sentence."},
		{"scorecard: {features: [{edges: [1, 2], code: AMOUNT, value: amount, why: Où.}]}",
			"scorecard: {base: 7, features: [{edges: [1, 2], points: [3, 4], code: AMOUNT, value: amount, why: Où.}]}"},
		{"scorecard:\r\n  features:\r\n    - why: A sentence.\r\n      code: AMOUNT\r\n      value: amount\r\n      edges: [1, 2]\r\n",
			"scorecard:\r\n  base: 7\r\n  features:\r\n    - why: A sentence.\r\n      code: AMOUNT\r\n      value: amount\r\n      edges: [1, 2]\r\n      points: [3, 4]\r\n"},
		{"scorecard: {features: [{why: 'é, ]', value: amount, edges: [1, 2], code: AMOUNT}], base: 0x10}",
			"scorecard: {features: [{why: 'é, ]', value: amount, edges: [1, 2], points: [3, 4], code: AMOUNT}], base: 7}"},
		{"scorecard:\n  features:\n    - code: AMOUNT\n      value: amount\n      points: []\n      why: A sentence.\n      edges: []",
			"scorecard:\n  base: 7\n  features:\n    - code: AMOUNT\n      value: amount\n      points: [3, 4]\n      why: A sentence.\n      edges: [1, 2]"},
	} {
		p, err := Parse("before.yaml", []byte(head+c.before))
		if err != nil {
			t.Fatal(err)
		}
		got, err := p.WithPoints(7, [][]int{{3, 4}}, [][]float64{{1, 2}})
		if err != nil || string(got) != head+c.after {
			t.Errorf("%v, got:\n%s\nwant:\n%s", err, got, head+c.after)
		}
	}
}

func TestNumbersThatAreNoScorecardAreRefused(t *testing.T) {
	p := carded(t, 0, `code: AMOUNT, value: amount, edges: [1, 2], points: [3, 4]`)
	for name, c := range map[string]struct {
		base   int
		points [][]int
		edges  [][]float64
	}{
		"base":           {maxPoints + 1, [][]int{{1, 2}}, nil},
		"features":       {0, nil, nil},
		"edges":          {0, [][]int{{1, 2}}, [][]float64{}},
		"too few points": {0, [][]int{{1}}, nil},
		"too many edges": {0, [][]int{{1, 2}}, [][]float64{{1}}},
		"falling":        {0, [][]int{{1, 2}}, [][]float64{{2, 1}}},
		"not a number":   {0, [][]int{{1}}, [][]float64{{math.NaN()}}},
		"infinite":       {0, [][]int{{1}}, [][]float64{{math.Inf(-1)}}},
		"many points":    {0, [][]int{{1, maxPoints + 1}}, nil},
	} {
		if out, err := p.WithPoints(c.base, c.points, c.edges); err == nil {
			t.Errorf("%s: accepted:\n%s", name, out)
		}
	}
	if _, err := small(t, `code: NEVER, when: "false", points: 1`).WithPoints(0, nil, nil); err == nil {
		t.Error("points were written into a policy without a scorecard")
	}
}

func FuzzWithPoints(f *testing.F) {
	for _, file := range []string{"testdata/policy_fitted.yaml", "testdata/policy_wide.yaml"} {
		src, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(src, 5, -3.25)
	}
	f.Fuzz(func(t *testing.T, src []byte, n int, x float64) {
		p, err := Parse("fuzz.yaml", src)
		if err != nil {
			return
		}
		n %= maxPoints
		var points [][]int
		var edges [][]float64
		for range p.Features() {
			points, edges = append(points, []int{n, 1}), append(edges, []float64{x, x + 1})
		}
		out, err := p.WithPoints(n, points, edges)
		if err != nil {
			return // the text has its numbers where they cannot be changed, or x is no edge; nothing was written
		}
		again, err := Parse("fuzz.yaml", out)
		if err != nil || again.Base() != n || len(again.Features()) != len(points) || len(again.Rules()) != len(p.Rules()) {
			t.Fatalf("%v\n%s", err, out)
		}
	})
}
