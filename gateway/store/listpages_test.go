package store_test

import (
	"slices"
	"testing"
	"time"

	"octroi/gateway/payment"
	"octroi/gateway/store"
)

func TestListsAreReadPageByPage(t *testing.T) {
	each(t, func(t *testing.T, b bench) {
		audit := store.Audit{At: day0, Actor: "ann", Action: "list"}
		many := entriesNamed(45)
		many[7].ExpiresAt = day0.Add(time.Hour)
		if err := b.PutListEntries(t.Context(), many, audit); err != nil {
			t.Fatal(err)
		}
		for _, list := range []string{"allowed_customers", "gone"} {
			e := store.ListEntry{List: list, Value: "cust_1", AddedBy: "ann", AddedAt: day0}
			if list == "gone" {
				e.ExpiresAt = day0.Add(time.Minute)
			}
			if err := b.PutListEntry(t.Context(), e, audit); err != nil {
				t.Fatal(err)
			}
		}
		later := day0.Add(time.Hour)
		sizes, err := b.ListSizes(t.Context(), later)
		if want := []store.ListSize{{List: "allowed_customers", Entries: 1}, {List: "blocked_emails", Entries: 44}}; err != nil || !slices.Equal(sizes, want) {
			t.Errorf("%+v, %v", sizes, err)
		}
		f := store.ListFilter{List: "blocked_emails"}
		var got []string
		for more := true; more; {
			var page []store.ListEntry
			if page, more, err = b.ListPage(t.Context(), f, later); err != nil || len(page) == 0 || len(page) > 20 {
				t.Fatalf("%d entries: %v", len(page), err)
			}
			for _, e := range page {
				got = append(got, e.Value)
			}
			f.After = got[len(got)-1]
		}
		slices.Sort(got) // databases differ in how they sort, and agree that each comes once
		if len(slices.Compact(got)) != 44 || slices.Contains(got, many[7].Value) {
			t.Errorf("%d entries: %v", len(got), got)
		}
		page, more, err := b.ListPage(t.Context(), store.ListFilter{List: "blocked_emails", Value: many[3].Value}, later)
		if err != nil || more || len(page) != 1 || page[0].Note != "imported" {
			t.Errorf("one alone: %+v, %v", page, err)
		}
		_, _, err = b.ListPage(t.Context(), store.ListFilter{List: "blocked_emails", Limit: 101}, later)
		wantCode(t, err, payment.CodeInvalid)
	})
}
