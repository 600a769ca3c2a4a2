package store

import (
	"context"
	"encoding/base64"
	"fmt"
	"strconv"
	"strings"

	"octroi/gateway/hold"
	"octroi/gateway/payment"
)

// where collects the conditions of a query and their arguments.
type where struct {
	conditions []string
	args       []any
}

// add appends a condition; each %s of it is the place of one argument.
func (w *where) add(condition string, args ...any) {
	places := make([]any, len(args))
	for i, a := range args {
		w.args = append(w.args, a)
		places[i] = "$" + strconv.Itoa(len(w.args))
	}
	w.conditions = append(w.conditions, fmt.Sprintf(condition, places...))
}

// String is the WHERE clause; empty without conditions.
func (w *where) String() string {
	if len(w.conditions) == 0 {
		return ""
	}
	return " WHERE " + strings.Join(w.conditions, " AND ")
}

// badCursor is the error of a cursor that was not given by the list it came back to.
func badCursor() error {
	return payment.Invalid(payment.FieldError{Pointer: "/cursor", Detail: "is not a cursor of this list"})
}

// cursor writes where a page ended: the list it belongs to, the value sorted by, and the id that breaks ties.
func cursor(list string, value int64, id string) string {
	return base64.RawURLEncoding.EncodeToString([]byte(list + "|" + strconv.FormatInt(value, 10) + "|" + id))
}

// parseCursor undoes cursor; an error for a cursor of another list.
func parseCursor(list, text string) (value int64, id string, err error) {
	raw, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil || len(text) > 200 {
		return 0, "", badCursor()
	}
	parts := strings.Split(string(raw), "|")
	if len(parts) != 3 || parts[0] != list || parts[2] == "" {
		return 0, "", badCursor()
	}
	if value, err = strconv.ParseInt(parts[1], 10, 64); err != nil {
		return 0, "", badCursor()
	}
	return value, parts[2], nil
}

// Payments lists payments, newest first (ids sort by time), and the cursor of the next page, "" on the last one. A
// payment made meanwhile never shifts a page.
func (s *Store) Payments(ctx context.Context, f PaymentFilter) (page []Snapshot, next string, err error) {
	limit, err := bounded(f.Limit)
	if err != nil {
		return nil, "", err
	}
	var w where
	if f.Shop != "" {
		w.add("shop = %s", f.Shop)
	}
	if f.OrderReference != "" {
		w.add("order_reference = %s", f.OrderReference)
	}
	if f.Status != "" {
		w.add("status = %s", f.Status)
	}
	if f.Cursor != "" {
		_, id, err := parseCursor("payments", f.Cursor)
		if err != nil {
			return nil, "", err
		}
		w.add("id < %s", id)
	}
	from := fmt.Sprintf(" FROM (SELECT * FROM payments%s ORDER BY id DESC LIMIT %d) p", w.String(), limit+1)
	page, err = snapshots(ctx, s.db, from, " ORDER BY p.id DESC", w.args...)
	if err != nil {
		return nil, "", failed(err)
	}
	if len(page) > limit {
		page = page[:limit]
		next = cursor("payments", 0, page[limit-1].Payment.ID)
	}
	return page, next, nil
}

// sorting is a way to sort cases: the column, its direction, and the value of a case.
type sorting struct {
	column, direction, after string
	value                    func(hold.Case) int64
}

func sortingOf(name string) (sorting, error) {
	switch name {
	case "", "decide_by":
		return sorting{"decide_by", "", ">", func(c hold.Case) int64 { return micros(c.DecideBy) }}, nil
	case "amount":
		return sorting{"amount", " DESC", "<", func(c hold.Case) int64 { return c.Amount.Value }}, nil
	case "score":
		return sorting{"score", " DESC", "<", func(c hold.Case) int64 { return int64(c.Score) }}, nil
	}
	return sorting{}, payment.Invalid(payment.FieldError{Pointer: "/sort", Detail: "must be decide_by, amount or score"})
}

// Cases lists cases with their payments, and the cursor of the next page, "" on the last one.
func (s *Store) Cases(ctx context.Context, f CaseFilter) (page []Snapshot, next string, err error) {
	limit, err := bounded(f.Limit)
	if err != nil {
		return nil, "", err
	}
	by, err := sortingOf(f.Sort)
	if err != nil {
		return nil, "", err
	}
	var w where
	if f.Shop != "" {
		w.add("shop = %s", f.Shop)
	}
	if len(f.Statuses) > 0 {
		wanted := make([]any, len(f.Statuses))
		for i, s := range f.Statuses {
			wanted[i] = s
		}
		w.add("status IN (%s"+strings.Repeat(", %s", len(wanted)-1)+")", wanted...)
	}
	if f.Assignee != "" || f.Unassigned {
		w.add("assignee = %s", f.Assignee)
	}
	list := "cases " + by.column
	if f.Cursor != "" {
		value, id, err := parseCursor(list, f.Cursor)
		if err != nil {
			return nil, "", err
		}
		w.add("("+by.column+", id) "+by.after+" (%s, %s)", value, id)
	}
	from := fmt.Sprintf(" FROM (SELECT id AS case_id, payment_id FROM cases%s ORDER BY %s%s, id%s LIMIT %d) k JOIN payments p ON p.id = k.payment_id",
		w.String(), by.column, by.direction, by.direction, limit+1)
	page, err = snapshots(ctx, s.db, from, fmt.Sprintf(" ORDER BY c.%s%s, c.id%s", by.column, by.direction, by.direction), w.args...)
	if err != nil {
		return nil, "", failed(err)
	}
	if len(page) > limit {
		page = page[:limit]
		last := *page[limit-1].Case
		next = cursor(list, by.value(last), last.ID)
	}
	return page, next, nil
}
