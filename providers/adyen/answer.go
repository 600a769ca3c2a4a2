package adyen

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"octroi/providers"
)

// The days after which Adyen itself lets an uncaptured authorisation expire (adyen.help, article 115001179684).
const (
	expiryDays                = 28
	expiryDaysCartesBancaires = 12
)

// readPayment turns the answer to POST /payments or /payments/details into a Result, or into an error that says what
// is known.
func (a *Adyen) readPayment(operation string, ex *exchange, au providers.Authorisation) (providers.Result, error) {
	o, ok := decode(ex.body)
	if ex.status >= 300 {
		if r, refused := a.refusedDetails(ex, o); refused {
			return r, nil
		}
		return providers.Result{}, failure(operation, ex)
	}
	if !ok || o.text("resultCode") == "" {
		return providers.Result{}, &providers.Error{Operation: operation, Doubt: providers.OutcomeUnknown,
			Detail: fmt.Sprintf("HTTP %d without a readable result", ex.status)}
	}
	if ref := o.text("merchantReference"); ref != "" && ref != au.PaymentID {
		return providers.Result{}, &providers.Error{Operation: operation, Doubt: providers.OutcomeUnknown,
			Detail: "the answer is that of another payment"}
	}
	return a.result(o, au), nil
}

// result reads a whole PaymentResponse.
func (a *Adyen) result(o object, au providers.Authorisation) providers.Result {
	data := o.object("additionalData")
	r := describe(data, au.Card)
	r.Reference = plain(o.text("pspReference"), 64)
	if brand := brandWord(o.object("paymentMethod").text("brand")); brand != "" {
		r.Brand = brand
	}
	r.ThreeDS = threeDS(data, o.object("threeDS2Result"))
	code := o.text("resultCode")
	r.Status = statuses[code] // the zero value is set right below
	switch r.Status {
	case providers.StatusAuthorised:
		a.authorised(&r, o, code, au.Amount)
	case providers.StatusRefused, providers.StatusCancelled:
		e := evidence{result: code, reason: o.text("refusalReason"), reasonCode: o.text("refusalReasonCode"),
			raw: data.text("refusalReasonRaw"), advice: data.text("merchantAdviceCode"), brand: r.Brand,
			expiry: typedExpiry(au.Card, data), now: a.clock()}
		r.Refusal = e.refusal()
		if e.reasonCode != "" && e.reasonCause().code == "" {
			a.log.Warn("adyen refused with an unknown reason code", "evidence", r.Refusal.Raw)
		}
	case providers.StatusActionRequired:
		if r.Action = readAction(o.object("action"), code); r.Action == nil {
			r.Status = providers.StatusUnknown
		}
	case providers.StatusPending:
	default:
		r.Status = providers.StatusUnknown
		a.log.Warn("adyen answered with an unknown result", "result_code", bounded(code, 40))
	}
	return r
}

// authorised fills in what an approval carries. Without a reference it could neither be captured nor cancelled, and
// a partial approval without an amount could be of anything: both are unknown.
func (a *Adyen) authorised(r *providers.Result, o object, code string, asked providers.Amount) {
	data := o.object("additionalData")
	r.Authorised = asked
	partial, said := toAmount(data.text("authorisedAmountValue"), data.text("authorisedAmountCurrency"))
	if !said {
		partial, said = o.amount("amount")
	}
	if said {
		r.Authorised = partial
	}
	if r.Reference == "" || !said && code == "PartiallyAuthorised" {
		r.Status = providers.StatusUnknown
		return
	}
	r.ExpiresAt = lapses(a.clock(), r.Brand)
}

// lapses is when Adyen lets an authorisation given at t expire.
func lapses(t time.Time, brand string) time.Time {
	if strings.HasPrefix(brand, "cartebancaire") {
		return t.AddDate(0, 0, expiryDaysCartesBancaires)
	}
	return t.AddDate(0, 0, expiryDays)
}

// statuses maps Adyen's resultCode (Checkout v71). Success and the two codes of authentication alone do not say what
// became of the money, and are left to be unknown.
var statuses = map[string]providers.Status{
	"Authorised":          providers.StatusAuthorised,
	"PartiallyAuthorised": providers.StatusAuthorised,
	"Refused":             providers.StatusRefused,
	"Error":               providers.StatusRefused,
	"Cancelled":           providers.StatusCancelled,
	"RedirectShopper":     providers.StatusActionRequired,
	"IdentifyShopper":     providers.StatusActionRequired,
	"ChallengeShopper":    providers.StatusActionRequired,
	"PresentToShopper":    providers.StatusPending,
	"Pending":             providers.StatusPending,
	"Received":            providers.StatusPending,
}

// describe reads what additionalData says of the card and its checks; what it leaves out of the number comes from
// the clear number, where there is one.
func describe(data object, c providers.Card) providers.Result {
	number := c.Number.Reveal()
	r := providers.Result{
		Brand:         brandWord(data.text("paymentMethod")),
		BIN:           digits(data.text("issuerBin"), 6, 8),
		Last4:         digits(data.text("cardSummary"), 4, 4),
		IssuerCountry: country(data.text("cardIssuingCountry")),
		Funding:       funding(data.text("fundingSource")),
		AVS:           checkWord(data.text("avsResult"), avsWords),
		CVC:           checkWord(data.text("cvcResult"), cvcWords),
		ThreeDS:       threeDS(data, nil),
	}
	if r.BIN == "" {
		r.BIN = digits(data.text("cardBin"), 6, 8)
	}
	if len(number) >= 12 {
		if r.BIN == "" {
			r.BIN = digits(number[:8], 8, 8)
		}
		if r.Last4 == "" {
			r.Last4 = digits(number[len(number)-4:], 4, 4)
		}
	}
	if r.Brand == "" {
		r.Brand = providers.Brand(number)
	}
	return r
}

// digits keeps a run of digits of the given length, and nothing else: a whole number must not slip through.
func digits(s string, least, most int) string {
	if len(s) < least || len(s) > most || strings.ContainsFunc(s, func(r rune) bool { return r < '0' || r > '9' }) {
		return ""
	}
	return s
}

// brandWord keeps Adyen's name of a payment method variant ("visa", "cartebancaire", "mc_applepay").
func brandWord(s string) string {
	s = strings.ToLower(s)
	if len(s) > 40 || strings.ContainsFunc(s, func(r rune) bool { return r != '_' && (r < 'a' || r > 'z') && (r < '0' || r > '9') }) {
		return ""
	}
	return s
}

func country(s string) string {
	if len(s) != 2 || strings.ContainsFunc(s, func(r rune) bool { return r < 'A' || r > 'Z' }) {
		return ""
	}
	return s
}

// funding maps Adyen's fundingSource to the three words that matter to risk.
func funding(s string) string {
	switch s = strings.ToUpper(s); {
	case strings.HasPrefix(s, "PREPAID"):
		return "prepaid"
	case s == "DEBIT":
		return "debit"
	case s == "CREDIT", s == "CHARGE", s == "DEFERRED_DEBIT", s == "DEFFERED_DEBIT": // the last as Adyen spells it
		return "credit"
	}
	return ""
}

// checkWord maps the number that leads an avsResult or cvcResult, which may have two digits.
func checkWord(s string, words []string) string {
	if s == "" {
		return ""
	}
	lead, _, _ := strings.Cut(strings.TrimSpace(s), " ")
	if n, err := strconv.Atoi(lead); err == nil && n >= 0 && n < len(words) {
		return words[n]
	}
	return "unknown"
}

// threeDS tells how far authentication went; "" when it was not tried or nothing is said.
func threeDS(data, result object) string {
	status := data.text("threeDAuthenticatedResponse")
	if status == "" {
		status = result.text("transStatus")
	}
	switch {
	case status == "Y":
		return "authenticated"
	case status == "A":
		return "attempted"
	case status == "N", status == "R":
		return "failed"
	case data.text("threeDAuthenticated") == "true":
		return "authenticated"
	case data.text("threeDOfferedResponse") == "N":
		return "not_enrolled"
	}
	return ""
}

// readAction normalises what the buyer's browser must do; nil when it is nothing this package knows. Data holds the
// action's own text fields under their names, and the fields of a form to post under "form." and their names.
func readAction(o object, resultCode string) *providers.Action {
	act := &providers.Action{URL: o.text("url"), Data: map[string]string{}}
	switch kind := o.text("type"); {
	case kind == "redirect":
		act.Type = "redirect"
	case strings.EqualFold(kind, "threeDS2Fingerprint"), kind == "threeDS2" && o.text("subtype") == "fingerprint":
		act.Type = "threeds2_fingerprint"
	case strings.EqualFold(kind, "threeDS2Challenge"), kind == "threeDS2" && o.text("subtype") == "challenge":
		act.Type = "threeds2_challenge"
	case kind == "threeDS2" && resultCode == "IdentifyShopper":
		act.Type = "threeds2_fingerprint"
	case kind == "threeDS2" && resultCode == "ChallengeShopper":
		act.Type = "threeds2_challenge"
	default:
		return nil
	}
	if safe := strings.HasPrefix(act.URL, "https://") || strings.HasPrefix(act.URL, "http://"); !safe && (act.Type == "redirect" || act.URL != "") {
		return nil
	}
	for _, name := range []string{"method", "paymentMethodType", "paymentData", "subtype", "token", "authorisationToken"} {
		if v := o.text(name); v != "" {
			act.Data[name] = v
		}
	}
	form := o.object("data")
	for name := range form {
		act.Data["form."+name] = form.text(name)
	}
	return act
}
