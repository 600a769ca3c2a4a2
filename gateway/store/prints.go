package store

import (
	"context"
	"database/sql"
	"time"
)

// Print is what one document is known again by.
type Print struct {
	DocumentID string
	CaseID     string
	Look       uint64 // of Looks
}

// SamePrints are the shop's documents received since then that have the exact print, newest first, limit at most.
func (s *Store) SamePrints(ctx context.Context, shop, exact string, since time.Time, limit int) ([]Print, error) {
	return s.prints(ctx, "exact = $4 AND exact <> ''", shop, since, limit, exact)
}

// Looks are the prints by looks of the shop's documents received since then, newest first, limit at most. Documents
// without one are left out.
func (s *Store) Looks(ctx context.Context, shop string, since time.Time, limit int) ([]Print, error) {
	return s.prints(ctx, "look <> 0", shop, since, limit)
}

func (s *Store) prints(ctx context.Context, which, shop string, since time.Time, limit int, args ...any) ([]Print, error) {
	rows, err := s.db.query(ctx, "SELECT id, case_id, look FROM documents WHERE "+which+
		" AND shop = $1 AND received_at >= $2 ORDER BY received_at DESC LIMIT $3", append([]any{shop, since, limit}, args...)...)
	all, err := collect(rows, err, func(r *sql.Rows) (p Print, err error) {
		var look int64
		err = r.Scan(&p.DocumentID, &p.CaseID, &look)
		p.Look = uint64(look)
		return p, err
	})
	return all, failed(err)
}
