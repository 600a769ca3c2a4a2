package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
	"time"

	_ "modernc.org/sqlite" // the driver
)

// sqliteReaders is how many reads may run beside the one writer.
const sqliteReaders = 4

// maxPrepared bounds the prepared statements kept per pool; texts with lists of values come in many lengths.
const maxPrepared = 256

// sqliteEngine is SQLite: one connection writes, a few others read what was last committed (write-ahead log).
type sqliteEngine struct {
	writers *sql.DB
	readers *sql.DB
	lane    chan *lane // holds the one writer while nobody writes
	reads   preparedReads
}

// lane is the writer's connection and its prepared statements.
type lane struct {
	conn     *sql.Conn
	prepared map[string]*sql.Stmt
}

// openSQLite opens the file, made readable by its owner alone: it holds buyers' names and addresses.
func openSQLite(ctx context.Context, path string) (*sqliteEngine, error) {
	if path == "" || strings.HasPrefix(path, ":memory:") {
		return nil, errors.New("open the database: sqlite: needs the path of a file")
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open the database: %w", err)
	}
	if err := f.Close(); err != nil {
		return nil, fmt.Errorf("open the database: %w", err)
	}
	// A commit must survive a power cut, since money follows it: FULL makes the log durable at every commit.
	// What is deleted is overwritten, so that the file holds no buyer who was to be forgotten.
	dsn := "file:" + strings.NewReplacer("%", "%25", "?", "%3f", "#", "%23").Replace(path) +
		"?_pragma=busy_timeout(5000)&_pragma=foreign_keys(1)&_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)&_pragma=secure_delete(1)"
	e := &sqliteEngine{lane: make(chan *lane, 1)}
	if e.writers, err = sql.Open("sqlite", dsn); err != nil {
		return nil, fmt.Errorf("open the database: %w", err)
	}
	e.writers.SetMaxOpenConns(1)
	conn, err := e.writers.Conn(ctx)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open the database: %w", err), e.writers.Close())
	}
	e.lane <- &lane{conn: conn, prepared: map[string]*sql.Stmt{}}
	if e.readers, err = sql.Open("sqlite", dsn+"&_pragma=query_only(1)"); err != nil {
		return nil, errors.Join(fmt.Errorf("open the database: %w", err), e.writers.Close())
	}
	e.readers.SetMaxOpenConns(sqliteReaders)
	e.readers.SetMaxIdleConns(sqliteReaders)
	e.reads = preparedReads{db: e.readers, kept: map[string]*sql.Stmt{}}
	return e, nil
}

func (e *sqliteEngine) forUpdate() string  { return "" }
func (e *sqliteEngine) skipLocked() string { return "" }

// rowsPerInsert is one: the driver's cost of an argument grows with the number of arguments.
func (e *sqliteEngine) rowsPerInsert() int { return 1 }

func (e *sqliteEngine) ping(ctx context.Context) error {
	_, err := e.reads.db.ExecContext(ctx, "SELECT 1")
	return err
}

// scrub empties the write-ahead log. A reader in the way is tried around a few times, with the writer free for others in
// between; what is left then is emptied the next time.
func (e *sqliteEngine) scrub(ctx context.Context) error {
	for range scrubTries {
		busy, err := e.checkpoint(ctx)
		if err != nil || !busy {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(scrubPause):
		}
	}
	return nil
}

// Readers are done within milliseconds.
const (
	scrubTries = 20
	scrubPause = 10 * time.Millisecond
)

// checkpoint tries once, without waiting for anybody, and reports whether somebody was in the way.
func (e *sqliteEngine) checkpoint(ctx context.Context) (busy bool, err error) {
	l, err := e.take(ctx)
	if err != nil {
		return false, err
	}
	defer func() { e.lane <- l }()
	if err := drain(l.query(ctx, "PRAGMA busy_timeout(0)")); err != nil {
		return false, err
	}
	rows, err := l.query(ctx, "PRAGMA wal_checkpoint(TRUNCATE)")
	busy, err = one(rows, err, func(r *sql.Rows) (busy bool, err error) {
		var inLog, done int
		return busy, r.Scan(&busy, &inLog, &done)
	})
	return busy, errors.Join(err, drain(l.query(ctx, "PRAGMA busy_timeout(5000)")))
}

func (e *sqliteEngine) close() error {
	l := <-e.lane // waits for the write that is under way
	return errors.Join(l.conn.Close(), e.readers.Close(), e.writers.Close())
}

func (e *sqliteEngine) query(ctx context.Context, text string, args ...any) (*sql.Rows, error) {
	return e.reads.query(ctx, text, bind(args))
}

// take waits for the writer.
func (e *sqliteEngine) take(ctx context.Context) (*lane, error) {
	select {
	case l := <-e.lane:
		return l, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (e *sqliteEngine) exec(ctx context.Context, text string, args ...any) (int64, error) {
	l, err := e.take(ctx)
	if err != nil {
		return 0, err
	}
	defer func() { e.lane <- l }()
	return l.exec(ctx, text, args)
}

func (e *sqliteEngine) run(ctx context.Context, statements []statement) error {
	return e.write(ctx, func(tx transaction) error { return tx.run(ctx, statements) })
}

func (e *sqliteEngine) write(ctx context.Context, fn func(tx transaction) error) (err error) {
	l, err := e.take(ctx)
	if err != nil {
		return err
	}
	defer func() { e.lane <- l }()
	if _, err := l.exec(ctx, "BEGIN IMMEDIATE", nil); err != nil {
		return err
	}
	done := false
	defer func() {
		if !done { // an error or a panic: leave the connection clean
			_, _ = l.exec(ctx, "ROLLBACK", nil)
		}
	}()
	if err := fn(l); err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	if _, err := l.exec(ctx, "COMMIT", nil); err != nil {
		return err
	}
	done = true
	return nil
}

// statement gives the prepared form of text, or nil when the lane keeps enough of them.
func (l *lane) statement(ctx context.Context, text string) (*sql.Stmt, error) {
	if p := l.prepared[text]; p != nil || len(l.prepared) >= maxPrepared {
		return p, nil
	}
	p, err := l.conn.PrepareContext(ctx, text)
	if err != nil {
		return nil, err
	}
	l.prepared[text] = p
	return p, nil
}

// exec and query do not look at the caller's leaving: whoever has the lane is done within milliseconds, and a watcher
// for every statement would cost more than the statement.
func (l *lane) exec(ctx context.Context, text string, args []any) (int64, error) {
	ctx = context.WithoutCancel(ctx)
	p, err := l.statement(ctx, text)
	if err != nil {
		return 0, err
	}
	var r sql.Result
	if p != nil {
		r, err = p.ExecContext(ctx, bind(args)...)
	} else {
		r, err = l.conn.ExecContext(ctx, text, bind(args)...)
	}
	if err != nil {
		return 0, err
	}
	return r.RowsAffected()
}

func (l *lane) query(ctx context.Context, text string, args ...any) (*sql.Rows, error) {
	ctx = context.WithoutCancel(ctx)
	p, err := l.statement(ctx, text)
	if err != nil {
		return nil, err
	}
	if p != nil {
		return p.QueryContext(ctx, bind(args)...)
	}
	return l.conn.QueryContext(ctx, text, bind(args)...)
}

func (l *lane) run(ctx context.Context, statements []statement) error {
	for _, st := range statements {
		n, err := l.exec(ctx, st.text, st.args)
		if err != nil {
			return err
		}
		if st.must != anyRows && n != st.must {
			return ErrStale
		}
	}
	return nil
}

// preparedReads keeps the statements of the reading pool prepared.
type preparedReads struct {
	db   *sql.DB
	mu   sync.Mutex
	kept map[string]*sql.Stmt
}

func (p *preparedReads) query(ctx context.Context, text string, args []any) (*sql.Rows, error) {
	p.mu.Lock()
	st, full := p.kept[text], len(p.kept) >= maxPrepared
	p.mu.Unlock()
	if st == nil && full {
		return p.db.QueryContext(ctx, text, args...)
	}
	if st == nil {
		fresh, err := p.db.PrepareContext(ctx, text)
		if err != nil {
			return nil, err
		}
		st = p.keep(text, fresh)
	}
	return st.QueryContext(ctx, args...)
}

// keep stores a statement unless another goroutine was first, whose statement it then gives.
func (p *preparedReads) keep(text string, fresh *sql.Stmt) *sql.Stmt {
	p.mu.Lock()
	defer p.mu.Unlock()
	if first := p.kept[text]; first != nil {
		_ = fresh.Close()
		return first
	}
	p.kept[text] = fresh
	return fresh
}
