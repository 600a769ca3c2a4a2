package store_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"octroi/gateway/hold"
	"octroi/gateway/payment"
	"octroi/gateway/store"
)

func TestPagesOfPaymentsGiveEachOnceNewestFirst(t *testing.T) {
	each(t, func(t *testing.T, b bench) {
		for n := range 7 {
			p := b.begun(t, n)
			if n%2 == 0 {
				p.Status = payment.Refused
				b.commit(t, store.Writes{Payment: &p, Operations: []payment.Operation{
					{ID: fmt.Sprint("op_a", n), PaymentID: p.ID}, {ID: fmt.Sprint("op_b", n), PaymentID: p.ID}}})
			}
		}
		pages := func(f store.PaymentFilter) (ids []string) {
			for range 10 {
				page, next, err := b.Payments(t.Context(), f)
				if err != nil {
					t.Fatal(err)
				}
				for _, s := range page {
					ids = append(ids, s.Payment.ID)
				}
				if f.Cursor = next; next == "" {
					return ids
				}
			}
			t.Fatal("the pages do not end")
			return nil
		}
		same(t, "all", pages(store.PaymentFilter{Limit: 3}),
			[]string{"pay_000006", "pay_000005", "pay_000004", "pay_000003", "pay_000002", "pay_000001", "pay_000000"})
		same(t, "refused", pages(store.PaymentFilter{Limit: 2, Shop: "memory", Status: payment.Refused}),
			[]string{"pay_000006", "pay_000004", "pay_000002", "pay_000000"})
		same(t, "of an order", pages(store.PaymentFilter{OrderReference: "A-3"}), []string{"pay_000003"})
		same(t, "of another shop", pages(store.PaymentFilter{Shop: "other"}), nil)
	})
}

func TestPagesOfCasesGiveEachOnceThoughSortKeysAreEqual(t *testing.T) {
	each(t, func(t *testing.T, b bench) {
		for n := range 9 {
			snap := b.heldPayment(t, n)
			snap.Case.Score = n / 3
			b.commit(t, store.Writes{Case: snap.Case})
		}
		for _, sort := range []string{"", "decide_by", "amount", "score"} {
			var ids []string
			f := store.CaseFilter{Sort: sort, Limit: 2, Statuses: []hold.Status{hold.AwaitingProof}, Shop: "memory"}
			for range 10 {
				page, next, err := b.Cases(t.Context(), f)
				if err != nil {
					t.Fatal(err)
				}
				for _, s := range page {
					ids = append(ids, s.Case.ID)
				}
				if f.Cursor = next; next == "" {
					break
				}
			}
			if sort == "score" && ids[0] != "case_000008" {
				t.Errorf("by score the first is %s", ids[0])
			}
			slices.Sort(ids)
			if len(ids) != 9 || len(slices.Compact(ids)) != 9 {
				t.Errorf("sorted by %q the pages gave %v", sort, ids)
			}
		}
		c, err := b.Counts(t.Context())
		if err != nil || c.Cases[hold.AwaitingProof] != 9 || !c.Oldest[hold.AwaitingProof].Equal(b.clock.now()) {
			t.Errorf("counts: %+v, %v", c, err)
		}
	})
}

func TestCasesOfSeveralStatusesAreOneListAndWhatNobodyHasCanBeAskedFor(t *testing.T) {
	each(t, func(t *testing.T, b bench) {
		for n, status := range []hold.Status{hold.AwaitingReview, hold.Approved, hold.AwaitingProof, hold.AwaitingReview, hold.AwaitingSecond} {
			snap := b.heldPayment(t, n)
			snap.Case.Status, snap.Case.Score = status, 10-n
			if n == 3 {
				snap.Case.Assignee = "ana"
			}
			b.commit(t, store.Writes{Case: snap.Case})
		}
		list := func(f store.CaseFilter) (ids []string) {
			for f.Sort, f.Limit = "score", 2; ; {
				page, next, err := b.Cases(t.Context(), f)
				if err != nil {
					t.Fatal(err)
				}
				for _, s := range page {
					ids = append(ids, s.Case.ID)
				}
				if f.Cursor = next; next == "" {
					return ids
				}
			}
		}
		open := []hold.Status{hold.AwaitingProof, hold.AwaitingReview, hold.AwaitingSecond}
		same(t, "open", list(store.CaseFilter{Statuses: open}), []string{"case_000000", "case_000002", "case_000003", "case_000004"})
		same(t, "nobody's", list(store.CaseFilter{Statuses: open, Unassigned: true}), []string{"case_000000", "case_000002", "case_000004"})
		same(t, "Ana's", list(store.CaseFilter{Assignee: "ana"}), []string{"case_000003"})
		same(t, "decided", list(store.CaseFilter{Statuses: []hold.Status{hold.Approved}, Unassigned: true}), []string{"case_000001"})
	})
}

func TestCursorOfAnotherListAndLimitsOutOfBoundsAreRefused(t *testing.T) {
	each(t, func(t *testing.T, b bench) {
		b.heldPayment(t, 1)
		b.heldPayment(t, 2)
		_, next, err := b.Cases(t.Context(), store.CaseFilter{Limit: 1, Sort: "amount"})
		if err != nil || next == "" {
			t.Fatal(next, err)
		}
		for _, cursor := range []string{next, "!", "AAAA", "cGF5bWVudHN8eHx5"} {
			_, _, err = b.Cases(t.Context(), store.CaseFilter{Sort: "score", Cursor: cursor})
			wantCode(t, err, payment.CodeInvalid)
			_, _, err = b.Payments(t.Context(), store.PaymentFilter{Cursor: cursor})
			wantCode(t, err, payment.CodeInvalid)
		}
		_, _, err = b.Payments(t.Context(), store.PaymentFilter{Limit: 101})
		wantCode(t, err, payment.CodeInvalid)
		_, _, err = b.Cases(t.Context(), store.CaseFilter{Limit: -1})
		wantCode(t, err, payment.CodeInvalid)
		_, _, err = b.Cases(t.Context(), store.CaseFilter{Sort: "id; DROP TABLE cases"})
		wantCode(t, err, payment.CodeInvalid)
	})
}

func TestListEntryEndsWithItsTimeAndEveryChangeIsAudited(t *testing.T) {
	each(t, func(t *testing.T, b bench) {
		e := store.ListEntry{List: "blocked_cards", Value: "k1:abc", Note: "stolen", AddedBy: "ann", AddedAt: day0, ExpiresAt: day0.Add(time.Hour)}
		audit := store.Audit{At: day0, Actor: "ann", Action: "list", Subject: "blocked_cards"}
		if err := b.PutListEntry(t.Context(), e, audit); err != nil {
			t.Fatal(err)
		}
		e.Note = "found again"
		if err := b.PutListEntry(t.Context(), e, audit); err != nil {
			t.Fatal(err)
		}
		if got, err := b.ListEntries(t.Context(), day0); err != nil || len(got) != 1 || got[0] != e {
			t.Errorf("entries: %+v, %v", got, err)
		}
		if got, err := b.ListEntries(t.Context(), e.ExpiresAt); err != nil || len(got) != 0 {
			t.Errorf("an entry outlived its time: %+v, %v", got, err)
		}
		if err := b.RemoveListEntry(t.Context(), e.List, e.Value, audit); err != nil {
			t.Fatal(err)
		}
		wantCode(t, b.RemoveListEntry(t.Context(), e.List, e.Value, audit), payment.CodeNotFound)
		if trail, err := b.AuditTrail(t.Context(), "blocked_cards", 10); err != nil || len(trail) != 3 {
			t.Errorf("audit: %v, %v", trail, err)
		}
		e.Value = ""
		wantCode(t, b.PutListEntry(t.Context(), e, audit), payment.CodeInvalid)
	})
}
