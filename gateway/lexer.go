package gateway

import (
	"encoding/json"
	"strconv"
	"unicode/utf16"
)

// quoted reads a string with its quotes. plain tells that it holds no escape.
func (w *walker) quoted() (raw []byte, plain bool, err error) {
	start := w.pos
	plain = true
	for w.pos++; w.pos < len(w.data); {
		switch c := w.data[w.pos]; {
		case c == '"':
			w.pos++
			return w.data[start:w.pos], plain, nil
		case c < 0x20:
			return nil, false, w.bad("a control character inside a string")
		case c == '\\':
			plain = false
			if err := w.escape(); err != nil {
				return nil, false, err
			}
		default:
			w.pos++
		}
	}
	return nil, false, w.bad("a string that does not end")
}

// escape reads one escape; a surrogate must come with its other half (RFC 8259 section 7).
func (w *walker) escape() error {
	w.pos++
	switch w.peek() {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		w.pos++
		return nil
	case 'u':
	default:
		return w.bad("an unknown escape")
	}
	first, ok := w.hex4()
	if !ok {
		return w.bad(`a \u escape without four hexadecimal digits`)
	}
	if !utf16.IsSurrogate(first) {
		return nil
	}
	if w.peek() == '\\' {
		w.pos++
		if second, ok := w.hex4(); ok && utf16.DecodeRune(first, second) != '\uFFFD' {
			return nil
		}
	}
	return w.bad(`a \u escape that is half a character`)
}

// hex4 reads u and four hexadecimal digits.
func (w *walker) hex4() (rune, bool) {
	if w.peek() != 'u' || w.pos+5 > len(w.data) {
		return 0, false
	}
	n, err := strconv.ParseUint(string(w.data[w.pos+1:w.pos+5]), 16, 16)
	if err != nil {
		return 0, false
	}
	w.pos += 5
	return rune(n), true
}

// unquote is the text of a string that quoted has read.
func unquote(raw []byte, plain bool) string {
	if plain {
		return string(raw[1 : len(raw)-1])
	}
	var s string
	_ = json.Unmarshal(raw, &s) // quoted has checked all that Unmarshal does
	return s
}

// number reads a number (RFC 8259 section 6). Every number of the contract is a 64-bit whole one, and is written so:
// 1e2 and 12.0 are refused, because what one reader rounds another refuses.
func (w *walker) number(s *shape) error {
	start := w.pos
	if w.peek() == '-' {
		w.pos++
	}
	switch c := w.peek(); {
	case c == '0':
		w.pos++
	case c < '1' || c > '9':
		return w.bad("a number without digits")
	default:
		w.digits()
	}
	whole := true
	if w.peek() == '.' {
		w.pos, whole = w.pos+1, false
		if w.digits() == 0 {
			return w.bad("a number without digits after its point")
		}
	}
	if c := w.peek(); c == 'e' || c == 'E' {
		w.pos, whole = w.pos+1, false
		if c := w.peek(); c == '+' || c == '-' {
			w.pos++
		}
		if w.digits() == 0 {
			return w.bad("a number without digits in its exponent")
		}
	}
	if s == nil {
		return nil
	}
	if !whole {
		w.wrong("%s, written without fraction or exponent", must[integer])
	} else if _, err := strconv.ParseInt(string(w.data[start:w.pos]), 10, 64); err != nil {
		w.wrong("is too large a number")
	}
	return nil
}

func (w *walker) digits() (n int) {
	for c := w.peek(); c >= '0' && c <= '9'; c = w.peek() {
		w.pos++
		n++
	}
	return n
}
