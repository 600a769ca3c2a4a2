package console

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"octroi/gateway/hold"
	"octroi/gateway/payment"
	"octroi/gateway/store"
)

// BenchmarkPages is what a page costs the gateway, from the session to the last byte, on SQLite.
func BenchmarkPages(b *testing.B) {
	o := opened(b, nil)
	p := o.reviewed(0)
	for i := 1; i < 40; i++ {
		o.sends(o.held(risky(i)), hold.Identity)
	}
	ana := o.as("ana")
	for name, path := range map[string]string{"queue": "/", "case": "/cases/" + p.Case.ID, "payments": "/payments", "payment": "/payments/" + p.ID} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if a := ana.get(path); a.status != http.StatusOK {
					b.Fatal(a.status)
				}
			}
		})
	}
}

// many fills the queue with copies of a case that waits for an analyst.
func (o *office) many(n int) {
	o.t.Helper()
	ctx := o.t.Context()
	first := o.reviewed(0)
	model, err := o.store.Case(ctx, first.Case.ID)
	check(o.t, err)
	for i := range n - 1 {
		r := risky(i + 1)
		p := model.Payment
		p.ID, p.OrderReference = fmt.Sprintf("%s%026d", payment.PrefixPayment, i), r.Order.Reference
		p.Detail.Order, p.Detail.Buyer = r.Order, r.Buyer
		p.Operations, p.Version, p.Status = nil, 0, payment.Pending
		_, snap, err := o.store.Begin(ctx, store.Begin{Payment: p, Key: r.Order.Reference, BodyHash: []byte{1}, Lease: time.Minute})
		check(o.t, err)
		p.Version, p.Status = snap.Payment.Version, payment.Held
		k := *model.Case
		k.ID, k.PaymentID = fmt.Sprintf("%s%026d", payment.PrefixCase, i), p.ID
		k.Score, k.Version, k.TokenHash, k.Proof.Documents = i%100, 0, []byte(k.ID), nil
		check(o.t, o.store.Commit(ctx, store.Writes{Payment: &p, Case: &k}))
	}
}

// BenchmarkQueueOfAThousand is what an analyst waits for while 1,000 cases wait for them: a page of the queue in each
// order, its last page, and a case.
func BenchmarkQueueOfAThousand(b *testing.B) {
	o := opened(b, nil)
	o.many(1000)
	ana := o.as("ana")
	f := store.CaseFilter{Statuses: openStatuses, Limit: 100}
	for range 9 {
		_, cursor, err := o.store.Cases(b.Context(), f)
		check(b, err)
		f.Cursor = cursor
	}
	far := filterOf(nil).With("cursor", f.Cursor)
	for name, path := range map[string]string{"by deadline": "/", "by amount": "/?sort=amount", "by score": "/?sort=score", "far down": far, "unassigned": "/?assignee=none", "case": fmt.Sprintf("/cases/%s%026d", payment.PrefixCase, 500)} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if a := ana.get(path); a.status != http.StatusOK {
					b.Fatal(a.status)
				}
			}
		})
	}
}
