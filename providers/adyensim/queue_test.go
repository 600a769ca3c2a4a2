package adyensim

import (
	"context"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"
	"time"
)

// slept collects the pauses that the queue asks for, and sits none of them out.
func (r rig) slept(most int) <-chan time.Duration {
	pauses := make(chan time.Duration, most)
	r.sim.cfg.Sleep = func(ctx context.Context, d time.Duration) error {
		select {
		case pauses <- d:
			return ctx.Err()
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return pauses
}

func TestRetriesFollowAdyensTimetable(t *testing.T) {
	b, url := mailbox(t, 14)
	r := start(t, "", url)
	r.sim.cfg.WebhookBackoff = adyenBackoff
	pauses := r.slept(14)
	r.pay("pay_1")
	r.pay("pay_2")
	r.run()
	if got := b.events(t, 2); !slices.Equal(got, []string{"AUTHORISATION", "AUTHORISATION"}) {
		t.Errorf("%v", got)
	}
	want := []string{"9s", "18s", "27s", "2m0s", "5m0s", "10m0s", "15m0s", "30m0s", "1h0m0s", "2h0m0s", "4h0m0s", "8h0m0s", "8h0m0s", "8h0m0s"}
	for i, w := range want {
		if got := <-pauses; got.String() != w {
			t.Errorf("pause %d is %s, want %s", i, got, w)
		}
	}
}

func TestWebhookIsGivenUpAfterThirtyDays(t *testing.T) {
	tries := make(chan struct{}, 10)
	down := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		tries <- struct{}{}
		w.WriteHeader(500)
	}))
	t.Cleanup(down.Close)
	r := start(t, "", down.URL)
	r.pay("pay_1")
	r.sim.cfg.Clock = func() time.Time { return noon.Add(retriedFor + time.Hour) }
	r.run()
	<-tries
	for range 1000 {
		if r.sim.Ledger().PendingWebhooks == 0 {
			return
		}
		time.Sleep(time.Millisecond)
	}
	t.Error("it is still in the queue")
}

func TestWebhooksAreHeldAndComeAsABurst(t *testing.T) {
	b, url := mailbox(t, 0)
	r := start(t, "", url)
	r.sim.Fault(Fault{HoldWebhooks: true})
	r.run()
	for range 30 {
		r.pay("pay_1")
	}
	if n := r.sim.Ledger().PendingWebhooks; n != 30 {
		t.Fatalf("%d are held", n)
	}
	r.sim.Fault(Fault{BatchWebhooks: 30})
	if got := b.events(t, 1); len(got) != 30 {
		t.Errorf("%d items in one notification", len(got))
	}
}
