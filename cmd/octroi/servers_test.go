package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"octroi/risk/velocity"
)

// must gives a value or ends the test.
func must[T any](t testing.TB) func(T, error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// eventually polls until done says yes, a minute at most: the machine may be busy with other tests.
func eventually(t testing.TB, what string, done func() bool) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); time.Sleep(10 * time.Millisecond) {
		if done() {
			return
		}
	}
	t.Fatal("waited in vain for ", what)
}

// missing ends a test whose servers are not installed: skipped, or failed where they are required.
func missing(t testing.TB, why string) {
	t.Helper()
	if os.Getenv("OCTROI_REQUIRE_SERVERS") == "1" {
		t.Fatal(why)
	}
	t.Skip(why)
}

// guarded runs a server under a shell that ends it when our end of its standard input closes: when the test is over,
// and when the test process dies.
func guarded(t testing.TB, who *syscall.SysProcAttr, dir string, program string, args ...string) (stop func()) {
	t.Helper()
	cmd := exec.Command("sh", append([]string{"-c", `"$@" >/dev/null 2>&1 & pid=$!; cat >/dev/null; kill -INT $pid; wait $pid`, "sh", program}, args...)...)
	cmd.SysProcAttr, cmd.Dir = who, dir
	stdin := must[io.WriteCloser](t)(cmd.StdinPipe())
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	stop = sync.OnceFunc(func() { _ = stdin.Close(); _ = cmd.Wait() })
	t.Cleanup(stop)
	return stop
}

// redisServer is a real Redis that writes down what it holds.
type redisServer struct{ url, dir string }

func startRedis(t testing.TB, args ...string) redisServer {
	t.Helper()
	path, err := exec.LookPath("redis-server")
	if err != nil {
		missing(t, "redis-server is not installed: the program was not tried on a real Redis")
	}
	l := must[net.Listener](t)(net.Listen("tcp", "127.0.0.1:0"))
	port := l.Addr().(*net.TCPAddr).Port
	_ = l.Close()
	s := redisServer{url: "redis://127.0.0.1:" + strconv.Itoa(port), dir: t.TempDir()}
	guarded(t, nil, s.dir, path, append([]string{"--port", strconv.Itoa(port), "--bind", "127.0.0.1", "--dir", s.dir,
		"--appendonly", "yes", "--loglevel", "warning"}, args...)...)
	rdb := must[redis.UniversalClient](t)(velocity.Dial(s.url))
	defer rdb.Close()
	eventually(t, "redis-server to answer", func() bool { return rdb.Ping(context.Background()).Err() == nil })
	return s
}

// postgresServer is a real PostgreSQL on a unix socket in its own folder.
type postgresServer struct {
	url, dir string
	stop     func()
}

func startPostgres(t testing.TB) postgresServer {
	t.Helper()
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/postgres")
	if len(found) == 0 {
		missing(t, "postgresql is not installed: the program was not tried on a real PostgreSQL")
	}
	bin := filepath.Dir(found[len(found)-1])
	// Not t.TempDir: its parents are closed to the user postgres.
	dir := must[string](t)(os.MkdirTemp("", "octroi-pg"))
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	who := must[*syscall.SysProcAttr](t)(asPostgres(dir))
	initdb := exec.Command(filepath.Join(bin, "initdb"), "-D", filepath.Join(dir, "data"), "-U", "octroi", "-A", "trust", "-E", "UTF8", "--locale=C", "-N")
	initdb.SysProcAttr, initdb.Dir = who, dir
	if out, err := initdb.CombinedOutput(); err != nil {
		t.Fatalf("initdb: %v: %s", err, out)
	}
	s := postgresServer{url: "postgres://octroi@/postgres?host=" + dir, dir: dir}
	s.stop = guarded(t, who, dir, filepath.Join(bin, "postgres"), "-D", filepath.Join(dir, "data"), "-k", dir, "-c", "listen_addresses=")
	eventually(t, "postgres to answer", func() bool {
		return exec.Command(filepath.Join(bin, "psql"), "-h", dir, "-U", "octroi", "-d", "postgres", "-c", "SELECT 1").Run() == nil
	})
	return s
}

// asPostgres gives the folder to the user postgres when we are root, whom PostgreSQL refuses.
func asPostgres(dir string) (*syscall.SysProcAttr, error) {
	if os.Getuid() != 0 {
		return nil, nil
	}
	u, err := user.Lookup("postgres")
	if err != nil {
		return nil, err
	}
	uid, errU := strconv.ParseUint(u.Uid, 10, 32)
	gid, errG := strconv.ParseUint(u.Gid, 10, 32)
	if err := errors.Join(errU, errG, os.Chown(dir, int(uid), int(gid))); err != nil {
		return nil, fmt.Errorf("become the user postgres: %w", err)
	}
	return &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}}, nil
}
