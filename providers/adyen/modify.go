package adyen

import (
	"context"

	"github.com/adyen/adyen-go-api-library/v9/src/checkout"

	"octroi/providers"
)

// Capture asks for an authorised amount, or a part of it, with POST /payments/{psp}/captures.
func (a *Adyen) Capture(ctx context.Context, m providers.Modification) (providers.Receipt, error) {
	api := a.api.ModificationsApi
	return a.modify(ctx, "capture", m, m.PaymentReference, func(ctx context.Context, account string) error {
		_, _, err := api.CaptureAuthorisedPayment(ctx, api.CaptureAuthorisedPaymentInput(m.PaymentReference).IdempotencyKey(m.OperationID).
			PaymentCaptureRequest(checkout.PaymentCaptureRequest{Amount: amount(m.Amount), MerchantAccount: account, Reference: &m.OperationID}))
		return err
	})
}

// Cancel releases an authorisation that is not captured, with POST /payments/{psp}/cancels.
func (a *Adyen) Cancel(ctx context.Context, m providers.Modification) (providers.Receipt, error) {
	api := a.api.ModificationsApi
	return a.modify(ctx, "cancel", m, m.PaymentReference, func(ctx context.Context, account string) error {
		_, _, err := api.CancelAuthorisedPaymentByPspReference(ctx, api.CancelAuthorisedPaymentByPspReferenceInput(m.PaymentReference).
			IdempotencyKey(m.OperationID).PaymentCancelRequest(checkout.PaymentCancelRequest{MerchantAccount: account, Reference: &m.OperationID}))
		return err
	})
}

// Refund gives captured money back, all or in part, with POST /payments/{psp}/refunds.
func (a *Adyen) Refund(ctx context.Context, m providers.Modification) (providers.Receipt, error) {
	api := a.api.ModificationsApi
	return a.modify(ctx, "refund", m, m.PaymentReference, func(ctx context.Context, account string) error {
		_, _, err := api.RefundCapturedPayment(ctx, api.RefundCapturedPaymentInput(m.PaymentReference).IdempotencyKey(m.OperationID).
			PaymentRefundRequest(checkout.PaymentRefundRequest{Amount: amount(m.Amount), MerchantAccount: account, Reference: &m.OperationID}))
		return err
	})
}

// Reverse cancels or refunds the whole payment, whichever its state asks for, with POST /payments/{psp}/reversals.
func (a *Adyen) Reverse(ctx context.Context, m providers.Modification) (providers.Receipt, error) {
	api := a.api.ModificationsApi
	return a.modify(ctx, "reverse", m, m.PaymentReference, func(ctx context.Context, account string) error {
		_, _, err := api.RefundOrCancelPayment(ctx, api.RefundOrCancelPaymentInput(m.PaymentReference).IdempotencyKey(m.OperationID).
			PaymentReversalRequest(checkout.PaymentReversalRequest{MerchantAccount: account, Reference: &m.OperationID}))
		return err
	})
}

// CancelByReference releases whatever was authorised under the payment id, with POST /cancels. Adyen takes it in
// hand also when it knows no such payment; its TECHNICAL_CANCEL notification tells.
func (a *Adyen) CancelByReference(ctx context.Context, m providers.Modification) (providers.Receipt, error) {
	api := a.api.ModificationsApi
	return a.modify(ctx, "cancel_by_reference", m, m.PaymentID, func(ctx context.Context, account string) error {
		_, _, err := api.CancelAuthorisedPayment(ctx, api.CancelAuthorisedPaymentInput().IdempotencyKey(m.OperationID).
			StandalonePaymentCancelRequest(checkout.StandalonePaymentCancelRequest{MerchantAccount: account,
				PaymentReference: m.PaymentID, Reference: &m.OperationID}))
		return err
	})
}

// modify sends a modification under its operation id, which is its reference and its idempotency key.
func (a *Adyen) modify(ctx context.Context, operation string, m providers.Modification, original string,
	send func(context.Context, string) error) (providers.Receipt, error) {
	account, err := a.merchantAccount(operation, m.Shop)
	if err == nil {
		err = checkKeys(operation, m.OperationID, m.OperationID, original)
	}
	if err != nil {
		return providers.Receipt{}, err
	}
	ex, err := a.call(ctx, operation, func(ctx context.Context) error { return send(ctx, account) })
	if err != nil {
		return providers.Receipt{}, err
	}
	return readReceipt(operation, ex)
}

// readReceipt turns the answer to a modification into a receipt, or into an error that says what is known.
func readReceipt(operation string, ex *exchange) (providers.Receipt, error) {
	if ex.status >= 300 {
		return providers.Receipt{}, failure(operation, ex)
	}
	o, ok := decode(ex.body)
	if reference := o.text("pspReference"); ok && o.text("status") == "received" && reference != "" {
		return providers.Receipt{Reference: reference}, nil
	}
	return providers.Receipt{}, &providers.Error{Operation: operation, Doubt: providers.OutcomeUnknown, Detail: "the answer is not a receipt"}
}

func amount(a providers.Amount) checkout.Amount {
	return checkout.Amount{Value: a.Value, Currency: a.Currency}
}
