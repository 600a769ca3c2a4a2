package notify

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"octroi/gateway/hold"
	"octroi/gateway/payment"
	"octroi/gateway/store"
)

// Templates lists every mail, for pre-set metrics and tests.
func Templates() []store.MailTemplate {
	return []store.MailTemplate{store.MailProofRequest, store.MailProofReminder, store.MailRefused, store.MailReleased,
		store.MailCancelled, store.MailMessage}
}

// Rendered is a mail in words: the same text as plain text and as HTML.
type Rendered struct {
	Subject  string
	Text     string
	HTML     string
	Language string
}

// Bounds of what a mail repeats. Longer texts are cut; an address or link that is too long is an error.
const (
	maxAddress = 254
	maxLink    = 2048
	maxName    = 80
	maxMessage = hold.MaxNote
)

// view is what templates may show. Its texts are cleaned: one line each, except Message.
type view struct {
	Name, Shop, Order, Amount, Link, RespondBy, Message string
	Kinds                                               []string
	CardAsked                                           bool
}

// Render writes the mail in the buyer's language, its dates on the clock of zone (Europe/Paris when nil). It fails for
// an unknown template or language, and when something that the template needs (link, deadline, message) is missing or
// not usable: such a mail must not leave.
func Render(m store.Mail, zone *time.Location) (Rendered, error) {
	if m.Language != payment.English && m.Language != payment.French {
		return Rendered{}, fmt.Errorf("render mail: language %q is not shipped", clip(m.Language, maxName))
	}
	set, err := shipped()
	if err != nil {
		return Rendered{}, err
	}
	words, ok := set[m.Language+"/"+string(m.Template)]
	if !ok {
		return Rendered{}, fmt.Errorf("render mail: there is no template %q", clip(string(m.Template), maxName))
	}
	if err := complete(m); err != nil {
		return Rendered{}, fmt.Errorf("render mail %s: %w", m.Template, err)
	}
	v, err := viewOf(m, zone)
	if err != nil {
		return Rendered{}, fmt.Errorf("render mail %s: %w", m.Template, err)
	}
	return words.render(v, m.Language)
}

// complete reports what the template needs and the mail lacks.
func complete(m store.Mail) error {
	proof := m.Template == store.MailProofRequest || m.Template == store.MailProofReminder
	said := strings.TrimSpace(m.Message) != ""
	switch {
	case strings.TrimSpace(m.ShopName) == "":
		return errors.New("shop_name is missing")
	case strings.TrimSpace(m.OrderReference) == "":
		return errors.New("order_reference is missing")
	case (proof || m.Template == store.MailMessage) && m.Link == "":
		return errors.New("link is missing")
	case proof && m.RespondBy.IsZero():
		return errors.New("respond_by is missing")
	case (m.Template == store.MailRefused || m.Template == store.MailMessage) && !said:
		return errors.New("message is missing")
	}
	return nil
}

// viewOf cleans the mail's values and puts them into words.
func viewOf(m store.Mail, zone *time.Location) (view, error) {
	v := view{Name: greetable(m.ToName), Shop: oneLine(m.ShopName, maxName), Order: oneLine(m.OrderReference, maxName),
		Amount: amountIn(m.Language, m.Amount), Message: paragraphs(m.Message, maxMessage),
		CardAsked: slices.Contains(m.Kinds, hold.CardCopy)}
	if m.Link != "" {
		link, err := usableLink(m.Link)
		if err != nil {
			return view{}, err
		}
		v.Link = link
	}
	if !m.RespondBy.IsZero() {
		by, err := dateIn(m.Language, m.RespondBy, zone)
		if err != nil {
			return view{}, err
		}
		v.RespondBy = by
	}
	// A card copy is never asked for by mail, whatever the legal profile: only the page shows how to mask it.
	for _, k := range m.Kinds {
		if word, ok := kindWords[k]; ok {
			v.Kinds = append(v.Kinds, word.in(m.Language))
		}
	}
	return v, nil
}

// usableLink refuses what a mail client would not open or could open as something else than a page.
func usableLink(s string) (string, error) {
	u, err := url.Parse(s)
	if err != nil || len(s) > maxLink || (u.Scheme != "https" && u.Scheme != "http") || u.Host == "" || u.User != nil ||
		strings.ContainsAny(s, " \"'<>\\^`{|}") {
		return "", errors.New("link is not a plain http or https address")
	}
	return u.String(), nil
}
