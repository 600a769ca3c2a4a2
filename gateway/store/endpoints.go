package store

import (
	"context"
	"database/sql"
	"errors"
	"time"
)

// ClosedEndpoint is a shop's webhook endpoint that wants no more webhooks.
type ClosedEndpoint struct {
	Shop     string
	URLHash  []byte // of the address that said so, which may itself hold a secret and is therefore not kept
	ClosedAt time.Time
	Reason   string
}

// ClosedEndpoints lists the endpoints that are closed, by shop.
func (s *Store) ClosedEndpoints(ctx context.Context) ([]ClosedEndpoint, error) {
	rows, err := s.db.query(ctx, "SELECT shop, url_hash, closed_at, reason FROM closed_endpoints ORDER BY shop")
	all, err := collect(rows, err, func(r *sql.Rows) (e ClosedEndpoint, err error) {
		var at int64
		err = r.Scan(&e.Shop, &e.URLHash, &at, &e.Reason)
		e.ClosedAt = moment(at)
		return e, err
	})
	return all, failed(err)
}

// CloseEndpoint keeps that a shop's endpoint wants no more. A shop has one endpoint: a later word takes the place of
// an earlier one.
func (s *Store) CloseEndpoint(ctx context.Context, e ClosedEndpoint) error {
	_, err := s.write(ctx, `INSERT INTO closed_endpoints (shop, url_hash, closed_at, reason) VALUES ($1, $2, $3, $4)
 ON CONFLICT (shop) DO UPDATE SET url_hash = excluded.url_hash, closed_at = excluded.closed_at, reason = excluded.reason`,
		e.Shop, e.URLHash, e.ClosedAt, cut(e.Reason, maxLastError))
	return err
}

// ForgetEndpoint drops what is known of an address that the shop no longer has.
func (s *Store) ForgetEndpoint(ctx context.Context, shop string, urlHash []byte) error {
	_, err := s.write(ctx, "DELETE FROM closed_endpoints WHERE shop = $1 AND url_hash = $2", shop, urlHash)
	return err
}

// OpenEndpoint lets a shop's endpoint have webhooks again and writes the audit line with it. It reports whether the
// endpoint was closed; of one that was not nothing is written.
func (s *Store) OpenEndpoint(ctx context.Context, shop string, a Audit) (was bool, err error) {
	open := statement{"DELETE FROM closed_endpoints WHERE shop = $1", []any{shop}, 1}
	err = s.again(ctx, func() error { return s.db.run(ctx, []statement{open, s.auditStatement(a)}) })
	if errors.Is(err, ErrStale) {
		return false, nil
	}
	return err == nil, failed(err)
}
