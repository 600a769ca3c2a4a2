package notify

import (
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"os"
	"slices"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"octroi/gateway/notify/wording"
)

// Letterhead is how one shop writes to its buyers.
type Letterhead struct {
	// From is the bare address that the shop's mails come from; Config.From when empty.
	From string
	// ReplyTo is the bare address where the shop's people read answers; mails name it. None when empty.
	ReplyTo string
	// Templates is a folder of mail templates of the shop's own, as package wording reads it; "" keeps the shipped ones.
	// It is looked at again every few seconds. A folder that has become wrong changes nothing until it is right again.
	Templates string
	// Hosts are the hosts that the templates may link to, beside the mail's own link.
	Hosts []string
}

// letterheadEvery is how soon a change to a folder of templates is seen.
const letterheadEvery = 5 * time.Second

// letterheads are the shops' templates in force.
type letterheads struct {
	shipped *wording.Set
	shops   map[string]*letterhead
	log     *slog.Logger
}

type letterhead struct {
	shop string
	Letterhead
	current  atomic.Pointer[wording.Set]
	problem  atomic.Pointer[string] // what is wrong with the folder now; nil when nothing
	seen     wording.Sources        // what was last looked at; of the watcher alone
	outdated prometheus.Gauge
}

// openLetterheads reads every shop's templates; at start wrong ones are an error, which names file and line.
func openLetterheads(cfg Config) (*letterheads, error) {
	shipped, err := wording.Shipped()
	if err != nil {
		return nil, err
	}
	hs := &letterheads{shipped: shipped, shops: map[string]*letterhead{}, log: cfg.Logger}
	outdated := prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: "octroi_mail_templates_outdated",
		Help: "1 while a shop's folder of mail templates is wrong and its last good text is in force."}, []string{"shop"})
	if err := cfg.Registerer.Register(outdated); err != nil {
		return nil, err
	}
	for shop, head := range cfg.Letterheads {
		for _, bare := range []string{head.From, head.ReplyTo} {
			if _, err := address("", bare); bare != "" && err != nil {
				return nil, fmt.Errorf("mail addresses of shop %s: %w", shop, err)
			}
		}
		h := &letterhead{shop: shop, Letterhead: head}
		h.current.Store(shipped)
		hs.shops[shop] = h
		if head.Templates == "" {
			continue
		}
		h.outdated = outdated.WithLabelValues(shop)
		set, sources, err := h.load()
		if err != nil {
			return nil, fmt.Errorf("mail templates of shop %s in %s:\n%w", shop, head.Templates, err)
		}
		h.seen = sources
		h.current.Store(set)
	}
	return hs, nil
}

// load reads the folder.
func (h *letterhead) load() (*wording.Set, wording.Sources, error) {
	sources, err := wording.Read(os.DirFS(h.Templates))
	if err != nil {
		return nil, nil, err
	}
	set, err := wording.Load(sources, h.Hosts)
	return set, sources, err
}

// of is the way a shop writes; a shop that nobody configured has the shipped words.
func (hs *letterheads) of(shop string) (Letterhead, *wording.Set) {
	if h := hs.shops[shop]; h != nil {
		return h.Letterhead, h.current.Load()
	}
	return Letterhead{}, hs.shipped
}

// problems are the folders that are wrong now, a line each.
func (hs *letterheads) problems() (out []string) {
	for _, shop := range slices.Sorted(maps.Keys(hs.shops)) {
		if p := hs.shops[shop].problem.Load(); p != nil {
			out = append(out, *p)
		}
	}
	return out
}

// look reads every folder again. What did not change since the last look is not said twice.
func (hs *letterheads) look() {
	for _, h := range hs.shops {
		if h.Templates == "" {
			continue
		}
		set, sources, err := h.load()
		switch {
		case err == nil && maps.Equal(sources, h.seen) && h.problem.Load() == nil:
			continue
		case err == nil:
			h.seen = sources
			h.current.Store(set)
			h.problem.Store(nil)
			h.outdated.Set(0)
			hs.log.Info("mail templates in force", slog.String("shop", h.shop))
			continue
		}
		var path *os.PathError
		if errors.As(err, &path) {
			err = fmt.Errorf("%s cannot be read", path.Path)
		}
		text := fmt.Sprintf("mail templates of shop %s: %v", h.shop, err)
		if old := h.problem.Load(); old == nil || *old != text {
			hs.log.Error("mail templates are wrong, the last good ones stay in force", slog.String("error", text))
		}
		h.problem.Store(&text)
		h.outdated.Set(1)
	}
}
