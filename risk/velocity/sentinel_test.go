package velocity

import (
	"context"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/redis/go-redis/v9"
)

// watched is a master and its replica, and three Sentinels of which two must agree to put the one in place of the other.
type watched struct {
	nodes
	sentinels nodes
}

func startSentinel(t testing.TB, l lock) *watched {
	t.Helper()
	redisServer(t)
	ports := freePorts(t, 5)
	w := &watched{nodes{lock: l, ports: ports[:2]}, nodes{lock: lock{password: l.sentinelPassword, ca: l.ca, cert: l.cert, key: l.key}, ports: ports[2:]}}
	w.processes = append(w.processes, startLocked(t, ports[0], l))
	w.processes = append(w.processes, startLocked(t, ports[1], l, "--replicaof", "127.0.0.1 "+strconv.Itoa(ports[0])))
	replica := w.server(t, 1)
	waitFor(t, "the replica to follow", func() bool { return follows(replica) })
	for _, port := range w.sentinels.ports {
		w.sentinels.processes = append(w.sentinels.processes, launch(t, w.sentinelFile(t, port), "--sentinel"))
	}
	for i := range w.sentinels.ports {
		s := w.sentinels.server(t, i)
		waitFor(t, "the Sentinels to know each other", func() bool {
			cmd := redis.NewMapStringStringCmd(context.Background(), "SENTINEL", "MASTER", "front")
			_ = s.Process(context.Background(), cmd)
			m := cmd.Val()
			return m["num-other-sentinels"] == "2" && m["num-slaves"] == "1" && m["flags"] == "master"
		})
	}
	w.address = w.reach(l)
	return w
}

// sentinelFile writes what a Sentinel must know, into a file that it keeps up to date.
func (w *watched) sentinelFile(t testing.TB, port int) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "sentinel.conf")
	lines := []string{"bind 127.0.0.1", "dir " + filepath.Dir(file), "loglevel warning",
		"sentinel monitor front 127.0.0.1 " + strconv.Itoa(w.ports[0]) + " 2",
		"sentinel down-after-milliseconds front 1000", "sentinel failover-timeout front 4000"}
	args := w.lock.listen(port)
	for i := 0; i < len(args); i += 2 {
		lines = append(lines, strings.TrimPrefix(args[i], "--")+" "+args[i+1])
	}
	if w.lock.password != "" {
		lines = append(lines, "sentinel auth-pass front "+w.lock.password)
	}
	if p := w.lock.sentinelPassword; p != "" {
		lines = append(lines, "requirepass "+p, "sentinel sentinel-pass "+p)
	}
	if err := os.WriteFile(file, []byte(strings.Join(lines, "\n")+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// reach is the address of the master, whoever it is, for somebody with these keys.
func (w *watched) reach(l lock) string {
	settings := []string{"master=front"}
	if l.sentinelPassword != "" {
		settings = append(settings, "sentinel_password="+url.QueryEscape(l.sentinelPassword))
	}
	return l.address(w.sentinels.ports, settings...)
}

// listened is the Sentinel that a client listens to for the next master.
func (w *watched) listened(t testing.TB) (found int) {
	t.Helper()
	clients := make([]redis.UniversalClient, len(w.sentinels.ports))
	for i := range clients {
		clients[i] = w.sentinels.server(t, i)
	}
	waitFor(t, "the client to listen to a Sentinel", func() bool {
		for i, c := range clients {
			if strings.Contains(c.Do(context.Background(), "CLIENT", "LIST", "TYPE", "pubsub").String(), " sub=") {
				found = i
				return true
			}
		}
		return false
	})
	return found
}
