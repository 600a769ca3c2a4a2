package store

import (
	"context"
	"time"
)

// OldestWaiting is when the oldest message still to be delivered was written, by kind, those waiting for a retry
// included. The map holds no entry for a kind of which none waits.
func (s *Store) OldestWaiting(ctx context.Context) (map[Kind]time.Time, error) {
	oldest := map[Kind]time.Time{}
	err := s.groups(ctx, "SELECT kind, COUNT(*), MIN(created_at) FROM outbox WHERE state = 'waiting' GROUP BY kind",
		func(name string, _ int, least int64) { oldest[Kind(name)] = moment(least) })
	return oldest, err
}
