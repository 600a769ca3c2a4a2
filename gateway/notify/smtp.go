package notify

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strconv"
	"syscall"
	"time"

	gomail "github.com/wneessen/go-mail"

	"octroi/providers"
)

// TLSMode says how the way to the mail server is protected.
type TLSMode string

// The ways to a mail server (RFC 8314 prefers TLSImplicit).
const (
	TLSImplicit TLSMode = "implicit" // TLS from the first byte, usually port 465
	TLSStart    TLSMode = "starttls" // STARTTLS or nothing is sent, usually port 587
	TLSNone     TLSMode = "none"     // only to a loopback address: a relay on the same machine; never with a password
)

// SMTPConfig says which mail server takes the mails.
type SMTPConfig struct {
	Host     string
	Port     int // 465 for TLSImplicit, 587 for TLSStart and 25 for TLSNone when 0
	TLS      TLSMode
	Username string // "" sends without authentication
	Password providers.Secret
	Timeout  time.Duration  // for one mail from connection to acceptance; 20 s when 0, at most 1 min
	HELO     string         // how we name ourselves; the machine's name when empty
	Roots    *x509.CertPool // who may vouch for the server; the system's when nil
}

// SMTP is a Mailer that hands mails to a mail server, one connection each: mails are few, and a connection of its own
// cannot be left in a bad state by the mail before.
//
// Signing with DKIM is the server's work, as it knows the key and is the last to touch the headers. What it must do for
// mails to arrive is sign for the domain of the From address (DMARC alignment, RFC 7489 section 3.1).
type SMTP struct {
	cfg  SMTPConfig
	opts []gomail.Option
}

var _ Mailer = SMTP{}

// errNotLocal is the error of a relay without TLS that turns out to be on another machine. It looks at the address that is
// about to be connected to, so a name that leads elsewhere is seen too.
var errNotLocal = errors.New("without TLS mail goes only to a relay on this machine: use implicit or starttls")

// maxSMTPTimeout keeps a try well inside the lease under which its message is claimed.
const maxSMTPTimeout = time.Minute

// NewSMTP checks the configuration; it does not connect.
func NewSMTP(cfg SMTPConfig) (SMTP, error) {
	port, known := map[TLSMode]int{TLSImplicit: 465, TLSStart: 587, TLSNone: 25}[cfg.TLS]
	if cfg.Port == 0 {
		cfg.Port = port
	}
	if cfg.Timeout == 0 {
		cfg.Timeout = 20 * time.Second
	}
	switch {
	case cfg.Host == "":
		return SMTP{}, errors.New("smtp: no host given")
	case !known:
		return SMTP{}, fmt.Errorf("smtp: tls must be implicit, starttls or none, not %q", cfg.TLS)
	case cfg.Port < 1 || cfg.Port > 65535:
		return SMTP{}, fmt.Errorf("smtp: port %d is not one", cfg.Port)
	case cfg.Timeout < 0 || cfg.Timeout > maxSMTPTimeout:
		return SMTP{}, fmt.Errorf("smtp: timeout must be at most %s", maxSMTPTimeout)
	case cfg.TLS == TLSNone && remote(cfg.Host):
		return SMTP{}, fmt.Errorf("smtp: %w", errNotLocal)
	case cfg.Username != "" && cfg.TLS == TLSNone:
		return SMTP{}, errors.New("smtp: a password is only sent over TLS: use implicit or starttls")
	case (cfg.Username == "") != (cfg.Password == ""):
		return SMTP{}, errors.New("smtp: user name and password come together")
	}
	s := SMTP{cfg: cfg, opts: []gomail.Option{gomail.WithPort(cfg.Port), gomail.WithTimeout(cfg.Timeout)}}
	if cfg.TLS == TLSStart {
		s.opts = append(s.opts, gomail.WithTLSPolicy(gomail.TLSMandatory), gomail.WithTLSConfig(s.tls()))
	} else {
		// With TLSImplicit the connection is encrypted before go-mail sees it: see dial.
		s.opts = append(s.opts, gomail.WithTLSPolicy(gomail.NoTLS))
	}
	if cfg.HELO != "" {
		s.opts = append(s.opts, gomail.WithHELO(cfg.HELO))
	}
	if cfg.Username != "" {
		s.opts = append(s.opts, gomail.WithOpportunisticSMTPAuth(gomail.SMTPAuthPlain, gomail.SMTPAuthLogin), gomail.WithUsername(cfg.Username),
			gomail.WithPassword(cfg.Password.Reveal()))
	}
	return s, nil
}

// remote reports whether a host is another machine by its address. What a name leads to is seen when it is dialled.
func remote(host string) bool {
	ip, err := netip.ParseAddr(host)
	return err == nil && !ip.Unmap().IsLoopback()
}

func (s SMTP) tls() *tls.Config {
	return &tls.Config{ServerName: s.cfg.Host, MinVersion: tls.VersionTLS12, RootCAs: s.cfg.Roots}
}

// Send delivers one letter to the mail server. A recipient or content that the server refuses for good is permanent;
// everything else, a wrong password included, may be mended and tried again.
func (s SMTP) Send(ctx context.Context, l Letter) error {
	m, err := l.mime()
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, s.cfg.Timeout)
	defer cancel()
	// go-mail looks at the context while connecting only, and leaves the connection open when the greeting fails;
	// closing it here, on every way out, makes the timeout hold for the whole conversation.
	var opened net.Conn
	dial := func(connecting context.Context, network, _ string) (net.Conn, error) {
		c, err := s.dial(connecting, network)
		if err == nil {
			opened = c
			context.AfterFunc(ctx, func() { _ = c.Close() })
		}
		return c, err
	}
	client, err := gomail.NewClient(s.cfg.Host, append(s.opts[:len(s.opts):len(s.opts)], gomail.WithDialContextFunc(dial))...)
	if err != nil {
		return fmt.Errorf("smtp: %w", err)
	}
	conversation, err := client.DialToSMTPClientWithContext(ctx)
	defer func() {
		if opened != nil {
			_ = opened.Close()
		}
	}()
	if err != nil {
		return fmt.Errorf("smtp: connect: %w", err)
	}
	err = client.SendWithSMTPClient(conversation, m)
	_ = client.CloseWithSMTPClient(conversation)
	// What follows the server's acceptance (RSET, QUIT) may fail without undoing it.
	if err == nil || m.IsDelivered() {
		return nil
	}
	return refusal(err)
}

// dial opens the connection, encrypted from the first byte for TLSImplicit.
func (s SMTP) dial(ctx context.Context, network string) (net.Conn, error) {
	at := net.JoinHostPort(s.cfg.Host, strconv.Itoa(s.cfg.Port))
	if s.cfg.TLS == TLSImplicit {
		return (&tls.Dialer{Config: s.tls()}).DialContext(ctx, network, at)
	}
	d := net.Dialer{}
	if s.cfg.TLS == TLSNone {
		d.Control = func(_, address string, _ syscall.RawConn) error {
			if to, err := netip.ParseAddrPort(address); err != nil || !to.Addr().Unmap().IsLoopback() {
				return errNotLocal
			}
			return nil
		}
	}
	return d.DialContext(ctx, network, at)
}

// refusal keeps of a failed conversation what may be logged: the step and the reply code. Servers repeat the
// recipient's address in their text.
func refusal(err error) error {
	var sent *gomail.SendError
	if !errors.As(err, &sent) {
		return errors.New("smtp: the conversation failed")
	}
	out := fmt.Errorf("smtp: %s failed with reply %d", sent.Reason, sent.ErrorCode())
	if code := sent.EnhancedStatusCode(); code != "" {
		out = fmt.Errorf("%w (%s)", out, code) // such as 5.1.1, no such mailbox (RFC 3463)
	}
	final := sent.Reason == gomail.ErrSMTPRcptTo || sent.Reason == gomail.ErrSMTPData || sent.Reason == gomail.ErrSMTPDataClose
	if final && sent.ErrorCode() >= 500 {
		return permanent{out}
	}
	return out
}
