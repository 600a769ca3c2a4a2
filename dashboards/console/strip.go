package console

import (
	"context"
	"time"

	"octroi/gateway/hold"
)

// stripLife is how long the counts of the strip are shown before they are counted again: every page shows them, and
// they are counted over whole tables.
const stripLife = 3 * time.Second

// stripBudget is how long counting may hold a page up.
const stripBudget = 2 * time.Second

// strip is what every page says of the gateway's health.
type strip struct {
	at       time.Time
	Cases    map[hold.Status]int
	Open     int
	Degraded bool // histories are away: every order is held or declined
	Unknown  bool // the counts could not be read
	Waiting  int  // messages, notifications and events on their way
	Buried   int  // messages given up on: somebody must look
}

// Calm reports whether there is nothing to worry about.
func (s strip) Calm() bool { return !s.Degraded && !s.Unknown && s.Buried == 0 }

// stripNow gives the counts, at most stripLife old.
func (c *Console) stripNow(ctx context.Context) strip {
	c.stripMu.Lock()
	defer c.stripMu.Unlock()
	now := c.Clock()
	if age := now.Sub(c.strip.at); c.strip.at.IsZero() || age < 0 || age >= stripLife {
		c.strip = c.count(ctx)
		c.strip.at = now
	}
	s := c.strip
	s.Degraded = c.Flow.Velocity.Degraded()
	return s
}

func (c *Console) count(ctx context.Context) strip {
	// One visitor counts for all: his leaving must not show the others a gateway without figures.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), stripBudget)
	defer cancel()
	counts, err := c.Store.Counts(ctx)
	if err != nil {
		c.Logger.WarnContext(ctx, "counts not available", "error", err)
		return strip{Unknown: true, Cases: map[hold.Status]int{}}
	}
	s := strip{Cases: counts.Cases, Waiting: counts.Notifications + counts.History}
	for _, n := range counts.Outbox {
		s.Waiting += n
	}
	for _, n := range counts.Buried {
		s.Buried += n
	}
	for status, n := range counts.Cases {
		if status.Open() {
			s.Open += n
		}
	}
	return s
}
