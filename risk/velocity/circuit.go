package velocity

import (
	"sync/atomic"
	"time"
)

// pause is how long Redis is left alone after it failed to answer, before one request tries it again. With the
// default timeout, a stalled Redis so costs 100 ms to one request a second instead of to every one.
const pause = time.Second

// circuit is open while Redis is taken to be away. The zero value is closed.
type circuit struct {
	until   atomic.Int64 // Unix nanoseconds of the next probe; 0 while closed
	probing atomic.Bool
}

// allow reports whether a request may go to Redis: all while closed, one at a time as a probe once the pause is over.
func (c *circuit) allow(now time.Time) bool {
	until := c.until.Load()
	return until == 0 || now.UnixNano() >= until && c.probing.CompareAndSwap(false, true)
}

// answered closes the circuit: Redis spoke, be it to refuse.
func (c *circuit) answered() {
	c.until.Store(0)
	c.probing.Store(false)
}

// silent opens the circuit: Redis did not speak within the budget.
func (c *circuit) silent(now time.Time) {
	c.until.Store(now.Add(pause).UnixNano())
	c.probing.Store(false)
}

// abandoned takes back a probe that proved nothing, because the caller went away first.
func (c *circuit) abandoned() { c.probing.Store(false) }

func (c *circuit) open() bool { return c.until.Load() != 0 }
