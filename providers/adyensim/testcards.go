package adyensim

import "strconv"

// How the issuer of a test card takes part in 3-D Secure.
const (
	notEnrolled  = ""             // 3-D Secure cannot be done
	onRequest    = "on_request"   // challenges who asks for it with attemptAuthentication "always"; else frictionless
	redirectOnly = "redirect"     // as onRequest, without the native flow
	frictionless = "frictionless" // recognises the buyer whenever it is asked
	challenges   = "challenge"    // demands a challenge, and takes no fingerprint
	fullFlow     = "full"         // demands a challenge after the fingerprint
)

// testCard is one of Adyen's documented test cards. All expire in 03/2030 and have the code 737 (7373 for Amex).
type testCard struct {
	brand, country, funding string
	threeDS                 string
}

// testCards are from Adyen's pages of test card numbers and of testing 3-D Secure 2.
var testCards = map[string]testCard{
	"4111111111111111": {"visa", "NL", "CREDIT", notEnrolled},
	"4111111145551142": {"visa", "NL", "CREDIT", notEnrolled},
	"4988438843884305": {"visa", "ES", "CREDIT", notEnrolled},
	"4166676667666746": {"visa", "NL", "CREDIT", notEnrolled},
	"4646464646464644": {"visa", "PL", "CREDIT", notEnrolled},
	"4000620000000007": {"visa", "US", "CREDIT", notEnrolled},
	"4000060000000006": {"visa", "US", "CREDIT", notEnrolled},
	"4444333322221111": {"visa", "GB", "CREDIT", notEnrolled},
	"4000020000000000": {"visa", "US", "CREDIT", notEnrolled},
	"4400000000000008": {"visa", "US", "DEBIT", notEnrolled},
	"4977949494949497": {"visa", "FR", "CREDIT", notEnrolled},
	"4871049999999910": {"visa", "BE", "DEBIT", notEnrolled},
	"4035501000000008": {"cartebancaire", "FR", "DEBIT", notEnrolled},
	"2222400070000005": {"mc", "CA", "CREDIT", notEnrolled},
	"5555341244441115": {"mc", "NL", "CREDIT", notEnrolled},
	"5555444433331111": {"mc", "GB", "CREDIT", notEnrolled},
	"2222410740360010": {"mc", "NL", "CREDIT", notEnrolled},
	"5555555555554444": {"mc", "GB", "CREDIT", notEnrolled},
	"5136333333333335": {"mc", "FR", "CREDIT", notEnrolled},
	"5500000000000004": {"mc", "US", "DEBIT", notEnrolled},
	"370000000000002":  {"amex", "NL", "CREDIT", notEnrolled},
	"370000000100018":  {"amex", "NL", "CREDIT", notEnrolled},
	"36006666333344":   {"diners", "US", "CREDIT", notEnrolled},
	"6011601160116611": {"discover", "US", "CREDIT", notEnrolled},
	"6445644564456445": {"discover", "GB", "CREDIT", notEnrolled},
	"3569990010095841": {"jcb", "US", "CREDIT", notEnrolled},
	"6771798021000008": {"maestro", "NL", "DEBIT", notEnrolled},
	"6731012345678906": {"maestro", "GB", "DEBIT", notEnrolled},

	"4917610000000000": {"visa", "NL", "CREDIT", onRequest},
	"5454545454545454": {"mc", "GB", "CREDIT", onRequest},
	"371449635398431":  {"amex", "US", "CREDIT", onRequest},
	"4212345678901237": {"visa", "NL", "CREDIT", redirectOnly},
	"5212345678901234": {"mc", "NL", "CREDIT", redirectOnly},
	"5201281505129736": {"mc", "NL", "CREDIT", frictionless},
	"4212345678910006": {"visa", "NL", "CREDIT", challenges},
	"5000550000000029": {"maestro", "NL", "DEBIT", fullFlow},
}

// genericDecline is a number that Adyen's platform always declines without a reason.
const genericDecline = "4242424242424242"

// lookup gives what is known of a number, and whether the details typed are those of the documented test card. Any
// other number that passes its check digit is taken as it is, so that many buyers can be simulated; it is of the country and
// kind of the test cards with its first eight digits, as far as these agree.
func (c card) lookup() (testCard, bool) {
	t, known := testCards[c.number]
	if !known {
		t = testCard{brand: brandOf(c.number)}
		t.country, t.funding = issuerOf(c.number)
		return t, c.number != genericDecline
	}
	code := "737"
	if t.brand == "amex" {
		code = "7373"
	}
	month, _ := strconv.Atoi(c.month)
	return t, month == 3 && c.year == "2030" && (c.cvc == "" || c.cvc == code)
}

// issuerOf tells country and kind of a card by the test cards of its range; nothing where there are none or they differ.
func issuerOf(number string) (country, funding string) {
	first := true
	for n, t := range testCards {
		if n[:8] != number[:8] {
			continue
		}
		if !first && (t.country != country || t.funding != funding) {
			return "", ""
		}
		country, funding, first = t.country, t.funding, false
	}
	return country, funding
}
