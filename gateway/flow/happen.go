package flow

import (
	"context"
	"slices"
	"time"

	"octroi/gateway/hold"
	"octroi/gateway/payment"
	"octroi/gateway/store"
	"octroi/providers"
	"octroi/risk"
)

// Happening is what a shop tells of an order that Octroi could not see.
type Happening struct {
	Type    string    `json:"type"`
	At      time.Time `json:"at"`
	Detail  string    `json:"detail"`
	Refusal string    `json:"refusal"` // of an assessment's type refused: a refusal code
}

// paymentHappenings are what may be told of a payment; everything else Octroi sees itself.
var paymentHappenings = []risk.EventKind{risk.EventChargeback, risk.EventFraudReport, risk.EventDelivered, risk.EventReturned, risk.EventClaim}

// check validates a happening against what may be told, and completes its time.
func (h *Happening) check(allowed []risk.EventKind, now time.Time) (risk.EventKind, error) {
	var fields []payment.FieldError
	bad := func(pointer, detail string) {
		fields = append(fields, payment.FieldError{Pointer: pointer, Detail: detail})
	}
	kind, ok := risk.EventNamed(h.Type)
	if !ok || !slices.Contains(allowed, kind) {
		names := ""
		for i, k := range allowed {
			if i > 0 {
				names += ", "
			}
			names += k.String()
		}
		bad("/type", "must be one of "+names)
	}
	if h.At.IsZero() {
		h.At = now
	}
	if h.At.After(now.Add(5 * time.Minute)) {
		bad("/at", "must not lie in the future")
	}
	if len(h.Detail) > payment.MaxText {
		bad("/detail", "must be at most 256 bytes long")
	}
	if payment.HoldsCard(h.Detail) {
		bad("/detail", payment.CardInText)
	}
	if h.Refusal != "" && (kind != risk.EventRefused || !slices.Contains(providers.RefusalCodes(), providers.RefusalCode(h.Refusal))) {
		bad("/refusal", "must be a refusal code, and only with type refused")
	}
	if len(fields) > 0 {
		return 0, payment.Invalid(fields...)
	}
	return kind, nil
}

// PaymentHappened records what the shop tells of a payment. A chargeback changes its state.
func (f *Flow) PaymentHappened(ctx context.Context, shop, paymentID string, h Happening) (payment.Payment, error) {
	kind, err := h.check(paymentHappenings, f.Clock())
	if err != nil {
		return payment.Payment{}, err
	}
	if _, err := f.Store.Payment(ctx, shop, paymentID); err != nil {
		return payment.Payment{}, err
	}
	snap, err := f.change(ctx, paymentID, func(cur store.Snapshot) (store.Writes, error) {
		now := f.now()
		p := cur.Payment
		if h.At.Before(p.CreatedAt.Add(-time.Minute)) {
			return store.Writes{}, payment.Invalid(payment.FieldError{Pointer: "/at", Detail: "must not lie before the payment"})
		}
		if kind == risk.EventChargeback && p.Status != payment.ChargedBack && !p.Status.MayBecome(payment.ChargedBack) {
			return store.Writes{}, payment.Errorf(payment.CodeWrongState, "Nothing was captured of this payment (%s): there is nothing to charge back.", p.Status)
		}
		p.UpdatedAt = now
		w := store.Writes{Payment: &p, History: []store.History{happened(p, kind, "", h.At)},
			Audit: []store.Audit{{At: now, Actor: hold.ActorShop, Action: "payment." + h.Type, Subject: p.ID, Detail: bound(h.Detail)}}}
		if kind == risk.EventChargeback && p.Status.MayBecome(payment.ChargedBack) {
			p.Status = payment.ChargedBack
			w.Outbox = f.webhook("payment.charged_back", store.Snapshot{Payment: p, Case: cur.Case})
		}
		return w, nil
	})
	return f.View(snap), err
}

// happened is the history entry of a later event of a payment.
func happened(p payment.Payment, kind risk.EventKind, code string, at time.Time) store.History {
	r := p.Facts(p.CreatedAt).Attempt()
	r.Kind, r.Code, r.At = kind, code, at.UTC()
	return store.History{Shop: p.Shop, Record: r}
}
