package adyensim

import (
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

const (
	enrolled   = "4917610000000000"
	always     = `"authenticationData":{"attemptAuthentication":"always"},"returnUrl"`
	native     = `"authenticationData":{"threeDSRequestData":{"nativeThreeDS":"preferred"}},` + browser + `"returnUrl"`
	alwaysHere = `"authenticationData":{"attemptAuthentication":"always","threeDSRequestData":{"nativeThreeDS":"preferred"}},` + browser + `"returnUrl"`
	browser    = `"channel":"Web","origin":"https://shop.example","browserInfo":{"acceptHeader":"*/*","colorDepth":24,"javaEnabled":false,"language":"fr-FR",` +
		`"screenHeight":1080,"screenWidth":1920,"timeZoneOffset":0,"userAgent":"Mozilla/5.0"},`
)

// begun pays, expects an action, and gives it.
func (r rig) begun(want string, changes ...string) map[string]any {
	r.Helper()
	status, a, _ := r.post("/v71/payments", "", body("pay_1", changes...))
	act, ok := a["action"].(map[string]any)
	if status != 200 || a["resultCode"] != want || !ok || a["pspReference"] != nil {
		r.Fatalf("%d %v, want %s", status, a, want)
	}
	return act
}

// finish sends details.
func (r rig) finish(details string, more ...string) (int, map[string]any) {
	r.Helper()
	status, a, _ := r.post("/v71/payments/details", "", `{"details":`+details+strings.Join(more, "")+`}`)
	return status, a
}

// buyer is a browser without script that does not follow redirects.
var buyer = &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}

// browse gets a page, or posts a form to it.
func (r rig) browse(address string, form url.Values) (*http.Response, string) {
	r.Helper()
	q, _ := http.NewRequest(http.MethodGet, address, nil)
	if form != nil {
		q, _ = http.NewRequest(http.MethodPost, address, strings.NewReader(form.Encode()))
		q.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	resp, err := buyer.Do(q)
	if err != nil {
		r.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	text, _ := io.ReadAll(resp.Body)
	return resp, string(text)
}

// choose answers the page of a redirect, and gives the redirectResult it leads back with.
func (r rig) choose(act map[string]any, choice, code string) string {
	r.Helper()
	address, err := url.Parse(act["url"].(string))
	if err != nil {
		r.Fatal(err)
	}
	resp, _ := r.browse(address.Scheme+"://"+address.Host+address.Path, url.Values{"MD": {address.Query().Get("MD")}, "choice": {choice}, "code": {code}})
	back, err := resp.Location()
	if err != nil || resp.StatusCode != 303 || back.Host != "shop.example" || back.Query().Get("redirectResult") == "" {
		r.Fatalf("%d %v %v", resp.StatusCode, back, err)
	}
	return back.Query().Get("redirectResult")
}

func quoted(name, value string) string {
	b, _ := json.Marshal(map[string]string{name: value})
	return string(b)
}

func token64(v string) string { return base64.StdEncoding.EncodeToString([]byte(v)) }

func TestRedirectLeadsThroughTheIssuersPageToAnAuthenticatedPayment(t *testing.T) {
	r := start(t, "", "")
	act := r.begun("RedirectShopper", "4111111111111111", enrolled, `"returnUrl"`, always, "https://shop.example/", "https://shop.example/back?order=7")
	if act["type"] != "redirect" || act["method"] != "GET" || act["paymentMethodType"] != "scheme" || !strings.HasPrefix(act["url"].(string), r.url+"/shopper/redirect?MD=") {
		t.Fatalf("%v", act)
	}
	if p := r.payment("pay_1"); p.Status != StatusAwaiting || r.sim.Ledger().Authorisations["pay_1"] != 0 || len(r.pending()) != 0 {
		t.Errorf("before the buyer has come back: %+v, %v", p, r.pending())
	}
	resp, text := r.browse(act["url"].(string), nil)
	if resp.StatusCode != 200 || !strings.Contains(text, "10.00 EUR") || !strings.Contains(text, "1234") || strings.Contains(text, enrolled) {
		t.Errorf("%d %s", resp.StatusCode, text)
	}
	result := r.choose(act, "pay", "1234")
	status, a := r.finish(quoted("redirectResult", result))
	data, _ := a["additionalData"].(map[string]any)
	if status != 200 || a["resultCode"] != "Authorised" || a["pspReference"] != r.payment("pay_1").PSPReference || a["merchantReference"] != "pay_1" {
		t.Fatalf("%d %v", status, a)
	}
	for name, want := range map[string]string{"threeDOffered": "true", "threeDOfferedResponse": "C", "threeDAuthenticated": "true", "threeDAuthenticatedResponse": "Y",
		"liabilityShift": "true", "eci": "05", "threeDSVersion": "2.2.0", "cardSummary": "0000", "cvcResult": "1 Matches"} {
		if data[name] != want {
			t.Errorf("%s is %v, want %s", name, data[name], want)
		}
	}
	three, _ := a["threeDS2Result"].(map[string]any)
	if three["transStatus"] != "Y" || three["eci"] != "05" || three["authenticationValue"] != data["cavv"] || data["cavv"] == "N/A" {
		t.Errorf("%v", three)
	}
	if p := r.payment("pay_1"); p.Status != StatusAuthorised || !slices.Equal(r.pending(), []string{"AUTHORISATION true"}) {
		t.Errorf("%+v, %v", p, r.pending())
	}
	if status, a := r.finish(quoted("redirectResult", result)); status != 422 || a["errorCode"] != "106" {
		t.Errorf("the second use of a result: %d %v", status, a)
	}
}

func TestBuyerWhoFailsOrLeavesIsNotAuthenticated(t *testing.T) {
	for choice, cancel := range map[string]any{"refuse": nil, "cancel": "01"} {
		r := start(t, "", "")
		act := r.begun("RedirectShopper", "4111111111111111", enrolled, `"returnUrl"`, always)
		_, a := r.finish(quoted("redirectResult", r.choose(act, choice, "")))
		data, _ := a["additionalData"].(map[string]any)
		three, _ := a["threeDS2Result"].(map[string]any)
		if a["resultCode"] != "Refused" || a["refusalReasonCode"] != "11" || data["threeDAuthenticated"] != "false" || data["threeDAuthenticatedResponse"] != "N" ||
			data["liabilityShift"] != "false" || three["transStatus"] != "N" || three["challengeCancel"] != cancel {
			t.Errorf("%s: %v", choice, a)
		}
		if !slices.Equal(r.pending(), []string{"AUTHORISATION false"}) {
			t.Errorf("%s: %v", choice, r.pending())
		}
	}
}

func TestThirdWrongCodeEndsTheAuthentication(t *testing.T) {
	r := start(t, "", "")
	act := r.begun("RedirectShopper", "4111111111111111", enrolled, `"returnUrl"`, always)
	form := url.Values{"MD": {strings.SplitAfter(act["url"].(string), "MD=")[1]}, "choice": {"pay"}, "code": {"9999"}}
	for range 2 {
		if resp, text := r.browse(r.url+pathRedirect, form); resp.StatusCode != 200 || !strings.Contains(text, `role="alert"`) {
			t.Fatalf("%d %s", resp.StatusCode, text)
		}
	}
	if _, a := r.finish(quoted("redirectResult", r.choose(act, "pay", "9999"))); a["refusalReasonCode"] != "11" {
		t.Errorf("%v", a)
	}
}

func TestIssuerMayRefuseABuyerItHasAuthenticated(t *testing.T) {
	r := start(t, "", "")
	act := r.begun("RedirectShopper", "4111111111111111", enrolled, `"returnUrl"`, always, "Jean Dupont", "NOT_ENOUGH_BALANCE")
	_, a := r.finish(quoted("redirectResult", r.choose(act, "pay", "password")))
	if data := a["additionalData"].(map[string]any); a["refusalReasonCode"] != "12" || data["threeDAuthenticatedResponse"] != "Y" || data["refusalReasonRaw"] != "NOT_ENOUGH_BALANCE" {
		t.Errorf("%v", a)
	}
}

func TestFormsCarryTheBuyerWhereTheMerchantAsksForPost(t *testing.T) {
	r := start(t, "", "")
	act := r.begun("RedirectShopper", "4111111111111111", enrolled, `"returnUrl"`, `"redirectToIssuerMethod":"POST","redirectFromIssuerMethod":"POST",`+always)
	data, _ := act["data"].(map[string]any)
	md, _ := data["MD"].(string)
	if act["method"] != "POST" || md == "" || strings.Contains(act["url"].(string), md) {
		t.Fatalf("%v", act)
	}
	if resp, text := r.browse(act["url"].(string), url.Values{"MD": {md}}); resp.StatusCode != 200 || !strings.Contains(text, `name="choice"`) {
		t.Errorf("%d %s", resp.StatusCode, text)
	}
	resp, text := r.browse(act["url"].(string), url.Values{"MD": {md}, "choice": {"pay"}, "code": {"1234"}})
	found := regexp.MustCompile(`name="redirectResult" value="([^"]+)"`).FindStringSubmatch(text)
	if resp.StatusCode != 200 || !strings.Contains(text, `action="https://shop.example/"`) || found == nil {
		t.Fatalf("%d %s", resp.StatusCode, text)
	}
	if _, a := r.finish(quoted("redirectResult", strings.NewReplacer("&#43;", "+", "&#34;", `"`).Replace(found[1]))); a["resultCode"] != "Authorised" {
		t.Errorf("%v", a)
	}
}

func TestHowAPaymentBeginsDependsOnCardAndRequest(t *testing.T) {
	r := start(t, "", "")
	const never = `"authenticationData":{"attemptAuthentication":"never"},"returnUrl"`
	for _, c := range []struct{ number, request, result, code string }{
		{"4111111111111111", always, "Authorised", ""}, {enrolled, `"returnUrl"`, "Authorised", ""}, {enrolled, never, "Authorised", ""},
		{"4212345678910006", `"returnUrl"`, "RedirectShopper", ""}, {"4212345678910006", never, "Refused", "38"},
		{"5000550000000029", native, "IdentifyShopper", ""}, {"5000550000000029", `"returnUrl"`, "RedirectShopper", ""},
		{"4212345678901237", alwaysHere, "RedirectShopper", ""}, {"4212345678901237", native, "Authorised", ""},
		{"5201281505129736", always, "RedirectShopper", ""}, {"5201281505129736", `"returnUrl"`, "Authorised", ""},
		{enrolled, strings.Replace(alwaysHere, `"colorDepth":24,`, "", 1), "RedirectShopper", ""},
	} {
		_, a, _ := r.post("/v71/payments", "", body("pay_1", "4111111111111111", c.number, `"returnUrl"`, c.request))
		if code, _ := a["refusalReasonCode"].(string); a["resultCode"] != c.result || code != c.code {
			t.Errorf("%s %s: %v", c.number, c.request, a)
		}
	}
	if status, a, _ := r.post("/v71/payments", "", body("pay_2", "4111111111111111", enrolled, `"returnUrl":"https://shop.example/"`, `"authenticationData":{"attemptAuthentication":"always"}`)); status != 422 || a["errorCode"] != "14_030" {
		t.Errorf("no return address: %d %v", status, a)
	}
}

func TestSoftDeclineGoesAwayWithAChallenge(t *testing.T) {
	for _, c := range []struct{ number, holder, raw string }{{"4111111111111111", "AUTHENTICATION_REQUIRED", "1A : Authentication required"},
		{"5555444433331111", "AUTHENTICATION_REQUIRED", "65 : Authentication required"}, {"4111111111111111", "DECLINED : 1A : SCA", "1A : SCA"},
		{"5555444433331111", "DECLINED : 65 : SCA", "65 : SCA"}} {
		r := start(t, "", "")
		_, a, _ := r.post("/v71/payments", "", body("pay_1", "4111111111111111", c.number, "Jean Dupont", c.holder))
		if data := a["additionalData"].(map[string]any); a["resultCode"] != "Refused" || data["refusalReasonRaw"] != c.raw {
			t.Errorf("%s: %v", c.holder, a)
		}
		act := r.begun("RedirectShopper", "4111111111111111", c.number, "Jean Dupont", c.holder, `"returnUrl"`, always)
		if _, a := r.finish(quoted("redirectResult", r.choose(act, "pay", "1234"))); a["resultCode"] != "Authorised" {
			t.Errorf("%s, authenticated: %v", c.holder, a)
		}
		if l := r.sim.Ledger(); len(l.DoubleAuthorisations) != 0 || l.Authorisations["pay_1"] != 1 {
			t.Errorf("%+v", l)
		}
	}
}

func TestExemptionMeansNoLiabilityShift(t *testing.T) {
	r := start(t, "", "")
	_, a, _ := r.post("/v71/payments", "", body("pay_1", `"returnUrl"`, `"additionalData":{"scaExemption":"lowValue"},"returnUrl"`))
	if data := a["additionalData"].(map[string]any); data["scaExemptionRequested"] != "lowValue" || data["liabilityShift"] != "false" {
		t.Errorf("%v", a)
	}
}

func TestDetailsThatFitNothingAreErrors(t *testing.T) {
	r := start(t, "", "")
	act := r.begun("IdentifyShopper", "4111111111111111", enrolled, `"returnUrl"`, alwaysHere)
	data := `,"paymentData":"` + act["paymentData"].(string) + `"`
	for name, c := range map[string]struct{ body, code string }{
		"not JSON":            {`[`, "702"},
		"no details":          {`{}`, "14_006"},
		"empty details":       {`{"details":{}}`, "14_006"},
		"unknown result":      {`{"details":{"redirectResult":"X"}}`, "14_018"},
		"no payment data":     {`{"details":{"threeds2.fingerprint":"eyJ0aHJlZURTQ29tcEluZCI6IlkifQ=="}}`, "14_002"},
		"fingerprint garbage": {`{"details":{"threeds2.fingerprint":"%%%"}` + data + `}`, "14_018"},
		"fingerprint unknown": {`{"details":{"threeds2.fingerprint":"` + token64(`{"threeDSCompInd":"Z"}`) + `"}` + data + `}`, "14_018"},
		"the wrong step":      {`{"details":{"threeds2.challengeResult":"` + token64(`{"transStatus":"Y"}`) + `"}` + data + `}`, "14_018"},
		"as a redirect":       {`{"details":{"redirectResult":"` + act["paymentData"].(string) + `"}}`, "14_018"},
	} {
		if status, a, _ := r.post("/v71/payments/details", "", c.body); status/100 != 4 || a["errorCode"] != c.code {
			t.Errorf("%s: %d %v", name, status, a)
		}
	}
	if p := r.payment("pay_1"); p.Status != StatusAwaiting {
		t.Errorf("%+v", p)
	}
}

func TestDetailsUnderTheSameKeyHaveTheSameAnswer(t *testing.T) {
	r := start(t, "", "")
	act := r.begun("RedirectShopper", "4111111111111111", enrolled, `"returnUrl"`, always)
	send := `{"details":` + quoted("redirectResult", r.choose(act, "pay", "1234")) + `}`
	_, first, _ := r.post("/v71/payments/details", "details-1", send)
	status, again, _ := r.post("/v71/payments/details", "details-1", send)
	if status != 200 || again["pspReference"] != first["pspReference"] || r.sim.Ledger().Authorisations["pay_1"] != 1 {
		t.Errorf("%d %v", status, again)
	}
}

func TestOfferClosesAfterTwelveHours(t *testing.T) {
	r := start(t, "", "")
	act := r.begun("RedirectShopper", "4111111111111111", enrolled, `"returnUrl"`, always)
	result := r.choose(act, "pay", "1234")
	r.sim.cfg.Clock = func() time.Time { return noon.Add(offerLife + time.Second) }
	if status, a := r.finish(quoted("redirectResult", result)); status != 422 || a["errorCode"] != "14_018" {
		t.Errorf("%d %v", status, a)
	}
	if resp, _ := r.browse(act["url"].(string), nil); resp.StatusCode != http.StatusGone {
		t.Errorf("%d", resp.StatusCode)
	}
}

func TestNothingAuthorisedNothingToModify(t *testing.T) {
	r := start(t, "", "")
	r.begun("RedirectShopper", "4111111111111111", enrolled, `"returnUrl"`, always)
	if status, a := r.modify(r.payment("pay_1").PSPReference, Captures, 1); status != 422 || a["errorCode"] != "167" {
		t.Errorf("%d %v", status, a)
	}
	r.post("/v71/cancels", "", `{"merchantAccount":"TestMerchant","paymentReference":"pay_1"}`)
	if got := r.pending(); !slices.Equal(got, []string{"TECHNICAL_CANCEL false"}) {
		t.Errorf("%v", got)
	}
}
