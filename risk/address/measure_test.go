package address

import (
	"encoding/csv"
	"hash/fnv"
	"os"
	"slices"
	"testing"
)

// pairRow is a labelled pair of addresses.
type pairRow struct {
	id, kind, expected string
	a, b               Address
}

// labelled reads the pairs that OCTROI_ADDRESSES names: a CSV file with the columns id, a_line, a_postal_code, a_city,
// a_country, the same for b, kind, expected. The data is not part of the product.
func labelled(t testing.TB) []pairRow {
	path := os.Getenv("OCTROI_ADDRESSES")
	if path == "" {
		t.Skip("OCTROI_ADDRESSES does not name a file of labelled pairs of addresses")
	}
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	records, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var rows []pairRow
	for _, r := range records[1:] {
		rows = append(rows, pairRow{id: r[0], kind: r[9], expected: r[10],
			a: Address{Lines: []string{r[1]}, PostalCode: r[2], City: r[3], Country: r[4]},
			b: Address{Lines: []string{r[5]}, PostalCode: r[6], City: r[7], Country: r[8]}})
	}
	return rows
}

// share counts how often something held.
type share struct{ good, all int }

func (s *share) count(good bool) {
	s.all++
	if good {
		s.good++
	}
}

func (s share) percent() float64 {
	if s.all == 0 {
		return 0
	}
	return 100 * float64(s.good) / float64(s.all)
}

// half is 0 or 1 by the street of side b and its city, so that all pairs around one street are in one half.
func (r pairRow) half() int {
	h := fnv.New32a()
	h.Write([]byte(foldLines(r.b.Lines[:1], lexicon{})[len(readNumberPrefix(r.b.Lines[0])):] + r.b.City))
	return int(h.Sum32() >> 7 & 1)
}

// readNumberPrefix is what of a line stands before its first letter.
func readNumberPrefix(s string) string {
	for i := range len(s) {
		if s[i] >= 'A' && s[i] <= 'z' || s[i] >= 0x80 {
			return s[:i]
		}
	}
	return s
}

// TestGradesAgreeWithLabelledPairs holds the shares that are asked of the comparison, over the whole file and over two
// halves that share no street, so that a rule which helps one place and harms another shows. The halves are no proof
// that the rules carry over to other streets: that takes a file that was not looked at while they were written.
func TestGradesAgreeWithLabelledPairs(t *testing.T) {
	rows := labelled(t)
	measure(t, "all", rows)
	for h := range 2 {
		measure(t, []string{"first half", "second half"}[h], slices.DeleteFunc(slices.Clone(rows), func(r pairRow) bool { return r.half() != h }))
	}
}

// measure counts the shares and compares them with their bounds.
func measure(t *testing.T, name string, rows []pairRow) {
	shares := map[string]*share{}
	count := func(key string, good bool) {
		if shares[key] == nil {
			shares[key] = &share{}
		}
		shares[key].count(good)
	}
	show := os.Getenv("OCTROI_ADDRESSES_SHOW")
	for _, r := range rows {
		got := Compare(r.a, r.b, "").Grade
		building := got == Same || got == SameBuilding
		good := !building
		switch {
		case r.expected == "same":
			good = building
			count("positives", building)
		case r.expected == "other_city":
			count("other city", got == OtherCity || got == SameArea)
			good = got == OtherCity || got == SameArea
		case r.expected == "other_country":
			good = got == OtherCountry
		case r.kind == "number_plus_2":
			good = got == SameStreet
		}
		if r.expected != "same" {
			count("negatives", !building)
			count("keys of two buildings differ", Key(r.a) != Key(r.b))
		} else if r.kind != "typo" {
			count("keys of one building equal", Key(r.a) == Key(r.b))
		}
		count(r.kind, good)
		if !good && (show == r.kind || show == "all") && name == "all" {
			t.Logf("%s %s %q: %v <> %v", r.id, r.kind, got, r.a, r.b)
		}
	}
	for _, key := range slices.Sorted(func(yield func(string) bool) {
		for k := range shares {
			if !yield(k) {
				return
			}
		}
	}) {
		s := shares[key]
		t.Logf("%s: %-28s %6.2f %% of %d", name, key, s.percent(), s.all)
	}
	for key, least := range map[string]float64{"positives": 98.5, "typo": 95, "negatives": 99.5, "other_street_similar_name": 98,
		"number_plus_2": 99, "other_country": 99.5, "country_swapped": 99.5, "other city": 98} {
		if s := shares[key]; s != nil && s.percent() < least {
			t.Errorf("%s: %s: %.2f %%, want at least %.2f %%", name, key, s.percent(), least)
		}
	}
}
