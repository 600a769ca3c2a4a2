package main

import (
	"encoding/json"
	"reflect"
	"strings"
	"time"
	"unicode/utf8"
)

// shape is how JSON that is written plainly is read into a type: every name as the type spells it and given once, every
// value of its type, null nowhere. Reading millions of lines, encoding/json takes four times as long; it stays the judge
// of whatever a shape does not read. A type that a shape does not know (a float, say, or one that reads its own JSON) is
// never read by it.
type shape struct {
	read   func(p *plain, v reflect.Value, s *shape) bool
	fields []field
	elem   *shape
	spare  reflect.Value // of a pointer: what it points to at every line; none until reuse is called
}

type field struct {
	name  string
	place int
	bit   uint64
	shape *shape
}

var readers = []reflect.Type{reflect.TypeFor[json.Unmarshaler](), reflect.TypeFor[interface{ UnmarshalText([]byte) error }]()}

// shapeOf makes the shape of a type; nil when there is none.
func shapeOf(t reflect.Type) *shape {
	if t == reflect.TypeFor[time.Time]() {
		return &shape{read: (*plain).moment}
	}
	for _, r := range readers {
		if t.Implements(r) || reflect.PointerTo(t).Implements(r) {
			return nil
		}
	}
	switch t.Kind() {
	case reflect.String:
		return &shape{read: (*plain).text}
	case reflect.Int64:
		return &shape{read: (*plain).number}
	case reflect.Struct:
		return structShape(t)
	case reflect.Pointer:
		return shapeWith((*plain).pointer, t.Elem())
	case reflect.Slice:
		return shapeWith((*plain).array, t.Elem())
	case reflect.Map:
		if t == reflect.TypeFor[map[string]string]() {
			return &shape{read: (*plain).texts}
		}
	}
	return nil
}

func shapeWith(read func(*plain, reflect.Value, *shape) bool, elem reflect.Type) *shape {
	if s := shapeOf(elem); s != nil {
		return &shape{read: read, elem: s}
	}
	return nil
}

// structShape leaves out the fields that have no shape, so that a line with one of them is not read.
func structShape(t reflect.Type) *shape {
	s := &shape{read: (*plain).object}
	if t.NumField() > 64 {
		return nil
	}
	for i := range t.NumField() {
		f := t.Field(i)
		name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		if name == "" || name == "-" || f.Anonymous || !f.IsExported() || strings.Contains(options, "string") {
			continue
		}
		if sub := shapeOf(f.Type); sub != nil {
			s.fields = append(s.fields, field{name: name, place: i, bit: 1 << i, shape: sub})
		}
	}
	return s
}

// reuse has the pointers among the fields lead to the same value at every line, which is then good until the next: the
// values of millions of lines would all be forgotten at once.
func (s *shape) reuse(t reflect.Type) {
	for _, f := range s.fields {
		if to := t.Field(f.place).Type; to.Kind() == reflect.Pointer {
			f.shape.spare = reflect.New(to.Elem())
		}
	}
}

// field finds a field by its name, first among those from a place on: names mostly stand in the order of the type. It
// gives the place after it.
func (s *shape) field(name string, from int) (*field, int) {
	for i := range s.fields {
		at := from + i
		if at >= len(s.fields) {
			at -= len(s.fields)
		}
		if f := &s.fields[at]; f.name == name {
			return f, at + 1
		}
	}
	return nil, from
}

// plain is a line being read. The texts read are parts of the line, and keep it.
type plain struct {
	line string
	at   int
}

// into reads a whole line into what v points to; false when it is not written plainly, and v may then hold anything.
func (s *shape) into(line string, v any) bool {
	p := plain{line: line}
	p.space()
	if s == nil || !s.read(&p, reflect.ValueOf(v).Elem(), s) {
		return false
	}
	p.space()
	return p.at == len(p.line)
}

func (p *plain) space() {
	for p.at < len(p.line) && (p.line[p.at] == ' ' || p.line[p.at] == '\t' || p.line[p.at] == '\n' || p.line[p.at] == '\r') {
		p.at++
	}
}

// take passes over a character, and the space before and after it.
func (p *plain) take(c byte) bool {
	p.space()
	if p.at >= len(p.line) || p.line[p.at] != c {
		return false
	}
	p.at++
	p.space()
	return true
}

// list reads what stands between two brackets, separated by commas.
func (p *plain) list(from, to byte, each func() bool) bool {
	if !p.take(from) {
		return false
	}
	if p.take(to) {
		return true
	}
	for each() {
		if p.take(to) {
			return true
		}
		if !p.take(',') {
			return false
		}
	}
	return false
}

func (p *plain) object(v reflect.Value, s *shape) bool {
	var seen uint64
	next := 0
	return p.list('{', '}', func() bool {
		name, ok := p.quoted()
		var f *field
		f, next = s.field(name, next)
		if !ok || f == nil || seen&f.bit != 0 || !p.take(':') {
			return false
		}
		seen |= f.bit
		return f.shape.read(p, v.Field(f.place), f.shape)
	})
}

func (p *plain) pointer(v reflect.Value, s *shape) bool {
	if s.spare.IsValid() {
		s.spare.Elem().SetZero()
		v.Set(s.spare)
	} else {
		v.Set(reflect.New(v.Type().Elem()))
	}
	return s.elem.read(p, v.Elem(), s.elem)
}

func (p *plain) array(v reflect.Value, s *shape) bool {
	v.Set(reflect.MakeSlice(v.Type(), 0, 1))
	return p.list('[', ']', func() bool {
		n := v.Len()
		if n == v.Cap() {
			v.Grow(1)
		}
		v.SetLen(n + 1)
		v.Index(n).SetZero()
		return s.elem.read(p, v.Index(n), s.elem)
	})
}

func (p *plain) texts(v reflect.Value, _ *shape) bool {
	m := map[string]string{}
	v.Set(reflect.ValueOf(m))
	return p.list('{', '}', func() bool {
		name, ok := p.quoted()
		if !ok || !p.take(':') {
			return false
		}
		m[name], ok = p.quoted()
		return ok
	})
}

func (p *plain) text(v reflect.Value, _ *shape) bool {
	s, ok := p.quoted()
	v.SetString(s)
	return ok
}

func (p *plain) moment(v reflect.Value, _ *shape) bool {
	s, ok := p.quoted()
	t, known := v.Addr().Interface().(*time.Time)
	return ok && known && t.UnmarshalText([]byte(s)) == nil
}

// number reads an integer of at most 18 digits, which cannot overflow.
func (p *plain) number(v reflect.Value, _ *shape) bool {
	from, n, sign := p.at, int64(0), int64(1)
	if p.at < len(p.line) && p.line[p.at] == '-' {
		sign, from = -1, from+1
		p.at++
	}
	for p.at < len(p.line) && p.line[p.at] >= '0' && p.line[p.at] <= '9' && p.at-from < 18 {
		n = 10*n + int64(p.line[p.at]-'0')
		p.at++
	}
	v.SetInt(sign * n)
	return p.at > from && (p.line[from] != '0' || p.at == from+1) // what follows an integer is no comma or bracket if it goes on
}

// quoted reads a text. One with escapes goes to encoding/json by itself.
func (p *plain) quoted() (string, bool) {
	if p.at >= len(p.line) || p.line[p.at] != '"' {
		return "", false
	}
	from, other, escaped := p.at+1, false, false
	for i := from; i < len(p.line); i++ {
		switch c := p.line[i]; {
		case c == '"':
			p.at = i + 1
			s := p.line[from:i]
			if escaped {
				return unescape(p.line[from-1 : p.at])
			}
			return s, !other || utf8.ValidString(s)
		case c == '\\':
			escaped = true
			i++
		case c < ' ':
			return "", false
		case c >= utf8.RuneSelf:
			other = true
		}
	}
	return "", false
}

func unescape(quoted string) (s string, ok bool) {
	ok = json.Unmarshal([]byte(quoted), &s) == nil
	return s, ok
}
