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
	// repeats marks events that may truly happen again to the same reference, so that the date tells them apart: a
	// capture that failed is captured anew by Adyen for up to ten days.
	repeats bool
}

// events maps the event codes that a gateway acts on (Adyen's Webhooks-v1 API). Any other code informs.
var events = map[string]meaning{
	"AUTHORISATION":         {kind: providers.KindAuthorisation},
	"CAPTURE":               {kind: providers.KindCapture, failed: providers.KindCaptureFailed, modifies: true, repeats: true},
	"CAPTURE_FAILED":        {kind: providers.KindCaptureFailed, modifies: true, repeats: true},
	"CANCELLATION":          {kind: providers.KindCancellation, modifies: true},
	"TECHNICAL_CANCEL":      {kind: providers.KindCancellation, modifies: true},
	"REFUND":                {kind: providers.KindRefund, failed: providers.KindRefundFailed, modifies: true},
	"REFUND_FAILED":         {kind: providers.KindRefundFailed, modifies: true},
	"REFUNDED_REVERSED":     {kind: providers.KindRefundFailed, modifies: true},
	"REFUND_WITH_DATA":      {kind: providers.KindInformation, modifies: true},
	"CANCEL_OR_REFUND":      {kind: providers.KindInformation, modifies: true}, // see cancelOrRefund
	"EXPIRE":                {kind: providers.KindExpired},
	"CHARGEBACK":            {kind: providers.KindChargeback},
	"SECOND_CHARGEBACK":     {kind: providers.KindChargeback},
	"CHARGEBACK_REVERSED":   {kind: providers.KindChargebackWon},
	"NOTIFICATION_OF_FRAUD": {kind: providers.KindFraudReport},
	// These change no money by themselves; they are listed for what their merchantReference is.
	"AUTHORISATION_ADJUSTMENT":   {kind: providers.KindInformation, modifies: true},
	"POSTPONED_REFUND":           {kind: providers.KindInformation, modifies: true},
	"VOID_PENDING_REFUND":        {kind: providers.KindInformation, modifies: true},
	"NOTIFICATION_OF_CHARGEBACK": {kind: providers.KindInformation},
	"REQUEST_FOR_INFORMATION":    {kind: providers.KindInformation},
	"MANUAL_REVIEW_ACCEPT":       {kind: providers.KindInformation},
	"MANUAL_REVIEW_REJECT":       {kind: providers.KindInformation},
	"OFFER_CLOSED":               {kind: providers.KindInformation},
	"REPORT_AVAILABLE":           {kind: providers.KindInformation, repeats: true},
}

// notification reads one verified item.
func (a *Adyen) notification(item object) providers.Notification {
	code, psp := item.text("eventCode"), item.text("pspReference")
	success := strings.EqualFold(item.text("success"), "true")
	m, known := events[code]
	if !known {
		m.kind = providers.KindInformation
	}
	n := providers.Notification{Kind: m.kind, Code: bounded(code, 64), Account: limited(item.text("merchantAccountCode")),
		Success: success, Reason: bounded(item.text("reason"), 200)}
	n.Amount, _ = item.amount("amount")
	n.At = a.eventTime(item.text("eventDate"))
	n.ID = identity(code, psp, item.text("success"), m, item.text("eventDate"))
	if !success && m.failed != "" {
		n.Kind = m.failed
	}
	if code == "CANCEL_OR_REFUND" {
		n.Kind = cancelOrRefund(item.object("additionalData"), success)
	}
	original, reference := limited(item.text("originalReference")), limited(item.text("merchantReference"))
	if m.modifies {
		n.ModificationReference, n.OperationID, n.PaymentReference = limited(psp), reference, original
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

// identity is the same for every delivery of one report.
func identity(code, psp, success string, m meaning, date string) string {
	id := code + ":" + psp + ":" + strings.ToLower(success)
	if m.repeats {
		id += ":" + date
	}
	if len(id) > 160 || strings.ContainsFunc(id, notPlain) {
		sum := sha256.Sum256([]byte(id))
		return "sha256:" + hex.EncodeToString(sum[:])
	}
	return id
}

// cancelOrRefund reads which of the two a reversal became. The field is not signed, so it is no more than a hint;
// this package sends no reversals itself.
func cancelOrRefund(data object, success bool) providers.NotificationKind {
	switch action := data.text("modification.action"); {
	case action == "cancel":
		return providers.KindCancellation
	case action == "refund" && success:
		return providers.KindRefund
	case action == "refund":
		return providers.KindRefundFailed
	}
	return providers.KindInformation
}

// authorisationResult is what the payment's answer would have said.
func (a *Adyen) authorisationResult(item object, n providers.Notification) *providers.Result {
	data := item.object("additionalData")
	r := describe(data, providers.Card{})
	if r.Brand == "" {
		r.Brand = brandWord(item.text("paymentMethod"))
	}
	r.Reference = n.PaymentReference
	if n.Success {
		r.Status, r.Authorised = providers.StatusAuthorised, n.Amount
		r.ExpiresAt = lapses(n.At, r.Brand)
		return &r
	}
	r.Status = providers.StatusRefused
	r.Refusal = evidence{result: "Refused", reason: item.text("reason"), reasonCode: data.text("refusalReasonCode"),
		raw: data.text("refusalReasonRaw"), advice: data.text("merchantAdviceCode"), brand: r.Brand,
		expiry: typedExpiry(providers.Card{}, data), now: a.clock()}.refusal()
	return &r
}

// eventTime reads an eventDate, in RFC 3339 with or without a colon in its zone. The date is not signed: one that is
// missing, unreadable or far from now is replaced by now.
func (a *Adyen) eventTime(s string) time.Time {
	now := a.clock()
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04:05-0700"} {
		if t, err := time.Parse(layout, s); err == nil && t.After(now.AddDate(0, 0, -60)) && t.Before(now.Add(time.Hour)) {
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
