package notify

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/mail"
	"strings"
	"time"

	gomail "github.com/wneessen/go-mail"

	"octroi/gateway/notify/wording"
)

// Letter is one mail ready for the post.
type Letter struct {
	// ID is the same on every try, so that a mail delivered twice shows once: the left part of the Message-ID, made of
	// letters, digits, dots and underscores, 100 characters at most.
	ID string
	// ReplyTo is where answers go; no header when its address is empty.
	ReplyTo mail.Address
	// At is the Date of the mail: when it was written, not when it is sent (RFC 5322 3.6.1).
	At       time.Time
	From, To mail.Address
	Rendered wording.Rendered
}

// Mailer takes a letter to the buyer's side. Sending the same letter twice must be harmless. An error that IsPermanent
// reports means that trying again changes nothing; every other error may be tried again. Errors never hold the
// buyer's address or the mail's words.
type Mailer interface {
	Send(ctx context.Context, l Letter) error
}

// permanent marks an error that another try cannot mend.
type permanent struct{ error }

// Unwrap gives the cause.
func (p permanent) Unwrap() error { return p.error }

// IsPermanent reports whether another try is useless.
func IsPermanent(err error) bool {
	var p permanent
	return errors.As(err, &p)
}

// address takes a bare address such as jean@example.org apart from any display name. The name is cleaned here, once
// for every header it may appear in.
func address(name, bare string) (mail.Address, error) {
	if len(bare) > maxAddress || strings.ContainsFunc(bare, func(r rune) bool { return r <= ' ' || r == 0x7f }) {
		return mail.Address{}, errors.New("an address is too long or holds a space or control character")
	}
	a, err := mail.ParseAddress(bare)
	if err != nil || a.Address != bare {
		return mail.Address{}, errors.New("an address is not of the form name@domain")
	}
	return mail.Address{Name: oneLine(name, maxName), Address: bare}, nil
}

// mime builds the message that both mailers write: multipart/alternative, UTF-8, quoted-printable, headers folded and
// encoded by net/mail and go-mail.
func (l Letter) mime() (*gomail.Msg, error) {
	if err := l.check(); err != nil {
		return nil, permanent{err}
	}
	_, domain, _ := strings.Cut(l.From.Address, "@")
	sum := sha256.Sum256([]byte(l.ID + l.From.Address))
	m := gomail.NewMsg(gomail.WithNoDefaultUserAgent(), gomail.WithBoundary("octroi-"+hex.EncodeToString(sum[:12])))
	m.FromMailAddress(&l.From)
	m.ToMailAddress(&l.To)
	if l.ReplyTo.Address != "" {
		m.ReplyToMailAddress(&l.ReplyTo)
	}
	m.Subject(l.Rendered.Subject)
	m.SetDateWithValue(l.At.UTC())
	m.SetMessageIDWithValue(l.ID + "@" + domain)
	m.SetGenHeader("Auto-Submitted", "auto-generated") // RFC 3834 5: no out-of-office answers
	m.SetGenHeader("Content-Language", l.Rendered.Language)
	m.SetBodyString(gomail.TypeTextPlain, l.Rendered.Text)
	m.AddAlternativeString(gomail.TypeTextHTML, l.Rendered.HTML)
	return m, nil
}

// check refuses a letter whose parts could break out of their header, whoever made it.
func (l Letter) check() error {
	addresses := []mail.Address{l.From, l.To}
	if l.ReplyTo != (mail.Address{}) {
		addresses = append(addresses, l.ReplyTo)
	}
	for _, a := range addresses {
		if clean, err := address(a.Name, a.Address); err != nil {
			return err
		} else if clean != a {
			return errors.New("a display name is not clean")
		}
	}
	if l.Rendered.Subject == "" || l.Rendered.Subject != oneLine(l.Rendered.Subject, maxSubject) {
		return errors.New("the subject is empty or not one clean line")
	}
	if l.ID == "" || len(l.ID) > 100 || strings.ContainsFunc(l.ID, func(r rune) bool {
		return r != '.' && r != '_' && (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z')
	}) {
		return fmt.Errorf("letter id %q is not usable as a Message-ID", clip(l.ID, maxName))
	}
	return nil
}
