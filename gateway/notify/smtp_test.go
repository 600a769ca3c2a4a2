package notify

import (
	"bytes"
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-smtp"

	"octroi/gateway/payment"
	"octroi/gateway/store"
)

func mustSMTP(t *testing.T, cfg SMTPConfig) SMTP {
	t.Helper()
	s, err := NewSMTP(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestMailArrivesOverEachWayToTheServer(t *testing.T) {
	for _, c := range []struct {
		mode serverMode
		tls  TLSMode
		user string
	}{{withStartTLS, TLSStart, "shop"}, {withStartTLS, TLSStart, ""}, {withImplicitTLS, TLSImplicit, "shop"}, {withoutTLS, TLSNone, ""}} {
		server := newMailServer(t, c.mode)
		cfg := server.config(c.tls)
		if c.user != "" {
			cfg.Username, cfg.Password = c.user, "right"
		}
		l := letterTo(t, "Jeanne Lefèvre", "jeanne@example.org")
		if err := mustSMTP(t, cfg).Send(context.Background(), l); err != nil {
			t.Fatalf("%s: %v", c.tls, err)
		}
		if len(server.got) != 1 || server.rcpts[0] != "jeanne@example.org" || (c.user != "" && server.users[0] != c.user) {
			t.Fatalf("%s: %d mails to %v by %v", c.tls, len(server.got), server.rcpts, server.users)
		}
		if _, bodies := parts(t, server.got[0]); bodies["text/plain; charset=UTF-8"] != l.Rendered.Text {
			t.Errorf("%s: the text arrived changed", c.tls)
		}
	}
}

func TestMailIsNotSentWithoutTheEncryptionAskedFor(t *testing.T) {
	plain := newMailServer(t, withoutTLS)
	if err := mustSMTP(t, plain.config(TLSStart)).Send(context.Background(), letterTo(t, "A", "a@example.org")); err == nil {
		t.Error("a server without STARTTLS got the mail")
	}
	stranger := newMailServer(t, withStartTLS)
	cfg := stranger.config(TLSStart)
	cfg.Roots = x509.NewCertPool()
	if err := mustSMTP(t, cfg).Send(context.Background(), letterTo(t, "A", "a@example.org")); err == nil {
		t.Error("a server nobody vouches for got the mail")
	}
	if len(plain.accepted())+len(stranger.accepted()) != 0 {
		t.Error("a mail arrived")
	}
}

func TestServersAnswerSaysWhetherToTryAgain(t *testing.T) {
	busy := &smtp.SMTPError{Code: 451, Message: "try later, jeanne@example.org"}
	unknown := &smtp.SMTPError{Code: 550, Message: "no such user jeanne@example.org"}
	for _, c := range []struct {
		name          string
		rcpt, data    error
		user          string
		wantPermanent bool
	}{
		{"greylisted", busy, nil, "", false},
		{"body put off", nil, busy, "", false},
		{"unknown recipient", unknown, nil, "", true},
		{"body refused", nil, unknown, "", true},
		{"wrong password", nil, nil, "shop", false},
	} {
		server := newMailServer(t, withStartTLS)
		if c.rcpt != nil {
			server.rcptErrs = []error{c.rcpt}
		}
		if c.data != nil {
			server.dataErrs = []error{c.data}
		}
		cfg := server.config(TLSStart)
		if c.user != "" {
			cfg.Username, cfg.Password = c.user, "wrong-password"
		}
		s := mustSMTP(t, cfg)
		err := s.Send(context.Background(), letterTo(t, "A", "jeanne@example.org"))
		if err == nil || IsPermanent(err) != c.wantPermanent {
			t.Errorf("%s: %v (permanent %v)", c.name, err, IsPermanent(err))
		}
		for _, secret := range []string{"jeanne", "wrong-password"} {
			if err != nil && strings.Contains(err.Error(), secret) {
				t.Errorf("%s: the error repeats %q: %v", c.name, secret, err)
			}
		}
	}
}

func TestSilentMailServerDoesNotOutlastTheContext(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	ctx, cancel := context.WithCancel(context.Background())
	go func() {
		c, err := l.Accept()
		if err != nil {
			return
		}
		cancel() // the client is connected and waits for a greeting that never comes
		_, _ = io.Copy(io.Discard, c)
	}()
	cfg := SMTPConfig{Host: "127.0.0.1", Port: l.Addr().(*net.TCPAddr).Port, TLS: TLSNone, Timeout: time.Minute}
	if err := mustSMTP(t, cfg).Send(ctx, letterTo(t, "A", "a@example.org")); err == nil {
		t.Error("nobody took the mail, and yet it was sent")
	}
}

func TestMailWithoutTLSDoesNotLeaveThisMachine(t *testing.T) {
	for _, host := range []string{"192.0.2.1", "2001:db8::1", "0.0.0.0", "::ffff:192.0.2.1"} {
		cfg := SMTPConfig{Host: host, Port: 25, TLS: TLSNone, Timeout: time.Second}
		if _, err := NewSMTP(cfg); !errors.Is(err, errNotLocal) {
			t.Errorf("%s is taken: %v", host, err)
		}
		// As if a name had led there.
		if c, err := (SMTP{cfg: cfg}).dial(context.Background(), "tcp"); !errors.Is(err, errNotLocal) {
			t.Errorf("%s is dialled: %v, %v", host, c, err)
		}
	}
}

func TestRefusalForGoodIsBuriedWithItsReason(t *testing.T) {
	b := newBench(t)
	server := newMailServer(t, withStartTLS)
	server.rcptErrs = []error{&smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 1, 1}, Message: "no jeanne@example.org here"}}
	b.cfg.Mailer = mustSMTP(t, server.config(TLSStart))
	b.put(mailMessage(t, sample(store.MailReleased, payment.French)))
	b.deliver(b.notifier(), 1)
	buried, err := b.db.Buried(context.Background(), 10)
	if err != nil || len(buried) != 1 {
		t.Fatalf("%d buried, %v", len(buried), err)
	}
	if why := buried[0].LastError; !strings.Contains(why, "550") || !strings.Contains(why, "5.1.1") || strings.Contains(why, "jeanne") {
		t.Errorf("buried because %q", why)
	}
}

func TestWrongMailServerSettingsAreRefused(t *testing.T) {
	right := SMTPConfig{Host: "mail.example", TLS: TLSStart, Username: "shop", Password: "right"}
	if _, err := NewSMTP(right); err != nil {
		t.Fatal(err)
	}
	for name, spoil := range map[string]func(*SMTPConfig){
		"no host":                  func(c *SMTPConfig) { c.Host = "" },
		"unknown tls":              func(c *SMTPConfig) { c.TLS = "opportunistic" },
		"no tls":                   func(c *SMTPConfig) { c.TLS = "" },
		"password in clear":        func(c *SMTPConfig) { c.TLS = TLSNone },
		"user without password":    func(c *SMTPConfig) { c.Password = "" },
		"port":                     func(c *SMTPConfig) { c.Port = 70000 },
		"timeout beyond the lease": func(c *SMTPConfig) { c.Timeout = time.Hour },
	} {
		cfg := right
		spoil(&cfg)
		if _, err := NewSMTP(cfg); err == nil || bytes.Contains([]byte(err.Error()), []byte("right")) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestMailTakenButNotSaidGoodbyeToCountsAsSent(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	done := make(chan error, 1)
	go func() { done <- acceptAndHangUp(l) }()
	cfg := SMTPConfig{Host: "127.0.0.1", Port: l.Addr().(*net.TCPAddr).Port, TLS: TLSNone}
	if err := mustSMTP(t, cfg).Send(context.Background(), letterTo(t, "A", "a@example.org")); err != nil {
		t.Errorf("the server took the mail and hung up: %v", err)
	}
	if err := <-done; err != nil {
		t.Fatal(err)
	}
}

// acceptAndHangUp speaks just enough SMTP by hand to accept one mail and close the connection at once.
func acceptAndHangUp(l net.Listener) error {
	c, err := l.Accept()
	if err != nil {
		return err
	}
	defer c.Close()
	read := func(end string) error {
		var got []byte
		for b := make([]byte, 1); !bytes.HasSuffix(got, []byte(end)); got = append(got, b[0]) {
			if _, err := c.Read(b); err != nil {
				return fmt.Errorf("reading up to %q: %w", end, err)
			}
		}
		return nil
	}
	for _, step := range []struct{ say, until string }{{"220 hello\r\n", "\r\n"}, {"250 hello\r\n", "\r\n"}, {"250 noop\r\n", "\r\n"},
		{"250 from\r\n", "\r\n"}, {"250 to\r\n", "\r\n"}, {"354 go\r\n", "\r\n.\r\n"}} {
		if _, err := io.WriteString(c, step.say); err != nil {
			return err
		}
		if err := read(step.until); err != nil {
			return err
		}
	}
	_, err = io.WriteString(c, "250 taken\r\n")
	return err
}
