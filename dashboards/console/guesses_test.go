package console

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"testing"
	"time"
)

func TestANetworkThatGuessesIsShutOutAndOthersAreNot(t *testing.T) {
	o := opened(t, nil)
	var err error
	o.desk.proxies, err = networks([]string{"127.0.0.1"})
	check(t, err)
	try := func(from, name, password string) answer {
		return o.as("").send(http.MethodPost, "/signin", formOf("name", name, "password", password), "X-Forwarded-For", from)
	}
	office := netip.MustParsePrefix("203.0.113.7/32")
	for range maxGuesses - 1 {
		o.desk.guesses.add(office)
	}
	if a := try("203.0.113.7", "ana", "wrong-horse-ana"); a.status != http.StatusUnauthorized {
		t.Fatalf("the last guess: %d", a.status)
	}
	for name, password := range map[string]string{"zoe": "wrong-horse-zoe", "ana": passwordOf("ana"), "nobody": ""} {
		a := try("203.0.113.7", name, password)
		if a.status != http.StatusTooManyRequests || a.header.Get("Retry-After") == "" || a.header.Get("Set-Cookie") != "" {
			t.Errorf("%s after too many: %d", name, a.status)
		}
		a.shows(t, "Too many sign-ins from your network")
	}
	if a := try("203.0.113.8", "ana", passwordOf("ana")); a.status != http.StatusSeeOther {
		t.Errorf("a neighbour: %d", a.status)
	}
	o.later(guessWindow)
	if a := try("203.0.113.7", "ana", passwordOf("ana")); a.status != http.StatusSeeOther {
		t.Errorf("a quarter of an hour later: %d", a.status)
	}
}

func TestGuessesAreCountedInBoundedMemoryAndThroughAClockThatJumps(t *testing.T) {
	now := time.Date(2026, 11, 20, 8, 0, 0, 0, time.UTC)
	g := quota[netip.Prefix]{clock: func() time.Time { return now }, most: maxGuesses, window: guessWindow}
	at := func(i int) netip.Prefix {
		return netip.PrefixFrom(netip.AddrFrom4([4]byte{10, byte(i >> 16), byte(i >> 8), byte(i)}), 32)
	}
	for i := range 3 * maxCounted {
		g.add(at(i))
	}
	if len(g.count) > maxCounted+1 {
		t.Errorf("%d networks are remembered", len(g.count))
	}
	if g.left(at(1)) != 0 || g.left(at(maxCounted+1)) == 0 {
		t.Error("the networks beyond the bound do not share one count, or the others do")
	}
	for _, jump := range []time.Duration{guessWindow, -48 * time.Hour} {
		for range maxGuesses {
			g.add(at(7))
		}
		if g.left(at(7)) <= 0 {
			t.Fatal("a network that guessed too often may go on")
		}
		if now = now.Add(jump); g.left(at(7)) != 0 {
			t.Errorf("after %s the network is still shut out", jump)
		}
	}
}

func TestWhereARequestComesFromIsBelievedOnlyOfTrustedProxies(t *testing.T) {
	c := &Console{}
	var err error
	if c.proxies, err = networks([]string{"10.0.0.0/8", "2001:db8::1"}); err != nil {
		t.Fatal(err)
	}
	for _, k := range []struct{ peer, passed, want string }{
		{"203.0.113.7:999", "", "203.0.113.7/32"}, {"203.0.113.7:999", "198.51.100.1", "203.0.113.7/32"}, {"10.1.2.3:999", "198.51.100.1", "198.51.100.1/32"},
		{"10.1.2.3:999", "192.0.2.1, 198.51.100.1, 10.9.9.9", "198.51.100.1/32"}, {"10.1.2.3:999", "nonsense", "10.1.2.3/32"},
		{"[2001:db8::1]:999", "2001:db8:1:2:3::4", "2001:db8:1:2::/64"}, {"[::ffff:10.1.2.3]:999", "::ffff:198.51.100.1", "198.51.100.1/32"},
		{"nonsense", "198.51.100.1", "invalid Prefix"}, {"10.1.2.3:999", "10.1.1.1", "10.1.1.1/32"},
	} {
		r := httptest.NewRequest(http.MethodPost, "/signin", nil)
		if r.RemoteAddr = k.peer; k.passed != "" {
			r.Header.Set("X-Forwarded-For", k.passed)
		}
		if got := c.network(r).String(); got != k.want {
			t.Errorf("%v: from %s", k, got)
		}
	}
	for _, wrong := range []string{"", "nonsense", "10.0.0.0/40"} {
		if _, err := networks([]string{wrong}); err == nil {
			t.Errorf("%q is taken for a network", wrong)
		}
	}
	if fmt.Sprint(c.proxies) != "[10.0.0.0/8 2001:db8::1/128]" {
		t.Error(c.proxies)
	}
}
