package store_test

import (
	"database/sql"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"octroi/gateway/payment"
	"octroi/gateway/store"
	"octroi/risk"
)

// onBoth runs the benchmark on a fresh database of either kind.
func onBoth(b *testing.B, run func(b *testing.B, db bench)) {
	for name, url := range urls(b) {
		b.Run(name, func(b *testing.B) {
			db := bench{url: url(b), clock: &clock{at: day0}}
			db.Store = open(b, db.url, db.clock)
			b.SetParallelism(8)
			b.ReportAllocs()
			b.ResetTimer()
			run(b, db)
		})
	}
}

// BenchmarkPayment is what one payment costs the database: Begin, and the Commit of its outcome with decision, history,
// audit and webhook.
func BenchmarkPayment(b *testing.B) {
	onBoth(b, func(b *testing.B, db bench) {
		var next atomic.Int64
		b.RunParallel(func(pb *testing.PB) {
			for pb.Next() {
				n := int(next.Add(1))
				_, snap, err := db.Begin(b.Context(), beginOf(aPayment(n)))
				if err != nil {
					b.Error(err)
					return
				}
				p := snap.Payment
				p.Status = payment.Authorised
				d := store.Decision{ID: fmt.Sprint("dec_", n), PaymentID: p.ID, Stage: "decide", At: day0, Recorded: store.Recorded{Facts: p.Facts(day0), Histories: make([]byte, 600),
					Decision: risk.Decision{Outcome: risk.Approve, Reasons: []risk.Reason{{Code: "ADDRESS_OTHER_CITY", Points: 3, Detail: "billing Paris, delivery Lyon"}}}}}
				err = db.Commit(b.Context(), store.Writes{Payment: &p, Decision: &d, History: []store.History{{Shop: p.Shop, Record: anAttempt(p.ID), Applied: true}},
					Audit:  []store.Audit{{At: day0, Actor: "shop", Action: "authorised", Subject: p.ID}},
					Outbox: []store.Message{{Kind: store.KindCapture, PaymentID: p.ID, Payload: []byte(`{}`)}, {Kind: store.KindWebhook, PaymentID: p.ID, Payload: make([]byte, 800)}}})
				if err != nil {
					b.Error(err)
					return
				}
			}
		})
	})
}

// BenchmarkTwoBareTransactions is what to measure BenchmarkPayment by: an INSERT and an UPDATE of a row as wide as a
// payment, each its own transaction, in the same database by its own driver.
func BenchmarkTwoBareTransactions(b *testing.B) {
	onBoth(b, func(b *testing.B, db bench) {
		raw, body := bareTable(b, db), make([]byte, 1500)
		var next atomic.Int64
		b.RunParallel(func(pb *testing.PB) {
			for pb.Next() {
				n := next.Add(1)
				if _, err := raw.Exec("INSERT INTO bare (id, body) VALUES ($1, $2)", n, body); err != nil {
					b.Error(err)
					return
				}
				if _, err := raw.Exec("UPDATE bare SET body = $1 WHERE id = $2", body, n); err != nil {
					b.Error(err)
					return
				}
			}
		})
	})
}

func bareTable(b *testing.B, db bench) *sql.DB {
	raw := db.raw(b)
	raw.SetMaxOpenConns(16)
	raw.SetMaxIdleConns(16)
	if db.url[0] == 's' {
		raw.SetMaxOpenConns(1)
		if _, err := raw.Exec("PRAGMA synchronous = FULL"); err != nil {
			b.Fatal(err)
		}
	}
	if _, err := raw.Exec("CREATE TABLE bare (id BIGINT PRIMARY KEY, body BYTEA NOT NULL)"); err != nil {
		b.Fatal(err)
	}
	b.ResetTimer()
	return raw
}

// BenchmarkAssessments keeps 100 assessments in one transaction; ns/op is for one of them.
func BenchmarkAssessments(b *testing.B) {
	onBoth(b, func(b *testing.B, db bench) {
		batch := make([]store.Assessment, 100)
		for n := 0; n < b.N; n += len(batch) {
			for i := range batch {
				p := aPayment(n + i)
				batch[i] = store.Assessment{ID: fmt.Sprint("asm_", n+i), Shop: p.Shop, At: day0, Recorded: store.Recorded{Facts: p.Facts(day0), Histories: make([]byte, 600)}}
			}
			if err := db.SaveAssessments(b.Context(), batch); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// BenchmarkClaimOfNothing is what a worker's look at an idle outbox costs.
func BenchmarkClaimOfNothing(b *testing.B) {
	onBoth(b, func(b *testing.B, db bench) {
		for b.Loop() {
			if _, err := db.Claim(b.Context(), store.OutboxKinds(), 10, time.Minute); err != nil {
				b.Fatal(err)
			}
		}
	})
}
