package store

import (
	"context"
	"fmt"
	"time"
)

// Bounds of what a page shows of lists, which may have millions of entries: how many lists there are names of, and up to
// where the entries of one are counted.
const (
	maxLists   = 200
	MaxCounted = 10_000
)

// ListSize is a list and how many entries it has: MaxCounted+1 stands for more than MaxCounted.
type ListSize struct {
	List    string
	Entries int
}

// ListSizes tells which lists have entries that have not expired at now, by name, and how many.
func (s *Store) ListSizes(ctx context.Context, now time.Time) ([]ListSize, error) {
	var all []ListSize
	for last := ""; len(all) < maxLists; {
		// One name at a time: both databases find the next one in the key, but would read all entries for all names.
		rows, err := s.db.query(ctx, "SELECT list FROM list_entries WHERE list > $1 ORDER BY list LIMIT 1", last)
		name, err := one(rows, err, scanText)
		if errNone(err) {
			break
		}
		if err != nil {
			return nil, failed(err)
		}
		last = name
		n, err := count(ctx, s.db, `SELECT COUNT(*) FROM (SELECT 1 FROM list_entries WHERE list = $1 AND (expires_at = 0 OR expires_at > $2)
 LIMIT $3) few`, name, now, MaxCounted+1)
		if err != nil {
			return nil, failed(err)
		}
		if n > 0 {
			all = append(all, ListSize{name, n})
		}
	}
	return all, nil
}

// ListFilter says which entries of a list to read.
type ListFilter struct {
	List  string
	Value string // that one alone
	After string // those whose value comes after this one
	Limit int    // 1 to 100; 20 when 0
}

// ListPage lists entries of one list that have not expired at now, by value; more reports that others follow.
func (s *Store) ListPage(ctx context.Context, f ListFilter, now time.Time) (page []ListEntry, more bool, err error) {
	limit, err := bounded(f.Limit)
	if err != nil {
		return nil, false, err
	}
	var w where
	w.add("list = %s", f.List)
	w.add("(expires_at = 0 OR expires_at > %s)", now)
	if f.Value != "" {
		w.add("value = %s", f.Value)
	}
	if f.After != "" {
		w.add("value > %s", f.After)
	}
	page, err = s.listEntries(ctx, fmt.Sprintf("%s ORDER BY value LIMIT %d", w.String(), limit+1), w.args...)
	if len(page) > limit {
		page, more = page[:limit], true
	}
	return page, more, err
}
