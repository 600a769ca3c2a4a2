package notify

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-smtp"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"

	"octroi/gateway/payment"
	"octroi/gateway/store"
	"octroi/providers"
)

func TestWebhookIsTriedAgainOnScheduleUntilTheShopTakesIt(t *testing.T) {
	b := newBench(t)
	s := newShop(t, 500, 404, 302, 503)
	b.shop("demo", s.URL)
	n := b.notifier()
	b.put(webhook("pay_1", `{"type":"payment.held"}`))
	b.deliver(n, 1)
	for _, wait := range webhookWaits[:4] {
		b.pass(wait - time.Second)
		b.deliver(n, 0)
		b.pass(time.Second)
		b.deliver(n, 1)
	}
	got := s.got()
	if len(got) != 5 {
		t.Fatalf("%d requests, want 5", len(got))
	}
	for _, r := range got {
		if r.id != got[0].id || r.body != got[0].body || !r.signedBy(newSecret) || !r.signedBy(oldSecret) {
			t.Errorf("a try differs or does not verify: %+v", r)
		}
	}
	if got[0].timestamp == got[4].timestamp {
		t.Error("a later try carries the first one's timestamp, and would be refused as too old")
	}
	b.wantLeft(0, 0)
	if d, f := testutil.ToFloat64(n.metrics.webhooks.WithLabelValues(resultDelivered)),
		testutil.ToFloat64(n.metrics.webhooks.WithLabelValues(resultFailed)); d != 1 || f != 4 {
		t.Errorf("counted %v delivered and %v failed", d, f)
	}
}

func TestWebhookIsGivenUpAfterThreeDaysOrA410(t *testing.T) {
	b := newBench(t)
	s := newShop(t, slices.Repeat([]int{500}, 10)...)
	b.shop("demo", s.URL)
	n := b.notifier()
	b.put(webhook("pay_1", `{"n":1}`), webhook("pay_1", `{"n":2}`))
	b.deliver(n, 1)
	for i, wait := range webhookWaits {
		b.pass(wait)
		want := 1
		if i == len(webhookWaits)-1 {
			want = 2 // the first is buried and lets the second go
		}
		b.deliver(n, want)
	}
	b.wantLeft(0, 1)
	gone := newShop(t, http.StatusGone)
	b.shop("demo", gone.URL)
	b.put(webhook("pay_2", `{"n":3}`))
	b.deliver(b.notifier(), 1)
	b.wantLeft(0, 2)
}

func TestWebhooksOfOnePaymentKeepTheirOrder(t *testing.T) {
	b := newBench(t)
	s := newShop(t, 500, 500, 500)
	b.shop("demo", s.URL)
	n := b.notifier()
	want := map[string][]string{}
	for i := range 5 {
		for _, p := range []string{"pay_1", "pay_2", "pay_3"} {
			body := fmt.Sprintf(`{"payment":%q,"n":%d}`, p, i)
			want[p] = append(want[p], body)
			b.put(webhook(p, body))
		}
	}
	b.deliver(n, 3) // the first of each fails and holds the others back
	b.pass(webhookWaits[0])
	b.deliver(n, 15)
	for p, bodies := range want {
		var got []string
		for _, body := range s.bodies()[3:] {
			if strings.Contains(body, p) {
				got = append(got, body)
			}
		}
		if !slices.Equal(got, bodies) {
			t.Errorf("%s arrived as %v", p, got)
		}
	}
}

func TestShopWithoutEndpointKeepsNothingWaiting(t *testing.T) {
	b := newBench(t)
	b.put(webhook("pay_1", `{}`), webhook("pay_1", `{}`))
	b.deliver(b.notifier(), 2)
	b.wantLeft(0, 0)
}

func TestRestartInTheMiddleLosesNothing(t *testing.T) {
	b := newBench(t)
	s := newShop(t)
	b.shop("demo", s.URL)
	for i := range 20 {
		b.put(webhook(fmt.Sprintf("pay_%d", i), fmt.Sprintf(`{"n":%d}`, i)))
	}
	// A process claims everything, delivers some without marking it, and dies.
	ms, err := b.db.Claim(context.Background(), []store.Kind{store.KindWebhook}, 100, lease)
	if err != nil || len(ms) != 20 {
		t.Fatalf("claimed %d, %v", len(ms), err)
	}
	dead := b.notifier()
	for _, m := range ms[:7] {
		if a := dead.tryWebhook(context.Background(), m); a.err != nil {
			t.Fatal(a.err)
		}
	}
	b.open()
	n := b.notifier()
	b.deliver(n, 0)
	b.pass(lease)
	b.deliver(n, 20)
	b.wantLeft(0, 0)
	seen := map[string]string{}
	for _, r := range s.got() {
		if body, ok := seen[r.id]; ok && body != r.body {
			t.Errorf("%s names two webhooks", r.id)
		}
		seen[r.id] = r.body
	}
	if len(seen) != 20 || len(s.got()) != 27 {
		t.Errorf("%d webhooks in %d requests, want 20 in 27", len(seen), len(s.got()))
	}
}

func TestMailPutOffByTheServerArrivesOnTheNextTry(t *testing.T) {
	b := newBench(t)
	server := newMailServer(t, withStartTLS)
	server.rcptErrs = []error{&smtp.SMTPError{Code: 451, Message: "greylisted"}}
	b.cfg.Mailer = mustSMTP(t, server.config(TLSStart))
	n := b.notifier()
	b.put(mailMessage(t, sample(store.MailProofRequest, payment.French)))
	b.deliver(n, 1)
	b.wantLeft(1, 0)
	b.pass(mailWaits[0])
	b.deliver(n, 1)
	b.wantLeft(0, 0)
	if len(server.accepted()) != 1 {
		t.Fatalf("%d mails arrived", len(server.accepted()))
	}
	header, _ := parts(t, server.accepted()[0])
	if header.Get("Date") != "Sun, 28 Jun 2026 09:30:00 +0000" || !strings.HasPrefix(header.Get("Message-Id"), "<mail_1.") {
		t.Errorf("headers %v", header)
	}
	if got := testutil.ToFloat64(n.metrics.mails.WithLabelValues("proof_request", resultSent)); got != 1 {
		t.Errorf("counted %v sent", got)
	}
}

func TestMailThatCannotEverBeSentIsBuriedAtOnce(t *testing.T) {
	b := newBench(t)
	late := sample(store.MailProofReminder, payment.English)
	late.RespondBy = b.clock()
	noTemplate := sample(store.MailReleased, payment.English)
	noTemplate.Template = "newsletter"
	injection := sample(store.MailReleased, payment.English)
	injection.To = "a@example.org\r\nBcc: b@example.org"
	broken := mailMessage(t, late)
	broken.Payload = []byte(`{"template":`)
	b.put(broken, mailMessage(t, late), mailMessage(t, noTemplate), mailMessage(t, injection))
	b.deliver(b.notifier(), 4)
	b.wantLeft(0, 4)
}

func TestLogsHoldIDsAndNeverAddressesOrContents(t *testing.T) {
	b := newBench(t)
	server := newMailServer(t, withStartTLS)
	server.rcptErrs = []error{&smtp.SMTPError{Code: 550, Message: "jeanne@example.org is unknown here"}}
	b.cfg.Mailer = mustSMTP(t, server.config(TLSStart))
	s := newShop(t, 500)
	b.shop("demo", s.URL+"/secret-path")
	b.put(mailMessage(t, sample(store.MailRefused, payment.French)), webhook("pay_2", `{"canary":"canary-7f3a"}`))
	b.deliver(b.notifier(), 2)
	for _, canary := range []string{"jeanne", "Lefèvre", "canary-7f3a", "secret-path", "1111", "whsec"} {
		if strings.Contains(b.logs.String(), canary) {
			t.Errorf("the log holds %q:\n%s", canary, b.logs)
		}
	}
	if !strings.Contains(b.logs.String(), `"payment":"pay_2"`) {
		t.Errorf("the log does not say which payment:\n%s", b.logs)
	}
}

func TestRunDeliversWhatIsCommittedWhileItRuns(t *testing.T) {
	b := newBench(t)
	arrived := make(chan struct{}, 100)
	s := newShop(t)
	inner := s.Config.Handler
	s.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		inner.ServeHTTP(w, r)
		arrived <- struct{}{}
	})
	b.shop("demo", s.URL)
	n := b.notifier()
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- n.Run(ctx) }()
	for i := range 50 {
		b.put(webhook(fmt.Sprintf("pay_%d", i%5), fmt.Sprintf(`{"n":%d}`, i)))
	}
	b.put(mailMessage(t, sample(store.MailProofRequest, payment.English)))
	for range 50 {
		<-arrived
	}
	stop()
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
	// What Run had not begun when it was stopped is still there for the next one.
	if _, err := b.notifier().Deliver(context.Background()); err != nil {
		t.Fatal(err)
	}
	b.wantLeft(0, 0)
	if got := len(s.got()); got != 50 {
		t.Errorf("%d requests for 50 webhooks", got)
	}
	if files, err := os.ReadDir(b.cfg.Mailer.(Folder).dir); err != nil || len(files) != 1 {
		t.Errorf("%d mails (%v), want 1", len(files), err)
	}
}

func TestWrongConfigurationIsRefused(t *testing.T) {
	b := newBench(t)
	b.cfg.Store = b.db
	for name, spoil := range map[string]func(*Config){
		"no store":   func(c *Config) { c.Store = nil },
		"no mailer":  func(c *Config) { c.Mailer = nil },
		"wrong from": func(c *Config) { c.From = "Shop <a@shop.example>" },
		"plain http": func(c *Config) {
			c.AllowPrivate, c.Endpoints = false, map[string]Endpoint{"demo": {URL: "http://shop.example", Secrets: []providers.Secret{newSecret}}}
		},
	} {
		cfg := b.cfg
		cfg.Registerer = prometheus.NewRegistry()
		spoil(&cfg)
		if _, err := New(cfg); err == nil {
			t.Errorf("%s: was taken", name)
		}
	}
}
