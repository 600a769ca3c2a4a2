package policy

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
)

// change replaces the bytes from one offset to another of the policy's text.
type change struct {
	from, to int
	text     string
}

// WithPoints writes the policy's own text again with other numbers in its scorecard: points[i] and edges[i] are those
// of the i-th feature. Nil edges, or a nil entry of it, keep the file's. Everything else, comments included, stays as it
// is, byte for byte, and so does a number that is the same already. The result is compiled before it is given, so an error means that the numbers are no scorecard:
// edges that do not rise, points beyond their bounds.
func (p *Policy) WithPoints(base int, points [][]int, edges [][]float64) ([]byte, error) {
	if !p.card.present {
		return nil, errors.New("policy: " + p.ref.Name + " has no scorecard to write points into")
	}
	if len(points) != len(p.card.features) || edges != nil && len(edges) != len(points) {
		return nil, fmt.Errorf("policy: points for %d features and edges for %d, the scorecard has %d", len(points), len(edges), len(p.card.features))
	}
	s := &source{text: p.text}
	var changes []change
	if base != p.card.base {
		changes = append(changes, s.base(&p.card, base))
	}
	for i := range p.card.features {
		f := &p.card.features[i]
		steps := f.edges
		if edges != nil && edges[i] != nil && !slices.Equal(edges[i], f.edges) {
			steps = edges[i]
			changes = append(changes, s.rewrite(f.edgesAt, numbers(steps)))
		}
		if len(points[i]) != len(steps) {
			return nil, fmt.Errorf("policy: feature %s has %d points and %d edges", f.code, len(points[i]), len(steps))
		}
		if !slices.Equal(points[i], f.points) {
			changes = append(changes, s.points(f, points[i]))
		}
	}
	out := spliced(p.text, changes)
	fitted, err := Parse(p.ref.Name, out)
	if err != nil {
		return nil, fmt.Errorf("policy: the numbers do not make a scorecard: %w", err)
	}
	return out, fitted.carries(base, points, edges)
}

// carries makes sure that the text says what was asked.
func (p *Policy) carries(base int, points [][]int, edges [][]float64) error {
	if p.card.base != base {
		return errors.New("policy: the base could not be written")
	}
	for i, f := range p.card.features {
		if !slices.Equal(f.points, points[i]) || edges != nil && edges[i] != nil && !slices.Equal(f.edges, edges[i]) {
			return errors.New("policy: the numbers of feature " + f.code + " could not be written")
		}
	}
	return nil
}

// base replaces the number, or writes one before the key features.
func (s *source) base(card *scorecard, base int) change {
	text := strconv.Itoa(base)
	if card.baseAt != (place{}) {
		from := s.offset(card.baseAt)
		end := strings.IndexAny(s.text[from:], " \t\r\n,}#")
		if end < 0 {
			end = len(s.text) - from
		}
		return change{from, from + end, text}
	}
	from := s.offset(card.featuresAt)
	if card.flow {
		return change{from, from, "base: " + text + ", "}
	}
	return change{from, from, "base: " + text + s.newline() + strings.Repeat(" ", card.featuresAt.column-1)}
}

// points replaces the list, or writes one after the edges.
func (s *source) points(f *feature, points []int) change {
	words := make([]string, len(points))
	for i, n := range points {
		words[i] = strconv.Itoa(n)
	}
	list := "[" + strings.Join(words, ", ") + "]"
	if f.pointsAt != (extent{}) {
		return s.rewrite(f.pointsAt, list)
	}
	end := s.offset(f.edgesAt.to) + 1
	if f.flow {
		return change{end, end, ", points: " + list}
	}
	if rest := strings.IndexAny(s.text[end:], "\r\n"); rest >= 0 {
		end += rest
	} else {
		end = len(s.text)
	}
	return change{end, end, s.newline() + strings.Repeat(" ", f.keyAt.column-1) + "points: " + list}
}

func (s *source) rewrite(e extent, text string) change {
	return change{s.offset(e.from), s.offset(e.to) + 1, text}
}

// newline is how the file ends its lines.
func (s *source) newline() string {
	if strings.Contains(s.text, "\r\n") {
		return "\r\n"
	}
	return "\n"
}

// offset is the byte at a place.
func (s *source) offset(at place) int {
	if s.lines == nil {
		s.lines = strings.SplitAfter(s.text, "\n")
		s.starts = make([]int, len(s.lines))
		for i := 1; i < len(s.lines); i++ {
			s.starts[i] = s.starts[i-1] + len(s.lines[i-1])
		}
	}
	if at.line < 1 || at.line > len(s.lines) {
		return len(s.text)
	}
	column := 1
	for i := range s.lines[at.line-1] {
		if column == at.column {
			return s.starts[at.line-1] + i
		}
		column++
	}
	return len(s.text)
}

// spliced makes the changes, which do not overlap; of two at one place the first comes first.
func spliced(text string, changes []change) []byte {
	slices.SortStableFunc(changes, func(a, b change) int { return cmp.Compare(a.from, b.from) })
	var b bytes.Buffer
	done := 0
	for _, c := range changes {
		if c.from < done || c.to > len(text) {
			continue // a place the file does not have: what is written is compared with what was asked
		}
		b.WriteString(text[done:c.from])
		b.WriteString(c.text)
		done = c.to
	}
	b.WriteString(text[done:])
	return b.Bytes()
}

// numbers writes edges without exponents, which not every reader of YAML takes for numbers.
func numbers(edges []float64) string {
	words := make([]string, len(edges))
	for i, x := range edges {
		words[i] = decimalText(x)
	}
	return "[" + strings.Join(words, ", ") + "]"
}

func decimalText(x float64) string {
	if math.IsNaN(x) || math.IsInf(x, 0) {
		return "." + strings.TrimLeft(strings.ToLower(strconv.FormatFloat(x, 'g', -1, 64)), "+-")
	}
	return strconv.FormatFloat(x+0, 'f', -1, 64)
}
