package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
)

// postgresConns bounds the connections of one process; PostgreSQL ships with room for 100 in all.
const postgresConns = 16

// postgresEngine is PostgreSQL.
type postgresEngine struct{ db *sql.DB }

// openPostgres opens a pool. No connection is made yet.
func openPostgres(url string) (*postgresEngine, error) {
	cfg, err := pgx.ParseConfig(url)
	if err != nil {
		return nil, errors.New("open the database: the postgres:// address cannot be read") // err would repeat the password
	}
	// Whoever may wait for a lock or an answer must not wait for ever: these bound a lost server and a stuck peer.
	if cfg.ConnectTimeout == 0 {
		cfg.ConnectTimeout = 5 * time.Second
	}
	for name, value := range map[string]string{"lock_timeout": "5s", "statement_timeout": "30s",
		"idle_in_transaction_session_timeout": "30s", "application_name": "octroi"} {
		if cfg.RuntimeParams[name] == "" {
			cfg.RuntimeParams[name] = value
		}
	}
	db := stdlib.OpenDB(*cfg)
	db.SetMaxOpenConns(postgresConns)
	db.SetMaxIdleConns(postgresConns)
	db.SetConnMaxLifetime(time.Hour)
	return &postgresEngine{db: db}, nil
}

func (e *postgresEngine) forUpdate() string  { return " FOR UPDATE" }
func (e *postgresEngine) skipLocked() string { return " FOR UPDATE SKIP LOCKED" }

func (e *postgresEngine) rowsPerInsert() int { return 50 }

// scrub has nothing to do that autovacuum does not do.
func (e *postgresEngine) scrub(context.Context) error { return nil }

func (e *postgresEngine) ping(ctx context.Context) error { return e.db.PingContext(ctx) }
func (e *postgresEngine) close() error                   { return e.db.Close() }

func (e *postgresEngine) query(ctx context.Context, text string, args ...any) (*sql.Rows, error) {
	return e.db.QueryContext(ctx, text, bind(args)...)
}

func (e *postgresEngine) exec(ctx context.Context, text string, args ...any) (int64, error) {
	r, err := e.db.ExecContext(ctx, text, bind(args)...)
	if err != nil {
		return 0, err
	}
	return r.RowsAffected()
}

// run sends BEGIN and every statement in one round trip, looks at what they changed, and commits in a second.
func (e *postgresEngine) run(ctx context.Context, statements []statement) error {
	conn, err := e.db.Conn(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	return raw(conn, func(c *pgx.Conn) error {
		err := batch(ctx, c, append([]statement{{text: "BEGIN", must: anyRows}}, statements...))
		last := "COMMIT"
		if err != nil {
			last = "ROLLBACK"
		}
		// The caller's leaving must not make the outcome uncertain; the bound is for a server that is gone.
		end, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
		defer cancel()
		tag, endErr := c.Exec(end, last)
		if err == nil && endErr == nil && tag.String() != "COMMIT" {
			endErr = fmt.Errorf("the database answered %q to COMMIT", tag.String())
		}
		if err != nil {
			return err
		}
		return endErr
	})
}

func (e *postgresEngine) write(ctx context.Context, fn func(tx transaction) error) error {
	conn, err := e.db.Conn(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	tx, err := conn.BeginTx(context.WithoutCancel(ctx), nil)
	if err != nil {
		return err
	}
	defer tx.Rollback() //nolint:errcheck // after Commit it says only that all is done
	if err := fn(postgresTx{conn: conn, tx: tx}); err != nil {
		return err
	}
	return tx.Commit()
}

// postgresTx is a transaction on its own connection.
type postgresTx struct {
	conn *sql.Conn
	tx   *sql.Tx
}

func (t postgresTx) query(ctx context.Context, text string, args ...any) (*sql.Rows, error) {
	return t.tx.QueryContext(ctx, text, bind(args)...)
}

func (t postgresTx) run(ctx context.Context, statements []statement) error {
	return raw(t.conn, func(c *pgx.Conn) error { return batch(ctx, c, statements) })
}

// raw lends the driver's own connection to fn.
func raw(conn *sql.Conn, fn func(c *pgx.Conn) error) error {
	return conn.Raw(func(driver any) error {
		c, ok := driver.(*stdlib.Conn)
		if !ok {
			return fmt.Errorf("unexpected database driver %T", driver)
		}
		return fn(c.Conn())
	})
}

// batch sends the statements in one round trip and checks what each of them changed.
func batch(ctx context.Context, c *pgx.Conn, statements []statement) (err error) {
	if len(statements) == 0 {
		return nil
	}
	b := &pgx.Batch{}
	for _, st := range statements {
		b.Queue(st.text, bind(st.args)...)
	}
	results := c.SendBatch(ctx, b)
	defer func() {
		if closeErr := results.Close(); err == nil {
			err = closeErr
		}
	}()
	for _, st := range statements {
		tag, err := results.Exec()
		if err != nil {
			return err
		}
		if st.must != anyRows && tag.RowsAffected() != st.must {
			return ErrStale
		}
	}
	return nil
}
