package store

import (
	"cmp"
	"context"
	"database/sql"
	"slices"
	"time"
)

// maxClaim bounds one claim of any queue.
const maxClaim = 500

// messageColumns are a Message as scanMessage reads it.
const messageColumns = "id, kind, shop, payment_id, payload, due, attempts, created_at, last_error"

func (s *Store) outboxStatement(m Message) statement {
	now := s.now()
	due, created := m.Due, m.CreatedAt
	if due.IsZero() {
		due = now
	}
	if created.IsZero() {
		created = now
	}
	return statement{`INSERT INTO outbox (kind, shop, payment_id, payload, state, due, attempts, created_at, lease_until, last_error)
 VALUES ($1, $2, $3, $4, 'waiting', $5, 0, $6, 0, '')`, []any{m.Kind, m.Shop, m.PaymentID, m.Payload, due, created}, 1}
}

// doneStatement settles messages. Settling one twice does nothing.
func (s *Store) doneStatement(ids []int64) statement {
	list, args := among([]any{[]byte{}, s.now()}, ids)
	return statement{`UPDATE outbox SET state = 'done', settled_at = $2, payload = CASE WHEN kind = 'webhook' THEN payload ELSE $1 END
 WHERE state <> 'done' AND id IN ` + list, args, anyRows}
}

// Claim takes up to limit messages of the kinds that are due, and keeps them from every other claimer until the lease
// ends. Of the messages of one kind and payment only the oldest that is not settled can be claimed, so they leave in
// order and one at a time; messages without a payment do not wait for each other. A message that is neither Done,
// Retried nor Buried within its lease is claimed again: delivery is at least once. Webhooks have a claim of their own,
// ClaimWebhooks, that is fair to shops.
func (s *Store) Claim(ctx context.Context, kinds []Kind, limit int, lease time.Duration) ([]Message, error) {
	if len(kinds) == 0 || limit <= 0 {
		return nil, nil
	}
	now := s.now()
	args := []any{now.Add(lease), now, min(limit, maxClaim)}
	list, args := among(args, kinds)
	if !slices.Contains(kinds, KindWebhook) {
		list += " AND o.kind <> 'webhook'" // the condition of the index
	}
	text := `WITH next AS MATERIALIZED (SELECT o.id FROM outbox o WHERE o.state = 'waiting' AND o.kind IN ` + list + ` AND o.due <= $2 AND o.lease_until <= $2
  AND (o.payment_id = '' OR NOT EXISTS (SELECT 1 FROM outbox e WHERE e.state = 'waiting' AND e.payment_id = o.payment_id
   AND e.kind = o.kind AND e.id < o.id))
 ORDER BY o.due, o.id LIMIT $3` + s.db.skipLocked() + `)
 UPDATE outbox SET attempts = attempts + 1, lease_until = $1 WHERE id IN (SELECT id FROM next) RETURNING ` + messageColumns
	all, err := claim(ctx, s, text, args, scanMessage)
	slices.SortFunc(all, byID)
	return all, err
}

// byID puts messages in the order they were written.
func byID(a, b Message) int { return cmp.Compare(a.ID, b.ID) }

// claim runs an UPDATE … RETURNING and reads what it took. What to take is chosen in a materialised expression: as a
// bare subquery PostgreSQL may run the choice more than once and take more than its limit.
func claim[T any](ctx context.Context, s *Store, text string, args []any, scan func(*sql.Rows) (T, error)) ([]T, error) {
	var all []T
	err := s.again(ctx, func() error {
		return s.db.write(ctx, func(tx transaction) error {
			rows, err := tx.query(ctx, text, args...)
			all, err = collect(rows, err, scan)
			return err
		})
	})
	return all, failed(err)
}

func scanMessage(rows *sql.Rows) (m Message, err error) {
	var due, created int64
	err = rows.Scan(&m.ID, &m.Kind, &m.Shop, &m.PaymentID, &m.Payload, &due, &m.Attempts, &created, &m.LastError)
	m.Due, m.CreatedAt = moment(due), moment(created)
	return m, err
}

// Retry gives a claimed message back, to be claimed again from due on. lastErr is cut to 500 bytes.
func (s *Store) Retry(ctx context.Context, id int64, due time.Time, lastErr string) error {
	return s.settle(ctx, "UPDATE outbox SET due = $1, lease_until = 0, last_error = $2 WHERE id = $3 AND state = 'waiting'",
		due, cut(lastErr, maxLastError), id)
}

// Done settles messages and empties their payloads, but for those of webhooks: see Replay.
func (s *Store) Done(ctx context.Context, ids ...int64) error {
	if len(ids) == 0 {
		return nil
	}
	st := s.doneStatement(ids)
	return s.settle(ctx, st.text, st.args...)
}

// Bury gives a message up: it is kept with its payload, counted and listed, and holds up no other message.
func (s *Store) Bury(ctx context.Context, id int64, lastErr string) error {
	return s.settle(ctx, "UPDATE outbox SET state = 'buried', lease_until = 0, last_error = $1, settled_at = $2 WHERE id = $3 AND state = 'waiting'",
		cut(lastErr, maxLastError), s.now(), id)
}

// settle writes to the outbox and wakes its workers, since a next message of the same payment may now go.
func (s *Store) settle(ctx context.Context, text string, args ...any) error {
	err := s.again(ctx, func() error { _, err := s.db.exec(ctx, text, args...); return err })
	if err != nil {
		return failed(err)
	}
	s.wakes.signal(OutboxKinds()...)
	return nil
}

// Buried lists messages given up on, newest first.
func (s *Store) Buried(ctx context.Context, limit int) ([]Message, error) {
	rows, err := s.db.query(ctx, "SELECT "+messageColumns+" FROM outbox WHERE state = 'buried' ORDER BY id DESC LIMIT $1",
		min(limit, maxClaim))
	all, err := collect(rows, err, scanMessage)
	return all, failed(err)
}
