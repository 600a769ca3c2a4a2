package adyen

import (
	"context"

	"github.com/adyen/adyen-go-api-library/v9/src/checkout"

	"octroi/providers"
)

// Details goes on after a redirect or a 3-D Secure 2 step, with POST /payments/details. See providers.Provider for its
// errors. A name that Adyen does not know is refused here, since the library would drop it in silence. An answer that
// settles the payment must name it: the browser may bring what belongs to another, cheaper one.
func (a *Adyen) Details(ctx context.Context, d providers.Details) (providers.Result, error) {
	const operation = "details"
	if err := checkKeys(operation, d.IdempotencyKey, d.PaymentID); err != nil {
		return providers.Result{}, err
	}
	r, ok := detailsRequest(d.Values)
	if !ok {
		return providers.Result{}, &providers.Error{Operation: operation, Doubt: providers.Rejected,
			Detail: "the details are none, or hold a name that is not one of Adyen's, or a value that is empty or too long"}
	}
	api := a.api.PaymentsApi
	ex, err := a.call(ctx, operation, func(ctx context.Context) error {
		_, _, err := api.PaymentsDetails(ctx, api.PaymentsDetailsInput().IdempotencyKey(d.IdempotencyKey).PaymentDetailsRequest(r))
		return err
	})
	if err != nil {
		return providers.Result{}, err
	}
	return a.readPayment(operation, ex, asked{payment: d.PaymentID, amount: d.Amount, method: d.Method, named: true})
}

// maxDetail bounds one value, in bytes: Adyen's longest, a whole authentication result, has a few thousand.
const maxDetail = 32 << 10

// detailsRequest puts what the browser brought back under Adyen's names (Checkout v71, PaymentCompletionDetails).
func detailsRequest(values map[string]providers.Secret) (r checkout.PaymentDetailsRequest, ok bool) {
	fields := map[string]**string{
		"redirectResult": &r.Details.RedirectResult, "threeDSResult": &r.Details.ThreeDSResult, "payload": &r.Details.Payload,
		"threeds2.fingerprint": &r.Details.Threeds2Fingerprint, "threeds2.challengeResult": &r.Details.Threeds2ChallengeResult,
		"MD": &r.Details.MD, "PaRes": &r.Details.PaRes, "billingToken": &r.Details.BillingToken,
		"facilitatorAccessToken": &r.Details.FacilitatorAccessToken, "orderID": &r.Details.OrderID, "payerID": &r.Details.PayerID,
		"paymentID": &r.Details.PaymentID, "paymentData": &r.PaymentData,
	}
	for name, value := range values {
		to, known := fields[name]
		if n := len(value); !known || n == 0 || n > maxDetail {
			return r, false
		}
		*to = given(value.Reveal())
	}
	return r, len(values) > 0
}
