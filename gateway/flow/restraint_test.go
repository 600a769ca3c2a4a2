package flow_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"octroi/gateway/flow"
	"octroi/gateway/hold"
	"octroi/gateway/payment"
	"octroi/gateway/store"
	"octroi/providers"
	"octroi/risk/policy"
)

// withCard is the order with a card of its own.
func withCard(r payment.Request, n int) payment.Request {
	r.Method.Number = made(n)
	return r
}

// holding starts a world whose policy holds every order, so that nothing but the limits stands in the way.
func holding(t *testing.T, change func(*flow.Config)) *world {
	t.Helper()
	rules, err := policy.Parse("hold.yaml", []byte(`name: holding
bands: {challenge: 30, hold: 50, decline: 150}
rules:
  - {code: ALWAYS, when: amount > 0, points: 60, opens: [statement_code, identity], detail: {en: held, fr: retenu}, why: {en: "All are.", fr: "Tous."}}
`))
	check(t, err)
	return begin(t, func(c *flow.Config) {
		c.Policy = func(string) *policy.Policy { return rules }
		if change != nil {
			change(c)
		}
	})
}

// quiet waits until the histories have everything.
func (w *world) quiet() {
	w.t.Helper()
	w.eventually("the histories have everything", func() bool {
		c, err := w.store.Counts(w.t.Context())
		return err == nil && c.History == 0
	})
}

// proofMails are the mails of a template that the payments' buyers got.
func (w *world) mailsOf(t store.MailTemplate, ids ...string) (n int) {
	w.t.Helper()
	for _, id := range ids {
		for _, m := range w.mails(id) {
			if m.Template == t {
				n++
			}
		}
	}
	return n
}

func TestAMailboxGetsNoMoreProofMailsThanTheLimit(t *testing.T) {
	for name, at := range map[string]func(w *world, orders []payment.Request) []payment.Payment{
		"one after the other": func(w *world, orders []payment.Request) (all []payment.Payment) {
			for _, r := range orders {
				all = append(all, w.pay(r))
				w.quiet()
			}
			return all
		},
		"at once": func(w *world, orders []payment.Request) []payment.Payment {
			all := make([]payment.Payment, len(orders))
			var wg sync.WaitGroup
			for i, r := range orders {
				wg.Go(func() { all[i], _, _ = w.flow.Authorise(t.Context(), w.call(r.Order.Reference), r) })
			}
			wg.Wait()
			return all
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := holding(t, nil)
			var orders []payment.Request
			for i := range 9 {
				r := withCard(order(i), i)
				r.Buyer.Email = fmt.Sprintf("vic.tim+%d@gmail.com", i) // one mailbox, whatever is typed
				orders = append(orders, r)
			}
			var ids, silent []string
			for _, p := range at(w, orders) {
				if p.Status != payment.Held || p.Case.ProofURL == "" {
					t.Fatalf("%s, case %+v", p.Status, p.Case)
				}
				ids = append(ids, p.ID)
				if w.mailsOf(store.MailProofRequest, p.ID) == 0 {
					silent = append(silent, p.ID)
				}
			}
			if n := w.mailsOf(store.MailProofRequest, ids...); n != 5 || len(silent) != 4 {
				t.Fatalf("%d mails, %d orders without", n, len(silent))
			}
			p := w.see(silent[0])
			trail, err := w.store.AuditTrail(t.Context(), p.ID, 50)
			check(t, err)
			if !strings.Contains(fmt.Sprint(trail), "mail.not_sent") {
				t.Errorf("the log does not say that no mail left: %+v", trail)
			}
			page, err := w.flow.ProofPage(t.Context(), token(p))
			check(t, err)
			if page.Case.Proof.Code != hold.CodeOffered {
				t.Errorf("the page is not as usual: %+v", page.Case.Proof)
			}
			// What follows of such an order is silent as well.
			w.later(25 * time.Hour)
			w.eventually("reminders are due", func() bool { return w.mailsOf(store.MailProofReminder, ids...) == 5 })
			check(t, w.flow.Withdraw(t.Context(), token(p)))
			w.becomes(p.ID, payment.Cancelled)
			if all := w.mails(p.ID); len(all) != 0 {
				t.Errorf("the mailbox got %+v", all)
			}
		})
	}
}

func TestAnAnalystStillReachesABuyerWhoWasNotWrittenTo(t *testing.T) {
	w := holding(t, nil)
	var last payment.Payment
	for i := range 6 {
		r := withCard(order(i), i)
		r.Buyer.Email = "buyer@example.org"
		last = w.pay(r)
		w.quiet()
	}
	if n := len(w.mails(last.ID)); n != 0 {
		t.Fatalf("%d mails of the sixth order", n)
	}
	_, err := w.flow.RequestProof(t.Context(), analyst, last.Case.ID, []hold.Kind{hold.Identity}, "Please.")
	check(t, err)
	check(t, w.flow.Withdraw(t.Context(), token(last)))
	if w.mailsOf(store.MailProofRequest, last.ID) != 1 || w.mailsOf(store.MailWithdrawn, last.ID) != 1 {
		t.Errorf("mails %+v", w.mails(last.ID))
	}
}

func TestWithoutHistoriesAMailboxHasTheSameLimit(t *testing.T) {
	w := holding(t, nil)
	w.redis.Close()
	var ids []string
	for i := range 8 {
		r := withCard(order(i), i)
		r.Buyer.Email = "victim@example.org"
		p := w.pay(r)
		if p.Status != payment.Held {
			t.Fatal(p.Status)
		}
		ids = append(ids, p.ID)
	}
	other := w.pay(withCard(order(99), 99))
	if n := w.mailsOf(store.MailProofRequest, ids...); n != 5 || w.mailsOf(store.MailProofRequest, other.ID) != 1 {
		t.Errorf("%d mails to the one, %d to the other", n, w.mailsOf(store.MailProofRequest, other.ID))
	}
}

func TestOrdersThatAreDeclinedAfterTheAuthorisationMailNoMoreThanTheLimit(t *testing.T) {
	rules, err := policy.Parse("late.yaml", []byte(`name: late
bands: {challenge: 30, hold: 50, decline: 100}
rules:
  - {code: LATE, stage: review, when: amount > 0, force: decline, detail: {en: late, fr: tard}, why: {en: "Late.", fr: "Tard."}}
`))
	check(t, err)
	w := begin(t, func(c *flow.Config) { c.Policy = func(string) *policy.Policy { return rules } })
	var ids []string
	for i := range 8 {
		r := withCard(order(i), i)
		r.Buyer.Email = "victim@example.org"
		p := w.pay(r)
		if p.Status != payment.Declined {
			t.Fatal(p.Status)
		}
		ids = append(ids, p.ID)
		w.quiet()
	}
	if n := w.mailsOf(store.MailDeclined, ids...); n != 3 {
		t.Errorf("%d mails", n)
	}
}

func TestOneCardOrMailboxIsNotHeldWithoutEnd(t *testing.T) {
	for name, disguise := range map[string]func(r *payment.Request, i int){
		"one card":    func(r *payment.Request, i int) {},
		"one mailbox": func(r *payment.Request, i int) { r.Method.Number, r.Buyer.Email = made(i), "one@example.org" },
		"one card in encrypted fields": func(r *payment.Request, i int) {
			encrypted(r)
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := holding(t, nil)
			for i := range 13 {
				r := order(i)
				disguise(&r, i)
				p := w.pay(r)
				w.quiet()
				want := payment.Held
				if i >= 10 {
					want = payment.Declined
				}
				if p.Status != want || want == payment.Declined && !p.Decision.Has("HOLDS_OPEN") {
					t.Fatalf("order %d: %s %+v", i, p.Status, p.Decision)
				}
				if i >= 10 {
					w.eventually("nothing stays reserved", func() bool { return w.reserved(p.ID) == 0 })
				}
			}
		})
	}
}

// reserved is how much of a payment's money the provider has reserved or taken.
func (w *world) reserved(id string) (sum int64) {
	for _, l := range w.sim.Ledger().Payments {
		if l.Reference == id && l.Status == "authorised" {
			sum += l.Amount.Value
		}
	}
	return sum
}

// encrypted brings the order's card in Adyen's encrypted fields.
func encrypted(r *payment.Request) {
	m := r.Method
	r.Method = payment.Method{Type: m.Type, HolderName: m.HolderName, EncryptedNumber: "test_" + m.Number,
		EncryptedExpiryMonth: providers.Secret("test_" + m.ExpiryMonth), EncryptedExpiryYear: providers.Secret("test_" + m.ExpiryYear),
		EncryptedCVC: "test_" + m.CVC}
}
