package notify

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strconv"
	"time"

	"octroi/gateway/store"
)

// lane carries one kind of message with its own slots, so that a slow shop never holds up the buyers' mail.
type lane struct {
	kind  store.Kind
	slots int
	waits []time.Duration
	// take claims for free slots; busy is what is on its way, by shop.
	take func(ctx context.Context, free int, busy map[string]int) ([]store.Message, error)
	try  func(context.Context, store.Message) attempt
}

// attempt is what became of one try: nil error when the message is settled.
type attempt struct {
	err   error
	count func(result string) // of the lane's metric
	good  string              // the result to count on success; "" counts nothing
}

// runLane claims whenever there is a free slot and a reason to look: a wake-up, the ticker, or a message that ended and
// so let the next one of its payment go.
func (n *Notifier) runLane(ctx, work context.Context, l *lane) {
	wake := n.cfg.Store.Wake(l.kind)
	tick := time.NewTicker(pace)
	defer tick.Stop()
	ended := make(chan string, l.slots)
	h := inHand{of: map[string]int{}}
	for ctx.Err() == nil {
		for _, m := range n.claim(ctx, l, h) {
			h.add(m.Shop, 1)
			go func() {
				n.carry(work, l, m)
				ended <- m.Shop
			}()
		}
		select {
		case <-ctx.Done():
		case <-wake:
		case <-tick.C:
		case shop := <-ended:
			h.add(shop, -1)
		}
		for len(ended) > 0 {
			h.add(<-ended, -1)
		}
	}
	for h.all > 0 {
		h.add(<-ended, -1)
	}
}

// inHand counts a lane's messages on their way, by shop.
type inHand struct {
	all int
	of  map[string]int
}

func (h *inHand) add(shop string, n int) {
	h.all += n
	if h.of[shop] += n; h.of[shop] == 0 {
		delete(h.of, shop)
	}
}

// claim takes messages for the slots that are free. A store that is away is logged and asked again at the next reason to
// look.
func (n *Notifier) claim(ctx context.Context, l *lane, h inHand) []store.Message {
	free := l.slots - h.all
	if free <= 0 {
		return nil
	}
	ms, err := l.take(ctx, free, h.of)
	if err != nil {
		if ctx.Err() == nil {
			n.cfg.Logger.Error("the outbox cannot be read", slog.String("kind", string(l.kind)), slog.Any("error", err))
		}
		return nil
	}
	return ms
}

// carry makes one try and writes down what became of it. When even that write fails the lease runs out and the message
// is tried again.
func (n *Notifier) carry(ctx context.Context, l *lane, m store.Message) {
	a := l.try(ctx, m)
	// What happened is written even when the program is stopping.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), settleTimeout)
	defer cancel()
	log := n.cfg.Logger.With(slog.Int64("message", m.ID), slog.String("kind", string(m.Kind)), slog.String("shop", m.Shop),
		slog.String("payment", m.PaymentID), slog.Int("attempts", m.Attempts))
	if a.err == nil {
		if a.good != "" {
			a.count(a.good)
		}
		if err := n.cfg.Store.Done(ctx, m.ID); err != nil {
			log.Error("a delivered message could not be marked done and will be delivered again", slog.Any("error", err))
		}
		return
	}
	why := clip(oneLine(a.err.Error(), 300), 300)
	wait, more := n.nextWait(l, m)
	if more && !IsPermanent(a.err) {
		a.count(resultFailed)
		log.Warn("delivery failed", slog.String("error", why), slog.Duration("again_in", wait))
		if err := n.cfg.Store.Retry(ctx, m.ID, n.cfg.Clock().Add(wait), why); err != nil {
			log.Error("a failed message could not be put back", slog.Any("error", err))
		}
		return
	}
	if errors.Is(a.err, errGone) {
		a.count(resultGone)
	} else {
		a.count(resultBuried)
	}
	log.Error("delivery given up", slog.String("error", why))
	if err := n.cfg.Store.Bury(ctx, m.ID, why); err != nil {
		log.Error("a message given up could not be buried", slog.Any("error", err))
	}
}

// takeWebhooks shares the slots among shops, so that one whose endpoint is slow holds up no other.
func (n *Notifier) takeWebhooks(ctx context.Context, free int, busy map[string]int) ([]store.Message, error) {
	return n.cfg.Store.ClaimWebhooks(ctx, free, busy, lease)
}

// takeMails asks for no shares: all mails go to one server.
func (n *Notifier) takeMails(ctx context.Context, free int, _ map[string]int) ([]store.Message, error) {
	return n.cfg.Store.Claim(ctx, []store.Kind{store.KindMail}, free, lease)
}

// nextWait is how long a message waits should this try of it fail; false when this is its last.
func (n *Notifier) nextWait(l *lane, m store.Message) (time.Duration, bool) {
	return nextWait(l.waits, m.Attempts, n.cfg.Clock().Sub(m.CreatedAt))
}

// tryWebhook sends one webhook. A shop without an endpoint is settled at once.
func (n *Notifier) tryWebhook(ctx context.Context, m store.Message) attempt {
	a := attempt{count: func(result string) { n.metrics.webhooks.WithLabelValues(result).Inc() }, good: resultDelivered}
	e, ok := n.cfg.Endpoints[m.Shop]
	if !ok {
		a.good = ""
		return a
	}
	if n.refuses(ctx, m.Shop) {
		a.err = permanent{errClosed}
		return a
	}
	if _, more := n.nextWait(n.webhooks, m); more && !n.rests.mayTry(m.Shop, n.cfg.Clock()) {
		a.err = errResting
		return a
	}
	if m.Payload, a.err = n.cfg.Outgoing(ctx, m); a.err != nil {
		return a
	}
	a.err = n.poster.post(ctx, e, m)
	var none silence
	n.rests.tried(m.Shop, !errors.As(a.err, &none), n.cfg.Clock())
	if errors.Is(a.err, errGone) {
		n.shut(ctx, m.Shop)
	}
	return a
}

// shut disables the endpoint of a shop that wants no more.
func (n *Notifier) shut(ctx context.Context, shop string) {
	was, err := n.closed.shut(ctx, shop, n.cfg.Clock())
	if was {
		n.cfg.Logger.Error("the shop's webhook endpoint answered 410 and is disabled: its webhooks are kept, and buried until it is opened again",
			slog.String("shop", shop))
	}
	if err != nil {
		n.cfg.Logger.Warn("a disabled webhook endpoint could not be written down: it will be asked once more", slog.String("shop", shop), slog.Any("error", err))
	}
}

// tryMail sends one mail. What cannot be rendered today cannot be rendered tomorrow.
func (n *Notifier) tryMail(ctx context.Context, m store.Message) attempt {
	var kept, mail store.Mail
	err := json.Unmarshal(m.Payload, &kept)
	label := templateLabel(kept.Template)
	a := attempt{count: func(result string) { n.metrics.mails.WithLabelValues(label, result).Inc() }, good: resultSent}
	if err != nil {
		a.err = permanent{errors.New("the mail's payload is not a mail")}
		return a
	}
	payload, err := n.cfg.Outgoing(ctx, m)
	if err != nil {
		a.err = err
		return a
	}
	if err := json.Unmarshal(payload, &mail); err != nil {
		a.err = permanent{errors.New("what leaves is not a mail")}
		return a
	}
	letter, err := n.letter(m, mail)
	if err != nil {
		a.err = permanent{err}
		return a
	}
	a.err = n.cfg.Mailer.Send(ctx, letter)
	return a
}

// letter makes the letter of a mail message. A request that arrives after its deadline would only mislead.
func (n *Notifier) letter(m store.Message, mail store.Mail) (Letter, error) {
	if slices.Contains(asks, mail.Template) && !n.cfg.Clock().Before(mail.RespondBy) {
		return Letter{}, errors.New("the buyer's deadline passed before the mail could be sent")
	}
	head, set := n.letterheads.of(m.Shop)
	words, err := Render(set, mail, head.ReplyTo, n.cfg.TimeZone)
	if err != nil {
		return Letter{}, err
	}
	from, err := address(mail.ShopName, cmp.Or(head.From, n.cfg.From))
	if err != nil {
		return Letter{}, fmt.Errorf("from: %w", err)
	}
	to, err := address(greetable(mail.ToName), mail.To)
	if err != nil {
		return Letter{}, fmt.Errorf("to: %w", err)
	}
	l := Letter{ID: letterID(m), At: m.CreatedAt, From: from, To: to, Rendered: words}
	if head.ReplyTo != "" {
		if l.ReplyTo, err = address(mail.ShopName, head.ReplyTo); err != nil {
			return Letter{}, fmt.Errorf("reply-to: %w", err)
		}
	}
	return l, nil
}

// letterID is the same on every try of a message: mail programs silently drop a second mail with a Message-ID they have
// seen.
func letterID(m store.Message) string { return "mail_" + messageName(m, ".") }

// messageName is a message's number and a mark of the database it was written in.
func messageName(m store.Message, separator string) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%d %s %d", m.ID, m.PaymentID, m.CreatedAt.UnixNano()))
	return strconv.FormatInt(m.ID, 10) + separator + hex.EncodeToString(sum[:8])
}
