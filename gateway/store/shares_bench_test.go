package store_test

import (
	"fmt"
	"testing"
	"time"

	"octroi/gateway/store"
)

// BenchmarkClaimWebhooks is what one look for due webhooks costs while 20,000 of one shop wait and it has all it may have
// in hand: for a shop that has one due, and for nothing.
func BenchmarkClaimWebhooks(b *testing.B) {
	backlog := func(b *testing.B, db bench) {
		for n := range 40 {
			var w store.Writes
			for m := range 500 {
				w.Outbox = append(w.Outbox, store.Message{Kind: store.KindWebhook, Shop: "slow", PaymentID: fmt.Sprint("pay_", n, "_", m), Payload: make([]byte, 800)})
			}
			if err := db.Commit(b.Context(), w); err != nil {
				b.Fatal(err)
			}
		}
		b.ResetTimer()
	}
	busy := map[string]int{"slow": 32}
	b.Run("nothing", func(b *testing.B) {
		onBoth(b, func(b *testing.B, db bench) {
			backlog(b, db)
			for b.Loop() {
				if ms, err := db.ClaimWebhooks(b.Context(), 32, busy, time.Minute); err != nil || len(ms) > 0 {
					b.Fatal(len(ms), err)
				}
			}
		})
	})
	b.Run("one", func(b *testing.B) {
		onBoth(b, func(b *testing.B, db bench) {
			backlog(b, db)
			for b.Loop() {
				b.StopTimer()
				if err := db.Commit(b.Context(), store.Writes{Outbox: []store.Message{{Kind: store.KindWebhook, Shop: "fast", Payload: make([]byte, 800)}}}); err != nil {
					b.Fatal(err)
				}
				b.StartTimer()
				ms, err := db.ClaimWebhooks(b.Context(), 32, busy, time.Hour)
				if err != nil || len(ms) != 1 {
					b.Fatal(len(ms), err)
				}
			}
		})
	})
}
