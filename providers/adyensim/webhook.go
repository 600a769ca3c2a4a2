package adyensim

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"io"
	"maps"
	"strconv"
	"strings"
	"time"
)

// event is something to report to the merchant.
type event struct {
	code, psp, original, reference string
	amount                         Amount
	success                        bool
	reason                         string
	method                         string
	data                           map[string]string
	operations                     []string
}

// authorisation reports what became of a payment.
func authorisation(p Payment, v verdict, data map[string]string) event {
	e := event{code: "AUTHORISATION", psp: p.PSPReference, reference: p.Reference, amount: p.Amount, method: p.Brand,
		success: v.approved(), reason: v.Name, data: maps.Clone(data)}
	if e.success {
		e.reason, e.operations = "", []string{"REFUND"}
		if p.Method == methodCard {
			e.reason, e.operations = data["authCode"]+":"+p.Last4+":", []string{"CANCEL", "CAPTURE", "REFUND"}
		}
	}
	return e
}

// modification reports what became of a capture, cancel or refund.
func modification(p Payment, m Modification, code string) event {
	e := event{code: code, psp: m.PSPReference, original: p.PSPReference, reference: m.Reference, amount: m.Amount,
		method: p.Brand, success: m.Success, reason: m.Reason, data: map[string]string{}}
	if e.reference == "" {
		e.reference = p.Reference
	}
	if code == "CANCEL_OR_REFUND" {
		e.data["modification.action"] = "cancel"
		if p.Captured > 0 {
			e.data["modification.action"] = "refund"
		}
	}
	return e
}

// item is Adyen's NotificationRequestItem.
type item struct {
	AdditionalData      map[string]string `json:"additionalData"`
	Amount              Amount            `json:"amount"`
	EventCode           string            `json:"eventCode"`
	EventDate           string            `json:"eventDate"`
	MerchantAccountCode string            `json:"merchantAccountCode"`
	MerchantReference   string            `json:"merchantReference"`
	Operations          []string          `json:"operations,omitempty"`
	OriginalReference   string            `json:"originalReference,omitempty"`
	PaymentMethod       string            `json:"paymentMethod,omitempty"`
	PSPReference        string            `json:"pspReference"`
	Reason              string            `json:"reason"`
	Success             string            `json:"success"`
}

// webhook is one report waiting for its acknowledgement.
type webhook struct {
	ID   int64     `json:"id"`
	Due  time.Time `json:"due"`
	Item item      `json:"item"`
}

// hooks makes signed webhooks of events. The caller holds the lock.
func (s *Server) hooks(events ...event) []webhook {
	now := s.cfg.Clock()
	hooks := make([]webhook, 0, len(events))
	for i, e := range events {
		it := item{AdditionalData: e.data, Amount: e.amount, EventCode: e.code, EventDate: now.UTC().Format(time.RFC3339),
			MerchantAccountCode: s.cfg.MerchantAccount, MerchantReference: e.reference, Operations: e.operations,
			OriginalReference: e.original, PaymentMethod: e.method, PSPReference: e.psp, Reason: e.reason,
			Success: strconv.FormatBool(e.success)}
		if len(s.hmacKey) > 0 {
			it.AdditionalData["hmacSignature"] = sign(s.hmacKey, it)
		}
		hooks = append(hooks, webhook{ID: s.book.lastHook + int64(i) + 1, Due: now.Add(s.cfg.WebhookDelay), Item: it})
	}
	return hooks
}

// sign computes Adyen's HMAC-SHA256 over the eight signed fields of a standard webhook.
func sign(key []byte, it item) string {
	mac := hmac.New(sha256.New, key)
	_, _ = io.WriteString(mac, strings.Join([]string{it.PSPReference, it.OriginalReference, it.MerchantAccountCode,
		it.MerchantReference, strconv.FormatInt(it.Amount.Value, 10), it.Amount.Currency, it.EventCode, it.Success}, ":"))
	return base64.StdEncoding.EncodeToString(mac.Sum(nil))
}
