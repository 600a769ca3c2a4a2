package store_test

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"octroi/gateway/payment"
	"octroi/gateway/store"
)

func entriesNamed(n int) []store.ListEntry {
	all := make([]store.ListEntry, n)
	for i := range all {
		all[i] = store.ListEntry{List: "blocked_emails", Value: fmt.Sprintf("b%d@example.org", i), Note: "imported", AddedBy: "ann", AddedAt: day0}
	}
	return all
}

// leaver is a caller who leaves once asked a few times whether it is still there.
type leaver struct {
	context.Context
	asks atomic.Int64
}

func (l *leaver) Err() error {
	if l.asks.Add(-1) < 0 {
		return context.Canceled
	}
	return nil
}

func TestEveryChangeToAListIsCounted(t *testing.T) {
	each(t, func(t *testing.T, b bench) {
		audit := store.Audit{At: day0, Actor: "ann", Action: "list", Subject: "blocked_emails"}
		e := entriesNamed(1)[0]
		for want, change := range []func() error{
			func() error { return nil },
			func() error { return b.PutListEntry(t.Context(), e, audit) },
			func() error { return b.PutListEntry(t.Context(), e, audit) },
			func() error { return b.RemoveListEntry(t.Context(), e.List, e.Value, audit) },
		} {
			if err := change(); err != nil {
				t.Fatal(err)
			}
			if n, err := b.ListChanges(t.Context()); err != nil || n != int64(want) {
				t.Errorf("%d changes, want %d: %v", n, want, err)
			}
		}
		wantCode(t, b.RemoveListEntry(t.Context(), e.List, e.Value, audit), payment.CodeNotFound)
		if n, err := b.ListChanges(t.Context()); err != nil || n != 3 {
			t.Errorf("%d changes after one that was refused, %v", n, err)
		}
	})
}

func TestManyEntriesArePutOnAListTogetherOrNotAtAll(t *testing.T) {
	each(t, func(t *testing.T, b bench) {
		audit := store.Audit{At: day0, Actor: "ann", Action: "list.imported", Subject: "blocked_emails"}
		older := store.ListEntry{List: "blocked_emails", Value: "b7@example.org", Note: "older", AddedBy: "ben", AddedAt: day0, ExpiresAt: day0.Add(time.Hour)}
		if err := b.PutListEntry(t.Context(), older, audit); err != nil {
			t.Fatal(err)
		}
		all := entriesNamed(2*51 + 3) // more than any engine sends at once, and not a multiple of it
		wrong := append(entriesNamed(60), store.ListEntry{List: "blocked_emails"})
		wantCode(t, b.PutListEntries(t.Context(), wrong, audit), payment.CodeInvalid)
		leaving := &leaver{Context: t.Context()}
		leaving.asks.Store(2)
		if err := b.PutListEntries(leaving, all, audit); err == nil {
			t.Error("who left in the middle is told that all was put")
		}
		if got, err := b.ListEntries(t.Context(), day0); err != nil || len(got) != 1 || got[0] != older {
			t.Fatalf("half is loaded: %d entries, %v", len(got), err)
		}
		before, err := b.ListChanges(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if err := b.PutListEntries(t.Context(), all, audit); err != nil {
			t.Fatal(err)
		}
		got, err := b.ListEntries(t.Context(), day0)
		if err != nil || len(got) != len(all) {
			t.Fatalf("%d entries, %v", len(got), err)
		}
		for _, e := range got {
			if e.Note != "imported" || !e.ExpiresAt.IsZero() || e.AddedBy != "ann" {
				t.Errorf("%+v", e)
			}
		}
		if after, err := b.ListChanges(t.Context()); err != nil || after != before+1 {
			t.Errorf("%d changes after %d, %v", after, before, err)
		}
		if trail, err := b.AuditTrail(t.Context(), "blocked_emails", 10); err != nil || len(trail) != 2 {
			t.Errorf("audit: %v, %v", trail, err)
		}
	})
}
