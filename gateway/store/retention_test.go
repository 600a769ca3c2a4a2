package store_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"octroi/gateway/hold"
	"octroi/gateway/payment"
	"octroi/gateway/store"
	"octroi/providers"
	"octroi/risk"
)

// canary is what the buyer of these tests is known by.
const canary = "canary-7f3a"

// dump is every row of every table as text. Of what is compressed only the buyer's address is looked at by its readers.
func (b bench) dump(t testing.TB) string {
	t.Helper()
	db := b.raw(t)
	tables, err := db.Query("SELECT name FROM sqlite_master WHERE type = 'table'")
	if err != nil {
		tables, err = db.Query("SELECT table_name FROM information_schema.tables WHERE table_schema = current_schema()")
	}
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for tables.Next() {
		var name string
		if err := tables.Scan(&name); err != nil {
			t.Fatal(err)
		}
		names = append(names, name)
	}
	var all strings.Builder
	for _, name := range names {
		rows, err := db.Query("SELECT * FROM " + name)
		if err != nil {
			t.Fatal(err)
		}
		columns, err := rows.Columns()
		if err != nil {
			t.Fatal(err)
		}
		values := make([]any, len(columns))
		for i := range values {
			values[i] = new([]byte)
		}
		for rows.Next() {
			if err := rows.Scan(values...); err != nil {
				t.Fatal(err)
			}
			for i, v := range values {
				fmt.Fprintf(&all, "%s.%s=%s\n", name, columns[i], *v.(*[]byte))
			}
		}
		if err := rows.Err(); err != nil {
			t.Fatal(err)
		}
	}
	return all.String()
}

// withCanary makes payment n of the canary, in every place of the database where something of a buyer is written, decided
// and delivered.
func (b bench) withCanary(t testing.TB, n int) payment.Payment {
	t.Helper()
	p := aPayment(n)
	p.CreatedAt, p.UpdatedAt = b.clock.now(), b.clock.now()
	p.Detail.Buyer = payment.Buyer{ID: canary, Email: canary + "@example.org", Phone: canary, DeviceID: canary, UserAgent: canary}
	p.Detail.Billing.Name, p.Detail.Holder, p.Detail.Metadata = canary, canary, map[string]string{"note": canary}
	begin := beginOf(p)
	begin.Key = canary + p.ID
	_, snap, err := b.Begin(t.Context(), begin)
	if err != nil {
		t.Fatal(err)
	}
	p = snap.Payment
	p.Status = payment.Captured
	p.Decision = &risk.Decision{Outcome: risk.Hold, Reasons: []risk.Reason{{Code: "ADDRESS_OTHER_CITY", Detail: canary}}}
	p.Refusal = &payment.Refusal{Code: providers.ExpiryIncorrect, Raw: canary}
	c := hold.Open(p, b.clock.now(), hold.DefaultTerms(), hold.Elsewhere{})
	c.ID, c.Status, c.Messages = fmt.Sprintf("case_%06d", n), hold.Approved, []hold.Message{{From: hold.FromBuyer, Text: canary}}
	c.Events = append(c.Events, hold.Event{Type: "note", Detail: canary})
	c.Proof.Documents = []hold.Document{{ID: fmt.Sprintf("doc_%06d", n), Kind: hold.Identity, Status: hold.DocumentDestroyed, Type: "image/png",
		ReceivedAt: p.CreatedAt, Print: hold.Print{Exact: canary, Look: 77}}}
	d := store.Decision{ID: fmt.Sprint("dec_", n), PaymentID: p.ID, Stage: "decide", At: p.CreatedAt, Recorded: store.Recorded{Facts: p.Facts(p.CreatedAt), Decision: *p.Decision}}
	b.commit(t, store.Writes{Payment: &p, Case: &c, Decision: &d, History: []store.History{{Shop: p.Shop, Record: p.Facts(p.CreatedAt).Attempt(), Applied: true}},
		Operations: []payment.Operation{{ID: fmt.Sprintf("op_%06d", n), PaymentID: p.ID, Type: payment.OpCapture, Status: payment.OpDone, Amount: p.Amount, Reason: canary, Key: canary}},
		Outbox: []store.Message{{Kind: store.KindMail, PaymentID: p.ID, Shop: p.Shop, Payload: []byte(`{"to":"` + canary + `"}`)},
			{Kind: store.KindWebhook, PaymentID: p.ID, Shop: p.Shop, Payload: []byte(`{"type":"payment.held","data":"` + canary + `"}`)}}})
	return b.payment(t, p.ID).Payment
}

// left is what age does in these tests: everything goes.
func left(s store.Snapshot) store.Aged {
	p := s.Payment.Pseudonymised()
	a := store.Aged{Payment: &p}
	if s.Case != nil {
		c := s.Case.Forgotten()
		a.Case = &c
	}
	return a
}

func TestPseudonymisedPaymentIsNowhereInTheDatabase(t *testing.T) {
	each(t, func(t *testing.T, b bench) {
		p := b.withCanary(t, 1)
		got, _ := b.claimed(t, store.KindMail, store.KindWebhook)
		for _, m := range got {
			if err := b.Bury(t.Context(), m.ID, "away"); err != nil {
				t.Fatal(err)
			}
		}
		if n := strings.Count(b.dump(t), canary); n < 9 {
			t.Fatalf("the canary stands in the database %d times: the test shows nothing", n)
		}
		b.clock.forward(time.Hour)
		if n, err := b.AgePayments(t.Context(), b.clock.now(), 10, left); err != nil || n != 1 {
			t.Fatalf("looked at %d, %v", n, err)
		}
		if _, err := b.PurgeSettled(t.Context(), store.Purge{History: b.clock.now()}, 10); err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(b.dump(t)) {
			if strings.Contains(line, canary) {
				t.Errorf("kept: %.200s", line)
			}
		}
		if looks, err := b.Looks(t.Context(), p.Shop, day0.Add(-time.Hour), 10); err != nil || len(looks) != 0 {
			t.Errorf("a document is still known by its looks: %+v, %v", looks, err)
		}
		past, err := b.Decisions(t.Context(), p.ID)
		if err != nil || len(past) != 1 || !past[0].Emptied || past[0].Facts.Buyer.Email != "" {
			t.Errorf("recorded: %+v, %v", past, err)
		}
		after := b.payment(t, p.ID)
		if after.Payment.Status != payment.Captured || after.Payment.Amount != p.Amount || after.Payment.Decision.Reasons[0].Code != "ADDRESS_OTHER_CITY" ||
			after.Payment.Operations[0].Status != payment.OpDone || after.Case.Status != hold.Approved || !after.Payment.UpdatedAt.Equal(p.UpdatedAt) {
			t.Errorf("what is for the books is gone: %+v", after)
		}
		if err := b.Commit(t.Context(), store.Writes{Payment: &p}); err != store.ErrStale {
			t.Errorf("whoever read the payment before writes its buyer back: %v", err)
		}
	})
}

func TestEveryPaymentIsLookedAtOnceHoweverManyWorkersThereAre(t *testing.T) {
	each(t, func(t *testing.T, b bench) {
		const payments = 60
		for n := range payments {
			b.begun(t, n)
		}
		other := open(t, b.url, b.clock)
		var mu sync.Mutex
		looked := 0
		var all sync.WaitGroup
		for n := range 4 {
			s := []*store.Store{b.Store, other}[n%2]
			all.Go(func() {
				for {
					n, err := s.AgePayments(t.Context(), day0.Add(time.Hour), 7, left)
					if err != nil {
						t.Error(err)
					}
					mu.Lock()
					looked += n
					mu.Unlock()
					if n < 7 {
						return
					}
				}
			})
		}
		all.Wait()
		if looked != payments {
			t.Errorf("%d looks at %d payments", looked, payments)
		}
		if strings.Contains(b.dump(t), "jean@example.org") {
			t.Error("a buyer was passed over")
		}
	})
}

func TestPaymentThatIsPutOffComesBackWhenItsTimeHasCome(t *testing.T) {
	each(t, func(t *testing.T, b bench) {
		p := b.begun(t, 1)
		later := day0.Add(48 * time.Hour)
		look := func(want int, age func(store.Snapshot) store.Aged) {
			t.Helper()
			if n, err := b.AgePayments(t.Context(), b.clock.now(), 10, age); err != nil || n != want {
				t.Fatalf("looked at %d, %v, want %d", n, err, want)
			}
		}
		putOff := func(store.Snapshot) store.Aged { return store.Aged{Later: later} }
		look(1, putOff)
		look(0, left)
		if o, err := b.Oldest(t.Context()); err != nil || !o.PutOff.Equal(later) || !o.Payment.IsZero() {
			t.Errorf("oldest %+v, %v", o, err)
		}
		b.clock.forward(48 * time.Hour)
		look(1, left)
		b.clock.forward(48 * time.Hour)
		look(0, left)
		if got := b.payment(t, p.ID).Payment.Detail.Buyer.Email; got != "" {
			t.Errorf("still of %s", got)
		}
	})
}

func TestOnlyWhatIsSettledAndOldEnoughIsPurged(t *testing.T) {
	each(t, func(t *testing.T, b bench) {
		kinds := []store.Kind{store.KindMail, store.KindWebhook, store.KindCapture}
		for _, p := range []string{"delivered", "buried", "waiting"} {
			for _, k := range kinds {
				b.commit(t, store.Writes{Outbox: []store.Message{{Kind: k, Shop: "memory", PaymentID: p, Payload: []byte("{}")}}})
			}
		}
		old, _ := b.claimed(t, kinds...)
		for _, m := range old {
			var err error
			switch m.PaymentID {
			case "delivered":
				err = b.Done(t.Context(), m.ID)
			case "buried":
				err = b.Bury(t.Context(), m.ID, "away")
			}
			if err != nil {
				t.Fatal(err)
			}
		}
		note := func(id string) store.StoredNotification {
			return store.StoredNotification{Provider: "adyen", ReceivedAt: day0, Notification: providers.Notification{ID: id}}
		}
		if _, err := b.SaveNotifications(t.Context(), []store.StoredNotification{note("settled"), note("open")}); err != nil {
			t.Fatal(err)
		}
		p := aPayment(7)
		asm := store.Assessment{ID: "asm_0", Shop: "memory", At: day0, Observed: true, Recorded: store.Recorded{Facts: p.Facts(day0)}}
		if err := b.SaveAssessments(t.Context(), []store.Assessment{asm}); err != nil {
			t.Fatal(err)
		}
		b.commit(t, store.Writes{Notifications: []string{note("settled").Key()}, History: []store.History{{Shop: "memory", Record: anAttempt("unapplied")}}})
		rows := func(want string) {
			t.Helper()
			var got []string
			for _, q := range []string{"SELECT COUNT(*) FROM outbox", "SELECT COUNT(*) FROM notifications", "SELECT COUNT(*) FROM history", "SELECT COUNT(*) FROM assessments"} {
				var n int
				if err := b.raw(t).QueryRow(q).Scan(&n); err != nil {
					t.Fatal(err)
				}
				got = append(got, fmt.Sprint(n))
			}
			if s := strings.Join(got, " "); s != want {
				t.Errorf("%s messages, notifications, events and assessments are left, want %s", s, want)
			}
		}
		purge := func(at time.Time) {
			t.Helper()
			for n := 0; ; n++ {
				more, err := b.PurgeSettled(t.Context(), store.Purge{Messages: at, Notifications: at, History: at, Assessments: at}, 1)
				if err != nil || n > 20 {
					t.Fatal(n, err)
				}
				if !more {
					return
				}
			}
		}
		rows("9 2 2 1")
		purge(day0) // nothing is older
		rows("9 2 2 1")
		purge(day0.Add(time.Hour)) // buried webhooks and money are for somebody to look at
		rows("5 1 1 0")
		if _, err := b.PurgeSettled(t.Context(), store.Purge{Buried: day0.Add(time.Hour)}, 10); err != nil {
			t.Fatal(err)
		}
		rows("3 1 1 0")
		if o, err := b.Oldest(t.Context()); err != nil || o != (store.Oldest{}) {
			t.Errorf("oldest of what is settled: %+v, %v", o, err)
		}
	})
}

func TestDatabaseNamesTheOldestOfEachKind(t *testing.T) {
	each(t, func(t *testing.T, b bench) {
		b.withCanary(t, 1)
		got, _ := b.claimed(t, store.KindMail)
		if err := b.Done(t.Context(), got[0].ID); err != nil {
			t.Fatal(err)
		}
		n := store.StoredNotification{Provider: "adyen", ReceivedAt: day0.Add(-time.Hour), Notification: providers.Notification{ID: "n"}}
		if _, err := b.SaveNotifications(t.Context(), []store.StoredNotification{n}); err != nil {
			t.Fatal(err)
		}
		asm := store.Assessment{ID: "asm_0", Shop: "memory", At: day0.Add(-2 * time.Hour), Observed: true, Recorded: store.Recorded{Facts: aPayment(2).Facts(day0.Add(-2 * time.Hour))}}
		if err := b.SaveAssessments(t.Context(), []store.Assessment{asm}); err != nil {
			t.Fatal(err)
		}
		b.commit(t, store.Writes{Notifications: []string{n.Key()}})
		at := day0.Truncate(time.Microsecond)
		want := store.Oldest{Payment: at, Message: at, Notification: at.Add(-time.Hour), History: at.Add(-2 * time.Hour), Assessment: at.Add(-2 * time.Hour)}
		if o, err := b.Oldest(t.Context()); err != nil || o != want {
			t.Errorf("oldest %+v, %v\nwant   %+v", o, err, want)
		}
	})
}
