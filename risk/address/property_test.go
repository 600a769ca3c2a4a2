package address

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// compared is the grade alone.
func compared(a, b Address) Grade { return Compare(a, b, "").Grade }

// mapped applies f to every text of an address but the country.
func mapped(a Address, f func(string) string) Address {
	out := Address{PostalCode: f(a.PostalCode), City: f(a.City), Country: a.Country}
	for _, l := range a.Lines {
		out.Lines = append(out.Lines, f(l))
	}
	return out
}

func TestCaseAccentsAndBlanksChangeNoGrade(t *testing.T) {
	changes := map[string]func(string) string{
		"capitals":      strings.ToUpper,
		"small letters": strings.ToLower,
		"no accents":    foldString,
		"blanks":        func(s string) string { return "  " + strings.ReplaceAll(s, " ", "  ") + " " },
	}
	for _, c := range graded {
		a, b := at(c.a), at(c.b)
		for name, f := range changes {
			if got := compared(mapped(a, f), b); got != c.want {
				t.Errorf("%s with %s: %q, want %q", c.name, name, got, c.want)
			}
			if x, y := Key(a), Key(mapped(a, f)); x != y {
				t.Errorf("%s with %s: key %q, was %q", c.name, name, y, x)
			}
		}
	}
}

// streetNames draws names of streets out of words that are no abbreviation of each other.
var streetNames = rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"Victor", "Hugo", "Garibaldi", "Lavande", "Provence", "Jaurès",
	"Champlain", "Tourterelle", "Bretagne", "Zurbarán"}), 2, 4, rapid.ID)

func TestOrderOfWordsInANameDoesNotMatter(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		words := streetNames.Draw(t, "words")
		shuffled := rapid.Permutation(words).Draw(t, "shuffled")
		a := Address{Lines: []string{"12 rue " + strings.Join(words, " ")}, City: "Nantes", PostalCode: "44000", Country: "FR"}
		b := a
		b.Lines = []string{"12 rue " + strings.Join(shuffled, " ")}
		if got := compared(a, b); got != Same {
			t.Fatalf("%v and %v: %q", a.Lines, b.Lines, got)
		}
		if Key(a) != Key(b) {
			t.Fatalf("%v and %v have two keys", a.Lines, b.Lines)
		}
	})
}

func TestOneSwappedLetterInALongWordIsForgiven(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		words := streetNames.Draw(t, "words")
		i := rapid.IntRange(0, len(words)-1).Draw(t, "word")
		w := []rune(words[i])
		j := rapid.IntRange(1, len(w)-2).Draw(t, "letter")
		w[j], w[j+1] = w[j+1], w[j]
		a := Address{Lines: []string{"12 rue " + strings.Join(words, " ")}, City: "Nantes", PostalCode: "44000", Country: "FR"}
		words[i] = string(w)
		b := a
		b.Lines = []string{"12 rue " + strings.Join(words, " ")}
		if got := compared(a, b); got != Same {
			t.Fatalf("%v and %v: %q", a.Lines, b.Lines, got)
		}
	})
}

func TestAnotherHouseNumberIsNeverTheSameBuilding(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		words := strings.Join(streetNames.Draw(t, "words"), " ")
		form := rapid.SampledFrom([]string{"# rue %", "%straße #", "Via %, #", "n° #, allée %", "Appt 3 / # bis place %"}).Draw(t, "form")
		n := rapid.IntRange(1, 900).Draw(t, "number")
		m := rapid.IntRange(1, 900).Filter(func(m int) bool { return m != n }).Draw(t, "other")
		country := rapid.SampledFrom([]string{"FR", "DE", "IT", "BE", ""}).Draw(t, "country")
		write := func(n int) Address {
			s := strings.NewReplacer("#", number{low: n}.String(), "%", words).Replace(form)
			return Address{Lines: strings.Split(s, " / "), City: "Mitte", PostalCode: "44000", Country: country}
		}
		if got := compared(write(n), write(m)); got != SameStreet {
			t.Fatalf("%v and %v: %q", write(n), write(m), got)
		}
	})
}

func FuzzComparisonIsSymmetricAndSameOfItself(f *testing.F) {
	for _, c := range graded {
		a, b := at(c.a), at(c.b)
		f.Add(strings.Join(a.Lines, "\n"), a.PostalCode, a.City, a.Country, strings.Join(b.Lines, "\n"), b.PostalCode, b.City, b.Country)
	}
	f.Add("12 12 12 12-12/12", "١٢", "ß\xff\xfe", "fr", strings.Repeat("a1 ", 400), strings.Repeat("9", 99), strings.Repeat("St. ", 99), "")
	f.Fuzz(func(t *testing.T, lineA, codeA, cityA, countryA, lineB, codeB, cityB, countryB string) {
		a := Address{Lines: strings.Split(lineA, "\n"), PostalCode: codeA, City: cityA, Country: countryA}
		b := Address{Lines: strings.Split(lineB, "\n"), PostalCode: codeB, City: cityB, Country: countryB}
		if x, y := compared(a, b), compared(b, a); x != y {
			t.Errorf("%q one way, %q the other: %v %v", x, y, a, b)
		}
		switch g := compared(a, a); {
		case g == Same, g == Unknown, g == SameCity && foldLines(a.Lines, lexicon{}) == "":
		default:
			t.Errorf("%q of itself: %v", g, a)
		}
		if k := Key(a); k == "" && foldLines(a.Lines, lexicon{}) != "" {
			t.Errorf("no key of %v", a)
		}
		if SameFamily(lineA, lineB) != SameFamily(lineB, lineA) || SameFamily(lineA, lineA) {
			t.Errorf("%q and %q: one family one way round", lineA, lineB)
		}
		if SameName(lineA, lineB) != SameName(lineB, lineA) {
			t.Errorf("names %q and %q are one person one way only", lineA, lineB)
		}
	})
}

func BenchmarkCompare(b *testing.B) {
	x := at("Bât. C appt 12 / 12 boulevard du Général-de-Gaulle @ 59650 @ Villeneuve-d'Ascq @ FR")
	y := at("12, bd du Gal de Gaule, 3e étage @ 59650 @ VILLENEUVE D ASCQ CEDEX @ FR")
	b.ReportAllocs()
	for b.Loop() {
		Compare(x, y, "home")
	}
}

// BenchmarkCompareLabelled is the mean over the pairs that OCTROI_ADDRESSES names.
func BenchmarkCompareLabelled(b *testing.B) {
	rows := labelled(b)
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		Compare(rows[i].a, rows[i].b, "home")
		i = (i + 1) % len(rows)
	}
}

func BenchmarkKey(b *testing.B) {
	x := at("Bât. C appt 12 / 12 boulevard du Général-de-Gaulle @ 59650 @ Villeneuve-d'Ascq @ FR")
	b.ReportAllocs()
	for b.Loop() {
		Key(x)
	}
}

func BenchmarkSameName(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		SameName("M. Jean-Pierre Lefèvre", "LEFEVRE Jean Pierre")
	}
}
