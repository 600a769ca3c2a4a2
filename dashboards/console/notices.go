package console

import (
	"slices"
	"time"

	"octroi/gateway/payment"
	"octroi/providers"
)

// notice is something of a payment that nobody who looks at it must overlook.
type notice struct {
	Grave bool // somebody has to act, or money is lost
	Text  string
}

// noticesOf are a payment's, the gravest first.
func noticesOf(p payment.Payment, zone *time.Location, lang string) []notice {
	all := append(failures(p, lang), disputed(p, lang)...)
	hint := func(key string, args ...any) { all = append(all, notice{Text: sprintf(lang, key, args...)}) }
	switch {
	case p.Status == payment.Held && taken(p):
		text := sprintf(lang, "notice.ship_hold", money(notRefunded(p), lang))
		if p.Method.Type.Offline() {
			text += " " + in(lang, "notice.ship_hold.offline")
		}
		if p.Method.Type == payment.MeansAlma {
			text += " " + in(lang, "notice.ship_hold.alma")
		}
		all = append(all, notice{Text: text})
	case p.Status == payment.ActionRequired && p.Method.Type.Offline():
		hint("notice.awaits_funds", money(p.Amount, lang), when(p.Due.In(zone), lang))
	case p.Status == payment.ActionRequired:
		hint("notice.awaits_buyer")
	case p.Status == payment.Pending && !p.Due.IsZero():
		hint("notice.pending.slow", when(p.Due.In(zone), lang))
	case p.Status == payment.Pending:
		hint("notice.pending")
	}
	for _, op := range p.Operations {
		if op.Type == payment.OpRefund && op.Status == payment.OpRequested && p.Method.Type.Offline() {
			hint("notice.refund_due", money(op.Amount, lang))
		}
	}
	return all
}

// failures are the operations that did not come about, or did not last, and that no later one has made good. A cancel that
// failed is asked for again and again, and the money stays reserved meanwhile: that it was asked for makes nothing good.
func failures(p payment.Payment, lang string) (all []notice) {
	for i, op := range p.Operations {
		if op.Status != payment.OpFailed {
			continue
		}
		cancel := op.Type == payment.OpCancel
		later := standings(p.Operations[i+1:], op.Type)
		again := slices.Contains(later, payment.OpRequested) || slices.Contains(later, payment.OpSent)
		switch {
		case slices.Contains(later, payment.OpDone), again && !cancel, cancel && !p.Status.Live():
			continue
		case cancel && slices.Contains(later, payment.OpFailed):
			continue // the last one tells
		}
		text := in(lang, "failed."+string(op.Type))
		if op.Confirmed > 0 {
			text += " " + in(lang, "failed.undone")
		}
		if cancel && again {
			text += " " + in(lang, "failed.again")
		}
		all = append(all, notice{true, text})
	}
	return all
}

// standings are where the operations of a type stand.
func standings(ops []payment.Operation, kind payment.OperationType) (all []payment.OperationStatus) {
	for _, op := range ops {
		if op.Type == kind {
			all = append(all, op.Status)
		}
	}
	return all
}

// disputed is where a dispute of the payment stands.
func disputed(p payment.Payment, lang string) []notice {
	if p.Dispute == nil {
		return nil
	}
	key := "disputed." + string(p.Dispute.Status)
	return []notice{{p.Dispute.Status != payment.DisputeWon, in(lang, key)}}
}

// taken reports whether money of the payment is with the shop.
func taken(p payment.Payment) bool { return p.Captured != nil && p.Captured.Value > 0 }

// notRefunded is what a rejection gives back.
func notRefunded(p payment.Payment) providers.Amount {
	captured, _ := payment.Sums(p.Operations, payment.OpCapture)
	_, claimed := payment.Sums(p.Operations, payment.OpRefund)
	return providers.Amount{Value: max(0, captured-claimed), Currency: p.Amount.Currency}
}
