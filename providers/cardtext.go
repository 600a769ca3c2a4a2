package providers

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// Reading says what kind of text is searched for card numbers, and so how much that looks like one is taken for one: a
// buyer who is asked to leave a number out writes again, and an honest order that is refused is lost.
type Reading int

// The readings.
const (
	// Typed is what people write freely: messages, notes, reasons, names. A number is found in whatever groups it was
	// typed, whatever stands between them, and with its expiry date and security code run into it.
	Typed Reading = iota
	// Named is what a machine names or numbers: references, keys, articles, metadata. A number is found when it stands by
	// itself, in one piece or in a card's own groups with one and the same sign between them. Digits that touch a letter
	// are part of a longer name.
	Named
	// Printed is what a document shows: a number is found within a line, in one piece or in a card's own groups.
	Printed
)

// printed are how card numbers are set, in groups of so many digits (ISO/IEC 7812-1 leaves it to the brands; Visa and
// Mastercard by fours, American Express and Diners by 4-6-5 and 4-6-4), ':' being ten: see shapeOf.
var printed = []string{"4444", "465", "464", "44443", "88", "6:"}

// lengths are how many digits the numbers of each brand have today. A card of Cartes Bancaires alone has sixteen and
// begins as its partner's.
var lengths = map[string][]int{"visa": {16}, "mc": {16}, "amex": {15}, "diners": {14}, "discover": {16}, "jcb": {16},
	"maestro": {16, 19}, "cup": {16, 19}}

// rare are those that were issued once, or in a few countries. What numbers parcels, articles and machines has the same
// lengths, so only Typed looks for them.
var rare = map[string][]int{"visa": {13, 19}, "maestro": {12, 13, 14, 15, 17, 18}, "cup": {17, 18}}

// Bounds of a card number in digits.
const (
	minCard = 12
	maxCard = 19
)

// maxGap is how many signs may stand between two groups of a number.
const maxGap = 4

// HoldsCard reports whether a text holds what is in all likelihood a card number: of a known brand and one of its
// lengths, with the right check digit, and grouped as the reading allows. It reads digits of every script and width, and
// past signs that do not show. IBANs, numbers of articles (EAN-13) and of French establishments (SIRET) do not count.
// How often something else is taken for a card is measured in this package's tests.
func HoldsCard(text string, as Reading) bool {
	if !mayHold(text) {
		return false
	}
	s := search{as: as}
	for _, c := range withoutIBANs(plain(text)) {
		if s.next(c) {
			return true
		}
	}
	return s.close()
}

// OnlyDigits are the digits of a text of any script and width, in order and as ASCII, without all else.
func OnlyDigits(text string) string {
	return strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, plain(text))
}

// mayHold tells most texts apart quickly: those with too few digits.
func mayHold(text string) bool {
	n := 0
	for _, r := range text {
		switch {
		case r >= '0' && r <= '9':
			n++
		case r >= 0x80 && unicode.IsNumber(r):
			n += 2 // one sign may stand for two digits
		}
	}
	return n >= minCard
}

// plain is the text in compatibility form (NFKC), its digits ASCII and without what does not show.
func plain(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r < 0x80:
			return r
		case unicode.Is(unicode.Cf, r):
			return -1
		case unicode.IsDigit(r):
			return digitOf(r)
		}
		return r
	}, norm.NFKC.String(text))
}

// digitOf is the ASCII digit of one of another script. Unicode sets the ten of a script in a row, from nought.
func digitOf(r rune) rune {
	for _, rows := range unicode.Nd.R16 {
		if rune(rows.Lo) <= r && r <= rune(rows.Hi) {
			return '0' + (r-rune(rows.Lo))%10
		}
	}
	for _, rows := range unicode.Nd.R32 {
		if rune(rows.Lo) <= r && r <= rune(rows.Hi) {
			return '0' + (r-rune(rows.Lo))%10
		}
	}
	return r
}

// search goes through a text sign by sign and gathers chains of groups of digits with nothing but a gap between them.
type search struct {
	as     Reading
	chain  []group
	digits []byte
	gap    []rune // since the last group
	before rune   // the sign before the digits, 0 for none
	last   rune
}

// group is digits in a row.
type group struct {
	digits  string
	gap     string // before it, in its chain
	touches bool   // a letter
	phone   bool   // a plus sign stands before it
}

// next takes a sign, and reports whether a chain that holds a card has come to its end.
func (s *search) next(r rune) (found bool) {
	defer func() { s.last = r }()
	if r >= '0' && r <= '9' {
		if len(s.digits) == 0 {
			s.before = s.last
			if !s.joins() {
				found = s.end()
			}
		}
		s.digits = append(s.digits, byte(r))
		return found
	}
	s.put(r)
	if len(s.gap) <= maxGap {
		s.gap = append(s.gap, r)
	}
	return false
}

// close ends the text.
func (s *search) close() bool {
	s.put(0)
	return s.end()
}

// end looks for a card in the chain and begins another.
func (s *search) end() bool {
	found := s.inChain()
	s.chain = s.chain[:0]
	return found
}

// put ends a group of digits, after which r comes.
func (s *search) put(r rune) {
	if len(s.digits) == 0 {
		return
	}
	s.chain = append(s.chain, group{digits: string(s.digits), gap: string(s.gap), phone: s.before == '+',
		touches: unicode.IsLetter(s.before) || unicode.IsLetter(r)})
	s.digits, s.gap = s.digits[:0], s.gap[:0]
}

// joins tells whether what stands between two groups is what people, machines or printers put within a number.
func (s *search) joins() bool {
	if len(s.gap) > maxGap {
		return false
	}
	for _, r := range s.gap {
		blank := r == ' ' || r == '-' || r == '.'
		if unicode.IsLetter(r) || r == '+' || s.as == Printed && !blank {
			return false
		}
	}
	return s.as != Named || len(s.gap) <= 1
}
