package console

import (
	"bytes"
	"context"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"errors"
	"fmt"
	"html/template"
	"io"
	"log/slog"
	"net/http"
	"net/netip"
	"runtime/debug"
	"sync"
	"time"

	"octroi/gateway/flow"
	"octroi/gateway/payment"
	"octroi/gateway/store"
	"octroi/gateway/vault"
)

//go:embed views static
var files embed.FS

// DocumentOpener reads a buyer's document back. The console asks it only after the view is in the audit log.
type DocumentOpener interface {
	Open(ctx context.Context, id string) ([]byte, error)
	// Views are the pages of a document that is no picture, as pictures.
	Views(ctx context.Context, id string) ([][]byte, error)
}

var _ DocumentOpener = (*vault.Opener)(nil)

// Config is what a Console is made of. All but Secure, Location and TrustedProxies are needed.
type Config struct {
	Flow      *flow.Flow
	Store     *store.Store
	Documents DocumentOpener
	// Parts tells how the gateway's parts do, for the office's page.
	Parts  func(context.Context) []Part
	Clock  func() time.Time
	Logger *slog.Logger
	Rand   io.Reader
	// Secure says that the console is reached over https only: its cookie is then never sent without, and is bound to
	// the very host by its name (RFC 6265bis section 4.1.3.2).
	Secure bool
	// TrustedProxies are addresses or networks whose X-Forwarded-For is believed. Empty believes nobody.
	TrustedProxies []string
	// Location is whose hours people see; nil is UTC.
	Location *time.Location
}

// Console answers the analysts' browsers. It is safe for concurrent use.
type Console struct {
	Config
	mux       *http.ServeMux
	origins   *http.CrossOriginProtection
	templates map[string]map[string]*template.Template // language -> page
	assets    map[string]asset
	version   string        // of the assets: a new one is a new address, so that browsers may keep them
	signingIn chan struct{} // one place for each sign-in under way
	guesses   quota[netip.Prefix]
	handed    quota[string] // files handed out, by who took them
	proxies   []netip.Prefix

	stripMu sync.Mutex
	strip   strip
}

// maxSigningIn bounds how many sign-ins wait for the store's costly password check at a time.
const maxSigningIn = 8

// asset is one file of static/.
type asset struct {
	mediaType string
	bytes     []byte
}

// New makes the console.
func New(cfg Config) (*Console, error) {
	if cfg.Flow == nil || cfg.Store == nil || cfg.Documents == nil || cfg.Parts == nil || cfg.Clock == nil || cfg.Logger == nil || cfg.Rand == nil {
		return nil, errors.New("console: flow, store, documents, parts, clock, logger and randomness are all needed")
	}
	if cfg.Location == nil {
		cfg.Location = time.UTC
	}
	c := &Console{Config: cfg, mux: http.NewServeMux(), origins: http.NewCrossOriginProtection(),
		signingIn: make(chan struct{}, maxSigningIn),
		guesses:   quota[netip.Prefix]{clock: cfg.Clock, most: maxGuesses, window: guessWindow},
		handed:    quota[string]{clock: cfg.Clock, most: maxHanded, window: handedWindow}}
	if err := c.loadAssets(); err != nil {
		return nil, err
	}
	var err error
	if c.proxies, err = networks(cfg.TrustedProxies); err != nil {
		return nil, err
	}
	if c.templates, err = parseViews(c.Location, c.version); err != nil {
		return nil, err
	}
	for _, r := range c.routes() {
		c.mux.HandleFunc(r.pattern, c.guarded(r))
	}
	return c, nil
}

// ServeHTTP implements http.Handler.
func (c *Console) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	secure(w.Header())
	defer c.recovered(w, r)
	c.mux.ServeHTTP(w, r)
}

// recovered turns a fault of this package into a page; what was being worked on is not written down, since it may hold
// what a buyer sent.
func (c *Console) recovered(w http.ResponseWriter, r *http.Request) {
	fault := recover()
	if fault == nil {
		return
	}
	if err, ok := fault.(error); ok && errors.Is(err, http.ErrAbortHandler) {
		panic(fault)
	}
	c.Logger.ErrorContext(r.Context(), "console fault", "route", r.Pattern, "fault", fmt.Sprintf("%T", fault),
		"stack", string(debug.Stack()))
	http.Error(w, http.StatusText(http.StatusInternalServerError), http.StatusInternalServerError)
}

// secure sets what every answer carries. A page may load this console's own style, script and pictures, post to this
// console, and nothing else; it may stand in no frame and is kept in no cache.
func secure(h http.Header) {
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; "+
		"form-action 'self'; frame-ancestors 'none'; base-uri 'none'")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Frame-Options", "DENY")
	h.Set("Referrer-Policy", "same-origin")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
	h.Set("Cache-Control", "no-store")
}

// loadAssets reads static/ and names its version by its content.
func (c *Console) loadAssets() error {
	c.assets = map[string]asset{}
	sum := sha256.New()
	for _, f := range []struct{ name, mediaType string }{{"console.css", "text/css; charset=utf-8"},
		{"console.js", "text/javascript; charset=utf-8"}, {"mark.svg", "image/svg+xml"}} {
		b, err := files.ReadFile("static/" + f.name)
		if err != nil {
			return err
		}
		c.assets[f.name] = asset{f.mediaType, b}
		sum.Write(b)
	}
	c.version = hex.EncodeToString(sum.Sum(nil)[:6])
	return nil
}

// asset serves a file of static/. Its address changes with its content, so browsers may keep it.
func (c *Console) asset(w http.ResponseWriter, r *http.Request, _ visit) error {
	a, ok := c.assets[r.PathValue("name")]
	if !ok {
		return payment.Errorf(payment.CodeNotFound, "There is no such file.")
	}
	w.Header().Set("Content-Type", a.mediaType)
	w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(a.bytes))
	return nil
}
