package gateway

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"octroi/gateway/payment"
)

// Bounds of a body's form. The deepest body of the contract has six levels.
const (
	maxDepth   = 16
	maxMembers = 256 // of one object
	maxErrors  = 20  // said in one answer
)

// decode reads body into v, strictly: one JSON value in UTF-8 (RFC 8259), every name known and given once, every value
// of the right type, null nowhere. encoding/json alone would match names whatever their case, take the last of two,
// and stop at the first wrong field without saying where it stands. Every error is a *payment.Error.
func decode(body []byte, s *shape, v any) error {
	if err := check(body, s); err != nil {
		return err
	}
	if err := json.Unmarshal(body, v); err != nil {
		return &payment.Error{Code: payment.CodeInvalidJSON, Detail: "The body could not be read.", Err: err}
	}
	return nil
}

// check walks the body along its shape.
func check(body []byte, s *shape) error {
	if len(bytes.TrimSpace(body)) == 0 {
		return payment.Errorf(payment.CodeInvalidJSON, "The body is empty; a JSON object is expected.")
	}
	if !utf8.Valid(body) {
		return payment.Errorf(payment.CodeInvalidJSON, "The body is not UTF-8.")
	}
	w := walker{data: body, path: make([]step, 0, maxDepth)}
	w.space()
	if err := w.value(s); err != nil {
		return err
	}
	w.space()
	if w.pos < len(w.data) {
		return w.bad("more than one JSON value")
	}
	if len(w.errs) > 0 {
		return payment.Invalid(w.errs...)
	}
	return nil
}

// walker goes through a JSON text once. path is where it stands: names for objects, numbers for arrays.
type walker struct {
	data []byte
	pos  int
	path []step
	errs []payment.FieldError
}

type step struct {
	name  []byte // nil for an element of an array
	index int
}

// bad is a fault of syntax at the present place.
func (w *walker) bad(what string) error {
	before := w.data[:min(w.pos, len(w.data))]
	line := bytes.Count(before, []byte("\n")) + 1
	column := utf8.RuneCount(before[bytes.LastIndexByte(before, '\n')+1:]) + 1
	return payment.Errorf(payment.CodeInvalidJSON, "The body is not JSON: %s at line %d, column %d.", what, line, column)
}

// wrong notes a field that cannot be accepted, at the present path.
func (w *walker) wrong(format string, args ...any) {
	if len(w.errs) < maxErrors {
		w.errs = append(w.errs, payment.FieldError{Pointer: w.pointer(), Detail: fmt.Sprintf(format, args...)})
	}
}

// pointer writes the path as a JSON Pointer (RFC 6901), each name cut at 64 bytes.
func (w *walker) pointer() string {
	var b strings.Builder
	for _, s := range w.path {
		b.WriteByte('/')
		if s.name == nil {
			b.WriteString(strconv.Itoa(s.index))
			continue
		}
		name := string(s.name)
		if len(name) > 64 {
			name = strings.ToValidUTF8(name[:64], "") + "…"
		}
		b.WriteString(strings.NewReplacer("~", "~0", "/", "~1").Replace(name))
	}
	return b.String()
}

func (w *walker) space() {
	for w.pos < len(w.data) {
		switch w.data[w.pos] {
		case ' ', '\t', '\n', '\r':
			w.pos++
		default:
			return
		}
	}
}

// peek is the next byte; 0 at the end, which begins no JSON value.
func (w *walker) peek() byte {
	if w.pos < len(w.data) {
		return w.data[w.pos]
	}
	return 0
}

// value walks one value. A nil shape asks for nothing but good syntax.
func (w *walker) value(s *shape) error {
	switch c := w.peek(); {
	case c == '{':
		return w.object(w.want(s, "an object", object, dictionary))
	case c == '[':
		return w.array(w.want(s, "an array", array))
	case c == '"':
		return w.text(w.want(s, "a string", text, moment))
	case c == '-' || c >= '0' && c <= '9':
		return w.number(w.want(s, "a number", integer))
	case c == 't':
		return w.literal("true", w.want(s, "true", boolean))
	case c == 'f':
		return w.literal("false", w.want(s, "false", boolean))
	case c == 'n':
		w.want(s, "null")
		return w.literal("null", nil)
	case w.pos >= len(w.data):
		return w.bad("the text ends too soon")
	}
	return w.bad("unexpected character")
}

// want notes a value of the wrong type, and gives the shape on when the type is right.
func (w *walker) want(s *shape, is string, kinds ...kind) *shape {
	if s == nil || slices.Contains(kinds, s.kind) {
		return s
	}
	w.wrong("%s, not %s", must[s.kind], is)
	return nil
}

func (w *walker) literal(word string, _ *shape) error {
	if !bytes.HasPrefix(w.data[w.pos:], []byte(word)) {
		return w.bad("unexpected word")
	}
	w.pos += len(word)
	return nil
}

// enter goes one level down; leave comes back.
func (w *walker) enter() error {
	if len(w.path) >= maxDepth {
		return w.bad(fmt.Sprintf("more than %d levels", maxDepth))
	}
	w.pos++
	w.path = append(w.path, step{})
	w.space()
	return nil
}

func (w *walker) leave() { w.path = w.path[:len(w.path)-1] }

func (w *walker) object(s *shape) error {
	if err := w.enter(); err != nil {
		return err
	}
	defer w.leave()
	if w.peek() == '}' {
		w.pos++
		return nil
	}
	var few [16][]byte
	names := few[:0]
	for {
		name, err := w.name()
		if err != nil {
			return err
		}
		if len(names) == maxMembers {
			return w.bad(fmt.Sprintf("an object of more than %d names", maxMembers))
		}
		w.path[len(w.path)-1] = step{name: name}
		sub := w.member(s, name)
		if slices.ContainsFunc(names, func(n []byte) bool { return bytes.Equal(n, name) }) {
			w.wrong("is given twice")
			sub = nil
		}
		names = append(names, name)
		if err := w.value(sub); err != nil {
			return err
		}
		if more, err := w.next('}'); err != nil || !more {
			return err
		}
	}
}

// member is the shape of an object's member; a name the object does not have is noted.
func (w *walker) member(s *shape, name []byte) *shape {
	switch {
	case s == nil:
		return nil
	case s.kind == dictionary:
		return s.elem
	}
	sub, ok := s.fields[string(name)]
	if !ok {
		w.wrong("is not a known field")
	}
	return sub
}

// name reads a member's name and the colon after it. It is never nil.
func (w *walker) name() ([]byte, error) {
	if w.peek() != '"' {
		return nil, w.bad("a name in quotes is missing")
	}
	raw, plain, err := w.quoted()
	if err != nil {
		return nil, err
	}
	w.space()
	if w.peek() != ':' {
		return nil, w.bad("a colon is missing")
	}
	w.pos++
	w.space()
	if plain {
		return raw[1 : len(raw)-1], nil
	}
	return []byte(unquote(raw, plain)), nil
}

// next goes to the next member or element, or past the end.
func (w *walker) next(end byte) (more bool, err error) {
	w.space()
	switch w.peek() {
	case ',':
		w.pos++
		w.space()
		return true, nil
	case end:
		w.pos++
		return false, nil
	}
	return false, w.bad("a comma or a closing bracket is missing")
}

func (w *walker) array(s *shape) error {
	if err := w.enter(); err != nil {
		return err
	}
	defer w.leave()
	if w.peek() == ']' {
		w.pos++
		return nil
	}
	var elem *shape
	if s != nil {
		elem = s.elem
	}
	for i := 0; ; i++ {
		w.path[len(w.path)-1] = step{index: i}
		if err := w.value(elem); err != nil {
			return err
		}
		if more, err := w.next(']'); err != nil || !more {
			return err
		}
	}
}

func (w *walker) text(s *shape) error {
	raw, plain, err := w.quoted()
	if err != nil || s == nil || s.kind != moment {
		return err
	}
	var t time.Time
	if t.UnmarshalText([]byte(unquote(raw, plain))) != nil {
		w.wrong("%s", must[moment])
	}
	return nil
}
