package flow

import (
	"context"
	"errors"

	"octroi/gateway/hold"
	"octroi/gateway/intake"
	"octroi/gateway/payment"
	"octroi/gateway/store"
	"octroi/providers"
)

// What the buyer does on the proof page. pass is always what the buyer came with, a link's token or a session: see
// OpenLink.

// Proof is what the buyer's proof page shows.
type Proof struct {
	Case           hold.Case
	Shop           Shop
	OrderReference string
	Amount         providers.Amount
	Taken          bool // the money is with the shop, where otherwise it is reserved
	Language       string
}

// ProofPage finds the open case behind a link or a session.
func (f *Flow) ProofPage(ctx context.Context, pass string) (Proof, error) {
	snap, err := f.behind(ctx, pass)
	if err != nil {
		return Proof{}, err
	}
	return Proof{Case: *snap.Case, Shop: f.Shops[snap.Payment.Shop], OrderReference: snap.Payment.OrderReference,
		Amount: snap.Payment.Amount, Taken: taken(snap.Payment), Language: snap.Case.Language}, nil
}

// ReceiveDocument takes a document: looked at, re-encoded, sealed, and then made known. A file that cannot be taken is a
// *intake.Unacceptable. Should the case close in between, the sealed document is destroyed again.
func (f *Flow) ReceiveDocument(ctx context.Context, pass string, kind hold.Kind, filename, mediaType string, data []byte) error {
	snap, err := f.behind(ctx, pass)
	if err != nil {
		return err
	}
	// The case is asked first, so that a document nobody wants is not even decoded.
	if _, err := snap.Case.Receive(hold.Document{Kind: kind}, f.now()); err != nil {
		return err
	}
	doc, err := f.Intake.Inspect(ctx, snap.Case.ID, filename, mediaType, data)
	if err != nil {
		return f.notTaken(ctx, pass, kind, err)
	}
	id, err := f.id(payment.PrefixDocument)
	if err != nil {
		return err
	}
	if _, err := f.Sealer.Seal(ctx, id, doc.Data, doc.Views...); err != nil {
		return payment.Unavailable("The document store", err)
	}
	d := hold.Document{ID: id, Kind: kind, Type: doc.Type, Size: int64(len(doc.Data)), Print: f.print(snap.Payment.Shop, doc)}
	err = f.received(ctx, pass, d, f.recognised(ctx, snap, d))
	// A store that does not answer may have taken the document all the same: then the sweep of orphans decides.
	if err != nil && payment.CodeOf(err) != payment.CodeUnavailable {
		ctx, cancel := durably(ctx)
		defer cancel()
		if derr := f.Sealer.Destroy(ctx, id); derr != nil {
			f.Logger.Error("document left without a case", "document", id, "error", derr)
		}
	}
	return err
}

// notTaken hands on why a document was not taken. One that showed a card number was in memory alone and is gone; that it
// came is written down, so that the analyst knows why the buyer has to send it again.
func (f *Flow) notTaken(ctx context.Context, pass string, kind hold.Kind, why error) error {
	var no *intake.Unacceptable
	if !errors.As(why, &no) || no.Code != intake.CodeCardData {
		return why
	}
	err := f.changeBehind(ctx, pass, func(cur store.Snapshot) (store.Writes, error) {
		c, err := cur.Case.CardSeen(kind, f.now())
		if err != nil || len(c.Events) == len(cur.Case.Events) {
			return store.Writes{}, err
		}
		return store.Writes{Case: &c, Audit: []store.Audit{{At: c.UpdatedAt, Actor: hold.ActorPolicy, Action: "document.card_data", Subject: c.ID,
			Detail: string(kind) + ": not kept"}}}, nil
	})
	if err != nil {
		f.Logger.Error("a document that showed a card number is gone, and this is not written down", "kind", kind, "error", err)
	}
	return why
}

// received makes a sealed document known to its case, and the shop. seen are the orders it came with before.
func (f *Flow) received(ctx context.Context, pass string, d hold.Document, seen []sighting) error {
	return f.changeBehind(ctx, pass, func(cur store.Snapshot) (store.Writes, error) {
		c, err := cur.Case.Receive(d, f.now())
		if err != nil {
			return store.Writes{}, err
		}
		w := store.Writes{Case: &c,
			Audit: []store.Audit{{At: c.UpdatedAt, Actor: hold.ActorBuyer, Action: "document.received", Subject: d.ID, Detail: c.ID}}}
		p := cur.Payment
		for _, s := range seen {
			c = c.Recognise(d.ID, s.caseID, s.sameBuyer, c.UpdatedAt)
			w.Audit = append(w.Audit, store.Audit{At: c.UpdatedAt, Actor: hold.ActorPolicy, Action: "document.recognised", Subject: d.ID, Detail: s.caseID})
			if !s.sameBuyer && reused(&p) {
				w.Payment = &p
			}
		}
		w.Outbox = f.webhook("case.proof_received", store.Snapshot{Payment: p, Case: &c})
		return w, nil
	})
}

// BuyerSays takes a line to the analyst.
func (f *Flow) BuyerSays(ctx context.Context, pass, text string) error {
	return f.buyerActs(ctx, pass, "message", func(c hold.Case) (hold.Case, error) { return f.say(c, hold.FromBuyer, text) })
}

// AskHuman brings the case before an analyst because the buyer wants a person to look (GDPR article 22).
func (f *Flow) AskHuman(ctx context.Context, pass string) error {
	return f.buyerActs(ctx, pass, "human_look", func(c hold.Case) (hold.Case, error) { return c.AskHuman(f.now()) })
}

// buyerActs carries out what a buyer does to the case alone. An act that changes nothing leaves no trace.
func (f *Flow) buyerActs(ctx context.Context, pass, name string, do func(hold.Case) (hold.Case, error)) error {
	return f.changeBehind(ctx, pass, func(cur store.Snapshot) (store.Writes, error) {
		c, err := do(*cur.Case)
		if err != nil || len(c.Events) == len(cur.Case.Events) {
			return store.Writes{}, err
		}
		return store.Writes{Case: &c, Audit: []store.Audit{{At: c.UpdatedAt, Actor: hold.ActorBuyer, Action: "case." + name, Subject: c.ID}}}, nil
	})
}

// Withdraw ends the case because the buyer gives the order up: what is reserved is cancelled, what is taken given back.
func (f *Flow) Withdraw(ctx context.Context, pass string) error {
	return f.changeBehind(ctx, pass, func(cur store.Snapshot) (store.Writes, error) {
		c, err := cur.Case.Withdraw(f.now())
		if err != nil {
			return store.Writes{}, err
		}
		p := cur.Payment
		w := store.Writes{Case: &c, Audit: []store.Audit{{At: c.UpdatedAt, Actor: hold.ActorBuyer, Action: "case.withdrawn", Subject: c.ID}}}
		return w, f.giveBack(c, &p, &w, store.MailWithdrawn, "withdrawn by the buyer", hold.ActorBuyer)
	})
}
