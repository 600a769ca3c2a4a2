package policy

import (
	"reflect"
	"strings"
	"unicode/utf8"

	"github.com/expr-lang/expr/vm"
)

// maxDetailBytes bounds the text of a detail in the file.
const maxDetailBytes = 1000

// template is a detail in one language: texts, and expressions to be shown between them.
type template struct {
	parts []part
}

// part is a text, or an expression when there is a program.
type part struct {
	text    string
	program *vm.Program
	value   func(*run) // of the expression; nil when only the machine can tell whether it has one
}

// showable are the results a detail can show.
var showable = map[reflect.Type]bool{reflect.TypeFor[string](): true, reflect.TypeFor[float64](): true,
	reflect.TypeFor[int](): true, reflect.TypeFor[money](): true, reflect.TypeFor[span](): true}

// template compiles "billing {{billing.city}}".
func (k *linker) template(c scalar, s stage) (template, bool) {
	var t template
	if len(c.text) > maxDetailBytes {
		k.fail(c.start, "the text has %d bytes, it may have %d", len(c.text), maxDetailBytes)
		return t, false
	}
	rest, done := c.text, 0
	for rest != "" {
		before, after, found := strings.Cut(rest, "{{")
		if before != "" {
			t.parts = append(t.parts, part{text: before})
		}
		if !found {
			break
		}
		inside, tail, closed := strings.Cut(after, "}}")
		start := done + utf8.RuneCountInString(before) + 2
		if !closed {
			k.fail(c.at(start-2), "{{ is not closed by }}")
			return t, false
		}
		e, ok := k.shown(sub(c, inside, start), s)
		if !ok {
			return t, false
		}
		t.parts = append(t.parts, part{program: e.program, value: e.value})
		done = start + utf8.RuneCountInString(inside) + 2
		rest = tail
	}
	return t, true
}

// sub is the part of a scalar that begins at a character.
func sub(c scalar, inside string, start int) scalar {
	where := c.where
	if start < len(where) {
		where = where[start:]
	} else {
		where = nil
	}
	return scalar{text: inside, start: c.at(start), where: where}
}

func (k *linker) shown(c scalar, s stage) (expression, bool) {
	e, ok := k.compile(c, s)
	if ok && !showable[e.result] {
		k.fail(c.start, "a detail can show a text or a number, not %s", e.result)
		return expression{}, false
	}
	return e, ok
}

// tellable reports whether a detail can surely be written in both languages, without writing it: every value it shows is
// worked out and none fails.
func (r *run) tellable(detail *[languages]template) (sure bool) {
	defer func() {
		if recover() != nil {
			sure = false
		}
	}()
	for l := range detail {
		for i := range detail[l].parts {
			switch p := &detail[l].parts[i]; {
			case p.value != nil:
				p.value(r)
			case p.program != nil:
				return false
			}
		}
	}
	return true
}

// render writes the detail for an order. Values that are not known leave no gaps behind.
func (t template) render(r *run, l language) (string, error) {
	var b strings.Builder
	gap := false
	for _, p := range t.parts {
		if p.program == nil {
			b.WriteString(p.text)
			continue
		}
		v, err := r.machine(p.program)
		if err != nil {
			return "", err
		}
		s := show(v, l)
		gap = gap || s == ""
		b.WriteString(s)
	}
	if !gap {
		return b.String(), nil
	}
	return strings.ReplaceAll(strings.Join(strings.Fields(b.String()), " "), " ,", ","), nil
}
