package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"time"

	"octroi/gateway/payment"
)

// KeepDelivered is how long a delivered webhook can be sent again: what a shop that lost its own records over a month's
// end needs to fill them, and no longer than what is kept of the mails that left beside it.
const KeepDelivered = 30 * 24 * time.Hour

// WebhookState is what became of a webhook that no longer waits.
type WebhookState string

// The states of a webhook that no longer waits.
const (
	WebhookDelivered WebhookState = "done"   // the shop answered 2xx, or has no endpoint
	WebhookBuried    WebhookState = "buried" // given up on
)

// Webhook is one webhook that was delivered or given up on, without its payload.
type Webhook struct {
	ID        int64
	State     WebhookState
	Event     string // payment.held and the like; "" once the payload is no longer kept
	Kept      bool   // its payload is still there, so that it can be sent again
	Shop      string
	PaymentID string
	Attempts  int
	CreatedAt time.Time
	SettledAt time.Time
	LastError string
}

// WebhookFilter says which webhooks to list: those of a shop, of a payment, or of both. Other zero fields do not narrow.
type WebhookFilter struct {
	Shop      string
	PaymentID string
	State     WebhookState
	Since     time.Time // written at this moment or later
	Limit     int       // 1 to 100; 20 when 0
	Cursor    string    // as the page before gave it
}

// Webhooks lists webhooks that were delivered or given up on, newest first, and the cursor of the next page, "" on the
// last one. Without a shop and a payment it is CodeInvalid.
func (s *Store) Webhooks(ctx context.Context, f WebhookFilter) (page []Webhook, next string, err error) {
	limit, err := bounded(f.Limit)
	if err != nil {
		return nil, "", err
	}
	var w where
	if f.Shop == "" && f.PaymentID == "" {
		return nil, "", payment.Invalid(payment.FieldError{Pointer: "/shop", Detail: "a shop or a payment is needed"})
	}
	for _, by := range []struct{ column, value string }{{"shop", f.Shop}, {"payment_id", f.PaymentID}, {"state", string(f.State)}} {
		if by.value != "" {
			w.add(by.column+" = %s", by.value)
		}
	}
	if !f.Since.IsZero() {
		w.add("created_at >= %s", f.Since)
	}
	if f.Cursor != "" {
		at, id, err := webhookCursor(f.Cursor)
		if err != nil {
			return nil, "", err
		}
		w.add("(created_at, id) < (%s, %s)", at, id)
	}
	w.add("kind = 'webhook' AND state <> 'waiting'")
	rows, err := s.db.query(ctx, fmt.Sprintf(`SELECT id, state, payload, shop, payment_id, attempts, created_at, settled_at, last_error
 FROM outbox%s ORDER BY created_at DESC, id DESC LIMIT %d`, w.String(), limit+1), w.args...)
	page, err = collect(rows, err, scanWebhook)
	if err != nil {
		return nil, "", failed(err)
	}
	if len(page) > limit {
		page = page[:limit]
		last := page[limit-1]
		next = cursor("webhooks", micros(last.CreatedAt), strconv.FormatInt(last.ID, 10))
	}
	return page, next, nil
}

func webhookCursor(text string) (at, id int64, err error) {
	at, name, err := parseCursor("webhooks", text)
	if err != nil {
		return 0, 0, err
	}
	if id, err = strconv.ParseInt(name, 10, 64); err != nil {
		return 0, 0, badCursor()
	}
	return at, id, nil
}

func scanWebhook(r *sql.Rows) (h Webhook, err error) {
	var payload []byte
	var created, settled int64
	if err := r.Scan(&h.ID, &h.State, &payload, &h.Shop, &h.PaymentID, &h.Attempts, &created, &settled, &h.LastError); err != nil {
		return h, err
	}
	h.CreatedAt, h.SettledAt = moment(created), moment(settled)
	var body struct {
		Type string `json:"type"`
	}
	// One payload that cannot be read must not hide the others from the list.
	_ = json.Unmarshal(payload, &body)
	h.Event, h.Kept = body.Type, len(payload) > 0
	return h, nil
}

// Replay puts a delivered or buried webhook back, due now, its attempts counted anew, and writes the audit line with it.
// It keeps its number and the time it was written, of which its webhook-id is made, so that a shop that has it already
// can tell. It leaves before all that its payment still has waiting, but may meet one that is on its way. CodeNotFound
// when there is no such webhook, it waits already, or its payload is no longer kept.
func (s *Store) Replay(ctx context.Context, id int64, a Audit) error {
	return s.putBack(ctx, a, "There is no delivered or buried webhook of this number, or what it said is no longer kept.",
		"id = $2 AND kind = 'webhook' AND state <> 'waiting' AND length(payload) > 0", id)
}

// Revive puts a buried message of any kind back, due now, its attempts counted anew, and writes the audit line with it.
// CodeNotFound when it is not buried.
func (s *Store) Revive(ctx context.Context, id int64, a Audit) error {
	return s.putBack(ctx, a, "There is no such buried message.", "id = $2 AND state = 'buried'", id)
}

// putBack makes the one message of the condition wait again.
func (s *Store) putBack(ctx context.Context, a Audit, otherwise, condition string, id int64) error {
	back := statement{"UPDATE outbox SET state = 'waiting', attempts = 0, lease_until = 0, settled_at = 0, due = $1 WHERE " + condition,
		[]any{s.now(), id}, 1}
	err := s.again(ctx, func() error { return s.db.run(ctx, []statement{back, s.auditStatement(a)}) })
	if errors.Is(err, ErrStale) {
		return payment.Errorf(payment.CodeNotFound, "%s", otherwise)
	}
	if err != nil {
		return failed(err)
	}
	s.wakes.signal(OutboxKinds()...)
	return nil
}

// ReviveWebhooks puts back every buried webhook of a shop, oldest first, a few hundred to a transaction, each with an
// audit line that tells how many. It returns how many it put back in all, also when it fails half-way.
func (s *Store) ReviveWebhooks(ctx context.Context, shop string, a Audit) (revived int, err error) {
	for {
		n := 0
		err := s.again(ctx, func() error {
			return s.db.write(ctx, func(tx transaction) error {
				rows, err := tx.query(ctx, `UPDATE outbox SET state = 'waiting', attempts = 0, lease_until = 0, settled_at = 0, due = $1
 WHERE id IN (SELECT id FROM outbox WHERE state = 'buried' AND kind = 'webhook' AND shop = $2 ORDER BY id LIMIT $3) RETURNING kind`,
					s.now(), shop, maxClaim)
				back, err := collect(rows, err, scanText)
				if n = len(back); err != nil || n == 0 {
					return err
				}
				line := a
				line.Detail = strconv.Itoa(n) + " webhooks"
				return tx.run(ctx, []statement{s.auditStatement(line)})
			})
		})
		if err != nil {
			return revived, failed(err)
		}
		if n == 0 {
			return revived, nil
		}
		revived += n
		s.wakes.signal(KindWebhook)
	}
}
