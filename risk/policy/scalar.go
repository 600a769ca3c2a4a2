package policy

import (
	"strings"

	"github.com/goccy/go-yaml/ast"
)

// scalar is a text of the file together with where each of its characters stands, so that a mistake inside an
// expression can be shown in the YAML, however the YAML wrapped, quoted or indented it.
type scalar struct {
	text  string
	start place
	where []place // one for each character of text
}

// at is the place of the i-th character; the end of the text for what lies beyond.
func (c scalar) at(i int) place {
	switch {
	case i >= 0 && i < len(c.where):
		return c.where[i]
	case len(c.where) > 0 && i >= len(c.where):
		last := c.where[len(c.where)-1]
		return place{last.line, last.column + 1}
	}
	return c.start
}

// scalar reads a text. The words true and false are texts here, since they are expressions too.
func (s *source) scalar(f field, what string) (scalar, bool) {
	var c scalar
	c.start = at(f.value)
	switch v := f.value.(type) {
	case *ast.StringNode:
		c.text = v.Value
	case *ast.BoolNode:
		c.text = v.Token.Value
	case *ast.LiteralNode:
		c.text = strings.TrimRight(v.Value.Value, "\n")
		c.start = tokenPlace(v.Start)
		c.where = align(c.text, s.runesFrom(place{c.start.line + 1, 1}, len(c.text)), 0)
		if len(c.where) > 0 {
			c.start = c.where[0]
		}
		return c, true
	default:
		s.fail(c.start, "%s must be a text", what)
		return c, false
	}
	c.where = alignQuoted(c.text, s.runesFrom(c.start, len(c.text)))
	return c, true
}

// placed is a character of the file and where it stands.
type placed struct {
	r  rune
	at place
}

// runesFrom gives about n characters of the file from a place on: a text takes more room there than its own length,
// for quotes, escapes and indentation.
func (s *source) runesFrom(from place, n int) []placed {
	room := 4*n + 200
	if s.lines == nil {
		s.lines = strings.SplitAfter(s.text, "\n")
	}
	var out []placed
	for line := from.line; line <= len(s.lines) && len(out) < room; line++ {
		column := 0
		for _, r := range s.lines[line-1] {
			column++
			if line > from.line || column >= from.column {
				out = append(out, placed{r, place{line, column}})
			}
		}
	}
	return out
}

// alignQuoted aligns a text that may stand in quotes.
func alignQuoted(text string, raw []placed) []place {
	if len(raw) > 0 && (raw[0].r == '"' || raw[0].r == '\'') {
		return align(text, raw[1:], raw[0].r)
	}
	return align(text, raw, 0)
}

// align walks text and file side by side. A run of white space in one is a run of white space in the other, whatever
// its shape; inside quotes the escaping character is skipped. It stops, with the places found so far, at an escape it
// does not know (such as \u0041).
func align(text string, raw []placed, quote rune) []place {
	var where []place
	p := 0
	inSpace := false
	for _, r := range text {
		if r == ' ' || r == '\n' || r == '\t' {
			if !inSpace && p < len(raw) {
				where = append(where, raw[p].at)
			} else if len(where) > 0 {
				where = append(where, where[len(where)-1])
			} else {
				return where
			}
			inSpace = true
			continue
		}
		for (inSpace || len(where) == 0) && p < len(raw) && isSpace(raw[p].r) {
			p++
		}
		inSpace = false
		if p < len(raw) && raw[p].r != r && (quote == '"' && raw[p].r == '\\') {
			p++
		}
		if p >= len(raw) || raw[p].r != r {
			return where
		}
		where = append(where, raw[p].at)
		p++
		if quote != 0 && p < len(raw) && raw[p].r == r && (quote == '\'' && r == '\'' || quote == '"' && r == '\\') {
			p++
		}
	}
	return where
}

func isSpace(r rune) bool { return r == ' ' || r == '\n' || r == '\t' || r == '\r' }
