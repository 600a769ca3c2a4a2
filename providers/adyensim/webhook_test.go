package adyensim

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

func TestSignatureFollowsAdyensVector(t *testing.T) {
	key := []byte{0xDF, 0xB1, 0xEB, 0x54, 0x85, 0x89, 0x5C, 0xFA, 0x84, 0x14, 0x64, 0x06, 0x85, 0x71, 0x04, 0xAB, 0xB4, 0xCB, 0xCA, 0xBD, 0xC8, 0xAA, 0xF1, 0x03, 0xA6, 0x24, 0xC8, 0xF6, 0xA3, 0xEA, 0xAB, 0x00}
	it := item{PSPReference: "pspReference", OriginalReference: "originalReference", MerchantAccountCode: "merchantAccount", MerchantReference: "reference",
		Amount: Amount{1000, "EUR"}, EventCode: "EVENT", Success: "true"}
	if got := sign(key, it); got != "ipnxGCaUZ4l8TUW75a71/ghd2Fe5ffvX0pV4TLTntIc=" {
		t.Error(got)
	}
}

type inbox struct {
	mu     sync.Mutex
	refuse int
	bodies []string
	signal chan struct{}
}

func (b *inbox) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	raw, _ := io.ReadAll(r.Body)
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.refuse > 0 {
		b.refuse--
		w.WriteHeader(503)
		return
	}
	b.bodies = append(b.bodies, string(raw))
	b.signal <- struct{}{}
	w.WriteHeader(202)
}

func (b *inbox) events(t *testing.T, n int) []string {
	t.Helper()
	for range n {
		select {
		case <-b.signal:
		case <-time.After(10 * time.Second):
			t.Fatal("a webhook did not come")
		}
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	var codes []string
	for _, body := range b.bodies {
		for rest := body; ; {
			_, after, found := strings.Cut(rest, `"eventCode":"`)
			if !found {
				break
			}
			code, tail, _ := strings.Cut(after, `"`)
			codes, rest = append(codes, code), tail
		}
	}
	return codes
}

func mailbox(t *testing.T, refuse int) (*inbox, string) {
	b := &inbox{refuse: refuse, signal: make(chan struct{}, 100)}
	server := httptest.NewServer(b)
	t.Cleanup(server.Close)
	return b, server.URL
}

func (r rig) run() {
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { _ = r.sim.Run(ctx); close(done) }()
	r.Cleanup(func() { stop(); <-done })
}

func TestWebhooksAreRepeatedUntilAcknowledged(t *testing.T) {
	b, url := mailbox(t, 3)
	r := start(t, "", url)
	r.run()
	r.modify(r.pay("pay_1"), Captures, 1000)
	if got := b.events(t, 2); !slices.Equal(got, []string{"AUTHORISATION", "CAPTURE"}) {
		t.Errorf("%v", got)
	}
	if !strings.HasPrefix(b.bodies[0], `{"live":"false","notificationItems":[{"NotificationRequestItem":{`) || !strings.Contains(b.bodies[0], `"hmacSignature":"`) {
		t.Error(b.bodies[0])
	}
}

func TestWebhooksCanBeBatchedDoubledAndReordered(t *testing.T) {
	b, url := mailbox(t, 0)
	r := start(t, "", "")
	r.modify(r.pay("pay_1"), Captures, 1000)
	r.sim.Fault(Fault{BatchWebhooks: 2, DuplicateWebhooks: 1, ReorderWebhooks: true})
	r.run()
	r.sim.NotifyAt(url)
	if got := b.events(t, 2); !slices.Equal(got, []string{"CAPTURE", "AUTHORISATION", "CAPTURE", "AUTHORISATION"}) {
		t.Errorf("%v", got)
	}
}

func TestDelayedWebhookComesAlsoWhenTheClockStands(t *testing.T) {
	b, url := mailbox(t, 0)
	r := start(t, "", url)
	r.sim.cfg.WebhookDelay = time.Millisecond
	r.pay("pay_1")
	r.run()
	if got := b.events(t, 1); !slices.Equal(got, []string{"AUTHORISATION"}) {
		t.Errorf("%v", got)
	}
}
