package store_test

import (
	"fmt"
	"reflect"
	"sync"
	"testing"
	"time"

	"octroi/gateway/payment"
	"octroi/gateway/store"
	"octroi/providers"
	"octroi/risk"
)

// claimed takes what is due of the kinds and gives "payment payload" of each.
func (b bench) claimed(t testing.TB, kinds ...store.Kind) (got []store.Message, what []string) {
	t.Helper()
	got, err := b.Claim(t.Context(), kinds, 10, time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range got {
		what = append(what, m.PaymentID+" "+string(m.Payload))
	}
	return got, what
}

func same(t testing.TB, what string, got, want []string) {
	t.Helper()
	if !reflect.DeepEqual(got, want) {
		t.Fatalf("%s: %q, want %q", what, got, want)
	}
}

func TestMessagesOfOnePaymentAndKindLeaveOneAtATimeInOrder(t *testing.T) {
	each(t, func(t *testing.T, b bench) {
		message := func(kind store.Kind, payment, payload string) store.Message {
			return store.Message{Kind: kind, PaymentID: payment, Payload: []byte(payload)}
		}
		b.commit(t, store.Writes{Outbox: []store.Message{message(store.KindWebhook, "p1", "1"), message(store.KindWebhook, "p1", "2"),
			message(store.KindWebhook, "p2", "1"), message(store.KindMail, "p1", "mail"), message(store.KindWebhook, "", "x"), message(store.KindWebhook, "", "y")}})
		got, what := b.claimed(t, store.KindWebhook)
		same(t, "first", what, []string{"p1 1", "p2 1", " x", " y"})
		_, what = b.claimed(t, store.KindWebhook)
		same(t, "while they are under way", what, nil)
		if err := b.Retry(t.Context(), got[0].ID, b.clock.now().Add(time.Hour), "shop is away"); err != nil {
			t.Fatal(err)
		}
		_, what = b.claimed(t, store.KindWebhook)
		same(t, "while the first waits for its retry", what, nil)
		b.clock.forward(time.Hour)
		if err := b.Done(t.Context(), got[1].ID, got[2].ID, got[3].ID); err != nil {
			t.Fatal(err)
		}
		got, what = b.claimed(t, store.KindWebhook)
		same(t, "at its retry", what, []string{"p1 1"})
		if got[0].Attempts != 2 || got[0].LastError != "shop is away" {
			t.Errorf("the retried message: %+v", got[0])
		}
		b.commit(t, store.Writes{Done: []int64{got[0].ID}})
		_, what = b.claimed(t, store.KindWebhook, store.KindMail)
		same(t, "after it", what, []string{"p1 2", "p1 mail"})
	})
}

func TestUnsettledMessageIsClaimedAgainAfterItsLease(t *testing.T) {
	each(t, func(t *testing.T, b bench) {
		b.commit(t, store.Writes{Outbox: []store.Message{{Kind: store.KindCapture, PaymentID: "p", Payload: []byte("{}")}}})
		b.claimed(t, store.KindCapture)
		b.clock.forward(59 * time.Second)
		_, what := b.claimed(t, store.KindCapture)
		same(t, "within the lease", what, nil)
		b.clock.forward(time.Second)
		_, what = b.claimed(t, store.KindCapture)
		same(t, "after the lease", what, []string{"p {}"})
	})
}

func TestBuriedMessageIsKeptCountedAndCanBeRevived(t *testing.T) {
	each(t, func(t *testing.T, b bench) {
		b.commit(t, store.Writes{Outbox: []store.Message{{Kind: store.KindMail, PaymentID: "p", Payload: []byte("1")}, {Kind: store.KindMail, PaymentID: "p", Payload: []byte("2")}}})
		got, _ := b.claimed(t, store.KindMail)
		if err := b.Bury(t.Context(), got[0].ID, "no such mailbox"); err != nil {
			t.Fatal(err)
		}
		_, what := b.claimed(t, store.KindMail)
		same(t, "behind a buried message", what, []string{"p 2"})
		buried, err := b.Buried(t.Context(), 10)
		if err != nil || len(buried) != 1 || buried[0].LastError != "no such mailbox" {
			t.Fatalf("buried: %+v, %v", buried, err)
		}
		if c, err := b.Counts(t.Context()); err != nil || c.Buried[store.KindMail] != 1 || c.Outbox[store.KindMail] != 1 {
			t.Errorf("counts: %+v, %v", c, err)
		}
		if err := b.Revive(t.Context(), buried[0].ID, store.Audit{Actor: "admin", Action: "outbox.revived"}); err != nil {
			t.Fatal(err)
		}
		wantCode(t, b.Revive(t.Context(), buried[0].ID, store.Audit{Actor: "admin", Action: "outbox.revived"}), payment.CodeNotFound)
		_, what = b.claimed(t, store.KindMail)
		same(t, "revived", what, []string{"p 1"})
	})
}

func TestManyClaimersNeverHoldOneMessageTogether(t *testing.T) {
	each(t, func(t *testing.T, b bench) {
		var w store.Writes
		for n := range 60 {
			w.Outbox = append(w.Outbox, store.Message{Kind: store.KindWebhook, PaymentID: fmt.Sprint("p", n%20)})
		}
		b.commit(t, w)
		other := open(t, b.url, b.clock)
		var mu sync.Mutex
		seen, busy := map[int64]int{}, map[string]int{}
		var all sync.WaitGroup
		for n := range 8 {
			s := []*store.Store{b.Store, other}[n%2]
			all.Go(func() {
				got, err := s.Claim(t.Context(), []store.Kind{store.KindWebhook}, 4, time.Minute)
				if err != nil {
					t.Error(err)
				}
				mu.Lock()
				defer mu.Unlock()
				for _, m := range got {
					seen[m.ID]++
					busy[m.PaymentID]++
				}
			})
		}
		all.Wait()
		for id, n := range seen {
			if n > 1 {
				t.Errorf("message %d was claimed %d times", id, n)
			}
		}
		for p, n := range busy {
			if n > 1 {
				t.Errorf("payment %s had %d messages under way", p, n)
			}
		}
		if len(seen) == 0 {
			t.Error("nobody claimed anything")
		}
	})
}

func TestCommitWakesThoseWhoWaitForItsKinds(t *testing.T) {
	each(t, func(t *testing.T, b bench) {
		awake := func(c <-chan struct{}) bool {
			select {
			case <-c:
				return true
			default:
				return false
			}
		}
		mail, money := b.Wake(store.KindMail), b.Wake(store.KindCapture, store.KindCancel)
		reports := b.WakeNotifications()
		b.commit(t, store.Writes{Outbox: []store.Message{{Kind: store.KindCancel}}, History: []store.History{{Record: anAttempt("p"), Applied: true}}})
		if awake(mail) || !awake(money) || awake(b.WakeHistory()) {
			t.Error("a cancel must wake those who cancel and nobody else")
		}
		b.commit(t, store.Writes{History: []store.History{{Record: anAttempt("p")}}})
		if !awake(b.WakeHistory()) {
			t.Error("an event to apply must wake the history")
		}
		if _, err := b.SaveNotifications(t.Context(), []store.StoredNotification{{Provider: "adyen", Notification: providers.Notification{ID: "n"}}}); err != nil {
			t.Fatal(err)
		}
		if !awake(reports) {
			t.Error("a new notification must wake")
		}
		if b.Wake(store.KindCancel, store.KindCapture) != money {
			t.Error("the same kinds must share a channel")
		}
	})
}

func TestJournalGivesEveryEventInOrderOfTime(t *testing.T) {
	each(t, func(t *testing.T, b bench) {
		const events = 2500
		var w store.Writes
		for n := range events {
			r := anAttempt(fmt.Sprint("p", n))
			r.At = day0.Add(time.Duration((n*7)%50) * time.Second) // many at the same time, none in order
			w.History = append(w.History, store.History{Shop: "memory", Record: r, Applied: n%2 == 0})
		}
		b.commit(t, w)
		last, n := store.JournalEntry{}, 0
		for e, err := range b.Journal(t.Context(), day0.Add(10*time.Second)) {
			if err != nil {
				t.Fatal(err)
			}
			if e.Record.At.Before(last.Record.At) || (e.Record.At.Equal(last.Record.At) && e.Seq <= last.Seq) {
				t.Fatalf("%v came after %v", e, last)
			}
			last, n = e, n+1
		}
		if n != events*40/50 {
			t.Errorf("the journal gave %d events, want %d", n, events*40/50)
		}
		want := w.History[1]
		got, err := b.ClaimHistory(t.Context(), 3, time.Minute)
		if err != nil || len(got) != 3 || !reflect.DeepEqual(got[0].History, want) {
			t.Fatalf("claimed %+v, %v, want first %+v", got, err, want)
		}
		if err := b.HistoryApplied(t.Context(), got[0].Seq); err != nil {
			t.Fatal(err)
		}
		b.clock.forward(2 * time.Minute)
		again, err := b.ClaimHistory(t.Context(), 3, time.Minute)
		if err != nil || again[0].Seq != got[1].Seq {
			t.Errorf("after the lease: %+v, %v", again, err)
		}
	})
}

func TestNotificationIsKeptOnceAndSettledOnce(t *testing.T) {
	each(t, func(t *testing.T, b bench) {
		n := store.StoredNotification{Provider: "adyen", ReceivedAt: day0, Notification: providers.Notification{ID: "AUTH:1", Kind: providers.KindAuthorisation,
			PaymentID: "pay_1", Success: true, At: day0, Result: &providers.Result{Status: providers.StatusAuthorised, Refusal: &providers.Refusal{Raw: "54"}}}}
		elsewhere := n
		elsewhere.Provider = "other"
		if fresh, err := b.SaveNotifications(t.Context(), []store.StoredNotification{n, n, elsewhere}); err != nil || fresh != 2 {
			t.Fatalf("saved %d, %v, want 2", fresh, err)
		}
		got, err := b.ClaimNotifications(t.Context(), 10, time.Minute)
		if err != nil || len(got) != 2 {
			t.Fatalf("claimed %v, %v", got, err)
		}
		if got[0].Provider != "adyen" {
			got[0] = got[1]
		}
		want := n
		want.Attempts = 1
		if !reflect.DeepEqual(got[0], want) {
			t.Errorf("came back as %+v, want %+v", got[0], want)
		}
		if err := b.RetryNotification(t.Context(), elsewhere.Key(), b.clock.now(), "no such payment yet"); err != nil {
			t.Fatal(err)
		}
		b.commit(t, store.Writes{Notifications: []string{n.Key()}})
		b.commit(t, store.Writes{Notifications: []string{n.Key()}}) // a second worker is late
		if fresh, err := b.SaveNotifications(t.Context(), []store.StoredNotification{n}); err != nil || fresh != 0 {
			t.Errorf("a settled notification is new again: %d, %v", fresh, err)
		}
		b.clock.forward(time.Hour)
		got, err = b.ClaimNotifications(t.Context(), 10, time.Minute)
		if err != nil || len(got) != 1 || got[0].Provider != "other" || got[0].Attempts != 2 {
			t.Errorf("claimed later: %+v, %v", got, err)
		}
		if err := b.Commit(t.Context(), store.Writes{Notifications: []string{"AUTH:1"}}); err == nil {
			t.Error("settling by something that is no key must fail, not pass unseen")
		}
	})
}

func TestAssessmentsComeBackAsTheyWere(t *testing.T) {
	each(t, func(t *testing.T, b bench) {
		var all []store.Assessment
		for n := range 120 {
			p := aPayment(n)
			all = append(all, store.Assessment{ID: fmt.Sprintf("asm_%03d", n), Shop: "memory", At: day0, Observed: n != 7, Recorded: store.Recorded{Facts: p.Facts(day0), Histories: []byte{1, 2},
				Decision: risk.Decision{Outcome: risk.Approve, Reasons: []risk.Reason{}, Degraded: []string{"velocity"}}}})
		}
		if err := b.SaveAssessments(t.Context(), all); err != nil {
			t.Fatal(err)
		}
		if got, err := b.Assessment(t.Context(), "memory", "asm_119"); err != nil || !reflect.DeepEqual(got, all[119]) {
			t.Errorf("came back as %+v, %v", got, err)
		}
		_, err := b.Assessment(t.Context(), "other shop", "asm_119")
		wantCode(t, err, payment.CodeNotFound)
		journal := 0
		for _, err := range b.Journal(t.Context(), day0) {
			if err != nil {
				t.Fatal(err)
			}
			journal++
		}
		waiting, err := b.ClaimHistory(t.Context(), 10, time.Minute)
		if err != nil || journal != 120 || len(waiting) != 1 || !reflect.DeepEqual(waiting[0].Record, all[7].Facts.Attempt()) {
			t.Errorf("the journal has %d attempts, waiting are %+v, %v", journal, waiting, err)
		}
	})
}
