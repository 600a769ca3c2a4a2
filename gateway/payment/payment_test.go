package payment_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"octroi/gateway/payment"
	"octroi/providers"
)

var now = time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)

// clear is a shop that may send card numbers in the clear.
var clear = payment.Accepts{Means: []payment.Means{payment.MeansCard}, ClearCards: true}

// good is a request without a mistake; tests spoil one field at a time.
func good() payment.Request {
	home := payment.Address{Lines: []string{"12 bd Saint-Michel"}, PostalCode: "75006", City: "Paris", Country: "FR"}
	return payment.Request{
		Order: payment.Order{Reference: "A-1001", Items: []payment.Item{{SKU: "DDR4-16", Quantity: 2, UnitAmount: 6495}},
			Delivery: payment.Delivery{Method: "home", Recipient: "Jean Dupont", Address: home}},
		Amount: providers.Amount{Value: 12990, Currency: "EUR"},
		Method: payment.Method{Type: "card", Number: "4111111111111111", ExpiryMonth: "03", ExpiryYear: "2030", CVC: "737",
			HolderName: "Jean Dupont"},
		Billing: payment.Party{Name: "Jean Dupont", Address: home},
		Buyer:   payment.Buyer{ID: "cust_42", Email: "jean@example.org", IP: "203.0.113.7", Locale: "fr-FR"},
	}
}

func TestAGoodRequestHasNothingWrong(t *testing.T) {
	if errs := good().Check(now, clear); len(errs) != 0 {
		t.Fatalf("a good request: %v", errs)
	}
}

func TestEachMistakeIsNamedByItsPointer(t *testing.T) {
	for _, c := range []struct {
		spoil           func(*payment.Request)
		pointer, detail string
	}{
		{func(r *payment.Request) { r.Order.Reference = "" }, "/order/reference", "is required"},
		{func(r *payment.Request) { r.Order.Reference = "A\x00" }, "/order/reference", "control characters"},
		{func(r *payment.Request) { r.Order.Reference = strings.Repeat("A", 81) }, "/order/reference", "at most 80 bytes"},
		{func(r *payment.Request) { r.Order.Reference = "\xff" }, "/order/reference", "UTF-8"},
		{func(r *payment.Request) { r.Order.Reference = "A-4111 1111 1111 1111" }, "/order/reference", "card number"},
		{func(r *payment.Request) { r.Metadata = map[string]string{"note": "4111-1111-1111-1111"} }, "/metadata/note", "card number"},
		{func(r *payment.Request) { r.Billing.Address.Lines[0] = "4111111111111111" }, "/billing/address/lines/0", "card number"},
		{func(r *payment.Request) { r.Buyer.Email = "4111111111111111@example.org" }, "/buyer/email", "card number"},
		{func(r *payment.Request) { r.Amount.Value = -1 }, "/amount/value", "between 1 and"},
		{func(r *payment.Request) { r.Amount.Value = providers.MaxAmount + 1 }, "/amount/value", "between 1 and"},
		{func(r *payment.Request) { r.Amount.Currency = "EUX" }, "/amount/currency", "ISO 4217"},
		{func(r *payment.Request) { r.Amount.Currency = "eur" }, "/amount/currency", "ISO 4217"},
		{func(r *payment.Request) { r.Order.Items[0].Quantity = 0 }, "/order/items/0/quantity", "between 1"},
		{func(r *payment.Request) { r.Order.Items[0].UnitAmount = -5 }, "/order/items/0/unit_amount", "between 0"},
		{func(r *payment.Request) { r.Order.Delivery.Method = "drone" }, "/order/delivery/method", "must be one of"},
		{func(r *payment.Request) { r.Billing.Address.Country = "France" }, "/billing/address/country", "alpha-2"},
		{func(r *payment.Request) { r.Billing.Address.Lines = make([]string, 6) }, "/billing/address/lines", "at most 5"},
		{func(r *payment.Request) { r.Buyer.Email = "" }, "/buyer/email", "is required"},
		{func(r *payment.Request) { r.Buyer.Email = "Jean <jean@example.org>" }, "/buyer/email", "e-mail address"},
		{func(r *payment.Request) { r.Buyer.IP = "300.1.1.1" }, "/buyer/ip", "IPv4 or IPv6"},
		{func(r *payment.Request) { r.Buyer.AccountCreatedAt = now.Add(48 * time.Hour) }, "/buyer/account_created_at", "future"},
		{func(r *payment.Request) { r.Capture = "later" }, "/capture", "automatic or manual"},
		{func(r *payment.Request) { r.ReturnURL = "javascript:alert(1)" }, "/return_url", "http"},
		{func(r *payment.Request) { r.Method.Type = "cash" }, "/payment_method/type", "must be one that this shop takes: card"},
		{func(r *payment.Request) { r.Method.Number = "4111111111111112" }, "/payment_method/number", "check digit"},
		{func(r *payment.Request) { r.Method.Number = "4111 1111" }, "/payment_method/number", "12 to 19 digits"},
		{func(r *payment.Request) { r.Method.ExpiryMonth = "13" }, "/payment_method/expiry_month", "01 to 12"},
		{func(r *payment.Request) { r.Method.ExpiryYear = "30" }, "/payment_method/expiry_year", "four digits"},
		{func(r *payment.Request) { r.Method.ExpiryYear, r.Method.ExpiryMonth = "2026", "10" }, "/payment_method/expiry_year", "the card expired in 10/2026"},
		{func(r *payment.Request) { r.Method.CVC = "12" }, "/payment_method/cvc", "3 digits"},
		{func(r *payment.Request) { r.Method.EncryptedNumber = "adyenjs_0_1_25$x" }, "/payment_method", "not both"},
		{func(r *payment.Request) { r.Method = payment.Method{Type: "card"} }, "/payment_method", "must hold either"},
		{func(r *payment.Request) { r.Metadata = map[string]string{"a/b": "\x07"} }, "/metadata/a~1b", "control characters"},
	} {
		r := good()
		c.spoil(&r)
		errs := r.Check(now, clear)
		if !slices.ContainsFunc(errs, func(e payment.FieldError) bool {
			return e.Pointer == c.pointer && strings.Contains(e.Detail, c.detail)
		}) {
			t.Errorf("want %s %q, got %v", c.pointer, c.detail, errs)
		}
	}
}

func TestClearCardNumbersNeedTheShopsLeave(t *testing.T) {
	errs := good().Check(now, payment.Accepts{Means: clear.Means})
	if len(errs) != 1 || errs[0].Pointer != "/payment_method/number" {
		t.Fatalf("clear number without leave: %v", errs)
	}
}

func TestACardIsGoodToTheEndOfItsMonth(t *testing.T) {
	r := good()
	r.Method.ExpiryMonth, r.Method.ExpiryYear = "11", "2026"
	for at, want := range map[time.Time]int{
		time.Date(2026, 11, 30, 23, 59, 0, 0, time.UTC): 0,
		time.Date(2026, 12, 1, 23, 0, 0, 0, time.UTC):   0, // still November somewhere
		time.Date(2026, 12, 2, 0, 0, 0, 0, time.UTC):    1,
	} {
		if got := len(r.Check(at, clear)); got != want {
			t.Errorf("at %v: %d mistakes, want %d", at, got, want)
		}
	}
}

func TestNoErrorRepeatsACardNumber(t *testing.T) {
	r := good()
	r.Method.Number, r.Method.CVC = "4111111111111112", "73"
	errs := r.Check(now, clear)
	out := fmt.Sprintf("%v %+v", errs, r) + payment.Invalid(errs...).Error()
	if strings.Contains(out, "411111111111") || strings.Contains(out, "737") {
		t.Fatalf("a card number was printed: %s", out)
	}
}

func TestWhatIsKeptOfARequestHoldsNoCard(t *testing.T) {
	b, err := json.Marshal(good().Detail())
	if err != nil {
		t.Fatal(err)
	}
	for _, secret := range []string{"4111", "737", "2030"} {
		if bytes.Contains(b, []byte(secret)) {
			t.Errorf("the kept detail holds %q: %s", secret, b)
		}
	}
}

func TestAssessmentFingerprintMustNotBeACardNumber(t *testing.T) {
	r := payment.AssessmentRequest{Order: payment.Order{Reference: "A"}, Amount: providers.Amount{Value: 1, Currency: "EUR"},
		Buyer: payment.Buyer{Email: "a@example.org"}, Card: payment.AssessmentCard{Fingerprint: "4111 1111-1111 1111"}}
	errs := r.Check(now)
	if len(errs) != 1 || errs[0].Pointer != "/card/fingerprint" {
		t.Fatalf("got %v", errs)
	}
}

func TestCardNumbersAreFoundInFreeText(t *testing.T) {
	for text, want := range map[string]bool{
		"my card is 4111 1111 1111 1111, code 737": true, "4111-1111-1111-1111": true, "5555.4444.3333.1111": true,
		"370000000000002 ": true, "4111 1111 1111 1112": false, "FR76 3000 6000 0112 3456 7890 189": false,
		"order 12345678901234567890123": false, "call 06 12 34 56 78": false, "": false, "9999 9999 9999 9995": false,
	} {
		if got := payment.HoldsCard(text); got != want {
			t.Errorf("%q: %v", text, got)
		}
	}
}

func TestEveryStatusIsInTheTableAndReachable(t *testing.T) {
	reached := map[payment.Status]bool{payment.Pending: true}
	queue := []payment.Status{payment.Pending}
	for len(queue) > 0 {
		s := queue[0]
		queue = queue[1:]
		if !s.Valid() {
			t.Fatalf("%s has no row", s)
		}
		for _, n := range payment.Statuses() {
			if s.MayBecome(n) && !reached[n] {
				reached[n], queue = true, append(queue, n)
			}
		}
	}
	for _, s := range payment.Statuses() {
		if !reached[s] {
			t.Errorf("%s is never reached", s)
		}
		if s.MayBecome(s) {
			t.Errorf("%s follows itself", s)
		}
	}
	if payment.Status("paid").Valid() {
		t.Error("an unknown status is valid")
	}
}

func TestADeadPaymentNeverComesBackToLifeExceptByLateMoney(t *testing.T) {
	for _, s := range payment.Statuses() {
		for _, n := range payment.Statuses() {
			if !s.Live() && s.MayBecome(n) && (s != payment.Expired || !slices.Contains([]payment.Status{payment.Captured, payment.PartiallyCaptured, payment.Held}, n)) {
				t.Errorf("%s may become %s", s, n)
			}
		}
	}
}

func TestIDsSortByTimeAndDiffer(t *testing.T) {
	rand := bytes.NewReader(slices.Repeat([]byte{0xff, 0, 0x55, 9}, 10))
	a, err := payment.NewID(payment.PrefixPayment, now, rand)
	if err != nil {
		t.Fatal(err)
	}
	b, err := payment.NewID(payment.PrefixPayment, now.Add(time.Millisecond), rand)
	if err != nil {
		t.Fatal(err)
	}
	if a >= b || len(a) != 4+26 {
		t.Errorf("%s then %s", a, b)
	}
	if _, err := payment.NewID("x_", now, bytes.NewReader(nil)); err == nil {
		t.Error("an id without randomness")
	}
}

func TestFingerprintsDependOnKeyAndNumberOnly(t *testing.T) {
	key := bytes.Repeat([]byte{1}, 32)
	a := payment.Fingerprint("k1", key, "4111111111111111")
	if a != payment.Fingerprint("k1", key, "4111111111111111") || !strings.HasPrefix(a, "k1:") {
		t.Errorf("not stable: %s", a)
	}
	if a == payment.Fingerprint("k1", key, "5555444433331111") || a == payment.Fingerprint("k1", bytes.Repeat([]byte{2}, 32), "4111111111111111") {
		t.Error("two cards or keys share a fingerprint")
	}
	if payment.Fingerprint("k1", key, "") != "" {
		t.Error("no number has a fingerprint")
	}
}

func TestFraudIsNeverExplainedToBuyers(t *testing.T) {
	typed := payment.Typed{Brand: "visa", Last4: "1111", ExpiryMonth: "03", ExpiryYear: "2030"}
	for _, lang := range []string{payment.English, payment.French} {
		neutral := payment.BuyerMessage(providers.SuspectedFraud, lang, true, typed)
		for _, code := range providers.RefusalCodes() {
			if got := payment.BuyerMessage(code, lang, false, typed); got != neutral {
				t.Errorf("%s unexplained in %s: %s", code, lang, got)
			}
			got := payment.BuyerMessage(code, lang, true, typed)
			if strings.ContainsAny(got, "{}[]") || got == "" {
				t.Errorf("%s in %s: %q", code, lang, got)
			}
		}
	}
}

func TestAnExpiryRefusalRepeatsTheDateAsTyped(t *testing.T) {
	typed := payment.Typed{Brand: "visa", Last4: "1111", ExpiryMonth: "03", ExpiryYear: "2030"}
	fr := payment.BuyerMessage(providers.ExpiryIncorrect, payment.French, true, typed)
	want := "Votre banque indique que la date d’expiration de votre carte Visa se terminant par 1111 n’est pas la bonne. Vous avez saisi 03/2030. Vérifiez la date sur la carte et réessayez. Rien n’a été prélevé."
	if fr != want {
		t.Errorf("got  %s\nwant %s", fr, want)
	}
	en := payment.BuyerMessage(providers.CardExpired, payment.English, true, typed)
	if en != "Your Visa card ending in 1111 has expired (03/2030). Please use another card. You have not been charged." {
		t.Errorf("got %s", en)
	}
	typed.ExpiryMonth, typed.ExpiryYear = "", ""
	if en = payment.BuyerMessage(providers.CardExpired, payment.English, true, typed); en != "Your Visa card ending in 1111 has expired. Please use another card. You have not been charged." {
		t.Errorf("without the date: %s", en)
	}
	if fr = payment.BuyerMessage(providers.ExpiryIncorrect, payment.French, true, typed); strings.Contains(fr, "saisi") || !strings.Contains(fr, "n’est pas la bonne. Vérifiez") {
		t.Errorf("without the date: %s", fr)
	}
}

func TestLanguageOfALocale(t *testing.T) {
	for locale, want := range map[string]string{"fr-FR": "fr", "FR": "fr", "fr_CA": "fr", "": "fr", "en-GB": "en", "de-DE": "en", "frr": "en"} {
		if got := payment.Language(locale); got != want {
			t.Errorf("%q: %s, want %s", locale, got, want)
		}
	}
}

func TestSumsCountWhatMayYetBeDone(t *testing.T) {
	eur := func(v int64) providers.Amount { return providers.Amount{Value: v, Currency: "EUR"} }
	done, claimed := payment.Sums([]payment.Operation{
		{Type: payment.OpCapture, Status: payment.OpDone, Amount: eur(10)},
		{Type: payment.OpCapture, Status: payment.OpSent, Amount: eur(5)},
		{Type: payment.OpCapture, Status: payment.OpFailed, Amount: eur(100)},
		{Type: payment.OpRefund, Status: payment.OpDone, Amount: eur(7)},
	}, payment.OpCapture)
	if done != 10 || claimed != 15 {
		t.Errorf("done %d, claimed %d", done, claimed)
	}
}

func TestAnErrorKeepsItsCauseButTellsOnlyItsDetail(t *testing.T) {
	cause := errors.New("dial tcp")
	err := payment.Unavailable("The database", cause)
	if !errors.Is(err, cause) || payment.CodeOf(fmt.Errorf("wrapped: %w", err)) != payment.CodeUnavailable {
		t.Error("code or cause lost")
	}
	if payment.CodeOf(cause) != payment.CodeInternal {
		t.Error("a stranger is not internal")
	}
	if strings.Contains(err.Detail, "dial") {
		t.Error("the cause is in the detail")
	}
}
