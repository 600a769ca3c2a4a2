package notify

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"

	"octroi/gateway/payment"
	"octroi/gateway/store"
)

func TestEndpointThatAnswers410GetsNothingMoreUntilItIsOpened(t *testing.T) {
	b := newBench(t)
	s, other := newShop(t, http.StatusGone), newShop(t)
	b.shop("demo", s.URL)
	b.shop("another", other.URL)
	n := b.notifier()
	elsewhere := webhook("pay_9", `{"n":9}`)
	elsewhere.Shop = "another"
	b.put(webhook("pay_1", `{"n":1}`), webhook("pay_1", `{"n":2}`), elsewhere)
	b.deliver(n, 3)
	b.wantLeft(0, 2)
	if len(other.got()) != 1 {
		t.Error("another shop's webhook did not leave")
	}
	before := len(s.got())
	b.put(webhook("pay_3", `{"n":4}`))
	b.deliver(n, 1)
	if len(s.got()) != before {
		t.Error("a disabled endpoint was called")
	}
	if got := n.Disabled(); len(got) != 1 || got[0] != "demo" {
		t.Errorf("disabled: %v", got)
	}
	if got := testutil.ToFloat64(n.closed.gauge.WithLabelValues("demo")); got != 1 || testutil.ToFloat64(n.closed.gauge.WithLabelValues("another")) != 0 {
		t.Errorf("the gauge says %v", got)
	}
	if p := n.Problems(); len(p) != 1 || !strings.Contains(p[0], "shop demo") {
		t.Errorf("problems %v", p)
	}
	if !n.Enable("demo") || n.Enable("demo") || len(n.Problems()) != 0 {
		t.Error("opening an endpoint once must tell that it was closed")
	}
	buried, err := b.db.Buried(context.Background(), 10)
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range buried {
		if err := b.db.Revive(context.Background(), m.ID); err != nil {
			t.Fatal(err)
		}
	}
	b.deliver(n, len(buried))
	b.wantLeft(0, 0)
	sent := map[string]string{}
	for _, r := range s.got() {
		if id, again := sent[r.body]; again && id != r.id {
			t.Errorf("%s was sent as %s and, revived, as %s: the shop cannot tell that they are one", r.body, id, r.id)
		}
		sent[r.body] = r.id
	}
	if len(sent) != 3 {
		t.Errorf("%d webhooks reached the shop in the end, want 3", len(sent))
	}
}

func TestRestartAsksAClosedEndpointOnceMore(t *testing.T) {
	b := newBench(t)
	s := newShop(t, http.StatusGone, http.StatusGone)
	b.shop("demo", s.URL)
	for range 2 {
		n := b.notifier()
		b.put(webhook("", `{"n":1}`))
		b.deliver(n, 1)
		b.put(webhook("", `{"n":2}`))
		b.deliver(n, 1)
	}
	if got := len(s.got()); got != 2 {
		t.Errorf("%d requests from two starts, want one each", got)
	}
}

func TestOldestUndeliveredMessageIsToldByKind(t *testing.T) {
	b := newBench(t)
	b.shop("demo", newShop(t, 500).URL)
	n := b.notifier()
	b.put(webhook("pay_1", `{}`))
	b.pass(time.Minute)
	b.put(webhook("pay_1", `{}`), mailMessage(t, sample(store.MailReleased, payment.English)))
	b.pass(30 * time.Second)
	want := func(text string) {
		t.Helper()
		head := "# HELP octroi_outbox_oldest_seconds Age of the oldest message that has not been delivered, by kind; 0 when none waits.\n# TYPE octroi_outbox_oldest_seconds gauge\n"
		if err := testutil.GatherAndCompare(b.cfg.Registerer.(*prometheus.Registry), strings.NewReader(head+text), "octroi_outbox_oldest_seconds"); err != nil {
			t.Error(err)
		}
	}
	var asked string
	for _, kind := range store.OutboxKinds() {
		if kind != store.KindMail && kind != store.KindWebhook {
			asked += fmt.Sprintf("octroi_outbox_oldest_seconds{kind=%q} 0\n", kind)
		}
	}
	want(asked + "octroi_outbox_oldest_seconds{kind=\"mail\"} 30\noctroi_outbox_oldest_seconds{kind=\"webhook\"} 90\n")
	b.deliver(n, 2) // the first webhook is put off, and the second waits for it
	want(asked + "octroi_outbox_oldest_seconds{kind=\"mail\"} 0\noctroi_outbox_oldest_seconds{kind=\"webhook\"} 90\n")
	b.pass(webhookWaits[0])
	b.deliver(n, 2)
	want(asked + "octroi_outbox_oldest_seconds{kind=\"mail\"} 0\noctroi_outbox_oldest_seconds{kind=\"webhook\"} 0\n")
}
