package console

import (
	"fmt"
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"time"
)

// A network may have so many refused sign-ins in a window: an office of people who mistype gets by, and somebody who tries
// one password on every name does not. A name has a limit of its own in the store.
const (
	maxGuesses   = 30
	guessWindow  = 15 * time.Minute
	maxGuessFrom = 4096 // networks counted apart; the rest share one count
)

// guesses counts refused sign-ins by network, window by window.
type guesses struct {
	clock func() time.Time

	mu    sync.Mutex
	until time.Time
	count map[netip.Prefix]int
}

// left is how long a network must wait before it may try again; 0 when it may.
func (g *guesses) left(from netip.Prefix) time.Duration {
	g.mu.Lock()
	defer g.mu.Unlock()
	now := g.clock()
	if g.count[g.place(from, now)] < maxGuesses {
		return 0
	}
	return g.until.Sub(now)
}

// wrong counts a refused sign-in.
func (g *guesses) wrong(from netip.Prefix) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.count[g.place(from, g.clock())]++
}

// place is where a network is counted, in a window that has not ended: a clock that was set back begins a new one too.
func (g *guesses) place(from netip.Prefix, now time.Time) netip.Prefix {
	if !now.Before(g.until) || g.until.Sub(now) > guessWindow {
		g.until, g.count = now.Add(guessWindow), map[netip.Prefix]int{}
	}
	if _, known := g.count[from]; known || len(g.count) < maxGuessFrom {
		return from
	}
	return netip.Prefix{}
}

// network is where a request comes from: a subscriber's, which is an IPv4 address or an IPv6 /64. Behind proxies that are
// trusted it is what the last of them was asked by.
func (c *Console) network(r *http.Request) netip.Prefix {
	peer, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return netip.Prefix{}
	}
	at := peer.Addr().Unmap().WithZone("")
	passed := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for len(passed) > 0 && c.trusted(at) {
		before, err := netip.ParseAddr(strings.TrimSpace(passed[len(passed)-1]))
		if err != nil {
			break
		}
		at, passed = before.Unmap().WithZone(""), passed[:len(passed)-1]
	}
	size := at.BitLen()
	if at.Is6() {
		size = 64
	}
	p, err := at.Prefix(size)
	if err != nil {
		return netip.Prefix{}
	}
	return p
}

func (c *Console) trusted(at netip.Addr) bool {
	for _, p := range c.proxies {
		if p.Contains(at) {
			return true
		}
	}
	return false
}

// networks reads addresses and networks.
func networks(texts []string) (all []netip.Prefix, err error) {
	for _, text := range texts {
		p, err := netip.ParsePrefix(text)
		if one, oneErr := netip.ParseAddr(text); err != nil && oneErr == nil {
			p, err = one.Prefix(one.BitLen())
		}
		if err != nil {
			return nil, fmt.Errorf("console: %q is neither an address nor a network such as 10.0.0.0/8", text)
		}
		all = append(all, p)
	}
	return all, nil
}
