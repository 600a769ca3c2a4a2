package flow_test

import (
	"fmt"
	"testing"
	"time"

	"octroi/gateway/flow"
	"octroi/gateway/payment"
	"octroi/gateway/store"
	"octroi/risk"
	"octroi/risk/policy"
)

func TestAListThatAnotherProcessChangedIsReadAgain(t *testing.T) {
	t.Parallel() // it waits more than it works
	w := begin(t, nil)
	if p := w.pay(order(1)); p.Status == payment.Declined {
		t.Fatalf("nobody is blocked yet, and %+v", p.Decision)
	}
	audit := store.Audit{At: w.now(), Actor: "operator", Action: "list.imported", Subject: "blocked_emails"}
	check(t, w.store.PutListEntries(t.Context(), []store.ListEntry{{List: "blocked_emails", Value: "buyer2@example.org"},
		{List: "blocked_emails", Value: "buyer3@example.org"}}, audit))
	n := 0
	w.eventually("an order of a blocked mailbox is declined", func() bool {
		r := order(2)
		n++
		r.Order.Reference = fmt.Sprintf("A-2-%d", n)
		return w.pay(r).Status == payment.Declined
	})
}

func TestAnEntryIsCheckedWhateverWayItComes(t *testing.T) {
	now := time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		entry store.ListEntry
		want  string
	}{
		{store.ListEntry{List: "blocked_cards", Value: "k1:9f86d081884c7d65"}, ""},
		{store.ListEntry{List: "blocked_cards", Value: "4111111111111111"}, "/value"},
		{store.ListEntry{List: "blocked_cards", Value: "card 4111-1111-1111-1111 of may"}, "/value"},
		{store.ListEntry{List: "blocked_cards", Value: "x", Note: "was 5555 4444 3333 1111"}, "/note"},
		{store.ListEntry{List: "blocked_cards", Value: "x", ExpiresAt: now}, "/expires_at"},
		{store.ListEntry{List: "Blocked", Value: "x"}, "/list"},
		{store.ListEntry{List: "blocked_ips", Value: "1.2.3"}, "/value"},
		{store.ListEntry{List: "blocked_ips", Value: "203.0.113.0/24"}, "/value"},
		{store.ListEntry{List: "blocked_ips", Value: "2001:DB8::7"}, ""},
		{store.ListEntry{List: "blocked_emails", Value: "b d/%é@x.org"}, "/value"},
		{store.ListEntry{List: "blocked_emails", Value: "x.org"}, "/value"},
		{store.ListEntry{List: "blocked_emails", Value: "J.Doe+shop@gmail.com"}, ""},
	} {
		c.entry.Value = risk.FoldListValue(c.entry.Value)
		var got string
		for _, f := range flow.CheckListEntry(c.entry, now) {
			got += f.Pointer
		}
		if got != c.want {
			t.Errorf("%+v: %q, want %q", c.entry, got, c.want)
		}
	}
}

func TestAPolicyAsksForItsListsAndForTheSnoozesOfItsRules(t *testing.T) {
	p := policy.Default()
	for list, want := range map[string]bool{"blocked_cards": true, "snooze_address_other_city": true, "blocked_card": false,
		"snooze_nothing": false, "address_other_city": false} {
		if flow.AsksForList(p, list) != want {
			t.Errorf("%s: %v", list, !want)
		}
	}
}
