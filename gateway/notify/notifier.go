package notify

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"octroi/gateway/store"
)

// Outbox is what the notifier needs of the store.
type Outbox interface {
	Claim(ctx context.Context, kinds []store.Kind, limit int, lease time.Duration) ([]store.Message, error)
	ClaimWebhooks(ctx context.Context, free int, busy map[string]int, lease time.Duration) ([]store.Message, error)
	Done(ctx context.Context, ids ...int64) error
	Retry(ctx context.Context, id int64, due time.Time, lastErr string) error
	Bury(ctx context.Context, id int64, lastErr string) error
	Wake(kinds ...store.Kind) <-chan struct{}
	OldestWaiting(ctx context.Context) (map[store.Kind]time.Time, error)
	Endpoints
}

var _ Outbox = (*store.Store)(nil)

// Config is what a Notifier takes from outside. Every field without a default is needed.
type Config struct {
	Store  Outbox
	Mailer Mailer
	// Outgoing is what a message says as it leaves: its payload, with what must not be kept put in. Until it can be told,
	// the message waits for its next try.
	Outgoing func(ctx context.Context, m store.Message) ([]byte, error)
	// From is the bare address that mails come from unless the shop has its own; the shop's name stands before it.
	From string
	// Letterheads are the shops' own ways of writing, by shop. A shop without one has From and the shipped words.
	Letterheads map[string]Letterhead
	// Endpoints are the shops' webhook addresses by shop. A shop without one gets no webhooks.
	Endpoints map[string]Endpoint
	// TimeZone is the clock of dates in mails; Europe/Paris when nil.
	TimeZone   *time.Location
	Clock      func() time.Time
	Logger     *slog.Logger
	Registerer prometheus.Registerer
	// AllowPrivate lets webhooks go to private and loopback addresses and over plain http. Only for the demo and tests.
	AllowPrivate bool
}

// Notifier carries mail and webhook messages from the outbox to the world.
type Notifier struct {
	cfg         Config
	poster      poster
	rests       *rests
	closed      *closed
	letterheads *letterheads
	metrics     metrics
	webhooks    *lane
	mails       *lane
}

// Bounds of the work in hand.
const (
	webhookSlots = 64 // webhooks on their way at the same time; a shop that is alone gets half, see Store.ClaimWebhooks
	mailSlots    = 4  // mails on their way at the same time
	// lease is how long a claimed message is ours: longer than any try can take, so that nobody else tries meanwhile.
	lease = 2 * time.Minute
	// settleTimeout bounds the write that says what became of a message.
	settleTimeout = 10 * time.Second
	// patience is how long messages on their way may still finish when the program stops.
	patience = 5 * time.Second
	// pace is how often the outbox is looked at when nothing wakes us: retries fall due without a signal.
	pace = time.Second
	// maxRounds bounds Deliver.
	maxRounds = 10_000
)

// New checks the configuration, reads the shops' templates and registers the metrics. It names the shop of a wrong
// endpoint and the file and line of a wrong template, never a secret.
func New(cfg Config) (*Notifier, error) {
	if cfg.Store == nil || cfg.Mailer == nil || cfg.Outgoing == nil || cfg.Clock == nil || cfg.Logger == nil || cfg.Registerer == nil {
		return nil, errors.New("notify: store, mailer, outgoing, clock, logger and registerer are all needed")
	}
	if _, err := address("", cfg.From); err != nil {
		return nil, fmt.Errorf("notify: from: %w", err)
	}
	for shop, e := range cfg.Endpoints {
		if err := e.check(cfg.AllowPrivate); err != nil {
			return nil, fmt.Errorf("notify: webhook endpoint of shop %s: %w", shop, err)
		}
	}
	heads, err := openLetterheads(cfg)
	if err != nil {
		return nil, fmt.Errorf("notify: %w", err)
	}
	shut := newClosed(cfg.Store, cfg.Endpoints)
	m, err := newMetrics(cfg, shut.gauge)
	if err != nil {
		return nil, fmt.Errorf("notify: register metrics: %w", err)
	}
	n := &Notifier{cfg: cfg, poster: newPoster(cfg.Clock, cfg.AllowPrivate), metrics: m, closed: shut, letterheads: heads,
		rests: &rests{shops: map[string]rest{}}}
	n.webhooks = &lane{kind: store.KindWebhook, slots: webhookSlots, waits: webhookWaits, take: n.takeWebhooks, try: n.tryWebhook}
	n.mails = &lane{kind: store.KindMail, slots: mailSlots, waits: mailWaits, take: n.takeMails, try: n.tryMail}
	return n, nil
}

// Run delivers until ctx ends, then waits for what is on its way, at most 5 seconds, and returns nil. Failures are
// logged, counted and retried; they never end Run. Several processes may run on one store.
func (n *Notifier) Run(ctx context.Context) error {
	// Work begun is finished although ctx has ended: a mail that was sent but not marked would be sent twice.
	work, giveUp := context.WithCancel(context.WithoutCancel(ctx))
	defer giveUp()
	stop := context.AfterFunc(ctx, func() { time.AfterFunc(patience, giveUp) })
	defer stop()
	n.readClosed(work)
	var lanes sync.WaitGroup
	for _, l := range []*lane{n.webhooks, n.mails} {
		lanes.Go(func() { n.runLane(ctx, work, l) })
	}
	lanes.Go(func() { every(ctx, letterheadEvery, n.letterheads.look) })
	lanes.Go(func() { every(ctx, closedPace, func() { n.readClosed(ctx) }) })
	lanes.Wait()
	n.poster.client.CloseIdleConnections()
	return nil
}

// every runs fn again and again until ctx ends.
func every(ctx context.Context, pace time.Duration, fn func()) {
	tick := time.NewTicker(pace)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			fn()
		}
	}
}

// Deliver carries everything that is due now and returns how many tries it made. It is Run without the waiting, for
// commands and tests that must know when the outbox has been seen to.
func (n *Notifier) Deliver(ctx context.Context) (int, error) {
	if err := n.closed.read(ctx); err != nil {
		return 0, fmt.Errorf("notify: read which endpoints are disabled: %w", err)
	}
	tries := 0
	for range maxRounds {
		before := tries
		for _, l := range []*lane{n.webhooks, n.mails} {
			ms, err := l.take(ctx, l.slots, nil)
			if err != nil {
				return tries, fmt.Errorf("notify: claim %s messages: %w", l.kind, err)
			}
			var batch sync.WaitGroup
			for _, m := range ms {
				batch.Go(func() { n.carry(ctx, l, m) })
			}
			batch.Wait()
			tries += len(ms)
		}
		if tries == before {
			return tries, nil
		}
	}
	return tries, fmt.Errorf("notify: the outbox still had messages after %d rounds", maxRounds)
}
