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
	maxGuesses  = 30
	guessWindow = 15 * time.Minute
)

// maxCounted bounds how many a quota counts apart; the rest share one count.
const maxCounted = 4096

// quota counts what may be done only so often, for each of many, window by window.
type quota[K comparable] struct {
	clock  func() time.Time
	most   int
	window time.Duration

	mu    sync.Mutex
	until time.Time
	count map[K]int
}

// left is how long somebody must wait before they may go on; 0 when they may.
func (q *quota[K]) left(who K) time.Duration {
	q.mu.Lock()
	defer q.mu.Unlock()
	now := q.clock()
	if q.count[q.place(who, now)] < q.most {
		return 0
	}
	return q.until.Sub(now)
}

// add counts one more.
func (q *quota[K]) add(who K) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.count[q.place(who, q.clock())]++
}

// place is where somebody is counted, in a window that has not ended: a clock that was set back begins a new one too.
func (q *quota[K]) place(who K, now time.Time) (at K) {
	if !now.Before(q.until) || q.until.Sub(now) > q.window {
		q.until, q.count = now.Add(q.window), map[K]int{}
	}
	if _, known := q.count[who]; known || len(q.count) < maxCounted {
		return who
	}
	return at
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
