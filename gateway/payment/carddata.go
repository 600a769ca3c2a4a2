package payment

import (
	"net/url"
	"slices"
	"strings"
	"unicode"

	"octroi/providers"
)

// CardInText is what is said to whoever writes a card number where it would be kept.
const CardInText = "must not hold a card number: it would be kept"

// HoldsCard reports whether a text that people write freely holds what is in all likelihood a card number. Every text that
// is kept is asked this, or, where it is a machine's own name for something, the same as providers.Named.
func HoldsCard(s string) bool { return providers.HoldsCard(s, providers.Typed) }

// LooksLikeCard reports whether a text holds a card number or is, apart from spaces and hyphens, any number that could be
// one, of whichever brand: it must not be kept wherever a name for a card was asked for.
func LooksLikeCard(s string) bool {
	other := func(r rune) bool { return !unicode.IsNumber(r) && !unicode.IsSpace(r) && !unicode.Is(unicode.Pd, r) }
	n := providers.OnlyDigits(s)
	return len(n) >= 12 && len(n) <= 19 && !strings.ContainsFunc(s, other) && providers.Luhn(n) || HoldsCard(s)
}

// cardIn reports whether a text holds a card number: the request's own in any form, or one that shows as the reading says.
func (c *checker) cardIn(s string, as providers.Reading) bool {
	return len(c.pan) >= 12 && len(s) >= len(c.pan) && strings.Contains(providers.OnlyDigits(s), c.pan) || providers.HoldsCard(s, as)
}

// codeNames are what people call a card's security code, as letters and digits alone.
var codeNames = []string{"cvc", "cvc2", "cvv", "cvv2", "cvn", "csc", "securitycode", "cardsecuritycode", "verificationcode", "cryptogramme"}

// namesCode reports whether a field is named for a card's security code. Its value is three or four digits, which only
// the name tells from others.
func namesCode(name string) bool {
	name = strings.Map(func(r rune) rune {
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			return -1
		}
		return unicode.ToLower(r)
	}, name)
	for _, code := range codeNames {
		if name == code || strings.TrimPrefix(name, "card") == code {
			return true
		}
	}
	return false
}

// codeInText is what is said of a field with such a name.
const codeInText = "must not hold a card's security code: it would be kept"

// metadata checks the shop's own fields. What is wrong with a name is said of them all: a pointer would repeat it.
func (c *checker) metadata(all map[string]string) {
	const at = "/metadata"
	if len(all) > MaxMetadata {
		c.add(at, "must have at most %d entries", MaxMetadata)
		return
	}
	for name, value := range all {
		before := len(c.errs)
		c.text(at, name, 64)
		if namesCode(name) {
			c.add(at, codeInText)
		}
		if len(c.errs) == before {
			c.text(at+"/"+escape(name), value, MaxText)
		}
	}
}

// link checks an address for card data: as a whole, and each of its parts unescaped, whose borders are signs that stand
// within a number elsewhere.
func (c *checker) link(pointer string, u *url.URL) {
	plain, err := url.PathUnescape(u.String())
	if err != nil {
		plain = u.String()
	}
	parts := append(strings.Split(u.Path, "/"), u.Path, u.Fragment, plain)
	// A page that is made of scripts has a query of its own behind the fragment's sign.
	_, behind, _ := strings.Cut(u.Fragment, "?")
	for name, values := range queryOf(u.RawQuery + "&" + behind) {
		if namesCode(name) {
			c.add(pointer, codeInText)
			return
		}
		parts = append(append(parts, name), values...)
	}
	if slices.ContainsFunc(parts, func(part string) bool { return c.cardIn(part, providers.Named) }) {
		c.add(pointer, CardInText)
	}
}

// queryOf reads what can be read of a query, in the form that browsers send and in the older one with semicolons.
func queryOf(raw string) url.Values {
	query, _ := url.ParseQuery(strings.ReplaceAll(raw, ";", "&")) // what is not escaped as it should be is left out
	return query
}
