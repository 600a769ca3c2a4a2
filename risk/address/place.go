package address

import "strings"

// place is where an address is, brought to one form.
type place struct {
	country string
	code    string // postal code without blanks, small letters
	city    string // distinguishing words of the city, one blank between
}

// exonyms bring the names of cities that cross borders to the local one.
var exonyms = map[string]string{"munich": "munchen", "muenchen": "munchen", "monaco di baviera": "munchen", "cologne": "koln", "koeln": "koln",
	"colonia": "koln", "vienna": "wien", "florence": "firenze", "turin": "torino", "milan": "milano",
	"rome": "roma", "venice": "venezia", "venise": "venezia", "naples": "napoli", "geneva": "geneve", "genf": "geneve",
	"brussels": "bruxelles", "brussel": "bruxelles", "antwerp": "antwerpen", "anvers": "antwerpen", "gand": "gent", "liege": "luik",
	"the hague": "s gravenhage", "den haag": "s gravenhage", "haag": "s gravenhage", "la haye": "s gravenhage",
	"aix la chapelle": "aachen", "francfort": "frankfurt", "frankfurt main": "frankfurt", "duesseldorf": "dusseldorf",
	"nuernberg": "nurnberg", "nuremberg": "nurnberg", "hanover": "hannover", "seville": "sevilla", "lisbon": "lisboa",
	"lisbonne": "lisboa", "londres": "london", "prague": "praha", "varsovie": "warszawa", "warsaw": "warszawa"}

// readPlace brings code, city and country to one form. The city may hold the code.
func readPlace(a Address) place {
	p := place{country: countryOf(a.Country), code: codeOf(a.PostalCode)}
	var buf [128]byte
	text := appendFold(buf[:0], a.City)
	if lexiconOf(p.country).umlauts {
		text = plainUmlauts(text)
	}
	var ts tokens
	ts.cutInto(string(text), lexicon{own: cityWords})
	if p.code == "" && ts.n > 1 && len(ts.all[0].raw) >= 4 && allDigits(ts.all[0].raw) {
		p.code = ts.all[0].raw
	}
	p.city = cityOf(&ts)
	if is, ok := exonyms[p.city]; ok {
		p.city = is
	}
	if p.country != "" && overseas(p) {
		p.country = "FR"
	}
	return p
}

// overseas is true of the French territories that have a country code of their own and a French postal code.
func overseas(p place) bool {
	switch p.country {
	case "GP", "MQ", "GF", "RE", "YT", "PM", "BL", "MF", "WF", "PF", "NC":
		return len(p.code) == 5 && p.code[:2] >= "97"
	}
	return false
}

// countryOf normalises what shops send for a country.
func countryOf(s string) string {
	s = strings.ToUpper(strings.TrimSpace(s))
	switch s {
	case "UK":
		return "GB"
	case "EL":
		return "GR"
	}
	return s
}

// codeOf takes blanks, hyphens and a country prefix such as "F-" out of a postal code.
func codeOf(s string) string {
	var buf [32]byte
	b := buf[:0]
	for i := 0; i < len(s) && len(b) < len(buf); i++ {
		c := s[i] | 0x20
		if isDigit(s[i]) || 'a' <= c && c <= 'z' {
			b = append(b, c)
		} else if s[i] == '-' && len(b) > 0 && !isDigit(b[len(b)-1]) && len(b) <= 2 {
			b = b[:0]
		}
	}
	return string(b)
}

// cityWords are abbreviations and words that mean something else in a city's name than in a street.
var cityWords = tableOf(
	group{0, `
saint st sint sankt san, sainte ste, sur s, sous ss, pres`},
	group{stop, `
le la les lez l d de du des a au aux en et the del di van der am an im in`},
	group{unit, `
arrondissement arrdt arr ar`},
)

// cityOf joins the words of a city that count, without CEDEX and what follows it, and without arrondissements.
func cityOf(ts *tokens) string {
	var buf [128]byte
	b := buf[:0]
	for i := range ts.n {
		t := &ts.all[i]
		if t.raw == "cedex" {
			break
		}
		if t.cut >= comma && i > 0 && len(b) > 0 {
			break // a province or a remark follows
		}
		ordinal := isOrdinal(t.raw) && i > 0 && isDigit(ts.all[i-1].raw[0])
		if isDigit(t.raw[0]) || ordinal || t.class&stop != 0 || t.is == "arrondissement" && len(b) > 0 || len(b)+len(t.is) >= len(buf) {
			continue
		}
		if len(b) > 0 {
			b = append(b, ' ')
		}
		if t.raw == "s" && ts.at(i+1).raw == "s" {
			b = append(b, "sous"...) // s/s
			ts.all[i+1].class |= stop
			continue
		}
		b = append(b, t.is...)
	}
	return string(b)
}

// nearness is how close two places are.
type nearness int

const (
	elsewhere nearness = iota
	sameName           // namesakes far apart, or one city with its code mistyped: the street tells
	sameArea
	sameCity
)

// known reports whether the place says more than a country.
func (p place) known() bool { return p.city != "" || p.code != "" }

// comparePlaces compares two places in one country.
func comparePlaces(a, b place) nearness {
	area := elsewhere
	if a.code != "" && b.code != "" && a.area() == b.area() {
		area = sameArea
	}
	sameCode := a.code == b.code && a.code != ""
	missing := a.code == "" || b.code == ""
	switch {
	case a.city == "" || b.city == "":
		if sameCode {
			return sameCity
		}
	case a.city == b.city:
		if area == sameArea || missing {
			return sameCity
		}
		if distance(a.code, b.code, 1).n == 1 {
			return sameName
		}
	case sameCode && likeCities(a.city, b.city, true), missing && likeCities(a.city, b.city, false):
		return sameCity
	}
	return area
}

// area is the part of a postal code that names a department, a province or a sorting region.
func (p place) area() string {
	n := 2
	switch p.country {
	case "DE":
		n = 1 // Berlin, Hamburg and Munich each have several second digits
	case "GB", "IE":
		for n = 0; n < len(p.code) && isLetter(p.code[n]); n++ {
		}
	case "US":
		n = 3
	}
	return p.code[:min(n, len(p.code))]
}

// likeCities compares two names of cities that are not equal: mistyped, or the short form of each other. With the same
// postal code one distinguishing word in common is enough; without it the first must be the same.
func likeCities(a, b string, sameCode bool) bool {
	if a > b {
		a, b = b, a
	}
	limit := min(max(len(a), len(b))/4, 3)
	if !sameCode {
		limit = tolerance(min(len(a), len(b)))
	}
	var bufA, bufB [maxWord]byte
	x, y := squeeze(bufA[:0], a), squeeze(bufB[:0], b)
	if distance(string(x), string(y), limit).n <= limit {
		return true
	}
	first := true
	for w := range strings.SplitSeq(a, " ") {
		saintly := w == "saint" || w == "sainte"
		if len(w) > 3 && !saintly && (first || sameCode) && hasWord(b, w, sameCode) {
			return true
		}
		first = false
	}
	return false
}

// hasWord reports whether a city's name has the word, at its beginning or, when anywhere is true, anywhere.
func hasWord(city, word string, anywhere bool) bool {
	for w := range strings.SplitSeq(city, " ") {
		if w == word || anywhere && len(w) > 3 && w != "saint" && w != "sainte" && alike(w, word) {
			return true
		}
		if !anywhere {
			return false
		}
	}
	return false
}

// squeeze appends s without blanks, up to the bound.
func squeeze(dst []byte, s string) []byte {
	for i := 0; i < len(s) && len(dst) < cap(dst); i++ {
		if s[i] != ' ' {
			dst = append(dst, s[i])
		}
	}
	return dst
}
