package flow

import (
	"context"
	"slices"
	"strings"
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
	// Amount is what came, or went back, of types funds_received and funds_returned; nil is all that was waited for.
	Amount *providers.Amount `json:"-"`

	dated bool // At was said, and not filled in
}

// Types of a happening that move the money of an offline payment: see funds.go.
const (
	fundsReceived = "funds_received"
	fundsReturned = "funds_returned"
)

// paymentHappenings are what may be told of a payment; everything else Octroi sees itself.
var paymentHappenings = []risk.EventKind{risk.EventChargeback, risk.EventFraudReport, risk.EventDelivered, risk.EventReturned, risk.EventClaim}

// check validates a happening against what may be told, and completes its time. moving names the types that move money
// besides; their event is none of the histories'.
func (h *Happening) check(allowed []risk.EventKind, now time.Time, moving ...string) (risk.EventKind, error) {
	var fields []payment.FieldError
	bad := func(pointer, detail string) {
		fields = append(fields, payment.FieldError{Pointer: pointer, Detail: detail})
	}
	kind, ok := risk.EventNamed(h.Type)
	moves := slices.Contains(moving, h.Type)
	if !moves && (!ok || !slices.Contains(allowed, kind)) {
		names := make([]string, len(allowed))
		for i, k := range allowed {
			names[i] = k.String()
		}
		bad("/type", "must be one of "+strings.Join(append(names, moving...), ", "))
	}
	if h.Amount != nil && !moves {
		bad("/amount", "goes with "+strings.Join(moving, " and ")+" alone")
	}
	if h.dated = !h.At.IsZero(); !h.dated {
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
	kind, err := h.check(paymentHappenings, f.Clock(), fundsReceived, fundsReturned)
	if err != nil {
		return payment.Payment{}, err
	}
	if h.Type == fundsReceived || h.Type == fundsReturned {
		return f.fundsMoved(ctx, shop, paymentID, h)
	}
	if _, err := f.Store.Payment(ctx, shop, paymentID); err != nil {
		return payment.Payment{}, err
	}
	snap, err := f.change(ctx, paymentID, func(cur store.Snapshot) (store.Writes, error) {
		now := f.now()
		p := cur.Payment
		if err := h.after(p); err != nil {
			return store.Writes{}, err
		}
		if kind == risk.EventChargeback && p.Status != payment.ChargedBack && !mayBecome(p, payment.ChargedBack) {
			return store.Writes{}, payment.Errorf(payment.CodeWrongState, "Nothing was captured of this payment (%s): there is nothing to charge back.", p.Status)
		}
		p.UpdatedAt = now
		w := store.Writes{Payment: &p, History: []store.History{happened(p, kind, "", h.At)},
			Audit: []store.Audit{{At: now, Actor: hold.ActorShop, Action: "payment." + h.Type, Subject: p.ID, Detail: bound(h.Detail)}}}
		if kind == risk.EventChargeback && mayBecome(p, payment.ChargedBack) {
			p.Status = payment.ChargedBack
			c := cur.Case
			if c != nil && c.Status.Open() { // a parcel held although its money was taken
				closed, err := c.Expire(hold.ActorShop, "charged back", now)
				if err != nil {
					return w, err
				}
				w.Case, c = &closed, &closed
			}
			w.Outbox = f.webhook("payment.charged_back", store.Snapshot{Payment: p, Case: c})
		}
		return w, nil
	})
	return f.View(snap), err
}

// after refuses what is said to have happened before the payment was made.
func (h Happening) after(p payment.Payment) error {
	if h.At.Before(p.CreatedAt.Add(-time.Minute)) {
		return payment.Invalid(payment.FieldError{Pointer: "/at", Detail: "must not lie before the payment"})
	}
	return nil
}

// happened is the history entry of a later event of a payment.
func happened(p payment.Payment, kind risk.EventKind, code string, at time.Time) store.History {
	r := p.Facts(p.CreatedAt).Attempt()
	r.Kind, r.Code, r.At = kind, code, at.UTC()
	return store.History{Shop: p.Shop, Record: r}
}
