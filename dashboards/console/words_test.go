package console

import (
	"io/fs"
	"regexp"
	"strings"
	"testing"
	"time"

	"octroi/gateway/hold"
	"octroi/gateway/payment"
	"octroi/providers"
	"octroi/risk"
	"octroi/risk/address"
)

func TestMoneyIsWrittenAsPeopleDo(t *testing.T) {
	for _, c := range []struct {
		value    int64
		currency string
		en, fr   string
	}{{129990, "EUR", "€1,299.90", "1\u202f299,90\u00a0€"}, {5, "EUR", "€0.05", "0,05\u00a0€"}, {100, "GBP", "£1.00", "1,00\u00a0£"}, {123456789, "JPY", "123,456,789\u00a0JPY", "123\u202f456\u202f789\u00a0JPY"},
		{-129990, "USD", "\u2212$1,299.90", "\u22121\u202f299,90\u00a0$"}, {1234567, "KWD", "1,234.567\u00a0KWD", "1\u202f234,567\u00a0KWD"}, {0, "CHF", "0.00\u00a0CHF", "0,00\u00a0CHF"}} {
		a := providers.Amount{Value: c.value, Currency: c.currency}
		if en, fr := money(a, "en"), money(a, "fr"); en != c.en || fr != c.fr {
			t.Errorf("%v: %q and %q", a, en, fr)
		}
	}
	if got := lineAmount(providers.MaxAmount, payment.MaxQuantity, "EUR", "en"); got != "" {
		t.Errorf("a line beyond all amounts is %q", got)
	}
	if got := lineAmount(6495, 2, "EUR", "en"); got != "€129.90" {
		t.Error(got)
	}
}

func TestMomentsAreWrittenInTheirZoneAndLanguage(t *testing.T) {
	zone := time.FixedZone("CET", 3600)
	at := time.Date(2026, 11, 22, 23, 5, 9, 0, time.UTC).In(zone)
	if en, fr := when(at, "en"), when(at, "fr"); en != "Mon 23 Nov, 00:05" || fr != "lun. 23 nov., 00:05" {
		t.Errorf("%q and %q", en, fr)
	}
	if got := exact(at, "fr"); got != "lun. 23 nov. 2026, 00:05:09 CET" {
		t.Error(got)
	}
	if when(time.Time{}, "en") != "" || exact(time.Time{}, "en") != "" {
		t.Error("no moment has words")
	}
}

func TestSizesAreWrittenInTheLanguagesUnits(t *testing.T) {
	for n, want := range map[int64][2]string{0: {"0 B", "0 o"}, 999: {"999 B", "999 o"}, 1400: {"1.4 kB", "1,4 ko"}, 8_388_608: {"8.4 MB", "8,4 Mo"}, 12_000_000_000_000: {"12000.0 GB", "12000,0 Go"}} {
		en, fr := strings.ReplaceAll(size(n, "en"), "\u00a0", " "), strings.ReplaceAll(size(n, "fr"), "\u00a0", " ")
		if en != want[0] || fr != want[1] {
			t.Errorf("%d: %q and %q", n, en, fr)
		}
	}
}

func TestEveryTextIsThereInBothLanguagesAndUsed(t *testing.T) {
	used := map[string]bool{}
	sources := ""
	check(t, fs.WalkDir(files, ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := files.ReadFile(path)
		sources += string(b)
		return err
	}))
	for _, m := range regexp.MustCompile(`[{( ]t "([^"]+)"`).FindAllStringSubmatch(sources, -1) {
		used[m[1]] = true
		if _, ok := texts[m[1]]; !ok {
			t.Errorf("a page asks for %q, which has no text", m[1])
		}
	}
	for _, m := range regexp.MustCompile(`[{( ]n "([^"]+)"`).FindAllStringSubmatch(sources, -1) {
		for _, key := range []string{m[1] + ".one", m[1] + ".many"} {
			used[key] = true
			if _, ok := texts[key]; !ok {
				t.Errorf("a page asks for %q, which has no text", key)
			}
		}
	}
	for _, m := range regexp.MustCompile(`[{( ]w "([^"]+)"`).FindAllStringSubmatch(sources, -1) {
		used[m[1]+" set"] = true
	}
	inCode := regexp.MustCompile(`^(left|days|years|signin|address|ready|notice|queue|payments|lists|failed|disputed|steps|trials|done|clock|caution|told|original)\.`)
	for key, both := range texts {
		if both[0] == "" || both[1] == "" || strings.Count(both[0], "%") != strings.Count(both[1], "%") {
			t.Errorf("%q is not the same in both languages: %q", key, both)
		}
		set, _, _ := strings.Cut(key, ".")
		if _, of := sets[key]; !of && caseSets[key][0] == "" && !used[key] && !used[set+" set"] && !inCode.MatchString(key) {
			t.Errorf("no page asks for %q", key)
		}
	}
}

func TestEveryValueOfTheContractHasAWord(t *testing.T) {
	want := map[string][]any{}
	add := func(set string, values ...any) { want[set] = append(want[set], values...) }
	for _, s := range hold.Statuses() {
		add("case", s)
	}
	for _, s := range payment.Statuses() {
		add("status", s)
	}
	for _, k := range hold.Kinds() {
		add("kind", k)
	}
	for _, c := range providers.RefusalCodes() {
		add("refusal", c)
	}
	for _, o := range risk.Outcomes() {
		add("outcome", o)
	}
	for _, g := range []address.Grade{address.Same, address.SameBuilding, address.SameStreet, address.SameCity, address.SameArea, address.OtherCity, address.OtherCountry} {
		add("grade", g)
	}
	for _, r := range []address.Trait{address.PickupPoint, address.Locker, address.Store, address.Digital, address.Forwarder, address.POBox, address.Company} {
		add("trait", r)
	}
	for _, l := range knownLists {
		add("list", l)
	}
	for set, values := range want {
		for _, v := range values {
			if word("fr", set, v) == word("en", set, v) && set != "kind" && word("en", set, v) == v {
				t.Errorf("%s %v has no word", set, v)
			}
			if _, ok := texts[set+"."+strings.TrimSpace(toText(v))]; !ok {
				t.Errorf("%s %v has no word", set, v)
			}
		}
	}
	if word("en", "refusal", "brand_new") != "brand_new" {
		t.Error("a value without a word does not show as itself")
	}
	for name := range deeds {
		if _, ok := texts["done."+name]; !ok {
			t.Errorf("nothing is said when %s is done", name)
		}
	}
}

func TestWordsThatDifferAreMarkedAndOthersAreNot(t *testing.T) {
	marked := func(s side) string {
		var all []string
		for _, l := range append(append([][]piece{s.Name}, s.Lines...), s.Place, []piece{s.Country}) {
			for _, p := range l {
				if p.Differs {
					all = append(all, p.Text)
				}
			}
		}
		return strings.Join(all, "|")
	}
	detail := func(name string, billing payment.Address, recipient string, delivery payment.Address) payment.Detail {
		return payment.Detail{Billing: payment.Party{Name: name, Address: billing}, Order: payment.Order{Delivery: payment.Delivery{Method: "home", Recipient: recipient, Address: delivery}}}
	}
	in := func(line, code, city string) payment.Address {
		return payment.Address{Lines: []string{line}, PostalCode: code, City: city, Country: "FR"}
	}
	for _, c := range []struct {
		d                 payment.Detail
		billing, delivery string
	}{
		{detail("Jean Dupont", in("12 bd Saint-Michel", "75006", "Paris"), "M. DUPONT Jean", in("12 boulevard St Michel", "75006", "PARIS")), "", ""},
		{detail("Jean Dupont", in("12 bd Voltaire", "75011", "Paris"), "Jean Dupont", in("14 boulevard Voltaire", "75011", "Paris")), "12", "14"},
		{detail("Jean Dupont", in("12 rue Haute", "75006", "Paris"), "Zoé Martin", in("3 quai du Modèle", "13001", "Marseille")), "Jean Dupont|12 rue Haute|75006 Paris", "Zoé Martin|3 quai du Modèle|13001 Marseille"},
		{detail("Jean Dupont", in("12 rue Haute", "75006", "Paris"), "", payment.Address{}), "", ""},
	} {
		b, d := sides(c.d)
		if marked(b) != c.billing || marked(d) != c.delivery {
			t.Errorf("%v: %q and %q are marked", c.d, marked(b), marked(d))
		}
	}
}

// toText is a value of a closed set as text.
func toText(v any) string { return word("", "no such set", v) }
