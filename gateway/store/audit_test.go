package store_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	"octroi/gateway/store"
)

// sealed writes n audit rows and seals them.
func (b bench) sealed(t testing.TB, n int) {
	t.Helper()
	var w store.Writes
	for i := range n {
		w.Audit = append(w.Audit, store.Audit{At: day0, Actor: "ann", Action: "approve", Subject: fmt.Sprint("case_", i), Detail: "note"})
	}
	b.commit(t, w)
	for done := 0; done < n; {
		got, err := b.SealAudit(t.Context(), 7)
		if err != nil || got == 0 {
			t.Fatalf("sealed %d, %v", got, err)
		}
		done += got
	}
}

func TestSealedAuditIsWhole(t *testing.T) {
	each(t, func(t *testing.T, b bench) {
		if n, err := b.VerifyAudit(t.Context()); n != 0 || err != nil {
			t.Errorf("an empty chain: %d, %v", n, err)
		}
		b.sealed(t, 20)
		if n, err := b.SealAudit(t.Context(), 10); n != 0 || err != nil {
			t.Errorf("sealing nothing: %d, %v", n, err)
		}
		if n, err := b.VerifyAudit(t.Context()); n != 20 || err != nil {
			t.Errorf("verified %d, %v, want 20", n, err)
		}
	})
}

func TestTamperedAuditIsFoundAndNamed(t *testing.T) {
	for name, c := range map[string]struct {
		sql  []string
		says string
	}{
		"edited":        {[]string{"UPDATE audit SET detail = 'other' WHERE chain = 5"}, "row 5"},
		"moved in time": {[]string{"UPDATE audit SET at = at + 1 WHERE chain = 6"}, "row 6"},
		"deleted":       {[]string{"DELETE FROM audit WHERE chain = 4"}, "row 4"},
		"cut off":       {[]string{"DELETE FROM audit WHERE chain > 8"}, "row 9"},
		"cut off with the end moved": {[]string{"DELETE FROM audit WHERE chain > 8",
			"UPDATE audit_head SET chain = 8, mac = (SELECT mac FROM audit WHERE chain = 8)"}, "the end of the audit chain was changed"},
		"swapped": {[]string{"UPDATE audit SET chain = 99 WHERE chain = 2", "UPDATE audit SET chain = 2 WHERE chain = 3",
			"UPDATE audit SET chain = 3 WHERE chain = 99"}, "row 2"},
		"swapped with their MACs": {[]string{"UPDATE audit SET actor = 'eve', chain = 99 WHERE chain = 2"}, "row 2"},
		"emptied":                 {[]string{"DELETE FROM audit", "DELETE FROM audit_head"}, "was removed"},
	} {
		t.Run(name, func(t *testing.T) {
			each(t, func(t *testing.T, b bench) {
				b.sealed(t, 10)
				db := b.raw(t)
				for _, text := range c.sql {
					if _, err := db.Exec(text); err != nil {
						t.Fatal(err)
					}
				}
				if _, err := b.VerifyAudit(t.Context()); err == nil || !strings.Contains(err.Error(), c.says) {
					t.Errorf("error is %v, want one that says %q", err, c.says)
				}
			})
		})
	}
}

func TestTwoProcessesSealOneChainWithoutGaps(t *testing.T) {
	each(t, func(t *testing.T, b bench) {
		var w store.Writes
		for i := range 60 {
			w.Audit = append(w.Audit, store.Audit{Actor: "ann", Action: "note", Subject: fmt.Sprint(i)})
		}
		b.commit(t, w)
		other := open(t, b.url, b.clock)
		var all sync.WaitGroup
		for n := range 12 {
			s := []*store.Store{b.Store, other}[n%2]
			all.Go(func() {
				if _, err := s.SealAudit(t.Context(), 5); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		if n, err := b.VerifyAudit(t.Context()); n != 60 || err != nil {
			t.Errorf("verified %d, %v, want 60", n, err)
		}
	})
}

func TestProcessesThatStartTogetherMakeOneSchema(t *testing.T) {
	for name, url := range urls(t) {
		t.Run(name, func(t *testing.T) {
			at, c := url(t), &clock{at: day0}
			var all sync.WaitGroup
			for range 6 {
				all.Go(func() {
					s, err := store.Open(t.Context(), at, config(c))
					if err != nil {
						t.Error(err)
						return
					}
					if err := s.Ping(t.Context()); err != nil {
						t.Error(err)
					}
					if err := s.Close(); err != nil {
						t.Error(err)
					}
				})
			}
			all.Wait()
			b := bench{Store: open(t, at, c), url: at, clock: c}
			b.begun(t, 1)
			if _, err := b.raw(t).Exec("INSERT INTO schema_version (version) VALUES (1000)"); err != nil {
				t.Fatal(err)
			}
			if _, err := store.Open(t.Context(), at, config(c)); err == nil || !strings.Contains(err.Error(), "newer program") {
				t.Errorf("a schema from the future: %v", err)
			}
		})
	}
}

func TestPolicyTextIsKeptUnderItsVersion(t *testing.T) {
	each(t, func(t *testing.T, b bench) {
		for range 2 {
			if err := b.SavePolicy(t.Context(), "default", "sha256:1", []byte("rules: []")); err != nil {
				t.Fatal(err)
			}
		}
		if got, err := b.PolicySource(t.Context(), "sha256:1"); err != nil || string(got) != "rules: []" {
			t.Errorf("source: %q, %v", got, err)
		}
		if _, err := b.PolicySource(t.Context(), "sha256:2"); err == nil {
			t.Error("an unknown version has a source")
		}
	})
}
