// Package adyen speaks to Adyen's Checkout API through Adyen's own Go library, and translates its answers and
// notifications into the words of package providers.
//
// The library encodes requests and carries them; what comes back is read here, from the raw body, because the
// library reports some successful payments as errors and panics on some error bodies. Whatever this package does not
// recognise it reports as unknown, and counts. It holds no state besides its configuration, a pool of connections and
// whether Adyen answered lately, and knows nothing of the gateway.
//
// Read request.go, call.go and circuit.go for what is sent; answer.go, threeds.go, evidence.go and the tables for what an
// answer means; notification.go and events.go for webhooks.
package adyen

import (
	"cmp"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"github.com/adyen/adyen-go-api-library/v9/src/checkout"
	"github.com/adyen/adyen-go-api-library/v9/src/common"
	"github.com/prometheus/client_golang/prometheus"

	"octroi/providers"
)

// Config says which Adyen to speak to, and as whom.
type Config struct {
	// Endpoint is the Checkout API's base address with its version, such as https://checkout-test.adyen.com/v71.
	// Plain http is accepted for loopback addresses alone, since card numbers travel over it.
	Endpoint string
	APIKey   providers.Secret
	// Accounts maps a shop to its merchant account; Account serves the shops that are not in it. One of them is needed.
	Accounts map[string]string
	Account  string
	// HMACKeys are the hexadecimal keys that notifications may be signed with: several while a key is being replaced.
	HMACKeys []providers.Secret
	// ReturnURL is sent for payments that name none, because Adyen demands one.
	ReturnURL string
	// HTTPClient carries the requests; nil gives one with a pool of its own. It is copied, and never follows redirects.
	HTTPClient *http.Client
	// TripAfter calls in a row without an answer, or answered by a server error, keep calls back for Rest, and then until
	// one is answered (see Available). Refusals and errors that Adyen explains are answers. Zeros are 10 and 5 s.
	TripAfter  int
	Rest       time.Duration
	Clock      func() time.Time
	Logger     *slog.Logger          // nil logs nothing
	Registerer prometheus.Registerer // of the metrics; nil keeps them to itself
}

// Adyen is a providers.Provider. It is safe for concurrent use.
type Adyen struct {
	accounts  map[string]string
	account   string
	returnURL string
	hmacKeys  [][]byte
	clock     func() time.Time
	log       *slog.Logger
	api       *checkout.APIClient
	plain     bool // Adyen is spoken to without TLS, as only a simulator is
	unknowns  *prometheus.CounterVec
	circuit   circuit
}

var _ providers.Provider = (*Adyen)(nil)

// New checks the configuration whole, so that a mistake in it shows at start and not at the first payment. Errors
// name the field and never the secret.
func New(cfg Config) (*Adyen, error) {
	endpoint, err := checkEndpoint(cfg.Endpoint)
	if err != nil {
		return nil, err
	}
	if cfg.APIKey == "" {
		return nil, &ConfigError{"APIKey", "is empty"}
	}
	if cfg.Account == "" && len(cfg.Accounts) == 0 {
		return nil, &ConfigError{"Account", "is empty, and no shop has a merchant account of its own"}
	}
	if cfg.Clock == nil {
		return nil, errors.New("adyen: Clock is required")
	}
	if cfg.TripAfter < 0 || cfg.Rest < 0 {
		return nil, errors.New("adyen: TripAfter and Rest must not be negative")
	}
	a := &Adyen{accounts: map[string]string{}, account: cfg.Account, returnURL: cfg.ReturnURL, clock: cfg.Clock, log: cfg.Logger,
		plain: strings.HasPrefix(endpoint, "http://")}
	for shop, account := range cfg.Accounts {
		if account == "" {
			return nil, fmt.Errorf("adyen: Accounts[%q] is empty", shop)
		}
		a.accounts[shop] = account
	}
	for i, k := range cfg.HMACKeys {
		key, err := hex.DecodeString(k.Reveal())
		if err != nil || len(key) < 16 {
			return nil, &ConfigError{fmt.Sprintf("HMACKeys[%d]", i), "is not a hexadecimal key of at least 16 bytes"}
		}
		a.hmacKeys = append(a.hmacKeys, key)
	}
	if a.log == nil {
		a.log = slog.New(slog.DiscardHandler)
	}
	if a.unknowns, err = newUnknowns(cfg.Registerer); err != nil {
		return nil, err
	}
	a.circuit = circuit{clock: cfg.Clock, trip: cmp.Or(cfg.TripAfter, defaultTripAfter), rest: cmp.Or(cfg.Rest, defaultRest)}
	a.api = checkout.NewAPIClient(&common.Client{Cfg: &common.Config{ApiKey: cfg.APIKey.Reveal(), UserAgent: "octroi",
		HTTPClient: carrier(cfg.HTTPClient), CheckoutEndpoint: endpoint}})
	return a, nil
}

// Available reports whether Adyen answered when it was last asked. While it is false calls are NotDone at once, but for
// one at a time that finds out whether it does again: calling on is therefore right, and how it becomes true.
func (a *Adyen) Available() bool { return a.circuit.closed() }

// Serves reports whether a shop's payments go through the merchant account. A notification of another account says
// nothing of the shop's payments, whatever reference it carries: references are chosen by whoever uses the account.
func (a *Adyen) Serves(account, shop string) bool {
	own, err := a.merchantAccount("", shop)
	return err == nil && own == account
}

// ours reports whether the configuration names the merchant account.
func (a *Adyen) ours(account string) bool {
	if account == "" {
		return false
	}
	for _, own := range a.accounts {
		if account == own {
			return true
		}
	}
	return account == a.account
}

// Name is "adyen".
func (a *Adyen) Name() string { return "adyen" }

// Format prints the name alone, whatever the verb: an adapter printed by mistake must not show its keys.
func (a *Adyen) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, a.Name()) }

// ConfigError is a field of Config that cannot be taken. It never holds the field's value.
type ConfigError struct {
	Field   string // Endpoint, APIKey, Account, or HMACKeys with its index
	Problem string
}

// Error implements error.
func (e *ConfigError) Error() string { return "adyen: " + e.Field + " " + e.Problem }

// checkEndpoint wants an absolute address that ends in a version this package speaks.
func checkEndpoint(endpoint string) (string, error) {
	endpoint = strings.TrimRight(endpoint, "/")
	u, err := url.Parse(endpoint)
	if err != nil || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return "", &ConfigError{"Endpoint", "is not an absolute address such as https://checkout-test.adyen.com/v71"}
	}
	if !strings.HasSuffix(u.Path, "/v71") && !strings.HasSuffix(u.Path, "/v72") {
		return "", &ConfigError{"Endpoint", "must end in /v71 or /v72"}
	}
	if u.Scheme != "https" && (u.Scheme != "http" || !loopback(u.Hostname())) {
		return "", &ConfigError{"Endpoint", "must be https, or http on loopback"}
	}
	return endpoint, nil
}

func loopback(host string) bool {
	ip, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && ip.IsLoopback()
}

// carrier is the client that requests go through: given, or with a pool sized for one busy host. Its transport keeps
// the raw exchange (see exchange), and a redirect is an answer, never followed with a card number in hand.
func carrier(given *http.Client) *http.Client {
	c := http.Client{}
	if given != nil {
		c = *given
	}
	if c.Transport == nil {
		c.Transport = &http.Transport{
			Proxy:                 http.ProxyFromEnvironment,
			DialContext:           (&net.Dialer{Timeout: 5 * time.Second, KeepAlive: 30 * time.Second}).DialContext,
			ForceAttemptHTTP2:     true,
			TLSHandshakeTimeout:   5 * time.Second,
			MaxIdleConns:          256,
			MaxIdleConnsPerHost:   256,
			IdleConnTimeout:       90 * time.Second,
			ResponseHeaderTimeout: callLimit,
		}
	}
	c.Transport = keeper{c.Transport}
	c.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &c
}

// merchantAccount finds the account of a shop.
func (a *Adyen) merchantAccount(operation, shop string) (string, error) {
	if account := a.accounts[shop]; account != "" {
		return account, nil
	}
	if a.account != "" {
		return a.account, nil
	}
	return "", &providers.Error{Operation: operation, Doubt: providers.NotDone, Detail: "configuration: the shop has no merchant account"}
}
