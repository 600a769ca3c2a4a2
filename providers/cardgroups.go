package providers

import (
	"slices"
	"strings"
)

// inChain looks for a card number among groups of digits that stand next to each other.
func (s *search) inChain() bool {
	var number [maxCard]byte
	for from := range s.chain {
		n := 0
		for to := from; to < len(s.chain) && n+len(s.chain[to].digits) <= maxCard; to++ {
			n += copy(number[n:], s.chain[to].digits)
			if n >= minCard && isCard(string(number[:n]), s.as == Typed) && s.grouped(from, to+1, string(number[:n])) {
				return true
			}
		}
		if s.as == Typed && withExpiry(s.chain[from].digits) {
			return true
		}
	}
	return false
}

// grouped reports whether the groups of the chain that make the number are set as the reading allows.
func (s *search) grouped(from, to int, number string) bool {
	groups, shape := s.chain[from:to], shapeOf(s.chain[from:to])
	whole := len(groups) == 1
	switch {
	case groups[0].phone:
		return false
	case s.as == Typed:
		return s.typed(from, to, shape, number)
	case s.as == Named && slices.ContainsFunc(groups, func(g group) bool { return g.touches }):
		return false
	case s.as == Named && !whole && (from > 0 || to < len(s.chain) || !oneGap(groups)):
		return false // serial numbers come in fours too, and in more of them than a card has
	}
	ones := s.as == Printed && strings.Trim(shape, "1") == ""
	return whole || ones || slices.Contains(printed, shape)
}

// typed is the same for what people write. Besides a card's own groups they make groups of one size, the last of which
// may be smaller; and any others, of three to eight digits and with one sign between all of them. Numbers in
// pairs are telephones' too: those must not begin within a row of pairs.
func (s *search) typed(from, to int, shape, number string) bool {
	groups := s.chain[from:to]
	switch {
	case len(groups) == 1:
		return !isEAN(number)
	case slices.Contains(printed, shape):
		return true
	case !isCard(number, false):
		return false
	}
	last := len(shape) - 1
	if shape[last] <= shape[0] && strings.Trim(shape[:last], shape[:1]) == "" {
		return shape[0] != '2' || from == 0 || len(s.chain[from-1].digits) != 2
	}
	return strings.Trim(shape, "345678") == "" && oneGap(groups)
}

// shapeOf is the sizes of the groups, one sign each: those of more than nine digits have the signs after '9'.
func shapeOf(groups []group) string {
	shape := make([]byte, len(groups))
	for i, g := range groups {
		shape[i] = '0' + byte(len(g.digits))
	}
	return string(shape)
}

// oneGap reports whether the same single sign stands between all groups.
func oneGap(groups []group) bool {
	for _, g := range groups[1:] {
		if g.gap != groups[1].gap || len([]rune(g.gap)) != 1 {
			return false
		}
	}
	return true
}

// isCard holds digits against the brands, their lengths, with the rare ones or without, and the check digit.
func isCard(digits string, andRare bool) bool {
	brand := Brand(digits)
	n := len(digits)
	return (slices.Contains(lengths[brand], n) || andRare && slices.Contains(rare[brand], n)) && !isSIRET(digits) && Luhn(digits)
}

// withExpiry reports a row of digits that begins with a card number and goes on with its expiry date, with or without the
// security code.
func withExpiry(digits string) bool {
	for _, n := range []int{15, 16} {
		if len(digits) < n+4 || len(digits) > n+10 {
			continue
		}
		if month := digits[n : n+2]; month >= "01" && month <= "12" && isCard(digits[:n], false) {
			return true
		}
	}
	return false
}

// isEAN reports the number of an article (EAN-13): in Germany they begin as Visa's once did, and are as long.
func isEAN(digits string) bool {
	if len(digits) != 13 {
		return false
	}
	sum := 0
	for i := range digits {
		sum += int(digits[i]-'0') * (1 + 2*(i%2))
	}
	return sum%10 == 0
}

// isSIRET reports the number of a French establishment: fourteen digits of which the first nine, the company's, carry a
// check of their own. One in ten numbers of Diners Club has it too, and is not found.
func isSIRET(digits string) bool { return len(digits) == 14 && Luhn(digits[:9]) && Luhn(digits) }
