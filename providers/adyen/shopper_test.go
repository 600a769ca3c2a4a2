package adyen

import (
	"strings"
	"testing"
	"time"

	"octroi/providers"
)

// browser is one that tells everything.
func browser() *providers.Browser {
	return &providers.Browser{AcceptHeader: "text/html", Language: "fr-FR", ColorDepth: 24, ScreenHeight: 900, ScreenWidth: 1440,
		TimeZoneOffset: -120, JavaEnabled: false, ScriptEnabled: true}
}

func TestBrowserIsSentAsItIsOrNotClaimed(t *testing.T) {
	neutral := map[string]any{"acceptHeader": "*/*", "colorDepth": 24.0, "screenHeight": 1080.0, "screenWidth": 1920.0, "timeZoneOffset": 0.0, "javaEnabled": false, "javaScriptEnabled": nil}
	told := map[string]any{"acceptHeader": "text/html", "language": "fr-FR", "colorDepth": 24.0, "screenHeight": 900.0, "screenWidth": 1440.0, "timeZoneOffset": -120.0, "javaScriptEnabled": true}
	for name, c := range map[string]struct {
		spoil func(*providers.Browser)
		want  map[string]any
	}{
		"told":                  {func(*providers.Browser) {}, told},
		"deep colours":          {func(b *providers.Browser) { b.ColorDepth = 30 }, map[string]any{"colorDepth": 30.0}},
		"colours between":       {func(b *providers.Browser) { b.ColorDepth = 25 }, map[string]any{"colorDepth": 24.0, "screenWidth": 1440.0}},
		"colours beyond":        {func(b *providers.Browser) { b.ColorDepth = 1000 }, map[string]any{"colorDepth": 48.0}},
		"no accept header":      {func(b *providers.Browser) { b.AcceptHeader = "" }, map[string]any{"acceptHeader": "*/*", "screenWidth": 1440.0}},
		"a language of a novel": {func(b *providers.Browser) { b.Language = "zh-Hans-CN" }, map[string]any{"language": "fr-FR", "screenWidth": 1440.0}},
		"no screen":             {func(b *providers.Browser) { b.ScreenWidth = 0 }, neutral},
		"a negative screen":     {func(b *providers.Browser) { b.ScreenHeight = -1 }, neutral},
		"a screen of miles":     {func(b *providers.Browser) { b.ScreenHeight = 1 << 40 }, neutral},
		"no colours":            {func(b *providers.Browser) { b.ColorDepth = 0 }, neutral},
		"off the earth":         {func(b *providers.Browser) { b.TimeZoneOffset = 15 * 60 }, neutral},
		"a header of a book":    {func(b *providers.Browser) { b.AcceptHeader = strings.Repeat("a", 3000) }, neutral},
	} {
		au := payment("pay_1")
		au.Browser, au.Native, au.Origin = browser(), true, "https://shop.example"
		c.spoil(au.Browser)
		_, body := sent(t, au)
		for field, want := range c.want {
			if got := at(body, "browserInfo."+field); got != want {
				t.Errorf("%s: %s is %v, want %v", name, field, got, want)
			}
		}
		_, claimed := c.want["javaScriptEnabled"]
		native := at(body, "authenticationData.threeDSRequestData.nativeThreeDS") != nil
		if neutralised := claimed && c.want["javaScriptEnabled"] == nil; neutralised == native {
			t.Errorf("%s: steps within the page are asked for: %v", name, native)
		}
	}
}

func TestStepsWithinThePageNeedAPageABrowserAndConsent(t *testing.T) {
	for name, spoil := range map[string]func(*providers.Authorisation){
		"not native":    func(au *providers.Authorisation) { au.Native = false },
		"no browser":    func(au *providers.Authorisation) { au.Browser = nil },
		"no user agent": func(au *providers.Authorisation) { au.Shopper.UserAgent = "" },
		"no page":       func(au *providers.Authorisation) { au.Origin = "" },
		"page a script": func(au *providers.Authorisation) { au.Origin = "javascript://shop.example" },
	} {
		au := payment("pay_1")
		au.Browser, au.Native, au.Origin, au.Challenge = browser(), true, "https://pay.shop.example", true
		spoil(&au)
		_, body := sent(t, au)
		if at(body, "authenticationData.threeDSRequestData") != nil || at(body, "authenticationData.attemptAuthentication") != "always" {
			t.Errorf("%s: %v", name, body["authenticationData"])
		}
		if au.Origin != "https://pay.shop.example" && body["origin"] != "https://shop.example" {
			t.Errorf("%s: origin %v, want the return page's", name, body["origin"])
		}
	}
}

func TestBuyersDataAreKeptOnlyWhenWellFormed(t *testing.T) {
	for in, want := range map[string]string{"+33 6 12 34 56 78": "+33612345678", "06.12.34.56.78": "0612345678", "(030) 123-456": "030123456", "06\u00a012\u202f34 56": "06123456",
		"12345": "", "call me": "", "+1234567890123456": "", "": "", "0612345678;ext=1": "", "+": ""} {
		if got := telephone(in); got != want {
			t.Errorf("telephone %q: %q, want %q", in, got, want)
		}
	}
	for in, want := range map[string]string{"jean@example.org": "jean@example.org", "Jean <jean@example.org>": "", "jean": "", "a@b@c": "", "": "", "x@" + strings.Repeat("d", 300) + ".org": ""} {
		if got := mailbox(in); got != want {
			t.Errorf("mailbox %q: %q, want %q", in, got, want)
		}
	}
	for in, want := range map[string]string{"fr-FR": "fr-FR", "fr": "fr", "en_GB": "en_GB", "FR": "", "fr-fr": "", "fr-FR,fr;q=0.9": "", "": ""} {
		if got := locale(in); got != want {
			t.Errorf("locale %q: %q, want %q", in, got, want)
		}
	}
	au := payment("pay_1")
	au.Shopper.IP, au.Billing.Country, au.Delivery.Country = "fe80::1%eth0", "France", "US"
	_, body := sent(t, au)
	if body["shopperIP"] != nil || at(body, "billingAddress.country") != "ZZ" || body["countryCode"] != nil || body["deliveryAddress"] != nil {
		t.Errorf("sent %v", body)
	}
}

func TestIssuerIsToldWhereTheGoodsGo(t *testing.T) {
	for where, want := range map[providers.Destination]any{providers.ToBillingAddress: "shipToBillingAddress", providers.ToVerifiedAddress: "shipToVerifiedAddress",
		providers.ToOtherAddress: "shipToNewAddress", providers.ToStore: "shipToStore", providers.ToDigital: "digitalGoods", "": nil, "the moon": nil} {
		au, match := payment("pay_1"), false
		au.Risk = providers.RiskIndicator{Destination: where, AddressesMatch: &match, DeliveryEmail: "gift@example.org", Reordered: true}
		_, body := sent(t, au)
		for field, value := range map[string]any{"deliveryAddressIndicator": want, "addressMatch": false, "deliveryEmailAddress": "gift@example.org", "reorderItems": true} {
			if got := at(body, "merchantRiskIndicator."+field); got != value {
				t.Errorf("%s: %s is %v, want %v", where, field, got, value)
			}
		}
		if electronic := at(body, "merchantRiskIndicator.deliveryTimeframe") == "electronicDelivery"; electronic != (where == providers.ToDigital) {
			t.Errorf("%s: delivered electronically: %v", where, electronic)
		}
	}
}

func TestIssuerIsToldWhatTheShopKnowsOfTheAccount(t *testing.T) {
	const day = 24 * time.Hour
	for age, want := range map[time.Duration]any{0: "thisTransaction", time.Hour: "lessThan30Days", 29 * day: "lessThan30Days", 30 * day: "from30To60Days", 60 * day: "from30To60Days", 61 * day: "moreThan60Days", -time.Hour: nil} {
		au := payment("pay_1")
		au.Account = providers.Account{CreatedAt: noon.Add(-age), DeliverySince: noon.Add(-age), PurchasesHalf: 12, AttemptsDay: 1_000_000, AttemptsYear: -3, SuspiciousBuyer: true}
		_, body := sent(t, au)
		for field, value := range map[string]any{"accountAgeIndicator": want, "deliveryAddressUsageIndicator": want, "purchasesLast6Months": 12.0,
			"pastTransactionsDay": 999.0, "pastTransactionsYear": 0.0, "suspiciousActivity": true} {
			if got := at(body, "accountInfo."+field); got != value {
				t.Errorf("%s: %s is %v, want %v", age, field, got, value)
			}
		}
		if date := at(body, "accountInfo.accountCreationDate"); want != nil && date != noon.Add(-age).Format(time.RFC3339) || want == nil && date != nil {
			t.Errorf("%s: date %v", age, date)
		}
	}
}
