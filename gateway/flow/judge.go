package flow

import (
	"context"
	"strings"

	"octroi/gateway/hold"
	"octroi/gateway/payment"
	"octroi/gateway/store"
)

// CardSeen tells a buyer why a document was destroyed and is asked for again.
var CardSeen = hold.Words{EN: "Your document showed the number or the code of a payment card. We have destroyed it. Please cover both and send it again.",
	FR: "Votre document laissait voir le numéro ou le code d'une carte bancaire. Nous l'avons détruit. Merci de les cacher et de l'envoyer à nouveau."}

// JudgeDocument takes an analyst's verdict on one document of a case; reason is for the buyer. The buyer is told by mail
// of everything but an acceptance. A document that shows card data is destroyed before anything is written down, so that
// a crash in between leaves too little rather than too much; the verdict may then be given again.
func (f *Flow) JudgeDocument(ctx context.Context, who store.User, caseID, documentID string, v hold.Verdict, reason string) (store.Snapshot, error) {
	judge := func(c hold.Case) (hold.Case, error) {
		return c.Judge(who.Name, documentID, v, reason, f.Shops[c.Shop].Terms, f.now())
	}
	if v == hold.VerdictCardData {
		if err := f.destroyNow(ctx, who, caseID, documentID, judge); err != nil {
			return store.Snapshot{}, err
		}
	}
	return f.analyst(ctx, who, caseID, act{name: "document_" + string(v), do: judge,
		then: func(_, after hold.Case, p *payment.Payment, w *store.Writes) error {
			d := documentOf(after, documentID)
			action := "document." + string(v)
			if v == hold.VerdictCardData {
				action = "document.destroyed"
			}
			w.Audit = append(w.Audit, store.Audit{At: after.UpdatedAt, Actor: who.Name, Action: action, Subject: d.ID, Detail: after.ID})
			w.Outbox = append(w.Outbox, f.tellVerdict(*p, after, d)...)
			return nil
		}})
}

// destroyNow destroys a document that the verdict may be given on.
func (f *Flow) destroyNow(ctx context.Context, who store.User, caseID, documentID string, judge func(hold.Case) (hold.Case, error)) error {
	if err := mayJudge(who); err != nil {
		return err
	}
	snap, err := f.Store.Case(ctx, caseID)
	if err != nil {
		return err
	}
	if _, err := judge(*snap.Case); err != nil {
		return err
	}
	if err := f.Sealer.Destroy(ctx, documentID); err != nil {
		return payment.Unavailable("The document store", err)
	}
	return nil
}

// mayJudge refuses who is no analyst.
func mayJudge(who store.User) error {
	if !who.Role.Includes(store.RoleAnalyst) || who.Disabled {
		return payment.Errorf(payment.CodeForbidden, "This needs the role analyst.")
	}
	return nil
}

func documentOf(c hold.Case, id string) hold.Document {
	for _, d := range c.Proof.Documents {
		if d.ID == id {
			return d
		}
	}
	return hold.Document{}
}

// tellVerdict writes to the buyer what became of a document.
func (f *Flow) tellVerdict(p payment.Payment, c hold.Case, d hold.Document) []store.Message {
	text := d.Reason
	switch d.Verdict {
	case hold.VerdictAccepted:
		return nil
	case hold.VerdictRefused:
		return []store.Message{f.mail(store.MailMessage, p, &c, text)}
	case hold.VerdictCardData:
		text = strings.TrimSpace(CardSeen.In(payment.Language(p.Detail.Buyer.Locale)) + "\n" + text)
	}
	return []store.Message{f.mail(store.MailUnreadable, p, &c, text, func(m *store.Mail) { m.Kinds = []hold.Kind{d.Kind} })}
}
