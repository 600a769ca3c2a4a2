package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"sync"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"octroi/gateway/payment"
)

// Config is what a Store takes from outside; every field is required.
type Config struct {
	Clock    func() time.Time
	Rand     io.Reader // cryptographic: session tokens and password salts come from it
	AuditKey []byte    // HMAC key of the audit chain, 32 bytes or more
	Logger   *slog.Logger
}

// Store is the database. Its methods may be called by many goroutines at once, and several processes may open the same
// database. Times are kept to the microsecond. A database that does not answer is payment.CodeUnavailable.
type Store struct {
	db       engine
	clock    func() time.Time
	rand     io.Reader
	auditKey []byte
	log      *slog.Logger
	wakes    *wakes
	deflater *deflater
	hashing  chan struct{} // room for one password hash each
	closed   sync.Once
}

// ErrStale is the error of a write made from a version that is no longer the newest: read again and retry. It is also
// the answer to a second operation or case where there may be one only.
var ErrStale error = &payment.Error{Code: payment.CodeWrongState, RetryAfter: time.Second,
	Detail: "The payment was changed at the same moment. Read it again, then retry."}

// Open opens the database at url, "sqlite:PATH" or "postgres://…", and brings its schema up to date.
func Open(ctx context.Context, url string, cfg Config) (*Store, error) {
	if cfg.Clock == nil || cfg.Rand == nil || cfg.Logger == nil {
		return nil, errors.New("open the database: a clock, randomness and a logger are required")
	}
	if len(cfg.AuditKey) < 32 {
		return nil, errors.New("open the database: the audit key must be at least 32 bytes long")
	}
	s := &Store{clock: cfg.Clock, rand: cfg.Rand, auditKey: cfg.AuditKey, log: cfg.Logger, wakes: newWakes(),
		deflater: newDeflater(), hashing: make(chan struct{}, passwordsAtOnce)}
	var err error
	if s.db, err = openEngine(ctx, url); err != nil {
		return nil, err
	}
	if err := s.again(ctx, func() error { return migrate(ctx, s.db) }); err != nil {
		return nil, errors.Join(fmt.Errorf("open the database: bring the schema up to date: %w", err), s.db.close())
	}
	return s, nil
}

func openEngine(ctx context.Context, url string) (engine, error) {
	switch scheme, rest, _ := strings.Cut(url, ":"); scheme {
	case "sqlite":
		return openSQLite(ctx, rest)
	case "postgres", "postgresql":
		return openPostgres(url)
	}
	return nil, errors.New("open the database: the address must begin with sqlite: or postgres://")
}

// Close waits for the write under way and closes the database. Closing it again does nothing.
func (s *Store) Close() error {
	var err error
	s.closed.Do(func() { err = s.db.close() })
	if err != nil {
		return fmt.Errorf("close the database: %w", err)
	}
	return nil
}

// Ping asks whether the database answers.
func (s *Store) Ping(ctx context.Context) error { return failed(s.db.ping(ctx)) }

// now is the clock's time as the database keeps it.
func (s *Store) now() time.Time { return stamp(s.clock()) }

// stamp cuts a time to what the database keeps.
func stamp(t time.Time) time.Time { return moment(micros(t)) }

// failed makes a driver's error the gateway's: errors that already are pass through.
func failed(err error) error {
	var known *payment.Error
	if err == nil || errors.As(err, &known) {
		return err
	}
	return payment.Unavailable("The database", err)
}

// tries bounds how often a write that lost against another one is begun anew.
const tries = 4

// again runs fn until it is not turned away by another writer, at most tries times. Every try has waited for the
// other's lock already (busy_timeout, lock_timeout), so there is no pause between them.
func (s *Store) again(ctx context.Context, fn func() error) error {
	for n := 1; ; n++ {
		err := fn()
		if err == nil || n == tries || !crossed(err) || ctx.Err() != nil {
			return err
		}
		s.log.LogAttrs(ctx, slog.LevelDebug, "write crossed another, trying again", slog.Int("try", n))
	}
}

// crossed reports whether another writer was in the way and trying again makes sense.
func crossed(err error) bool {
	var pg *pgconn.PgError
	if errors.As(err, &pg) { // serialization_failure, deadlock_detected (PostgreSQL manual, appendix A)
		return pg.Code == "40001" || pg.Code == "40P01"
	}
	var lite *sqlite.Error
	if errors.As(err, &lite) {
		primary := lite.Code() & 0xff
		return primary == sqlite3.SQLITE_BUSY || primary == sqlite3.SQLITE_LOCKED
	}
	return false
}

// duplicate reports whether a unique constraint refused the write.
func duplicate(err error) bool {
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		return pg.Code == "23505"
	}
	var lite *sqlite.Error
	return errors.As(err, &lite) &&
		(lite.Code() == sqlite3.SQLITE_CONSTRAINT_UNIQUE || lite.Code() == sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY)
}

// one gives the only row of a query; sql.ErrNoRows when there is none.
func one[T any](rows *sql.Rows, err error, scan func(*sql.Rows) (T, error)) (T, error) {
	all, err := collect(rows, err, scan)
	if err == nil && len(all) == 0 {
		err = sql.ErrNoRows
	}
	if err != nil {
		var none T
		return none, err
	}
	return all[0], nil
}

// count reads one number.
func count(ctx context.Context, q querier, text string, args ...any) (int, error) {
	rows, err := q.query(ctx, text, args...)
	return one(rows, err, func(r *sql.Rows) (n int, err error) { return n, r.Scan(&n) })
}

// drain runs a query for what it does, not for its rows.
func drain(rows *sql.Rows, err error) error {
	if err != nil {
		return err
	}
	for rows.Next() {
		continue
	}
	return errors.Join(rows.Err(), rows.Close())
}

// bounded checks a page's limit: 20 when 0, 100 at most.
func bounded(limit int) (int, error) {
	switch {
	case limit == 0:
		return 20, nil
	case limit < 0 || limit > 100:
		return 0, payment.Invalid(payment.FieldError{Pointer: "/limit", Detail: "must be between 1 and 100"})
	}
	return limit, nil
}
