package intake

import (
	"strings"

	"octroi/providers"
)

// groupings are how card numbers are printed, in groups of digits (ISO/IEC 7812-1 leaves it to the brands; Visa and
// Mastercard by fours, American Express and Diners by 4-6-5 and 4-6-4). A number without gaps is one group.
var groupings = [][]int{{16}, {15}, {14}, {19}, {4, 4, 4, 4}, {4, 4, 4, 4, 3}, {4, 6, 5}, {4, 6, 4}, {8, 8}}

// lengths are how many digits each brand's numbers have.
var lengths = map[string][]int{"visa": {16}, "mc": {16}, "amex": {15}, "diners": {14}, "discover": {16}, "jcb": {16},
	"maestro": {16, 19}, "cup": {16, 19}}

// holdsCard reports whether a text shows what is in all likelihood a card number: of a known brand and its length, with
// the right check digit, grouped as on a card. IBANs, which statements are full of, do not count. About two in a hundred
// random references of sixteen digits without gaps are taken for one all the same.
func holdsCard(text string) bool {
	var chain []string // groups of digits with nothing but a gap between them
	for line := range strings.SplitSeq(withoutIBANs(text), "\n") {
		chain = chain[:0]
		for len(line) > 0 {
			gap, digits, rest := cutDigits(line)
			if !isGap(gap) {
				if inChain(chain) {
					return true
				}
				chain = chain[:0]
			}
			if digits != "" {
				chain = append(chain, digits)
			}
			line = rest
		}
		if inChain(chain) {
			return true
		}
	}
	return false
}

// cutDigits splits a line before and after its first digits.
func cutDigits(line string) (gap, digits, rest string) {
	from := strings.IndexAny(line, "0123456789")
	if from < 0 {
		return line, "", ""
	}
	to := from
	for to < len(line) && line[to] >= '0' && line[to] <= '9' {
		to++
	}
	return line[:from], line[from:to], line[to:]
}

// isGap tells what people and printers put between the groups of a number.
func isGap(s string) bool {
	return s != "" && len(s) <= 4 && strings.Trim(s, " -.\u00a0\u202f") == ""
}

// inChain looks for a card number in groups of digits that stand next to each other. Digits placed one by one are one
// group.
func inChain(chain []string) bool {
	for from := 0; from < len(chain); {
		to := from
		for to < len(chain) && len(chain[to]) == 1 {
			to++
		}
		if to-from > 1 {
			joined := strings.Join(chain[from:to], "")
			chain = append(chain[:from:from], append([]string{joined}, chain[to:]...)...)
		}
		from++
	}
	for from := range chain {
		for _, g := range groupings {
			if fits(chain[from:], g) && isCard(strings.Join(chain[from:from+len(g)], "")) {
				return true
			}
		}
	}
	return false
}

func fits(chain []string, grouping []int) bool {
	if len(chain) < len(grouping) {
		return false
	}
	for i, n := range grouping {
		if len(chain[i]) != n {
			return false
		}
	}
	return true
}

func isCard(digits string) bool {
	for _, n := range lengths[providers.Brand(digits)] {
		if n == len(digits) {
			return providers.Luhn(digits)
		}
	}
	return false
}

// The shortest and longest IBAN (ISO 13616, Norway's and Malta's).
const (
	minIBAN = 15
	maxIBAN = 34
)

// withoutIBANs blanks every IBAN whose check digits are right. They are printed in groups of four, one in ten of which
// would pass for a card number's.
func withoutIBANs(text string) string {
	var out []byte
	for at := 0; at+minIBAN <= len(text); at++ {
		if !upper(text[at]) || !upper(text[at+1]) || !digit(text[at+2]) || !digit(text[at+3]) || at > 0 && (upper(text[at-1]) || digit(text[at-1])) {
			continue
		}
		if end := endOfIBAN(text, at); end > 0 {
			if out == nil {
				out = []byte(text)
			}
			for i := at; i < end; i++ {
				out[i] = '*'
			}
			at = end - 1
		}
	}
	if out == nil {
		return text
	}
	return string(out)
}

// endOfIBAN is where the longest IBAN that begins at the place ends; 0 for none.
func endOfIBAN(text string, at int) (end int) {
	var compact [maxIBAN]byte
	n := 0
	for i := at; i < len(text) && n < maxIBAN; i++ {
		c := text[i]
		if c == ' ' && i+1 < len(text) && text[i+1] != ' ' {
			continue
		}
		if !upper(c) && !digit(c) {
			break
		}
		compact[n] = c
		if n++; n >= minIBAN && remainder(compact[:n]) == 1 {
			end = i + 1
		}
	}
	return end
}

// remainder is ISO 7064's MOD 97-10 over an IBAN, whose first four characters count last and letters as 10 to 35.
func remainder(iban []byte) (r int) {
	for i := range iban {
		c := iban[(i+4)%len(iban)]
		if digit(c) {
			r = (r*10 + int(c-'0')) % 97
		} else {
			r = (r*100 + int(c-'A') + 10) % 97
		}
	}
	return r
}

func upper(c byte) bool { return c >= 'A' && c <= 'Z' }

func digit(c byte) bool { return c >= '0' && c <= '9' }
