package adyen

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"strings"
	"sync/atomic"
	"time"

	"octroi/providers"
)

const (
	// callLimit ends a call whose context has no nearer deadline: Adyen advises to wait for a payment up to a minute.
	callLimit = 60 * time.Second
	// maxAnswer bounds what is read of an answer; Adyen's are a few kilobytes.
	maxAnswer = 1 << 20
	// maxKey and maxReference are Adyen's bounds of an idempotency key and of a reference.
	maxKey       = 64
	maxReference = 80
)

// exchange is what truly happened on the wire during one call.
type exchange struct {
	carried    atomic.Bool // the transport was given the request
	asked, got atomic.Bool // a connection was asked for, and obtained
	complete   bool        // the answer arrived whole
	status     int
	header     http.Header
	body       []byte
}

type exchangeKey struct{}

// keeper is a transport that keeps the answer in the context's exchange, and hands the library an empty object in its
// place: what the library would misread, panic over or write to its own log never reaches it.
type keeper struct{ base http.RoundTripper }

// RoundTrip implements http.RoundTripper.
func (k keeper) RoundTrip(r *http.Request) (*http.Response, error) {
	ex, _ := r.Context().Value(exchangeKey{}).(*exchange)
	if ex != nil {
		ex.carried.Store(true)
	}
	resp, err := k.base.RoundTrip(r)
	if err != nil || ex == nil {
		return resp, err
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer+1))
	if cerr := resp.Body.Close(); err == nil {
		err = cerr
	}
	if err == nil && len(body) > maxAnswer {
		err = errors.New("answer over the bound")
	}
	if err != nil {
		return nil, err
	}
	ex.complete, ex.status, ex.header, ex.body = true, resp.StatusCode, resp.Header, body
	return &http.Response{Status: resp.Status, StatusCode: resp.StatusCode, Proto: resp.Proto, ProtoMajor: resp.ProtoMajor,
		ProtoMinor: resp.ProtoMinor, Header: http.Header{"Content-Type": {"application/json"}}, Request: r,
		Body: io.NopCloser(strings.NewReader("{}")), ContentLength: 2}, nil
}

// call runs one request of the library and gives back the raw exchange, or an *providers.Error that says whether
// the request can have had an effect. It never panics. While Adyen does not answer anybody, it sends nothing.
func (a *Adyen) call(ctx context.Context, operation string, request func(context.Context) error) (*exchange, error) {
	if err := ctx.Err(); err != nil {
		return nil, &providers.Error{Operation: operation, Doubt: providers.NotDone, Detail: "not sent", Err: err}
	}
	probe, pass := a.circuit.enter()
	if !pass {
		return nil, &providers.Error{Operation: operation, Doubt: providers.NotDone, Detail: "not sent: Adyen has not answered lately"}
	}
	ex, err := exchanged(ctx, operation, request)
	if a.circuit.leave(probe, health(ctx, ex)) {
		if a.Available() {
			a.log.Info("adyen answers again")
		} else {
			a.log.Warn("adyen does not answer: calls are held back", "operation", operation, "rest", a.circuit.rest)
		}
	}
	if err != nil {
		return nil, err
	}
	return ex, nil
}

// health is what a call tells of Adyen. A caller who gave up, and a request that the library could not even make, say
// nothing of it; a deadline that passed does.
func health(ctx context.Context, ex *exchange) verdict {
	switch {
	case ex.complete && ex.status < 500:
		return answered
	case ex.complete:
		return failed
	case !ex.carried.Load(), errors.Is(ctx.Err(), context.Canceled):
		return unsaid
	}
	return failed
}

// exchanged carries the request and keeps what truly happened. The exchange is never nil; without an error it is whole.
func exchanged(ctx context.Context, operation string, request func(context.Context) error) (*exchange, error) {
	ctx, cancel := context.WithTimeout(ctx, callLimit)
	defer cancel()
	ex := &exchange{}
	traced := httptrace.WithClientTrace(context.WithValue(ctx, exchangeKey{}, ex), &httptrace.ClientTrace{
		GetConn: func(string) { ex.asked.Store(true) },
		GotConn: func(httptrace.GotConnInfo) { ex.got.Store(true) },
	})
	err := guarded(func() error { return request(traced) })
	if ex.complete {
		return ex, nil
	}
	return ex, broken(ctx, operation, ex, err)
}

// guarded turns a panic of the library into an error.
func guarded(f func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("adyen's library panicked: %T", p)
		}
	}()
	return f()
}

// broken explains a call that brought no whole answer. Only a request that never had a connection certainly had no
// effect; an expired deadline or a cut connection leaves the outcome unknown.
func broken(ctx context.Context, operation string, ex *exchange, err error) *providers.Error {
	e := &providers.Error{Operation: operation, Doubt: providers.OutcomeUnknown, Detail: "no whole answer"}
	var dial *net.OpError
	switch {
	case !ex.carried.Load():
		e.Doubt, e.Detail = providers.NotDone, "the request could not be made"
	case !ex.got.Load() && (ex.asked.Load() || errors.As(err, &dial) && dial.Op == "dial"):
		e.Doubt, e.Detail = providers.NotDone, "cannot connect"
	}
	switch {
	case ctx.Err() != nil:
		e.Err = ctx.Err()
	case errors.Is(err, context.DeadlineExceeded):
		e.Err = context.DeadlineExceeded
	default:
		e.Err = errors.Unwrap(err) // without *url.Error's address
	}
	return e
}

// checkKeys refuses what Adyen would cut or refuse: it is cheaper before the wire, and ":" in a reference would make
// the signed text of its notification ambiguous.
func checkKeys(operation, key string, references ...string) error {
	if key == "" || len(key) > maxKey || strings.ContainsFunc(key, notPlain) {
		return &providers.Error{Operation: operation, Doubt: providers.Rejected, Detail: "the idempotency key is not 1 to 64 plain characters"}
	}
	for _, r := range references {
		if r == "" || len(r) > maxReference || strings.ContainsFunc(r, notPlain) || strings.Contains(r, ":") {
			return &providers.Error{Operation: operation, Doubt: providers.Rejected, Detail: "a reference is not 1 to 80 plain characters without a colon"}
		}
	}
	return nil
}

func notPlain(r rune) bool { return r <= ' ' || r > '~' }
