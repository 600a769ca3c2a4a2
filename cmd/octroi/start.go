package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"octroi/dashboards/console"
	"octroi/gateway"
	"octroi/gateway/flow"
	"octroi/gateway/notify"
	"octroi/gateway/store"
	"octroi/gateway/vault"
	"octroi/providers/adyen"
	"octroi/risk"
	"octroi/risk/velocity"
)

// Config is everything the program needs, secrets included. serve makes it from a file, demo makes it from a folder.
type Config struct {
	Listen Listen
	// PublicURL is where buyers reach the API listener; "" is its own address over http.
	PublicURL string
	Database  string // sqlite:PATH or postgres://…
	Redis     string // an address as package velocity reads it
	// Adyen needs Endpoint, APIKey and HMACKeys; accounts come from the shops, clock and logger from here.
	Adyen     adyen.Config
	Shops     []Shop
	Mailer    notify.Mailer
	MailFrom  string
	Documents Documents
	Keys      Keys
	// HistoriesWithin is how long an order may wait for its histories; package velocity's own bound when 0.
	HistoriesWithin time.Duration
	// CountryFile is a MaxMind database of countries by IP address; "" leaves countries unknown.
	CountryFile    string
	TrustedProxies []string
	Zone           *time.Location // of the hours buyers and analysts see
	// Secure says that the console is reached over https only, so that its cookies are never sent without.
	Secure bool
	// Demo lets webhooks go to this machine, and skips the check of Redis' settings.
	Demo   bool
	Clock  func() time.Time
	Rand   io.Reader
	Logger *slog.Logger
}

// Listen are the addresses of the three doors.
type Listen struct{ API, Console, Ops string }

// Shop is one merchant account.
type Shop struct {
	flow.Shop
	MerchantAccount string
	Policy          string // a file, or "default"
	ShadowPolicy    string // a policy on trial beside it; "" for none
	Endpoint        *notify.Endpoint
	Letterhead      notify.Letterhead
}

// Keys are the secrets of keyed hashes, 32 bytes each, one per purpose.
type Keys struct {
	flow.Keys
	Audit     []byte
	Histories []byte
}

// Start opens the doors and begins the work behind them. When it fails everything it had opened is closed again. ctx
// bounds the start alone: the program runs until Close.
func Start(ctx context.Context, cfg Config) (_ *Program, err error) {
	p := &Program{cfg: cfg, log: cfg.Logger, failed: make(chan error, 3)}
	defer func() {
		if err != nil {
			p.closeParts()
		}
	}()
	// The doors are taken first: a second start on the same addresses must not touch the database.
	if err := p.listen(cfg.Listen); err != nil {
		return nil, err
	}
	reg := newRegistry()
	if p.store, err = store.Open(ctx, cfg.Database, store.Config{Clock: cfg.Clock, Rand: cfg.Rand, AuditKey: cfg.Keys.Audit, Logger: cfg.Logger}); err != nil {
		return nil, err
	}
	if p.policies, err = openPolicies(ctx, cfg, p.store, reg); err != nil {
		return nil, err
	}
	if p.velocity, p.redis, err = openVelocity(ctx, cfg, reg, p.policies.tallies); err != nil {
		return nil, err
	}
	provider, err := openProvider(cfg, reg)
	if err != nil {
		return nil, err
	}
	var opener *vault.Opener
	if p.sealer, opener, err = cfg.Documents.vault(ctx); err != nil {
		return nil, err
	}
	if err := p.sweepDocuments(ctx); err != nil {
		return nil, err
	}
	looker, err := openIntake(ctx, cfg, reg)
	if err != nil {
		return nil, err
	}
	country, err := p.openCountries(cfg.CountryFile)
	if err != nil {
		return nil, err
	}
	p.flow, err = flow.New(flow.Config{Store: p.store, Velocity: p.velocity, Policy: p.policies.of, Shadow: p.policies.shadowOf, Provider: provider,
		Shops: flowShops(cfg.Shops), Sealer: p.sealer, Intake: looker, Keys: cfg.Keys.Keys,
		PublicURL: p.publicURL(), Country: country, Clock: cfg.Clock, Rand: cfg.Rand, Logger: cfg.Logger, Registerer: reg})
	if err != nil {
		return nil, err
	}
	p.notifier, err = notify.New(notify.Config{Store: p.store, Mailer: cfg.Mailer, Outgoing: p.flow.Outgoing, From: cfg.MailFrom, Endpoints: endpoints(cfg.Shops),
		Letterheads: letterheads(cfg.Shops), TimeZone: cfg.Zone, Clock: cfg.Clock, Logger: cfg.Logger, Registerer: reg, AllowPrivate: cfg.Demo})
	if err != nil {
		return nil, err
	}
	p.api, err = gateway.New(gateway.Config{Flow: p.flow, Store: p.store, Clock: cfg.Clock, Rand: cfg.Rand, Logger: cfg.Logger,
		Notifications: map[string]gateway.Notifications{provider.Name(): {Parse: provider.Notifications, Forged: adyen.ErrSignature}},
		Registerer:    reg, TrustedProxies: cfg.TrustedProxies, Zone: cfg.Zone})
	if err != nil {
		return nil, err
	}
	desk, err := console.New(console.Config{Flow: p.flow, Store: p.store, Documents: opener, Parts: p.parts, Clock: cfg.Clock, Rand: cfg.Rand,
		Logger: cfg.Logger, Secure: cfg.Secure, TrustedProxies: cfg.TrustedProxies, Location: cfg.Zone})
	if err != nil {
		return nil, err
	}
	p.ready.Store(!cfg.Demo) // the demo fills its histories through the open doors first
	p.run(desk, opsHandler(p, reg))
	return p, nil
}

// newRegistry is the program's own registry: nothing registers itself with the library's global one.
func newRegistry() *prometheus.Registry {
	reg := prometheus.NewRegistry()
	b := built()
	info := prometheus.NewGauge(prometheus.GaugeOpts{Name: "octroi_build_info", Help: "What the program was built from; always 1.",
		ConstLabels: prometheus.Labels{"version": b.version, "revision": b.revision, "goversion": b.goVersion}})
	info.Set(1)
	reg.MustRegister(info, collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return reg
}

func openProvider(cfg Config, reg prometheus.Registerer) (*adyen.Adyen, error) {
	a := cfg.Adyen
	a.Clock, a.Logger, a.Registerer, a.Accounts = cfg.Clock, cfg.Logger, reg, map[string]string{}
	for _, s := range cfg.Shops {
		if s.MerchantAccount != "" {
			a.Accounts[s.ID] = s.MerchantAccount
		}
	}
	provider, err := adyen.New(a)
	var wrong *adyen.ConfigError
	if errors.As(err, &wrong) {
		key := strings.NewReplacer("Endpoint", "endpoint", "APIKey", "api_key", "Account", "merchant_account", "HMACKeys", "hmac_key_files").Replace(wrong.Field)
		return nil, fmt.Errorf("provider.adyen.%s: %s", key, wrong.Problem)
	}
	return provider, err
}

// openVelocity connects to Redis. One that is away does not stop the start: orders are held until it answers.
func openVelocity(ctx context.Context, cfg Config, reg prometheus.Registerer, tallies func(string) []risk.Tally) (*velocity.Store, redisSettings, error) {
	rdb, err := velocity.Dial(cfg.Redis)
	if err != nil {
		return nil, redisSettings{}, err
	}
	v, err := velocity.New(rdb, velocity.Config{Secret: cfg.Keys.Histories, Retention: retention(cfg.Shops), Timeout: cfg.HistoriesWithin,
		Tallies: tallies, Registerer: reg, Clock: cfg.Clock})
	if err != nil {
		return nil, redisSettings{}, err
	}
	if err := v.Ping(ctx); err != nil {
		cfg.Logger.Warn("redis does not answer; orders are held until it does", "error", err)
	}
	if cfg.Demo {
		return v, redisSettings{}, nil
	}
	settings := readRedisSettings(ctx, rdb)
	for _, problem := range settings.problems {
		cfg.Logger.Warn("redis setting", "problem", problem)
	}
	return v, settings, nil
}

func flowShops(shops []Shop) map[string]flow.Shop {
	out := map[string]flow.Shop{}
	for _, s := range shops {
		s.Webhooks = s.Endpoint != nil
		out[s.ID] = s.Shop
	}
	return out
}

func endpoints(shops []Shop) map[string]notify.Endpoint {
	out := map[string]notify.Endpoint{}
	for _, s := range shops {
		if s.Endpoint != nil {
			out[s.ID] = *s.Endpoint
		}
	}
	return out
}

func letterheads(shops []Shop) map[string]notify.Letterhead {
	out := map[string]notify.Letterhead{}
	for _, s := range shops {
		out[s.ID] = s.Letterhead
	}
	return out
}

// listen takes the three doors, and gives back what it took when one is not free.
func (p *Program) listen(at Listen) error {
	for _, door := range []struct {
		name, address string
		to            *net.Listener
	}{{"api", at.API, &p.apiDoor}, {"console", at.Console, &p.consoleDoor}, {"ops", at.Ops, &p.opsDoor}} {
		l, err := net.Listen("tcp", door.address)
		if err != nil {
			return fmt.Errorf("open the %s listener: %w", door.name, err)
		}
		*door.to = l
	}
	return nil
}
