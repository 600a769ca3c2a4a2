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
	was, err := b.db.OpenEndpoint(context.Background(), "demo", store.Audit{Actor: "admin", Action: "webhook.enabled", Subject: "demo"})
	if err != nil || !was {
		t.Fatalf("opened: %v, %v", was, err)
	}
	revived, err := b.db.ReviveWebhooks(context.Background(), "demo", store.Audit{Actor: "admin", Action: "webhook.revived", Subject: "demo"})
	if err != nil || revived != 3 {
		t.Fatalf("revived %d, %v, want 3", revived, err)
	}
	b.deliver(n, revived)
	b.wantLeft(0, 0)
	if len(n.Problems()) != 0 || testutil.ToFloat64(n.closed.gauge.WithLabelValues("demo")) != 0 {
		t.Errorf("an endpoint that was opened still shows: %v", n.Problems())
	}
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

func TestRestartKnowsThatAnEndpointIsClosedUntilItsAddressChanges(t *testing.T) {
	b := newBench(t)
	s := newShop(t, http.StatusGone)
	b.shop("demo", s.URL)
	for n := range 2 {
		b.open() // a restart
		b.put(webhook("", fmt.Sprintf(`{"n":%d}`, n)))
		b.deliver(b.notifier(), 1)
	}
	b.wantLeft(0, 2)
	if got := len(s.got()); got != 1 {
		t.Errorf("%d requests to an endpoint that said at the first that it wants no more", got)
	}
	b.shop("demo", s.URL+"/new")
	b.open()
	n := b.notifier()
	b.put(webhook("", `{"n":3}`))
	b.deliver(n, 1)
	if got := s.got(); len(got) != 2 || got[1].body != `{"n":3}` || len(n.Disabled()) != 0 {
		t.Errorf("a new address got %d requests and disabled are %v", len(got)-1, n.Disabled())
	}
	if kept, err := b.db.ClosedEndpoints(context.Background()); err != nil || len(kept) != 0 {
		t.Errorf("the old address is still kept: %+v, %v", kept, err)
	}
}

func TestEndpointThatOneProcessOpensIsOpenInAnother(t *testing.T) {
	b := newBench(t)
	s := newShop(t, http.StatusGone)
	b.shop("demo", s.URL)
	n := b.notifier()
	b.put(webhook("", `{"n":1}`))
	b.deliver(n, 1)
	if _, err := b.db.OpenEndpoint(context.Background(), "demo", store.Audit{Actor: "operator", Action: "webhook.enabled"}); err != nil {
		t.Fatal(err)
	}
	// Straight to a try, as the lane of a running process comes to it, without the reading that begins a run.
	if a := n.tryWebhook(context.Background(), webhook("", `{"n":2}`)); a.err != nil {
		t.Errorf("the process that closed it still refuses: %v", a.err)
	}
}

func TestReplayedWebhookIsTheSameWebhookToTheShop(t *testing.T) {
	b := newBench(t)
	s := newShop(t)
	b.shop("demo", s.URL)
	n := b.notifier()
	b.put(webhook("pay_1", `{"type":"payment.held"}`))
	b.deliver(n, 1)
	b.pass(29 * 24 * time.Hour)
	page, _, err := b.db.Webhooks(context.Background(), store.WebhookFilter{PaymentID: "pay_1"})
	if err != nil || len(page) != 1 || page[0].Event != "payment.held" {
		t.Fatalf("listed %+v, %v", page, err)
	}
	if err := b.db.Replay(context.Background(), page[0].ID, store.Audit{Actor: "admin", Action: "webhook.replayed"}); err != nil {
		t.Fatal(err)
	}
	b.deliver(n, 1)
	got := s.got()
	if len(got) != 2 || got[0].id != got[1].id || got[0].body != got[1].body || !got[1].signedBy(newSecret) {
		t.Fatalf("the shop got %+v", got)
	}
	if got[0].timestamp == got[1].timestamp {
		t.Error("the replay carries the first delivery's timestamp, and would be refused as too old")
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
