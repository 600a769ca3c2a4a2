package store

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"time"

	"octroi/gateway/payment"
)

// Bounds of a list entry, in bytes.
const (
	maxListName  = 64
	maxListValue = 256
	maxListNote  = 500
)

// ListEntries reads every entry of every list that has not expired at now, by list and value.
func (s *Store) ListEntries(ctx context.Context, now time.Time) ([]ListEntry, error) {
	return s.listEntries(ctx, " WHERE expires_at = 0 OR expires_at > $1 ORDER BY list, value", now)
}

// listEntries reads the entries that a WHERE clause names.
func (s *Store) listEntries(ctx context.Context, which string, args ...any) ([]ListEntry, error) {
	rows, err := s.db.query(ctx, "SELECT list, value, note, added_by, added_at, expires_at FROM list_entries"+which, args...)
	all, err := collect(rows, err, func(r *sql.Rows) (e ListEntry, err error) {
		var added, expires int64
		err = r.Scan(&e.List, &e.Value, &e.Note, &e.AddedBy, &added, &expires)
		e.AddedAt, e.ExpiresAt = moment(added), moment(expires)
		return e, err
	})
	return all, failed(err)
}

// PutListEntry adds an entry, or replaces the one of the same list and value, and writes the audit line with it.
func (s *Store) PutListEntry(ctx context.Context, e ListEntry, a Audit) error {
	return s.PutListEntries(ctx, []ListEntry{e}, a)
}

// PutListEntries is PutListEntry for many entries, each value at most once on a list, and one audit line for them all:
// in one transaction, all or none. SQLite lets nobody else write meanwhile.
func (s *Store) PutListEntries(ctx context.Context, entries []ListEntry, a Audit) error {
	for _, e := range entries {
		if wrong := outOfBounds(e); len(wrong) > 0 {
			return payment.Invalid(wrong...)
		}
	}
	return failed(s.again(ctx, func() error {
		return s.db.write(ctx, func(tx transaction) error {
			for some := range slices.Chunk(entries, s.db.rowsPerInsert()) {
				if err := ctx.Err(); err != nil {
					return err
				}
				if err := tx.run(ctx, []statement{putting(some)}); err != nil {
					return err
				}
			}
			// Last, since other writers of lists queue for it.
			return tx.run(ctx, []statement{s.auditStatement(a), listsChanged})
		})
	}))
}

// listsChanged counts a change to the lists.
var listsChanged = statement{"UPDATE list_changes SET changes = changes + 1 WHERE id = 1", nil, 1}

// ListChanges counts the changes that were made to the lists: while it stays, they do.
func (s *Store) ListChanges(ctx context.Context) (int64, error) {
	n, err := count(ctx, s.db, "SELECT changes FROM list_changes WHERE id = 1")
	return int64(n), failed(err)
}

func outOfBounds(e ListEntry) (wrong []payment.FieldError) {
	for _, f := range []struct {
		name, value string
		least, most int
	}{{"list", e.List, 1, maxListName}, {"value", e.Value, 1, maxListValue}, {"note", e.Note, 0, maxListNote}} {
		if len(f.value) < f.least || len(f.value) > f.most {
			wrong = append(wrong, payment.FieldError{Pointer: "/" + f.name, Detail: "is empty or too long"})
		}
	}
	return wrong
}

func putting(entries []ListEntry) statement {
	rows := make([][]any, len(entries))
	for i, e := range entries {
		rows[i] = []any{e.List, e.Value, e.Note, e.AddedBy, e.AddedAt, e.ExpiresAt}
	}
	put := manyRows("INSERT INTO list_entries (list, value, note, added_by, added_at, expires_at) VALUES ", rows)
	put.text += ` ON CONFLICT (list, value) DO UPDATE SET note = excluded.note, added_by = excluded.added_by, added_at = excluded.added_at,
  expires_at = excluded.expires_at`
	return put
}

// RemoveListEntry removes an entry and writes the audit line with it. CodeNotFound when there is no such entry.
func (s *Store) RemoveListEntry(ctx context.Context, list, value string, a Audit) error {
	remove := statement{"DELETE FROM list_entries WHERE list = $1 AND value = $2", []any{list, value}, 1}
	err := s.again(ctx, func() error {
		return s.db.run(ctx, []statement{remove, s.auditStatement(a), listsChanged})
	})
	if errors.Is(err, ErrStale) {
		return payment.Errorf(payment.CodeNotFound, "There is no such entry on the list.")
	}
	return failed(err)
}
