package flow

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"time"

	"octroi/gateway/hold"
	"octroi/gateway/intake"
	"octroi/gateway/payment"
	"octroi/gateway/store"
	"octroi/risk"
)

// A document that comes with two orders is looked for within one shop only: a shop has no business knowing what another
// shop's buyers have sent, and the prints of two shops cannot even be compared, since each has a key of its own.
//
// A print outlives its document: a hash under a key, and 64 bits of light and dark from which no picture can be made. It is
// emptied with the record of the payment.

// codeReused says in the decision that a document of the case came with another buyer's order too.
const codeReused = "DOCUMENT_REUSED"

const (
	// printMemory is how long a document is known again: as long as the card schemes let an order be disputed.
	printMemory = 400 * 24 * time.Hour
	// printLimit bounds how many earlier documents one is held against, the newest first.
	printLimit = 20_000
	// maxSightings bounds how many other orders are told of one document.
	maxSightings = 3
)

// print is what a document will be known again by. Its exact part says nothing without the key. A blank page is not known
// again: everybody's is the same.
func (f *Flow) print(shop string, d intake.Document) hold.Print {
	if d.Blank() {
		return hold.Print{}
	}
	m := hmac.New(sha256.New, f.purposes.print)
	m.Write([]byte(shop + "\x00"))
	m.Write(d.Exact[:])
	return hold.Print{Exact: hex.EncodeToString(m.Sum(nil)), Look: d.Hash}
}

// sighting is another order that a document came with.
type sighting struct {
	caseID    string
	sameBuyer bool
}

// recognised finds the other orders that a document came with, those of other buyers first. A store that cannot be asked
// keeps no document out: it is logged, and nothing is recognised.
func (f *Flow) recognised(ctx context.Context, of store.Snapshot, d hold.Document) []sighting {
	alike, err := f.alike(ctx, of.Payment.Shop, d.Print)
	if err != nil {
		f.Logger.Error("document not looked for among the earlier ones", "document", d.ID, "error", err)
		return nil
	}
	var others, own []sighting
	known := map[string]bool{of.Case.ID: true}
	for _, p := range alike {
		if known[p.CaseID] || len(others) == maxSightings {
			continue
		}
		known[p.CaseID] = true
		before, err := f.Store.Case(ctx, p.CaseID)
		if err != nil {
			f.Logger.Error("case of an earlier document not read", "case", p.CaseID, "error", err)
			continue
		}
		s := sighting{caseID: p.CaseID, sameBuyer: sameBuyer(before.Payment, of.Payment)}
		if s.sameBuyer {
			own = append(own, s)
		} else {
			others = append(others, s)
		}
	}
	all := append(others, own...)
	return all[:min(len(all), maxSightings)]
}

// alike are the shop's earlier documents with the same pixels, then those that look the same.
func (f *Flow) alike(ctx context.Context, shop string, p hold.Print) ([]store.Print, error) {
	since := f.Clock().Add(-printMemory)
	same, err := f.Store.SamePrints(ctx, shop, p.Exact, since, printLimit)
	if err != nil || p.Look == 0 {
		return same, err
	}
	looks, err := f.Store.Looks(ctx, shop, since, printLimit)
	for _, l := range looks {
		if intake.Distance(p.Look, l.Look) <= intake.Alike {
			same = append(same, l)
		}
	}
	return same, err
}

// sameBuyer reports whether two orders are one buyer's, as far as mailbox and customer number tell: a buyer who is held
// twice may well send the same page twice.
func sameBuyer(a, b payment.Payment) bool {
	mailbox, _ := risk.NormaliseEmail(a.Detail.Buyer.Email)
	other, _ := risk.NormaliseEmail(b.Detail.Buyer.Email)
	return mailbox != "" && mailbox == other || a.Detail.Buyer.ID != "" && a.Detail.Buyer.ID == b.Detail.Buyer.ID
}

// reused adds the reason to what is shown of the decision, once. The recorded decision stays what the policy said.
func reused(p *payment.Payment) bool {
	if p.Decision == nil || p.Decision.Has(codeReused) {
		return false
	}
	d := *p.Decision
	d.Reasons = append(d.Reasons[:len(d.Reasons):len(d.Reasons)], risk.Reason{Code: codeReused,
		Detail:   "a document of this order came with another buyer's order too",
		DetailFR: "un document de cette commande a déjà accompagné celle d'un autre acheteur"})
	p.Decision = &d
	return true
}
