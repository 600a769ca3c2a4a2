package flow

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"octroi/gateway/hold"
	"octroi/gateway/payment"
	"octroi/gateway/store"
	"octroi/providers"
	"octroi/risk"
)

// awaitFunds is a payment by transfer or cheque that the policy lets go on: the buyer is told where the money goes and
// by when. No provider hears of it. What the policy would hold is held when the money is there.
func (f *Flow) awaitFunds(p payment.Payment, s scored) (store.Writes, error) {
	o := f.outcome(p, s)
	o.p.Action, o.p.Due = f.Shops[p.Shop].instructions(p)
	if err := o.become(payment.ActionRequired, "waits for its money"); err != nil {
		return store.Writes{}, err
	}
	return o.done(), nil
}

// instructions tell the buyer how to pay offline, and until when.
func (s Shop) instructions(p payment.Payment) (*providers.Action, time.Time) {
	data := map[string]string{"reference": payment.TransferReference(p.OrderReference, p.ID), "amount": p.Amount.String()}
	within, usual := s.Transfer.Within, DefaultTransferTime
	if p.Method.Type == payment.MeansCheque {
		within, usual = s.Cheque.Within, DefaultChequeTime
		data["payable_to"], data["address"] = s.Cheque.PayableTo, s.Cheque.Address
	} else {
		data["beneficiary"], data["iban"] = s.Transfer.Beneficiary, s.Transfer.IBAN
		if s.Transfer.BIC != "" {
			data["bic"] = s.Transfer.BIC
		}
	}
	if within <= 0 {
		within = usual
	}
	due := p.CreatedAt.Add(within)
	data["due"] = due.Format(time.RFC3339)
	return &providers.Action{Type: string(p.Method.Type), Data: data}, due
}

// fundsMoved takes the shop's word that the money of an offline payment has come, or went back. The same word again
// changes nothing.
func (f *Flow) fundsMoved(ctx context.Context, shop, paymentID string, h Happening) (payment.Payment, error) {
	snap, err := f.Store.Payment(ctx, shop, paymentID)
	if err != nil {
		return payment.Payment{}, err
	}
	if m := snap.Payment.Method.Type; !m.Offline() {
		return payment.Payment{}, payment.Errorf(payment.CodeWrongState, "The payment is by %s: its provider reports the money.", m)
	}
	var s scored
	if h.Type == fundsReceived && !taken(snap.Payment) {
		if s, err = f.recall(ctx, snap.Payment); err != nil {
			return payment.Payment{}, err
		}
	}
	snap, err = f.change(ctx, paymentID, func(cur store.Snapshot) (store.Writes, error) {
		if err := h.after(cur.Payment); err != nil {
			return store.Writes{}, err
		}
		if h.Type == fundsReturned {
			return f.fundsReturned(cur, h)
		}
		return f.fundsReceived(cur, s, h)
	})
	return f.View(snap), err
}

// fundsReceived lets a paid order go on, or holds it as the policy said when it was made. Money that comes after its time
// is money all the same.
func (f *Flow) fundsReceived(cur store.Snapshot, s scored, h Happening) (store.Writes, error) {
	p := cur.Payment
	if err := paysAll(p.Amount, h.Amount); err != nil {
		return store.Writes{}, err
	}
	switch {
	case taken(p):
		return store.Writes{}, nil
	case p.Status != payment.ActionRequired && p.Status != payment.Expired:
		return store.Writes{}, payment.Errorf(payment.CodeWrongState, "The payment is %s and waits for no money: what came for it is the buyer's.", p.Status)
	}
	o := f.outcome(p, s)
	o.at, o.p.Action, o.p.Due = h.At.UTC(), nil, time.Time{}
	o.w.Audit = append(o.w.Audit, store.Audit{At: o.p.UpdatedAt, Actor: hold.ActorShop, Action: "payment." + h.Type, Subject: p.ID, Detail: bound(h.Detail)})
	if err := o.take(hold.ActorShop, ""); err != nil {
		return store.Writes{}, err
	}
	o.record(risk.EventAuthorised, "")
	next := o.paid
	if s.shown().Outcome != risk.Approve {
		next = func() error { return o.hold(false) }
	}
	if err := next(); err != nil {
		return store.Writes{}, err
	}
	return o.done(), nil
}

// paysAll compares what came with what was to come.
func paysAll(want providers.Amount, came *providers.Amount) error {
	switch {
	case came == nil || *came == want:
		return nil
	case came.Currency != want.Currency:
		return payment.Invalid(payment.FieldError{Pointer: "/amount/currency", Detail: "must be the payment's " + want.Currency})
	}
	missing := providers.Amount{Value: want.Value - came.Value, Currency: want.Currency}
	detail := fmt.Sprintf("must be all of %s: %s is missing. Tell of it once the rest has come, or cancel the payment and give back what came", want, missing)
	if missing.Value < 0 {
		missing.Value = -missing.Value
		detail = fmt.Sprintf("must be %s: %s is too much. Give that back to the buyer and tell of the rest", want, missing)
	}
	return payment.Invalid(payment.FieldError{Pointer: "/amount/value", Detail: detail})
}

// fundsReturned finishes a refund that the shop was asked to make.
func (f *Flow) fundsReturned(cur store.Snapshot, h Happening) (store.Writes, error) {
	// The moment names the event: two refunds of one amount are two, and one that is told twice is one.
	reference := fundsReturned + " " + h.At.UTC().Format(time.RFC3339Nano)
	var due []payment.Operation
	done := false
	for _, op := range cur.Payment.Operations {
		switch {
		case op.Type != payment.OpRefund:
		case op.Reference == reference:
			return store.Writes{}, nil
		case op.Status == payment.OpRequested:
			due = append(due, op)
		default:
			done = true
		}
	}
	if len(due) == 0 {
		if done {
			return store.Writes{}, nil
		}
		return store.Writes{}, payment.Errorf(payment.CodeWrongState, "No refund of the payment is due. Ask for one first, with /refunds.")
	}
	op, err := refundOf(due, h.Amount)
	if err == nil && !h.dated && refunds(cur.Payment) > 1 {
		err = payment.Invalid(payment.FieldError{Pointer: "/at", Detail: "must say when the money was returned: the payment has several refunds, and a retry must not pass for another"})
	}
	if err != nil {
		return store.Writes{}, err
	}
	n := providers.Notification{Kind: providers.KindRefund, OperationID: op.ID, ModificationReference: reference, Success: true, Amount: op.Amount, At: h.At}
	r := &report{f: f, n: n, cur: cur, p: cur.Payment, now: f.now()}
	r.p.UpdatedAt, r.w.Payment = r.now, &r.p
	r.operation(payment.OpRefund, true)
	r.w.Audit = append(r.w.Audit, store.Audit{At: r.now, Actor: hold.ActorShop, Action: "payment." + h.Type, Subject: r.p.ID, Detail: bound(h.Detail)})
	return r.w, nil
}

func refunds(p payment.Payment) (n int) {
	for _, op := range p.Operations {
		if op.Type == payment.OpRefund {
			n++
		}
	}
	return n
}

// refundOf finds the refund that was made: the only one that is due, or the oldest of the amount.
func refundOf(due []payment.Operation, amount *providers.Amount) (payment.Operation, error) {
	i := 0
	if amount != nil {
		i = slices.IndexFunc(due, func(op payment.Operation) bool { return op.Amount == *amount })
	}
	if i < 0 || amount == nil && len(due) > 1 {
		sums := make([]string, len(due))
		for i, op := range due {
			sums[i] = op.Amount.String()
		}
		return payment.Operation{}, payment.Invalid(payment.FieldError{Pointer: "/amount", Detail: "must be that of a refund that is due: " + strings.Join(sums, ", ")})
	}
	return due[i], nil
}
