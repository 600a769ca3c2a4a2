// Package storetest gives tests databases that are real: a PostgreSQL of their own, started from the installed programs on
// a unix socket in a folder of its own, with fsync on.
//
// A package that uses Postgres hands its TestMain's end to Stop. Nothing outside of tests imports this.
package storetest

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// server is the PostgreSQL that all tests of a binary share.
type server struct {
	bin, dir string
	stdin    io.Closer
	cmd      *exec.Cmd
	made     atomic.Int64
}

// shared starts it at the first test that needs it.
var shared = sync.OnceValues(func() (*server, error) {
	s, err := start()
	started.Store(s)
	return s, err
})

var started atomic.Pointer[server]

// Postgres gives the address of an empty schema, which is a database of its own to a Store and quicker made. Without an
// installed PostgreSQL the test is skipped, or fails where OCTROI_REQUIRE_SERVERS says that there must be one.
func Postgres(t testing.TB) string {
	t.Helper()
	s, err := shared()
	if err != nil {
		if os.Getenv("OCTROI_REQUIRE_SERVERS") == "1" {
			t.Fatalf("PostgreSQL is required and could not be started: %v", err)
		}
		t.Skipf("needs an installed PostgreSQL (Debian: apt-get install postgresql): %v", err)
	}
	name := fmt.Sprintf("t%d", s.made.Add(1))
	if err := s.psql("CREATE SCHEMA " + name); err != nil {
		t.Fatal(err)
	}
	return "postgres:///postgres?user=octroi&host=" + s.dir + "&search_path=" + name
}

// Stop ends the server, if a test has started it, and removes its folder.
func Stop() error {
	s := started.Load()
	if s == nil {
		return nil
	}
	return errors.Join(s.stdin.Close(), s.cmd.Wait(), os.RemoveAll(s.dir))
}

// start starts a server; errors.Is(err, exec.ErrNotFound) when none is installed.
func start() (*server, error) {
	bin, err := programs()
	if err != nil {
		return nil, err
	}
	// Not a test's own folder: its parents are closed to the user postgres.
	dir, err := os.MkdirTemp("", "octroi-pg")
	if err != nil {
		return nil, err
	}
	who, err := owner(dir)
	if err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir))
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
	s := &server{bin: bin, dir: dir, stdin: stdin, cmd: cmd}
	for range 1500 { // half a minute at least
		if err = s.psql("SELECT 1"); err == nil {
			return s, nil
		}
		time.Sleep(20 * time.Millisecond)
	}
	return nil, errors.Join(err, stdin.Close(), cmd.Wait(), os.RemoveAll(dir))
}

// psql runs one statement as the server's own client does.
func (s *server) psql(statement string) error {
	out, err := exec.Command(filepath.Join(s.bin, "psql"), "-q", "-h", s.dir, "-U", "octroi", "-d", "postgres", "-c", statement).CombinedOutput()
	if err != nil {
		return fmt.Errorf("psql: %w: %s", err, out)
	}
	return nil
}

// programs is the folder of the newest installed PostgreSQL.
func programs() (string, error) {
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/postgres")
	if len(found) > 0 {
		return filepath.Dir(found[len(found)-1]), nil
	}
	path, err := exec.LookPath("postgres")
	return filepath.Dir(path), err
}

// owner gives the folder to the user postgres when we are root, whom PostgreSQL refuses.
func owner(dir string) (*syscall.SysProcAttr, error) {
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
