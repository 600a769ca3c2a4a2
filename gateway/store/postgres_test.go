package store_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib"
)

// PostgresServer is a real PostgreSQL started for tests: on a unix socket in a folder of its own, with fsync on.
type PostgresServer struct {
	dir   string
	stdin io.Closer
	cmd   *exec.Cmd
	made  atomic.Int64
}

// StartPostgres starts a server from the installed programs. errors.Is(err, exec.ErrNotFound) when there are none.
func StartPostgres() (*PostgresServer, error) {
	bin, err := postgresPrograms()
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "octroi-pg")
	if err != nil {
		return nil, err
	}
	who, err := ownFolder(dir)
	if err != nil {
		return nil, err
	}
	initdb := exec.Command(filepath.Join(bin, "initdb"), "-D", filepath.Join(dir, "data"), "-U", "octroi", "-A", "trust", "-E", "UTF8", "--locale=C")
	initdb.SysProcAttr, initdb.Dir = who, dir
	if out, err := initdb.CombinedOutput(); err != nil {
		return nil, errors.Join(fmt.Errorf("initdb: %w: %s", err, out), os.RemoveAll(dir))
	}
	// The shell stops the server when its standard input ends: when Stop closes it, and when the test process dies.
	cmd := exec.Command("sh", "-c", `"$@" & pid=$!; cat >/dev/null; kill -INT $pid; wait $pid`, "sh",
		filepath.Join(bin, "postgres"), "-D", filepath.Join(dir, "data"), "-k", dir, "-c", "listen_addresses=")
	cmd.SysProcAttr, cmd.Dir = who, dir
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	p := &PostgresServer{dir: dir, stdin: stdin, cmd: cmd}
	if err := p.await(); err != nil {
		return nil, errors.Join(err, p.Stop())
	}
	return p, nil
}

func postgresPrograms() (string, error) {
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/postgres")
	if len(found) > 0 {
		return filepath.Dir(found[len(found)-1]), nil
	}
	path, err := exec.LookPath("postgres")
	return filepath.Dir(path), err
}

// ownFolder gives the folder to the user postgres when we are root, whom PostgreSQL refuses.
func ownFolder(dir string) (*syscall.SysProcAttr, error) {
	if os.Getuid() != 0 {
		return &syscall.SysProcAttr{}, nil
	}
	u, err := user.Lookup("postgres")
	if err != nil {
		return nil, err
	}
	uid, _ := strconv.Atoi(u.Uid)
	gid, _ := strconv.Atoi(u.Gid)
	return &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}}, os.Chown(dir, uid, gid)
}

// URL is the address of one of the server's schemas.
func (p *PostgresServer) URL(schema string) string {
	return "postgres:///postgres?user=octroi&host=" + p.dir + "&search_path=" + schema
}

func (p *PostgresServer) await() error {
	db, err := sql.Open("pgx", p.URL("public"))
	if err != nil {
		return err
	}
	defer db.Close()
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	for {
		if err = db.PingContext(ctx); err == nil || ctx.Err() != nil {
			return err
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// NewSchema makes an empty schema, which is a database of its own to a Store and quicker made, and gives its address.
func (p *PostgresServer) NewSchema() (string, error) {
	name := fmt.Sprintf("t%d", p.made.Add(1))
	db, err := sql.Open("pgx", p.URL("public"))
	if err != nil {
		return "", err
	}
	defer db.Close()
	_, err = db.Exec("CREATE SCHEMA " + name)
	return p.URL(name), err
}

// Stop ends the server and removes its folder.
func (p *PostgresServer) Stop() error {
	return errors.Join(p.stdin.Close(), p.cmd.Wait(), os.RemoveAll(p.dir))
}

// postgresForTest gives the address of an empty schema on the shared server, or skips.
func postgresForTest(t testing.TB) string {
	t.Helper()
	p, err := sharedPostgres()
	if err != nil {
		if os.Getenv("OCTROI_REQUIRE_SERVERS") == "1" {
			t.Fatalf("PostgreSQL is required and could not be started: %v", err)
		}
		t.Skipf("needs an installed PostgreSQL (Debian: apt-get install postgresql): %v", err)
	}
	url, err := p.NewSchema()
	if err != nil {
		t.Fatal(err)
	}
	return url
}
