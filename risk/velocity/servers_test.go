package velocity

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
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

// startRedis runs a server on the port until the test ends, and waits until it answers.
func startRedis(t testing.TB, port int, args ...string) *os.Process {
	t.Helper()
	args = append([]string{"--port", strconv.Itoa(port), "--bind", "127.0.0.1", "--dir", t.TempDir(), "--save", "",
		"--appendonly", "no", "--loglevel", "warning"}, args...)
	cmd := exec.Command(redisServer(t), args...)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	address := fmt.Sprint("127.0.0.1:", port)
	waitFor(t, "redis-server to listen", func() bool {
		c, err := net.Dial("tcp", address)
		if err == nil {
			_ = c.Close()
		}
		return err == nil
	})
	rdb := dial(t, "redis://"+address)
	waitFor(t, "redis-server to answer", func() bool { return rdb.Ping(context.Background()).Err() == nil })
	return cmd.Process
}

// startCluster runs three masters that share the slots.
func startCluster(t testing.TB) string {
	t.Helper()
	redisServer(t)
	ctx, ports := context.Background(), freePorts(t, 6)
	nodes, addrs := make([]redis.UniversalClient, 3), make([]string, 3)
	for i := range 3 {
		startRedis(t, ports[i], "--cluster-enabled", "yes", "--cluster-port", strconv.Itoa(ports[3+i]), "--cluster-node-timeout", "1000")
		addrs[i] = fmt.Sprint("127.0.0.1:", ports[i])
		nodes[i] = dial(t, "redis://"+addrs[i])
		from, to := i*5462, min((i+1)*5462, 16384)-1
		for _, args := range [][]any{{"CLUSTER", "SET-CONFIG-EPOCH", i + 1}, {"CLUSTER", "ADDSLOTSRANGE", from, to}} {
			if err := nodes[i].Do(ctx, args...).Err(); err != nil {
				t.Fatal(err)
			}
		}
	}
	for i := 1; i < 3; i++ {
		if err := nodes[0].Do(ctx, "CLUSTER", "MEET", "127.0.0.1", ports[i], ports[3+i]).Err(); err != nil {
			t.Fatal(err)
		}
	}
	for _, n := range nodes {
		waitFor(t, "the cluster to form", func() bool {
			state := n.ClusterInfo(ctx).Val()
			return strings.Contains(state, "cluster_state:ok") && strings.Contains(state, "cluster_known_nodes:3")
		})
	}
	return "redis://" + strings.Join(addrs, ",")
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

// onEveryRedis runs a test over miniredis, a Redis server and a Redis Cluster.
func onEveryRedis(t *testing.T, test func(t *testing.T, rdb redis.UniversalClient)) {
	t.Run("miniredis", func(t *testing.T) { test(t, dial(t, "redis://"+miniredis.RunT(t).Addr())) })
	t.Run("redis", func(t *testing.T) { test(t, dial(t, oneRedis(t))) })
	t.Run("cluster", func(t *testing.T) { test(t, dial(t, startCluster(t))) })
}

func oneRedis(t testing.TB) string {
	t.Helper()
	redisServer(t)
	port := freePorts(t, 1)[0]
	startRedis(t, port)
	return fmt.Sprintf("redis://127.0.0.1:%d", port)
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
