package providers

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"
)

func TestAmountsAreWrittenInTheirCurrencysUnits(t *testing.T) {
	for want, a := range map[string]Amount{
		"129.90 EUR": {12990, "EUR"}, "0.05 EUR": {5, "EUR"}, "-0.05 EUR": {-5, "EUR"}, "1500 JPY": {1500, "JPY"}, "1.234 KWD": {1234, "KWD"},
		"0.00 USD": {0, "USD"}, "7 XTS": {7, "XTS"}, "7 eur": {7, "eur"},
		"-92233720368547758.08 EUR": {math.MinInt64, "EUR"}, "92233720368547758.07 EUR": {math.MaxInt64, "EUR"},
	} {
		if got := a.String(); got != want {
			t.Errorf("%d %s is written %s, want %s", a.Value, a.Currency, got, want)
		}
	}
}

func TestExponentsAreThoseOfISO4217(t *testing.T) {
	for want, codes := range map[int]string{0: "JPY KRW CLP XOF XPF VND ISK", 2: "EUR USD GBP CHF PLN MGA MRU ZWG AED", 3: "BHD IQD JOD KWD LYD OMR TND"} {
		for code := range strings.FieldsSeq(codes) {
			if got, ok := Exponent(code); !ok || got != want {
				t.Errorf("%s: %d, %v", code, got, ok)
			}
		}
	}
	for _, code := range []string{"", "EU", "EURO", "eur", "XTS", "XAU", "UR ", " EU", "R F", "\x00\x00\x00", "ÉU"} {
		if _, ok := Exponent(code); ok {
			t.Errorf("%q is taken for a currency", code)
		}
	}
}

func TestEveryCurrencyIsListedOnce(t *testing.T) {
	seen := map[string]int{}
	for exp, codes := range exponents {
		for code := range strings.FieldsSeq(codes) {
			if other, twice := seen[code]; twice || len(code) != 3 {
				t.Errorf("%s is listed under %d and %d", code, other, exp)
			}
			seen[code] = exp
		}
	}
	if len(seen) < 150 {
		t.Errorf("%d currencies", len(seen))
	}
}

// The numbers are documented test cards of Adyen's.
func TestBrandsAreToldByTheirRanges(t *testing.T) {
	for number, want := range map[string]string{
		"4111111111111111": "visa", "4917610000000000": "visa", "5555444433331111": "mc", "2222400070000005": "mc", "2720990000000000": "mc",
		"370000000000002": "amex", "341": "amex", "36006666333344": "diners", "3000": "diners", "3059": "diners", "38": "diners",
		"6011601160116611": "discover", "6445644564456445": "discover", "65": "discover", "3569990010095841": "jcb", "3528": "jcb",
		"6759": "maestro", "50": "maestro", "62": "cup", "": "", "9": "", "2221": "mc", "2220": "", "2721": "", "306": "", "3527": "", "3590": "", "4": "visa", "x": "", "5x": "",
	} {
		if got := Brand(number); got != want {
			t.Errorf("%q: %q, want %q", number, got, want)
		}
	}
}

func TestLuhnFindsWrongDigitsAndSwaps(t *testing.T) {
	for _, number := range []string{"4111111111111111", "5555444433331111", "370000000000002", "36006666333344", "0"} {
		if !Luhn(number) {
			t.Errorf("%s fails", number)
		}
		for i := range len(number) {
			if wrong := number[:i] + string('0'+(number[i]-'0'+1)%10) + number[i+1:]; Luhn(wrong) {
				t.Errorf("%s passes", wrong)
			}
		}
	}
	for _, number := range []string{"", "4111 1111 1111 1111", "411111111111111a", "٤١١١", "-4", "1411111111111111"} {
		if Luhn(number) {
			t.Errorf("%q passes", number)
		}
	}
}

func TestErrorsSayWhatIsKnown(t *testing.T) {
	e := &Error{Operation: "capture", Doubt: Rejected, Code: "167", Detail: "no such payment", Err: context.Canceled}
	if got := e.Error(); got != "provider capture: rejected (code 167): no such payment" {
		t.Error(got)
	}
	if got := (&Error{Operation: "refund"}).Error(); got != "provider refund: unknown" {
		t.Error(got)
	}
	if wrapped := fmt.Errorf("flow: %w", e); DoubtOf(wrapped) != Rejected || !errors.Is(wrapped, context.Canceled) {
		t.Error("the doubt or the cause is lost in wrapping")
	}
	if DoubtOf(errors.New("anything")) != OutcomeUnknown || DoubtOf(nil) != OutcomeUnknown {
		t.Error("an error of another kind must be taken for unknown")
	}
	for d, want := range map[Doubt]string{OutcomeUnknown: "unknown", NotDone: "not_done", Rejected: "rejected", 99: "unknown"} {
		if d.String() != want {
			t.Errorf("%d is %s", d, d)
		}
	}
}

func TestRefusalCodesAreThePublishedOnes(t *testing.T) {
	want := "expiry_incorrect card_expired insufficient_funds issuer_blocked cvc_incorrect number_incorrect limit_exceeded authentication_required authentication_failed not_permitted issuer_unavailable suspected_fraud refused"
	if got := strings.Trim(fmt.Sprint(RefusalCodes()), "[]"); got != want {
		t.Errorf("got %s", got)
	}
}

func TestCardKnowsWhetherItIsEncrypted(t *testing.T) {
	if (Card{Number: pan}).Encrypted() || !(Card{EncryptedNumber: "x"}).Encrypted() {
		t.Error("Encrypted is wrong")
	}
}
