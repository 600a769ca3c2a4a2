package notify

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"

	"octroi/gateway/payment"
	"octroi/gateway/store"
)

// write puts files into a folder of templates.
func write(t *testing.T, dir string, files map[string]string) {
	t.Helper()
	for name, text := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// released is a folder that changes one mail.
func released(english string) map[string]string {
	return map[string]string{"en/payment_released.txt": "Subject: " + english + "\n\nAll is well with {{.Order}}.\n",
		"fr/payment_released.txt": "Subject: Tout va bien\n\nTout va bien.\n"}
}

func TestShopWritesInItsOwnWordsFromItsOwnAddress(t *testing.T) {
	b := newBench(t)
	server := newMailServer(t, withStartTLS)
	b.cfg.Mailer = mustSMTP(t, server.config(TLSStart))
	dir := t.TempDir()
	write(t, dir, released("Good news about {{.Order}}"))
	b.cfg.Letterheads = map[string]Letterhead{"demo": {From: "orders@other.example", ReplyTo: "clients@other.example", Templates: dir}}
	elsewhere := mailMessage(t, sample(store.MailReleased, payment.English))
	elsewhere.Shop = "another"
	elsewhere.PaymentID = "pay_2"
	b.put(mailMessage(t, sample(store.MailReleased, payment.English)), elsewhere)
	b.deliver(b.notifier(), 2)
	got := server.accepted()
	if len(got) != 2 {
		t.Fatalf("%d mails arrived", len(got))
	}
	seen := map[string]bool{}
	for _, raw := range got {
		header, bodies := parts(t, raw)
		from, err := header.AddressList("From")
		if err != nil {
			t.Fatal(err)
		}
		seen[from[0].Address] = true
		if from[0].Address == b.cfg.From {
			if header.Get("Reply-To") != "" || header.Get("Subject") != "Your order A-1001 is confirmed" {
				t.Errorf("the other shop's mail changed too: %v", header)
			}
			continue
		}
		to, err := header.AddressList("Reply-To")
		if err != nil || to[0].Address != "clients@other.example" || to[0].Name != "Mémoire & Cie" {
			t.Errorf("Reply-To %v, %v", to, err)
		}
		if header.Get("Subject") != "Good news about A-1001" || !strings.HasPrefix(bodies["text/plain; charset=UTF-8"], "All is well with A-1001.") {
			t.Errorf("not in the shop's words: %v %v", header, bodies)
		}
		if !strings.HasSuffix(header.Get("Message-Id"), "@other.example>") {
			t.Errorf("Message-Id %s is not of the sender's domain", header.Get("Message-Id"))
		}
	}
	if !seen["orders@other.example"] || !seen[b.cfg.From] {
		t.Errorf("mails came from %v", seen)
	}
}

func TestWrongTemplatesAreRefusedAtStartByFileAndLine(t *testing.T) {
	b := newBench(t)
	dir := t.TempDir()
	write(t, dir, released("Your score"))
	b.cfg.Store, b.cfg.Registerer = b.db, prometheus.NewRegistry()
	b.cfg.Letterheads = map[string]Letterhead{"demo": {Templates: dir}}
	if _, err := New(b.cfg); err == nil || !strings.Contains(err.Error(), "shop demo") || !strings.Contains(err.Error(), "en/payment_released.txt:1: ") {
		t.Errorf("started with wrong templates: %v", err)
	}
	b.cfg.Registerer = prometheus.NewRegistry()
	b.cfg.Letterheads = map[string]Letterhead{"demo": {Templates: filepath.Join(dir, "nowhere")}}
	if _, err := New(b.cfg); err == nil {
		t.Error("started with a folder that is not there")
	}
	b.cfg.Registerer = prometheus.NewRegistry()
	b.cfg.Letterheads = map[string]Letterhead{"demo": {ReplyTo: "a@b.example\r\nBcc: c@d.example"}}
	if _, err := New(b.cfg); err == nil || strings.Contains(err.Error(), "Bcc") {
		t.Errorf("started with a wrong address: %v", err)
	}
}

func TestTemplatesThatBecomeWrongLeaveTheLastGoodOnesInForce(t *testing.T) {
	b := newBench(t)
	dir := t.TempDir()
	write(t, dir, released("First"))
	b.cfg.Letterheads = map[string]Letterhead{"demo": {Templates: dir}}
	n := b.notifier()
	subject := func() string {
		t.Helper()
		l, err := n.letter(mailMessage(t, sample(store.MailReleased, payment.English)), sample(store.MailReleased, payment.English))
		if err != nil {
			t.Fatal(err)
		}
		return l.Rendered.Subject
	}
	outdated := func(want float64) {
		t.Helper()
		n.letterheads.look()
		if got := testutil.ToFloat64(n.letterheads.shops["demo"].outdated); got != want || len(n.Problems()) != int(want) {
			t.Errorf("outdated is %v with problems %v, want %v", got, n.Problems(), want)
		}
	}
	outdated(0)
	write(t, dir, released("Second"))
	outdated(0)
	if got := subject(); got != "Second" {
		t.Errorf("after a change: %q", got)
	}
	write(t, dir, released("Third: your score"))
	outdated(1)
	outdated(1)
	if got := subject(); got != "Second" {
		t.Errorf("with a wrong folder: %q, want the last good one", got)
	}
	if got := strings.Count(b.logs.String(), "last good ones stay in force"); got != 1 {
		t.Errorf("the problem was told %d times, want once", got)
	}
	if p := n.Problems(); !strings.Contains(p[0], "shop demo") || !strings.Contains(p[0], "en/payment_released.txt:1") {
		t.Errorf("problems %v", p)
	}
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	outdated(1)
	if p := n.Problems(); strings.Contains(p[0], "score") {
		t.Errorf("an old problem is told: %v", p)
	}
	write(t, dir, released("Fourth"))
	outdated(0)
	if got := subject(); got != "Fourth" {
		t.Errorf("after mending: %q", got)
	}
}
