package notify

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"octroi/gateway/store"
)

// stuck is a shop whose endpoint answers nothing until it is let go.
type stuck struct {
	*httptest.Server
	arrived chan struct{} // one for every request that came
	letGo   func()
}

func newStuck(t *testing.T) *stuck {
	t.Helper()
	gate := make(chan struct{})
	s := &stuck{arrived: make(chan struct{}, 1000), letGo: sync.OnceFunc(func() { close(gate) })}
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		s.arrived <- struct{}{}
		<-gate
		w.WriteHeader(http.StatusNoContent)
	}))
	t.Cleanup(s.Close)
	t.Cleanup(s.letGo) // before it is closed
	return s
}

// wait takes n from the channel, or gives up long after any of it can still come.
func wait[T any](t *testing.T, what string, from <-chan T, n int) (all []T) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	for range n {
		select {
		case one := <-from:
			all = append(all, one)
		case <-ctx.Done():
			t.Fatalf("%s: %d came, want %d", what, len(all), n)
		}
	}
	return all
}

// of is the message for another shop.
func of(shop string, m store.Message) store.Message {
	m.Shop = shop
	return m
}

func TestSlowShopsHoldUpNoOther(t *testing.T) {
	b := newBench(t)
	slow, slower := newStuck(t), newStuck(t)
	bodies := make(chan string, 100)
	fast := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		bodies <- string(body)
	}))
	t.Cleanup(fast.Close)
	b.shop("slow", slow.URL)
	b.shop("slower", slower.URL)
	b.shop("fast", fast.URL)
	const many = 2 * webhookSlots
	for i := range many {
		b.put(of("slow", webhook(fmt.Sprint("pay_s", i), `{}`)))
	}
	n := b.notifier()
	n.poster.client.Timeout = time.Hour // a slow endpoint is not one that does not answer
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- n.Run(ctx) }()
	t.Cleanup(stop)
	wait(t, "a slow shop alone", slow.arrived, webhookSlots/2)
	var late []store.Message
	for i := range many {
		late = append(late, of("slower", webhook(fmt.Sprint("pay_t", i), `{}`)))
	}
	b.put(late...)
	wait(t, "another slow shop", slower.arrived, webhookSlots/4)

	// Neither of them has answered anything by the time the fast one has everything.
	var want []string
	for i := range 20 {
		body := fmt.Sprintf(`{"payment":"pay_f%d","n":%d}`, i%4, i)
		want = append(want, body)
		b.put(of("fast", webhook(fmt.Sprint("pay_f", i%4), body)))
	}
	got := wait(t, "the fast shop", bodies, len(want))
	for p := range 4 {
		ofPayment := func(all []string) []string {
			return slices.DeleteFunc(slices.Clone(all), func(s string) bool { return !strings.Contains(s, fmt.Sprintf(`"pay_f%d"`, p)) })
		}
		if !slices.Equal(ofPayment(got), ofPayment(want)) {
			t.Errorf("payment %d arrived as %v", p, ofPayment(got))
		}
	}
	if held := webhookSlots/2 + len(slow.arrived) + webhookSlots/4 + len(slower.arrived); held > webhookSlots*3/4 {
		t.Errorf("two shops that do not answer hold %d of %d slots", held, webhookSlots)
	}
	slow.letGo()
	slower.letGo()
	wait(t, "the rest of the slow shop", slow.arrived, many-webhookSlots/2)
	wait(t, "the rest of the other slow shop", slower.arrived, many-webhookSlots/4)
	stop()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}
