package flow

import (
	"octroi/gateway/hold"
	"octroi/gateway/payment"
	"octroi/gateway/store"
	"octroi/providers"
	"octroi/risk"
)

// dispute counts what is reported of disputes, and lets the payment follow: an announcement moves no money, a chargeback
// takes it, a reversal brings it back, a second chargeback takes it again. A reversal that is told before its chargeback
// stands for it.
func (r *report) dispute() {
	d := payment.Dispute{Status: payment.DisputeOpen}
	if r.p.Dispute != nil {
		d = *r.p.Dispute
	}
	d.UpdatedAt = r.now
	r.p.Dispute = &d
	switch {
	case r.n.Kind == providers.KindDispute:
		r.event(risk.EventDispute)
		r.heard("disputed")
		r.tell("payment.disputed")
		return
	case r.n.Kind == providers.KindChargeback:
		d.Chargebacks++
		r.event(risk.EventChargeback)
	case r.n.Success:
		d.Reversals++
	}
	switch {
	case d.Lost():
		d.Status = payment.DisputeChargedBack
		r.closeCase("charged back", "") // of a held parcel whose money was taken; its buyer asked the bank for it
		r.move(payment.ChargedBack, "payment.charged_back")
	case d.Reversals > 0:
		d.Status = payment.DisputeWon
		if r.p.Status == payment.ChargedBack {
			r.move(byMoney(r.p), "")
		}
		if r.n.Kind == providers.KindChargebackWon {
			r.tell("payment.chargeback_reversed")
		}
	}
}

// fraud takes the issuer's word that the payment was fraudulent. It moves no money: what it is worth is that the
// histories know it, and that whoever still decides on the payment does.
func (r *report) fraud() {
	r.event(risk.EventFraudReport)
	r.heard("fraud_reported")
	r.tell("payment.fraud_reported")
}

// heard notes on an open case what its analyst should know.
func (r *report) heard(what string) {
	if c := r.cur.Case; c != nil && c.Status.Open() {
		after := c.Heard(what, r.now)
		r.w.Case = &after
	}
}

// reviewed follows the provider's own analysts: their yes releases what waited for them alone, their no ends the case,
// whoever's it is.
func (r *report) reviewed(accepted bool) error {
	c := r.cur.Case
	if c == nil || !c.Status.Open() || r.p.Status != payment.Held || running(r.p.Operations, payment.OpCancel) {
		return nil // decided already
	}
	decide := c.ProviderRejects
	if accepted {
		decide = c.ProviderAccepts
	}
	after, err := decide(r.now)
	if err != nil {
		return err
	}
	r.w.Case = &after
	switch after.Status {
	case hold.Approved:
		return r.f.release(after, &r.p, &r.w, hold.ActorProvider)
	case hold.Rejected:
		return r.f.giveBack(after, &r.p, &r.w, store.MailRejected, "rejected by the provider's analysts", hold.ActorProvider)
	}
	return nil
}
