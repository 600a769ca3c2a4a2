package store

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"database/sql"
	"encoding/binary"
	"errors"
	"fmt"
	"log/slog"
)

// verifyBatch is how many audit rows VerifyAudit reads at a time.
const verifyBatch = 1000

func (s *Store) auditStatement(a Audit) statement {
	at := a.At
	if at.IsZero() {
		at = s.now()
	}
	return statement{"INSERT INTO audit (at, actor, action, subject, detail) VALUES ($1, $2, $3, $4, $5)",
		[]any{at, a.Actor, a.Action, a.Subject, cut(a.Detail, maxAuditDetail)}, 1}
}

// auditRow is one row of the audit log with its place in the chain.
type auditRow struct {
	id, at                         int64
	actor, action, subject, detail string
	chain                          int64
	mac                            []byte
}

const auditColumns = "id, at, actor, action, subject, detail, COALESCE(chain, 0), mac"

func scanAudit(r *sql.Rows) (a auditRow, err error) {
	return a, r.Scan(&a.id, &a.at, &a.actor, &a.action, &a.subject, &a.detail, &a.chain, &a.mac)
}

// AuditTrail reads what was done to a subject, or everything when subject is "", newest first, at most limit lines.
func (s *Store) AuditTrail(ctx context.Context, subject string, limit int) ([]Audit, error) {
	condition, args := "", []any{min(max(limit, 0), verifyBatch)}
	if subject != "" {
		condition, args = " WHERE subject = $2", append(args, subject)
	}
	rows, err := s.db.query(ctx, "SELECT "+auditColumns+" FROM audit"+condition+" ORDER BY id DESC LIMIT $1", args...)
	all, err := collect(rows, err, func(r *sql.Rows) (Audit, error) {
		a, err := scanAudit(r)
		return Audit{At: moment(a.at), Actor: a.actor, Action: a.action, Subject: a.subject, Detail: a.detail}, err
	})
	return all, failed(err)
}

// mac computes a link of a chain: HMAC-SHA-256 over the link before and the fields, each with its length in front so
// that no two different rows read alike.
func (s *Store) mac(before []byte, fields ...[]byte) []byte {
	m := hmac.New(sha256.New, s.auditKey)
	var length [8]byte
	for _, f := range append([][]byte{before}, fields...) {
		binary.BigEndian.PutUint64(length[:], uint64(len(f)))
		m.Write(length[:])
		m.Write(f)
	}
	return m.Sum(nil)
}

// link is the MAC of an audit row at its place in the chain.
func (s *Store) link(before []byte, a auditRow) []byte {
	return s.mac(before, []byte("row"), number(a.chain), number(a.id), number(a.at), []byte(a.actor), []byte(a.action),
		[]byte(a.subject), []byte(a.detail))
}

func number(n int64) []byte { return binary.BigEndian.AppendUint64(nil, uint64(n)) }

// auditHead is the end of the chain, sealed so that rows cut off the end are missed.
type auditHead struct {
	chain     int64
	mac, seal []byte
}

func (s *Store) sealOf(h auditHead) []byte { return s.mac(h.mac, []byte("head"), number(h.chain)) }

func (s *Store) head(ctx context.Context, q querier, lock string) (auditHead, error) {
	rows, err := q.query(ctx, "SELECT chain, mac, seal FROM audit_head WHERE id = 1"+lock)
	h, err := one(rows, err, func(r *sql.Rows) (h auditHead, err error) { return h, r.Scan(&h.chain, &h.mac, &h.seal) })
	if errNone(err) {
		return h, errors.New("the end of the audit chain was removed")
	}
	if err == nil && h.chain > 0 && !hmac.Equal(h.seal, s.sealOf(h)) {
		return h, errors.New("the end of the audit chain was changed, or the audit key is another one")
	}
	return h, err
}

// SealAudit chains up to limit audit rows that were committed since, in one transaction, and tells how many. Two
// processes may do it at the same time: they take turns at the chain's end. Until a row is sealed nothing shows that
// it was tampered with, so this runs every few seconds. The chain's end is logged: the log is what shows an
// old copy of the whole table put back.
func (s *Store) SealAudit(ctx context.Context, limit int) (sealed int, err error) {
	if waiting, err := count(ctx, s.db, "SELECT COUNT(*) FROM (SELECT id FROM audit WHERE chain IS NULL LIMIT 1) one"); err != nil || waiting == 0 {
		return 0, failed(err)
	}
	var end auditHead
	err = s.again(ctx, func() error {
		return s.db.write(ctx, func(tx transaction) error {
			sealed, end, err = s.sealIn(ctx, tx, limit)
			return err
		})
	})
	if err != nil {
		return 0, fmt.Errorf("seal the audit chain: %w", err)
	}
	if sealed > 0 {
		s.log.LogAttrs(ctx, slog.LevelDebug, "audit sealed", slog.Int64("chain", end.chain), slog.String("mac", fmt.Sprintf("%x", end.mac)))
	}
	return sealed, nil
}

func (s *Store) sealIn(ctx context.Context, tx transaction, limit int) (int, auditHead, error) {
	head, err := s.head(ctx, tx, s.db.forUpdate())
	if err != nil {
		return 0, head, err
	}
	rows, err := tx.query(ctx, "SELECT "+auditColumns+" FROM audit WHERE chain IS NULL ORDER BY id LIMIT $1", min(max(limit, 0), verifyBatch))
	open, err := collect(rows, err, scanAudit)
	if err != nil || len(open) == 0 {
		return 0, head, err
	}
	all := make([]statement, 0, len(open)+1)
	for _, a := range open {
		head.chain++
		a.chain = head.chain
		head.mac = s.link(head.mac, a)
		all = append(all, statement{"UPDATE audit SET chain = $1, mac = $2 WHERE id = $3 AND chain IS NULL", []any{a.chain, head.mac, a.id}, 1})
	}
	all = append(all, statement{"UPDATE audit_head SET chain = $1, mac = $2, seal = $3 WHERE id = 1",
		[]any{head.chain, head.mac, s.sealOf(head)}, 1})
	return len(open), head, tx.run(ctx, all)
}

// VerifyAudit reads the whole chain and tells how many rows are as they were sealed. The error names the first row that
// is not: one that was edited, moved, or is missing.
func (s *Store) VerifyAudit(ctx context.Context) (checked int, err error) {
	end, err := s.head(ctx, s.db, "")
	if err != nil {
		return 0, fmt.Errorf("verify the audit chain: %w", err)
	}
	var before []byte
	for at := int64(0); at < end.chain; {
		rows, err := s.db.query(ctx, "SELECT "+auditColumns+" FROM audit WHERE chain > $1 AND chain <= $2 ORDER BY chain LIMIT $3",
			at, end.chain, verifyBatch)
		batch, err := collect(rows, err, scanAudit)
		if err != nil {
			return checked, failed(err)
		}
		if len(batch) == 0 {
			return checked, fmt.Errorf("audit row %d of the chain is missing, and all after it", at+1)
		}
		for _, a := range batch {
			if at++; a.chain != at {
				return checked, fmt.Errorf("audit row %d of the chain is missing", at)
			}
			want := s.link(before, a)
			if !hmac.Equal(want, a.mac) {
				return checked, fmt.Errorf("audit row %d of the chain (id %d) is not as it was sealed", a.chain, a.id)
			}
			before = want
			checked++
		}
	}
	if !bytes.Equal(before, end.mac) {
		return checked, fmt.Errorf("audit row %d of the chain is not the one that was sealed as its end", end.chain)
	}
	return checked, nil
}
