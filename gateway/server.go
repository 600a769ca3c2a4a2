package gateway

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math"
	"net"
	"net/netip"
	"slices"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/valyala/fasthttp"

	"octroi/gateway/flow"
	"octroi/gateway/store"
	"octroi/providers"
)

// Config is what a Server takes from outside. Flow, Store and Clock are required.
type Config struct {
	Flow  *flow.Flow
	Store *store.Store
	// Notifications reads the webhooks of each provider, by the provider's name in the path.
	Notifications map[string]Notifications
	Clock         func() time.Time
	Rand          io.Reader // seeds the request ids; nil is crypto/rand
	Logger        *slog.Logger
	Registerer    prometheus.Registerer
	// TrustedProxies are addresses or networks whose X-Forwarded-For is believed. Empty believes nobody.
	TrustedProxies []string
	// Zone is the time zone of the hours on the proof page; nil is UTC.
	Zone   *time.Location
	Limits Limits
}

// Notifications reads one provider's webhooks.
type Notifications struct {
	// Parse verifies and reads a body. It keeps nothing of it.
	Parse func(body []byte) ([]providers.Notification, error)
	// Forged is what errors.Is finds in Parse's error when the signature is wrong, as opposed to the body.
	Forged error
}

// Limits bound what one client, and all of them, may take. A field left at zero has its default.
type Limits struct {
	Connections    int           // open at once; 4096
	PerNetwork     int           // of them from one network that is no trusted proxy; a quarter of Connections
	Uploads        int64         // bytes of documents in memory at once, one network and one case a quarter each; 256 MiB, at least 11
	Bodies         int64         // the same of all other bodies above 8 KiB; 64 MiB, at least 1
	BadCredentials Rate          // unknown keys and tokens per client address; 20, then one each 3 s
	Proof          Rate          // proof pages per client address, an upload counting 5; 60, then one a second
	Request        time.Duration // how long one request may take inside; 30 s
}

// Rate allows Burst at once and then one each Every.
type Rate struct {
	Burst int
	Every time.Duration
}

func (l Limits) filled() Limits {
	if l.Connections <= 0 {
		l.Connections = 4096
	}
	if l.PerNetwork <= 0 {
		l.PerNetwork = max(l.Connections/4, 1)
	}
	if l.Uploads <= 0 {
		l.Uploads = 256 << 20
	}
	if l.Bodies <= 0 {
		l.Bodies = 64 << 20
	}
	l.Uploads, l.Bodies = max(l.Uploads, maxUpload), max(l.Bodies, 1<<20)
	if l.BadCredentials.Burst <= 0 || l.BadCredentials.Every <= 0 {
		l.BadCredentials = Rate{Burst: 20, Every: 3 * time.Second}
	}
	if l.Proof.Burst <= 0 || l.Proof.Every <= 0 {
		l.Proof = Rate{Burst: 60, Every: time.Second}
	}
	if l.Request <= 0 {
		l.Request = 30 * time.Second
	}
	return l
}

// Server is the HTTP face. It is safe for concurrent use.
type Server struct {
	cfg        Config
	log        *slog.Logger
	app        *fiber.App
	trusted    []netip.Prefix
	shops      *credentials[flow.Shop]
	users      *credentials[store.User]
	guesses    *limiter
	visits     *limiter
	uploads    *budget // of documents
	small      *budget // of all other bodies
	bodies     bodies
	pages      *pages
	openapi    []byte
	reference  []byte // the page of the contract
	requests   *prometheus.HistogramVec
	requestSeq atomic.Uint64
	seed       string
}

// New wires the routes. It fails on a missing part, a trusted proxy that is not an address, metrics already taken, and
// embedded files that do not parse.
func New(cfg Config) (*Server, error) {
	if cfg.Flow == nil || cfg.Store == nil || cfg.Clock == nil {
		return nil, errors.New("gateway: Flow, Store and Clock are required")
	}
	cfg.Limits = cfg.Limits.filled()
	s := &Server{cfg: cfg, log: cfg.Logger, bodies: newBodies()}
	if s.log == nil {
		s.log = slog.New(slog.DiscardHandler)
	}
	var err error
	if s.trusted, err = parsePrefixes(cfg.TrustedProxies); err != nil {
		return nil, err
	}
	s.guesses = newLimiter(cfg.Limits.BadCredentials, cfg.Clock)
	s.visits = newLimiter(cfg.Limits.Proof, cfg.Clock)
	s.uploads, s.small = newBudget(cfg.Limits.Uploads), newBudget(cfg.Limits.Bodies)
	s.shops = newCredentials(cfg.Clock, s.shopOfKey)
	s.users = newCredentials(cfg.Clock, cfg.Store.UserOfToken)
	if s.pages, err = newPages(cfg.Zone); err != nil {
		return nil, err
	}
	if err := s.publish(); err != nil {
		return nil, err
	}
	if err := s.measure(cfg.Registerer); err != nil {
		return nil, err
	}
	if err := s.seedIDs(cfg.Rand); err != nil {
		return nil, err
	}
	s.listenOn()
	return s, nil
}

// measure registers the request histogram. Labels are the route's template and the status, so their number is bounded.
func (s *Server) measure(reg prometheus.Registerer) error {
	s.requests = prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name: "octroi_request_duration_seconds", Help: "How long a request took, by route template and status.",
		Buckets: []float64{.0005, .001, .0025, .005, .01, .015, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30},
	}, []string{"route", "status"})
	if reg == nil {
		return nil
	}
	if err := reg.Register(s.requests); err != nil {
		return fmt.Errorf("gateway: register metrics: %w", err)
	}
	return nil
}

// seedIDs draws what tells this process's request ids from another's.
func (s *Server) seedIDs(r io.Reader) error {
	if r == nil {
		r = rand.Reader
	}
	var b [6]byte
	if _, err := io.ReadFull(r, b[:]); err != nil {
		return fmt.Errorf("gateway: seed the request ids: %w", err)
	}
	s.seed = "req_" + hex.EncodeToString(b[:]) + "_"
	return nil
}

func (s *Server) requestID() string {
	return s.seed + strconv.FormatUint(s.requestSeq.Add(1), 36)
}

// listenOn makes the Fiber application and its routes. Fiber has no timeouts of its own and buffers bodies whole, so the
// former are set here, and bodies stay on their connections until body.go reads them within its own bounds.
func (s *Server) listenOn() {
	s.app = fiber.New(fiber.Config{
		AppName: "octroi", DisableStartupMessage: true, CaseSensitive: true, StrictRouting: true,
		BodyLimit: math.MaxInt, StreamRequestBody: true, ReadBufferSize: maxHeaders, Concurrency: s.cfg.Limits.Connections,
		ReadTimeout: 15 * time.Second, WriteTimeout: 45 * time.Second, IdleTimeout: 90 * time.Second,
		DisablePreParseMultipartForm: true, ErrorHandler: s.unreadable,
	})
	s.app.Server().HeaderReceived = func(h *fasthttp.RequestHeader) fasthttp.RequestConfig {
		unframe(h)
		return fasthttp.RequestConfig{}
	}
	inner := s.app.Server().Handler
	s.app.Server().Handler = func(ctx *fasthttp.RequestCtx) {
		defer settle(ctx)
		refused := fiber.ErrBadRequest
		if !misframed(&ctx.Request.Header) {
			if slices.Contains(fiber.DefaultMethods, string(ctx.Method())) {
				inner(ctx)
				return
			}
			refused = fiber.ErrMethodNotAllowed // Fiber answers a method it does not know outside of every handler
		}
		c := s.app.AcquireCtx(ctx)
		defer s.app.ReleaseCtx(c)
		_ = s.unreadable(c, refused)
	}
	s.app.Use(s.around)
	for _, r := range s.routes() {
		s.app.Add(r.method, r.path, s.serve(r))
	}
}

// App is the Fiber application, for a caller that mounts or tests it.
func (s *Server) App() *fiber.App { return s.app }

// Listener serves l until Shutdown; it then returns nil.
func (s *Server) Listener(l net.Listener) error {
	if err := s.app.Listener(s.door(l)); err != nil && !errors.Is(err, net.ErrClosed) {
		return fmt.Errorf("gateway: serve: %w", err)
	}
	return nil
}

// Shutdown stops listening and waits for the requests in hand, no longer than ctx.
func (s *Server) Shutdown(ctx context.Context) error { return s.app.ShutdownWithContext(ctx) }
