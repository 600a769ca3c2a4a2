package notify

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"octroi/gateway/hold"
	"octroi/gateway/notify/wording"
	"octroi/gateway/store"
)

// Templates lists every mail, for pre-set metrics and tests.
func Templates() []store.MailTemplate {
	return []store.MailTemplate{store.MailProofRequest, store.MailProofReminder, store.MailUnreadable, store.MailMessage,
		store.MailReleased, store.MailRejected, store.MailCancelled, store.MailWithdrawn, store.MailExpired, store.MailRefused,
		store.MailDeclined, store.MailRefunded}
}

// Bounds of what a mail repeats. Longer texts are cut; an address or link that is too long is an error.
const (
	maxAddress = 254
	maxLink    = 2048
	maxName    = 80
	maxSubject = 200
	maxMessage = hold.MaxNote
)

// asks are the mails that ask for proof by a deadline.
var asks = []store.MailTemplate{store.MailProofRequest, store.MailProofReminder, store.MailUnreadable}

// Render writes the mail in the buyer's language with a set of templates, its dates on the clock of zone (Europe/Paris
// when nil); contact is where the shop's people can be reached, and may be empty. It fails for an unknown template or
// language, and when something that the template needs (link, deadline, message) is missing or not usable: such a mail
// must not leave.
func Render(set *wording.Set, m store.Mail, contact string, zone *time.Location) (wording.Rendered, error) {
	if !slices.Contains(wording.Languages(), m.Language) {
		return wording.Rendered{}, fmt.Errorf("render mail: language %q is not shipped", clip(m.Language, maxName))
	}
	if !slices.Contains(Templates(), m.Template) {
		return wording.Rendered{}, fmt.Errorf("render mail: there is no template %q", clip(string(m.Template), maxName))
	}
	if err := complete(m); err != nil {
		return wording.Rendered{}, fmt.Errorf("render mail %s: %w", m.Template, err)
	}
	v, err := viewOf(m, contact, zone)
	if err != nil {
		return wording.Rendered{}, fmt.Errorf("render mail %s: %w", m.Template, err)
	}
	out, err := set.Render(string(m.Template), m.Language, v)
	if err != nil {
		return wording.Rendered{}, fmt.Errorf("render mail %s: %w", m.Template, err)
	}
	out.Subject = oneLine(out.Subject, maxSubject)
	return out, nil
}

// complete reports what the template needs and the mail lacks.
func complete(m store.Mail) error {
	asked := slices.Contains(asks, m.Template)
	worded := []store.MailTemplate{store.MailRefused, store.MailDeclined, store.MailMessage}
	switch {
	case strings.TrimSpace(m.ShopName) == "":
		return errors.New("shop_name is missing")
	case strings.TrimSpace(m.OrderReference) == "":
		return errors.New("order_reference is missing")
	case (asked || m.Template == store.MailMessage) && m.Link == "":
		return errors.New("link is missing, as it is once the case is over")
	case asked && m.RespondBy.IsZero():
		return errors.New("respond_by is missing")
	case slices.Contains(worded, m.Template) && strings.TrimSpace(m.Message) == "":
		return errors.New("message is missing")
	case m.Template == store.MailRefunded && (m.Refunded.Value <= 0 || m.Refunded.Currency == ""):
		return errors.New("refunded is missing")
	}
	return nil
}

// viewOf cleans the mail's values and puts them into words.
func viewOf(m store.Mail, contact string, zone *time.Location) (wording.View, error) {
	v := wording.View{Name: greetable(m.ToName), Shop: oneLine(m.ShopName, maxName), Contact: oneLine(contact, maxAddress),
		Order: oneLine(m.OrderReference, maxName), Amount: amountIn(m.Language, m.Amount), Message: paragraphs(m.Message, maxMessage),
		Kept: hoursIn(m.Language, hold.Retention), Plan: plans[m.Method], Code: m.Code, Last: m.Last, Taken: m.Taken}
	v.HumanLook = humanLookIn(m.Language, v.Shop, v.Contact)
	if m.Refunded.Value != 0 {
		v.Refunded = amountIn(m.Language, m.Refunded)
	}
	if m.Link != "" {
		link, err := usableLink(m.Link)
		if err != nil {
			return wording.View{}, err
		}
		v.Link = link
	}
	if !m.RespondBy.IsZero() {
		by, err := dateIn(m.Language, m.RespondBy, zone)
		if err != nil {
			return wording.View{}, err
		}
		v.RespondBy = by
	}
	// A card copy is never asked for by mail, whatever the legal profile: only the page shows how to mask it.
	if !slices.Contains(m.Kinds, hold.CardCopy) {
		v.CardNotice = noCardCopy.in(m.Language)
	}
	for _, k := range m.Kinds {
		if words := kindWords(m.Language, k); words != "" {
			v.Kinds = append(v.Kinds, words)
		}
	}
	for _, way := range m.Means {
		if word, ok := meansWords[way]; ok {
			v.Means = append(v.Means, word.in(m.Language))
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
