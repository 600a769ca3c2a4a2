package adyen

import (
	"encoding/base64"
	"errors"
	"net"
	"net/http"
	"net/url"
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
			Enrolled: func(a providers.Authorisation) providers.Authorisation {
				a.Card.Number = "4917610000000000"
				return a
			},
			Act: browse, Methods: []providers.Method{providers.MethodPayPal, providers.MethodAlma},
			Authorised: func(id string) int { return s.sim.Ledger().Authorisations[id] },
			Trouble: func(tr conformance.Trouble) {
				unreachable.Store(tr == conformance.Unreachable)
				s.sim.Fault(faults[tr])
			}}
	})
}

// browse takes a step as the buyer's browser does: on the issuer's or the method's page, or with what Adyen's own
// component in the checkout's page would give.
func browse(t *testing.T, step providers.Action, does conformance.Deed) map[string]providers.Secret {
	t.Helper()
	encoded := func(field, value string) providers.Secret {
		return providers.Secret(base64.StdEncoding.EncodeToString([]byte(`{"` + field + `":"` + value + `"}`)))
	}
	choice, status := "pay", "Y"
	if does == conformance.Refuses {
		choice, status = "refuse", "N"
	}
	data := providers.Secret(step.Data["paymentData"])
	switch step.Type {
	case "threeds2_fingerprint":
		return map[string]providers.Secret{"threeds2.fingerprint": encoded("threeDSCompInd", "Y"), "paymentData": data}
	case "threeds2_challenge":
		return map[string]providers.Secret{"threeds2.challengeResult": encoded("transStatus", status), "paymentData": data}
	}
	page, err := url.Parse(step.URL)
	if err != nil {
		t.Fatal(err)
	}
	form := page.Query()
	form.Set("choice", choice)
	form.Set("code", "1234")
	page.RawQuery = ""
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	resp, err := client.PostForm(page.String(), form)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	back, err := resp.Location()
	if err != nil || back.Query().Get("redirectResult") == "" {
		t.Fatalf("HTTP %d leads to %v: %v", resp.StatusCode, back, err)
	}
	return map[string]providers.Secret{"redirectResult": providers.Secret(back.Query().Get("redirectResult"))}
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
