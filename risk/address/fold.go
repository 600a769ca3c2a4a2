package address

import (
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Bounds on what is read of an address: six lines of 40 characters, which most labels allow, fit twice, and a hostile
// address shall not cost more.
const (
	maxBytes  = 512 // folded bytes of one address
	maxTokens = 48  // words of one address
)

// letters are the Latin letters that Unicode does not decompose, as their languages write them without the letter.
var letters = map[rune]string{'ß': "ss", 'ẞ': "ss", 'œ': "oe", 'Œ': "oe", 'æ': "ae", 'Æ': "ae", 'ø': "o", 'Ø': "o",
	'ł': "l", 'Ł': "l", 'đ': "d", 'Đ': "d", 'ð': "d", 'þ': "th", 'ı': "i", 'º': "o", 'ª': "a", '°': "o"}

// appendFold appends s in small letters without accents, and stops at the bound. What is neither letter nor digit
// stays, for the tokeniser to cut at.
func appendFold(dst []byte, s string) []byte {
	for i := 0; i < len(s) && len(dst) < maxBytes; {
		c := s[i]
		if c < utf8.RuneSelf {
			if 'A' <= c && c <= 'Z' {
				c += 'a' - 'A'
			}
			dst = append(dst, c)
			i++
			continue
		}
		r, size := utf8.DecodeRuneInString(s[i:])
		dst = appendFoldRune(dst, r, s[i:i+size])
		i += size
	}
	return dst
}

// appendFoldRune folds one rune outside ASCII.
func appendFoldRune(dst []byte, r rune, raw string) []byte {
	if r == utf8.RuneError {
		return append(dst, ' ')
	}
	if r == '’' || r == '‘' || r == 'ʼ' || r == '´' {
		return append(dst, '\'')
	}
	if to, ok := letters[r]; ok {
		return append(dst, to...)
	}
	if unicode.Is(unicode.Mn, r) {
		return dst
	}
	d := norm.NFKD.PropertiesString(raw).Decomposition()
	if len(d) == 0 {
		return appendLower(dst, r)
	}
	for len(d) > 0 {
		x, size := utf8.DecodeRune(d)
		if to, ok := letters[x]; ok {
			dst = append(dst, to...)
		} else if !unicode.Is(unicode.Mn, x) {
			dst = appendLower(dst, x)
		}
		d = d[size:]
	}
	return dst
}

// appendLower appends the small letter; other marks and spaces become separators.
func appendLower(dst []byte, r rune) []byte {
	switch {
	case unicode.IsLetter(r) || unicode.IsDigit(r):
		return utf8.AppendRune(dst, unicode.ToLower(r))
	case unicode.Is(unicode.Pd, r):
		return append(dst, '-')
	case r < utf8.RuneSelf:
		return append(dst, byte(unicode.ToLower(r)))
	}
	return append(dst, ' ')
}

// foldString is s folded, for comparison with tables.
func foldString(s string) string {
	var buf [128]byte
	return string(appendFold(buf[:0], s))
}

// isDigit is true of ASCII digits: other digits are folded to them by NFKD or are words to us.
func isDigit(c byte) bool { return '0' <= c && c <= '9' }

// isLetter is true of ASCII small letters and of every byte of a rune outside ASCII.
func isLetter(c byte) bool { return 'a' <= c && c <= 'z' || c >= utf8.RuneSelf }

// allDigits is true when s is digits only and not empty.
func allDigits(s string) bool {
	for i := 0; i < len(s); i++ {
		if !isDigit(s[i]) {
			return false
		}
	}
	return s != ""
}
