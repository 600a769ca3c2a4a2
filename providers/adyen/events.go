package adyen

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"time"

	"octroi/providers"
)

// meaning is how an event code is read.
type meaning struct {
	kind providers.NotificationKind
	// failed is the kind when success is false; "" is the same kind, whose Success then says so.
	failed providers.NotificationKind
	// modifies marks events whose merchantReference is that of a modification, not of the payment.
	modifies bool
	// disputes marks events of a dispute: several may share one pspReference where the customer area is not set to give
	// each its own, and then only their amounts tell them apart.
	disputes bool
}

// events maps the event codes of Adyen's standard webhooks (Webhooks-v1 API and Adyen's page on dispute webhooks). What
// moves no money and asks nothing of anybody informs; a dispute or a report of fraud is taken as one whatever its
// success says, and what would be good news or an end is only taken when it succeeded. A code that is not here informs too.
var events = map[string]meaning{
	"AUTHORISATION":            {kind: providers.KindAuthorisation},
	"AUTHORISATION_ADJUSTMENT": {kind: providers.KindAdjusted, failed: providers.KindInformation, modifies: true},
	"CANCELLATION":             {kind: providers.KindCancellation, modifies: true},
	"TECHNICAL_CANCEL":         {kind: providers.KindCancellation, modifies: true},
	"CANCEL_OR_REFUND":         {kind: providers.KindReversal, modifies: true},
	"CAPTURE":                  {kind: providers.KindCapture, failed: providers.KindCaptureFailed, modifies: true},
	"CAPTURE_FAILED":           {kind: providers.KindCaptureFailed, modifies: true},
	"EXPIRE":                   {kind: providers.KindExpired, failed: providers.KindInformation},
	"REFUND":                   {kind: providers.KindRefund, failed: providers.KindRefundFailed, modifies: true},
	"REFUND_FAILED":            {kind: providers.KindRefundFailed, modifies: true},
	"REFUNDED_REVERSED":        {kind: providers.KindRefundReturned, failed: providers.KindInformation, modifies: true},
	"REFUND_WITH_DATA":         {kind: providers.KindInformation, modifies: true},
	"POSTPONED_REFUND":         {kind: providers.KindInformation, modifies: true},
	"VOID_PENDING_REFUND":      {kind: providers.KindInformation, modifies: true},

	"NOTIFICATION_OF_FRAUD":             {kind: providers.KindFraudReport, disputes: true},
	"REQUEST_FOR_INFORMATION":           {kind: providers.KindDispute, disputes: true},
	"NOTIFICATION_OF_CHARGEBACK":        {kind: providers.KindDispute, disputes: true},
	"PREARBITRATION_OPEN":               {kind: providers.KindDispute, disputes: true},
	"SCHEME_ARBITRATION":                {kind: providers.KindDispute, disputes: true},
	"CHARGEBACK":                        {kind: providers.KindChargeback, disputes: true},
	"SECOND_CHARGEBACK":                 {kind: providers.KindChargeback, disputes: true},
	"CHARGEBACK_REVERSED":               {kind: providers.KindChargebackWon, failed: providers.KindInformation, disputes: true},
	"INFORMATION_SUPPLIED":              {kind: providers.KindInformation, disputes: true},
	"ISSUER_COMMENTS":                   {kind: providers.KindInformation, disputes: true},
	"ISSUER_RESPONSE_TIMEFRAME_EXPIRED": {kind: providers.KindInformation, disputes: true},
	"DISPUTE_DEFENSE_PERIOD_ENDED":      {kind: providers.KindInformation, disputes: true},
	// Whoever wins an arbitration, the money moves with a chargeback, or its reversal, of its own.
	"PREARBITRATION_ACCEPTED":         {kind: providers.KindInformation, disputes: true},
	"PREARBITRATION_DECLINED":         {kind: providers.KindInformation, disputes: true},
	"PREARBITRATION_ISSUER_WITHDRAWN": {kind: providers.KindInformation, disputes: true},
	"PREARBITRATION_LOST":             {kind: providers.KindInformation, disputes: true},
	"PREARBITRATION_WON":              {kind: providers.KindInformation, disputes: true},
	"SCHEME_ARBITRATION_LOST":         {kind: providers.KindInformation, disputes: true},
	"SCHEME_ARBITRATION_WON":          {kind: providers.KindInformation, disputes: true},

	"MANUAL_REVIEW_ACCEPT": {kind: providers.KindReviewAccepted, failed: providers.KindInformation},
	"MANUAL_REVIEW_REJECT": {kind: providers.KindReviewRejected, failed: providers.KindInformation},

	"ACH_NOTIFICATION_OF_CHANGE":                 {kind: providers.KindInformation},
	"AUTORESCUE":                                 {kind: providers.KindInformation},
	"CANCEL_AUTORESCUE":                          {kind: providers.KindInformation},
	"DIRECT_DEBIT_NOTICE_OF_CHANGE_NOTIFICATION": {kind: providers.KindInformation},
	"OFFER_CLOSED":                               {kind: providers.KindInformation},
	"ORDER_CLOSED":                               {kind: providers.KindInformation},
	"ORDER_OPENED":                               {kind: providers.KindInformation},
	"PAIDOUT_REVERSED":                           {kind: providers.KindInformation},
	"PAYOUT_DECLINE":                             {kind: providers.KindInformation},
	"PAYOUT_EXPIRE":                              {kind: providers.KindInformation},
	"PAYOUT_THIRDPARTY":                          {kind: providers.KindInformation},
	"RECURRING_CONTRACT":                         {kind: providers.KindInformation},
	"REPORT_AVAILABLE":                           {kind: providers.KindInformation},
}

// notification reads one verified item.
func (a *Adyen) notification(item object) providers.Notification {
	code, psp := item.text("eventCode"), item.text("pspReference")
	success := strings.EqualFold(item.text("success"), "true")
	m, known := events[code]
	if !known {
		m.kind = providers.KindInformation
		a.unknown(fieldEvent, code)
	}
	n := providers.Notification{Kind: m.kind, Code: bounded(code, 64), Account: limited(item.text("merchantAccountCode")),
		Success: success, Reason: bounded(item.text("reason"), 200)}
	n.Amount, _ = item.amount("amount")
	n.At = a.eventTime(item.text("eventDate"))
	n.ID = identity(item, m)
	if !success && m.failed != "" {
		n.Kind = m.failed
	}
	original, reference := limited(item.text("originalReference")), limited(item.text("merchantReference"))
	if m.modifies {
		n.ModificationReference, n.OperationID, n.PaymentReference = limited(psp), reference, original
		if code == "TECHNICAL_CANCEL" {
			n.PaymentID = reference // Adyen does not say whose reference it gives back, the cancel's or the payment's
		}
		return n
	}
	n.PaymentID, n.PaymentReference = reference, original
	if original == "" {
		n.PaymentReference = limited(psp)
	}
	if n.Kind == providers.KindAuthorisation {
		n.Result = a.authorisationResult(item, n)
	}
	return n
}

// identity is the same for every delivery of one report. It is made of signed fields alone: an unsigned one, such as
// the date, would let whoever got hold of a report make a new event of it, and Adyen itself may date a second delivery
// anew. The pspReference is that of a payment, of one modification or of one dispute, so that a code happens to it
// once; disputes add their amount (see meaning).
func identity(item object, m meaning) string {
	id := item.text("eventCode") + ":" + item.text("pspReference") + ":" + strings.ToLower(item.text("success"))
	if m.disputes {
		id += ":" + item.object("amount").text("value") + item.object("amount").text("currency")
	}
	if len(id) > 120 || strings.ContainsFunc(id, notPlain) {
		sum := sha256.Sum256([]byte(id))
		return "sha256:" + hex.EncodeToString(sum[:])
	}
	return id
}

// recaptured gives a second report with the one that a capture which had failed was made anew (Adyen's page on failed
// captures). Nothing that is signed tells such a report from that of the first capture. Where the first one is known it
// is therefore a duplicate, since the first one replayed with another reason would undo a failure; for that case the
// second report informs a person, and moves no money.
func recaptured(n providers.Notification) (providers.Notification, bool) {
	again := n.Kind == providers.KindCapture && (n.Reason == "Transaction Recaptured" || n.Reason == "Transaction Auto-recaptured")
	n.Kind, n.ID = providers.KindInformation, n.ID+":again"
	return n, again
}

// authorisationResult is what the payment's answer would have said.
func (a *Adyen) authorisationResult(item object, n providers.Notification) *providers.Result {
	data := item.object("additionalData")
	r := describe(data, providers.Card{})
	a.countChecks(data)
	if r.Brand == "" {
		r.Brand = brandWord(item.text("paymentMethod"))
	}
	r.Reference = n.PaymentReference
	unfavourable(&r)
	if n.Success {
		r.Status, r.Authorised, r.UnderReview = providers.StatusAuthorised, n.Amount, underReview(data)
		if r.Captured = takesAtOnce(providers.Method(item.text("paymentMethod"))); !r.Captured {
			r.ExpiresAt = lapses(n.At, r.Brand)
		}
		return &r
	}
	r.Status = providers.StatusRefused
	e := evidence{result: "Refused", reason: item.text("reason"), reasonCode: data.text("refusalReasonCode"),
		raw: data.text("refusalReasonRaw"), advice: data.text("merchantAdviceCode"), brand: r.Brand,
		expiry: typedExpiry(providers.Card{}, data), now: a.clock()}
	r.Refusal = e.refusal()
	a.countEvidence(e)
	return &r
}

// unfavourable leaves of a report what speaks against the payment. No signature covers additionalData: whoever could write
// "authenticated" or "match" into a report on its way would release an order that the answer itself would have held.
func unfavourable(r *providers.Result) {
	r.Liability, r.Exemption = "", ""
	if r.ThreeDS != "failed" {
		r.ThreeDS = ""
	}
	for _, check := range []*string{&r.AVS, &r.CVC} {
		if *check != "mismatch" && *check != "partial" {
			*check = ""
		}
	}
}

// eventTime reads an eventDate, in RFC 3339 with or without a colon in its zone. The date is not signed: one that is
// missing, unreadable, long past or yet to come is replaced by now.
func (a *Adyen) eventTime(s string) time.Time {
	now := a.clock()
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04:05-0700"} {
		if t, err := time.Parse(layout, s); err == nil && t.After(now.AddDate(0, 0, -60)) && t.Before(now) {
			return t.UTC()
		}
	}
	return now.UTC()
}

// limited keeps a reference or account as it is, unless it is longer than Adyen's own bound.
func limited(s string) string {
	if len(s) > maxReference {
		return ""
	}
	return s
}
