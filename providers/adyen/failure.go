package adyen

import (
	"fmt"
	"strings"

	"octroi/providers"
)

// detailCodes are the API errors about the card itself: to the buyer they are refusals (Adyen's page on API error
// codes). Adyen has no refusal reason for a wrong expiry date; these are its clearest word for it.
var detailCodes = map[string]providers.RefusalCode{
	"101": providers.NumberIncorrect,
	"103": providers.CVCIncorrect,
	"129": providers.ExpiryIncorrect,
	"140": providers.ExpiryIncorrect,
	"141": providers.ExpiryIncorrect,
	"153": providers.CVCIncorrect,
}

// doubtful are the API errors that do not say whether the payment was carried out: unknown, cannot process,
// already being processed (704), internal.
var doubtful = map[string]bool{"": true, "0": true, "000": true, "701": true, "704": true, "903": true, "904": true}

// refusedDetails reads an error about the card's details as the refusal it is.
func (a *Adyen) refusedDetails(ex *exchange, o object) (providers.Result, bool) {
	number := o.text("errorCode")
	code, known := detailCodes[number]
	if ex.status != 422 || !known || transient(ex) {
		return providers.Result{}, false
	}
	return providers.Result{Status: providers.StatusRefused, Reference: plain(o.text("pspReference"), 64),
		Refusal: &providers.Refusal{Code: code, Retry: providers.RetryCorrectDetails,
			Raw: "errorCode " + number + ": " + bounded(o.text("message"), maxRaw)}}, true
}

// transient tells whether Adyen says that the same request may be sent again under the same key.
func transient(ex *exchange) bool { return strings.EqualFold(ex.header.Get("Transient-Error"), "true") }

// failure says what an answer other than 2xx leaves known. Only errors that Adyen gives before it processes anything
// are Rejected; the rest leave the outcome unknown.
func failure(operation string, ex *exchange) *providers.Error {
	o, _ := decode(ex.body)
	code := plain(o.text("errorCode"), 12)
	e := &providers.Error{Operation: operation, Doubt: providers.OutcomeUnknown, Code: code,
		Detail: fmt.Sprintf("HTTP %d %s", ex.status, bounded(o.text("message"), 160))}
	switch internal := o.text("errorType") == "internal"; {
	case code == "704": // the first request under this key is still going on, or done
	case transient(ex):
		e.Doubt = providers.NotDone
	case ex.status == 401 || ex.status == 403 || ex.status == 404 || ex.status == 405:
		// A key or an address that is wrong today is put right tomorrow: what waits must not be lost for it.
		e.Doubt, e.Detail = providers.NotDone, "configuration: "+e.Detail
	case ex.status == 429: // refused before processing
		e.Doubt = providers.NotDone
	case ex.status == 413 || ex.status == 415:
		e.Doubt = providers.Rejected
	case (ex.status == 400 || ex.status == 422) && !doubtful[code] && !internal:
		e.Doubt = providers.Rejected
	}
	return e
}
