package adyen

import (
	"sync"
	"time"
)

// The circuit's defaults: as many calls in a row without an answer before calls stop, and how long they stop. Ten are
// more than one lost packet or one slow issuer brings about, and pass within a second of a busy shop's true outage.
const (
	defaultTripAfter = 10
	defaultRest      = 5 * time.Second
)

// verdict is what a call tells of the provider's health.
type verdict int

const (
	answered verdict = iota // whatever it said short of a server error: a refusal is an answer
	failed                  // no whole answer, or a server error
	unsaid                  // the caller gave up, or nothing was sent: no word on the provider
)

// circuit keeps calls from a provider that does not answer, so that buyers are told at once and the provider is not met
// by a crowd when it comes back. Closed, it lets every call pass; open, none until its rest is over; then one at a time,
// whose answer closes it and whose failure opens it anew. It is safe for concurrent use.
type circuit struct {
	clock func() time.Time
	trip  int           // failures in a row that open it
	rest  time.Duration // how long it stays open before a call is let through

	mu       sync.Mutex
	failures int       // in a row
	opened   bool      // since the last answer
	until    time.Time // end of the rest, while opened
	probing  bool      // the one call of a half-open circuit is under way
}

// enter asks whether a call may pass. A call that has passed must leave with the same probe.
func (c *circuit) enter() (probe, pass bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.opened {
		return false, true
	}
	if c.probing || c.clock().Before(c.until) {
		return false, false
	}
	c.probing = true
	return true, true
}

// leave takes a call's verdict, and tells whether it has opened or closed the circuit. While the circuit is open only
// its probe counts: calls that were under way before tell of the past.
func (c *circuit) leave(probe bool, v verdict) (changed bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if probe {
		c.probing = false
	} else if c.opened {
		return false
	}
	switch v {
	case answered:
		changed, c.failures, c.opened = c.opened, 0, false
	case failed:
		if c.failures++; probe || c.failures >= c.trip {
			changed, c.opened, c.until = !c.opened, true, c.clock().Add(c.rest)
		}
	}
	return changed
}

// closed reports whether calls pass freely.
func (c *circuit) closed() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return !c.opened
}
