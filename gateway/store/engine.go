package store

import (
	"context"
	"database/sql"
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// statement is one SQL text with its arguments. must is how many rows it has to change, or anyRows; a statement that
// changes another number makes the whole transaction fail with ErrStale.
type statement struct {
	text string
	args []any
	must int64
}

// anyRows is the must of a statement that may change any number of rows.
const anyRows = -1

// engine is one of the two databases. Both speak the same SQL; they differ in how a transaction is carried to them.
type engine interface {
	// query reads, outside any transaction.
	query(ctx context.Context, text string, args ...any) (*sql.Rows, error)
	// exec writes one statement and commits it. It gives the number of rows changed.
	exec(ctx context.Context, text string, args ...any) (int64, error)
	// run writes all statements in one transaction or none.
	run(ctx context.Context, statements []statement) error
	// write runs fn in one transaction: reads through tx see rows that nobody else can change until it ends, on SQLite
	// all rows, on PostgreSQL those read with forUpdate.
	write(ctx context.Context, fn func(tx transaction) error) error
	// forUpdate and skipLocked are the clauses that lock the rows of a SELECT; empty where the transaction does it.
	forUpdate() string
	skipLocked() string
	// rowsPerInsert is how many rows one INSERT had best carry.
	rowsPerInsert() int
	// scrub brings deleted content out of the files that the database keeps.
	scrub(ctx context.Context) error
	ping(ctx context.Context) error
	close() error
}

// transaction is what engine.write gives to its function.
type transaction interface {
	query(ctx context.Context, text string, args ...any) (*sql.Rows, error)
	run(ctx context.Context, statements []statement) error
}

// querier is what reads: an engine or a transaction.
type querier interface {
	query(ctx context.Context, text string, args ...any) (*sql.Rows, error)
}

// bind turns arguments into what both drivers take alike: times into microseconds, named strings into strings. Text
// loses what PostgreSQL cannot keep (NUL and broken UTF-8), so that both databases answer a hostile value alike.
func bind(args []any) []any {
	out := make([]any, len(args))
	for i, a := range args {
		out[i] = bindOne(a)
	}
	return out
}

func bindOne(a any) any {
	switch v := a.(type) {
	case nil, int64, bool:
		return v
	case int:
		return int64(v)
	case time.Time:
		return micros(v)
	case string:
		return clean(v)
	case []byte:
		if v == nil {
			return []byte{}
		}
		return v
	case *int64:
		if v == nil {
			return nil
		}
		return *v
	}
	if r := reflect.ValueOf(a); r.Kind() == reflect.String {
		return clean(r.String())
	}
	return a
}

// clean gives s without NUL bytes and broken UTF-8.
func clean(s string) string {
	if utf8.ValidString(s) && strings.IndexByte(s, 0) < 0 {
		return s
	}
	return strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\x00", "\uFFFD")
}

// cut bounds a text that is kept for people to read.
func cut(s string, max int) string {
	if len(s) <= max {
		return s
	}
	return strings.ToValidUTF8(s[:max], "")
}

// micros is how a time is kept: microseconds since 1970 UTC, 0 for the zero time.
func micros(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMicro()
}

// moment undoes micros.
func moment(us int64) time.Time {
	if us == 0 {
		return time.Time{}
	}
	return time.UnixMicro(us).UTC()
}

// collect reads all rows through scan and closes them.
func collect[T any](rows *sql.Rows, err error, scan func(*sql.Rows) (T, error)) ([]T, error) {
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all []T
	for rows.Next() {
		one, err := scan(rows)
		if err != nil {
			return nil, err
		}
		all = append(all, one)
	}
	return all, rows.Err()
}

// scanText reads rows of one text column.
func scanText(rows *sql.Rows) (string, error) {
	var s string
	return s, rows.Scan(&s)
}

// among writes "($n, $n+1, …)" for the values and appends them to the arguments.
func among[T any](args []any, values []T) (string, []any) {
	var b strings.Builder
	for i, v := range values {
		sep := ", "
		if i == 0 {
			sep = "("
		}
		args = append(args, v)
		fmt.Fprintf(&b, "%s$%d", sep, len(args))
	}
	b.WriteString(")")
	return b.String(), args
}

// manyRows is one INSERT of many rows, all of as many columns as the first.
func manyRows(insert string, rows [][]any) statement {
	var text strings.Builder
	text.WriteString(insert)
	args := make([]any, 0, len(rows)*len(rows[0]))
	for i, row := range rows {
		if i > 0 {
			text.WriteString(", ")
		}
		for j, value := range row {
			args = append(args, value)
			before := ", $"
			if j == 0 {
				before = "($"
			}
			text.WriteString(before + strconv.Itoa(len(args)))
		}
		text.WriteString(")")
	}
	return statement{text.String(), args, int64(len(rows))}
}
