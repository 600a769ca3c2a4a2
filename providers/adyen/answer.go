package adyen

import (
	"fmt"
	"strings"
	"time"

	"octroi/providers"
)

// The days after which Adyen itself lets an uncaptured authorisation expire (adyen.help, article 115001179684).
const (
	expiryDays                = 28
	expiryDaysCartesBancaires = 12
)

// asked is what an answer is read against.
type asked struct {
	payment string // our reference of the payment
	amount  providers.Amount
	method  providers.Method
	card    providers.Card // as the checkout sent it; empty for what comes later than the request
	// named: the answer must name the payment before it settles anything, because what the buyer's browser brought to
	// ask for it may belong to another payment.
	named bool
}

// readPayment turns the answer to POST /payments or /payments/details into a Result, or into an error that says what
// is known.
func (a *Adyen) readPayment(operation string, ex *exchange, q asked) (providers.Result, error) {
	o, ok := decode(ex.body)
	if ex.status >= 300 {
		if r, refused := a.refusedDetails(ex, o); refused {
			return r, nil
		}
		return providers.Result{}, failure(operation, ex)
	}
	unknown := func(detail string) error {
		return &providers.Error{Operation: operation, Doubt: providers.OutcomeUnknown, Detail: detail}
	}
	if !ok || o.text("resultCode") == "" {
		return providers.Result{}, unknown(fmt.Sprintf("HTTP %d without a readable result", ex.status))
	}
	reference := o.text("merchantReference")
	if reference != "" && reference != q.payment {
		return providers.Result{}, unknown("the answer is that of another payment")
	}
	r := a.result(o, q)
	if final := r.Status != providers.StatusActionRequired && r.Status != providers.StatusPending; q.named && reference == "" && final {
		return providers.Result{}, unknown("the answer does not say which payment it is about")
	}
	return r, nil
}

// result reads a whole PaymentResponse.
func (a *Adyen) result(o object, q asked) providers.Result {
	data, authentication := o.object("additionalData"), o.object("threeDS2Result")
	r := describe(data, q.card)
	r.Reference, r.Alias = plain(o.text("pspReference"), 64), alias(data)
	if brand := brandWord(o.object("paymentMethod").text("brand")); brand != "" {
		r.Brand = brand
	}
	r.ThreeDS, r.Exemption = threeDS(data, authentication), exemption(data, authentication)
	a.countChecks(data)
	code := o.text("resultCode")
	r.Status = statuses[code] // the zero value is set right below
	switch r.Status {
	case providers.StatusAuthorised:
		a.authorised(&r, o, code, q)
	case providers.StatusRefused, providers.StatusCancelled:
		e := evidence{result: code, reason: o.text("refusalReason"), reasonCode: o.text("refusalReasonCode"),
			raw: data.text("refusalReasonRaw"), advice: data.text("merchantAdviceCode"), brand: r.Brand,
			expiry: typedExpiry(q.card, data), now: a.clock()}
		r.Refusal = e.refusal()
		a.countEvidence(e)
	case providers.StatusActionRequired:
		if r.Action = readAction(o.object("action"), code, a.plain); r.Action == nil {
			r.Status = providers.StatusUnknown
			a.unknown(fieldAction, o.object("action").text("type"))
		}
	case providers.StatusPending:
	default:
		r.Status = providers.StatusUnknown
		a.unknown(fieldResult, code)
	}
	return r
}

// authorised fills in what an approval carries. Without a reference it could neither be captured nor cancelled; a
// partial approval without an amount, or any with an amount that cannot be read, could be of anything: all are unknown.
func (a *Adyen) authorised(r *providers.Result, o object, code string, q asked) {
	data := o.object("additionalData")
	amount, said := toAmount(data.text("authorisedAmountValue"), data.text("authorisedAmountCurrency"))
	if !said {
		amount, said = o.amount("amount")
	}
	garbled := !said && (o.has("amount") || data.has("authorisedAmountValue"))
	if r.Reference == "" || garbled || !said && code == "PartiallyAuthorised" {
		r.Status = providers.StatusUnknown
		return
	}
	if r.Authorised = amount; !said {
		r.Authorised = q.amount
	}
	r.UnderReview = underReview(data)
	if r.Captured = takesAtOnce(q.method); !r.Captured {
		r.ExpiresAt = lapses(a.clock(), r.Brand)
	}
}

// underReview tells whether the payment waits for Adyen's own analysts: by its own flag, or by the colour of its risk
// result.
func underReview(data object) bool {
	return strings.EqualFold(data.text("fraudManualReview"), "true") || strings.EqualFold(data.text("fraudResultType"), "AMBER")
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
