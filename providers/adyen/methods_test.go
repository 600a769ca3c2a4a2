package adyen

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"octroi/providers"
)

func TestEachMethodIsSentUnderAdyensNameOfIt(t *testing.T) {
	for method, want := range map[providers.Method]string{
		"": "scheme manual now=false", providers.MethodCard: "scheme manual now=false",
		providers.MethodPayPal: "paypal  now=true", providers.MethodAlma: "alma  now=true",
	} {
		au := payment("pay_1")
		au.Method, au.Challenge = method, true
		_, body := sent(t, au)
		manual, mode := at(body, "additionalData.manualCapture"), ""
		if manual == "true" {
			mode = "manual"
		}
		if got := fmt.Sprintf("%v %s now=%v", at(body, "paymentMethod.type"), mode, body["captureDelayHours"] == 0.0); got != want {
			t.Errorf("%q: %s, want %s", method, got, want)
		}
		card := method == "" || method == providers.MethodCard
		if sends := strings.Contains(fmt.Sprint(body), "4111111111111111"); sends != card {
			t.Errorf("%q: the card's number is sent: %v", method, sends)
		}
		if _, there := body["authenticationData"]; there != card {
			t.Errorf("%q: 3-D Secure is asked for: %v", method, there)
		}
		if body["telephoneNumber"] != "+33612345678" || body["shopperEmail"] != "jean@example.org" {
			t.Errorf("%q lacks the buyer: %v", method, body)
		}
	}
}

func TestUnknownMethodIsRejectedBeforeTheWire(t *testing.T) {
	au := payment("pay_1")
	au.Method = "cowrie"
	if _, err := answering(t, 200, "application/json", `{"pspReference":"X","resultCode":"Authorised"}`).Authorise(t.Context(), au); providers.DoubtOf(err) != providers.Rejected {
		t.Errorf("got %v", err)
	}
}

func TestOrderLinesAreSentOnlyWhenTheyAddUp(t *testing.T) {
	total := providers.Amount{Value: 12990, Currency: "EUR"}
	two := []providers.Item{{SKU: "A", Name: "Lamp", Quantity: 2, UnitAmount: 6000}, {SKU: "B", Name: strings.Repeat("é", 300), Quantity: 1, UnitAmount: 990}}
	for name, c := range map[string]struct {
		items []providers.Item
		want  int
	}{
		"that add up":        {two, 2},
		"without delivery":   {two[:1], 0},
		"none":               {nil, 0},
		"no quantity":        {append([]providers.Item{{Quantity: 0, UnitAmount: 5}}, two...), 0},
		"negative":           {append([]providers.Item{{Quantity: 1, UnitAmount: -1}, {Quantity: 1, UnitAmount: 1}}, two...), 0},
		"beyond all numbers": {append([]providers.Item{{Quantity: math.MaxInt64, UnitAmount: math.MaxInt64}}, two...), 0},
		"too many":           {append(make([]providers.Item, maxLines), two...), 0},
	} {
		lines := lineItems(c.items, total)
		if len(lines) != c.want {
			t.Errorf("%s: %d lines, want %d", name, len(lines), c.want)
		}
		for _, l := range lines {
			if len([]rune(*l.Description)) > maxLineText {
				t.Errorf("%s: a text of %d characters", name, len([]rune(*l.Description)))
			}
		}
	}
	au := payment("pay_1")
	au.Method, au.Items = providers.MethodAlma, two
	_, body := sent(t, au)
	lines, _ := body["lineItems"].([]any)
	if len(lines) != 2 || at(lines[0], "quantity") != 2.0 || at(lines[0], "amountIncludingTax") != 6000.0 || at(lines[0], "description") != "Lamp" || at(lines[1], "id") != "B" {
		t.Errorf("sent %v", lines)
	}
}

func TestMoneyOfTheOtherMethodsIsTakenAtOnce(t *testing.T) {
	const approved = `{"pspReference":"X","resultCode":"Authorised","merchantReference":"pay_1","amount":{"value":12990,"currency":"EUR"}}`
	for method, captured := range map[providers.Method]bool{"": false, providers.MethodCard: false, providers.MethodPayPal: true, providers.MethodAlma: true} {
		au := payment("pay_1")
		au.Method = method
		a := answering(t, 200, "application/json", approved)
		direct, err := a.Authorise(t.Context(), au)
		later, errLater := a.Details(t.Context(), providers.Details{PaymentID: "pay_1", IdempotencyKey: "k", Amount: au.Amount, Method: method, Values: map[string]providers.Secret{"redirectResult": "r"}})
		for name, r := range map[string]providers.Result{"at once": direct, "after the redirect": later} {
			if err != nil || errLater != nil || r.Status != providers.StatusAuthorised || r.Captured != captured || r.ExpiresAt.IsZero() != captured {
				t.Errorf("%q %s: %+v, %v %v", method, name, r, err, errLater)
			}
		}
	}
}
