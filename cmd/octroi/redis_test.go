package main

import (
	"context"
	"net"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/redis/go-redis/v9"

	"octroi/risk/velocity"
)

// TestUnsafeSettingsOfAnyNodeOfAClusterAreSaid asks a Cluster of which one node in two is set as it should be.
func TestUnsafeSettingsOfAnyNodeOfAClusterAreSaid(t *testing.T) {
	var nodes []redis.UniversalClient
	var hosts, ports, buses []string
	for _, eviction := range []string{"noeviction", "allkeys-lru"} {
		l := must[net.Listener](t)(net.Listen("tcp", "127.0.0.1:0"))
		bus := strconv.Itoa(l.Addr().(*net.TCPAddr).Port)
		_ = l.Close()
		s := startRedis(t, "--cluster-enabled", "yes", "--cluster-port", bus, "--maxmemory-policy", eviction)
		rdb := must[redis.UniversalClient](t)(velocity.Dial(s.url))
		t.Cleanup(func() { _ = rdb.Close() })
		host := strings.TrimPrefix(s.url, "redis://")
		_, port, _ := strings.Cut(host, ":")
		nodes, hosts, ports, buses = append(nodes, rdb), append(hosts, host), append(ports, port), append(buses, bus)
	}
	for _, c := range []struct {
		node int
		args []any
	}{
		{0, []any{"CLUSTER", "ADDSLOTSRANGE", 0, 8191}}, {1, []any{"CLUSTER", "ADDSLOTSRANGE", 8192, 16383}},
		{1, []any{"CLUSTER", "SET-CONFIG-EPOCH", 2}}, {0, []any{"CLUSTER", "MEET", "127.0.0.1", ports[1], buses[1]}},
	} {
		must[any](t)(nodes[c.node].Do(t.Context(), c.args...).Result())
	}
	for _, n := range nodes {
		eventually(t, "the Cluster to form", func() bool {
			return strings.Contains(n.ClusterInfo(context.Background()).Val(), "cluster_state:ok")
		})
	}
	rdb := must[redis.UniversalClient](t)(velocity.Dial("redis://" + strings.Join(hosts, ",")))
	defer rdb.Close()
	got := readRedisSettings(t.Context(), rdb).problems
	if len(got) != 1 || !strings.HasPrefix(got[0], "maxmemory-policy is allkeys-lru") {
		t.Errorf("said of the Cluster: %q", got)
	}
	dead := must[redis.UniversalClient](t)(velocity.Dial("redis://127.0.0.1:1?cluster=true"))
	defer dead.Close()
	if got := readRedisSettings(t.Context(), dead).problems; len(got) != 1 || !strings.Contains(got[0], "could not be read") {
		t.Errorf("said of a Cluster that does not answer: %q", got)
	}
}

func TestNoPasswordOfAnyKindOfRedisStandsInTheConfiguration(t *testing.T) {
	clear := []string{"redis://:hunter2@a:1/0", "redis://u:hunter2@a:1,b:2/0?master=m", "redis://:hunter2${A}@a,b", "redis://:hunter/2@a",
		"redis://:${A}@a,b?master=m&sentinel_password=hunter2", "postgres://a/b?user=u&password=hunter2"}
	fine := []string{"redis://a:1/0", "redis://a:1,b:2?cluster=true", "redis://:${A}@a:1,b:2/0?master=m&sentinel_password=${B}", "redis://u:${A}${B}@a",
		"redis://u@a", "sqlite:octroi.db"}
	for _, address := range slices.Concat(clear, fine) {
		if got := clearPassword(address); got != slices.Contains(clear, address) {
			t.Errorf("%s: a password in the clear is %v", address, got)
		}
	}
}
