package store_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"octroi/gateway/payment"
	"octroi/gateway/store"
	"octroi/risk"
)

func TestSubjectIsFoundAmongThousandsByAddressOrNumber(t *testing.T) {
	each(t, func(t *testing.T, b bench) {
		p := b.begun(t, 1)
		// More than one read of either table, all of another buyer but for some.
		for table, insert := range map[string]string{
			"payments": `INSERT INTO payments (id, shop, idempotency_key, body_hash, order_reference, status, live, amount, currency, provider,
 provider_reference, attempt, version, lease_until, created_at, updated_at, body, detail) SELECT 'pay_1' || (10000 + n), shop, 'key' || n, body_hash, 'B-' || n, 'refused',
 FALSE, amount, currency, '', '', 0, 1, 0, created_at, updated_at, body, detail FROM payments, numbers WHERE id = '` + p.ID + `'`,
		} {
			if _, err := b.raw(t).Exec("WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 4100) " + insert); err != nil {
				t.Fatalf("%s: %v", table, err)
			}
		}
		var as []store.Assessment
		for n := range 1100 {
			q := aPayment(n)
			q.Detail.Buyer = payment.Buyer{Email: fmt.Sprintf("buyer%d@example.org", n), ID: fmt.Sprint("cust_", n)}
			if n == 3 || n == 1099 {
				q.Shop, q.Detail.Buyer.Email = []string{"another", "memory"}[n/1000], "SOUGHT@example.org"
			}
			as = append(as, store.Assessment{ID: fmt.Sprintf("asm_%06d", n), Shop: q.Shop, At: day0.Add(-time.Hour), Observed: true, Recorded: store.Recorded{Facts: q.Facts(day0)}})
		}
		if err := b.SaveAssessments(t.Context(), as); err != nil {
			t.Fatal(err)
		}
		sought := aPayment(2)
		sought.ID, sought.Detail.Buyer = "pay_2", payment.Buyer{Email: "Sought@Example.org", ID: "cust_sought"}
		other := aPayment(3)
		other.ID, other.Shop, other.Detail.Buyer = "pay_3", "another", sought.Detail.Buyer
		for _, p := range []payment.Payment{sought, other} {
			if _, _, err := b.Begin(t.Context(), beginOf(p)); err != nil {
				t.Fatal(err)
			}
		}
		if err := b.PutListEntry(t.Context(), store.ListEntry{List: "blocked", Value: "sought@example.org", AddedBy: "ana"}, byAdmin("list.added")); err != nil {
			t.Fatal(err)
		}
		f, err := b.FindSubject(t.Context(), store.Subject{Shop: "memory", Email: " sought@EXAMPLE.org"})
		if err != nil || !slices.Equal(f.Payments, []string{"pay_2"}) || !slices.Equal(f.Assessments, []string{"asm_001099"}) || len(f.Lists) != 1 ||
			!f.First.Equal(day0.Add(-time.Hour).Truncate(time.Microsecond)) {
			t.Errorf("by address: %+v, %v", f, err)
		}
		f, err = b.FindSubject(t.Context(), store.Subject{Shop: "memory", BuyerID: "cust_sought"})
		if err != nil || !slices.Equal(f.Payments, []string{"pay_2"}) || len(f.Assessments) != 0 || len(f.Lists) != 0 {
			t.Errorf("by number: %+v, %v", f, err)
		}
		f, err = b.FindSubject(t.Context(), store.Subject{Shop: "memory", Email: "jean@example.org"})
		if err != nil || len(f.Payments) != 4101 || slices.Contains(f.Payments, "pay_2") {
			t.Errorf("of everybody else: %d payments, %v", len(f.Payments), err)
		}
		_, err = b.FindSubject(t.Context(), store.Subject{Shop: "memory"})
		wantCode(t, err, payment.CodeInvalid)
	})
}

func TestErasedBuyerIsOutOfReachAndWhatIsUnderWayIsKeptInMind(t *testing.T) {
	each(t, func(t *testing.T, b bench) {
		p := b.withCanary(t, 1)
		erase := func(done bool) {
			t.Helper()
			got, err := b.Erase(t.Context(), p.ID, b.clock.now().Add(time.Hour), func(s store.Snapshot) (store.Writes, error) {
				if !done {
					return store.Writes{}, nil
				}
				p, c := s.Payment.Erased(), s.Case.Forgotten()
				return store.Writes{Payment: &p, Case: &c, Audit: []store.Audit{byAdmin("buyer.erased")}}, nil
			})
			if err != nil || got != done {
				t.Fatalf("erased: %v, %v", got, err)
			}
		}
		due := func(want ...string) {
			t.Helper()
			got, err := b.DueErasures(t.Context(), b.clock.now(), 10)
			if err != nil {
				t.Fatal(err)
			}
			same(t, "due", got, want)
		}
		erase(false)
		due()
		b.clock.forward(time.Hour)
		due(p.ID)
		erase(false) // still not
		due()
		b.clock.forward(time.Hour)
		erase(true)
		b.clock.forward(time.Hour)
		due()
		if n, err := b.ForgetHistory(t.Context(), []string{p.ID}, day0); err != nil || n != 1 {
			t.Fatalf("changed %d events, %v", n, err)
		}
		_, what := b.claimed(t, store.KindMail, store.KindWebhook)
		if len(what) != 1 || !strings.Contains(what[0], "payment.held") {
			t.Errorf("left to send: %q; the mail must not go any more, the webhook must", what)
		}
		if b.lines(t, "buyer.erased") != 1 {
			t.Error("it is not in the audit log")
		}
		past, err := b.Decisions(t.Context(), p.ID)
		if err != nil || !past[0].Emptied {
			t.Errorf("recorded: %+v, %v", past, err)
		}
		after := b.payment(t, p.ID).Payment
		if after.Detail.Buyer.Email != "" || after.Detail.Billing.Name != canary {
			t.Errorf("the evidence of a dispute is not what is left: %+v", after.Detail)
		}
		_, err = b.Erase(t.Context(), "pay_none", b.clock.now(), nil)
		wantCode(t, err, payment.CodeNotFound)
	})
}

func TestJournalForgetsTheBuyersOfSomeOrdersAlone(t *testing.T) {
	each(t, func(t *testing.T, b bench) {
		var w store.Writes
		for n := range 11_000 { // several reads, many events at one moment
			r := anAttempt(fmt.Sprint("pay_", n))
			r.At = day0.Add(time.Duration(n/40) * time.Second)
			r.Keys[risk.EntityEmail], r.Keys[risk.EntityIP] = fmt.Sprintf("b%d@example.org", n), "203.0.113.7"
			w.History = append(w.History, store.History{Shop: "memory", Record: r, Applied: true})
		}
		b.commit(t, w)
		forget := []string{"pay_0", "pay_4999", "pay_5000", "pay_10999"}
		if n, err := b.ForgetHistory(t.Context(), forget, day0); err != nil || n != len(forget) {
			t.Fatalf("changed %d, %v, want %d", n, err, len(forget))
		}
		seen := 0
		for e, err := range b.Journal(t.Context(), day0.Add(-time.Hour)) {
			if err != nil {
				t.Fatal(err)
			}
			seen++
			if gone := e.Record.Keys[risk.EntityEmail] == ""; gone != slices.Contains(forget, e.Record.ID) {
				t.Errorf("%s: forgotten %v", e.Record.ID, gone)
			}
			if e.Record.Keys[risk.EntityIP] == "" || e.Record.Keys[risk.EntityCard] == "" {
				t.Errorf("%s lost what a dispute needs", e.Record.ID)
			}
		}
		if seen != 11_000 {
			t.Errorf("%d events are left", seen)
		}
	})
}
