package flow_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"octroi/gateway/flow"
	"octroi/gateway/payment"
)

// field reads a member of a request's body by a dotted path; nil when it was not sent.
func (q request) field(path string) any {
	var v any = q.body
	for name := range strings.SplitSeq(path, ".") {
		m, _ := v.(map[string]any)
		v = m[name]
	}
	return v
}

func TestTheIssuerIsToldWhatTheAddressesAndTheHistoriesSay(t *testing.T) {
	w, x := wired(t, func(c *flow.Config) {
		s := c.Shops["demo"]
		s.Statement = "MEMOIRE VIVE"
		c.Shops["demo"] = s
	})
	buys := func(reference string, delivery payment.Delivery) request {
		t.Helper()
		r := order(1)
		r.Order.Reference, r.Order.Delivery = reference, delivery
		r.Buyer.AccountCreatedAt = w.now().AddDate(-1, 0, 0)
		w.pay(r)
		w.eventually("the histories are up to date", func() bool { return w.waiting() == 0 })
		w.later(time.Hour)
		sent := x.on("/payments")
		return sent[len(sent)-1]
	}
	home := payment.Delivery{Method: "home", Recipient: "Camille Exemple", Address: paris()}
	away := payment.Delivery{Method: "home", Recipient: "Sacha Exemple", Address: marseille()}
	for i, c := range []struct {
		delivery payment.Delivery
		want     string
		match    any
	}{
		{home, "shipToBillingAddress", true},
		{away, "shipToNewAddress", false},
		{away, "shipToVerifiedAddress", false},
		{payment.Delivery{Method: "locker", Address: marseille()}, "shipToStore", nil},
		{payment.Delivery{Method: "digital"}, "digitalGoods", nil},
		{payment.Delivery{}, "", nil},
	} {
		q := buys(fmt.Sprint("I-", i), c.delivery)
		got, _ := q.field("merchantRiskIndicator.deliveryAddressIndicator").(string)
		if got != c.want || q.field("merchantRiskIndicator.addressMatch") != c.match {
			t.Errorf("order %d: %q, match %v, want %q, %v", i, got, q.field("merchantRiskIndicator.addressMatch"), c.want, c.match)
		}
		if reordered := q.field("merchantRiskIndicator.reorderItems") == true; reordered != (i > 0) {
			t.Errorf("order %d: bought before: %v", i, reordered)
		}
		for name, want := range map[string]float64{"purchasesLast6Months": float64(i), "pastTransactionsDay": float64(i), "pastTransactionsYear": float64(i)} {
			if got := q.field("accountInfo." + name); got != want {
				t.Errorf("order %d: %s is %v, want %v", i, name, got, want)
			}
		}
		if q.field("accountInfo.accountCreationDate") == nil || !strings.HasPrefix(fmt.Sprint(q.field("shopperStatement")), "MEMOIRE VIVE ") {
			t.Errorf("order %d: account %v, statement %v", i, q.field("accountInfo"), q.field("shopperStatement"))
		}
	}
}

func TestTheIssuerIsNotToldWhatNobodyKnows(t *testing.T) {
	w, x := wired(t, nil)
	w.redis.Close()
	w.pay(order(1))
	q := x.on("/payments")[0]
	if q.field("accountInfo") != nil || q.field("merchantRiskIndicator.reorderItems") != nil {
		t.Errorf("without histories: %v %v", q.field("accountInfo"), q.field("merchantRiskIndicator"))
	}
}

func TestTheBrowserGoesToTheIssuerAsTheCheckoutSawIt(t *testing.T) {
	w, x := wired(t, nil)
	r := natively(order(1))
	r.Buyer.Browser.TimeZoneOffset = -120
	w.pay(r)
	q := x.on("/payments")[0]
	for name, want := range map[string]any{"acceptHeader": "*/*", "language": "fr-FR", "colorDepth": 24.0, "screenHeight": 1080.0, "screenWidth": 1920.0,
		"timeZoneOffset": -120.0, "javaEnabled": false, "userAgent": "Mozilla/5.0"} {
		if got := q.field("browserInfo." + name); got != want {
			t.Errorf("%s is %v, want %v", name, got, want)
		}
	}
	if q.field("origin") != "https://shop.example" || q.field("authenticationData.threeDSRequestData.nativeThreeDS") != "preferred" {
		t.Errorf("origin %v, %v", q.field("origin"), q.field("authenticationData"))
	}
}
