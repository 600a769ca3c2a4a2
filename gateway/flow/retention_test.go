package flow_test

import (
	"bytes"
	"context"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil"

	"octroi/gateway/flow"
	"octroi/gateway/hold"
	"octroi/gateway/payment"
	"octroi/gateway/store"
	"octroi/gateway/vault"
)

// The canary: a buyer whose every trait can be told from everybody else's in a file.
const (
	canary      = "zanzibarella"
	canaryIP    = "198.51.100.77"
	canaryPhone = "33199004471"
)

// canaryTraits are what must not be found of the buyer, in small letters.
var canaryTraits = []string{canary, canaryIP, canaryPhone, "198.51.100.0/24"}

// asCanary makes an order the canary's.
func asCanary(r payment.Request) payment.Request {
	r.Billing.Name, r.Order.Delivery.Recipient, r.Method.HolderName = "Zoe Zanzibarella", "Zoe Zanzibarella", "Zoe Zanzibarella"
	r.Billing.Address.Lines, r.Order.Delivery.Address.Lines = []string{"7 rue Zanzibarella"}, []string{"9 quai Zanzibarella"}
	r.Buyer = payment.Buyer{ID: "cust-" + canary, Email: "Zoe@" + canary + ".example.org", Phone: "+" + canaryPhone, IP: canaryIP,
		DeviceID: "device-" + canary, UserAgent: "browser of " + canary, Locale: "fr-FR"}
	r.Metadata = map[string]string{"note": "for " + canary}
	return r
}

// traces are the traits that stand in a file of the gateway's, as "file: trait".
func (w *world) traces() (found []string) {
	w.t.Helper()
	check(w.t, filepath.WalkDir(w.dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		for _, trait := range canaryTraits {
			if bytes.Contains(bytes.ToLower(b), []byte(trait)) {
				found = append(found, filepath.Base(path)+": "+trait)
			}
		}
		return nil
	}))
	redis := strings.ToLower(w.redis.Dump())
	for _, trait := range canaryTraits {
		if strings.Contains(redis, trait) {
			found = append(found, "redis: "+trait)
		}
	}
	slices.Sort(found)
	return found
}

// resume lets the background work begin anew until ok, as after a restart: every worker looks at once.
func (w *world) resume(what string, ok func() bool) {
	w.t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- w.flow.Run(ctx) }()
	w.eventually(what, ok)
	cancel()
	check(w.t, <-ended)
}

// canarysOrders are one order that was held, proven and captured, and one that the issuer refused, amid those of others.
func (w *world) canarysOrders() (held, refused payment.Payment) {
	w.t.Helper()
	for n := range 20 {
		w.pay(withCard(order(100+n), 100+n))
	}
	held = w.pay(asCanary(risky(1)))
	check(w.t, w.flow.ReceiveDocument(w.t.Context(), token(held), hold.Identity, "id.png", "image/png", png(w.t)))
	check(w.t, w.flow.BuyerSays(w.t.Context(), token(held), "I am "+canary+", and this is my card."))
	_, err := w.flow.Note(w.t.Context(), analyst, held.Case.ID, canary+" sounds genuine")
	check(w.t, err)
	no := asCanary(order(2))
	no.Method.HolderName = "CARD_EXPIRED"
	refused = w.pay(no)
	for n := range 20 {
		w.pay(withCard(order(200+n), 200+n))
	}
	return held, refused
}

// released lets a held order go through to its money.
func (w *world) released(p payment.Payment) {
	w.t.Helper()
	_, err := w.flow.Approve(w.t.Context(), analyst, p.Case.ID, "genuine")
	check(w.t, err)
	w.becomes(p.ID, payment.Captured)
	w.settled()
}

func TestForgottenBuyerIsNowhereAfterTheTimeOfTheRecord(t *testing.T) {
	w := begin(t, nil)
	held, refused := w.canarysOrders()
	w.released(held)
	if len(w.traces()) < 3 {
		t.Fatalf("the canary left %v: the test shows nothing", w.traces())
	}
	eraser := w.eraser()
	subject := store.Subject{Shop: "demo", Email: "zoe@" + canary + ".example.org"}
	before := w.traces()
	plan, err := eraser.Plan(t.Context(), subject)
	check(t, err)
	if len(plan.Payments) != 2 || plan.Payments[0].Documents != 1 || plan.Payments[0].Later || !slices.Equal(w.traces(), before) {
		t.Fatalf("the plan is %+v", plan)
	}
	did, err := eraser.Erase(t.Context(), "operator", subject)
	check(t, err)
	if len(did.Payments) != 2 || did.Payments[1].ID != refused.ID || did.Payments[1].Later {
		t.Errorf("did %+v", did)
	}
	snap, err := w.store.Case(t.Context(), held.Case.ID)
	check(t, err)
	doc := snap.Case.Proof.Documents[0]
	if _, err := w.vault.Open(t.Context(), doc.ID); err != vault.ErrDestroyed || doc.Status != hold.DocumentDestroyed {
		t.Errorf("the document: %v, %s", err, doc.Status)
	}
	if b := snap.Payment.Detail.Buyer; b != (payment.Buyer{IP: canaryIP, Locale: "fr-FR"}) || snap.Payment.Detail.Billing.Name != "Zoe Zanzibarella" {
		t.Errorf("left of the contact: %+v", snap.Payment.Detail)
	}
	for _, d := range w.decisions(held.ID) {
		if _, err := flow.Replay(w.flow.Policy("demo"), d.Recorded); err != flow.ErrEmptied {
			t.Errorf("decision %s: %v", d.ID, err)
		}
	}
	if again, err := eraser.Plan(t.Context(), subject); err != nil || len(again.Payments) != 0 {
		t.Errorf("found again: %+v, %v", again, err)
	}
	w.afterTheRecord()
	if left := w.traces(); len(left) > 0 {
		t.Errorf("after the time of the record the canary is in %v", left)
	}
	if _, err := w.store.VerifyAudit(t.Context()); err != nil {
		t.Error(err)
	}
}

// eraser is a command's.
func (w *world) eraser() flow.Eraser {
	return flow.Eraser{Store: w.store, Sealer: w.flow.Sealer, Clock: w.now}
}

func (w *world) decisions(id string) []store.Decision {
	w.t.Helper()
	all, err := w.store.Decisions(w.t.Context(), id)
	check(w.t, err)
	if len(all) == 0 {
		w.t.Fatal("no decision is recorded")
	}
	return all
}

// afterTheRecord lets 15 months and two days pass, and what is due then be done.
func (w *world) afterTheRecord() {
	w.t.Helper()
	w.stop()
	w.later(15*31*24*time.Hour + 48*time.Hour)
	w.resume("nothing is past its date", func() bool { return w.overdue() == 0 })
}

// overdue is the longest that anything is past its date, in seconds, as the metric tells.
func (w *world) overdue() (longest float64) {
	w.t.Helper()
	families, err := w.reg.Gather()
	check(w.t, err)
	seen := 0
	for _, f := range families {
		if f.GetName() != "octroi_retention_overdue_seconds" {
			continue
		}
		for _, m := range f.GetMetric() {
			longest = max(longest, m.GetGauge().GetValue())
			seen++
		}
	}
	if seen != 7 {
		w.t.Fatalf("%d kinds are told, want 7", seen)
	}
	return longest
}

func TestTimeAloneForgetsABuyerAndTellsWhatIsLate(t *testing.T) {
	w := begin(t, nil)
	held, _ := w.canarysOrders()
	w.released(held)
	if late := w.overdue(); late != 0 {
		t.Errorf("%v s late on the first day", late)
	}
	w.stop()
	w.later(12 * 31 * 24 * time.Hour)
	w.resume("mails and webhooks are gone", func() bool { return w.overdue() == 0 })
	if kept := w.see(held.ID); kept.Detail.Buyer.Email == "" {
		t.Error("the record of a payment that may be disputed is gone after a year")
	}
	w.later(5 * 31 * 24 * time.Hour)
	if late := w.overdue(); late < (24 * time.Hour).Seconds() {
		t.Errorf("%v s late, though nobody did anything for months", late)
	}
	w.resume("nothing is past its date", func() bool { return w.overdue() == 0 })
	if left := w.traces(); len(left) > 0 {
		t.Errorf("after the time of the record the canary is in %v", left)
	}
	if n, err := testutil.GatherAndCount(w.reg, "octroi_retention_overdue_seconds"); err != nil || n != 7 {
		t.Errorf("%d series, %v", n, err)
	}
}

func TestBuyerOfAPaymentUnderWayIsForgottenWhenItEnds(t *testing.T) {
	w := begin(t, nil)
	held, _ := w.canarysOrders()
	eraser, subject := w.eraser(), store.Subject{Shop: "demo", BuyerID: "cust-" + canary}
	did, err := eraser.Erase(t.Context(), "operator", subject)
	check(t, err)
	if len(did.Payments) != 2 || !did.Payments[0].Later || did.Payments[1].Later {
		t.Fatalf("did %+v", did)
	}
	if w.see(held.ID).Detail.Buyer.Email == "" {
		t.Fatal("a buyer whose order is held cannot be written to any more")
	}
	_, err = w.flow.Reject(t.Context(), analyst, held.Case.ID, "not the holder")
	check(t, err)
	w.becomes(held.ID, payment.Cancelled)
	w.settled()
	w.stop()
	w.later(2 * time.Hour)
	w.resume("it is erased", func() bool { return w.see(held.ID).Detail.Buyer.Email == "" })
	for e, err := range w.store.Journal(t.Context(), time.Time{}) {
		check(t, err)
		for _, key := range e.Record.Keys {
			if strings.Contains(key, "cust-") && strings.Contains(key, canary) || strings.Contains(key, "@"+canary) {
				t.Errorf("the journal has %q of %s", key, e.Record.ID)
			}
		}
	}
}
