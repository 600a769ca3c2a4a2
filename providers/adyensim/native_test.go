package adyensim

import (
	"net/url"
	"regexp"
	"strings"
	"testing"
)

func TestNativeFlowTakesAFingerprintAndThenChallenges(t *testing.T) {
	r := start(t, "", "")
	act := r.begun("IdentifyShopper", "4111111111111111", enrolled, `"returnUrl"`, alwaysHere)
	if act["type"] != "threeDS2" || act["subtype"] != "fingerprint" || act["paymentData"] == "" || act["authorisationToken"] == "" {
		t.Fatalf("%v", act)
	}
	var print fingerprintToken
	if !decodeToken(act["token"].(string), &print) || print.MethodURL != r.url+pathMethod || len(print.ServerTransID) != 36 {
		t.Fatalf("%+v", print)
	}
	_, text := r.browse(print.MethodURL, url.Values{"threeDSMethodData": {encodeToken(methodMessage{print.ServerTransID, print.NotificationURL})}})
	if !strings.Contains(text, `action="`+print.NotificationURL+`"`) || !strings.Contains(text, `name="threeDSMethodData"`) {
		t.Errorf("the issuer's page does not report back: %s", text)
	}
	_, text = r.browse(print.NotificationURL, url.Values{"threeDSMethodData": {encodeToken(methodMessage{ServerTransID: print.ServerTransID})}})
	if !strings.Contains(text, "fingerPrintResult") || !strings.Contains(text, `"https://shop.example"`) {
		t.Errorf("the shop's page is not told: %s", text)
	}
	_, a := r.finish(quoted("threeds2.fingerprint", token64(`{"threeDSCompInd":"Y"}`)), `,"paymentData":"`, act["paymentData"].(string), `"`)
	challenge, _ := a["action"].(map[string]any)
	if a["resultCode"] != "ChallengeShopper" || challenge["subtype"] != "challenge" || challenge["paymentData"] == act["paymentData"] {
		t.Fatalf("%v", a)
	}
	var tok challengeToken
	if !decodeToken(challenge["token"].(string), &tok) || tok.ServerTransID != print.ServerTransID || tok.MessageVersion != "2.2.0" {
		t.Fatalf("%+v", tok)
	}
	creq := encodeToken(challengeMessage{ServerTransID: tok.ServerTransID, ACSTransID: tok.ACSTransID, MessageType: "CReq", Version: "2.2.0"})
	if _, text := r.browse(tok.ACSURL, url.Values{"creq": {creq}}); !strings.Contains(text, `name="code"`) {
		t.Errorf("no challenge: %s", text)
	}
	_, text = r.browse(tok.ACSURL, url.Values{"creq": {creq}, "choice": {"pay"}, "code": {"1234"}})
	cres := regexp.MustCompile(`name="cres" value="([^"]+)"`).FindStringSubmatch(text)
	var m challengeMessage
	if cres == nil || !decodeToken(cres[1], &m) || m.TransStatus != "Y" || m.MessageType != "CRes" || m.ACSTransID != tok.ACSTransID {
		t.Fatalf("%v %+v", cres, m)
	}
	_, a = r.finish(quoted("threeDSResult", token64(`{"transStatus":"Y","authorisationToken":"`+challenge["authorisationToken"].(string)+`"}`)))
	if data := a["additionalData"].(map[string]any); a["resultCode"] != "Authorised" || data["threeDAuthenticatedResponse"] != "Y" || data["threeDOfferedResponse"] != "C" {
		t.Errorf("%v", a)
	}
}

func TestIssuersWordStandsAgainstTheBrowsers(t *testing.T) {
	r := start(t, "", "")
	challenge := r.begun("ChallengeShopper", "4111111111111111", "4212345678910006", `"returnUrl"`, native)
	var tok challengeToken
	decodeToken(challenge["token"].(string), &tok)
	creq := encodeToken(challengeMessage{ServerTransID: tok.ServerTransID, ACSTransID: tok.ACSTransID, MessageType: "CReq"})
	r.browse(tok.ACSURL, url.Values{"creq": {creq}, "choice": {"refuse"}})
	_, a := r.finish(quoted("threeds2.challengeResult", token64(`{"transStatus":"Y"}`)), `,"paymentData":"`, challenge["paymentData"].(string), `"`)
	if a["refusalReasonCode"] != "11" {
		t.Errorf("a browser that lies is believed: %v", a)
	}
}

func TestBrowserIsBelievedWhereNobodyWentToTheIssuer(t *testing.T) {
	for status, want := range map[string][]string{"Y": {"Authorised", "true"}, "A": {"Authorised", "true"}, "U": {"Authorised", "false"}, "N": {"Refused", "false"}, "R": {"Refused", "false"}} {
		r := start(t, "", "")
		challenge := r.begun("ChallengeShopper", "4111111111111111", "4212345678910006", `"returnUrl"`, native)
		_, a := r.finish(quoted("threeds2.challengeResult", token64(`{"transStatus":"`+status+`"}`)), `,"paymentData":"`, challenge["paymentData"].(string), `"`)
		data, _ := a["additionalData"].(map[string]any)
		if a["resultCode"] != want[0] || data["liabilityShift"] != want[1] || data["threeDAuthenticatedResponse"] != status {
			t.Errorf("%s: %v", status, a)
		}
	}
}

func TestFingerprintAloneIsFrictionless(t *testing.T) {
	for _, number := range []string{enrolled, "5201281505129736"} {
		r := start(t, "", "")
		act := r.begun("IdentifyShopper", "4111111111111111", number, `"returnUrl"`, native)
		_, a := r.finish(quoted("threeds2.fingerprint", token64(`{"threeDSCompInd":"U"}`)), `,"paymentData":"`, act["paymentData"].(string), `"`)
		if data, _ := a["additionalData"].(map[string]any); a["resultCode"] != "Authorised" || data["threeDOfferedResponse"] != "Y" || data["liabilityShift"] != "true" {
			t.Errorf("%s: %v", number, a)
		}
	}
}
