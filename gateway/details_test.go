package gateway

import (
	"encoding/base64"
	"encoding/json"
	"strings"
	"testing"

	"octroi/providers/adyensim"
)

// native is an order on a card whose issuer recognises the buyer, from a checkout that authenticates in its own page.
func native(reference string) string {
	r := strings.NewReplacer(`"number":"4111111111111111"`, `"number":"5201281505129736"`,
		`"capture":"manual"`, `"capture":"manual","return_url":"https://shop.example/back","authentication":{"native":true,"origin":"https://shop.example"}`,
		`"user_agent":"test"`, `"user_agent":"Mozilla/5.0","browser":{"accept_header":"*/*","language":"fr-FR","color_depth":24,"screen_height":1080,"screen_width":1920,"time_zone_offset":-60,"java_enabled":false,"java_script_enabled":true}`)
	return r.Replace(order(reference, "Paris"))
}

// fingerprinted is the body of the details that finish an answer's step.
func fingerprinted(a answered, mark string) string {
	body, _ := json.Marshal(map[string]any{"details": map[string]string{"paymentData": a.text("action.data.paymentData"),
		"threeds2.fingerprint": base64.StdEncoding.EncodeToString([]byte(`{"threeDSCompInd":"Y","mark":"` + mark + `"}`))}})
	return string(body)
}

func TestAStepOfTheBuyersIsFinishedByItsDetails(t *testing.T) {
	h := newHouse(t, nil)
	a := h.call("POST", "/v1/payments", demoKey, native("A-1"), "Idempotency-Key", "k1")
	if a.status != 201 || a.text("status") != "action_required" || a.text("action.type") != "threeds2_fingerprint" || a.text("action.data.token") == "" {
		t.Fatalf("%d %s", a.status, a.body)
	}
	at, body := "/v1/payments/"+a.text("id"), fingerprinted(a, "seen-by-nobody-else")
	if got := h.call("GET", at, demoKey, ""); got.text("action.type") != "threeds2_fingerprint" {
		t.Errorf("read again: %s", got.body)
	}
	if other := h.call("POST", at+"/details", otherKey, body); other.status != 404 {
		t.Errorf("another shop's details: %d %s", other.status, other.body)
	}
	done := h.call("POST", at+"/details", demoKey, body)
	if done.status != 200 || done.text("status") != "authorised" || done.text("authorisation.liability") != "issuer" ||
		done.text("authorisation.three_ds") != "authenticated" || done.field("action") != nil || done.header.Get(replayed) != "" {
		t.Fatalf("%d %s", done.status, done.body)
	}
	if again := h.call("POST", at+"/details", demoKey, body); again.status != 200 || again.header.Get(replayed) != "true" || again.text("status") != "authorised" {
		t.Errorf("the same details again: %d %s", again.status, again.body)
	}
	if late := h.call("POST", at+"/details", demoKey, `{"details":{"redirectResult":"x"}}`); late.status != 409 || late.text("code") != "wrong_state" {
		t.Errorf("details that nobody waits for: %d %s", late.status, late.body)
	}
	mark := base64.StdEncoding.EncodeToString([]byte("seen-by-nobody-else"))
	if strings.Contains(h.log.String(), "seen-by-nobody-else") || strings.Contains(h.log.String(), mark[:20]) {
		t.Error("the log holds what the browser brought back")
	}
}

func TestDetailsAreTakenStrictly(t *testing.T) {
	h := newHouse(t, nil)
	a := h.call("POST", "/v1/payments", demoKey, native("A-1"), "Idempotency-Key", "k1")
	at := "/v1/payments/" + a.text("id") + "/details"
	for body, pointer := range map[string]string{
		`{}`:                                    "/details",
		`{"details":{}}`:                        "/details",
		`{"details":{"a":1}}`:                   "/details/a",
		`{"details":{"a":{"b":"c"}}}`:           "/details/a",
		`{"details":{"a b":"c"}}`:               "/details/a b",
		`{"details":{"a":""}}`:                  "/details/a",
		`{"details":{"a":"c"},"paymentData":1}`: "/paymentData",
		`{"details":{"redirectResult":"x"}}`:    "/details", // not what the provider waits for
	} {
		got := h.call("POST", at, demoKey, body)
		if got.status != 422 || got.text("code") != "validation_failed" || !strings.Contains(string(got.body), `"`+pointer+`"`) {
			t.Errorf("%s: %d %s", body, got.status, got.body)
		}
	}
	if got := h.call("POST", "/v1/payments/pay_nothing/details", demoKey, `{"details":{"a":"b"}}`); got.status != 404 {
		t.Errorf("%d %s", got.status, got.body)
	}
	for _, spoilt := range []struct{ old, new, pointer string }{
		{`"origin":"https://shop.example"`, `"origin":"shop.example"`, "/authentication/origin"},
		{`"color_depth":24`, `"color_depth":0`, "/buyer/browser/color_depth"},
		{`"time_zone_offset":-60`, `"time_zone_offset":"-60"`, "/buyer/browser/time_zone_offset"},
		{`"java_enabled":false`, `"java_enabled":"no"`, "/buyer/browser/java_enabled"},
	} {
		got := h.call("POST", "/v1/payments", demoKey, strings.Replace(native("A-2"), spoilt.old, spoilt.new, 1), "Idempotency-Key", "k2")
		if got.status != 422 || !strings.Contains(string(got.body), spoilt.pointer) {
			t.Errorf("%s: %d %s", spoilt.new, got.status, got.body)
		}
	}
}

func TestAStepWithoutAnAnswerIsPending(t *testing.T) {
	h := newHouse(t, nil)
	a := h.call("POST", "/v1/payments", demoKey, native("A-1"), "Idempotency-Key", "k1")
	at, body := "/v1/payments/"+a.text("id"), fingerprinted(a, "m")
	h.sim.Fault(adyensim.Fault{Operation: "details", Cut: true})
	lost := h.call("POST", at+"/details", demoKey, body)
	if lost.status != 202 || lost.text("status") != "pending" || !strings.Contains(string(lost.body), `"provider_unavailable"`) {
		t.Fatalf("%d %s", lost.status, lost.body)
	}
	h.sim.Fault(adyensim.Fault{})
	h.eventually("the same details settle it", func() bool {
		got := h.call("POST", at+"/details", demoKey, body)
		return got.status == 200 && got.text("status") == "authorised"
	})
}

func TestAShopGivesAStepUp(t *testing.T) {
	h := newHouse(t, nil)
	a := h.call("POST", "/v1/payments", demoKey, native("A-1"), "Idempotency-Key", "k1")
	at := "/v1/payments/" + a.text("id")
	if got := h.call("POST", at+"/cancellations", demoKey, "", "Idempotency-Key", "c1"); got.status != 202 {
		t.Fatalf("%d %s", got.status, got.body)
	}
	h.eventually("it is given up", func() bool { return h.call("GET", at, demoKey, "").text("status") == "cancelled" })
	if again := h.pay("A-1", "Paris"); again.status != 201 || again.text("status") != "authorised" {
		t.Errorf("the order is not free: %d %s", again.status, again.body)
	}
}
