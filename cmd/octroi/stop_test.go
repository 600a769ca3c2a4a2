package main

import (
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"octroi/gateway/store"
	"octroi/providers/adyensim"
)

func TestAStopLetsRequestsInHandEnd(t *testing.T) {
	w := open(t, options(filepath.Join(t.TempDir(), "demo")))
	w.demo.sim.Fault(adyensim.Fault{Operation: "payments", Times: 1, Delay: 500 * time.Millisecond})
	body := purchase{reference: "S-1", email: "jean@example.org"}.body(t)
	answered := make(chan answer, 1)
	go func() {
		answered <- w.call("POST", "/v1/payments", demoAPIKey, body, map[string]string{"Idempotency-Key": "S-1"})
	}()
	eventually(t, "the payment to be on its way", func() bool {
		page, _, err := w.demo.store.Payments(t.Context(), store.PaymentFilter{Shop: demoShop, OrderReference: "S-1"})
		return err == nil && len(page) == 1
	})
	w.shut()
	if a := <-answered; a.status != 201 {
		t.Errorf("the request in hand was answered %d: %s", a.status, a.body)
	}
	at := w.demo.Addresses()
	for _, door := range []string{at.API, at.Console, at.Ops} {
		if c, err := net.Dial("tcp", door); err == nil {
			_ = c.Close()
			t.Errorf("%s is still open", door)
		}
	}
}

func TestASignalEndsTheDemoWithSuccess(t *testing.T) {
	for _, asked := range []syscall.Signal{syscall.SIGINT, syscall.SIGQUIT} {
		var out, errs terminal
		ended := make(chan int, 1)
		go func() {
			ended <- run([]string{"demo", "--dir", filepath.Join(t.TempDir(), "demo"), "--api", "127.0.0.1:0", "--console", "127.0.0.1:0",
				"--ops", "127.0.0.1:0"}, &out, &errs)
		}()
		eventually(t, "the demo to be ready", func() bool { return strings.Contains(out.String(), "Octroi is ready") || len(ended) > 0 })
		if len(ended) == 0 {
			// The program has asked for this signal, so it does not end the test.
			check(t, syscall.Kill(os.Getpid(), asked))
		}
		if code := <-ended; code != 0 {
			t.Errorf("%s: ended with %d: %s", asked, code, errs.String())
		}
	}
}
