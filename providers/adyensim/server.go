package adyensim

import (
	"context"
	"crypto/tls"
	"encoding/base32"
	"encoding/hex"
	"errors"
	"fmt"
	"html/template"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"sync"
	"time"
)

// Config says what the simulator answers to. Clock and Rand are required; everything else has a meaning when empty.
type Config struct {
	APIKey          string                                      // what X-API-Key must hold; "" refuses every call
	MerchantAccount string                                      // the one account it serves
	HMACKey         string                                      // hexadecimal key that signs webhooks; "" leaves them unsigned
	WebhookURL      string                                      // where webhooks go; "" keeps them until NotifyAt names a place
	Journal         string                                      // file of the ledger; "" keeps it in memory only
	Clock           func() time.Time                            // the time of payments and the validity of expiry dates
	Rand            io.Reader                                   // source of references and authorisation codes
	Logger          *slog.Logger                                // nil logs nothing
	WebhookDelay    time.Duration                               // from an answer to the first delivery of its webhook
	WebhookBackoff  []time.Duration                             // pauses between deliveries, the last one repeated; nil is Adyen's own
	Sleep           func(context.Context, time.Duration) error  // the pauses before and between deliveries; nil is the world's time
	Certificate     *tls.Certificate                            // with one, Start speaks https; see SelfSigned
	PublicURL       string                                      // scheme and host of the pages for buyers; "" is what each caller used
	Keep            int                                         // payments, and idempotency answers, kept at most, the oldest dropped; 0 is 100,000
	Deliver         func(*http.Request) (*http.Response, error) // nil is a plain client with Adyen's ten-second limit
}

// Server is one simulated Adyen account. It is safe for concurrent use.
type Server struct {
	cfg     Config
	hmacKey []byte
	log     *slog.Logger
	wake    chan struct{} // one token: there may be something to deliver
	closed  chan struct{}
	views   map[string]*template.Template

	mu       sync.Mutex
	book     *book
	journal  *os.File
	inFlight map[string]bool // idempotency keys being processed
	fault    Fault
	faultsIn int // requests the fault may still strike; negative is without end
	url      string
	shut     bool
}

// New opens the journal, replays it, and returns a server ready to Handle and Run. It fails on a missing clock or
// source of randomness, a malformed HMAC key, and a journal that cannot be read.
func New(cfg Config) (*Server, error) {
	if cfg.Clock == nil || cfg.Rand == nil {
		return nil, errors.New("adyensim: Clock and Rand are required")
	}
	key, err := hex.DecodeString(cfg.HMACKey)
	if err != nil {
		return nil, errors.New("adyensim: HMACKey is not hexadecimal")
	}
	if cfg.Logger == nil {
		cfg.Logger = slog.New(slog.DiscardHandler)
	}
	if len(cfg.WebhookBackoff) == 0 {
		cfg.WebhookBackoff = adyenBackoff
	}
	if cfg.Keep <= 0 {
		cfg.Keep = 100_000
	}
	if cfg.Sleep == nil {
		cfg.Sleep = sleep
	}
	if cfg.Deliver == nil {
		cfg.Deliver = (&http.Client{Timeout: acknowledgeWithin}).Do
	}
	s := &Server{cfg: cfg, hmacKey: key, log: cfg.Logger, url: cfg.WebhookURL, book: newBook(cfg.Keep),
		wake: make(chan struct{}, 1), closed: make(chan struct{}), inFlight: map[string]bool{}}
	if s.views, err = parseViews(); err != nil {
		return nil, err
	}
	if cfg.Journal != "" {
		if s.journal, err = openJournal(cfg.Journal, s.book, compactFrom); err != nil {
			return nil, err
		}
	}
	return s, nil
}

// Handler serves the Checkout endpoints under /v71 and /v72; the pages for buyers under /shopper; and, without any key,
// GET /ledger (JSON, or a page for a browser), GET and POST /ledger/{payment}, GET /bank and PUT /faults.
func (s *Server) Handler() http.Handler {
	m := http.NewServeMux()
	for _, v := range []string{"/v71", "/v72"} {
		m.Handle("POST "+v+"/payments", s.endpoint("payments", s.pay))
		m.Handle("POST "+v+"/payments/details", s.endpoint("details", s.details))
		m.Handle("POST "+v+"/cancels", s.endpoint("cancels", s.technicalCancel))
		for _, kind := range []string{Captures, Cancels, Refunds, Reversals, AmountUpdates} {
			m.Handle("POST "+v+"/payments/{psp}/"+kind, s.endpoint(kind, s.modify(kind)))
		}
	}
	m.HandleFunc("GET /ledger", s.readLedger)
	m.HandleFunc("GET /ledger/{payment}", s.readPayment)
	m.HandleFunc("POST /ledger/{payment}", s.control)
	m.HandleFunc("GET /bank", s.bankPage)
	m.HandleFunc("GET /bank/{account}", s.bankPage)
	m.HandleFunc("PUT /faults", s.putFault)
	s.pages(m)
	return guard(m)
}

// Start listens on addr ("127.0.0.1:0" picks a port) and serves until ctx ends. It returns the address it got.
func (s *Server) Start(ctx context.Context, addr string) (net.Addr, error) {
	l, err := net.Listen("tcp", addr)
	if err != nil {
		return nil, fmt.Errorf("adyensim: listen: %w", err)
	}
	srv := &http.Server{Handler: s.Handler(), ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 30 * time.Second}
	if c := s.cfg.Certificate; c != nil {
		l = tls.NewListener(l, &tls.Config{Certificates: []tls.Certificate{*c}, MinVersion: tls.VersionTLS12})
	}
	go func() {
		if err := srv.Serve(l); !errors.Is(err, http.ErrServerClosed) {
			s.log.Error("adyensim stopped serving", "error", err)
		}
	}()
	context.AfterFunc(ctx, func() { _ = srv.Close() })
	return l.Addr(), nil
}

// NotifyAt sends this and every undelivered webhook to url; "" keeps them.
func (s *Server) NotifyAt(url string) {
	s.mu.Lock()
	s.url = url
	s.mu.Unlock()
	s.nudge()
}

// Close ends delays in progress and closes the journal. Run ends with its own context.
func (s *Server) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.shut {
		return nil
	}
	s.shut = true
	close(s.closed)
	if s.journal == nil {
		return nil
	}
	return errors.Join(s.journal.Sync(), s.journal.Close())
}

// nudge wakes Run without ever blocking.
func (s *Server) nudge() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// pspAlphabet spells references as Adyen does: sixteen capitals and digits.
var pspAlphabet = base32.NewEncoding("ABCDEFGHJKLMNPQRSTUVWXYZ23456789").WithPadding(base32.NoPadding)

// newPSP draws a reference that the book does not know yet. The caller holds the lock.
func (s *Server) newPSP() (string, error) {
	var b [10]byte
	for range 8 {
		if _, err := io.ReadFull(s.cfg.Rand, b[:]); err != nil {
			return "", fmt.Errorf("adyensim: draw a reference: %w", err)
		}
		if psp := pspAlphabet.EncodeToString(b[:]); !s.book.taken[psp] {
			return psp, nil
		}
	}
	return "", errors.New("adyensim: the source of randomness repeats itself")
}
