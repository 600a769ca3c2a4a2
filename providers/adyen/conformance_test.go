package adyen

import (
	"errors"
	"net"
	"net/http"
	"sync/atomic"
	"syscall"
	"testing"

	"octroi/providers"
	"octroi/providers/adyensim"
	"octroi/providers/conformance"
)

// holders are the test names that bring about each refusal.
var holders = map[providers.RefusalCode]string{
	providers.ExpiryIncorrect: "EXPIRY INCORRECT", providers.InsufficientFunds: "NOT_ENOUGH_BALANCE", providers.IssuerBlocked: "BLOCK_CARD",
	providers.CVCIncorrect: "CVC_DECLINED", providers.NumberIncorrect: "INVALID_CARD_NUMBER", providers.LimitExceeded: "WITHDRAWAL_AMOUNT_EXCEEDED",
	providers.AuthenticationRequired: "AUTHENTICATION_REQUIRED", providers.AuthenticationFailed: "NOT_3D_AUTHENTICATED",
	providers.NotPermitted: "TRANSACTION_NOT_PERMITTED", providers.IssuerUnavailable: "ISSUER_UNAVAILABLE",
	providers.SuspectedFraud: "FRAUD", providers.Refused: "DECLINED",
}

func TestAdyenPassesTheSuiteEveryProviderPasses(t *testing.T) {
	conformance.Run(t, func(t *testing.T) conformance.Subject {
		s := newStage(t)
		var unreachable atomic.Bool
		plain := carrier(nil).Transport.(keeper).base.(*http.Transport)
		t.Cleanup(plain.CloseIdleConnections)
		s.api = adapter(t, s.endpoint(), &http.Client{Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
			if unreachable.Load() {
				return nil, &net.OpError{Op: "dial", Net: "tcp", Err: syscall.ECONNREFUSED}
			}
			return plain.RoundTrip(r)
		})})
		return conformance.Subject{Provider: s.api, Authorisation: s.authorisation, Reports: s.reports, Read: s.api.Notifications,
			Refusal: func(a providers.Authorisation, code providers.RefusalCode) (providers.Authorisation, bool) {
				a.Card.HolderName = holders[code]
				return a, a.Card.HolderName != ""
			},
			Authorised: func(id string) int { return s.sim.Ledger().Authorisations[id] },
			Trouble: func(tr conformance.Trouble) {
				unreachable.Store(tr == conformance.Unreachable)
				s.sim.Fault(faults[tr])
			}}
	})
}

var faults = map[conformance.Trouble]adyensim.Fault{
	conformance.Slow:       {Delay: 4 * conformance.Patience, Times: 1},
	conformance.CutBefore:  {Cut: true},
	conformance.CutAfter:   {Cut: true, After: true},
	conformance.Failing:    {Status: 500, After: true},
	conformance.Garbage:    {Garbage: true, After: true},
	conformance.Overloaded: {Transient: true},
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func TestRefusedConnectionIsNotDone(t *testing.T) {
	_, err := adapter(t, "http://"+closedPort(t)+"/v71", nil).Authorise(t.Context(), payment("pay_1"))
	if providers.DoubtOf(err) != providers.NotDone || !errors.Is(err, syscall.ECONNREFUSED) {
		t.Errorf("got %v", err)
	}
}

func TestUnknownHostIsNotDone(t *testing.T) {
	a := adapter(t, "https://adyen.invalid/v71", &http.Client{Transport: &http.Transport{Proxy: nil}})
	_, err := a.Authorise(t.Context(), payment("pay_1"))
	if providers.DoubtOf(err) != providers.NotDone {
		t.Errorf("got %v", err)
	}
}
