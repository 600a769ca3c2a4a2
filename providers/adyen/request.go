package adyen

import (
	"context"
	"net/netip"
	"net/url"
	"strings"

	"github.com/adyen/adyen-go-api-library/v9/src/checkout"

	"octroi/providers"
)

// Authorise reserves the amount with POST /payments, for manual capture. See providers.Provider for its errors.
// Refused card details (a wrong expiry date for one) come back as a refusal although Adyen answers them with HTTP 422.
func (a *Adyen) Authorise(ctx context.Context, au providers.Authorisation) (providers.Result, error) {
	const operation = "authorise"
	account, err := a.merchantAccount(operation, au.Shop)
	if err == nil {
		err = checkKeys(operation, au.IdempotencyKey, au.PaymentID)
	}
	if err != nil {
		return providers.Result{}, err
	}
	r := a.paymentRequest(au, account)
	api := a.api.PaymentsApi
	ex, err := a.call(ctx, operation, func(ctx context.Context) error {
		_, _, err := api.Payments(ctx, api.PaymentsInput().IdempotencyKey(au.IdempotencyKey).PaymentRequest(r))
		return err
	})
	if err != nil {
		return providers.Result{}, err
	}
	return a.readPayment(operation, ex, au)
}

// paymentRequest builds the request as a literal: the library's constructor adds a deprecated field.
func (a *Adyen) paymentRequest(au providers.Authorisation, account string) checkout.PaymentRequest {
	r := checkout.PaymentRequest{
		Amount:                 checkout.Amount{Value: au.Amount.Value, Currency: au.Amount.Currency},
		MerchantAccount:        account,
		Reference:              au.PaymentID,
		MerchantOrderReference: given(au.OrderReference),
		ReturnUrl:              au.ReturnURL,
		PaymentMethod:          checkout.CheckoutPaymentMethod{CardDetails: cardDetails(au.Card)},
		AdditionalData:         &map[string]string{"manualCapture": "true"},
		Channel:                given("Web"),
		ShopperInteraction:     given("Ecommerce"),
		ShopperStatement:       given(statement(au.Statement)),
	}
	if r.ReturnUrl == "" {
		r.ReturnUrl = a.returnURL
	}
	r.Origin = given(origin(r.ReturnUrl))
	if au.Challenge {
		always, preferred := "always", "preferred"
		r.AuthenticationData = &checkout.AuthenticationData{AttemptAuthentication: &always,
			ThreeDSRequestData: &checkout.ThreeDSRequestData{NativeThreeDS: &preferred}}
	}
	addShopper(&r, au.Shopper)
	addAddresses(&r, au.Billing, au.Delivery)
	return r
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

// addShopper passes on what is known of the buyer. What Adyen would refuse the whole payment for (a malformed
// address of the network, a reference under three characters) is left out.
func addShopper(r *checkout.PaymentRequest, s providers.Shopper) {
	if len(s.Reference) >= 3 {
		r.ShopperReference = given(s.Reference)
	}
	if _, err := netip.ParseAddr(s.IP); err == nil {
		r.ShopperIP = given(s.IP)
	}
	r.ShopperEmail, r.TelephoneNumber, r.ShopperLocale = given(s.Email), given(s.Phone), given(s.Locale)
	if i := strings.LastIndexByte(s.Name, ' '); i > 0 && i < len(s.Name)-1 {
		r.ShopperName = &checkout.Name{FirstName: s.Name[:i], LastName: s.Name[i+1:]}
	}
	if s.UserAgent != "" {
		// Adyen's redirect flow reads the first two of these; the rest are demanded by the schema and neutral.
		r.BrowserInfo = &checkout.BrowserInfo{UserAgent: s.UserAgent, AcceptHeader: "*/*", Language: orElse(s.Locale, "en"),
			ColorDepth: 24, ScreenHeight: 1080, ScreenWidth: 1920}
	}
}

func addAddresses(r *checkout.PaymentRequest, billing, delivery *providers.Address) {
	if complete(billing) {
		number, street := house(billing.Lines)
		r.BillingAddress = &checkout.BillingAddress{HouseNumberOrName: number, Street: street, City: billing.City,
			PostalCode: billing.PostalCode, Country: orElse(billing.Country, "ZZ")}
		r.CountryCode = given(billing.Country)
	}
	if complete(delivery) {
		number, street := house(delivery.Lines)
		r.DeliveryAddress = &checkout.DeliveryAddress{HouseNumberOrName: number, Street: street, City: delivery.City,
			PostalCode: delivery.PostalCode, Country: orElse(delivery.Country, "ZZ")}
	}
}

// complete tells whether an address has what Adyen refuses a payment for when it is missing or too long.
func complete(a *providers.Address) bool {
	return a != nil && strings.TrimSpace(strings.Join(a.Lines, "")) != "" && a.City != "" && len(a.PostalCode) <= 10
}

// house takes the number from its street, where it stands first or last, since issuers' address checks want it
// alone; "N/A" is Adyen's word for an address that has none.
func house(lines []string) (number, street string) {
	words := strings.Fields(strings.Join(lines, " "))
	numbered := func(w string) bool { return w[0] >= '0' && w[0] <= '9' }
	switch last := len(words) - 1; {
	case last > 0 && numbered(words[0]):
		return strings.Trim(words[0], ","), strings.Join(words[1:], " ")
	case last > 0 && numbered(words[last]):
		return words[last], strings.TrimRight(strings.Join(words[:last], " "), ", ")
	}
	return "N/A", strings.Join(words, " ")
}

// statement keeps what Adyen allows on a bank statement: 22 characters of a small alphabet.
func statement(s string) string {
	s = strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune(" .,'_-?+*/", r) {
			return r
		}
		return -1
	}, s)
	return s[:min(len(s), 22)]
}

// origin is the scheme and host of the page the buyer pays on.
func origin(address string) string {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" {
		return ""
	}
	return u.Scheme + "://" + u.Host
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
