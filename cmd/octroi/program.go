package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/oschwald/maxminddb-golang/v2"

	"octroi/gateway"
	"octroi/gateway/flow"
	"octroi/gateway/notify"
	"octroi/gateway/store"
	"octroi/gateway/vault"
	"octroi/risk/velocity"
)

// stopWithin bounds an orderly stop.
const stopWithin = 15 * time.Second

// Documents that a crash left half written are cleared at start and every day, once they are an hour old: no upload
// takes that long.
const (
	sweepEvery = 24 * time.Hour
	sweepAge   = time.Hour
)

// Program is what Start started.
type Program struct {
	cfg      Config
	log      *slog.Logger
	store    *store.Store
	velocity *velocity.Store
	redis    redisSettings
	policies *policies
	sealer   *vault.Sealer
	flow     *flow.Flow
	notifier *notify.Notifier
	api      *gateway.Server
	console  *http.Server
	ops      *http.Server
	country  *maxminddb.Reader

	apiDoor, consoleDoor, opsDoor net.Listener

	stopWork context.CancelFunc
	work     sync.WaitGroup
	failed   chan error
	stopping atomic.Bool
	ready    atomic.Bool // what must be filled before the first order is filled
	close    sync.Once
	closeErr error
}

// Addresses are where the three doors were opened.
type Addresses struct{ API, Console, Ops string }

// Addresses gives host and port of each door, also when port 0 was asked for.
func (p *Program) Addresses() Addresses {
	return Addresses{p.apiDoor.Addr().String(), p.consoleDoor.Addr().String(), p.opsDoor.Addr().String()}
}

// Failed gives an error when a door or a worker ended although nobody asked it to.
func (p *Program) Failed() <-chan error { return p.failed }

func (p *Program) publicURL() string {
	if p.cfg.PublicURL != "" {
		return p.cfg.PublicURL
	}
	return "http://" + p.apiDoor.Addr().String()
}

// run begins the background work and serves the doors.
func (p *Program) run(desk, ops http.Handler) {
	ctx, cancel := context.WithCancel(context.Background())
	p.stopWork = cancel
	for name, fn := range map[string]func(context.Context) error{
		"flow": p.flow.Run, "notifier": p.notifier.Run, "policies": p.policies.watch, "documents": p.sweepDaily,
	} {
		p.work.Go(func() {
			if err := fn(ctx); err != nil && ctx.Err() == nil {
				p.fail(fmt.Errorf("%s: %w", name, err))
			}
		})
	}
	p.console, p.ops = httpServer(desk, p.log), httpServer(ops, p.log)
	// Profiles are written for as long as they were asked to run.
	p.ops.WriteTimeout = 2 * time.Minute
	go func() { p.fail(p.api.Listener(p.apiDoor)) }()
	go func() { p.fail(p.console.Serve(p.consoleDoor)) }()
	go func() { p.fail(p.ops.Serve(p.opsDoor)) }()
}

// httpServer is a server whose every wait is bounded.
func httpServer(h http.Handler, log *slog.Logger) *http.Server {
	return &http.Server{Handler: h, ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 30 * time.Second,
		WriteTimeout: 45 * time.Second, IdleTimeout: 90 * time.Second, MaxHeaderBytes: 16 << 10,
		ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelWarn)}
}

// fail reports the end of something that should have gone on.
func (p *Program) fail(err error) {
	if p.stopping.Load() || errors.Is(err, http.ErrServerClosed) {
		return
	}
	if err == nil {
		err = errors.New("a listener ended")
	}
	select {
	case p.failed <- err:
	default: // one is enough to stop
	}
}

// Close stops in order: the doors take nobody new, requests in hand are answered, the workers put down what they hold,
// the connections close. It takes at most 15 seconds, and may be called again.
func (p *Program) Close() error {
	p.close.Do(func() {
		p.stopping.Store(true)
		ctx, cancel := context.WithTimeout(context.Background(), stopWithin)
		defer cancel()
		var doors sync.WaitGroup
		errs := make([]error, 3)
		doors.Go(func() { errs[0] = p.api.Shutdown(ctx) })
		doors.Go(func() { errs[1] = p.console.Shutdown(ctx) })
		doors.Wait()
		p.stopWork()
		worked := make(chan struct{})
		go func() { p.work.Wait(); close(worked) }()
		select {
		case <-worked:
		case <-ctx.Done():
			errs = append(errs, errors.New("background work did not end in time"))
		}
		errs[2] = p.ops.Shutdown(ctx)
		errs = append(errs, p.closeParts())
		if err := errors.Join(errs...); err != nil {
			p.closeErr = fmt.Errorf("stop: %w", err)
		}
	})
	return p.closeErr
}

// closeParts closes whatever is open. Listeners are closed already when their servers were shut down.
func (p *Program) closeParts() error {
	var errs []error
	for _, l := range []net.Listener{p.apiDoor, p.consoleDoor, p.opsDoor} {
		if l == nil {
			continue
		}
		if err := l.Close(); err != nil && !errors.Is(err, net.ErrClosed) {
			errs = append(errs, err)
		}
	}
	if p.velocity != nil {
		errs = append(errs, p.velocity.Close())
	}
	if p.country != nil {
		errs = append(errs, p.country.Close())
	}
	if p.store != nil {
		errs = append(errs, p.store.Close())
	}
	return errors.Join(errs...)
}

func (p *Program) sweepDocuments(ctx context.Context) error {
	n, err := p.sealer.Sweep(ctx, p.cfg.Clock().Add(-sweepAge))
	if err != nil {
		return err
	}
	if n > 0 {
		p.log.Info("cleared documents that were cut short", "files", n)
	}
	return nil
}

// sweepDaily clears until ctx ends. A sweep that fails is logged and comes again the next day.
func (p *Program) sweepDaily(ctx context.Context) error {
	tick := time.NewTicker(sweepEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
			if err := p.sweepDocuments(ctx); err != nil {
				p.log.Error("documents not swept", "error", err)
			}
		}
	}
}
