package flow

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"octroi/gateway/hold"
	"octroi/gateway/payment"
	"octroi/gateway/store"
	"octroi/gateway/vault"
)

// Eraser carries out the request of a buyer to be forgotten. What leads to the buyer goes now: documents, address, number,
// telephone, device, messages, mails, recorded inputs of decisions, assessments. What a dispute needs (who was billed,
// where the goods went, from which network address, the provider's reports) goes when the record of the payment is
// pseudonymised; see payment.Erased. Every field is needed.
type Eraser struct {
	Store  *store.Store
	Sealer *vault.Sealer
	Clock  func() time.Time
}

// Erasure says what a request does, or would do.
type Erasure struct {
	Payments    []ErasedPayment
	Assessments int // deleted
	// Lists are entries that name the buyer and stay: somebody put them there for a reason.
	Lists []store.ListEntry
}

// ErasedPayment is one payment of an Erasure.
type ErasedPayment struct {
	ID             string
	OrderReference string
	Status         payment.Status
	Documents      int       // destroyed
	Later          bool      // still under way: erased once it has its outcome
	RecordUntil    time.Time // when the rest goes; later when more happens to the payment
}

// eraseAgain is how often a payment that is still under way is looked at again.
const eraseAgain = time.Hour

// Plan tells what Erase would do, and changes nothing.
func (e Eraser) Plan(ctx context.Context, of store.Subject) (Erasure, error) {
	_, plan, err := e.plan(ctx, of)
	return plan, err
}

func (e Eraser) plan(ctx context.Context, of store.Subject) (store.Found, Erasure, error) {
	found, err := e.Store.FindSubject(ctx, of)
	if err != nil {
		return found, Erasure{}, err
	}
	plan := Erasure{Assessments: len(found.Assessments), Lists: found.Lists}
	for _, id := range found.Payments {
		snap, err := e.Store.Payment(ctx, of.Shop, id)
		if err != nil {
			return found, Erasure{}, err
		}
		p := ErasedPayment{ID: id, OrderReference: snap.Payment.OrderReference, Status: snap.Payment.Status, Later: !mayForget(snap),
			RecordUntil: snap.Payment.KeptUntil()}
		if snap.Case != nil {
			p.Documents = len(undestroyed(*snap.Case))
		}
		plan.Payments = append(plan.Payments, p)
	}
	return found, plan, nil
}

// Erase carries it out for actor, and tells what it did. It may be repeated, also after a failure half-way.
func (e Eraser) Erase(ctx context.Context, actor string, of store.Subject) (Erasure, error) {
	found, did, err := e.plan(ctx, of)
	if err != nil {
		return Erasure{}, err
	}
	// The journal first, since by the payments and assessments the buyer is found when this is run again. Nothing of an
	// order is older there than the order.
	orders := slices.Concat(found.Payments, found.Assessments)
	if _, err := e.Store.ForgetHistory(ctx, orders, found.First.Add(-time.Minute)); err != nil {
		return Erasure{}, fmt.Errorf("erase a buyer from the journal (run it again): %w", err)
	}
	for i, p := range did.Payments {
		erased, err := e.payment(ctx, actor, p.ID)
		if err != nil {
			return Erasure{}, fmt.Errorf("erase the buyer of payment %s (run it again): %w", p.ID, err)
		}
		did.Payments[i].Later = !erased
	}
	line := store.Audit{At: e.now(), Actor: actor, Action: "buyer.erased", Subject: of.Shop, Detail: fmt.Sprintf("%d assessments", len(found.Assessments))}
	if err := e.Store.ForgetAssessments(ctx, found.Assessments, line); err != nil {
		return Erasure{}, fmt.Errorf("erase a buyer's assessments (run it again): %w", err)
	}
	return did, e.Store.Scrub(ctx)
}

func (e Eraser) now() time.Time { return e.Clock().UTC().Truncate(time.Microsecond) }

// payment erases the buyer of one payment, or puts it off while it is under way.
func (e Eraser) payment(ctx context.Context, actor, id string) (erased bool, err error) {
	snap, err := e.Store.Payment(ctx, "", id)
	if err != nil {
		return false, err
	}
	if snap.Case != nil && mayForget(snap) {
		if err := destroyAll(ctx, e.Sealer, *snap.Case); err != nil {
			return false, err
		}
	}
	now := e.now()
	return e.Store.Erase(ctx, id, now.Add(eraseAgain), func(cur store.Snapshot) (store.Writes, error) {
		if !mayForget(cur) {
			return store.Writes{}, nil
		}
		p := cur.Payment.Erased()
		w := store.Writes{Payment: &p, Audit: []store.Audit{{At: now, Actor: actor, Action: "buyer.erased", Subject: id}}}
		if cur.Case == nil {
			return w, nil
		}
		c, destroyed := cur.Case.Destroy(now)
		c = c.Forgotten()
		w.Case = &c
		for _, doc := range destroyed {
			w.Audit = append(w.Audit, store.Audit{At: now, Actor: actor, Action: "document.destroyed", Subject: doc, Detail: c.ID})
		}
		return w, nil
	})
}

// mayForget reports whether nothing is under way that needs to know the payment's buyer.
func mayForget(s store.Snapshot) bool {
	return s.Payment.Settled() && (s.Case == nil || !s.Case.Status.Open())
}

// undestroyed are the case's documents that lie in the vault.
func undestroyed(c hold.Case) []string {
	_, ids := c.Destroy(time.Time{})
	return ids
}

// destroyAll makes the documents of a case unreadable for good. It is for the caller to write that down.
func destroyAll(ctx context.Context, in *vault.Sealer, c hold.Case) error {
	for _, id := range undestroyed(c) {
		if err := in.Destroy(ctx, id); err != nil {
			return payment.Unavailable("The document store", err)
		}
	}
	return nil
}

// stepErasures does what buyers asked for while their payments were under way.
func (f *Flow) stepErasures(ctx context.Context) (bool, error) {
	ids, err := f.Store.DueErasures(ctx, f.Clock(), claimLimit)
	if err != nil {
		return false, err
	}
	var errs []error
	for _, id := range ids {
		errs = append(errs, f.eraseLate(ctx, id))
	}
	return false, errors.Join(errs...)
}

// eraseLate erases one of them, and what was written to the journal of it since.
func (f *Flow) eraseLate(ctx context.Context, id string) error {
	snap, err := f.Store.Payment(ctx, "", id)
	if err != nil {
		return err
	}
	if mayForget(snap) {
		if _, err := f.Store.ForgetHistory(ctx, []string{id}, snap.Payment.CreatedAt.Add(-time.Minute)); err != nil {
			return err
		}
	}
	_, err = Eraser{Store: f.Store, Sealer: f.Sealer, Clock: f.Clock}.payment(ctx, actorRetention, id)
	return err
}
