package adyen

import (
	"context"

	"github.com/adyen/adyen-go-api-library/v9/src/checkout"

	"octroi/providers"
)

// Authorise begins a payment with POST /payments: a card's amount is reserved for manual capture, any other method
// takes the buyer to its own page. See providers.Provider for its errors. Refused card details (a wrong expiry date for
// one) come back as a refusal although Adyen answers them with HTTP 422.
func (a *Adyen) Authorise(ctx context.Context, au providers.Authorisation) (providers.Result, error) {
	const operation = "authorise"
	account, err := a.merchantAccount(operation, au.Shop)
	if err == nil {
		err = checkKeys(operation, au.IdempotencyKey, au.PaymentID)
	}
	if err != nil {
		return providers.Result{}, err
	}
	r, known := a.paymentRequest(au, account)
	if !known {
		return providers.Result{}, &providers.Error{Operation: operation, Doubt: providers.Rejected, Detail: "the method is not one that this adapter pays with"}
	}
	api := a.api.PaymentsApi
	ex, err := a.call(ctx, operation, func(ctx context.Context) error {
		_, _, err := api.Payments(ctx, api.PaymentsInput().IdempotencyKey(au.IdempotencyKey).PaymentRequest(r))
		return err
	})
	if err != nil {
		return providers.Result{}, err
	}
	return a.readPayment(operation, ex, asked{payment: au.PaymentID, amount: au.Amount, method: au.Method, card: au.Card})
}

// paymentRequest builds the request as a literal: the library's constructor adds a deprecated field. It is false for a
// method this package does not know. What Adyen would refuse the whole payment for is left out, or put right.
func (a *Adyen) paymentRequest(au providers.Authorisation, account string) (r checkout.PaymentRequest, known bool) {
	r = checkout.PaymentRequest{
		Amount:                 amount(au.Amount),
		MerchantAccount:        account,
		Reference:              au.PaymentID,
		MerchantOrderReference: given(au.OrderReference),
		ReturnUrl:              orElse(au.ReturnURL, a.returnURL),
		Channel:                given("Web"),
		ShopperInteraction:     given("Ecommerce"),
		ShopperStatement:       given(statement(au.Statement)),
		// The buyer comes back by a link: a form posted from another site would leave the shop's cookies behind.
		RedirectFromIssuerMethod: given("GET"),
	}
	addShopper(&r, au.Shopper)
	addAddresses(&r, au.Billing, au.Delivery)
	r.BrowserInfo = browserInfo(au.Browser, au.Shopper)
	return r, a.addMethod(&r, au)
}

// addMethod says how the buyer pays. Only a card is captured in a step of its own: the others are told to take the
// money at once, whatever the merchant account is set to, so that Result.Captured is true of them.
func (a *Adyen) addMethod(r *checkout.PaymentRequest, au providers.Authorisation) (known bool) {
	switch au.Method {
	case "", providers.MethodCard:
		r.PaymentMethod.CardDetails = cardDetails(au.Card)
		r.AdditionalData = &map[string]string{"manualCapture": "true"}
		addAuthentication(r, au)
		r.AccountInfo, r.MerchantRiskIndicator = a.accountInfo(au.Account), riskIndicator(au.Risk)
		return true
	case providers.MethodPayPal:
		r.PaymentMethod.PayPalDetails = &checkout.PayPalDetails{Type: "paypal", Subtype: given("redirect")}
	case providers.MethodAlma:
		r.PaymentMethod.PaymentDetails = &checkout.PaymentDetails{Type: given("alma")}
	default:
		return false
	}
	r.CaptureDelayHours = new(int32)
	r.LineItems = lineItems(au.Items, au.Amount)
	return true
}

// takesAtOnce tells the methods whose money is taken with the authorisation.
func takesAtOnce(m providers.Method) bool {
	return m == providers.MethodPayPal || m == providers.MethodAlma
}

// addAuthentication asks for 3-D Secure: always on a challenge, else as Adyen's own rules find. Steps within the
// checkout's page are only asked for when it says that it can show them, and from which page; else Adyen redirects.
func addAuthentication(r *checkout.PaymentRequest, au providers.Authorisation) {
	page := origin(au.Origin)
	r.Origin = given(orElse(page, origin(r.ReturnUrl)))
	var d checkout.AuthenticationData
	if au.Challenge {
		d.AttemptAuthentication = given("always")
	}
	if au.Native && page != "" && told(au.Browser) && r.BrowserInfo != nil {
		d.ThreeDSRequestData = &checkout.ThreeDSRequestData{NativeThreeDS: given("preferred")}
	}
	if d.AttemptAuthentication != nil || d.ThreeDSRequestData != nil {
		r.AuthenticationData = &d
	}
}

func cardDetails(c providers.Card) *checkout.CardDetails {
	d := &checkout.CardDetails{Type: given("scheme"), HolderName: given(c.HolderName)}
	if c.Encrypted() {
		d.EncryptedCardNumber = given(c.EncryptedNumber.Reveal())
		d.EncryptedExpiryMonth = given(c.EncryptedExpiryMonth.Reveal())
		d.EncryptedExpiryYear = given(c.EncryptedExpiryYear.Reveal())
		d.EncryptedSecurityCode = given(c.EncryptedCVC.Reveal())
		return d
	}
	d.Number = given(c.Number.Reveal())
	d.ExpiryMonth = given(c.ExpiryMonth)
	d.ExpiryYear = given(c.ExpiryYear)
	d.Cvc = given(c.CVC.Reveal())
	return d
}

// maxLines bounds the lines of an order that are passed on, and maxLineText their texts (PayPal's bound of an item's name).
const (
	maxLines    = 100
	maxLineText = 127
)

// lineItems passes the order's lines on when they add up to the amount to the last unit: PayPal refuses a payment
// whose lines do not, and delivery costs are often in no line. nil otherwise.
func lineItems(items []providers.Item, total providers.Amount) []checkout.LineItem {
	if len(items) == 0 || len(items) > maxLines {
		return nil
	}
	lines, sum := make([]checkout.LineItem, 0, len(items)), int64(0)
	for _, it := range items {
		if it.Quantity < 1 || it.UnitAmount < 0 || it.UnitAmount > providers.MaxAmount/it.Quantity {
			return nil
		}
		sum += it.Quantity * it.UnitAmount // at most maxLines times MaxAmount, far from overflow
		sku := given(cut(it.SKU, maxLineText))
		lines = append(lines, checkout.LineItem{Id: sku, Sku: sku, Description: given(cut(it.Name, maxLineText)),
			Quantity: &it.Quantity, AmountIncludingTax: &it.UnitAmount})
	}
	if sum != total.Value {
		return nil
	}
	return lines
}

// cut keeps the first n characters.
func cut(s string, n int) string {
	if r := []rune(s); len(r) > n {
		return string(r[:n])
	}
	return s
}

// given is nil for what is not known, so that the field is not sent.
func given(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

func orElse(s, other string) string {
	if s == "" {
		return other
	}
	return s
}
