package store

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"slices"
	"time"
)

// SaveNotifications keeps a provider's reports, all or none, and tells how many were new: a report that is there
// already, settled or not, is left as it is. When it returns without error they may be acknowledged.
func (s *Store) SaveNotifications(ctx context.Context, ns []StoredNotification) (fresh int, err error) {
	texts := make([]string, len(ns))
	for i, n := range ns {
		text, err := json.Marshal(n)
		if err != nil {
			return 0, fmt.Errorf("keep notification %s: %w", n.Key(), err)
		}
		texts[i] = string(text)
	}
	err = s.again(ctx, func() error {
		fresh = 0
		return s.db.write(ctx, func(tx transaction) error {
			for i, n := range ns {
				rows, err := tx.query(ctx, `INSERT INTO notifications (key, body, received_at, due, attempts, lease_until, settled, last_error)
 VALUES ($1, $2, $3, $4, 0, 0, FALSE, '') ON CONFLICT DO NOTHING RETURNING key`, n.Key(), texts[i], n.ReceivedAt, s.now())
				keys, err := collect(rows, err, scanText)
				if err != nil {
					return err
				}
				fresh += len(keys)
			}
			return nil
		})
	})
	if err != nil {
		return 0, failed(err)
	}
	if fresh > 0 {
		s.wakes.signal(topicNotifications)
	}
	return fresh, nil
}

// ClaimNotifications takes up to limit reports that are due, oldest first, and keeps them from every other claimer
// until the lease ends. Writes.Notifications settles them.
func (s *Store) ClaimNotifications(ctx context.Context, limit int, lease time.Duration) ([]StoredNotification, error) {
	now := s.now()
	all, err := claim(ctx, s, `WITH next AS MATERIALIZED (SELECT key FROM notifications WHERE NOT settled AND due <= $2 AND lease_until <= $2 ORDER BY due, received_at LIMIT $3`+
		s.db.skipLocked()+`)
 UPDATE notifications SET attempts = attempts + 1, lease_until = $1 WHERE key IN (SELECT key FROM next)
 RETURNING body, received_at, attempts`, []any{now.Add(lease), now, min(max(limit, 0), maxClaim)}, scanNotification)
	slices.SortStableFunc(all, func(a, b StoredNotification) int {
		return cmp.Or(a.ReceivedAt.Compare(b.ReceivedAt), cmp.Compare(a.ID, b.ID))
	})
	return all, err
}

func scanNotification(rows *sql.Rows) (n StoredNotification, err error) {
	var body string
	var received int64
	var attempts int
	if err := rows.Scan(&body, &received, &attempts); err != nil {
		return n, err
	}
	if err := json.Unmarshal([]byte(body), &n); err != nil {
		return n, fmt.Errorf("read a notification: %w", err)
	}
	n.ReceivedAt, n.Attempts = moment(received), attempts
	return n, nil
}

// RetryNotification gives a claimed report back, to be claimed again from due on. key is its Key; lastErr is cut to
// 500 bytes.
func (s *Store) RetryNotification(ctx context.Context, key string, due time.Time, lastErr string) error {
	return failed(s.again(ctx, func() error {
		_, err := s.db.exec(ctx, "UPDATE notifications SET due = $1, lease_until = 0, last_error = $2 WHERE key = $3 AND NOT settled",
			due, cut(lastErr, maxLastError), key)
		return err
	}))
}
