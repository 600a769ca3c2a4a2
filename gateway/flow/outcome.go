package flow

import (
	"fmt"
	"strings"
	"time"

	"octroi/gateway/hold"
	"octroi/gateway/payment"
	"octroi/gateway/store"
	"octroi/providers"
	"octroi/risk"
)

// outcome collects what is to be written of a payment whose outcome has just become known.
type outcome struct {
	f *Flow
	p payment.Payment
	s scored
	w store.Writes
	// at is when what is recorded happened, where that is not when the order was made.
	at time.Time
}

func (f *Flow) outcome(p payment.Payment, s scored) *outcome {
	o := &outcome{f: f, p: p, s: s}
	o.p.UpdatedAt = f.now()
	if !s.recalled {
		o.w.History = []store.History{{Shop: p.Shop, Record: s.facts.Attempt(), Applied: s.observed}}
	}
	if s.naming {
		o.w.History = append(o.w.History, store.History{Shop: p.Shop, Record: s.attemptNamed(), Applied: s.met})
	}
	return o
}

// done gives the writes, with the decision and the inputs it can be replayed from, unless they are written already.
func (o *outcome) done() store.Writes {
	d := o.s.shown()
	o.p.Decision = &d
	stage := "decide"
	if o.s.facts.Review != nil {
		stage = "review"
	}
	if stage == "review" || !o.s.recalled {
		// One decision is written with each version of the payment at most, so that its id need not be random.
		id := fmt.Sprintf("dec_%s_%d", strings.TrimPrefix(o.p.ID, payment.PrefixPayment), o.p.Version)
		o.w.Decision = &store.Decision{ID: id, PaymentID: o.p.ID, Stage: stage, At: o.s.facts.At, Recorded: o.s.record()}
	}
	o.w.Payment = &o.p
	// Webhooks show the payment as it ends up, so their bodies are made last.
	for i, m := range o.w.Outbox {
		if m.Kind == store.KindWebhook {
			o.w.Outbox[i].Payload = o.f.webhookBody(string(m.Payload), store.Snapshot{Payment: o.p, Case: o.w.Case})
		}
	}
	return o.w
}

// become moves the payment on. A transition that the table of states forbids is an error, and nothing is written.
func (o *outcome) become(next payment.Status, why string) error {
	if !o.p.Status.MayBecome(next) {
		return payment.Errorf(payment.CodeWrongState, "A %s payment cannot become %s.", o.p.Status, next)
	}
	o.p.Status = next
	o.audit("payment."+string(next), why)
	return nil
}

func (o *outcome) audit(action, detail string) {
	o.w.Audit = append(o.w.Audit, store.Audit{At: o.p.UpdatedAt, Actor: hold.ActorPolicy, Action: action, Subject: o.p.ID, Detail: bound(detail)})
}

func (o *outcome) record(kind risk.EventKind, code string) {
	r := o.s.attempt()
	r.Kind, r.Code = kind, code
	if !o.at.IsZero() {
		r.At = o.at
	}
	o.w.History = append(o.w.History, store.History{Shop: o.p.Shop, Record: r})
}

// webhook notes an event for the shop; done fills its body in.
func (o *outcome) webhook(event string) {
	if o.f.Shops[o.p.Shop].Webhooks {
		o.w.Outbox = append(o.w.Outbox, store.Message{Kind: store.KindWebhook, Shop: o.p.Shop, PaymentID: o.p.ID, Payload: []byte(event)})
	}
}

// operate adds an operation of our own and the message that carries it out.
func (o *outcome) operate(kind payment.OperationType, amount providers.Amount, reason string) error {
	return o.f.addOperation(&o.p, &o.w, kind, amount, reason, hold.ActorPolicy)
}
