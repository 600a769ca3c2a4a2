package adyen

import (
	"time"

	"github.com/adyen/adyen-go-api-library/v9/src/checkout"

	"octroi/providers"
)

// destinations are Adyen's names of where the goods go (Checkout v71, MerchantRiskIndicator.deliveryAddressIndicator).
var destinations = map[providers.Destination]string{
	providers.ToBillingAddress:  "shipToBillingAddress",
	providers.ToVerifiedAddress: "shipToVerifiedAddress",
	providers.ToOtherAddress:    "shipToNewAddress",
	providers.ToStore:           "shipToStore",
	providers.ToDigital:         "digitalGoods",
}

// riskIndicator passes on what the shop's own checks say, for the issuer to ask the buyer less often; nil when they say
// nothing. A buyer who has not bought before is not said to be new: the shop may only not know.
func riskIndicator(k providers.RiskIndicator) *checkout.MerchantRiskIndicator {
	out := checkout.MerchantRiskIndicator{AddressMatch: k.AddressesMatch, DeliveryAddressIndicator: given(destinations[k.Destination]),
		DeliveryEmailAddress: given(mailbox(k.DeliveryEmail))}
	if k.Destination == providers.ToDigital {
		out.DeliveryTimeframe = given("electronicDelivery")
	}
	if k.Reordered {
		out.ReorderItems = &k.Reordered
	}
	if out == (checkout.MerchantRiskIndicator{}) {
		return nil
	}
	return &out
}

// The greatest counts that fit the fields of EMV 3-D Secure (nbPurchaseAccount; txnActivityDay and txnActivityYear).
const (
	maxPurchases = 9999
	maxAttempts  = 999
)

// accountInfo passes on what the shop knows of the buyer's account; nil when that is nothing.
func (a *Adyen) accountInfo(k providers.Account) *checkout.AccountInfo {
	if k == (providers.Account{}) {
		return nil
	}
	now := a.clock()
	out := checkout.AccountInfo{PurchasesLast6Months: count(k.PurchasesHalf, maxPurchases),
		PastTransactionsDay: count(k.AttemptsDay, maxAttempts), PastTransactionsYear: count(k.AttemptsYear, maxAttempts)}
	out.AccountCreationDate, out.AccountAgeIndicator = since(k.CreatedAt, now)
	out.DeliveryAddressUsageDate, out.DeliveryAddressUsageIndicator = since(k.DeliverySince, now)
	if k.SuspiciousBuyer {
		out.SuspiciousActivity = &k.SuspiciousBuyer
	}
	return &out
}

func count(n, most int) *int32 {
	c := int32(min(max(n, 0), most))
	return &c
}

// since gives a date and Adyen's word for how long ago it was; nothing of a date that is not known, or not past.
func since(t, now time.Time) (*time.Time, *string) {
	age := now.Sub(t)
	if t.IsZero() || age < 0 {
		return nil, nil
	}
	t = t.UTC().Truncate(time.Second)
	const day = 24 * time.Hour
	switch {
	case age < time.Minute: // first seen with this very payment
		return &t, given("thisTransaction")
	case age < 30*day:
		return &t, given("lessThan30Days")
	case age <= 60*day:
		return &t, given("from30To60Days")
	}
	return &t, given("moreThan60Days")
}
