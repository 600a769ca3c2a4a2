package store

import (
	"context"
	"embed"
	"fmt"
	"io/fs"
	"strings"
)

//go:embed migrations/*.sql
var migrations embed.FS

// migrationLock is the PostgreSQL advisory lock that processes starting at once queue for: "octroi" in ASCII.
const migrationLock = 0x6f6374726f69

// migrate brings the schema up to date in one transaction, so that a process that starts beside another, or dies
// half-way, leaves either the old schema or the new one. A schema newer than the program is refused.
func migrate(ctx context.Context, e engine) error {
	files, err := fs.Glob(migrations, "migrations/*.sql") // sorted by name, hence by number
	if err != nil {
		return err
	}
	return e.write(ctx, func(tx transaction) error {
		if e.forUpdate() != "" {
			if err := drain(tx.query(ctx, "SELECT pg_advisory_xact_lock($1)", int64(migrationLock))); err != nil {
				return err
			}
		}
		if err := script(ctx, e, tx, "CREATE TABLE IF NOT EXISTS schema_version (version BIGINT PRIMARY KEY)"); err != nil {
			return err
		}
		have, err := count(ctx, tx, "SELECT COUNT(*) FROM schema_version")
		if err != nil {
			return err
		}
		if have > len(files) {
			return fmt.Errorf("the database has schema %d, this program knows %d: use the newer program", have, len(files))
		}
		for i, name := range files[have:] {
			text, err := migrations.ReadFile(name)
			if err != nil {
				return err
			}
			if err := script(ctx, e, tx, string(text)); err != nil {
				return fmt.Errorf("%s: %w", name, err)
			}
			mark := statement{"INSERT INTO schema_version (version) VALUES ($1)", []any{have + i + 1}, 1}
			if err := tx.run(ctx, []statement{mark}); err != nil {
				return err
			}
		}
		return nil
	})
}

// script runs the statements of a migration one by one: both drivers take one at a time.
func script(ctx context.Context, e engine, tx transaction, text string) error {
	if e.forUpdate() == "" {
		text = strings.ReplaceAll(text, "BIGSERIAL PRIMARY KEY", "INTEGER PRIMARY KEY AUTOINCREMENT")
	}
	for st := range strings.SplitSeq(text, ";\n") {
		if strings.TrimSpace(st) == "" {
			continue
		}
		if err := drain(tx.query(ctx, st)); err != nil {
			return err
		}
	}
	return nil
}
