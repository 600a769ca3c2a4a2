package store

import (
	"context"
	"database/sql"
	"time"

	"octroi/gateway/hold"
)

// Counts counts what waits. Maps hold no entry for what there is none of.
func (s *Store) Counts(ctx context.Context) (Counts, error) {
	c := Counts{Cases: map[hold.Status]int{}, Oldest: map[hold.Status]time.Time{}, Outbox: map[Kind]int{}, Buried: map[Kind]int{}}
	err := s.groups(ctx, "SELECT status, COUNT(*), MIN(created_at) FROM cases GROUP BY status", func(name string, n int, oldest int64) {
		status := hold.Status(name)
		c.Cases[status] = n
		if status.Open() {
			c.Oldest[status] = moment(oldest)
		}
	})
	if err != nil {
		return Counts{}, err
	}
	err = s.groups(ctx, "SELECT kind, COUNT(*), 0 FROM outbox WHERE state = 'waiting' GROUP BY kind",
		func(name string, n int, _ int64) { c.Outbox[Kind(name)] = n })
	if err != nil {
		return Counts{}, err
	}
	err = s.groups(ctx, "SELECT kind, COUNT(*), 0 FROM outbox WHERE state = 'buried' GROUP BY kind",
		func(name string, n int, _ int64) { c.Buried[Kind(name)] = n })
	if err != nil {
		return Counts{}, err
	}
	c.Notifications, err = count(ctx, s.db, "SELECT COUNT(*) FROM notifications WHERE NOT settled")
	if err != nil {
		return Counts{}, failed(err)
	}
	c.History, err = count(ctx, s.db, "SELECT COUNT(*) FROM history WHERE NOT applied")
	return c, failed(err)
}

// groups hands every row of (name, number, number) to put.
func (s *Store) groups(ctx context.Context, text string, put func(name string, n int, least int64)) error {
	rows, err := s.db.query(ctx, text)
	_, err = collect(rows, err, func(r *sql.Rows) (struct{}, error) {
		var name string
		var n int
		var least int64
		if err := r.Scan(&name, &n, &least); err != nil {
			return struct{}{}, err
		}
		put(name, n, least)
		return struct{}{}, nil
	})
	return failed(err)
}
