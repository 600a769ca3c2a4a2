package adyen

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"octroi/providers"
)

// The oracles say what a reading must never be, from a plain decoding of the same bytes that knows nothing of how this
// package reads them. Each gives what is wrong; "" is nothing.

// stated gives a field of a JSON object: its text, and whether it is there as a text.
func stated(m map[string]any, name string) (string, bool) {
	s, ok := m[name].(string)
	return s, ok
}

// misreadAnswer judges the reading of an answer to a payment, or to its details when named.
func misreadAnswer(a *Adyen, status int, body []byte, named bool) string {
	au := payment("pay_1")
	ex := &exchange{complete: true, status: status, header: http.Header{}, body: body}
	r, err := a.readPayment("authorise", ex, asked{payment: au.PaymentID, amount: au.Amount, card: au.Card, named: named})
	var plainly map[string]any
	_ = json.Unmarshal(body, &plainly)
	code, _ := stated(plainly, "resultCode")
	reference, _ := stated(plainly, "merchantReference")
	if err != nil {
		return misreadError(err, status)
	}
	switch another := reference != "" && reference != au.PaymentID; {
	case another && r.Status != providers.StatusRefused:
		return "another payment's answer is read as " + string(r.Status)
	case another && status < 300:
		return "another payment's refusal is taken for this one's"
	case named && reference == "" && status < 300 && r.Status != providers.StatusActionRequired && r.Status != providers.StatusPending:
		return "details that name no payment settle it"
	}
	if wrong := misreadStatus(r, status, code, plainly, au); wrong != "" {
		return wrong
	}
	return misreadCard(r)
}

// misreadStatus holds that every final word is Adyen's own, and goes with what it needs.
func misreadStatus(r providers.Result, status int, code string, plainly map[string]any, au providers.Authorisation) string {
	number := fmt.Sprint(plainly["errorCode"])
	said := map[providers.Status]bool{
		providers.StatusAuthorised: status < 300 && (code == "Authorised" || code == "PartiallyAuthorised"),
		providers.StatusRefused: status < 300 && (code == "Refused" || code == "Error") ||
			status == 422 && slices.Contains([]string{"101", "103", "129", "140", "141", "153"}, number),
		providers.StatusCancelled:      status < 300 && code == "Cancelled",
		providers.StatusActionRequired: status < 300 && slices.Contains([]string{"RedirectShopper", "IdentifyShopper", "ChallengeShopper"}, code),
		providers.StatusPending:        status < 300 && slices.Contains([]string{"Pending", "Received", "PresentToShopper"}, code),
		providers.StatusUnknown:        status < 300,
	}
	switch refused := r.Status == providers.StatusRefused || r.Status == providers.StatusCancelled; {
	case !said[r.Status]:
		return fmt.Sprintf("HTTP %d %q is read as %q", status, code, r.Status)
	case refused != (r.Refusal != nil) || (r.Status == providers.StatusActionRequired) != (r.Action != nil):
		return fmt.Sprintf("%s with refusal %v and action %v", r.Status, r.Refusal, r.Action)
	case r.Refusal != nil && (len(r.Refusal.Raw) > maxRaw+16 || !utf8.ValidString(r.Refusal.Raw) || r.Refusal.Code == "" || r.Refusal.Retry == ""):
		return fmt.Sprintf("refusal %+v", r.Refusal)
	case r.Action != nil && r.Action.URL != "" && !strings.HasPrefix(r.Action.URL, "https://"):
		return "the buyer is sent to " + r.Action.URL
	case r.Captured:
		return "a card's money is taken at once"
	}
	if r.Status != providers.StatusAuthorised {
		if !r.ExpiresAt.IsZero() || r.Authorised != (providers.Amount{}) || r.UnderReview {
			return fmt.Sprintf("%s carries what belongs to an approval: %+v", r.Status, r)
		}
		return ""
	}
	return misreadApproval(r, code, plainly, au)
}

// misreadApproval holds that an approval can be used, and is of the amount that Adyen says.
func misreadApproval(r providers.Result, code string, plainly map[string]any, au providers.Authorisation) string {
	if r.Reference == "" || r.ExpiresAt.IsZero() {
		return fmt.Sprintf("an approval that cannot be used: %+v", r)
	}
	extra, _ := plainly["additionalData"].(map[string]any)
	amount, _ := plainly["amount"].(map[string]any)
	for _, c := range [][2]any{{extra["authorisedAmountValue"], extra["authorisedAmountCurrency"]}, {amount["value"], amount["currency"]}} {
		if currency, _ := c[1].(string); c[0] != nil && currency == r.Authorised.Currency && numeral(c[0]) == fmt.Sprint(r.Authorised.Value) {
			return ""
		}
	}
	unsaid := plainly["amount"] == nil && extra["authorisedAmountValue"] == nil
	if code == "PartiallyAuthorised" || r.Authorised != au.Amount || !unsaid {
		return fmt.Sprintf("approved %v, which nobody said", r.Authorised)
	}
	return ""
}

// numeral spells a decoded whole number as it is written, be it a number or a text of one; "" for anything else.
func numeral(v any) string {
	switch v := v.(type) {
	case float64:
		if n := int64(v); float64(n) == v && n > -1<<53 && n < 1<<53 {
			return fmt.Sprint(n)
		}
	case string:
		if n, err := strconv.ParseInt(v, 10, 64); err == nil {
			return fmt.Sprint(n)
		}
	}
	return ""
}

// misreadError holds that an error is of the contract, never says more than is known, and shows no card.
func misreadError(err error, status int) string {
	var e *providers.Error
	switch {
	case !errors.As(err, &e):
		return fmt.Sprintf("not an *Error: %v", err)
	case e.Doubt == providers.Rejected && !slices.Contains([]int{400, 413, 415, 422}, status), e.Doubt == providers.NotDone && (status < 400 || status >= 500):
		return fmt.Sprintf("HTTP %d is %s", status, e.Doubt)
	case strings.Contains(e.Error(), "4111111111111111"), strings.Contains(e.Error(), testKey), !utf8.ValidString(e.Error()), len(e.Error()) > 400:
		return "the error shows " + e.Error()
	}
	return ""
}

// misreadCard holds that what is kept of a card is no card. Adyen's own reference is not looked into: the older ones are
// sixteen digits themselves.
func misreadCard(r providers.Result) string {
	bounded := len(r.Reference) <= maxReference
	r.Reference = ""
	if len(r.BIN) > 8 || len(r.Last4) > 4 || len(r.Brand) > 40 || len(r.Exemption) > 40 || !bounded ||
		strings.Contains(fmt.Sprintf("%+v %+v", r, r.Refusal), "4111111111111111") {
		return fmt.Sprintf("the card is described as %+v", r)
	}
	return ""
}

// misreadReceipt judges the reading of an answer to a modification.
func misreadReceipt(status int, body []byte) string {
	r, err := readReceipt("capture", &exchange{complete: true, status: status, header: http.Header{}, body: body})
	if err != nil {
		return misreadError(err, status)
	}
	var plainly map[string]any
	_ = json.Unmarshal(body, &plainly)
	if word, _ := stated(plainly, "status"); status >= 300 || word != "received" || r.Reference == "" || plainly["pspReference"] == nil {
		return fmt.Sprintf("HTTP %d is taken for the receipt %+v", status, r)
	}
	return ""
}

// misreadItem judges the reading of an item as if it were signed.
func misreadItem(a *Adyen, body []byte) string {
	o, ok := decode(body)
	if !ok {
		return ""
	}
	var plainly map[string]any
	_ = json.Unmarshal(body, &plainly)
	n := a.notification(o)
	code, _ := stated(plainly, "eventCode")
	success := strings.EqualFold(fmt.Sprint(plainly["success"]), "true")
	switch {
	case len(n.ID) > 130 || len(n.Code) > 64 || len(n.Reason) > 200 || len(n.PaymentID)+len(n.OperationID)+len(n.PaymentReference)+len(n.ModificationReference) > 4*maxReference:
		return fmt.Sprintf("not bounded: %+v", n)
	case n.Kind == "" || n.At.IsZero() || n.ID == "" || n.Success != success:
		return fmt.Sprintf("incomplete, or its success turned round: %+v", n)
	case (n.Kind == providers.KindAuthorisation) != (code == "AUTHORISATION") || (n.Result != nil) != (n.Kind == providers.KindAuthorisation):
		return fmt.Sprintf("%q is read as %+v", code, n)
	case n.Kind == providers.KindCapture && (code != "CAPTURE" || !success), n.Kind == providers.KindRefund && (code != "REFUND" || !success),
		n.Kind == providers.KindExpired && (code != "EXPIRE" || !success), n.Kind == providers.KindChargebackWon && (code != "CHARGEBACK_REVERSED" || !success):
		return fmt.Sprintf("%q, success %v, is read as %s", code, success, n.Kind)
	}
	if n.Result == nil {
		return ""
	}
	if (n.Result.Status == providers.StatusAuthorised) != success || (n.Result.Status == providers.StatusRefused) == success || (n.Result.Refusal != nil) == success {
		return fmt.Sprintf("success %v is read as %+v", success, n.Result)
	}
	return misreadCard(*n.Result)
}

// essence is what of a report may move money, or find the payment.
func essence(n providers.Notification) string {
	s := fmt.Sprintf("%s %s %s %s %s %s %s %v %v", n.ID, n.Kind, n.Account, n.PaymentID, n.PaymentReference, n.ModificationReference, n.OperationID, n.Success, n.Amount)
	if n.Result != nil {
		s += fmt.Sprintf(" %s %v %s", n.Result.Status, n.Result.Authorised, n.Result.Reference)
	}
	return s
}

// misreadWebhook judges the reading of a whole body, when only what is in signed was ever signed.
func misreadWebhook(a *Adyen, body []byte, signed map[string]bool) string {
	ns, err := a.Notifications(body)
	if err != nil {
		if !errors.Is(err, ErrMalformed) && !errors.Is(err, ErrSignature) || ns != nil || strings.Contains(err.Error(), "4111") {
			return fmt.Sprintf("refused with %v and %d reports", err, len(ns))
		}
		return ""
	}
	for _, n := range ns {
		if !signed[essence(n)] {
			return fmt.Sprintf("believed what nobody signed: %+v", n)
		}
	}
	return ""
}
