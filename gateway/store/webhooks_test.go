package store_test

import (
	"fmt"
	"reflect"
	"testing"
	"time"

	"octroi/gateway/payment"
	"octroi/gateway/store"
)

// told are webhooks of a payment of the shop memory.
func told(paymentID string, events ...string) (all []store.Message) {
	for _, e := range events {
		all = append(all, store.Message{Kind: store.KindWebhook, Shop: "memory", PaymentID: paymentID, Payload: fmt.Appendf(nil, `{"type":%q}`, e)})
	}
	return all
}

// byAdmin is an audit line to write with an act.
func byAdmin(action string) store.Audit {
	return store.Audit{Actor: "admin", Action: action, Subject: "subject"}
}

// lines counts the audit lines of an action.
func (b bench) lines(t testing.TB, action string) (n int) {
	t.Helper()
	all, err := b.AuditTrail(t.Context(), "subject", 1000)
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range all {
		if a.Action == action {
			n++
		}
	}
	return n
}

func TestDeliveredOrBuriedWebhookCanBeSentAgainAsItWas(t *testing.T) {
	each(t, func(t *testing.T, b bench) {
		b.commit(t, store.Writes{Outbox: append(told("p1", "payment.held", "payment.released"), told("p2", "payment.held")...)})
		first, _ := b.claimed(t, store.KindWebhook)
		if err := b.Done(t.Context(), first[0].ID); err != nil {
			t.Fatal(err)
		}
		if err := b.Bury(t.Context(), first[1].ID, "the shop answered 500"); err != nil {
			t.Fatal(err)
		}
		wantCode(t, b.Replay(t.Context(), first[0].ID+1, byAdmin("webhook.replayed")), payment.CodeNotFound) // it still waits
		b.clock.forward(20 * 24 * time.Hour)
		for _, m := range first {
			if err := b.Replay(t.Context(), m.ID, byAdmin("webhook.replayed")); err != nil {
				t.Fatal(err)
			}
		}
		again, _ := b.claimed(t, store.KindWebhook)
		if len(again) != 2 {
			t.Fatalf("claimed %d: what was written after a webhook must wait for it", len(again))
		}
		for i, m := range again {
			if m.ID != first[i].ID || !m.CreatedAt.Equal(first[i].CreatedAt) || string(m.Payload) != string(first[i].Payload) || m.Attempts != 1 {
				t.Errorf("came back as %+v, was %+v", m, first[i])
			}
		}
		wantCode(t, b.Replay(t.Context(), first[0].ID, byAdmin("webhook.replayed")), payment.CodeNotFound)
		if n := b.lines(t, "webhook.replayed"); n != 2 {
			t.Errorf("%d audit lines for two replays", n)
		}
	})
}

func TestOnlyWebhooksThatAreStillKeptAreReplayed(t *testing.T) {
	each(t, func(t *testing.T, b bench) {
		b.commit(t, store.Writes{Outbox: []store.Message{{Kind: store.KindMail, PaymentID: "p", Payload: []byte("{}")}, {Kind: store.KindWebhook, PaymentID: "p"}}})
		got, _ := b.claimed(t, store.KindMail, store.KindWebhook)
		for _, m := range got {
			if err := b.Done(t.Context(), m.ID); err != nil {
				t.Fatal(err)
			}
			wantCode(t, b.Replay(t.Context(), m.ID, byAdmin("webhook.replayed")), payment.CodeNotFound)
		}
		wantCode(t, b.Replay(t.Context(), 999, byAdmin("webhook.replayed")), payment.CodeNotFound)
		if n := b.lines(t, "webhook.replayed"); n != 0 {
			t.Errorf("%d audit lines of replays that were not made", n)
		}
	})
}

func TestWebhooksAreListedByShopOrPaymentInPages(t *testing.T) {
	each(t, func(t *testing.T, b bench) {
		for n := range 7 {
			ms := told(fmt.Sprint("p", n%2), fmt.Sprint("event.", n))
			if n == 3 {
				ms[0].Shop = "another"
			}
			b.commit(t, store.Writes{Outbox: append(ms, store.Message{Kind: store.KindMail, Shop: "memory", PaymentID: "p0"})})
			b.clock.forward(time.Hour)
		}
		for range 4 { // of each payment one at a time
			got, _ := b.claimed(t, store.KindWebhook)
			for _, m := range got {
				if m.Shop == "memory" && m.PaymentID == "p1" {
					if err := b.Bury(t.Context(), m.ID, "away"); err != nil {
						t.Fatal(err)
					}
				} else if err := b.Done(t.Context(), m.ID); err != nil {
					t.Fatal(err)
				}
			}
		}
		listed := func(f store.WebhookFilter) (events []string) {
			t.Helper()
			for pages := 0; pages < 10; pages++ {
				page, next, err := b.Webhooks(t.Context(), f)
				if err != nil {
					t.Fatal(err)
				}
				for _, h := range page {
					events = append(events, h.Event+" "+string(h.State))
				}
				if f.Cursor = next; next == "" {
					return events
				}
			}
			t.Fatal("the list does not end")
			return nil
		}
		of := func(state string, ns ...int) (all []string) {
			for _, n := range ns {
				all = append(all, fmt.Sprintf("event.%d %s", n, state))
			}
			return all
		}
		same(t, "a payment's", listed(store.WebhookFilter{PaymentID: "p0", Limit: 3}), of("done", 6, 4, 2, 0))
		same(t, "a shop's buried", listed(store.WebhookFilter{Shop: "memory", State: store.WebhookBuried, Limit: 1}), of("buried", 5, 1))
		same(t, "since", listed(store.WebhookFilter{Shop: "memory", Since: day0.Add(5 * time.Hour)}), append(of("done", 6), of("buried", 5)...))
		same(t, "another shop's", listed(store.WebhookFilter{Shop: "another"}), of("done", 3))
		_, _, err := b.Webhooks(t.Context(), store.WebhookFilter{})
		wantCode(t, err, payment.CodeInvalid)
		_, _, err = b.Webhooks(t.Context(), store.WebhookFilter{Shop: "memory", Cursor: "bm9uc2Vuc2U"})
		wantCode(t, err, payment.CodeInvalid)
	})
}

func TestAllBuriedWebhooksOfAShopAreRevivedTogether(t *testing.T) {
	each(t, func(t *testing.T, b bench) {
		const many = 1203 // several transactions
		var w store.Writes
		for n := range many {
			w.Outbox = append(w.Outbox, told(fmt.Sprint("p", n), "payment.held")...)
		}
		other := told("q", "payment.held")
		other[0].Shop = "another"
		w.Outbox = append(append(w.Outbox, other...), store.Message{Kind: store.KindMail, Shop: "memory", PaymentID: "m"})
		b.commit(t, w)
		buried := 0
		for buried < many+2 {
			got, err := b.Claim(t.Context(), store.OutboxKinds(), 500, time.Minute)
			if err != nil || len(got) == 0 {
				t.Fatalf("claimed %d, %v", len(got), err)
			}
			for _, m := range got {
				if err := b.Bury(t.Context(), m.ID, "away"); err != nil {
					t.Fatal(err)
				}
				buried++
			}
		}
		n, err := b.ReviveWebhooks(t.Context(), "memory", byAdmin("webhook.revived"))
		if err != nil || n != many {
			t.Fatalf("revived %d, %v, want %d", n, err, many)
		}
		c, err := b.Counts(t.Context())
		if err != nil || c.Outbox[store.KindWebhook] != many || c.Buried[store.KindWebhook] != 1 || c.Buried[store.KindMail] != 1 {
			t.Errorf("counts: %+v, %v", c, err)
		}
		if n := b.lines(t, "webhook.revived"); n != 3 {
			t.Errorf("%d audit lines, want one for each of three transactions", n)
		}
	})
}

func TestClosedEndpointIsKnownToEveryProcessUntilItIsOpened(t *testing.T) {
	each(t, func(t *testing.T, b bench) {
		closed := store.ClosedEndpoint{Shop: "memory", URLHash: []byte{1, 2}, ClosedAt: b.clock.now(), Reason: "answered 410"}
		for range 2 { // two processes hear it
			if err := b.CloseEndpoint(t.Context(), closed); err != nil {
				t.Fatal(err)
			}
		}
		if err := b.ForgetEndpoint(t.Context(), "memory", []byte{9}); err != nil {
			t.Fatal(err)
		}
		got, err := open(t, b.url, b.clock).ClosedEndpoints(t.Context())
		if err != nil || !reflect.DeepEqual(got, []store.ClosedEndpoint{closed}) {
			t.Fatalf("kept %+v, %v", got, err)
		}
		for _, want := range []bool{true, false} {
			if was, err := b.OpenEndpoint(t.Context(), "memory", byAdmin("webhook.enabled")); err != nil || was != want {
				t.Errorf("opened: %v, %v, want %v", was, err, want)
			}
		}
		if n := b.lines(t, "webhook.enabled"); n != 1 {
			t.Errorf("%d audit lines for one opening", n)
		}
		if got, err := b.ClosedEndpoints(t.Context()); err != nil || len(got) != 0 {
			t.Errorf("still closed: %+v, %v", got, err)
		}
	})
}
