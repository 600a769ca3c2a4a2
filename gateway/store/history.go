package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"iter"
	"slices"
	"time"

	"octroi/risk"
)

// journalBatch is how many entries Journal reads at a time.
const journalBatch = 1000

// historyColumns are a JournalEntry as scanEntry reads it.
const historyColumns = "seq, shop, order_id, at, kind, code, amount, currency, keys, issuer_country, applied"

func (s *Store) historyStatements(events []History) ([]statement, error) {
	var all []statement
	for part := range slices.Chunk(events, s.db.rowsPerInsert()) {
		rows := make([][]any, len(part))
		for i, h := range part {
			keys, err := json.Marshal(h.Record.Keys)
			if err != nil {
				return nil, fmt.Errorf("write the history of %s: %w", h.Record.ID, err)
			}
			r := h.Record
			rows[i] = []any{h.Shop, r.ID, r.At, r.Kind.String(), r.Code, r.Amount, r.Currency, string(keys), r.IssuerCountry, h.Applied, 0}
		}
		all = append(all, manyRows(
			"INSERT INTO history (shop, order_id, at, kind, code, amount, currency, keys, issuer_country, applied, lease_until) VALUES ", rows))
	}
	return all, nil
}

func scanEntry(rows *sql.Rows) (e JournalEntry, err error) {
	var at int64
	var kind, keys string
	r := &e.Record
	if err := rows.Scan(&e.Seq, &e.Shop, &r.ID, &at, &kind, &r.Code, &r.Amount, &r.Currency, &keys, &r.IssuerCountry, &e.Applied); err != nil {
		return e, err
	}
	r.At = moment(at)
	var known bool
	if r.Kind, known = risk.EventNamed(kind); !known {
		return e, fmt.Errorf("history entry %d: unknown kind %q", e.Seq, kind)
	}
	// Read as a slice: entries written before an entity was added are shorter than the array.
	var values []string
	if err := json.Unmarshal([]byte(keys), &values); err != nil {
		return e, fmt.Errorf("history entry %d: %w", e.Seq, err)
	}
	copy(r.Keys[:], values)
	return e, nil
}

// ClaimHistory takes up to limit events that the velocity histories do not have yet, oldest first, and keeps them from
// every other claimer until the lease ends.
func (s *Store) ClaimHistory(ctx context.Context, limit int, lease time.Duration) ([]JournalEntry, error) {
	now := s.now()
	all, err := claim(ctx, s, `WITH next AS MATERIALIZED (SELECT seq FROM history WHERE NOT applied AND lease_until <= $2 ORDER BY seq LIMIT $3`+s.db.skipLocked()+`)
 UPDATE history SET lease_until = $1 WHERE seq IN (SELECT seq FROM next) RETURNING `+historyColumns, []any{now.Add(lease), now, min(max(limit, 0), maxClaim)}, scanEntry)
	slices.SortFunc(all, func(a, b JournalEntry) int { return int(a.Seq - b.Seq) })
	return all, err
}

// HistoryApplied says that the velocity histories have the events. Events are kept for rebuilding them.
func (s *Store) HistoryApplied(ctx context.Context, seqs ...int64) error {
	for part := range slices.Chunk(seqs, maxClaim) {
		list, args := among(nil, part)
		err := s.again(ctx, func() error {
			_, err := s.db.exec(ctx, "UPDATE history SET applied = TRUE WHERE seq IN "+list, args...)
			return err
		})
		if err != nil {
			return failed(err)
		}
	}
	return nil
}

// Journal streams all events from since on in the order of their time, whether applied or not. It reads in batches and
// holds no lock; an event that is committed while it runs is given when its time is still ahead of the stream.
func (s *Store) Journal(ctx context.Context, since time.Time) iter.Seq2[JournalEntry, error] {
	return func(yield func(JournalEntry, error) bool) {
		at, seq := micros(since), int64(0)
		for {
			rows, err := s.db.query(ctx, "SELECT "+historyColumns+` FROM history WHERE (at, seq) > ($1, $2)
 ORDER BY at, seq LIMIT $3`, at, seq, journalBatch)
			batch, err := collect(rows, err, scanEntry)
			if err != nil {
				yield(JournalEntry{}, failed(err))
				return
			}
			for _, e := range batch {
				if !yield(e, nil) {
					return
				}
				at, seq = micros(e.Record.At), e.Seq
			}
			if len(batch) < journalBatch {
				return
			}
		}
	}
}
