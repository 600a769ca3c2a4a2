package payment_test

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"

	"octroi/gateway/payment"
	"octroi/providers"
)

func TestAMeansThatTheShopDoesNotTakeIsRefusedWithThoseThatItDoes(t *testing.T) {
	shop := payment.Accepts{Means: []payment.Means{payment.MeansCard, payment.MeansPayPal, payment.MeansTransfer}, ClearCards: true}
	for means, want := range map[payment.Means]bool{"card": true, "paypal": true, "bank_transfer": true, "alma": false, "cheque": false, "": false, "Card": false} {
		r := good()
		if !means.IsCard() || means == "" {
			r.Method = payment.Method{}
		}
		r.Method.Type = means
		errs := r.Check(now, shop)
		if want != (len(errs) == 0) || !want && (errs[0].Pointer != "/payment_method/type" || !strings.HasSuffix(errs[0].Detail, ": card, paypal, bank_transfer")) {
			t.Errorf("%q: %v", means, errs)
		}
	}
}

func TestOnlyACardHasCardFields(t *testing.T) {
	shop := payment.Accepts{Means: payment.AllMeans(), ClearCards: true}
	for _, means := range payment.AllMeans()[1:] {
		for name, method := range map[string]payment.Method{"number": {Number: "4111111111111111"}, "month": {ExpiryMonth: "03"}, "year": {ExpiryYear: "2030"}, "cvc": {CVC: "737"},
			"holder": {HolderName: "J"}, "encrypted": {EncryptedNumber: "x"}, "encrypted cvc": {EncryptedCVC: "x"}} {
			r := good()
			r.Method = method
			r.Method.Type = means
			if errs := r.Check(now, shop); len(errs) != 1 || errs[0].Pointer != "/payment_method" {
				t.Errorf("%s with a %s: %v", means, name, errs)
			}
		}
	}
}

func TestMeansKnowWhoCarriesThemOut(t *testing.T) {
	for means, want := range map[payment.Means]string{"": "card card=true offline=false at once=false", "card": "card card=true offline=false at once=false",
		"paypal": "paypal card=false offline=false at once=true", "alma": "alma card=false offline=false at once=true",
		"bank_transfer": " card=false offline=true at once=true", "cheque": " card=false offline=true at once=true"} {
		if got := fmt.Sprintf("%s card=%v offline=%v at once=%v", means.Provider(), means.IsCard(), means.Offline(), means.TakesAtOnce()); got != want {
			t.Errorf("%q: %s", means, got)
		}
	}
	if others := payment.Others(payment.AllMeans(), payment.MeansCard); slices.Contains(others, payment.MeansCard) || len(others) != len(payment.AllMeans())-1 {
		t.Errorf("others: %v", others)
	}
	if payment.MeansCheque.Provider() == providers.Method(payment.MeansCheque) || payment.Means("barter").Valid() {
		t.Error("a cheque goes to a provider, or barter is a means")
	}
}

// The number 794 and its check characters 44 are an example that descriptions of ISO/IEC 7064 MOD 97-10 give.
func TestTransferReferencesCarryTheirCheck(t *testing.T) {
	const id = "pay_01jabcdefghjkmnpqrstvwxyz0"
	for order, want := range map[string]string{"794": "794-44", "7 9-4": "7 9-4-44", "A-1001": "A-1001-" + checkOf("101001"), "a-1001": "a-1001-" + checkOf("101001"),
		"№ 7": "", "日本": "", "A_1": "", "--": "", "/A1": "", "A//1": ""} {
		got := payment.TransferReference(order, id)
		if want == "" {
			if !strings.HasPrefix(got, "NPQRSTVWXYZ0-") {
				t.Errorf("%q: %q, want the end of the id", order, got)
			}
			continue
		}
		if got != want {
			t.Errorf("%q: %q, want %q", order, got, want)
		}
	}
}

// checkOf is the check worked out anew: the one pair of digits that leaves 1 modulo 97.
func checkOf(digits string) string {
	for n := range 100 {
		rest := 0
		for _, r := range digits + fmt.Sprintf("%02d", n) {
			rest = (rest*10 + int(r-'0')) % 97
		}
		if rest == 1 && n > 1 {
			return fmt.Sprintf("%02d", n)
		}
	}
	return "none"
}

func TestTheCheckFindsAWrongDigitALetterAndASwapOfDigits(t *testing.T) {
	const id = "pay_01jabcdefghjkmnpqrstvwxyz0"
	check := func(order string) string { s := payment.TransferReference(order, id); return s[len(s)-2:] }
	const order = "SHOP20261104711"
	for i := range len(order) {
		alike := "0123456789"
		if order[i] > '9' {
			alike = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
		}
		for _, r := range alike {
			if wrong := order[:i] + string(r) + order[i+1:]; wrong != order && check(wrong) == check(order) {
				t.Errorf("%s passes for %s", wrong, order)
			}
		}
		if i > 0 && order[i] != order[i-1] && order[i] <= '9' && order[i-1] <= '9' {
			if swapped := order[:i-1] + string(order[i]) + string(order[i-1]) + order[i+1:]; check(swapped) == check(order) {
				t.Errorf("%s passes for %s", swapped, order)
			}
		}
	}
	if _, err := strconv.Atoi(check(order)); err != nil {
		t.Errorf("the check is %q", check(order))
	}
}

// The IBANs are the examples of the registry that SWIFT publishes (ISO 13616).
func TestIBANsAndBICsAreHeldToTheirForm(t *testing.T) {
	for iban, want := range map[string]bool{"FR1420041010050500013M02606": true, "FR14 2004 1010 0505 0001 3M02 606": true, "DE89370400440532013000": true, "BE68539007547034": true,
		"FR1420041010050500013M02607": false, "FR1520041010050500013M02606": false, "fr1420041010050500013m02606": false, "FR14": false, "": false, "14FR20041010050500013M02606": false,
		"FR14200410100505É0013M02606": false, strings.Repeat("FR14", 10): false} {
		if payment.ValidIBAN(iban) != want {
			t.Errorf("IBAN %q: %v", iban, !want)
		}
	}
	for bic, want := range map[string]bool{"EXMPFRP1XXX": true, "DEUTDEFF": true, "DEUTDEFF500": true, "DEUTXXFF": false, "DEUT": false, "deutdeff": false, "DEUTDEFF5": false, "D1UTDEFF": false, "": false} {
		if payment.ValidBIC(bic) != want {
			t.Errorf("BIC %q: %v", bic, !want)
		}
	}
}
