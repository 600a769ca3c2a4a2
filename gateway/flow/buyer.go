package flow

import (
	"context"
	"encoding/base64"

	"octroi/gateway/hold"
	"octroi/gateway/payment"
	"octroi/gateway/store"
	"octroi/providers"
)

// Proof is what the buyer's proof page shows.
type Proof struct {
	Case           hold.Case
	Shop           Shop
	OrderReference string
	Amount         providers.Amount
	Taken          bool // the money is with the shop, where otherwise it is reserved
	Language       string
}

// errNoLink is the one answer to every link that does not open a case: unknown, expired and used alike.
func errNoLink() error {
	return payment.Errorf(payment.CodeNotFound, "This link is not valid any more.")
}

// validToken refuses what cannot be a token before the store is asked.
func validToken(token string) bool {
	b, err := base64.RawURLEncoding.DecodeString(token)
	return err == nil && len(b) == tokenBytes
}

// ProofPage finds the open case behind a link.
func (f *Flow) ProofPage(ctx context.Context, token string) (Proof, error) {
	if !validToken(token) {
		return Proof{}, errNoLink()
	}
	snap, err := f.Store.CaseByToken(ctx, tokenHash(token))
	if payment.CodeOf(err) == payment.CodeNotFound {
		return Proof{}, errNoLink()
	}
	if err != nil {
		return Proof{}, err
	}
	if !open(snap, f) {
		return Proof{}, errNoLink()
	}
	return Proof{Case: *snap.Case, Shop: f.Shops[snap.Payment.Shop], OrderReference: snap.Payment.OrderReference,
		Amount: snap.Payment.Amount, Taken: taken(snap.Payment), Language: snap.Case.Language}, nil
}

// open reports whether the case still takes anything from the buyer.
func open(snap store.Snapshot, f *Flow) bool {
	return snap.Case != nil && snap.Case.Status.Open() && f.Clock().Before(snap.Case.DecideBy)
}

// ReceiveDocument takes a document: looked at, re-encoded, sealed, and then made known. A file that cannot be taken is a
// *intake.Unacceptable. Should the case close in between, the sealed document is destroyed again.
func (f *Flow) ReceiveDocument(ctx context.Context, token string, kind hold.Kind, filename, mediaType string, data []byte) error {
	page, err := f.ProofPage(ctx, token)
	if err != nil {
		return err
	}
	now := f.now()
	// The case is asked first, so that a document nobody wants is not even decoded.
	if _, err := page.Case.Receive(hold.Document{Kind: kind}, now); err != nil {
		return err
	}
	doc, err := f.Intake.Inspect(ctx, page.Case.ID, filename, mediaType, data)
	if err != nil {
		return err
	}
	id, err := f.id(payment.PrefixDocument)
	if err != nil {
		return err
	}
	if _, err := f.Sealer.Seal(ctx, id, doc.Data, doc.Views...); err != nil {
		return payment.Unavailable("The document store", err)
	}
	err = f.received(ctx, token, hold.Document{ID: id, Kind: kind, Type: doc.Type, Size: int64(len(doc.Data))})
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

// received makes a sealed document known to its case, and the shop.
func (f *Flow) received(ctx context.Context, token string, d hold.Document) error {
	_, err := f.changeByToken(ctx, token, func(cur store.Snapshot) (store.Writes, error) {
		if !open(cur, f) {
			return store.Writes{}, errNoLink()
		}
		c, err := cur.Case.Receive(d, f.now())
		if err != nil {
			return store.Writes{}, err
		}
		return store.Writes{Case: &c,
			Audit:  []store.Audit{{At: c.UpdatedAt, Actor: hold.ActorBuyer, Action: "document.received", Subject: d.ID, Detail: c.ID}},
			Outbox: f.webhook("case.proof_received", store.Snapshot{Payment: cur.Payment, Case: &c})}, nil
	})
	return err
}

// BuyerSays takes a line to the analyst. It brings the case before one: the buyer may ask for a human look instead of
// sending documents.
func (f *Flow) BuyerSays(ctx context.Context, token, text string) error {
	if !validToken(token) {
		return errNoLink()
	}
	_, err := f.changeByToken(ctx, token, func(cur store.Snapshot) (store.Writes, error) {
		if !open(cur, f) {
			return store.Writes{}, errNoLink()
		}
		c, err := f.say(*cur.Case, hold.FromBuyer, text)
		if err != nil {
			return store.Writes{}, err
		}
		return store.Writes{Case: &c, Audit: []store.Audit{{At: c.UpdatedAt, Actor: hold.ActorBuyer, Action: "case.message", Subject: c.ID}}}, nil
	})
	return err
}
