package flow_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"octroi/gateway/hold"
	"octroi/gateway/payment"
	"octroi/risk"
)

// offered reports whether the payment's case waits for a code.
func (w *world) offered(p payment.Payment) bool {
	w.t.Helper()
	snap, err := w.store.Case(w.t.Context(), p.Case.ID)
	check(w.t, err)
	return snap.Case.Proof.Code == hold.CodeOffered
}

// guess types wrong codes until the case takes none, and says how many were compared.
func (w *world) guess(p payment.Payment) (tried int) {
	w.t.Helper()
	wrong := another(w.onStatement(p))
	for w.offered(p) {
		_, err := w.flow.EnterCode(w.t.Context(), token(p), wrong)
		check(w.t, err)
	}
	snap, err := w.store.Case(w.t.Context(), p.Case.ID)
	check(w.t, err)
	return snap.Case.Marks.CodeTries
}

func TestWithdrawingAnOrderGivesNoNewTriesAtTheCode(t *testing.T) {
	for name, disguise := range map[string]func(r *payment.Request, i int){
		"one card": func(r *payment.Request, i int) {},
		"one card in encrypted fields": func(r *payment.Request, i int) {
			encrypted(r)
		},
		"one mailbox": func(r *payment.Request, i int) { r.Method.Number, r.Buyer.Email = made(i), "one@example.org" },
		"one account": func(r *payment.Request, i int) { r.Method.Number, r.Buyer.ID = made(i), "cust_one" },
		"one device":  func(r *payment.Request, i int) { r.Method.Number, r.Buyer.DeviceID = made(i), "d-one" },
	} {
		t.Run(name, func(t *testing.T) {
			w := holding(t, nil)
			tried := 0
			for i := range 12 {
				r := order(i)
				disguise(&r, i)
				p := w.pay(r)
				if p.Status == payment.Declined {
					continue // by then too many were held
				}
				tried += w.guess(p)
				check(t, w.flow.Withdraw(t.Context(), token(p)))
				w.quiet()
			}
			if tried != hold.MaxCodeTries {
				t.Errorf("%d tries in all", tried)
			}
			w.later(31 * 24 * time.Hour)
			late := order(50)
			disguise(&late, 50)
			if p := w.pay(late); !w.offered(p) {
				t.Error("after a month no code is offered")
			}
		})
	}
}

func TestTriesAtManyOpenOrdersAreOne(t *testing.T) {
	w := holding(t, nil)
	var open []payment.Payment
	for i := range 8 {
		open = append(open, w.pay(order(i)))
	}
	right := w.onStatement(open[7])
	wrong := map[string]string{}
	for _, l := range w.sim.Ledger().Payments {
		wrong[l.Reference] = another(l.ShopperStatement[len(l.ShopperStatement)-4:])
	}
	var all sync.WaitGroup
	for _, p := range open[:7] {
		for range 3 {
			all.Go(func() {
				if _, err := w.flow.EnterCode(t.Context(), token(p), wrong[p.ID]); err != nil && payment.CodeOf(err) != payment.CodeWrongState {
					t.Error(err)
				}
			})
		}
	}
	all.Wait()
	tried := 0
	for _, p := range open {
		snap, err := w.store.Case(t.Context(), p.Case.ID)
		check(t, err)
		tried += snap.Case.Marks.CodeTries
	}
	if tried != hold.MaxCodeTries {
		t.Errorf("%d tries in all", tried)
	}
	e, err := w.flow.EnterCode(t.Context(), token(open[7]), right)
	check(t, err)
	if e.Right || e.Approved || e.TriesLeft != 0 || w.offered(open[7]) {
		t.Errorf("after as many wrong codes the right one passes: %+v", e)
	}
	page, err := w.flow.ProofPage(t.Context(), token(open[7]))
	check(t, err)
	if len(page.Case.Proof.Requested) == 0 {
		t.Error("nothing else is asked for")
	}
}

func TestASlipAtOneOrderLeavesTheNextItsCode(t *testing.T) {
	w := holding(t, nil)
	first := w.pay(order(1))
	_, err := w.flow.EnterCode(t.Context(), token(first), another(w.onStatement(first)))
	check(t, err)
	e, err := w.flow.EnterCode(t.Context(), token(first), w.onStatement(first))
	check(t, err)
	if !e.Approved {
		t.Fatalf("%+v", e)
	}
	w.quiet()
	next := order(2)
	next.Buyer = order(1).Buyer
	p := w.pay(next)
	snap, err := w.store.Case(t.Context(), p.Case.ID)
	check(t, err)
	if snap.Case.CodeTriesLeft() != 2 {
		t.Errorf("%d tries left", snap.Case.CodeTriesLeft())
	}
	if e, err = w.flow.EnterCode(t.Context(), token(p), w.onStatement(p)); err != nil || !e.Approved {
		t.Errorf("%+v %v", e, err)
	}
}

func TestWithoutHistoriesARightCodeIsForAPerson(t *testing.T) {
	w := holding(t, nil)
	p := w.pay(order(1))
	w.redis.Close()
	e, err := w.flow.EnterCode(t.Context(), token(p), w.onStatement(p))
	check(t, err)
	if got := w.see(p.ID); !e.Right || e.Approved || got.Status != payment.Held || got.Case.Status != string(hold.AwaitingReview) {
		t.Errorf("%+v %s %s", e, got.Status, got.Case.Status)
	}
}

func TestWrongCodesAreInTheJournal(t *testing.T) {
	w := holding(t, nil)
	p := w.pay(order(1))
	w.guess(p)
	seen := []string{}
	for e, err := range w.store.Journal(t.Context(), time.Unix(0, 0)) {
		check(t, err)
		if e.Record.Kind == risk.EventCodeFailed {
			seen = append(seen, e.Record.Code+" of "+e.Record.ID)
		}
	}
	if want := fmt.Sprintf("[1 of %[1]s 2 of %[1]s 3 of %[1]s]", p.ID); fmt.Sprint(seen) != want {
		t.Errorf("%v, want %s", seen, want)
	}
}
