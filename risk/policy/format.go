package policy

import (
	"math"
	"strconv"
	"strings"
	"unicode"
)

// language is one of the two a detail is written in.
type language uint8

const (
	english language = iota
	french
	languages
)

var languageNames = [languages]string{"en", "fr"}

// money is an amount in minor units for showing.
type money struct {
	minor    float64
	currency string
}

// span is a number of seconds for showing.
type span float64

// minorDigits are the currencies whose minor unit is not a hundredth (ISO 4217).
var minorDigits = map[string]int{"BIF": 0, "CLP": 0, "DJF": 0, "GNF": 0, "ISK": 0, "JPY": 0, "KMF": 0, "KRW": 0, "PYG": 0,
	"RWF": 0, "UGX": 0, "VND": 0, "VUV": 0, "XAF": 0, "XOF": 0, "XPF": 0, "BHD": 3, "IQD": 3, "JOD": 3, "KWD": 3, "LYD": 3,
	"OMR": 3, "TND": 3}

// maxShown is how many characters of one value a detail shows: enough for a city, too few for a page of text.
const maxShown = 80

// show writes a value in a language. Control characters become spaces, since details end up in logs and mail.
func show(v any, l language) string {
	switch x := v.(type) {
	case string:
		return clean(x)
	case float64:
		return decimal(x, digits(x), l)
	case int:
		return strconv.Itoa(x)
	case money:
		places, known := minorDigits[x.currency]
		if !known {
			places = 2
		}
		return decimal(x.minor/math.Pow10(places), places, l) + " " + clean(x.currency)
	case span:
		return x.words(l)
	}
	return ""
}

func digits(x float64) int {
	if x == math.Trunc(x) {
		return 0
	}
	return 2
}

func decimal(x float64, places int, l language) string {
	s := strconv.FormatFloat(x, 'f', places, 64)
	if l == french {
		s = strings.ReplaceAll(s, ".", ",")
	}
	return s
}

// words gives the span in its largest whole unit.
func (s span) words(l language) string {
	units := [...]struct {
		seconds float64
		names   [languages]string
	}{{86400, [languages]string{"day", "jour"}}, {3600, [languages]string{"hour", "heure"}}, {60, [languages]string{"minute", "minute"}}}
	n, name := float64(s), [languages]string{"second", "seconde"}
	for _, u := range units {
		if float64(s) >= u.seconds {
			n, name = math.Floor(float64(s)/u.seconds), u.names
			break
		}
	}
	plural := ""
	if math.Floor(n) >= 2 || n == 0 && l == english {
		plural = "s"
	}
	return strconv.FormatFloat(math.Floor(n), 'f', 0, 64) + " " + name[l] + plural
}

func clean(s string) string {
	var b strings.Builder
	n := 0
	for _, r := range s {
		if n == maxShown {
			b.WriteRune('…')
			break
		}
		if unicode.IsControl(r) {
			r = ' '
		}
		b.WriteRune(r)
		n++
	}
	return b.String()
}
