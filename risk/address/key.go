package address

import (
	"slices"
)

// Key brings the spellings of one building to one form, for use as the identity of an entity: country, area of the
// postal code, city, street and number, without flat and floor. The area stands for the code because one building has
// several codes (CEDEX, arrondissements). It is "" when neither a line nor a city is known. Typing errors are not mended:
// an address misspelt is another entity.
func Key(a Address) string {
	var l line
	p := readPlace(a)
	lex := lexiconOf(p.country)
	text := foldLines(a.Lines, lex)
	if text == "" && p.city == "" {
		return ""
	}
	readLine(&l, text, lex, p.code)
	var buf [256]byte
	b := append(buf[:0], p.country...)
	b = append(append(b, '|'), p.area()...)
	b = append(append(b, '|'), p.city...)
	b = append(b, '|')
	ns := l.distinguishing()
	var words [maxNames]string
	for i := range ns.n {
		words[i] = ns.all[i].is
	}
	slices.Sort(words[:ns.n])
	for _, w := range words[:ns.n] {
		b = append(append(b, w...), ' ')
	}
	b = append(append(b, l.kind...), '|')
	b = append(b, l.number.String()...)
	if ns.n == 0 && l.box != "" {
		b = append(append(b, "box "...), l.box...)
	}
	return string(b)
}
