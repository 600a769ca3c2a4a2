package adyen

import (
	"encoding/json"
	"strconv"
	"strings"
	"unicode"

	"octroi/providers"
)

// object is a JSON object read tolerantly: a field of another type than expected is an absent field, never an error
// for its neighbours. Names match exactly, case included.
type object map[string]json.RawMessage

// decode reads a body that must be one JSON object.
func decode(body []byte) (object, bool) {
	var o object
	err := json.Unmarshal(body, &o)
	return o, err == nil && o != nil
}

// text reads a string, number or boolean; "" for anything else.
func (o object) text(name string) string {
	raw := o[name]
	if len(raw) == 0 {
		return ""
	}
	switch raw[0] {
	case '"':
		var s string
		if json.Unmarshal(raw, &s) != nil {
			return ""
		}
		return s
	case '{', '[', 'n':
		return ""
	}
	return string(raw)
}

// has tells whether the field is there and not null.
func (o object) has(name string) bool {
	raw := o[name]
	return len(raw) > 0 && string(raw) != "null"
}

// object reads an object; an empty one for anything else.
func (o object) object(name string) object {
	inner, _ := decode(o[name])
	return inner
}

// amount reads Adyen's amount; false when it is not a whole number of minor units in some currency.
func (o object) amount(name string) (providers.Amount, bool) {
	return toAmount(o.object(name).text("value"), o.object(name).text("currency"))
}

func toAmount(value, currency string) (providers.Amount, bool) {
	v, err := strconv.ParseInt(value, 10, 64)
	if err != nil || len(currency) != 3 {
		return providers.Amount{}, false
	}
	return providers.Amount{Value: v, Currency: currency}, true
}

// bounded makes a provider's words fit to keep and to log: printable, at most n bytes, and with every run of three
// digits or more masked, which is what a card number, its groups or a security code would be.
func bounded(s string, n int) string {
	var b strings.Builder
	run := 0 // digits held back until it is known how many there are
	digits := ""
	flush := func() {
		if run > 2 {
			digits = "***"
		}
		b.WriteString(digits)
		run, digits = 0, ""
	}
	for _, r := range s {
		if b.Len() >= n {
			break
		}
		if unicode.IsDigit(r) {
			if run++; run <= 2 {
				digits += string(r)
			}
			continue
		}
		flush()
		if unicode.IsPrint(r) {
			b.WriteRune(r)
		}
	}
	flush()
	return strings.ToValidUTF8(b.String()[:min(b.Len(), n)], "")
}

// plain keeps a short identifier as it is when it looks like one, and drops it otherwise.
func plain(s string, n int) string {
	if len(s) > n || strings.ContainsFunc(s, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return ""
	}
	return s
}
