package gateway

import (
	"net/netip"
	"strings"
	"testing"
	"time"

	"octroi/gateway/payment"
	"octroi/gateway/store"
)

func TestCodesAreBoundedPerAddressToo(t *testing.T) {
	h := newHouse(t, func(c *Config) { c.Limits.Proof = Rate{Burst: 2 + 2*costSecret, Every: time.Hour} })
	b := h.buyer("A-1")
	var statuses []int
	for range 3 {
		statuses = append(statuses, b.post("/proof/code", "code", "12a").status)
	}
	if statuses[1] != 422 || statuses[2] != 429 {
		t.Errorf("answered %v", statuses)
	}
}

func TestProofPagesAreLimitedPerAddress(t *testing.T) {
	h := newHouse(t, func(c *Config) {
		c.Limits.Proof = Rate{Burst: 2, Every: time.Minute}
		c.TrustedProxies = []string{"127.0.0.1", "10.0.0.0/8"}
	})
	from := func(ip string) answered {
		return h.send("GET", "/proof/x", map[string]string{"X-Forwarded-For": ip}, "")
	}
	from("198.51.100.7")
	from("198.51.100.7")
	if a := from("203.0.113.1, 198.51.100.7, 10.1.1.1"); a.status != 429 || a.header.Get("Retry-After") == "" || !strings.Contains(string(a.body), "One moment, please") {
		t.Errorf("%d", a.status)
	}
	if a := from("198.51.100.8"); a.status != 404 {
		t.Errorf("another address was answered %d", a.status)
	}
}

func TestForwardedAddressesAreOnlyBelievedFromTrustedProxies(t *testing.T) {
	h := newHouse(t, func(c *Config) { c.Limits.Proof = Rate{Burst: 1, Every: time.Hour} })
	h.send("GET", "/proof/x", map[string]string{"X-Forwarded-For": "198.51.100.1"}, "")
	if a := h.send("GET", "/proof/x", map[string]string{"X-Forwarded-For": "198.51.100.2"}, ""); a.status != 429 {
		t.Errorf("a made-up address opened a new bucket: %d", a.status)
	}
	if _, err := New(Config{Flow: h.flow, Store: h.store, Clock: h.clock.now, TrustedProxies: []string{"proxy.example"}}); err == nil {
		t.Error("a name was taken for a proxy's address")
	}
}

func TestAllLinesOfForwardedAddressesAreReadFromTheRight(t *testing.T) {
	h := newHouse(t, func(c *Config) {
		c.Limits.Proof = Rate{Burst: 1, Every: time.Hour}
		c.TrustedProxies = []string{"127.0.0.1", "10.0.0.0/8"}
	})
	from := func(head, rest string) string {
		answer, _ := h.raw("GET /proof/x HTTP/1.1\r\nHost: x\r\nConnection: close\r\n" + head + "\r\n" + rest)
		return strings.TrimPrefix(strings.SplitN(answer, "\r\n", 2)[0], "HTTP/1.1 ")[:3]
	}
	if got := from("X-Forwarded-For: 6.6.6.6\r\nX-Forwarded-For: 192.0.2.99\r\n", ""); got != "404" {
		t.Fatalf("the first: %s", got)
	}
	for name, head := range map[string]string{
		"another made up":            "X-Forwarded-For: 6.6.6.7\r\nX-Forwarded-For: 192.0.2.99\r\n",
		"lines that are lists":       "X-Forwarded-For: 6.6.6.8, 6.6.6.9\r\nx-forwarded-for: 192.0.2.99, 10.0.0.1\r\n",
		"two proxies, a line each":   "X-Forwarded-For: 6.6.6.8\r\nX-Forwarded-For: 192.0.2.99\r\nX-Forwarded-For: 10.0.0.1\r\n",
		"an empty line in the front": "X-Forwarded-For:\r\nX-Forwarded-For: 192.0.2.99\r\n",
	} {
		if got := from(head, ""); got != "429" {
			t.Errorf("%s: %s", name, got)
		}
	}
	const chunked = "Transfer-Encoding: chunked\r\nX-Forwarded-For: 192.0.2.99\r\n"
	if got := from(chunked, "0\r\nX-Forwarded-For: 6.6.6.6\r\n\r\n"); got != "429" {
		t.Errorf("the trailer of a body counts as a proxy's word: %s", got)
	}
}

func TestTheLimiterForgetsInBoundedMemoryAndRefillsSteadily(t *testing.T) {
	clock := &clockwork{at: noon}
	l := newLimiter(Rate{Burst: 2, Every: time.Minute}, clock.now)
	who := netip.MustParsePrefix("198.51.100.1/32")
	allowed := 0
	for range 3 {
		if l.take(who, 1) == 0 {
			allowed++
		}
	}
	if allowed != 2 {
		t.Errorf("a burst of two let %d through", allowed)
	}
	clock.forward(time.Minute)
	first, second := l.take(who, 1), l.take(who, 1)
	if first != 0 || second == 0 {
		t.Error("one minute does not give one token")
	}
	for i := range 5 * generation {
		l.take(netip.PrefixFrom(netip.AddrFrom4([4]byte{10, byte(i >> 16), byte(i >> 8), byte(i)}), 32), 1)
	}
	if n := len(l.new) + len(l.old); n > 2*generation {
		t.Errorf("%d clients are remembered", n)
	}
}

func TestCredentialsAreRememberedInBoundedNumber(t *testing.T) {
	h := newHouse(t, nil)
	for i := range remembered + 10 {
		h.server.users.have[[32]byte{byte(i), byte(i >> 8)}] = credential[store.User]{}
	}
	if _, err := h.server.users.owner(t.Context(), h.person(store.RoleAdmin), func() error { return nil }); err != nil {
		t.Fatal(err)
	}
	if n := len(h.server.users.have); n > remembered+10 {
		t.Errorf("%d credentials are remembered", n)
	}
	if payment.CodeOf(errNoShop) != payment.CodeForbidden {
		t.Error("a key without a shop is not forbidden")
	}
}
