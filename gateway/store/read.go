package store

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"octroi/gateway/hold"
	"octroi/gateway/payment"
	"octroi/providers"
	"octroi/risk"
)

// snapshotColumns and snapshotJoins read payments with all that hangs on them in one statement, hence at one moment.
// A payment with several operations comes as several rows.
const (
	snapshotColumns = `SELECT p.id, p.shop, p.order_reference, p.status, p.amount, p.currency, p.captured, p.refunded,
 p.attempt, p.version, p.lease_until, p.due, p.created_at, p.updated_at, p.body, p.detail,
 COALESCE(c.shop, ''), COALESCE(c.version, 0), c.token_hash, COALESCE(c.body, ''),
 COALESCE(o.id, ''), COALESCE(o.type, ''), COALESCE(o.status, ''), COALESCE(o.amount, 0), COALESCE(o.currency, ''),
 COALESCE(o.reason, ''), COALESCE(o.key, ''), o.body_hash, COALESCE(o.reference, ''), COALESCE(o.actor, ''),
 COALESCE(o.created_at, 0), COALESCE(o.updated_at, 0), COALESCE(o.confirmed, 0), COALESCE(o.failed, 0)`
	snapshotJoins = ` LEFT JOIN cases c ON c.payment_id = p.id LEFT JOIN operations o ON o.payment_id = p.id`
)

// paymentBody is what is kept of a payment beside its columns, the fields that the shop never sees among it.
type paymentBody struct {
	Method        payment.Means          `json:"method,omitempty"` // absent in payments from before there was another than a card
	Card          *payment.Card          `json:"card,omitempty"`
	Fingerprint   string                 `json:"fingerprint,omitempty"`
	Decision      *risk.Decision         `json:"decision,omitempty"`
	Authorisation *payment.Authorisation `json:"authorisation,omitempty"`
	Refusal       *payment.Refusal       `json:"refusal,omitempty"`
	Raw           string                 `json:"raw,omitempty"`
	Decline       *payment.ToBuyer       `json:"decline,omitempty"`
	Action        *providers.Action      `json:"action,omitempty"`
	Dispute       *payment.Dispute       `json:"dispute,omitempty"`
	Superseded    []string               `json:"superseded,omitempty"`
	Steps         []payment.Step         `json:"steps,omitempty"`
}

// caseBody is the kept form of a case.
type caseBody struct {
	hold.Case
	Language      string     `json:"language,omitempty"`
	FirstApproval string     `json:"first_approval,omitempty"`
	Reminded      int        `json:"reminded,omitempty"`
	Marks         hold.Marks `json:"marks,omitzero"`
}

// snapshotRow is one row of snapshotColumns.
type snapshotRow struct {
	p                  payment.Payment
	captured, refunded sql.NullInt64
	lease, due         int64
	created, updated   int64
	body, detail       string
	c                  hold.Case
	caseBody           string
	o                  payment.Operation
	opCreated, opLast  int64
}

func scanSnapshot(rows *sql.Rows) (r snapshotRow, err error) {
	err = rows.Scan(&r.p.ID, &r.p.Shop, &r.p.OrderReference, &r.p.Status, &r.p.Amount.Value, &r.p.Amount.Currency,
		&r.captured, &r.refunded, &r.p.Attempt, &r.p.Version, &r.lease, &r.due, &r.created, &r.updated, &r.body, &r.detail,
		&r.c.Shop, &r.c.Version, &r.c.TokenHash, &r.caseBody,
		&r.o.ID, &r.o.Type, &r.o.Status, &r.o.Amount.Value, &r.o.Amount.Currency, &r.o.Reason, &r.o.Key, &r.o.BodyHash,
		&r.o.Reference, &r.o.Actor, &r.opCreated, &r.opLast, &r.o.Confirmed, &r.o.Failed)
	return r, err
}

// payment puts the row's payment together, without its operations.
func (r snapshotRow) payment() (payment.Payment, error) {
	p := r.p
	p.CreatedAt, p.UpdatedAt, p.Due = moment(r.created), moment(r.updated), moment(r.due)
	p.Captured, p.Refunded = amount(r.captured, p.Amount.Currency), amount(r.refunded, p.Amount.Currency)
	var b paymentBody
	if err := json.Unmarshal([]byte(r.body), &b); err != nil {
		return p, fmt.Errorf("read payment %s: %w", p.ID, err)
	}
	if err := json.Unmarshal([]byte(r.detail), &p.Detail); err != nil {
		return p, fmt.Errorf("read payment %s: %w", p.ID, err)
	}
	p.Card, p.Decision, p.Authorisation, p.Refusal, p.Decline, p.Action = b.Card, b.Decision, b.Authorisation, b.Refusal, b.Decline, b.Action
	p.Dispute, p.Superseded, p.Steps = b.Dispute, b.Superseded, b.Steps
	p.Method.Type = cmp.Or(b.Method, payment.MeansCard)
	if p.Card != nil {
		p.Card.Fingerprint = b.Fingerprint
	}
	if p.Refusal != nil {
		p.Refusal.Raw = b.Raw
	}
	return p, nil
}

// held puts the row's case together; nil when the payment has none.
func (r snapshotRow) held() (*hold.Case, error) {
	if r.caseBody == "" {
		return nil, nil
	}
	var b caseBody
	if err := json.Unmarshal([]byte(r.caseBody), &b); err != nil {
		return nil, fmt.Errorf("read the case of payment %s: %w", r.p.ID, err)
	}
	c := b.Case
	c.Shop, c.Version, c.TokenHash = r.c.Shop, r.c.Version, r.c.TokenHash
	c.Language, c.FirstApproval, c.Reminded, c.Marks = b.Language, b.FirstApproval, b.Reminded, b.Marks
	return &c, nil
}

func amount(v sql.NullInt64, currency string) *providers.Amount {
	if !v.Valid {
		return nil
	}
	return &providers.Amount{Value: v.Int64, Currency: currency}
}

// snapshots reads what from and order name: from is the FROM clause, which calls the payments p.
func snapshots(ctx context.Context, q querier, from, order string, args ...any) ([]Snapshot, error) {
	rows, err := q.query(ctx, snapshotColumns+from+snapshotJoins+order+", o.created_at, o.id", args...)
	parts, err := collect(rows, err, scanSnapshot)
	if err != nil {
		return nil, err
	}
	var all []Snapshot
	for _, r := range parts {
		if n := len(all); n == 0 || all[n-1].Payment.ID != r.p.ID {
			one := Snapshot{LeaseUntil: moment(r.lease)}
			if one.Payment, err = r.payment(); err != nil {
				return nil, err
			}
			if one.Case, err = r.held(); err != nil {
				return nil, err
			}
			all = append(all, one)
		}
		if r.o.ID != "" {
			r.o.PaymentID, r.o.CreatedAt, r.o.UpdatedAt = r.p.ID, moment(r.opCreated), moment(r.opLast)
			last := &all[len(all)-1].Payment
			last.Operations = append(last.Operations, r.o)
		}
	}
	return all, nil
}

// snapshot reads the one payment that where names; CodeNotFound when there is none.
func snapshot(ctx context.Context, q querier, what, where string, args ...any) (Snapshot, error) {
	all, err := snapshots(ctx, q, " FROM payments p", " WHERE "+where+" ORDER BY p.id", args...)
	if err != nil {
		return Snapshot{}, failed(err)
	}
	if len(all) == 0 {
		return Snapshot{}, payment.Errorf(payment.CodeNotFound, "There is no such %s.", what)
	}
	return all[0], nil
}

// Payment reads a payment of the shop, or of any shop when shop is "". A payment of another shop is CodeNotFound.
// The Case of the payment itself stays nil in every Snapshot: it is the caller's to write, from Snapshot.Case.
func (s *Store) Payment(ctx context.Context, shop, id string) (Snapshot, error) {
	if shop == "" {
		return snapshot(ctx, s.db, "payment", "p.id = $1", id)
	}
	return snapshot(ctx, s.db, "payment", "p.id = $1 AND p.shop = $2", id, shop)
}

// PaymentByReference reads the payment that the provider knows by its own id.
func (s *Store) PaymentByReference(ctx context.Context, provider, reference string) (Snapshot, error) {
	return snapshot(ctx, s.db, "payment", "p.provider_reference = $1 AND p.provider = $2 AND p.provider_reference <> ''",
		reference, provider)
}

// PaymentByOperation reads the payment that the operation belongs to.
func (s *Store) PaymentByOperation(ctx context.Context, operationID string) (Snapshot, error) {
	return snapshot(ctx, s.db, "payment", "p.id = (SELECT payment_id FROM operations WHERE id = $1)", operationID)
}

// Case reads a case and its payment.
func (s *Store) Case(ctx context.Context, id string) (Snapshot, error) {
	return snapshot(ctx, s.db, "case", "c.id = $1", id)
}

// stillOpen is the condition of a case that takes something from its buyer: what does not meet it is not there, so that
// unknown, decided and expired cases are told by nothing.
const stillOpen = " AND c.status IN ('awaiting_proof', 'awaiting_review', 'awaiting_second') AND c.decide_by > $2"

// OpenCase reads a case that its buyer may still act on.
func (s *Store) OpenCase(ctx context.Context, id string) (Snapshot, error) {
	return snapshot(ctx, s.db, "case", "c.id = $1"+stillOpen, id, s.now())
}

// OpenCaseByToken is OpenCase for the case whose proof link's token has the SHA-256 hash.
func (s *Store) OpenCaseByToken(ctx context.Context, tokenHash []byte) (Snapshot, error) {
	return snapshot(ctx, s.db, "case", "c.token_hash = $1 AND length(c.token_hash) > 0"+stillOpen, tokenHash, s.now())
}

// Decisions reads all recorded decisions of a payment, oldest first.
func (s *Store) Decisions(ctx context.Context, paymentID string) ([]Decision, error) {
	rows, err := s.db.query(ctx, "SELECT id, stage, at, inputs FROM decisions WHERE payment_id = $1 ORDER BY at, length(id), id", paymentID)
	all, err := collect(rows, err, func(r *sql.Rows) (Decision, error) {
		d, at, packed := Decision{PaymentID: paymentID}, int64(0), []byte(nil)
		if err := r.Scan(&d.ID, &d.Stage, &at, &packed); err != nil {
			return d, err
		}
		d.At = moment(at)
		var err error
		d.Recorded, err = s.deflater.unpack(packed)
		return d, err
	})
	return all, failed(err)
}

// DueCases names cases whose clock may ask for something at now: open ones first, since their authorisation cannot wait
// while documents to destroy can, and of each the longest due first.
func (s *Store) DueCases(ctx context.Context, now time.Time, limit int) ([]string, error) {
	return s.ids(ctx, "SELECT id FROM cases WHERE next_due > 0 AND next_due <= $1 ORDER BY status IN ('approved', 'rejected', 'expired'), next_due LIMIT $2", now, limit)
}

// StalePending names payments that are pending, on which nobody has worked since olderThan, and whose provider is not to
// be given more time (Payment.Due).
func (s *Store) StalePending(ctx context.Context, olderThan time.Time, limit int) ([]string, error) {
	return s.ids(ctx, "SELECT id FROM payments WHERE status = 'pending' AND lease_until <= $1 AND due <= $2 ORDER BY lease_until LIMIT $3",
		olderThan, s.now(), limit)
}

// StaleActions names payments of the shop that have waited for a step of the buyer since before olderThan, and on which
// nobody works now. As long as they wait, their order cannot be paid otherwise. What waits for money that comes by
// itself has a time of its own: see DueActions.
func (s *Store) StaleActions(ctx context.Context, shop string, olderThan time.Time, limit int) ([]string, error) {
	return s.ids(ctx, `SELECT id FROM payments WHERE shop = $1 AND status = 'action_required' AND updated_at <= $2
 AND lease_until <= $3 AND due = 0 ORDER BY updated_at LIMIT $4`, shop, olderThan, s.now(), limit)
}

// DueActions names payments whose buyer had until before now to do what they wait for (Payment.Due), the longest due first.
func (s *Store) DueActions(ctx context.Context, now time.Time, limit int) ([]string, error) {
	return s.ids(ctx, "SELECT id FROM payments WHERE status = 'action_required' AND due > 0 AND due <= $1 ORDER BY due LIMIT $2", now, limit)
}

func (s *Store) ids(ctx context.Context, text string, args ...any) ([]string, error) {
	rows, err := s.db.query(ctx, text, args...)
	all, err := collect(rows, err, scanText)
	return all, failed(err)
}

// HasDocument reports whether a case lists the document.
func (s *Store) HasDocument(ctx context.Context, id string) (bool, error) {
	found, err := s.ids(ctx, "SELECT id FROM documents WHERE id = $1", id)
	return len(found) > 0, err
}

// OperationByKey finds the operation that the shop asked for under an Idempotency-Key.
func (s *Store) OperationByKey(ctx context.Context, shop, paymentID, key string) (op payment.Operation, found bool, err error) {
	snap, err := s.Payment(ctx, shop, paymentID)
	if payment.CodeOf(err) == payment.CodeNotFound && err != nil {
		return op, false, nil
	}
	if err != nil {
		return op, false, err
	}
	for _, o := range snap.Payment.Operations {
		if key != "" && o.Key == key {
			return o, true, nil
		}
	}
	return op, false, nil
}

// errNone reports whether a query found nothing.
func errNone(err error) bool { return errors.Is(err, sql.ErrNoRows) }
