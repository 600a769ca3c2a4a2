package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"octroi/gateway/payment"
	"octroi/risk"
)

// Subject is a buyer of one shop who asks to be forgotten, by e-mail address, by the shop's customer number, or by both,
// of which either is enough. Addresses are compared without regard to case.
type Subject struct {
	Shop    string
	Email   string
	BuyerID string
}

// contact is how a subject is found in what is kept of an order.
type contact struct{ ID, Email string }

func (s Subject) is(c contact) bool {
	return s.Email != "" && strings.EqualFold(strings.TrimSpace(c.Email), strings.TrimSpace(s.Email)) || s.BuyerID != "" && c.ID == s.BuyerID
}

// Found is what is kept of a subject.
type Found struct {
	Payments    []string
	Assessments []string
	// Lists are entries that name the subject. Taking them off a list is a decision of its own.
	Lists []ListEntry
	// First is when the oldest of the payments and assessments was made.
	First time.Time
}

// What is looked at is in no index, so all of a shop is read, this much at a time.
const (
	seekPayments    = 2000
	seekAssessments = 500
	seekHistory     = 5000
)

// FindSubject reads every payment and assessment of the shop, a bounded number at a time, and names those of the subject,
// oldest first.
func (s *Store) FindSubject(ctx context.Context, of Subject) (f Found, err error) {
	if of.Shop == "" || of.Email == "" && of.BuyerID == "" {
		return f, payment.Errorf(payment.CodeInvalid, "Name the shop, and the buyer by e-mail address or customer number.")
	}
	f.Payments, err = s.seek(ctx, &f, "SELECT id, created_at, detail FROM payments WHERE shop = $1 AND id > $2 ORDER BY id LIMIT $3", seekPayments, of,
		func(text []byte) (contact, error) {
			var detail struct{ Buyer contact }
			err := json.Unmarshal(text, &detail)
			return detail.Buyer, err
		})
	if err != nil {
		return f, fmt.Errorf("look for a buyer's payments: %w", err)
	}
	f.Assessments, err = s.seek(ctx, &f, "SELECT id, at, CASE WHEN shop = $1 THEN inputs END FROM assessments WHERE id > $2 ORDER BY id LIMIT $3", seekAssessments, of,
		func(packed []byte) (contact, error) {
			if packed == nil { // another shop's
				return contact{}, nil
			}
			in, err := s.deflater.unpack(packed)
			return contact{ID: in.Facts.Buyer.ID, Email: in.Facts.Buyer.Email}, err
		})
	if err != nil {
		return f, fmt.Errorf("look for a buyer's assessments: %w", err)
	}
	f.Lists, err = s.listEntries(ctx, " WHERE value <> '' AND value IN ($1, $2) ORDER BY list, value",
		risk.FoldListValue(of.Email), risk.FoldListValue(of.BuyerID))
	return f, err
}

// seek walks a table by id and names the rows of the subject.
func (s *Store) seek(ctx context.Context, f *Found, text string, batch int, of Subject, read func([]byte) (contact, error)) (ids []string, err error) {
	type row struct {
		id string
		at time.Time
		contact
	}
	for last := ""; ; {
		rows, err := s.db.query(ctx, text, of.Shop, last, batch)
		all, err := collect(rows, err, func(r *sql.Rows) (one row, err error) {
			var at int64
			var kept []byte
			if err := r.Scan(&one.id, &at, &kept); err != nil {
				return one, err
			}
			one.at = moment(at)
			if one.contact, err = read(kept); err != nil {
				return one, fmt.Errorf("read %s: %w", one.id, err)
			}
			return one, nil
		})
		if err != nil {
			return nil, failed(err)
		}
		for _, one := range all {
			last = one.id
			if !of.is(one.contact) {
				continue
			}
			ids = append(ids, one.id)
			if f.First.IsZero() || one.at.Before(f.First) {
				f.First = one.at
			}
		}
		if len(all) < batch {
			return ids, nil
		}
	}
}

// Erase changes a payment as Change does, and with it empties what else is kept of its buyer's contact: recorded inputs of
// decisions, reasons of operations, mails that have not left, messages that have. When fn gives no Payment, because it is
// still under way, it is kept in mind instead: DueErasures names it from later on.
func (s *Store) Erase(ctx context.Context, paymentID string, later time.Time, fn func(Snapshot) (Writes, error)) (erased bool, err error) {
	err = s.again(ctx, func() error {
		return s.db.write(ctx, func(tx transaction) error {
			_, w, err := s.changeIn(ctx, tx, "payment", "SELECT id FROM payments WHERE id = $1"+s.db.forUpdate(), paymentID, fn)
			if err != nil {
				return err
			}
			if erased = w.Payment != nil; !erased {
				return tx.run(ctx, []statement{laterStatement(paymentID, laterErase, later)})
			}
			return tx.run(ctx, append(emptied([]string{paymentID}),
				statement{"DELETE FROM outbox WHERE payment_id = $1 AND (state <> 'waiting' OR kind = 'mail')", []any{paymentID}, anyRows},
				statement{"DELETE FROM retention_later WHERE payment_id = $1 AND act = $2", []any{paymentID, laterErase}, anyRows}))
		})
	})
	var no refused
	if errors.As(err, &no) {
		return false, no.error
	}
	if err != nil {
		return false, written(err)
	}
	return erased, nil
}

// DueErasures names payments whose buyer asked to be forgotten and that are to be looked at again, the longest due first.
func (s *Store) DueErasures(ctx context.Context, now time.Time, limit int) ([]string, error) {
	return s.ids(ctx, "SELECT payment_id FROM retention_later WHERE act = $1 AND due <= $2 ORDER BY due LIMIT $3", laterErase, now, min(limit, maxClaim))
}

// ForgetAssessments deletes assessments and writes the audit line with it.
func (s *Store) ForgetAssessments(ctx context.Context, ids []string, a Audit) error {
	for part := range slices.Chunk(ids, maxClaim) {
		list, args := among(nil, part)
		err := s.again(ctx, func() error {
			return s.db.run(ctx, []statement{{"DELETE FROM assessments WHERE id IN " + list, args, anyRows}, s.auditStatement(a)})
		})
		if err != nil {
			return failed(err)
		}
	}
	return nil
}

// contactEntities are the entities of an order that are ways to reach its buyer, or what the shop declared of its own.
func contactEntities() []risk.Entity {
	return []risk.Entity{risk.EntityEmail, risk.EntityEmailDomain, risk.EntityDevice, risk.EntityPhone, risk.EntityCustomer,
		risk.EntityCustom1, risk.EntityCustom2, risk.EntityCustom3, risk.EntityCustom4}
}

// ForgetHistory takes the ways to reach their buyer out of the journal's events of the orders, all of which are from
// since or later. The velocity histories, which name entities by keyed hashes, keep what they have; when they are built
// again those orders no longer count for their buyer's address. It tells how many events it changed.
func (s *Store) ForgetHistory(ctx context.Context, orders []string, since time.Time) (changed int, err error) {
	if len(orders) == 0 {
		return 0, nil
	}
	of := map[string]bool{}
	for _, id := range orders {
		of[id] = true
	}
	at, seq := micros(since)-1, int64(0)
	for {
		rows, err := s.db.query(ctx, "SELECT "+historyColumns+" FROM history WHERE (at, seq) > ($1, $2) ORDER BY at, seq LIMIT $3", at, seq, seekHistory)
		batch, err := collect(rows, err, scanEntry)
		if err != nil {
			return changed, failed(err)
		}
		var all []statement
		for _, e := range batch {
			at, seq = micros(e.Record.At), e.Seq
			if of[e.Record.ID] {
				all = append(all, withoutContact(e))
			}
		}
		if len(all) > 0 {
			if err := s.again(ctx, func() error { return s.db.run(ctx, all) }); err != nil {
				return changed, failed(err)
			}
			changed += len(all)
		}
		if len(batch) < seekHistory {
			return changed, nil
		}
	}
}

// withoutContact is the event without the ways to reach its buyer.
func withoutContact(e JournalEntry) statement {
	for _, entity := range contactEntities() {
		e.Record.Keys[entity] = ""
	}
	keys, _ := json.Marshal(e.Record.Keys) // texts, which cannot fail
	return statement{"UPDATE history SET keys = $1 WHERE seq = $2", []any{string(keys), e.Seq}, 1}
}
