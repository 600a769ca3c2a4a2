package store

import (
	"context"
	"database/sql"
	"time"

	"octroi/gateway/hold"
	"octroi/gateway/payment"
)

// What a payment in retention_later waits for.
const (
	laterAge   = "age"   // to be pseudonymised
	laterErase = "erase" // to be erased, which its buyer asked for
)

// Aged is what becomes of a payment whose time may be over.
type Aged struct {
	// Payment, and the Case when there is one, are what is left. Without a Payment it is looked at again at Later.
	Payment *payment.Payment
	Case    *hold.Case
	Later   time.Time
}

// AgePayments hands payments made before the moment to age, each once, oldest first, and those that it put off when
// their time has come; what age leaves of them takes their place, and what hangs on them is emptied: recorded inputs of
// decisions, reasons and keys of operations, the idempotency key, mails and messages that left. It does at most limit payments in
// one transaction, with a mark of how far it came, and tells how many it looked at: a crash repeats at most what was not
// committed. age may be called again and must not call the Store.
func (s *Store) AgePayments(ctx context.Context, before time.Time, limit int, age func(Snapshot) Aged) (looked int, err error) {
	err = s.again(ctx, func() error {
		return s.db.write(ctx, func(tx transaction) (err error) {
			looked, err = s.ageIn(ctx, tx, before, min(max(limit, 1), maxClaim), age)
			return err
		})
	})
	return looked, failed(err)
}

func (s *Store) ageIn(ctx context.Context, tx transaction, before time.Time, limit int, age func(Snapshot) Aged) (int, error) {
	rows, err := tx.query(ctx, "SELECT reached FROM retention WHERE kind = 'payments'"+s.db.forUpdate()) // one process at a time
	reached, err := one(rows, err, scanText)
	if err != nil {
		return 0, err
	}
	rows, err = tx.query(ctx, "SELECT payment_id FROM retention_later WHERE act = $1 AND due <= $2 ORDER BY due LIMIT $3", laterAge, s.now(), limit)
	ids, err := collect(rows, err, scanText)
	if err != nil {
		return 0, err
	}
	rows, err = tx.query(ctx, "SELECT id FROM payments WHERE id > $1 AND id < $2 ORDER BY id LIMIT $3",
		reached, payment.FirstID(payment.PrefixPayment, before), limit-len(ids))
	fresh, err := collect(rows, err, scanText)
	if err != nil || len(ids)+len(fresh) == 0 {
		return 0, err
	}
	ids = append(ids, fresh...)
	all, err := s.ageStatements(ctx, tx, ids, age)
	if err != nil {
		return 0, err
	}
	if len(fresh) > 0 {
		all = append(all, statement{"UPDATE retention SET reached = $1 WHERE kind = 'payments'", []any{fresh[len(fresh)-1]}, 1})
	}
	return len(ids), tx.run(ctx, all)
}

// ageStatements are what age makes of the payments.
func (s *Store) ageStatements(ctx context.Context, tx transaction, ids []string, age func(Snapshot) Aged) (all []statement, err error) {
	list, args := among(nil, ids)
	rows, err := tx.query(ctx, "SELECT id FROM payments WHERE id IN "+list+" ORDER BY id"+s.db.forUpdate(), args...)
	if _, err := collect(rows, err, scanText); err != nil {
		return nil, err
	}
	snaps, err := snapshots(ctx, tx, " FROM payments p", " WHERE p.id IN "+list+" ORDER BY p.id", args...)
	if err != nil {
		return nil, err
	}
	var gone []string
	for _, snap := range snaps {
		a := age(snap)
		if a.Payment == nil {
			all = append(all, laterStatement(snap.Payment.ID, laterAge, a.Later))
			continue
		}
		more, err := s.statements(Writes{Payment: a.Payment, Case: a.Case})
		if err != nil {
			return nil, err
		}
		all, gone = append(all, more...), append(gone, snap.Payment.ID)
	}
	if len(gone) == 0 {
		return all, nil
	}
	all = append(all, emptied(gone)...)
	list, args = among([]any{[]byte{}}, gone)
	all = append(all,
		// Nobody can retry a request of so long ago, and its key may name whoever the shop named in it.
		statement{"UPDATE payments SET idempotency_key = 'pseudonymised ' || id, body_hash = $1 WHERE id IN " + list, args, int64(len(gone))},
		statement{"UPDATE operations SET key = '', body_hash = $1 WHERE payment_id IN " + list, args, anyRows})
	list, args = among(nil, gone)
	return append(all,
		// By then no order can be disputed for which a document would have to be known again.
		statement{"UPDATE documents SET exact = '', look = 0 WHERE case_id IN (SELECT id FROM cases WHERE payment_id IN " + list + ")", args, anyRows},
		statement{"DELETE FROM outbox WHERE (state <> 'waiting' OR kind = 'mail') AND payment_id IN " + list, args, anyRows},
		statement{"DELETE FROM retention_later WHERE payment_id IN " + list, args, anyRows}), nil
}

// emptied are the statements that empty what was recorded in a buyer's own words beside the payments.
func emptied(paymentIDs []string) []statement {
	list, args := among([]any{[]byte{}}, paymentIDs)
	reasons, reasonArgs := among(nil, paymentIDs)
	return []statement{
		{"UPDATE decisions SET inputs = $1 WHERE payment_id IN " + list, args, anyRows},
		{"UPDATE operations SET reason = '' WHERE payment_id IN " + reasons, reasonArgs, anyRows}}
}

func laterStatement(id, act string, due time.Time) statement {
	return statement{`INSERT INTO retention_later (payment_id, act, due) VALUES ($1, $2, $3)
 ON CONFLICT (payment_id, act) DO UPDATE SET due = excluded.due`, []any{id, act, due}, 1}
}

// Purge is what PurgeSettled takes away: rows that were settled, or are from, before these moments. A zero moment takes
// nothing.
type Purge struct {
	Messages      time.Time // messages that left, and mails that were given up on
	Buried        time.Time // other messages that were given up on
	Notifications time.Time // reports that took effect
	History       time.Time // events that the velocity histories have
	Assessments   time.Time
}

// PurgeSettled deletes at most limit rows of each kind, and tells whether there may be more.
func (s *Store) PurgeSettled(ctx context.Context, p Purge, limit int) (more bool, err error) {
	limit = min(max(limit, 1), maxClaim)
	for _, part := range []struct {
		text   string
		before time.Time
	}{
		{`DELETE FROM outbox WHERE id IN (SELECT id FROM outbox WHERE state <> 'waiting' AND settled_at < $1
 AND (state = 'done' OR kind = 'mail') ORDER BY settled_at LIMIT $2)`, p.Messages},
		{"DELETE FROM outbox WHERE id IN (SELECT id FROM outbox WHERE state <> 'waiting' AND settled_at < $1 ORDER BY settled_at LIMIT $2)", p.Buried},
		{"DELETE FROM notifications WHERE key IN (SELECT key FROM notifications WHERE settled AND received_at < $1 ORDER BY received_at LIMIT $2)", p.Notifications},
		{"DELETE FROM history WHERE seq IN (SELECT seq FROM history WHERE at < $1 AND applied ORDER BY at, seq LIMIT $2)", p.History},
	} {
		if part.before.IsZero() {
			continue
		}
		n, err := s.write(ctx, part.text, part.before, limit)
		if err != nil {
			return false, err
		}
		more = more || n == int64(limit)
	}
	if p.Assessments.IsZero() {
		return more, nil
	}
	n, err := s.write(ctx, "DELETE FROM assessments WHERE id IN (SELECT id FROM assessments WHERE id < $1 AND at < $2 ORDER BY id LIMIT $3)",
		payment.FirstID(payment.PrefixAssessment, p.Assessments), p.Assessments, limit)
	return more || n == int64(limit), err
}

// Oldest is what each rule of retention would take away next. Zero times stand for nothing.
type Oldest struct {
	Payment      time.Time // when the oldest payment was made that nobody has looked at
	PutOff       time.Time // when the longest due of those put off was due
	Erasure      time.Time // the same of those whose buyer asked to be forgotten
	Message      time.Time // when the oldest message left, or its mail was given up on
	Notification time.Time // when the oldest report came that took effect
	History      time.Time // of the oldest event that the velocity histories have
	Assessment   time.Time
	Documents    time.Time // when documents of a decided case were due to be destroyed
}

// Oldest finds it.
func (s *Store) Oldest(ctx context.Context) (o Oldest, err error) {
	for _, q := range []struct {
		to   *time.Time
		text string
	}{
		{&o.Payment, "SELECT created_at FROM payments WHERE id > (SELECT reached FROM retention WHERE kind = 'payments') ORDER BY id LIMIT 1"},
		{&o.PutOff, "SELECT due FROM retention_later WHERE act = '" + laterAge + "' ORDER BY due LIMIT 1"},
		{&o.Erasure, "SELECT due FROM retention_later WHERE act = '" + laterErase + "' ORDER BY due LIMIT 1"},
		{&o.Message, "SELECT settled_at FROM outbox WHERE state <> 'waiting' AND (state = 'done' OR kind = 'mail') ORDER BY settled_at LIMIT 1"},
		{&o.Notification, "SELECT received_at FROM notifications WHERE settled ORDER BY received_at LIMIT 1"},
		{&o.History, "SELECT at FROM history WHERE applied ORDER BY at, seq LIMIT 1"},
		{&o.Assessment, "SELECT at FROM assessments ORDER BY id LIMIT 1"},
		{&o.Documents, "SELECT next_due FROM cases WHERE next_due > 0 AND status IN ('approved', 'rejected', 'expired') ORDER BY next_due LIMIT 1"},
	} {
		rows, err := s.db.query(ctx, q.text)
		found, err := collect(rows, err, func(r *sql.Rows) (us int64, err error) { return us, r.Scan(&us) })
		if err != nil {
			return Oldest{}, failed(err)
		}
		if len(found) > 0 {
			*q.to = moment(found[0])
		}
	}
	return o, nil
}

// Scrub makes sure that what was deleted is in no file of the database any more, as far as the database can: SQLite, which
// overwrites what is deleted, empties its log into the file. PostgreSQL frees the space of old rows at its own time
// (autovacuum), and its log lives as long as its archive does.
func (s *Store) Scrub(ctx context.Context) error { return failed(s.db.scrub(ctx)) }
