package adyensim

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
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

// Run delivers webhooks until ctx ends: in the order of their events, each again and again until it is acknowledged
// with a 2xx, so that one that is refused delays those behind it, as at Adyen.
func (s *Server) Run(ctx context.Context) error {
	failures := 0
	var waited int64 // the webhook whose delay has been sat out, whatever the clock says
	for {
		batch, url, pause := s.next()
		switch {
		case len(batch) == 0:
			pause = -1
		case pause > 0 && batch[0].ID != waited:
			waited = batch[0].ID
		default:
			pause = 0
			if err := s.deliver(ctx, url, batch); err != nil {
				pause = s.cfg.WebhookBackoff[min(failures, len(s.cfg.WebhookBackoff)-1)]
				failures++
				s.log.Warn("webhook not acknowledged", "error", err, "again_in", pause)
			} else {
				failures = 0
			}
		}
		if err := s.wait(ctx, pause); err != nil {
			return err
		}
	}
}

// wait pauses; a negative pause lasts until there may be something to deliver.
func (s *Server) wait(ctx context.Context, pause time.Duration) error {
	if pause < 0 {
		select {
		case <-s.wake:
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	if pause == 0 {
		return ctx.Err()
	}
	t := time.NewTimer(pause)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// next takes the webhooks to deliver together, and how long the first of them has yet to wait.
func (s *Server) next() ([]webhook, string, time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.book.pending) == 0 || s.url == "" {
		return nil, "", 0
	}
	n := min(max(1, s.fault.BatchWebhooks), len(s.book.pending))
	batch := slices.Clone(s.book.pending[:n])
	if s.fault.ReorderWebhooks {
		batch = slices.Clone(s.book.pending[len(s.book.pending)-n:])
		slices.Reverse(batch)
	}
	return batch, s.url, batch[0].Due.Sub(s.cfg.Clock())
}

// deliver posts the webhooks as one notification, as often as the fault of duplicates asks, and records their
// acknowledgement.
func (s *Server) deliver(ctx context.Context, url string, batch []webhook) error {
	type wrapped struct {
		Item item `json:"NotificationRequestItem"`
	}
	var envelope struct {
		Live  string    `json:"live"`
		Items []wrapped `json:"notificationItems"`
	}
	envelope.Live = "false"
	var ids []int64
	for _, w := range batch {
		envelope.Items = append(envelope.Items, wrapped{w.Item})
		ids = append(ids, w.ID)
	}
	body, err := json.Marshal(envelope)
	if err != nil {
		return err
	}
	s.mu.Lock()
	times := 1 + s.fault.DuplicateWebhooks
	s.mu.Unlock()
	for range times {
		if err := s.post(ctx, url, body); err != nil {
			return err
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.shut {
		return nil
	}
	return s.record(entry{Delivered: ids})
}

func (s *Server) post(ctx context.Context, url string, body []byte) error {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(body))
	if err != nil {
		return err
	}
	r.Header.Set("Content-Type", "application/json")
	resp, err := s.cfg.Deliver(r)
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }()
	_, _ = io.CopyN(io.Discard, resp.Body, 64<<10)
	if resp.StatusCode/100 != 2 {
		return fmt.Errorf("answered %d", resp.StatusCode)
	}
	return nil
}
