package velocity

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/redis/go-redis/v9"
)

// redisServer finds the installed binary, or ends the test: skipped, or failed where servers are required.
func redisServer(t testing.TB) string {
	t.Helper()
	path, err := exec.LookPath("redis-server")
	if err == nil {
		return path
	}
	const why = "redis-server is not installed: histories were not tried on a real Redis"
	if os.Getenv("OCTROI_REQUIRE_SERVERS") == "1" {
		t.Fatal(why)
	}
	t.Skip(why)
	return ""
}

// freePorts gives ports that nobody listens on just now.
func freePorts(t testing.TB, n int) []int {
	t.Helper()
	ports := make([]int, 0, n)
	for range n {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = l.Close() }()
		ports = append(ports, l.Addr().(*net.TCPAddr).Port)
	}
	return ports
}

// launch runs the installed redis-server until the test ends.
func launch(t testing.TB, args ...string) *os.Process {
	t.Helper()
	cmd := exec.Command(redisServer(t), args...)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	return cmd.Process
}

// startRedis runs a server on the port until the test ends, and waits until it answers.
func startRedis(t testing.TB, port int, args ...string) *os.Process {
	t.Helper()
	return startLocked(t, port, lock{}, args...)
}

// startLocked is startRedis for a server that does not answer everybody.
func startLocked(t testing.TB, port int, l lock, args ...string) *os.Process {
	t.Helper()
	process := launch(t, slices.Concat([]string{"--bind", "127.0.0.1", "--dir", t.TempDir(), "--save", "", "--appendonly", "no",
		"--loglevel", "warning", "--repl-diskless-sync-delay", "0"}, l.server(port), args)...)
	waitFor(t, "redis-server to listen", func() bool {
		c, err := net.Dial("tcp", host(port))
		if err == nil {
			_ = c.Close()
		}
		return err == nil
	})
	rdb := dial(t, l.address([]int{port}))
	waitFor(t, "redis-server to answer", func() bool { return rdb.Ping(context.Background()).Err() == nil })
	return process
}

func host(port int) string { return fmt.Sprint("127.0.0.1:", port) }

// startCluster runs three masters that share the slots.
func startCluster(t testing.TB) string {
	t.Helper()
	n := startNodes(t, 3, time.Second, lock{})
	return n.address
}

// nodes are servers that belong together.
type nodes struct {
	address   string // for Dial
	lock      lock
	ports     []int
	processes []*os.Process
}

// server is a client of one of them, which goes nowhere else.
func (n *nodes) server(t testing.TB, i int) redis.UniversalClient {
	t.Helper()
	return dial(t, n.lock.address(n.ports[i:i+1]))
}

// startNodes runs a Cluster: three masters that share the slots, and then their replicas in turn. The others give up a
// node that is silent for as long as their patience lasts.
func startNodes(t testing.TB, count int, patience time.Duration, l lock) *nodes {
	t.Helper()
	redisServer(t)
	ctx, ports := context.Background(), freePorts(t, 2*count)
	n := &nodes{lock: l, ports: ports[:count], address: l.address(ports[:count])}
	clients := make([]redis.UniversalClient, count)
	for i := range clients {
		n.processes = append(n.processes, startLocked(t, ports[i], l, "--cluster-enabled", "yes", "--cluster-port", strconv.Itoa(ports[count+i]),
			"--cluster-node-timeout", strconv.FormatInt(patience.Milliseconds(), 10)))
		clients[i] = n.server(t, i)
		do(t, clients[i], "CLUSTER", "SET-CONFIG-EPOCH", i+1)
		if i < 3 {
			do(t, clients[i], "CLUSTER", "ADDSLOTSRANGE", i*5462, min((i+1)*5462, 16384)-1)
		}
	}
	for i := 1; i < count; i++ {
		do(t, clients[0], "CLUSTER", "MEET", "127.0.0.1", ports[i], ports[count+i])
	}
	for _, c := range clients {
		waitFor(t, "the cluster to form", func() bool {
			state := c.ClusterInfo(ctx).Val()
			return strings.Contains(state, "cluster_state:ok") && strings.Contains(state, fmt.Sprint("cluster_known_nodes:", count))
		})
	}
	for i := 3; i < count; i++ {
		do(t, clients[i], "CLUSTER", "REPLICATE", do(t, clients[i-3], "CLUSTER", "MYID"))
		waitFor(t, "the replica to follow", func() bool { return follows(clients[i]) })
	}
	return n
}

// replication is what a server says of its masters and replicas.
func replication(rdb redis.UniversalClient) map[string]string {
	info := map[string]string{}
	for line := range strings.Lines(rdb.Info(context.Background(), "replication").Val()) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), ":")
		info[name] = value
	}
	return info
}

// follows reports whether the server is a replica that has heard all from its master.
func follows(rdb redis.UniversalClient) bool { return replication(rdb)["master_link_status"] == "up" }

// do runs a command that must succeed.
func do(t testing.TB, rdb redis.UniversalClient, args ...any) any {
	t.Helper()
	answer, err := rdb.Do(context.Background(), args...).Result()
	if err != nil {
		t.Fatalf("%v: %v", args, err)
	}
	return answer
}

func dial(t testing.TB, address string) redis.UniversalClient {
	t.Helper()
	rdb, err := Dial(address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = rdb.Close() })
	return rdb
}

// dialled is a client that is led elsewhere, or nowhere, when it connects.
func dialled(t testing.TB, address string, lead func(to string) (string, error)) redis.UniversalClient {
	t.Helper()
	o, err := options(address)
	if err != nil {
		t.Fatal(err)
	}
	direct := o.Dialer
	o.Dialer = func(ctx context.Context, network, to string) (net.Conn, error) {
		to, err := lead(to)
		if err != nil {
			return nil, err
		}
		return direct(ctx, network, to)
	}
	rdb := open(o)
	t.Cleanup(func() { _ = rdb.Close() })
	return rdb
}

// waitFor polls at most 20 seconds.
func waitFor(t testing.TB, what string, done func() bool) {
	t.Helper()
	for range 1000 {
		if done() {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
	t.Fatal("waited too long for ", what)
}

// onEveryRedis runs a test over miniredis, a Redis server, one behind Sentinels, and a Redis Cluster.
func onEveryRedis(t *testing.T, test func(t *testing.T, rdb redis.UniversalClient)) {
	t.Run("miniredis", func(t *testing.T) { test(t, dial(t, "redis://"+miniredis.RunT(t).Addr())) })
	t.Run("redis", func(t *testing.T) { test(t, dial(t, oneRedis(t))) })
	t.Run("sentinel", func(t *testing.T) { test(t, dial(t, startSentinel(t, lock{}).address)) })
	t.Run("cluster", func(t *testing.T) { test(t, dial(t, startCluster(t))) })
}

func oneRedis(t testing.TB) string {
	t.Helper()
	redisServer(t)
	port := freePorts(t, 1)[0]
	startRedis(t, port)
	return "redis://" + host(port)
}

// newStore is a store in tests: a slow machine must not be taken for a stalled Redis, so the budget is wide.
func newStore(t testing.TB, rdb redis.UniversalClient, change func(*Config)) *Store {
	t.Helper()
	cfg := Config{Secret: []byte("0123456789abcdef0123456789abcdef"), Timeout: 5 * time.Second, Clock: epoch}
	if change != nil {
		change(&cfg)
	}
	s, err := New(rdb, cfg)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// wipe empties every node.
func wipe(t testing.TB, rdb redis.UniversalClient) {
	t.Helper()
	ctx := context.Background()
	flush := func(ctx context.Context, c *redis.Client) error { return c.FlushAll(ctx).Err() }
	var err error
	if cluster, ok := rdb.(*redis.ClusterClient); ok {
		err = cluster.ForEachMaster(ctx, flush)
	} else {
		err = flush(ctx, rdb.(*redis.Client))
	}
	if err != nil {
		t.Fatal(err)
	}
}
