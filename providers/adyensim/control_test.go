package adyensim

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
)

// let makes something happen to pay_1, and expects it.
func (r rig) let(c Control) Payment {
	r.Helper()
	p, err := r.sim.Happen("pay_1", c)
	if err != nil {
		r.Fatal(err)
	}
	return p
}

func TestAuthorisationExpiresWithWhatIsLeftOfIt(t *testing.T) {
	r := start(t, "", "")
	psp := r.pay("pay_1")
	r.modify(psp, Captures, 300)
	if p := r.let(Control{Event: "EXPIRE"}); p.Expired != 700 || p.Status != StatusCaptured {
		t.Errorf("%+v", p)
	}
	hooks := r.sim.book.pending
	if last := hooks[len(hooks)-1].Item; last.EventCode != "EXPIRE" || last.Amount.Value != 700 || last.PSPReference != psp {
		t.Errorf("%+v", last)
	}
	r.modify(psp, Captures, 1)
	if got := r.pending(); got[len(got)-1] != "CAPTURE false" {
		t.Errorf("%v", got)
	}
	other := start(t, "", "")
	other.pay("pay_1")
	if p := other.let(Control{Event: "EXPIRE"}); p.Status != StatusExpired || other.sim.Ledger().Authorisations["pay_1"] != 1 {
		t.Errorf("%+v", p)
	}
}

func TestDisputeTakesTheMoneyBackAndForth(t *testing.T) {
	r := start(t, "", "")
	psp := r.pay("pay_1")
	r.modify(psp, Captures, 1000)
	r.modify(psp, Refunds, 100)
	r.let(Control{Event: "NOTIFICATION_OF_FRAUD"})
	r.let(Control{Event: "REQUEST_FOR_INFORMATION"})
	r.let(Control{Event: "NOTIFICATION_OF_CHARGEBACK"})
	for _, c := range []struct {
		event string
		value int64
		taken int64
	}{{"CHARGEBACK", 0, 900}, {"CHARGEBACK_REVERSED", 0, 0}, {"SECOND_CHARGEBACK", 500, 500}, {"PREARBITRATION_LOST", 0, 500}} {
		if p := r.let(Control{Event: c.event, Value: c.value}); p.ChargedBack != c.taken {
			t.Errorf("after %s: %+v", c.event, p)
		}
	}
	hooks := r.sim.book.pending[3:]
	for i, h := range hooks {
		if h.Item.OriginalReference != psp || h.Item.PSPReference == psp || h.Item.MerchantReference != "pay_1" || i > 1 && h.Item.PSPReference != hooks[1].Item.PSPReference {
			t.Errorf("%+v", h.Item)
		}
	}
	if hooks[0].Item.PSPReference == hooks[1].Item.PSPReference || len(hooks) != 7 {
		t.Errorf("%d events; a report of fraud is no dispute", len(hooks))
	}
	r.modify(psp, Refunds, 401)
	if got := r.pending(); got[len(got)-1] != "REFUND false" {
		t.Errorf("charged back money is refunded: %v", got)
	}
}

func TestOutcomesOfModificationsAreTurnedAround(t *testing.T) {
	r := start(t, "", "")
	psp := r.pay("pay_1")
	r.modify(psp, Captures, 1000)
	if p := r.let(Control{Event: "CAPTURE_FAILED"}); p.Captured != 0 || p.Status != StatusAuthorised {
		t.Errorf("%+v", p)
	}
	if p := r.let(Control{Event: "CAPTURE"}); p.Captured != 1000 || p.Modifications[0].Reason != "Transaction Recaptured" {
		t.Errorf("%+v", p)
	}
	_, first := r.modify(psp, Refunds, 300)
	r.modify(psp, Refunds, 200)
	if p := r.let(Control{Event: "REFUNDED_REVERSED", Modification: first["pspReference"].(string)}); p.Refunded != 200 {
		t.Errorf("%+v", p)
	}
	if p := r.let(Control{Event: "REFUND_FAILED"}); p.Refunded != 0 {
		t.Errorf("%+v", p)
	}
	want := []string{"AUTHORISATION true", "CAPTURE true", "CAPTURE_FAILED true", "CAPTURE true", "REFUND true", "REFUND true", "REFUNDED_REVERSED true", "REFUND_FAILED true"}
	hooks := r.sim.book.pending
	if !slices.Equal(r.pending(), want) || hooks[6].Item.PSPReference != first["pspReference"] || hooks[1].Item.PSPReference != hooks[3].Item.PSPReference {
		t.Errorf("%v", r.pending())
	}
}

func TestAnalystsOfAdyenDecideAmberPayments(t *testing.T) {
	for _, change := range [][]string{{"Jean Dupont", "AMBER"}, {`"returnUrl"`, `"fraudOffset":50,"returnUrl"`}} {
		for event, want := range map[string][]string{"MANUAL_REVIEW_ACCEPT": {"MANUAL_REVIEW_ACCEPT true"}, "MANUAL_REVIEW_REJECT": {"MANUAL_REVIEW_REJECT true", "CANCEL_OR_REFUND true"}} {
			r := start(t, "", "")
			_, a, _ := r.post("/v71/payments", "", body("pay_1", change...))
			data, _ := a["additionalData"].(map[string]any)
			fraud, _ := a["fraudResult"].(map[string]any)
			if a["resultCode"] != "Authorised" || data["fraudManualReview"] != "true" || data["fraudResultType"] != "AMBER" || fraud["accountScore"] != 50.0 {
				t.Fatalf("%v", a)
			}
			if p := r.let(Control{Event: event}); p.UnderReview || (p.Status == StatusCancelled) != (event == "MANUAL_REVIEW_REJECT") || !slices.Equal(r.pending()[1:], want) {
				t.Errorf("%s: %+v %v", event, p, r.pending())
			}
		}
	}
	r := start(t, "", "")
	if _, a, _ := r.post("/v71/payments", "", body("pay_1", `"returnUrl"`, `"fraudOffset":100,"returnUrl"`)); a["refusalReasonCode"] != "20" {
		t.Errorf("%v", a)
	}
}

func TestWhatCannotHappenDoesNot(t *testing.T) {
	r := start(t, "", "")
	r.pay("pay_1")
	for _, event := range []string{"", "NONSENSE", "AUTHORISATION", "OFFER_CLOSED", "CAPTURE", "CAPTURE_FAILED", "REFUND_FAILED", "REFUNDED_REVERSED", "CHARGEBACK", "CHARGEBACK_REVERSED", "MANUAL_REVIEW_ACCEPT"} {
		if _, err := r.sim.Happen("pay_1", Control{Event: event}); !errors.Is(err, ErrImpossible) {
			t.Errorf("%s: %v", event, err)
		}
	}
	if _, err := r.sim.Happen("pay_2", Control{Event: "EXPIRE"}); !errors.Is(err, ErrNoPayment) {
		t.Errorf("%v", err)
	}
	if got := r.pending(); len(got) != 1 {
		t.Errorf("%v", got)
	}
}

func TestLedgerIsReadAndSteeredOverHTTP(t *testing.T) {
	r := start(t, "", "")
	psp := r.pay("pay_1")
	for _, c := range []struct {
		path, body string
		status     int
	}{{"/ledger/" + psp, `{"event":"NOTIFICATION_OF_FRAUD"}`, 200}, {"/ledger/pay_1", `{"event":"CHARGEBACK"}`, 409},
		{"/ledger/pay_9", `{"event":"EXPIRE"}`, 404}, {"/ledger/pay_1", `{"evnt":"EXPIRE"}`, 400}} {
		if status, _, _ := r.post(c.path, "", c.body); status != c.status {
			t.Errorf("%s %s: %d", c.path, c.body, status)
		}
	}
	if resp, text := r.browse(r.url+"/ledger/pay_1", nil); resp.StatusCode != 200 || !strings.Contains(text, `"psp_reference":"`+psp+`"`) {
		t.Errorf("%d %s", resp.StatusCode, text)
	}
	if resp, _ := r.browse(r.url+"/ledger/pay_9", nil); resp.StatusCode != 404 {
		t.Errorf("%d", resp.StatusCode)
	}
	for _, path := range []string{"/ledger?lang=fr", "/ledger/" + psp + "?lang=fr"} {
		q, _ := http.NewRequest(http.MethodGet, r.url+path, nil)
		q.Header.Set("Accept", "text/html")
		resp, err := buyer.Do(q)
		if err != nil || resp.Header.Get("Content-Type") != "text/html; charset=utf-8" {
			t.Errorf("%v %v", resp, err)
		}
	}
	if resp, _ := r.browse(r.url+"/ledger/"+psp, url.Values{"event": {"EXPIRE"}}); resp.StatusCode != 303 || r.payment("pay_1").Status != StatusExpired {
		t.Errorf("%d", resp.StatusCode)
	}
}

func TestOtherSitesCannotSteerTheLedger(t *testing.T) {
	r := start(t, "", "")
	r.pay("pay_1")
	for _, path := range []string{"/ledger/pay_1", "/faults"} {
		method := map[string]string{"/faults": http.MethodPut}[path]
		if method == "" {
			method = http.MethodPost
		}
		q, _ := http.NewRequest(method, r.url+path, strings.NewReader(`{"event":"EXPIRE"}`))
		q.Header.Set("Sec-Fetch-Site", "cross-site")
		if resp, err := buyer.Do(q); err != nil || resp.StatusCode != 403 {
			t.Errorf("%v %v", resp, err)
		}
	}
	if p := r.payment("pay_1"); p.Status != StatusAuthorised {
		t.Errorf("%+v", p)
	}
}
