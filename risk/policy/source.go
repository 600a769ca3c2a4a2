package policy

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

// The bounds of a file. They are far above what a shop writes and far below what would trouble the parser.
const (
	maxFileBytes = 1 << 20
	maxLineBytes = 4000
	maxNesting   = 100
)

// place is a position in the YAML file, both from 1; columns count characters.
type place struct{ line, column int }

// source is a policy file being read; it collects the mistakes.
type source struct {
	file   string
	text   string
	lines  []string // of text, once asked for
	starts []int    // of lines, in bytes
	errs   []*Error
}

func (s *source) fail(at place, format string, args ...any) {
	s.errs = append(s.errs, &Error{File: s.file, Line: max(at.line, 1), Column: max(at.column, 1),
		Detail: fmt.Sprintf(format, args...)})
}

// document parses the YAML and gives the root of its one document, or nil with the mistake noted.
func (s *source) document() (root ast.Node) {
	if !s.bounded() {
		return nil
	}
	defer func() {
		// The YAML library is not ours; whatever it does with a hostile file is a bad file and no more.
		if r := recover(); r != nil {
			root = nil
			s.fail(place{1, 1}, "this is not YAML")
		}
	}()
	f, err := parser.ParseBytes([]byte(s.text), 0)
	if err != nil {
		s.syntax(err)
		return nil
	}
	if len(f.Docs) != 1 || f.Docs[0].Body == nil {
		s.fail(place{1, 1}, "a policy is one YAML document, this has %d", bodies(f.Docs))
		return nil
	}
	return f.Docs[0].Body
}

func bodies(docs []*ast.DocumentNode) int {
	n := 0
	for _, d := range docs {
		if d.Body != nil {
			n++
		}
	}
	return n
}

func (s *source) syntax(err error) {
	var syntax *yaml.SyntaxError
	if errors.As(err, &syntax) && syntax.Token != nil && syntax.Token.Position != nil {
		p := syntax.Token.Position
		s.fail(place{p.Line, p.Column}, "this is not YAML: %s", syntax.Message)
		return
	}
	first, _, _ := strings.Cut(err.Error(), "\n")
	s.fail(place{1, 1}, "this is not YAML: %s", first)
}

// chain matches block markers one inside another on a single line ("- - - x"), each of which is a level of recursion.
var chain = regexp.MustCompile(`(?m)^[ ]*(?:[-?:][ \t]+){8}`)

// bounded refuses what would be slow or deep to parse before the parser sees it.
func (s *source) bounded() bool {
	if !utf8.ValidString(s.text) || strings.ContainsRune(s.text, 0) {
		s.fail(place{1, 1}, "the file is not UTF-8 text")
		return false
	}
	depth, line := 0, 0
	for text := range strings.Lines(s.text) {
		line++
		if len(text) > maxLineBytes {
			s.fail(place{line, 1}, "the line has %d bytes, a line may have %d", len(text), maxLineBytes)
			return false
		}
		deepest := 0
		depth, deepest = brackets(text, depth)
		indent := len(text) - len(strings.TrimLeft(text, " "))
		if deepest > maxNesting || indent > maxNesting || chain.MatchString(text) {
			s.fail(place{line, 1}, "the file is nested deeper than a policy can be")
			return false
		}
	}
	return true
}

// brackets counts those open after a line, and the most that were open within it.
func brackets(text string, depth int) (after, deepest int) {
	for _, c := range text {
		switch c {
		case '[', '{':
			depth++
		case ']', '}':
			depth = max(depth-1, 0)
		}
		deepest = max(deepest, depth)
	}
	return depth, deepest
}

// at is where a node begins.
func at(n ast.Node) place {
	switch v := n.(type) {
	case nil:
		return place{1, 1}
	case *ast.MappingNode:
		if len(v.Values) > 0 {
			return at(v.Values[0].Key)
		}
	case *ast.MappingValueNode:
		return at(v.Key)
	}
	return tokenPlace(n.GetToken())
}

func tokenPlace(t *token.Token) place {
	if t == nil || t.Position == nil {
		return place{1, 1}
	}
	return place{t.Position.Line, t.Position.Column}
}

// field is one key of a mapping with its value.
type field struct {
	key   place
	value ast.Node
}

// mapping reads a mapping whose keys are all allowed; what names it in messages. It is nil with the mistake noted for
// anything else.
func (s *source) mapping(n ast.Node, what string, allowed ...string) map[string]field {
	values, ok := pairsOf(n)
	if !ok {
		s.fail(at(n), "%s must be a mapping with the keys %s", what, strings.Join(allowed, ", "))
		return nil
	}
	fields := make(map[string]field, len(values))
	for _, v := range values {
		name, ok := v.Key.(*ast.StringNode)
		if !ok || !contains(allowed, name.Value) {
			s.fail(at(v.Key), "unknown key %s in %s: it may have %s", v.Key.String(), what, strings.Join(allowed, ", "))
			continue
		}
		fields[name.Value] = field{key: at(v.Key), value: v.Value}
	}
	return fields
}

// pairsOf gives the keys and values of a mapping; false when the node is none.
func pairsOf(n ast.Node) ([]*ast.MappingValueNode, bool) {
	switch v := n.(type) {
	case *ast.MappingNode:
		return v.Values, true
	case *ast.MappingValueNode:
		return []*ast.MappingValueNode{v}, true
	}
	return nil, false
}

// entries reads a mapping whose keys the file chooses.
func (s *source) entries(f field, what, example string) []*ast.MappingValueNode {
	values, ok := pairsOf(f.value)
	if !ok {
		s.fail(f.key, "%s must be a mapping, such as %s", what, example)
	}
	return values
}

func contains(all []string, one string) bool {
	for _, a := range all {
		if a == one {
			return true
		}
	}
	return false
}

// integer reads a whole number between lo and hi.
func (s *source) integer(f field, what string, lo, hi int64) (int, bool) {
	if n, ok := f.value.(*ast.IntegerNode); ok {
		var v int64
		switch x := n.Value.(type) {
		case int64:
			v = x
		case uint64:
			v = int64(min(x, 1<<62))
		}
		if v >= lo && v <= hi {
			return int(v), true
		}
	}
	s.fail(at(f.value), "%s must be a whole number from %d to %d", what, lo, hi)
	return 0, false
}

// number64 reads a number, whole or not.
func number64(n ast.Node) (float64, bool) {
	switch v := n.(type) {
	case *ast.IntegerNode:
		switch x := v.Value.(type) {
		case int64:
			return float64(x), true
		case uint64:
			return float64(x), true
		}
	case *ast.FloatNode:
		return v.Value, true
	}
	return 0, false
}

// boolean reads true or false.
func (s *source) boolean(f field, what string) bool {
	if b, ok := f.value.(*ast.BoolNode); ok {
		return b.Value
	}
	s.fail(at(f.value), "%s must be true or false", what)
	return false
}
