package notify

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"octroi/gateway/store"
)

// errClosed is the failure of a webhook whose endpoint wants no more of them.
var errClosed = errors.New("not tried: the shop's endpoint answered 410 and is disabled until it is opened again")

// reasonGone is why an endpoint is closed, as it is kept.
const reasonGone = "answered 410"

// Endpoints is where it is kept which endpoints are closed.
type Endpoints interface {
	ClosedEndpoints(ctx context.Context) ([]store.ClosedEndpoint, error)
	CloseEndpoint(ctx context.Context, e store.ClosedEndpoint) error
	ForgetEndpoint(ctx context.Context, shop string, urlHash []byte) error
}

var _ Endpoints = (*store.Store)(nil)

// closed knows the endpoints that answered 410 Gone, which Standard Webhooks 1.0.0 takes as "stop sending". What is
// addressed to one is buried without a try: kept, counted, and ready to be revived. It is written down, so that a restart
// does not ask again, and so that an operator, who opens the endpoint in the store, reaches every process. An address
// that was changed is another endpoint, and open.
type closed struct {
	kept   Endpoints
	hashes map[string][]byte // of the addresses, by shop
	gauge  *prometheus.GaugeVec

	mu    sync.Mutex
	shops map[string]bool // as last read or written; bounded, since shops come from the configuration
}

func newClosed(kept Endpoints, endpoints map[string]Endpoint) *closed {
	c := &closed{kept: kept, hashes: map[string][]byte{}, shops: map[string]bool{}, gauge: prometheus.NewGaugeVec(prometheus.GaugeOpts{
		Name: "octroi_webhook_endpoint_disabled", Help: "1 while a shop's webhook endpoint is disabled because it answered 410."},
		[]string{"shop"})}
	for shop, e := range endpoints {
		sum := sha256.Sum256([]byte(e.URL))
		c.hashes[shop] = sum[:]
		c.gauge.WithLabelValues(shop)
	}
	return c
}

// read brings what is known up to what is kept, and forgets what was kept of an address that the shop no longer has.
func (c *closed) read(ctx context.Context) error {
	all, err := c.kept.ClosedEndpoints(ctx)
	if err != nil {
		return err
	}
	now := map[string]bool{}
	var errs []error
	for _, e := range all {
		switch ours, configured := c.hashes[e.Shop]; {
		case !configured: // another process may have it
		case bytes.Equal(ours, e.URLHash):
			now[e.Shop] = true
		default:
			errs = append(errs, c.kept.ForgetEndpoint(ctx, e.Shop, e.URLHash))
		}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.shops = now
	for shop := range c.hashes {
		c.gauge.WithLabelValues(shop).Set(0)
	}
	for shop := range now {
		c.gauge.WithLabelValues(shop).Set(1)
	}
	return errors.Join(errs...)
}

func (c *closed) has(shop string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.shops[shop]
}

// shut disables an endpoint and reports whether it was open. What cannot be written down holds in this process all the
// same, until the store is read again: then one more request tells.
func (c *closed) shut(ctx context.Context, shop string, now time.Time) (was bool, err error) {
	c.mu.Lock()
	was = !c.shops[shop]
	c.shops[shop] = true
	c.gauge.WithLabelValues(shop).Set(1)
	c.mu.Unlock()
	if !was {
		return false, nil
	}
	return true, c.kept.CloseEndpoint(ctx, store.ClosedEndpoint{Shop: shop, URLHash: c.hashes[shop], ClosedAt: now, Reason: reasonGone})
}

func (c *closed) list() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Sorted(maps.Keys(c.shops))
}

// refuses reports whether the shop's endpoint is closed. Before it says so it asks the store, where an operator may have
// opened it since.
func (n *Notifier) refuses(ctx context.Context, shop string) bool {
	if !n.closed.has(shop) {
		return false
	}
	n.readClosed(ctx)
	return n.closed.has(shop)
}

// readClosed reads which endpoints are closed. While the store is away the last word holds.
func (n *Notifier) readClosed(ctx context.Context) {
	if err := n.closed.read(ctx); err != nil && ctx.Err() == nil {
		n.cfg.Logger.Warn("cannot read which webhook endpoints are disabled", slog.Any("error", err))
	}
}

// closedPace is how often the store is asked which endpoints are closed. A request to one that another process closed
// meanwhile does no harm: it answers 410 again.
const closedPace = 10 * time.Second

// Disabled lists the shops whose webhook endpoint answered 410 and gets nothing more, sorted. An endpoint is opened again
// in the store (OpenEndpoint), which every process sees when it next has a webhook for it, and within ten seconds.
func (n *Notifier) Disabled() []string { return n.closed.list() }

// Problems says, a line each, what somebody should look at: folders of templates that are wrong, endpoints that are
// disabled. Nil when all is well.
func (n *Notifier) Problems() []string {
	out := n.letterheads.problems()
	for _, shop := range n.Disabled() {
		out = append(out, "webhook endpoint of shop "+shop+": answered 410 and is disabled")
	}
	return out
}
