package payment_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"octroi/gateway/payment"
	"octroi/providers"
)

// browser is what a desktop browser says of itself.
func browser() *payment.Browser {
	return &payment.Browser{AcceptHeader: "text/html", Language: "fr-FR", ColorDepth: 24, ScreenHeight: 1080, ScreenWidth: 1920, TimeZoneOffset: -120, JavaScriptEnabled: true}
}

func TestWhatAuthenticationNeedsIsHeldToItsBounds(t *testing.T) {
	fine := good()
	fine.Buyer.Browser, fine.Authentication = browser(), payment.Authentication{Native: true, Origin: "https://shop.example:8443"}
	if errs := fine.Check(now, clear); len(errs) != 0 {
		t.Fatalf("a request with a browser: %v", errs)
	}
	for _, c := range []struct {
		spoil   func(*payment.Request)
		pointer string
	}{
		{func(r *payment.Request) { r.Authentication.Native = true }, "/authentication/origin"},
		{func(r *payment.Request) { r.Authentication.Origin = "https://shop.example/checkout" }, "/authentication/origin"},
		{func(r *payment.Request) { r.Authentication.Origin = "javascript:alert(1)" }, "/authentication/origin"},
		{func(r *payment.Request) { r.Authentication.Origin = "https://name@shop.example" }, "/authentication/origin"},
		{func(r *payment.Request) { r.Buyer.Browser.ColorDepth = 0 }, "/buyer/browser/color_depth"},
		{func(r *payment.Request) { r.Buyer.Browser.ScreenHeight = -1 }, "/buyer/browser/screen_height"},
		{func(r *payment.Request) { r.Buyer.Browser.ScreenWidth = 1_000_000 }, "/buyer/browser/screen_width"},
		{func(r *payment.Request) { r.Buyer.Browser.TimeZoneOffset = 841 }, "/buyer/browser/time_zone_offset"},
		{func(r *payment.Request) { r.Buyer.Browser.Language = strings.Repeat("f", 36) }, "/buyer/browser/language"},
		{func(r *payment.Request) { r.Buyer.Browser.AcceptHeader = "4111 1111 1111 1111" }, "/buyer/browser/accept_header"},
	} {
		r := good()
		r.Buyer.Browser = browser()
		c.spoil(&r)
		if errs := r.Check(now, clear); len(errs) != 1 || errs[0].Pointer != c.pointer {
			t.Errorf("want %s, got %v", c.pointer, errs)
		}
	}
}

func TestABrowserLivesForOneCall(t *testing.T) {
	r := good()
	r.Buyer.Browser = browser()
	if r.Detail().Buyer.Browser != nil {
		t.Error("what is kept of the request holds the browser")
	}
	if r.Buyer.Browser == nil {
		t.Error("the request lost it")
	}
	want := providers.Browser{AcceptHeader: "text/html", Language: "fr-FR", ColorDepth: 24, ScreenHeight: 1080, ScreenWidth: 1920, TimeZoneOffset: -120, ScriptEnabled: true}
	if got := r.Buyer.Browser.Provider(); *got != want {
		t.Errorf("got %+v", *got)
	}
	if (*payment.Browser)(nil).Provider() != nil {
		t.Error("no browser became one")
	}
}

func TestDetailsAreHeldToTheirBoundsAndNeverShown(t *testing.T) {
	many := payment.Details{}
	for i := range payment.MaxDetails + 1 {
		many[fmt.Sprint("n", i)] = "x"
	}
	const secret = "eyJzZWNyZXQi"
	for name, c := range map[string]struct {
		details  payment.Details
		pointers []string
	}{
		"good":        {payment.Details{"threeds2.challengeResult": secret, "MD": "x", "pa-res_1": "y"}, nil},
		"none":        {nil, []string{"/details"}},
		"too many":    {many, []string{"/details"}},
		"bad name":    {payment.Details{"a/b": secret}, []string{"/details/a~1b"}},
		"no name":     {payment.Details{"": secret}, []string{"/details/"}},
		"long name":   {payment.Details{strings.Repeat("n", 65): secret}, []string{"/details/" + strings.Repeat("n", 64)}},
		"empty value": {payment.Details{"b": "", "a": ""}, []string{"/details/a", "/details/b"}},
		"long value":  {payment.Details{"a": providers.Secret(secret + strings.Repeat("x", payment.MaxDetailValue))}, []string{"/details/a"}},
	} {
		errs := c.details.Check()
		var pointers []string
		for _, e := range errs {
			pointers = append(pointers, e.Pointer)
		}
		if !slices.Equal(pointers, c.pointers) {
			t.Errorf("%s: %v, want %v", name, pointers, c.pointers)
		}
		if out := fmt.Sprintf("%v %+v %#v", errs, c.details, c.details); strings.Contains(out, secret) {
			t.Errorf("%s: a value shows: %s", name, out)
		}
	}
}
