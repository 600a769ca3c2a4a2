package intake

import (
	"bytes"
	"strconv"
)

// The kinds of token in a content stream or a character map. The marks of dictionaries are passed over.
const (
	tokenEnd = iota
	tokenNumber
	tokenName
	tokenString
	tokenOpen // of a list
	tokenClose
	tokenOperator
)

type token struct {
	kind   int
	text   []byte // a name without its slash, a string without its escapes
	number float64
}

// lexer reads PDF's tokens (ISO 32000-1 clause 7.2). It takes any bytes and always comes to an end.
type lexer struct {
	src []byte
	at  int
}

func (l *lexer) next() token {
	for l.at < len(l.src) {
		switch c := l.src[l.at]; {
		case c == '(':
			end := closing(l.src[l.at:])
			text := l.src[l.at+1 : min(l.at+end, len(l.src))]
			l.at += end + 1
			return token{kind: tokenString, text: []byte(literal(text))}
		case c == '<' && l.at+1 < len(l.src) && l.src[l.at+1] != '<':
			end := bytes.IndexByte(l.src[l.at:], '>')
			if end < 0 {
				end = len(l.src) - l.at
			}
			text := l.src[l.at+1 : l.at+end]
			l.at += end + 1
			return token{kind: tokenString, text: []byte(hexadecimal(text))}
		case c == '[':
			l.at++
			return token{kind: tokenOpen}
		case c == ']':
			l.at++
			return token{kind: tokenClose}
		case c == '%':
			end := bytes.IndexAny(l.src[l.at:], "\r\n")
			if end < 0 {
				end = len(l.src) - l.at
			}
			l.at += end
		case c == '/':
			l.at++
			return token{kind: tokenName, text: []byte(unescape(l.word()))}
		case regular(c):
			return word(l.word())
		default:
			l.at++
		}
	}
	return token{}
}

func (l *lexer) word() []byte {
	from := l.at
	for l.at < len(l.src) && regular(l.src[l.at]) {
		l.at++
	}
	return l.src[from:l.at]
}

func word(w []byte) token {
	if c := w[0]; c >= '0' && c <= '9' || c == '-' || c == '+' || c == '.' {
		if v, err := strconv.ParseFloat(string(w), 64); err == nil {
			return token{kind: tokenNumber, text: w, number: v}
		}
	}
	return token{kind: tokenOperator, text: w}
}

// skipImage passes over an inline picture's bytes: after ID, until EI stands by itself.
func (l *lexer) skipImage() {
	for {
		end := bytes.Index(l.src[l.at:], []byte("EI"))
		if end < 0 {
			l.at = len(l.src)
			return
		}
		before, after := l.at+end-1, l.at+end+2
		l.at = after
		if before >= 0 && !regular(l.src[before]) && (after >= len(l.src) || !regular(l.src[after])) {
			return
		}
	}
}

// closing is where the bracket closes that src begins with; its length when it does not.
func closing(src []byte) int {
	depth := 0
	for i := 0; i < len(src); i++ {
		switch src[i] {
		case '\\':
			i++
		case '(':
			depth++
		case ')':
			if depth--; depth == 0 {
				return i
			}
		}
	}
	return len(src)
}

// literal undoes the escapes of a string in brackets (ISO 32000-1, 7.3.4.2).
func literal(s []byte) string {
	if bytes.IndexByte(s, '\\') < 0 {
		return string(s)
	}
	out := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		if s[i] != '\\' || i+1 == len(s) {
			out = append(out, s[i])
			continue
		}
		i++
		switch c := s[i]; {
		case c >= '0' && c <= '7':
			v, n := 0, 0
			for ; n < 3 && i+n < len(s) && s[i+n] >= '0' && s[i+n] <= '7'; n++ {
				v = v*8 + int(s[i+n]-'0')
			}
			out, i = append(out, byte(v)), i+n-1
		case c == 'n' || c == 'r' || c == 't' || c == 'b' || c == 'f':
			out = append(out, ' ')
		case c == '\n': // a line continued
		case c == '\r':
			if i+1 < len(s) && s[i+1] == '\n' {
				i++
			}
		default:
			out = append(out, c)
		}
	}
	return string(out)
}

// hexadecimal reads a string in hexadecimal (ISO 32000-1, 7.3.4.3); a missing last digit is 0, and what is no digit
// does not count.
func hexadecimal(s []byte) string {
	out := make([]byte, 0, len(s)/2+1)
	half, have := byte(0), false
	for _, c := range s {
		v := byte(0)
		switch {
		case c >= '0' && c <= '9':
			v = c - '0'
		case c >= 'a' && c <= 'f':
			v = c - 'a' + 10
		case c >= 'A' && c <= 'F':
			v = c - 'A' + 10
		default:
			continue
		}
		if have {
			out = append(out, half|v)
		}
		half, have = v<<4, !have
	}
	if have {
		out = append(out, half)
	}
	return string(out)
}
