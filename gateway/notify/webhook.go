package notify

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"octroi/gateway/store"
	"octroi/providers"
)

// Endpoint is where a shop takes its webhooks.
type Endpoint struct {
	// URL is https, without user name or fragment.
	URL string
	// Secrets sign every webhook, one signature each, shared ones (whsec_) and keys (whsk_) alike: to rotate, put the new
	// one first, and take the old one away when the shop no longer checks it. One to four.
	Secrets []providers.Secret
}

// Bounds of a delivery.
const (
	maxSecrets     = 4
	webhookTimeout = 15 * time.Second
	maxBody        = 1 << 20  // bytes of a webhook: several times what the largest payment makes
	maxAnswer      = 64 << 10 // bytes of a shop's answer that are read, so that the connection can be used again
)

// errGone is a shop's 410: it wants no more of this.
var errGone = errors.New("the shop answered 410")

// silence marks a try that brought no answer at all.
type silence struct{ error }

// Unwrap gives the cause.
func (s silence) Unwrap() error { return s.error }

// check refuses an endpoint that could not be delivered to safely.
func (e Endpoint) check(allowPrivate bool) error {
	u, err := url.Parse(e.URL)
	switch {
	case err != nil || u.Host == "":
		return errors.New("url is not an absolute address")
	case u.Scheme != "https" && (u.Scheme != "http" || !allowPrivate):
		return errors.New("url must be https")
	case u.User != nil || u.Fragment != "":
		return errors.New("url must have no user name and no fragment")
	case len(e.Secrets) == 0 || len(e.Secrets) > maxSecrets:
		return fmt.Errorf("there must be 1 to %d secrets", maxSecrets)
	}
	for _, s := range e.Secrets {
		if _, err := signerOf(s); err != nil {
			return err
		}
	}
	return nil
}

// webhookID names a message to the shop, the same on every try and when it is revived, so that the shop can drop what it
// already has; and another one for the same outbox number in another database, a restored one for example, or the shop
// would drop what it does not have. It holds no dot, which the signature uses to separate.
func webhookID(m store.Message) string { return "msg_" + messageName(m, "_") }

// poster sends webhooks over HTTP.
type poster struct {
	client *http.Client
	clock  func() time.Time
}

// newPoster builds the client: no proxy from the environment, no redirects, guarded dialling.
func newPoster(clock func() time.Time, allowPrivate bool) poster {
	return poster{clock: clock, client: &http.Client{
		Timeout: webhookTimeout,
		Transport: &http.Transport{
			DialContext:            guardedDialer(allowPrivate).DialContext,
			ForceAttemptHTTP2:      true,
			DisableCompression:     true,
			TLSHandshakeTimeout:    10 * time.Second,
			MaxIdleConnsPerHost:    webhookSlots,
			IdleConnTimeout:        90 * time.Second,
			MaxResponseHeaderBytes: 16 << 10,
		},
		// A redirect is an answer other than 2xx: the body is signed for the shop's own address and goes nowhere else.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// post makes one try. Only a 2xx answer is a success. Errors never hold the URL, which may carry a token of the shop.
func (p poster) post(ctx context.Context, e Endpoint, m store.Message) error {
	if len(m.Payload) > maxBody {
		return permanent{fmt.Errorf("the webhook is larger than %d bytes", maxBody)}
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, e.URL, bytes.NewReader(m.Payload))
	if err != nil {
		return errors.New("the endpoint's url is not usable")
	}
	id, now := webhookID(m), p.clock()
	signatures := make([]string, len(e.Secrets))
	for i, secret := range e.Secrets {
		if signatures[i], err = Sign(secret, id, now, m.Payload); err != nil {
			return err
		}
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("User-Agent", "Octroi")
	req.Header.Set("webhook-id", id)
	req.Header.Set("webhook-timestamp", strconv.FormatInt(now.Unix(), 10))
	req.Header.Set("webhook-signature", strings.Join(signatures, " "))
	resp, err := p.client.Do(req)
	if err != nil {
		var wrapped *url.Error
		if errors.As(err, &wrapped) {
			err = wrapped.Err
		}
		return silence{fmt.Errorf("post webhook: %w", err)}
	}
	defer resp.Body.Close()
	_, _ = io.CopyN(io.Discard, resp.Body, maxAnswer)
	switch {
	case resp.StatusCode >= 200 && resp.StatusCode < 300:
		return nil
	case resp.StatusCode == http.StatusGone:
		return permanent{errGone}
	}
	return fmt.Errorf("the shop answered %d", resp.StatusCode)
}
