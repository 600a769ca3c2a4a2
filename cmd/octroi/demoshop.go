package main

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"net"
	"net/http"
	"path/filepath"
	"time"

	"octroi/cmd/octroi/storefront"
	"octroi/gateway/notify"
	"octroi/gateway/notify/mailbox"
	"octroi/providers"
)

// shopDoor is the pretend shop's listener: taken before the program starts, because payments are told where buyers
// come back to, and opened once the program's own addresses are known.
type shopDoor struct {
	listener net.Listener
	server   *http.Server
}

func openShopDoor(address string) (*shopDoor, error) {
	l, err := net.Listen("tcp", address)
	if err != nil {
		return nil, fmt.Errorf("--shop: %w", err)
	}
	return &shopDoor{listener: l}, nil
}

// url is where browsers reach the shop.
func (d *shopDoor) url() string { return "http://" + d.listener.Addr().String() }

// endpoint is where the shop takes webhooks.
func (d *shopDoor) endpoint(secret string) *notify.Endpoint {
	return &notify.Endpoint{URL: d.url() + "/webhooks", Secrets: []providers.Secret{providers.Secret(secret)}}
}

// open begins to serve the shop's pages.
func (d *shopDoor) open(cfg storefront.Config) error {
	shop, err := storefront.New(cfg)
	if err != nil {
		return err
	}
	d.server = &http.Server{Handler: shop.Handler(), ReadHeaderTimeout: 10 * time.Second, ReadTimeout: 30 * time.Second,
		WriteTimeout: time.Minute, IdleTimeout: time.Minute, MaxHeaderBytes: 16 << 10}
	go func() {
		if err := d.server.Serve(d.listener); err != nil && !errors.Is(err, http.ErrServerClosed) {
			cfg.Logger.Error("the pretend shop has stopped", "error", err)
		}
	}()
	return nil
}

// close gives requests a moment to end.
func (d *shopDoor) close() error {
	if d.server == nil {
		return ignoreClosed(d.listener.Close())
	}
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	return errors.Join(d.server.Shutdown(ctx), d.server.Close())
}

func ignoreClosed(err error) error {
	if errors.Is(err, net.ErrClosed) {
		return nil
	}
	return err
}

// webhookSecret signs what the demo tells its shop. It comes from a key of the folder, so that older folders have one.
func (k demoSecrets) webhookSecret() string {
	m := hmac.New(sha256.New, []byte(k.Keys["body"]))
	m.Write([]byte("webhooks of the demo's shop"))
	return "whsec_" + base64.StdEncoding.EncodeToString(m.Sum(nil))
}

// openShop opens the pretend shop's door on the running program.
func (d *demo) openShop(k demoSecrets) error {
	mails, err := mailbox.Handler(filepath.Join(d.options.Dir, demoMail), d.cfg.Logger)
	if err != nil {
		return err
	}
	at := d.Addresses()
	return d.shop.open(storefront.Config{API: "http://" + at.API, Key: demoAPIKey, Secret: k.webhookSecret(), Self: d.shop.url(),
		Console: "http://" + at.Console, Bank: d.simulator + "/bank", Mailbox: mails, Clock: d.clock.Now, Rand: rand.Reader, Logger: d.cfg.Logger})
}
