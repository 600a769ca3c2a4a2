package notify

import (
	"errors"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// errClosed is the failure of a webhook whose endpoint wants no more of them.
var errClosed = errors.New("not tried: the shop's endpoint answered 410 and is disabled until it is opened again")

// closed knows the endpoints that answered 410 Gone, which Standard Webhooks 1.0.0 takes as "stop sending". What is
// addressed to one is buried without a try: kept, counted, and ready to be revived. An operator opens it again; so does
// a restart, which costs the shop one request and closes it again if the answer has not changed.
type closed struct {
	mu    sync.Mutex
	since map[string]time.Time // by shop; shops come from the configuration, so the map is bounded
	gauge *prometheus.GaugeVec
}

func newClosed(endpoints map[string]Endpoint) *closed {
	c := &closed{since: map[string]time.Time{}, gauge: prometheus.NewGaugeVec(prometheus.GaugeOpts{
		Name: "octroi_webhook_endpoint_disabled", Help: "1 while a shop's webhook endpoint is disabled because it answered 410."},
		[]string{"shop"})}
	for shop := range endpoints {
		c.gauge.WithLabelValues(shop)
	}
	return c
}

func (c *closed) has(shop string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	_, is := c.since[shop]
	return is
}

// shut disables an endpoint and reports whether it was open.
func (c *closed) shut(shop string, now time.Time) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, was := c.since[shop]; was {
		return false
	}
	c.since[shop] = now
	c.gauge.WithLabelValues(shop).Set(1)
	return true
}

func (c *closed) open(shop string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, was := c.since[shop]; !was {
		return false
	}
	delete(c.since, shop)
	c.gauge.WithLabelValues(shop).Set(0)
	return true
}

func (c *closed) shops() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Sorted(maps.Keys(c.since))
}

// Disabled lists the shops whose webhook endpoint answered 410 and gets nothing more, sorted.
func (n *Notifier) Disabled() []string { return n.closed.shops() }

// Enable opens a shop's endpoint again and reports whether it was disabled. Webhooks that were buried meanwhile are
// revived one by one in the store.
func (n *Notifier) Enable(shop string) bool { return n.closed.open(shop) }

// Problems says, a line each, what somebody should look at: folders of templates that are wrong, endpoints that are
// disabled. Nil when all is well.
func (n *Notifier) Problems() []string {
	out := n.letterheads.problems()
	for _, shop := range n.Disabled() {
		out = append(out, "webhook endpoint of shop "+shop+": answered 410 and is disabled")
	}
	return out
}
