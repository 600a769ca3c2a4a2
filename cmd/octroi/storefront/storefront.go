package storefront

import (
	"embed"
	"errors"
	"fmt"
	"html/template"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"time"
)

//go:embed views/*.html static/*
var files embed.FS

// Config is what a shop needs to be a client of the gateway.
type Config struct {
	API     string // the gateway's API listener, without a slash at the end
	Key     string // the shop's API key
	Secret  string // the webhooks' shared secret, "whsec_…"
	Self    string // where browsers reach this shop, without a slash at the end
	Console string // the analysts' pages
	Bank    string // the pretend bank statement; "" for none
	// Mailbox shows the mails that buyers got; nil for none.
	Mailbox http.Handler
	Clock   func() time.Time
	Rand    io.Reader
	Logger  *slog.Logger
}

// Shop is the pretend shop. It is safe for concurrent use.
type Shop struct {
	cfg    Config
	frames string // the origin of the simulated issuer's pages, for the content security policy
	pages  map[string]*template.Template
	client *http.Client
	events eventLog
}

// callTimeout bounds one call to the gateway, which itself answers within its provider's budget.
const callTimeout = 30 * time.Second

// New makes a Shop.
func New(cfg Config) (*Shop, error) {
	if cfg.API == "" || cfg.Key == "" || cfg.Secret == "" || cfg.Self == "" || cfg.Clock == nil || cfg.Rand == nil || cfg.Logger == nil {
		return nil, errors.New("storefront: API, key, webhook secret, own address, clock, randomness and logger are all needed")
	}
	s := &Shop{cfg: cfg, pages: map[string]*template.Template{}, client: &http.Client{Timeout: callTimeout}}
	if u, err := url.Parse(cfg.Bank); err == nil && u.Host != "" {
		s.frames = u.Scheme + "://" + u.Host
	}
	for _, name := range []string{"checkout", "order", "step", "orders", "events", "notice"} {
		t, err := template.New("layout.html").ParseFS(files, "views/layout.html", "views/"+name+".html")
		if err != nil {
			return nil, fmt.Errorf("storefront: read the page %s: %w", name, err)
		}
		s.pages[name] = t
	}
	return s, nil
}

// Handler serves the shop's pages and its webhook endpoint.
func (s *Shop) Handler() http.Handler {
	m := http.NewServeMux()
	m.HandleFunc("GET /{$}", s.checkoutPage)
	m.HandleFunc("POST /checkout", s.checkout)
	m.HandleFunc("GET /orders", s.ordersPage)
	m.HandleFunc("GET /orders/{reference}", s.orderPage)
	m.HandleFunc("POST /orders/{reference}/{deed}", s.deed)
	m.HandleFunc("GET /return", s.comeBack)
	m.HandleFunc("GET /events", s.eventsPage)
	m.HandleFunc("POST /webhooks", s.webhook)
	m.Handle("GET /static/", http.FileServerFS(files))
	if s.cfg.Mailbox != nil {
		m.Handle("/mailbox/", http.StripPrefix("/mailbox", s.cfg.Mailbox))
	}
	return s.guard(m)
}

// maxForm bounds what a browser or a webhook may send, in bytes.
const maxForm = 1 << 20

// guard bounds every request, refuses forms that other sites send, and sets the headers of every page.
func (s *Shop) guard(next http.Handler) http.Handler {
	policy := "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; frame-ancestors 'none'; base-uri 'none'; " +
		"connect-src 'self'; frame-src 'self' " + s.frames + "; form-action 'self' " + s.frames
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.Body = http.MaxBytesReader(w, r.Body, maxForm)
		site := r.Header.Get("Sec-Fetch-Site")
		if r.Method == http.MethodPost && r.URL.Path != "/webhooks" && site != "" && site != "same-origin" && site != "none" {
			http.Error(w, "The form must be sent from its own page.", http.StatusForbidden)
			return
		}
		h := w.Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Cache-Control", "no-store")
		// The simulated issuer needs the origin alone, to tell this page how a challenge ended.
		h.Set("Referrer-Policy", "origin")
		next.ServeHTTP(w, r)
	})
}

// page is what every view shows beside its own part.
type page struct {
	T                      words
	Lang                   string
	Path                   string
	Console, Bank, Mailbox string
	Body                   any
}

// show writes a page in the browser's language.
func (s *Shop) show(w http.ResponseWriter, r *http.Request, status int, name string, body any) {
	lang := language(r)
	p := page{T: texts[lang], Lang: lang, Path: r.URL.Path, Console: s.cfg.Console, Bank: s.cfg.Bank, Body: body}
	if s.cfg.Mailbox != nil {
		p.Mailbox = "/mailbox/"
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	if err := s.pages[name].Execute(w, p); err != nil {
		s.cfg.Logger.Error("storefront page not written", "page", name, "error", err)
	}
}

// trouble shows that something went wrong, in the words of the gateway's own answer where it gave one.
func (s *Shop) trouble(w http.ResponseWriter, r *http.Request, err error) {
	var p *problem
	if errors.As(err, &p) {
		s.show(w, r, http.StatusConflict, "notice", p)
		return
	}
	s.cfg.Logger.Warn("storefront without an answer", "error", err)
	s.show(w, r, http.StatusBadGateway, "notice", &problem{Title: "The gateway did not answer.", Detail: "Please try again."})
}
