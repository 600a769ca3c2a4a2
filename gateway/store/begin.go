package store

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"time"

	"octroi/gateway/payment"
)

// insertPayment makes a payment unless its key, its order or its id is taken.
const insertPayment = `INSERT INTO payments (id, shop, idempotency_key, body_hash, order_reference, status, live, amount,
 currency, captured, refunded, provider, provider_reference, attempt, version, lease_until, created_at, updated_at, body, detail, due)
 VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, 1, $15, $16, $17, $18, $19, $20) ON CONFLICT DO NOTHING`

// Begin makes the payment b asks for, or says what stands in its way. A new payment costs one statement; its snapshot
// has version 1. Of any number of calls with one key at the same time, in any number of processes, one gets BegunNew.
//
// A payment that is not pending any more is replayed. A pending one is in flight until its lease is over, which is when
// a Commit without Writes.Lease has stored it or the time is up; the caller who then gets BegunResume has the only
// version that can be committed.
func (s *Store) Begin(ctx context.Context, b Begin) (Begun, Snapshot, error) {
	p := b.Payment
	p.CreatedAt, p.UpdatedAt, p.Version = stamp(p.CreatedAt), stamp(p.UpdatedAt), 1
	args, err := s.paymentArgs(p, b)
	if err != nil {
		return 0, Snapshot{}, err
	}
	for range tries {
		var n int64
		err := s.again(ctx, func() (err error) { n, err = s.db.exec(ctx, insertPayment, args...); return err })
		if err != nil {
			return 0, Snapshot{}, failed(err)
		}
		if n == 1 {
			return BegunNew, Snapshot{Payment: p, LeaseUntil: s.now().Add(b.Lease)}, nil
		}
		begun, snap, found, err := s.existing(ctx, b)
		if found || err != nil {
			return begun, snap, err
		}
		// What stood in the way has gone since: the order's other payment has ended.
	}
	return 0, Snapshot{}, payment.Errorf(payment.CodeInFlight, "Another payment of this order is being worked on. Try again.")
}

func (s *Store) paymentArgs(p payment.Payment, b Begin) ([]any, error) {
	body, detail, err := paymentTexts(p)
	if err != nil {
		return nil, err
	}
	provider, reference := authorisedAt(p)
	return []any{p.ID, p.Shop, b.Key, b.BodyHash, p.OrderReference, p.Status, p.Status.Live(), p.Amount.Value, p.Amount.Currency,
		valueOf(p.Captured), valueOf(p.Refunded), provider, reference, p.Attempt, s.clock().Add(b.Lease), p.CreatedAt, p.UpdatedAt,
		body, detail, p.Due}, nil
}

// existing says what the key's payment means for the caller; found is false when neither key nor order is taken.
func (s *Store) existing(ctx context.Context, b Begin) (begun Begun, snap Snapshot, found bool, err error) {
	rows, err := s.db.query(ctx, "SELECT id, body_hash, lease_until FROM payments WHERE shop = $1 AND idempotency_key = $2",
		b.Payment.Shop, b.Key)
	row, err := one(rows, err, scanKey)
	if errNone(err) {
		found, err = s.orderLive(ctx, b.Payment)
		return 0, Snapshot{}, found, err
	}
	if err != nil {
		return 0, Snapshot{}, false, failed(err)
	}
	if !bytes.Equal(row.hash, b.BodyHash) {
		return 0, Snapshot{}, true, payment.Errorf(payment.CodeKeyReused,
			"This Idempotency-Key was used with another request body. Use a new key for a new payment.")
	}
	if snap, err = s.Payment(ctx, "", row.id); err != nil {
		return 0, Snapshot{}, true, err
	}
	if snap.Payment.Status != payment.Pending {
		return BegunReplay, snap, true, nil
	}
	begun, snap, err = s.resume(ctx, b, snap, moment(row.lease))
	return begun, snap, true, err
}

type keyRow struct {
	id    string
	hash  []byte
	lease int64
}

func scanKey(rows *sql.Rows) (r keyRow, err error) {
	return r, rows.Scan(&r.id, &r.hash, &r.lease)
}

// orderLive is the error of an order that has a live payment; false without one.
func (s *Store) orderLive(ctx context.Context, p payment.Payment) (bool, error) {
	ids, err := s.ids(ctx, "SELECT id FROM payments WHERE shop = $1 AND order_reference = $2 AND live", p.Shop, p.OrderReference)
	if err != nil || len(ids) == 0 {
		return false, err
	}
	return true, payment.Errorf(payment.CodeOrderLive, "The order already has the payment %s. Cancel it, or wait for its end, before a new one.", ids[0])
}

// resume takes over a pending payment whose lease is over. The version grows, so that whoever held the lease before
// can no longer commit.
func (s *Store) resume(ctx context.Context, b Begin, snap Snapshot, lease time.Time) (Begun, Snapshot, error) {
	now := s.now()
	n := int64(0)
	if !lease.After(now) {
		var err error
		n, err = s.db.exec(ctx, `UPDATE payments SET lease_until = $1, version = version + 1
 WHERE id = $2 AND version = $3 AND status = 'pending' AND lease_until <= $4`,
			now.Add(b.Lease), snap.Payment.ID, snap.Payment.Version, now)
		if err != nil {
			return 0, Snapshot{}, failed(err)
		}
	}
	if n == 0 {
		inFlight := payment.Errorf(payment.CodeInFlight, "A request with this Idempotency-Key is being worked on. Try again.")
		inFlight.RetryAfter = max(lease.Sub(now), time.Second)
		return 0, Snapshot{}, inFlight
	}
	snap.Payment.Version++
	snap.LeaseUntil = now.Add(b.Lease)
	return BegunResume, snap, nil
}

// paymentTexts are the JSON columns of a payment.
func paymentTexts(p payment.Payment) (body, detail string, err error) {
	b := paymentBody{Method: p.Method.Type, Card: p.Card, Decision: p.Decision, Authorisation: p.Authorisation, Refusal: p.Refusal, Decline: p.Decline, Action: p.Action,
		Dispute: p.Dispute, Superseded: p.Superseded, Steps: p.Steps}
	if p.Card != nil {
		b.Fingerprint = p.Card.Fingerprint
	}
	if p.Refusal != nil {
		b.Raw = p.Refusal.Raw
	}
	bodyText, err := json.Marshal(b)
	if err != nil {
		return "", "", fmt.Errorf("write payment %s: %w", p.ID, err)
	}
	detailText, err := json.Marshal(p.Detail)
	if err != nil {
		return "", "", fmt.Errorf("write payment %s: %w", p.ID, err)
	}
	return string(bodyText), string(detailText), nil
}
