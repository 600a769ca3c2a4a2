package console

import (
	"strings"
	"testing"
	"time"

	"octroi/gateway/payment"
	"octroi/providers"
)

func TestWhatNobodyMustOverlookIsSaidOnce(t *testing.T) {
	eur := func(v int64) *providers.Amount { return &providers.Amount{Value: v, Currency: "EUR"} }
	op := func(kind payment.OperationType, status payment.OperationStatus, confirmed int) payment.Operation {
		return payment.Operation{Type: kind, Status: status, Confirmed: confirmed, Amount: *eur(500)}
	}
	due := time.Date(2026, 11, 23, 14, 5, 0, 0, time.UTC)
	for name, c := range map[string]struct {
		p    payment.Payment
		want []string // beginnings, "!" before a grave one
	}{
		"nothing": {payment.Payment{Status: payment.Captured}, nil},
		"a failed capture": {payment.Payment{Status: payment.Authorised, Operations: []payment.Operation{op(payment.OpCapture, payment.OpFailed, 0)}},
			[]string{"!The capture failed"}},
		"a capture that was undone": {payment.Payment{Status: payment.Authorised, Operations: []payment.Operation{op(payment.OpCapture, payment.OpFailed, 1)}},
			[]string{"!The capture failed: the shop does not have the money. The authorisation stands until it lapses: capture again. It had been confirmed first"}},
		"a capture made good": {payment.Payment{Status: payment.Captured, Operations: []payment.Operation{op(payment.OpCapture, payment.OpFailed, 0), op(payment.OpCapture, payment.OpDone, 1)}}, nil},
		"a refund that failed": {payment.Payment{Status: payment.Captured, Operations: []payment.Operation{op(payment.OpCapture, payment.OpDone, 1), op(payment.OpRefund, payment.OpFailed, 0)}},
			[]string{"!The refund failed"}},
		"a cancellation that failed": {payment.Payment{Status: payment.Authorised, Operations: []payment.Operation{op(payment.OpCancel, payment.OpFailed, 0)}}, []string{"!The cancellation failed"}},
		"a cancellation that failed twice and is asked for again": {payment.Payment{Status: payment.Held, Operations: []payment.Operation{op(payment.OpCancel, payment.OpFailed, 0),
			op(payment.OpCancel, payment.OpFailed, 0), op(payment.OpCancel, payment.OpRequested, 0)}},
			[]string{"!The cancellation failed: the amount may stay reserved on the buyer's card until the authorisation lapses. It is asked for again"}},
		"a capture that failed and is asked for again": {payment.Payment{Status: payment.Authorised, Operations: []payment.Operation{op(payment.OpCapture, payment.OpFailed, 0), op(payment.OpCapture, payment.OpSent, 0)}}, nil},
		"a cancellation of what is over":               {payment.Payment{Status: payment.Expired, Operations: []payment.Operation{op(payment.OpCancel, payment.OpFailed, 0)}}, nil},
		"a dispute that was announced":                 {payment.Payment{Dispute: &payment.Dispute{Status: payment.DisputeOpen}}, []string{"!A dispute is announced"}},
		"a chargeback":                                 {payment.Payment{Dispute: &payment.Dispute{Status: payment.DisputeChargedBack}}, []string{"!The issuer has taken"}},
		"a chargeback that was won":                    {payment.Payment{Dispute: &payment.Dispute{Status: payment.DisputeWon}}, []string{"The dispute is won"}},
		"a parcel held, and its money not":             {payment.Payment{Status: payment.Held}, nil},
		"a parcel held after PayPal": {payment.Payment{Status: payment.Held, Amount: *eur(500), Captured: eur(500), Method: payment.PaidBy{Type: payment.MeansPayPal},
			Operations: []payment.Operation{op(payment.OpCapture, payment.OpDone, 1)}}, []string{"The money is taken already: the hold keeps the parcel back. Rejecting refunds €5.00"}},
		"a parcel held after Alma, a part given back": {payment.Payment{Status: payment.Held, Amount: *eur(900), Captured: eur(900), Method: payment.PaidBy{Type: payment.MeansAlma},
			Operations: []payment.Operation{{Type: payment.OpCapture, Status: payment.OpDone, Amount: *eur(900)}, op(payment.OpRefund, payment.OpSent, 0)}},
			[]string{"The money is taken already: the hold keeps the parcel back. Rejecting refunds €4.00. Alma pays"}},
		"a parcel held after a transfer": {payment.Payment{Status: payment.Held, Amount: *eur(500), Captured: eur(500), Method: payment.PaidBy{Type: payment.MeansTransfer},
			Operations: []payment.Operation{op(payment.OpCapture, payment.OpDone, 1)}},
			[]string{"The money is taken already: the hold keeps the parcel back. Rejecting refunds €5.00. No provider can"}},
		"a transfer to be refunded": {payment.Payment{Status: payment.Captured, Method: payment.PaidBy{Type: payment.MeansTransfer},
			Operations: []payment.Operation{op(payment.OpRefund, payment.OpRequested, 0)}}, []string{"The shop has to send €5.00 back"}},
		"a transfer on its way": {payment.Payment{Status: payment.ActionRequired, Due: due, Amount: *eur(500), Method: payment.PaidBy{Type: payment.MeansTransfer}},
			[]string{"Waits for €5.00 to arrive, until Mon 23 Nov, 14:05"}},
		"a step of the buyer's":  {payment.Payment{Status: payment.ActionRequired}, []string{"The buyer has to take a step"}},
		"an answer that is away": {payment.Payment{Status: payment.Pending}, []string{"The provider's answer"}},
		"a provider that is slow": {payment.Payment{Status: payment.Pending, Due: due, Method: payment.PaidBy{Type: payment.MeansPayPal}},
			[]string{"The provider takes its time"}},
	} {
		got := noticesOf(c.p, time.UTC, "en")
		if len(got) != len(c.want) {
			t.Errorf("%s: %+v, want %d", name, got, len(c.want))
			continue
		}
		for i, n := range got {
			want, grave := strings.CutPrefix(c.want[i], "!")
			if n.Grave != grave || !strings.HasPrefix(n.Text, want) {
				t.Errorf("%s: %+v, want %q", name, n, c.want[i])
			}
		}
	}
}
