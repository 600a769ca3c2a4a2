package providers

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
)

// cards are the providers' published test numbers, by brand.
var cards = map[string]string{"visa": "4111111111111111", "another visa": "4000020000000000", "mc": "5555444433331111", "mc of the second range": "2222400070000005",
	"amex": "370000000000002", "diners": "36006666333344", "discover": "6011601160116611", "jcb": "3569990010095841", "maestro": "6771798021000008", "cup": "6243030000000001"}

func TestCardNumbersAreFoundHoweverTheyWereTyped(t *testing.T) {
	for _, text := range []string{
		"Ma carte : 4111 1111 1111 1111 03/30 737, merci", "4111 1111 1111 1111. 03/30", "card 1 4111 1111 1111 1111", "1) 4111111111111111",
		"4111\n1111\n1111\n1111", "4111\r\n1111\r\n1111\r\n1111", "4111/1111/1111/1111", "4111_1111_1111_1111", "4111,1111,1111,1111", "4111, 1111, 1111, 1111",
		"4111\u202f1111\u202f1111\u202f1111", "4111\u00a01111\u00a01111\u00a01111", "4111 - 1111 - 1111 - 1111", "4111•1111•1111•1111", "4111–1111–1111–1111",
		"4111 1111 1111 1111", "４１１１１１１１１１１１１１１１", "٤١١١ ١١١١ ١١١١ ١١١١", "④①①①①①①①①①①①①①①①",
		"41\u200b11 11\u00ad11 1111 1111", "4\u20601\u206011111111111111", "4 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 0 3 3 0", "41 11 11 11 11 11 11 11, 03/30",
		"41111 11111 11111 1", "41111111 11111111", "411111 1111111111", "4111.1111.1111.1111", "41111111111111110330", "41111111111111110330737", "41111111111111110320307370",
		"card4111111111111111", "4111111111111111cvc737", "3700 000000 00002", "370000000000002 1234", "3700000000000020330", "3600 666633 3344",
		"12 4111 1111 1111 1111 737 75006", "4012888888881881 FR76 3000 6000 0112 3456 7890 189",
	} {
		if !HoldsCard(text, Typed) {
			t.Errorf("%q is kept", text)
		}
	}
	for brand, number := range cards {
		known := Brand(number) != ""
		if found := HoldsCard("paid with "+number+" yesterday", Typed); found != known {
			t.Errorf("%s: found %v, and the brand is known: %v", brand, found, known)
		}
	}
}

func TestWhatAMachineNamedIsRefusedOnlyWhenItIsACardByItself(t *testing.T) {
	for text, want := range map[string]bool{
		"4000020000000000": true, "card-4000020000000000": true, "A-4111 1111 1111 1111": true, "4000\u00a00200\u00a00000\u00a00000": true, "4000/0200/0000/0000": true,
		"4111-1111-1111-1111": true, "3700.000000.00002": true, "order:4111111111111111:1": true, "４１１１１１１１１１１１１１１１": true, "4111111111111111@example.org": true,
		"CMD4111111111111111": false, "4111111111111111a": false, "4111-1111-1111-1111-1111": false, "4111 1111/1111 1111": false,
		"+4915123456789": false, "4111111111111111737": false, "20261120-000042": false, "4006381333931": false, "9f8e4111111111111111a7d2": false,
		"550e8400-e29b-41d4-a716-446655440000": false, "Mozilla/5.0 (X11; Linux x86_64) Chrome/120.0.0.0 Safari/537.36": false, "404-1234567-1234567": false,
	} {
		if got := HoldsCard(text, Named); got != want {
			t.Errorf("%q: %v", text, got)
		}
	}
}

func TestWhatLooksLikeACardAndIsNoneIsLeftAlone(t *testing.T) {
	for _, text := range []string{
		"", "4111 1111 1111 1112", "FR76 3000 6000 0112 3456 7890 189", "fr7630006000011234567890189", "Mon IBAN est DE89 3704 0044 0532 0130 00, merci",
		"order 12345678901234567890123", "call 06 12 34 56 78", "06 12 34 56 78 / 06 98 76 54 32", "+49 1512 3456789", "0049 1512 3456789", "9999 9999 9999 9995",
		"SIRET 362 521 879 00034", "SIRET 36252187900034", "le 20/11/2026 à 18:05, 129,90 EUR", "EAN 4006381333931", "IMEI 352099001761481", "1Z 999 AA1 01 2345 6784",
		"carte XXXX XXXX XXXX 1111", "411111 et 1111", "pay_06gzj3rd9q9f65c8qdske91gvr", "2023, 2024, 2025, 2026", strings.Repeat("9", 5000),
	} {
		for _, as := range []Reading{Typed, Named, Printed} {
			if HoldsCard(text, as) {
				t.Errorf("%q is taken for a card as %d", text, as)
			}
		}
	}
}

// maker makes something with digits that is no card.
type maker func(r *rand.Rand) string

func figures(r *rand.Rand, n int) string {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte('0' + r.IntN(10))
	}
	return string(b)
}

// withCheck appends the check digit of ISO/IEC 7812-1.
func withCheck(digits string) string {
	for d := range 10 {
		if all := digits + fmt.Sprint(d); Luhn(all) {
			return all
		}
	}
	return ""
}

// iban makes a country's from its own part.
func iban(country, own string) string {
	for check := range 98 {
		if all := fmt.Sprintf("%s%02d%s", country, check, own); check > 1 && remainder([]byte(all)) == 1 {
			return all
		}
	}
	return ""
}

// inGroups sets a gap after every n signs.
func inGroups(s string, n int) string {
	var out []string
	for ; len(s) > n; s = s[n:] {
		out = append(out, s[:n])
	}
	return strings.Join(append(out, s), " ")
}

// siret is a company's number and its establishment's.
func siret(r *rand.Rand) string {
	return withCheck(withCheck(fmt.Sprint(3+r.IntN(7))+figures(r, 7)) + "000" + figures(r, 1))
}

func hexadecimal(r *rand.Rand, n int) string {
	b := make([]byte, n)
	for i := range b {
		b[i] = "0123456789abcdef"[r.IntN(16)]
	}
	return string(b)
}

// harmless are what orders and letters hold, each with how many of ten thousand may be taken for a card when typed
// and when named.
var harmless = []struct {
	name         string
	make         maker
	typed, named int
}{
	{"French IBAN", func(r *rand.Rand) string { return iban("FR", figures(r, 23)) }, 0, 0},
	{"French IBAN in groups", func(r *rand.Rand) string { return inGroups(iban("FR", figures(r, 23)), 4) }, 0, 0},
	{"German IBAN in groups", func(r *rand.Rand) string { return inGroups(iban("DE", figures(r, 18)), 4) }, 0, 0},
	{"French account in groups", func(r *rand.Rand) string {
		return figures(r, 5) + " " + figures(r, 5) + " " + figures(r, 11) + " " + figures(r, 2)
	}, 0, 0},
	{"SIRET", siret, 0, 0},
	{"SIRET in groups", func(r *rand.Rand) string {
		s := siret(r)
		return s[:3] + " " + s[3:6] + " " + s[6:9] + " " + s[9:]
	}, 0, 0},
	{"French telephone", func(r *rand.Rand) string { return inGroups("0"+figures(r, 9), 2) }, 0, 0},
	{"two French telephones", func(r *rand.Rand) string {
		return inGroups("0"+figures(r, 9), 2) + " / " + inGroups("0"+figures(r, 9), 2)
	}, 0, 0},
	{"German telephone", func(r *rand.Rand) string { return "+49 15" + figures(r, 2) + " " + figures(r, 7) }, 0, 0},
	{"time and amount", func(r *rand.Rand) string {
		return fmt.Sprintf("%02d/%02d/2026 %02d:%02d:%02d %d,%02d", 1+r.IntN(28), 1+r.IntN(12), r.IntN(24), r.IntN(60), r.IntN(60), r.IntN(2000), r.IntN(100))
	}, 5, 0},
	{"parcel of thirteen digits and letters", func(r *rand.Rand) string { return "6A" + figures(r, 11) }, 0, 0},
	{"parcel of fourteen digits", func(r *rand.Rand) string { return figures(r, 14) }, 100, 80},
	{"parcel of twenty-two digits", func(r *rand.Rand) string { return "9" + figures(r, 21) }, 0, 0},
	{"German article (EAN-13)", func(r *rand.Rand) string {
		for code := "40" + figures(r, 10); ; code = "40" + figures(r, 10) {
			for d := range 10 {
				if all := code + fmt.Sprint(d); isEAN(all) {
					return all
				}
			}
		}
	}, 0, 0},
	{"UUID", func(r *rand.Rand) string {
		h := hexadecimal(r, 32)
		return h[:8] + "-" + h[8:12] + "-4" + h[13:16] + "-a" + h[17:20] + "-" + h[20:]
	}, 5, 0},
	{"SHA-256", func(r *rand.Rand) string { return hexadecimal(r, 64) }, 20, 0},
	{"reference of sixteen digits", func(r *rand.Rand) string { return figures(r, 16) }, 300, 300},
	{"reference of a day and eight digits", func(r *rand.Rand) string { return "202611" + fmt.Sprint(10+r.IntN(20)) + figures(r, 8) }, 0, 0},
	{"reference of letters and sixteen digits", func(r *rand.Rand) string { return "CMD" + figures(r, 16) }, 300, 0},
}

func TestHowOftenSomethingElseIsTakenForACard(t *testing.T) {
	const tries = 10_000
	r := rand.New(rand.NewPCG(11, 20))
	for _, h := range harmless {
		typed, named, shown := 0, 0, 0
		for range tries {
			text := h.make(r)
			for as, n := range map[Reading]*int{Typed: &typed, Named: &named, Printed: &shown} {
				if HoldsCard(text, as) {
					*n++
				}
			}
		}
		t.Logf("%-40s of %d: typed %4d, named %4d, printed %4d", h.name, tries, typed, named, shown)
		if typed > h.typed || named > h.named {
			t.Errorf("%s: %d typed and %d named of %d are taken for cards, at most %d and %d should be", h.name, typed, named, tries, h.typed, h.named)
		}
	}
}

func TestRandomReferencesInDocumentsAreSeldomTakenForCards(t *testing.T) {
	const tries = 20_000
	r := rand.New(rand.NewPCG(5, 6))
	taken := map[int]int{}
	for _, n := range []int{9, 11, 13, 14, 15, 16, 17, 18, 20, 23} {
		for range tries {
			if HoldsCard("REF "+figures(r, n)+" DU 12/05", Printed) {
				taken[n]++
			}
		}
	}
	t.Logf("of %d random references of so many digits, taken for a card: %v", tries, taken)
	for n, c := range taken {
		if n != 14 && n != 15 && n != 16 || c > tries*3/100 {
			t.Errorf("%d references of %d digits are taken for cards", c, n)
		}
	}
}

func FuzzHoldsCardComesToAnEnd(f *testing.F) {
	f.Add("4111 1111 1111 1111")
	f.Add("FR76 ４１１１")
	f.Fuzz(func(t *testing.T, text string) {
		if named := HoldsCard(text, Named); named && !HoldsCard(text, Typed) && !strings.Contains(text, "+") {
			t.Errorf("%q is found where little is looked for, and not where much is", text)
		}
	})
}

func BenchmarkHoldsCard(b *testing.B) {
	for name, text := range map[string]string{"a name": "Jean Dupont", "a UUID": "550e8400-e29b-41d4-a716-446655440000", "a page of digits": strings.Repeat("4111 1112 ", 200)} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				HoldsCard(text, Named)
			}
		})
	}
}
