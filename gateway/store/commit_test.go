package store_test

import (
	"bytes"
	"errors"
	"reflect"
	"slices"
	"sync"
	"testing"
	"time"

	"octroi/gateway/hold"
	"octroi/gateway/payment"
	"octroi/gateway/store"
	"octroi/providers"
	"octroi/risk"
)

func TestCommitFromAnOldVersionWritesNothingAtAll(t *testing.T) {
	each(t, func(t *testing.T, b bench) {
		p := b.begun(t, 1)
		b.commit(t, store.Writes{Payment: &p})
		p.Status = payment.Refused
		err := b.Commit(t.Context(), store.Writes{Payment: &p,
			Audit:  []store.Audit{{Actor: "shop", Action: "x", Subject: p.ID}},
			Outbox: []store.Message{{Kind: store.KindMail, PaymentID: p.ID}}})
		if !errors.Is(err, store.ErrStale) {
			t.Fatalf("error is %v, want ErrStale", err)
		}
		wantCode(t, err, payment.CodeWrongState)
		trail, _ := b.AuditTrail(t.Context(), "", 10)
		mail, _ := b.Claim(t.Context(), store.OutboxKinds(), 10, time.Minute)
		if len(trail)+len(mail) != 0 || b.payment(t, p.ID).Payment.Status != payment.Pending {
			t.Errorf("a stale commit left %v, %v", trail, mail)
		}
	})
}

func TestWholeWritesComeBackAsTheyWere(t *testing.T) {
	each(t, func(t *testing.T, b bench) {
		p := b.begun(t, 1)
		p.Status = payment.Held
		facts := p.Facts(day0.Add(7)) // nanoseconds that the columns cannot hold
		d := store.Decision{ID: "dec_1", PaymentID: p.ID, Stage: "decide", At: day0, Recorded: store.Recorded{Facts: facts, Histories: []byte{0, 1, 2},
			Lists:    map[string][]string{"blocked": {"x"}},
			Decision: risk.Decision{Outcome: risk.Hold, Score: 62, Policy: risk.PolicyRef{Name: "default", Version: "sha256:1"}, Reasons: []risk.Reason{}, Degraded: []string{}}}}
		c := hold.Open(p, b.clock.now(), hold.DefaultTerms(), hold.Elsewhere{})
		c.ID, c.TokenHash, c.FirstApproval, c.Reminded = "case_1", []byte("token"), "ann", 1
		c.Marks.CodeTries, c.Marks.Networks, c.Marks.LookedAt = 2, []string{"n1"}, b.clock.now()
		b.commit(t, store.Writes{Payment: &p, Decision: &d, Case: &c})

		snap, err := b.OpenCaseByToken(t.Context(), []byte("token"))
		if err != nil {
			t.Fatal(err)
		}
		c.Version = 1
		if !reflect.DeepEqual(*snap.Case, c) {
			t.Errorf("case came back as %+v\nwant %+v", *snap.Case, c)
		}
		if got, err := b.Decisions(t.Context(), p.ID); err != nil || len(got) != 1 || !reflect.DeepEqual(got[0], d) {
			t.Errorf("decision came back as %+v, %v\nwant %+v", got, err, d)
		}
		if _, err := b.OpenCaseByToken(t.Context(), nil); payment.CodeOf(err) != payment.CodeNotFound {
			t.Errorf("an empty token found a case: %v", err)
		}
		_, err = b.Payment(t.Context(), "other shop", p.ID)
		wantCode(t, err, payment.CodeNotFound)
	})
}

func TestCaseIsReplacedOnlyFromItsVersionAndItsDocumentsFollow(t *testing.T) {
	each(t, func(t *testing.T, b bench) {
		snap := b.heldPayment(t, 1)
		late := b.clock.now().Add(100 * 24 * time.Hour)
		withDocument, err := snap.Case.Receive(hold.Document{ID: "doc_1", Kind: hold.Identity, Type: "image/png", Size: 9}, b.clock.now())
		if err != nil {
			t.Fatal(err)
		}
		b.commit(t, store.Writes{Case: &withDocument})
		if err := b.Commit(t.Context(), store.Writes{Case: snap.Case}); !errors.Is(err, store.ErrStale) {
			t.Errorf("an old case was written: %v", err)
		}
		second := *snap.Case
		second.ID, second.Version, second.TokenHash = "case_other", 0, nil
		if err := b.Commit(t.Context(), store.Writes{Case: &second}); !errors.Is(err, store.ErrStale) {
			t.Errorf("a payment got a second case: %v", err)
		}
		rejected := func(s store.Snapshot) (store.Writes, error) {
			c, err := s.Case.Reject("ann", "no answer", b.clock.now())
			return store.Writes{Case: &c}, err
		}
		if due, err := b.DueCases(t.Context(), late, 10); err != nil || len(due) != 1 {
			t.Errorf("cases due: %v, %v", due, err)
		}
		after, err := b.ChangeCase(t.Context(), snap.Case.ID, rejected)
		if err != nil || after.Case.Status != hold.Rejected || after.Case.Version != 3 {
			t.Fatalf("after the change: %+v, %v", after.Case, err)
		}
		if due, err := b.DueCases(t.Context(), late, 10); err != nil || !slices.Equal(due, []string{snap.Case.ID}) {
			t.Errorf("cases with documents to destroy: %v, %v", due, err)
		}
		_, err = b.ChangeCase(t.Context(), snap.Case.ID, func(s store.Snapshot) (store.Writes, error) {
			s.Case.Proof.Documents[0].Status = hold.DocumentDestroyed
			return store.Writes{Case: s.Case}, nil
		})
		if err != nil {
			t.Fatal(err)
		}
		if due, err := b.DueCases(t.Context(), late, 10); err != nil || len(due) != 0 {
			t.Errorf("a closed case without documents is due: %v, %v", due, err)
		}
	})
}

func TestChangesOfOnePaymentFollowEachOther(t *testing.T) {
	each(t, func(t *testing.T, b bench) {
		p := b.begun(t, 1)
		other := open(t, b.url, b.clock)
		var all sync.WaitGroup
		for n := range 20 {
			s := b.Store
			if n%2 == 1 {
				s = other
			}
			all.Go(func() {
				_, err := s.Change(t.Context(), p.ID, func(snap store.Snapshot) (store.Writes, error) {
					op := payment.Operation{ID: "op_" + string(rune('a'+n)), Type: payment.OpCapture, PaymentID: p.ID,
						Amount: providers.Amount{Value: int64(len(snap.Payment.Operations)), Currency: "EUR"}}
					snap.Payment.Attempt++
					return store.Writes{Payment: &snap.Payment, Operations: []payment.Operation{op}}, nil
				})
				if err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		got := b.payment(t, p.ID).Payment
		var seen []int64
		for _, o := range got.Operations {
			seen = append(seen, o.Amount.Value)
		}
		slices.Sort(seen)
		for i, v := range seen {
			if v != int64(i) {
				t.Fatalf("changes saw %v operations before them, want each number once", seen)
			}
		}
		if got.Attempt != 20 || got.Version != 21 || len(seen) != 20 {
			t.Errorf("20 changes left attempt %d, version %d, %d operations", got.Attempt, got.Version, len(seen))
		}
	})
}

func TestErrorOfAChangeReachesTheCallerAndUndoesNothing(t *testing.T) {
	each(t, func(t *testing.T, b bench) {
		p := b.begun(t, 1)
		mine := errors.New("mine")
		if _, err := b.Change(t.Context(), p.ID, func(store.Snapshot) (store.Writes, error) { return store.Writes{}, mine }); err != mine {
			t.Errorf("error is %v, want mine", err)
		}
		func() {
			defer func() { _ = recover() }()
			_, _ = b.Change(t.Context(), p.ID, func(store.Snapshot) (store.Writes, error) { panic("in the middle") })
		}()
		_, err := b.Change(t.Context(), "pay_unknown", func(store.Snapshot) (store.Writes, error) { return store.Writes{}, nil })
		wantCode(t, err, payment.CodeNotFound)
		snap, err := b.Change(t.Context(), p.ID, func(store.Snapshot) (store.Writes, error) { return store.Writes{}, nil })
		if err != nil || snap.Payment.Version != 1 {
			t.Errorf("a change of nothing: version %d, %v", snap.Payment.Version, err)
		}
	})
}

func TestOperationKeyCountsOncePerPayment(t *testing.T) {
	each(t, func(t *testing.T, b bench) {
		p, q := b.begun(t, 1), b.begun(t, 2)
		op := func(id, of, key string) store.Writes {
			return store.Writes{Operations: []payment.Operation{{ID: id, PaymentID: of, Type: payment.OpRefund, Key: key, BodyHash: []byte("h")}}}
		}
		b.commit(t, op("op_1", p.ID, "k"))
		b.commit(t, op("op_2", q.ID, "k"))
		b.commit(t, op("op_3", p.ID, ""))
		b.commit(t, op("op_4", p.ID, ""))
		if err := b.Commit(t.Context(), op("op_5", p.ID, "k")); !errors.Is(err, store.ErrStale) {
			t.Errorf("a key was used twice: %v", err)
		}
		if err := b.Commit(t.Context(), op("op_1", q.ID, "")); !errors.Is(err, store.ErrStale) {
			t.Errorf("an operation moved to another payment: %v", err)
		}
		got, found, err := b.OperationByKey(t.Context(), "memory", p.ID, "k")
		if err != nil || !found || got.ID != "op_1" || !bytes.Equal(got.BodyHash, []byte("h")) {
			t.Errorf("by key: %+v, %v, %v", got, found, err)
		}
		if snap, err := b.PaymentByOperation(t.Context(), "op_2"); err != nil || snap.Payment.ID != q.ID {
			t.Errorf("by operation: %v, %v", snap.Payment.ID, err)
		}
		if _, found, err := b.OperationByKey(t.Context(), "other shop", p.ID, "k"); found || err != nil {
			t.Errorf("another shop found it: %v, %v", found, err)
		}
	})
}

func TestEveryCommittedWriteIsThereAfterTheProcessDies(t *testing.T) {
	each(t, func(t *testing.T, b bench) {
		p := b.begun(t, 1)
		b.commit(t, store.Writes{Payment: &p, Outbox: []store.Message{{Kind: store.KindMail, PaymentID: p.ID, Payload: []byte("{}")}}})
		if got, err := b.Claim(t.Context(), store.OutboxKinds(), 1, time.Minute); err != nil || len(got) != 1 {
			t.Fatalf("claim: %v, %v", got, err)
		}
		// The process is gone without a Close; its successor finds the payment, and the message once the lease is over.
		next := bench{Store: open(t, b.url, b.clock), clock: b.clock}
		next.payment(t, p.ID)
		b.clock.forward(2 * time.Minute)
		if got, err := next.Claim(t.Context(), store.OutboxKinds(), 1, time.Minute); err != nil || len(got) != 1 || got[0].Attempts != 2 {
			t.Errorf("after the crash: %+v, %v", got, err)
		}
	})
}

func TestHostileTextIsAnsweredAlikeByBothDatabases(t *testing.T) {
	each(t, func(t *testing.T, b bench) {
		_, err := b.Payment(t.Context(), "", "pay_\x00\xff' OR 1=1 --")
		wantCode(t, err, payment.CodeNotFound)
		p := b.begun(t, 1)
		b.commit(t, store.Writes{Audit: []store.Audit{{Actor: "a", Action: "b", Subject: p.ID, Detail: "nul \x00 and \xff"}}})
		trail, err := b.AuditTrail(t.Context(), p.ID, 1)
		if err != nil || len(trail) != 1 || trail[0].Detail != "nul \uFFFD and \uFFFD" {
			t.Errorf("audit trail: %+v, %v", trail, err)
		}
	})
}
