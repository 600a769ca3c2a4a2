package flow

import (
	"context"

	"octroi/gateway/hold"
	"octroi/gateway/payment"
	"octroi/gateway/store"
	"octroi/providers"
	"octroi/risk"
)

// act is one deed of an analyst: a pure change of the case, and what follows from it.
type act struct {
	name string
	do   func(c hold.Case) (hold.Case, error)
	then func(before, after hold.Case, p *payment.Payment, w *store.Writes) error
}

// analyst carries an act out under the case's lock, writes the audit line and returns what stands now.
func (f *Flow) analyst(ctx context.Context, who store.User, caseID string, a act) (store.Snapshot, error) {
	if err := mayJudge(who); err != nil {
		return store.Snapshot{}, err
	}
	snap, err := f.changeCase(ctx, caseID, func(cur store.Snapshot) (store.Writes, error) {
		after, err := a.do(*cur.Case)
		if err != nil {
			return store.Writes{}, err
		}
		p := cur.Payment
		w := store.Writes{Case: &after, Audit: []store.Audit{{At: f.now(), Actor: who.Name, Action: "case." + a.name,
			Subject: after.ID, Detail: string(after.Status)}}}
		if a.then != nil {
			err = a.then(*cur.Case, after, &p, &w)
		}
		return w, err
	})
	return snap, err
}

// Claim gives the case to the analyst.
func (f *Flow) Claim(ctx context.Context, who store.User, caseID string) (store.Snapshot, error) {
	return f.analyst(ctx, who, caseID, act{name: "claimed", do: func(c hold.Case) (hold.Case, error) {
		return c.Claim(who.Name, f.now())
	}})
}

// Release puts the case back into the queue.
func (f *Flow) Release(ctx context.Context, who store.User, caseID string) (store.Snapshot, error) {
	return f.analyst(ctx, who, caseID, act{name: "released", do: func(c hold.Case) (hold.Case, error) {
		return c.Release(who.Name, who.Role.Includes(store.RoleSenior), f.now())
	}})
}

// Approve ends the case in the buyer's favour: the payment is released, and captured unless the shop captures by hand.
// From the shop's four-eyes amount on, a second person must approve too.
func (f *Flow) Approve(ctx context.Context, who store.User, caseID, note string) (store.Snapshot, error) {
	return f.analyst(ctx, who, caseID, act{name: "approved",
		do: func(c hold.Case) (hold.Case, error) {
			from := f.Shops[c.Shop].Terms.FourEyesFrom
			return c.Approve(who.Name, note, from > 0 && c.Amount.Value >= from, f.now())
		},
		then: func(_, after hold.Case, p *payment.Payment, w *store.Writes) error {
			if after.Status != hold.Approved {
				return nil
			}
			return f.release(after, p, w, who.Name)
		}})
}

// release lets a held payment go on.
func (f *Flow) release(c hold.Case, p *payment.Payment, w *store.Writes, actor string) error {
	if p.Status != payment.Held || running(p.Operations, payment.OpCancel) {
		return payment.Errorf(payment.CodeWrongState, "The payment is %s; it cannot be released.", p.Status)
	}
	p.Status, p.UpdatedAt = payment.Authorised, c.UpdatedAt
	w.Payment = p
	w.Audit = append(w.Audit, store.Audit{At: c.UpdatedAt, Actor: actor, Action: "payment.released", Subject: p.ID})
	if taken(*p) {
		p.Status = byMoney(*p)
		w.History = append(w.History, happened(*p, risk.EventCaptured, "", c.UpdatedAt))
	} else if p.Detail.Capture == payment.CaptureAutomatic {
		if err := f.addOperation(p, w, payment.OpCapture, p.Amount, "case approved", actor); err != nil {
			return err
		}
	}
	if c.Owner != hold.OwnerProvider { // whoever was not told of the hold need not be told of its end
		w.Outbox = append(w.Outbox, f.mail(store.MailReleased, *p, &c, ""))
	}
	w.Outbox = append(w.Outbox, f.webhook("payment.released", store.Snapshot{Payment: *p, Case: &c})...)
	return nil
}

// addOperation asks for an operation within a set of writes: the provider, or the shop for a refund of an offline payment.
func (f *Flow) addOperation(p *payment.Payment, w *store.Writes, kind payment.OperationType, amount providers.Amount, reason, actor string) error {
	op, msg, err := f.operation(*p, kind, amount, reason, actor)
	if err != nil {
		return err
	}
	p.Operations = append(p.Operations[:len(p.Operations):len(p.Operations)], op)
	w.Operations, w.Outbox = append(w.Operations, op), append(w.Outbox, msg...)
	return nil
}

// refundDue tells the shop that it has to make a refund itself: no provider can.
func (f *Flow) refundDue(p payment.Payment, w *store.Writes, c *hold.Case) {
	if p.Method.Type.Offline() {
		w.Outbox = append(w.Outbox, f.webhook("payment.refund_due", store.Snapshot{Payment: p, Case: c})...)
	}
}

// Reject ends the case against the buyer: the authorisation is cancelled, or the money that was taken given back.
func (f *Flow) Reject(ctx context.Context, who store.User, caseID, reason string) (store.Snapshot, error) {
	return f.analyst(ctx, who, caseID, act{name: "rejected",
		do: func(c hold.Case) (hold.Case, error) { return c.Reject(who.Name, reason, f.now()) },
		then: func(_, after hold.Case, p *payment.Payment, w *store.Writes) error {
			if p.Status != payment.Held {
				return payment.Errorf(payment.CodeWrongState, "The payment is %s; there is nothing to give back.", p.Status)
			}
			return f.giveBack(after, p, w, store.MailRejected, "case rejected", who.Name)
		}})
}

// giveBack cancels the authorisation of a payment whose case has ended against the buyer, or gives back what is left of
// money that was taken, and tells the buyer. A payment that is not held any more has none to give back.
func (f *Flow) giveBack(c hold.Case, p *payment.Payment, w *store.Writes, tell store.MailTemplate, reason, actor string) error {
	if p.Status != payment.Held {
		return nil
	}
	p.UpdatedAt = c.UpdatedAt
	w.Payment = p
	if tell == store.MailRejected || !c.Marks.Unasked { // a person's no is always told
		w.Outbox = append(w.Outbox, f.mail(tell, *p, &c, ""))
	}
	if taken(*p) {
		left := leftToRefund(*p)
		if left.Value == 0 {
			return nil
		}
		err := f.addOperation(p, w, payment.OpRefund, left, reason, actor)
		f.refundDue(*p, w, &c)
		return err
	}
	if running(p.Operations, payment.OpCancel) {
		return nil
	}
	return f.addOperation(p, w, payment.OpCancel, providers.Amount{}, reason, actor)
}

// RequestProof asks the buyer again, for these kinds of proof.
func (f *Flow) RequestProof(ctx context.Context, who store.User, caseID string, kinds []hold.Kind, note string) (store.Snapshot, error) {
	return f.analyst(ctx, who, caseID, act{name: "proof_requested",
		do: func(c hold.Case) (hold.Case, error) {
			c, err := c.RequestProof(who.Name, kinds, note, f.Shops[c.Shop].Terms, f.now())
			if err != nil || note == "" {
				return c, err
			}
			return f.say(c, who.Name, note)
		},
		then: func(_, after hold.Case, p *payment.Payment, w *store.Writes) error {
			w.Outbox = append(w.Outbox, f.mail(store.MailProofRequest, *p, &after, note))
			return nil
		}})
}

// say adds a message to the case.
func (f *Flow) say(c hold.Case, from, text string) (hold.Case, error) {
	id, err := f.id(payment.PrefixMessage)
	if err != nil {
		return c, err
	}
	return c.Say(from, hold.Message{ID: id, Text: text}, f.now())
}

// Note keeps a remark that the buyer never sees.
func (f *Flow) Note(ctx context.Context, who store.User, caseID, note string) (store.Snapshot, error) {
	return f.analyst(ctx, who, caseID, act{name: "noted", do: func(c hold.Case) (hold.Case, error) {
		return c.Note(who.Name, note, f.now())
	}})
}

// Reply writes to the buyer: on the proof page, and by mail.
func (f *Flow) Reply(ctx context.Context, who store.User, caseID, text string) (store.Snapshot, error) {
	return f.analyst(ctx, who, caseID, act{name: "replied",
		do: func(c hold.Case) (hold.Case, error) { return f.say(c, who.Name, text) },
		then: func(_, after hold.Case, p *payment.Payment, w *store.Writes) error {
			w.Outbox = append(w.Outbox, f.mail(store.MailMessage, *p, &after, text))
			return nil
		}})
}

// nobodyKnown stands in the audit log for whatever was typed as a name that nobody has. People type passwords there.
const nobodyKnown = "unknown"

// SignedIn writes to the audit log that somebody came in.
func (f *Flow) SignedIn(ctx context.Context, name string) error {
	return f.atTheDoor(ctx, "user.signed_in", name)
}

// SignInRefused writes to the audit log that somebody was refused under a name. It reads the same, and takes as long,
// whether anybody has that name or not.
func (f *Flow) SignInRefused(ctx context.Context, typed string) error {
	users, err := f.Store.Users(ctx)
	if err != nil {
		return err
	}
	name := nobodyKnown
	for _, u := range users {
		if u.Name == typed {
			name = u.Name
		}
	}
	return f.atTheDoor(ctx, "user.sign_in_refused", name)
}

func (f *Flow) atTheDoor(ctx context.Context, action, name string) error {
	return f.Store.Commit(ctx, store.Writes{Audit: []store.Audit{{At: f.now(), Actor: name, Action: action, Subject: name}}})
}

// Viewed writes to the audit log that a document is about to be shown. No document is shown without it.
func (f *Flow) Viewed(ctx context.Context, who store.User, caseID, documentID string) error {
	return f.documentSeen(ctx, who, "document.viewed", caseID, documentID)
}

// HandedOut writes to the audit log that the file of a document is about to leave the gateway. None leaves without it.
func (f *Flow) HandedOut(ctx context.Context, who store.User, caseID, documentID string) error {
	return f.documentSeen(ctx, who, "document.handed_out", caseID, documentID)
}

// KeptBack writes to the audit log that somebody wanted the file of a document and did not give their own password.
func (f *Flow) KeptBack(ctx context.Context, who store.User, caseID, documentID string) error {
	return f.documentSeen(ctx, who, "document.kept_back", caseID, documentID)
}

// documentSeen writes the line about a document that lies in the vault.
func (f *Flow) documentSeen(ctx context.Context, who store.User, action, caseID, documentID string) error {
	if err := mayJudge(who); err != nil {
		return err
	}
	snap, err := f.Store.Case(ctx, caseID)
	if err != nil {
		return err
	}
	if d := documentOf(*snap.Case, documentID); d.ID == "" || d.Status == hold.DocumentDestroyed {
		return payment.Errorf(payment.CodeNotFound, "No such document.")
	}
	return f.Store.Commit(ctx, store.Writes{Audit: []store.Audit{{At: f.now(), Actor: who.Name, Action: action, Subject: documentID, Detail: caseID}}})
}
