package adyen

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"pgregory.net/rapid"

	"octroi/providers"
)

// patient is an adapter with a circuit of three failures and a minute's rest, in front of a server that answers as told,
// and with a clock of its own.
type patient struct {
	*Adyen
	now    atomic.Int64 // seconds since noon
	status atomic.Int64 // 0 cuts the connection
	header atomic.Value // of Transient-Error
	calls  atomic.Int64
	via    roundTrip // the way to the server
}

func newPatient(t *testing.T) *patient {
	t.Helper()
	p := &patient{}
	p.status.Store(200)
	p.header.Store("")
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		p.calls.Add(1)
		if p.status.Load() == 0 {
			panic(http.ErrAbortHandler)
		}
		w.Header().Set("Transient-Error", p.header.Load().(string))
		w.WriteHeader(int(p.status.Load()))
		_, _ = io.WriteString(w, approved(""))
	}))
	t.Cleanup(server.Close)
	way := &http.Transport{}
	t.Cleanup(way.CloseIdleConnections)
	p.via = way.RoundTrip
	var err error
	p.Adyen, err = New(Config{Endpoint: server.URL + "/v71", APIKey: "k", Account: testAccount, TripAfter: 3, Rest: time.Minute,
		HTTPClient: &http.Client{Transport: roundTrip(func(r *http.Request) (*http.Response, error) { return p.via(r) })},
		Clock:      func() time.Time { return noon.Add(time.Duration(p.now.Load()) * time.Second) }})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func (p *patient) pay(ctx context.Context) error {
	_, err := p.Authorise(ctx, payment("pay_1"))
	return err
}

func TestCallsAreHeldBackFromAnAdyenThatDoesNotAnswer(t *testing.T) {
	for name, trouble := range map[string]func(*patient){
		"cut connections": func(p *patient) { p.status.Store(0) },
		"server errors":   func(p *patient) { p.status.Store(503) },
		"errors that may be sent again": func(p *patient) {
			p.status.Store(500)
			p.header.Store("true")
		},
	} {
		p := newPatient(t)
		trouble(p)
		for range 3 {
			if !p.Available() {
				t.Fatalf("%s: held back too early", name)
			}
			if err := p.pay(t.Context()); err == nil {
				t.Fatalf("%s: paid", name)
			}
		}
		sent := p.calls.Load()
		err := p.pay(t.Context())
		if p.Available() || providers.DoubtOf(err) != providers.NotDone || !strings.Contains(fmt.Sprint(err), "has not answered lately") {
			t.Errorf("%s: %v, available %v", name, err, p.Available())
		}
		if _, err := p.Capture(t.Context(), providers.Modification{PaymentReference: "X", OperationID: "op_1"}); providers.DoubtOf(err) != providers.NotDone {
			t.Errorf("%s: a capture is %v", name, err)
		}
		if p.calls.Load() != sent {
			t.Errorf("%s: %d calls were sent meanwhile", name, p.calls.Load()-sent)
		}
		p.now.Store(60)
		if err := p.pay(t.Context()); err == nil || p.Available() {
			t.Errorf("%s: one failure after the rest opens it anew: %v", name, err)
		}
		if err := p.pay(t.Context()); p.calls.Load() == sent || providers.DoubtOf(err) != providers.NotDone {
			t.Errorf("%s: after the rest nobody asked, or everybody did: %v", name, err)
		}
		p.status.Store(200)
		p.now.Store(119)
		if err := p.pay(t.Context()); err == nil {
			t.Errorf("%s: the second rest is not kept", name)
		}
		p.now.Store(120)
		if err := p.pay(t.Context()); err != nil || !p.Available() {
			t.Errorf("%s: an answer does not close it: %v", name, err)
		}
		if err := p.pay(t.Context()); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestAnswersAreNoFailuresOfAdyen(t *testing.T) {
	for _, status := range []int64{200, 400, 401, 403, 404, 408, 422, 429} {
		p := newPatient(t)
		p.status.Store(status)
		for range 10 {
			_ = p.pay(t.Context())
		}
		if !p.Available() || p.calls.Load() != 10 {
			t.Errorf("HTTP %d: available %v after %d calls", status, p.Available(), p.calls.Load())
		}
	}
}

func TestOneAnswerForgetsTheFailuresBefore(t *testing.T) {
	p := newPatient(t)
	for range 5 {
		p.status.Store(500)
		_, _ = p.pay(t.Context()), p.pay(t.Context())
		p.status.Store(422)
		_ = p.pay(t.Context())
	}
	if !p.Available() {
		t.Error("failures that were not in a row held calls back")
	}
}

func TestCallersWhoGiveUpSayNothingOfAdyen(t *testing.T) {
	p := newPatient(t)
	given, cancel := context.WithCancel(t.Context())
	p.via = func(r *http.Request) (*http.Response, error) {
		cancel()
		<-r.Context().Done()
		return nil, r.Context().Err()
	}
	for range 5 {
		if err := p.pay(given); !errors.Is(err, context.Canceled) {
			t.Fatal(err)
		}
		given, cancel = context.WithCancel(t.Context())
	}
	cancel()
	if !p.Available() {
		t.Error("callers who gave up held others back")
	}
	expired, stop := context.WithDeadline(t.Context(), time.Unix(0, 0))
	defer stop()
	for range 5 {
		_ = p.pay(expired)
	}
	if !p.Available() || p.calls.Load() != 0 {
		t.Error("calls whose deadline had passed before they were made counted against Adyen")
	}
}

func TestDeadlinesThatPassCountAgainstAdyen(t *testing.T) {
	p := newPatient(t)
	p.via = func(r *http.Request) (*http.Response, error) {
		<-r.Context().Done()
		return nil, r.Context().Err()
	}
	for range 3 {
		ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
		_ = p.pay(ctx)
		cancel()
	}
	if p.Available() {
		t.Error("an Adyen that never answers in time is called available")
	}
}

func TestOneCallAtATimeFindsOutWhetherAdyenAnswers(t *testing.T) {
	c := &circuit{clock: clock, trip: 1, rest: -1} // the rest is over at once
	c.leave(false, failed)
	var wg sync.WaitGroup
	var probes atomic.Int64
	for range 50 {
		wg.Go(func() {
			if probe, pass := c.enter(); pass {
				probes.Add(1)
				if !probe {
					t.Error("a call passed an open circuit that is not its probe")
				}
			}
		})
	}
	wg.Wait()
	if probes.Load() != 1 {
		t.Fatalf("%d calls passed", probes.Load())
	}
	if c.leave(true, unsaid); c.closed() {
		t.Error("a probe whose caller gave up closed the circuit")
	}
	if probe, pass := c.enter(); !probe || !pass {
		t.Error("after a probe whose caller gave up nobody may ask again")
	}
}

// Whatever the order of calls, answers and time: an open circuit lets nobody pass before its rest is over but never
// shuts for good, and only failures in a row open it.
func TestCircuitHoldsUnderAnyHistory(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		now, c := noon, &circuit{trip: 3, rest: time.Minute}
		c.clock = func() time.Time { return now }
		var under []bool // calls on their way, by whether they are the probe
		row, probes := 0, 0
		for range rapid.IntRange(1, 60).Draw(t, "steps") {
			switch rapid.IntRange(0, 2).Draw(t, "step") {
			case 0:
				open, rested := !c.closed(), !now.Before(c.until)
				probe, pass := c.enter()
				if want := !open || rested && probes == 0; pass != want || probe != (open && pass) {
					t.Fatalf("open %v, rested %v, %d probes: pass %v as probe %v", open, rested, probes, pass, probe)
				}
				if pass {
					under = append(under, probe)
					if probe {
						probes++
					}
				}
			case 1:
				if len(under) == 0 {
					continue
				}
				i := rapid.IntRange(0, len(under)-1).Draw(t, "which")
				probe, was := under[i], c.closed()
				under = append(under[:i], under[i+1:]...)
				v := rapid.SampledFrom([]verdict{answered, failed, unsaid}).Draw(t, "verdict")
				changed := c.leave(probe, v)
				if probe {
					probes--
				}
				if changed != (was != c.closed()) {
					t.Fatalf("it says that it changed: %v, from %v to %v", changed, was, c.closed())
				}
				switch {
				case was && v == failed:
					row++
				case was && v == answered:
					row = 0
				case probe && v == answered:
					row = 0
				}
				if was && c.closed() != (row < 3) {
					t.Fatalf("closed %v after %d failures in a row", c.closed(), row)
				}
				if !was && c.closed() != (probe && v == answered) {
					t.Fatalf("an open one is closed: %v, by a probe %v that said %v", c.closed(), probe, v)
				}
			case 2:
				now = now.Add(time.Duration(rapid.IntRange(0, 40).Draw(t, "seconds")) * time.Second)
			}
		}
	})
}
