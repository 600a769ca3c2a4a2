package console

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"octroi/gateway/hold"
	"octroi/gateway/payment"
	"octroi/gateway/store"
)

// Bounds of one page of the queue.
const (
	queuePage = 30
	// queueReads bounds how many pages of the store are looked through for one page of the queue, when most cases are
	// passed over.
	queueReads = 24
)

// lane is the cases of one status in the store's order, read page by page. Several lanes merge into one queue.
type lane struct {
	filter store.CaseFilter
	page   []store.Snapshot
	pos    int    // of the first case of page not taken yet
	next   string // cursor after page
	ended  bool   // nothing follows page
	read   bool   // page belongs to filter.Cursor
}

// laneEnd stands in a cursor for a lane that has ended. No cursor of the store looks like it.
const laneEnd = "~"

// openQueue merges the lanes of several statuses.
type openQueue struct {
	store *store.Store
	lanes []*lane
	keep  func(hold.Case) bool
	before
	reads int
}

// before orders two cases as the store sorts them.
type before func(a, b hold.Case) int

// orders are the ways to sort, as the store names them.
var orders = map[string]before{
	"decide_by": func(a, b hold.Case) int { return cmp.Or(a.DecideBy.Compare(b.DecideBy), cmp.Compare(a.ID, b.ID)) },
	"amount": func(a, b hold.Case) int {
		return cmp.Or(cmp.Compare(b.Amount.Value, a.Amount.Value), cmp.Compare(b.ID, a.ID))
	},
	"score": func(a, b hold.Case) int { return cmp.Or(cmp.Compare(b.Score, a.Score), cmp.Compare(b.ID, a.ID)) },
}

// newOpenQueue begins a queue of the statuses at a cursor of its own, "" for the beginning.
func newOpenQueue(s *store.Store, f store.CaseFilter, statuses []hold.Status, cursor string, keep func(hold.Case) bool) (*openQueue, error) {
	cursors := make([]string, len(statuses))
	if cursor != "" {
		if cursors = strings.Split(cursor, "."); len(cursors) != len(statuses) {
			return nil, payment.Invalid(payment.FieldError{Pointer: "/cursor", Detail: "is not a cursor of this queue"})
		}
	}
	q := &openQueue{store: s, keep: keep, before: orders[f.Sort]}
	for i, status := range statuses {
		l := &lane{filter: f}
		l.filter.Status, l.filter.Limit = status, queuePage
		if l.filter.Cursor = cursors[i]; cursors[i] == laneEnd {
			l.filter.Cursor, l.ended, l.read = "", true, true
		}
		q.lanes = append(q.lanes, l)
	}
	return q, nil
}

// page takes up to n cases, and gives the cursor of what follows, "" at the end. A page may come out short, with more
// to follow, when very many cases are passed over.
func (q *openQueue) page(ctx context.Context, n int) (page []store.Snapshot, next string, err error) {
	for len(page) < n {
		l, err := q.first(ctx)
		if err != nil {
			return nil, "", err
		}
		if l == nil {
			break
		}
		page = append(page, l.page[l.pos])
		l.pos++
	}
	next, err = q.cursor(ctx)
	return page, next, err
}

// first is the lane whose next case comes first; nil at the end of all, or of what may be read for one page.
func (q *openQueue) first(ctx context.Context) (*lane, error) {
	var best *lane
	for _, l := range q.lanes {
		ok, err := q.fill(ctx, l)
		if err != nil {
			return nil, err
		}
		if ok && (best == nil || q.before(*l.page[l.pos].Case, *best.page[best.pos].Case) < 0) {
			best = l
		}
	}
	if q.reads >= queueReads {
		return nil, nil
	}
	return best, nil
}

// fill brings the lane to its next case that is kept; false when it has none, or when enough has been read.
func (q *openQueue) fill(ctx context.Context, l *lane) (bool, error) {
	for {
		for ; l.pos < len(l.page); l.pos++ {
			if q.keep(*l.page[l.pos].Case) {
				return true, nil
			}
		}
		if l.ended || q.reads >= queueReads {
			return false, nil
		}
		if l.read {
			l.filter.Cursor = l.next
		}
		q.reads++
		var err error
		if l.page, l.next, err = q.store.Cases(ctx, l.filter); err != nil {
			return false, err
		}
		l.pos, l.read, l.ended = 0, true, l.next == ""
	}
}

// cursor says where every lane stands. A lane stopped inside a page of the store asks it for the cursor of just what
// was taken: only the store can make one.
func (q *openQueue) cursor(ctx context.Context) (string, error) {
	at := make([]string, len(q.lanes))
	for i, l := range q.lanes {
		switch {
		case l.pos >= len(l.page) && l.ended:
			at[i] = laneEnd
		case l.pos >= len(l.page) && l.read:
			at[i] = l.next
		case l.pos == 0:
			at[i] = l.filter.Cursor
		default:
			f := l.filter
			f.Limit = l.pos
			_, next, err := q.store.Cases(ctx, f)
			if err != nil {
				return "", err
			}
			if at[i] = next; next == "" {
				at[i] = laneEnd
			}
		}
	}
	if !slices.ContainsFunc(at, func(s string) bool { return s != laneEnd }) {
		return "", nil
	}
	return strings.Join(at, "."), nil
}
