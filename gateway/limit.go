package gateway

import (
	"net/netip"
	"sync"
	"time"
)

// generation is how many clients a limiter remembers before it starts a new generation; it keeps two.
const generation = 8192

// limiter is a token bucket per client network with bounded memory: a client that has not been seen for a whole
// generation is forgotten, which gives it a full bucket again.
type limiter struct {
	rate  Rate
	clock func() time.Time

	mu       sync.Mutex
	new, old map[netip.Prefix]time.Time // when the bucket will be full again
}

func newLimiter(r Rate, clock func() time.Time) *limiter {
	return &limiter{rate: r, clock: clock, new: map[netip.Prefix]time.Time{}}
}

// wait is how long the client must wait before cost more tokens are there; 0 when they are there now.
func (l *limiter) wait(who netip.Prefix, cost int) time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.missing(who, cost, l.clock())
}

// take removes cost tokens when they are there, and otherwise says how long to wait.
func (l *limiter) take(who netip.Prefix, cost int) time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.clock()
	if d := l.missing(who, cost, now); d > 0 {
		return d
	}
	full := l.full(who)
	if full.Before(now) {
		full = now
	}
	if len(l.new) >= generation {
		l.old, l.new = l.new, make(map[netip.Prefix]time.Time, generation)
	}
	l.new[who] = full.Add(time.Duration(cost) * l.rate.Every)
	return 0
}

func (l *limiter) missing(who netip.Prefix, cost int, now time.Time) time.Duration {
	owed := l.full(who).Add(time.Duration(cost-l.rate.Burst) * l.rate.Every)
	return max(owed.Sub(now), 0)
}

func (l *limiter) full(who netip.Prefix) time.Time {
	if t, ok := l.new[who]; ok {
		return t
	}
	return l.old[who]
}
