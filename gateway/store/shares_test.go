package store_test

import (
	"fmt"
	"reflect"
	"sync"
	"testing"
	"time"

	"octroi/gateway/store"
)

// tell writes webhooks of a shop, each of a payment of its own, one a second.
func (b bench) tell(t testing.TB, shop string, many int) {
	t.Helper()
	for n := range many {
		b.commit(t, store.Writes{Outbox: []store.Message{{Kind: store.KindWebhook, Shop: shop, PaymentID: fmt.Sprint(shop, n), Payload: []byte("{}")}}})
		b.clock.forward(time.Second)
	}
}

// shares claims webhooks for free slots and counts them by shop.
func (b bench) shares(t testing.TB, free int, busy map[string]int) (ms []store.Message, by map[string]int) {
	t.Helper()
	ms, err := b.ClaimWebhooks(t.Context(), free, busy, time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	by = map[string]int{}
	for _, m := range ms {
		by[m.Shop]++
	}
	return ms, by
}

func TestAShopGetsNoMoreSlotsThanStayFree(t *testing.T) {
	each(t, func(t *testing.T, b bench) {
		b.tell(t, "slow", 40)
		wantShares := func(what string, free int, busy, want map[string]int) {
			t.Helper()
			if _, by := b.shares(t, free, busy); !reflect.DeepEqual(by, want) {
				t.Fatalf("%s: %v, want %v", what, by, want)
			}
		}
		wantShares("alone", 16, nil, map[string]int{"slow": 8})
		wantShares("alone again", 8, map[string]int{"slow": 8}, map[string]int{})
		b.tell(t, "fast", 20)
		b.tell(t, "third", 2)
		wantShares("with two others", 8, map[string]int{"slow": 8}, map[string]int{"fast": 3, "third": 2})
		wantShares("the last slot", 1, map[string]int{"slow": 8, "fast": 3}, map[string]int{})
		b.tell(t, "fourth", 1)
		wantShares("the last slot, for who has none", 1, map[string]int{"slow": 8, "fast": 3}, map[string]int{"fourth": 1})
		wantShares("no slot", 0, nil, map[string]int{})
		wantShares("every slot again", 16, nil, map[string]int{"slow": 6, "fast": 5})
	})
}

func TestManyShopsGetOneSlotEachOldestFirst(t *testing.T) {
	each(t, func(t *testing.T, b bench) {
		for n := range 12 {
			b.tell(t, fmt.Sprintf("shop %02d", 11-n), 3)
		}
		_, by := b.shares(t, 5, nil)
		if want := (map[string]int{"shop 11": 1, "shop 10": 1, "shop 09": 1, "shop 08": 1, "shop 07": 1}); !reflect.DeepEqual(by, want) {
			t.Errorf("claimed %v, want %v", by, want)
		}
	})
}

func TestWebhooksThatCannotGoKeepNoSlotFromOtherShops(t *testing.T) {
	each(t, func(t *testing.T, b bench) {
		// More shops than slots whose first webhook waits for its retry, and whose second for the first.
		for n := range 8 {
			shop := fmt.Sprint("dead ", n)
			b.commit(t, store.Writes{Outbox: []store.Message{{Kind: store.KindWebhook, Shop: shop, PaymentID: shop}, {Kind: store.KindWebhook, Shop: shop, PaymentID: shop}}})
		}
		held, _ := b.shares(t, 32, nil)
		if len(held) != 8 {
			t.Fatalf("claimed %d: two of one payment went together, or not all", len(held))
		}
		for _, m := range held {
			if err := b.Retry(t.Context(), m.ID, b.clock.now().Add(time.Hour), "away"); err != nil {
				t.Fatal(err)
			}
		}
		b.tell(t, "alive", 1)
		if _, by := b.shares(t, 4, nil); by["alive"] != 1 || len(by) != 1 {
			t.Errorf("claimed %v", by)
		}
	})
}

func TestSharedWebhooksLeaveInTheOrderOfTheirPayment(t *testing.T) {
	each(t, func(t *testing.T, b bench) {
		b.commit(t, store.Writes{Outbox: append(told("p1", "1", "2", "3"), told("p2", "1")...)})
		var order []string
		for range 4 {
			ms, _ := b.shares(t, 8, nil)
			for _, m := range ms {
				order = append(order, m.PaymentID+string(m.Payload))
				if again, _ := b.shares(t, 8, nil); len(again) != 0 {
					t.Fatalf("claimed %+v while %d is under way", again, len(ms))
				}
			}
			for _, m := range ms {
				if err := b.Done(t.Context(), m.ID); err != nil {
					t.Fatal(err)
				}
			}
		}
		same(t, "in order", order, []string{`p1{"type":"1"}`, `p2{"type":"1"}`, `p1{"type":"2"}`, `p1{"type":"3"}`})
	})
}

func TestTwoProcessesNeverShareAWebhook(t *testing.T) {
	each(t, func(t *testing.T, b bench) {
		for n := range 5 {
			b.tell(t, fmt.Sprint("shop ", n), 12)
		}
		other := open(t, b.url, b.clock)
		var mu sync.Mutex
		seen := map[int64]int{}
		var all sync.WaitGroup
		for n := range 8 {
			s := []*store.Store{b.Store, other}[n%2]
			all.Go(func() {
				for range 6 {
					got, err := s.ClaimWebhooks(t.Context(), 16, nil, time.Minute)
					if err != nil {
						t.Error(err)
						return
					}
					mu.Lock()
					for _, m := range got {
						seen[m.ID]++
					}
					mu.Unlock()
				}
			})
		}
		all.Wait()
		for id, n := range seen {
			if n > 1 {
				t.Errorf("message %d was claimed %d times", id, n)
			}
		}
		if len(seen) == 0 {
			t.Error("nobody claimed anything")
		}
	})
}
