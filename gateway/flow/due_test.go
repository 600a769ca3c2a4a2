package flow_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"octroi/gateway/flow"
	"octroi/gateway/hold"
	"octroi/gateway/payment"
	"octroi/gateway/store"
	"octroi/gateway/store/storetest"
	"octroi/providers/adyensim"
	"octroi/risk/policy"
)

// databases are those to try the clock on.
var databases = map[string]func(testing.TB) string{
	"SQLite":     func(t testing.TB) string { return "sqlite:" + filepath.Join(t.TempDir(), "octroi.db") },
	"PostgreSQL": storetest.Postgres,
}

// everyOrderHeld is a configuration whose policy holds whatever comes, however much of it.
func everyOrderHeld(t testing.TB) func(*flow.Config) {
	rules, err := policy.Parse("held.yaml", []byte(`name: held
bands: {challenge: 30, hold: 50, decline: 150}
rules:
  - code: EVERY
    when: amount > 0
    force: hold
    detail: {en: "every order", fr: "toute commande"}
    why: {en: "A drill.", fr: "Un exercice."}
`))
	check(t, err)
	return func(c *flow.Config) {
		c.Policy = func(string) *policy.Policy { return rules }
		c.ProviderBudget = time.Minute // a busy machine is no slow provider
	}
}

// holds makes many held orders, of as many buyers.
func (w *world) holds(from, n int) (all []payment.Payment) {
	w.t.Helper()
	all = make([]payment.Payment, n)
	errs := make([]error, n)
	next := make(chan int)
	var work sync.WaitGroup
	for range 8 {
		work.Go(func() {
			for i := range next {
				r := order(from + i)
				r.Method.Number = made(from + i)
				all[i], _, errs[i] = w.flow.Authorise(w.t.Context(), w.call(r.Order.Reference), r)
				if errs[i] == nil && all[i].Status != payment.Held {
					errs[i] = fmt.Errorf("order %d is %s", i, all[i].Status)
				}
			}
		})
	}
	for i := range n {
		next <- i
	}
	close(next)
	work.Wait()
	check(w.t, errors.Join(errs...))
	return all
}

// expired is how many cases have come to their deadline and were dealt with.
func (w *world) expired() int {
	counts, err := w.store.Counts(w.t.Context())
	check(w.t, err)
	return counts.Cases[hold.Expired]
}

// worker is another process of the gateway on the same database.
type worker struct {
	store *store.Store
	end   func() // as it should
	ended chan error
}

func (w *world) worker() worker {
	w.t.Helper()
	cfg := w.cfg
	cfg.Registerer, cfg.Store = prometheus.NewRegistry(), w.openStore(w.url)
	f, err := flow.New(cfg)
	check(w.t, err)
	ctx, cancel := context.WithCancel(context.Background())
	k := worker{store: cfg.Store, ended: make(chan error, 1)}
	go func() { k.ended <- f.Run(ctx) }()
	k.end = sync.OnceFunc(func() {
		cancel()
		<-k.ended
		_ = k.store.Close()
	})
	w.t.Cleanup(k.end)
	return k
}

// oncePerCase holds what the clock did against what it should have done of each: one end, one mail, one cancel.
func (w *world) oncePerCase(all []payment.Payment) {
	w.t.Helper()
	w.within(time.Minute, "every reservation is given back", func() bool {
		for _, p := range all {
			if w.see(p.ID).Status != payment.Cancelled {
				return false
			}
		}
		return true
	})
	cancels := map[string]int{}
	for _, p := range w.sim.Ledger().Payments {
		for _, m := range p.Modifications {
			if m.Kind == adyensim.Cancels {
				cancels[p.Reference]++
			}
		}
	}
	for _, p := range all {
		mails, ends := 0, 0
		for _, m := range w.mails(p.ID) {
			if m.Template == store.MailExpired {
				mails++
			}
		}
		trail, err := w.store.AuditTrail(w.t.Context(), p.Case.ID, 100)
		check(w.t, err)
		for _, a := range trail {
			if a.Action == "case."+string(hold.DueExpiry) {
				ends++
			}
		}
		if mails != 1 || ends != 1 || cancels[p.ID] != 1 || len(w.see(p.ID).Operations) != 1 {
			w.t.Errorf("%s: %d mails, %d ends, %d cancels at the provider, operations %+v", p.ID, mails, ends, cancels[p.ID], w.see(p.ID).Operations)
		}
	}
}

func TestTwoWorkersAndOneThatDiesEndEveryCaseOnce(t *testing.T) {
	t.Parallel() // it waits more than it works
	for name, url := range databases {
		t.Run(name, func(t *testing.T) {
			w := beginOn(t, url(t), everyOrderHeld(t))
			all := w.holds(0, 150)
			doomed := w.worker()
			w.later(7 * 24 * time.Hour)
			w.eventually("the first cases end", func() bool { return w.expired() > 0 })
			// Its database goes away in the middle of whatever it does, as in a crash; another takes its place.
			_ = doomed.store.Close()
			doomed.end()
			w.worker()
			w.within(time.Minute, "all cases end", func() bool { return w.expired() == len(all) })
			w.later(2 * time.Minute) // what the dead one had in hand is free again
			w.oncePerCase(all)
		})
	}
}

// BenchmarkAThousandCasesDueAtOnce lets a thousand cases come to their deadline in the same moment. It reports how long
// after that the last case had ended, with its mail, webhook and cancel committed, and how long after that all money was
// given back at the provider, an HTTP call and a notification each.
func BenchmarkAThousandCasesDueAtOnce(b *testing.B) {
	for name, url := range databases {
		b.Run(name, func(b *testing.B) {
			const cases = 1000
			w := beginOn(b, url(b), everyOrderHeld(b))
			ended, given, n := 0.0, 0.0, 0
			for b.Loop() {
				b.StopTimer()
				w.holds(n*cases, cases)
				n++
				b.StartTimer()
				begun := time.Now()
				w.later(7 * 24 * time.Hour)
				w.within(2*time.Minute, "all cases end", func() bool { return w.expired() == n*cases })
				ended += time.Since(begun).Seconds()
				w.within(5*time.Minute, "everything is given back", func() bool {
					page, err := w.store.Counts(b.Context())
					check(b, err)
					return page.Outbox[store.KindCancel] == 0 && page.Notifications == 0 && w.sim.Ledger().PendingWebhooks == 0
				})
				given += time.Since(begun).Seconds()
			}
			b.ReportMetric(ended/float64(n), "s/ended")
			b.ReportMetric(given/float64(n), "s/given-back")
		})
	}
}
