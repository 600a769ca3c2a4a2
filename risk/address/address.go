// Package address says how alike two postal addresses are, in grades a person understands. It is pure: no network,
// no data files outside the package, no clock.
//
// An address is folded (fold.go), cut into words that the lexicon knows (words.go, tables.go, languages.go, tokens.go), and read: what
// is flat, box, house number and street (line.go, number.go, street.go), and where it is (place.go). Two readings are
// compared here and in match.go. The rules are those of language and of the posts' own norms; no list of streets or towns is behind them.
package address

import "slices"

// Address is a postal address as a shop's checkout sends it.
type Address struct {
	Lines      []string
	PostalCode string
	City       string
	Country    string // ISO 3166-1 alpha-2
}

// Grade is how alike two addresses are.
type Grade string

// The grades, most alike first.
const (
	Same         Grade = "same"
	SameBuilding Grade = "same_building" // flat or floor differs, or is told by one side only
	SameStreet   Grade = "same_street"   // another number
	SameCity     Grade = "same_city"
	SameArea     Grade = "same_area" // department or sorting region of the postal code
	OtherCity    Grade = "other_city"
	OtherCountry Grade = "other_country"
	Unknown      Grade = "" // one side is not known enough
)

// Comparison is what two addresses of one order say together.
type Comparison struct {
	Grade  Grade   // symmetric in the two
	Traits []Trait // of the delivery address; nil when there are none
}

// Compare grades the distance between billing and delivery address, and says what kind of place the delivery goes to.
// Method is the shop's word for how it delivers: home, pickup_point, locker, store, digital, or "".
func Compare(billing, delivery Address, method string) Comparison {
	from, to := readPlace(billing), readPlace(delivery)
	country := to.country
	if country == "" {
		country = from.country
	}
	lex := lexiconOf(country)
	var d line
	readLine(&d, foldLines(delivery.Lines, lex), lex, to.code)
	c := Comparison{Traits: traitsOf(&d, method)}
	switch {
	case from.country != "" && to.country != "" && from.country != to.country:
		c.Grade = OtherCountry
	case from.known() && to.known():
		b := &d // most orders go to the address that is billed
		if from.code != to.code || !slices.Equal(billing.Lines, delivery.Lines) {
			b = &line{}
			readLine(b, foldLines(billing.Lines, lex), lex, from.code)
		}
		c.Grade = gradeLines(b, &d, comparePlaces(from, to))
	}
	return c
}

// gradeLines grades two lines once it is known how near their places are. The lines are put in a fixed order first, so
// that the grade is the same both ways round.
func gradeLines(a, b *line, near nearness) Grade {
	switch {
	case near == elsewhere, near == sameName && (a.number.low == 0 || b.number.low == 0):
		return OtherCity
	case near == sameArea:
		return SameArea
	case a.text == "" || b.text == "":
		return SameCity
	case a.text == b.text:
		return Same
	}
	if a.text > b.text {
		a, b = b, a
	}
	g := gradeStreets(a, b)
	if near == sameName && g != Same && g != SameBuilding {
		return OtherCity // two towns of one name, not one town with its code mistyped
	}
	return g
}

// gradeStreets grades two lines in one city.
func gradeStreets(a, b *line) Grade {
	streets, numbers := compareStreets(a, b), a.number.same(b.number)
	switch {
	case a.box != "" && a.box == b.box && (a.from == a.to || b.from == b.to):
		return Same
	case streets == different:
		return SameCity
	case streets == partial && !numbers:
		return SameCity
	case !numbers:
		return SameStreet
	case streets == partial || !sameParts(a, b):
		return SameBuilding
	}
	return Same
}

// sameParts reports whether both lines name the same flat, floor and door, in whatever order.
func sameParts(a, b *line) bool {
	if a.parts != b.parts {
		return false
	}
	for _, x := range a.units[:a.parts] {
		found := false
		for _, y := range b.units[:b.parts] {
			found = found || x == y
		}
		if !found {
			return false
		}
	}
	return true
}
