package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"sync/atomic"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/spf13/cobra"

	"octroi/gateway/flow"
	"octroi/gateway/hold"
	"octroi/gateway/notify"
	"octroi/providers"
	"octroi/providers/adyen"
	"octroi/providers/adyensim"
)

// demoOptions are the flags of "octroi demo".
type demoOptions struct {
	Dir      string
	Listen   Listen
	Shop     string // address of the pretend shop
	Redis    string // "" is one in this process, filled again from the database at every start
	Database string // "" is a SQLite file in Dir
	Policy   string
	Fresh    bool
	Orders   int
	Stderr   io.Writer // warnings go there as well as to the log
	// HistoriesWithin is Config's.
	HistoriesWithin time.Duration
}

func demoCommand() *cobra.Command {
	o := demoOptions{}
	cmd := &cobra.Command{Use: "demo", Short: "Run the whole gateway on this machine, against a simulated Adyen", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := noCores(); err != nil {
				return err
			}
			o.Stderr = cmd.ErrOrStderr()
			d, err := startDemo(cmd.Context(), o)
			if err != nil {
				return err
			}
			warnOfTraces(lookupEnv, d.Program.log)
			d.greet(cmd.OutOrStdout())
			return errors.Join(wait(cmd.Context(), d.Program), d.Close())
		}}
	f := cmd.Flags()
	f.StringVar(&o.Dir, "dir", ".octroi", "folder that keeps everything between two starts")
	f.StringVar(&o.Listen.API, "api", "127.0.0.1:8080", "address of the API and the proof pages")
	f.StringVar(&o.Listen.Console, "console", "127.0.0.1:8081", "address of the console")
	f.StringVar(&o.Listen.Ops, "ops", "127.0.0.1:8082", "address of metrics and health")
	f.StringVar(&o.Shop, "shop", "127.0.0.1:8083", "address of the pretend shop")
	f.StringVar(&o.Redis, "redis", "", "a Redis to use in place of the one in this process")
	f.StringVar(&o.Database, "database", "", "a postgres:// address to use in place of a SQLite file")
	f.StringVar(&o.Policy, "policy", shippedPolicy, "policy file")
	f.BoolVar(&o.Fresh, "fresh", false, "empty the folder first, if it is one of the demo's")
	f.IntVar(&o.Orders, "orders", 0, "orders of the last five days to make up when there are none yet, at most 2000")
	return cmd
}

// demo is a running demo: the program and the parts that stand in for the world around it.
type demo struct {
	*Program
	options   demoOptions
	shop      *shopDoor
	sim       *adyensim.Server
	simulator string // its address
	redis     *miniredis.Miniredis
	log       *os.File
	lock      *os.File // the folder's marker
	clock     *movedClock
	cancel    context.CancelFunc
}

// movedClock is the machine's clock moved by a distance. Only the making up of past orders moves it.
type movedClock struct{ by atomic.Int64 }

// Now is the moved time.
func (c *movedClock) Now() time.Time { return time.Now().Add(time.Duration(c.by.Load())) }

// webhookDelay is how long the simulated Adyen waits before it notifies: longer than the gateway takes to write the
// answer down, much shorter than the real one.
const webhookDelay = 50 * time.Millisecond

// demoFourEyes is the amount in cents from which two people of the demo must approve.
const demoFourEyes = 100000

// maxOrders bounds what --orders makes up.
const maxOrders = 2000

// startDemo starts everything on loopback. When it returns, the doors are open and the histories are filled.
func startDemo(ctx context.Context, o demoOptions) (_ *demo, err error) {
	if err := o.check(); err != nil {
		return nil, err
	}
	work, cancel := context.WithCancel(context.WithoutCancel(ctx))
	d := &demo{options: o, clock: &movedClock{}, cancel: cancel}
	defer func() {
		if err != nil {
			err = errors.Join(err, d.Close())
		}
	}()
	secrets, err := d.openFolder()
	if err != nil {
		return nil, err
	}
	if d.log, err = os.OpenFile(filepath.Join(o.Dir, demoLog), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600); err != nil {
		return nil, err
	}
	if o.Redis == "" {
		if d.redis, err = miniredis.Run(); err != nil {
			return nil, fmt.Errorf("start the Redis in this process: %w", err)
		}
		o.Redis = "redis://" + d.redis.Addr()
	}
	if d.shop, err = openShopDoor(o.Shop); err != nil {
		return nil, err
	}
	cfg, err := o.config(secrets, d.shop, d.clock.Now, demoLogger(d.log, o.Stderr))
	if err != nil {
		return nil, err
	}
	if cfg.Adyen.Endpoint, err = d.startSimulator(work, secrets, cfg.Logger); err != nil {
		return nil, err
	}
	if d.Program, err = Start(ctx, cfg); err != nil {
		return nil, err
	}
	if err := d.people(ctx); err != nil {
		return nil, err
	}
	if err := noteDatabase(d.lock, cfg.Database); err != nil {
		return nil, err
	}
	// A Redis of one's own may have lost its histories too; filling one that has them changes nothing.
	if _, err := rebuild(ctx, d.store, d.velocity, cfg.Shops, d.clock.Now()); err != nil {
		return nil, err
	}
	d.sim.NotifyAt("http://" + d.Addresses().API + "/v1/notifications/adyen")
	if err := d.openShop(secrets); err != nil {
		return nil, err
	}
	if err := d.seed(ctx, o.Orders); err != nil {
		return nil, err
	}
	d.ready.Store(true)
	return d, nil
}

// openFolder takes the folder for this demo alone and gives its secrets. The folder is made before it is locked and
// emptied after.
func (d *demo) openFolder() (demoSecrets, error) {
	err := markDemoFolder(d.options.Dir)
	if err != nil {
		return demoSecrets{}, err
	}
	if d.lock, err = lockDemoFolder(d.options.Dir); err != nil {
		return demoSecrets{}, err
	}
	return openDemoFolder(d.options.Dir, d.options.Fresh, rand.Reader)
}

func (o demoOptions) check() error {
	for flag, address := range map[string]string{"api": o.Listen.API, "console": o.Listen.Console, "ops": o.Listen.Ops, "shop": o.Shop} {
		host, _, err := net.SplitHostPort(address)
		if err != nil || !isLoopback(host) {
			return fmt.Errorf("--%s: the demo listens on this machine alone, such as 127.0.0.1:8080; its credentials are public", flag)
		}
	}
	if o.Fresh && o.Database != "" {
		return errors.New("--fresh empties the demo's folder and never a database server: leave one of --fresh and --database out")
	}
	if o.Orders < 0 || o.Orders > maxOrders {
		return fmt.Errorf("--orders must be between 0 and %d", maxOrders)
	}
	return nil
}

// config is the demo's configuration: one French shop that may send clear cards, everything else as serve has it.
func (o demoOptions) config(k demoSecrets, shop *shopDoor, clock func() time.Time, log *slog.Logger) (Config, error) {
	mail, err := notify.NewFolder(filepath.Join(o.Dir, demoMail))
	if err != nil {
		return Config{}, err
	}
	zone, err := time.LoadLocation("Europe/Paris")
	if err != nil {
		zone = time.UTC // a machine without the IANA database
	}
	database := o.Database
	if database == "" {
		database = "sqlite:" + filepath.Join(o.Dir, demoDatabase)
	}
	terms := hold.DefaultTerms()
	terms.FourEyesFrom = demoFourEyes
	cfg := Config{Listen: o.Listen, Database: database, Redis: o.Redis, Mailer: mail, MailFrom: "paiement@demo.example",
		Adyen: adyen.Config{APIKey: providers.Secret(k.AdyenAPIKey), HMACKeys: []providers.Secret{providers.Secret(k.AdyenHMACKey)},
			Account: demoAccount, ReturnURL: shop.url() + "/return"},
		Shops: []Shop{{Policy: o.Policy, Endpoint: shop.endpoint(k.webhookSecret()), Shop: everyMeans(flow.Shop{ID: demoShop, Name: "Mémoire Vive (demo)",
			Terms: terms, ClearCards: true, Degraded: flow.DegradedLimit{MaxAmount: 30000, PerMinute: 10}}, shop.url())}},
		Documents: Documents{Dir: filepath.Join(o.Dir, demoDocuments), Recipient: k.Recipient, Identity: k.Identity},
		Zone:      zone, Demo: true, HistoriesWithin: o.HistoriesWithin, Clock: clock, Rand: rand.Reader, Logger: log}
	cfg.Keys, err = k.keys()
	return cfg, err
}

// startSimulator starts the simulated Adyen on a port of its own and gives the address of its Checkout API.
func (d *demo) startSimulator(ctx context.Context, k demoSecrets, log *slog.Logger) (string, error) {
	var err error
	d.sim, err = adyensim.New(adyensim.Config{APIKey: k.AdyenAPIKey, MerchantAccount: demoAccount, HMACKey: k.AdyenHMACKey,
		Journal: filepath.Join(d.options.Dir, demoJournal), Clock: d.clock.Now, Rand: rand.Reader, Logger: log,
		WebhookDelay: webhookDelay})
	if err != nil {
		return "", err
	}
	at, err := d.sim.Start(ctx, "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	go func() { _ = d.sim.Run(ctx) }() // it ends with its context, and says nothing else
	d.simulator = "http://" + at.String()
	return d.simulator + "/v71", nil
}

// Close stops the program, then the parts around it. It may be called again.
func (d *demo) Close() error {
	var errs []error
	if d.Program != nil {
		errs = append(errs, d.Program.Close())
	}
	if d.shop != nil {
		errs = append(errs, d.shop.close())
	}
	d.cancel()
	if d.sim != nil {
		errs = append(errs, d.sim.Close())
	}
	if d.redis != nil {
		d.redis.Close()
	}
	if d.lock != nil {
		if err := d.lock.Close(); err != nil && !errors.Is(err, os.ErrClosed) {
			errs = append(errs, err)
		}
	}
	if d.log != nil {
		if err := d.log.Close(); err != nil && !errors.Is(err, os.ErrClosed) {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

// demoLogger writes everything to the file and warnings to the terminal, so that the printed credentials stay in sight.
func demoLogger(file, terminal io.Writer) *slog.Logger {
	return slog.New(slog.NewMultiHandler(slog.NewTextHandler(file, nil),
		slog.NewTextHandler(terminal, &slog.HandlerOptions{Level: slog.LevelWarn})))
}

// greet prints where everything is and how to come in.
func (d *demo) greet(w io.Writer) {
	at := d.Addresses()
	fmt.Fprintf(w, `Octroi is ready. Everything is on this machine; no money moves.

  API       http://%[1]s        contract at /docs
  console   http://%[2]s
  metrics   http://%[3]s/metrics
  a shop    %[11]s        to order from, as a buyer

  shop      %[4]s, API key %[5]s
  users     analyst, senior, admin (password octroi-demo- and the name)
  tokens    %[6]s (of analyst), %[12]s (of senior, who may change lists)
  mail      %[7]s
  log       %[8]s

A first payment:

  curl -s http://%[1]s/v1/payments -H 'Authorization: Bearer %[5]s' -H 'Idempotency-Key: first' -H 'Content-Type: application/json' -d '%[9]s'

Ctrl-C stops. The next start on %[10]s finds everything again.
`, at.API, at.Console, at.Ops, demoShop, demoAPIKey, demoToken, filepath.Join(d.options.Dir, demoMail),
		filepath.Join(d.options.Dir, demoLog), firstPayment, d.options.Dir, d.shop.url(), seniorToken)
}

// firstPayment is a body to try: billed in Paris, delivered in Marseille, so it is held. The card is one of Adyen's
// documented test cards.
const firstPayment = `{"order":{"reference":"A-1001","delivery":{"method":"home","recipient":"Luc Martin","address":{"lines":["8 rue Paradis"],"postal_code":"13001","city":"Marseille","country":"FR"}}},"amount":{"value":12990,"currency":"EUR"},"payment_method":{"type":"card","number":"4111111111111111","expiry_month":"03","expiry_year":"2030","cvc":"737","holder_name":"Jean Dupont"},"billing":{"name":"Jean Dupont","address":{"lines":["12 bd Saint-Michel"],"postal_code":"75006","city":"Paris","country":"FR"}},"buyer":{"email":"jean@example.org","ip":"203.0.113.7","locale":"fr-FR"}}`
