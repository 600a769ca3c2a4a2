package flow

import (
	"encoding/json"
	"time"

	"octroi/gateway/hold"
	"octroi/gateway/payment"
	"octroi/gateway/store"
	"octroi/providers"
)

// dayWindow is the window of daily limits.
const dayWindow = 24 * time.Hour

// maxDetail bounds a line of the audit log.
const maxDetail = 500

// bound cuts a text for the audit log at a character's border.
func bound(s string) string {
	if len(s) <= maxDetail {
		return s
	}
	cut := maxDetail
	for cut > 0 && s[cut]&0xC0 == 0x80 {
		cut--
	}
	return s[:cut]
}

// order is the payload of a message that asks the provider for an operation.
type order struct {
	OperationID string `json:"operation_id"`
}

// outboxKind is the message kind that carries an operation of the payment out. Of a payment that waits for its outcome
// the provider's id is not known, or is not that of what it may come to: its cancel goes by our reference. Of one that
// ended as its money was being taken nobody knows how far that has come: the provider is to reverse it, whichever.
func outboxKind(p payment.Payment, t payment.OperationType) store.Kind {
	switch {
	case t == payment.OpCapture:
		return store.KindCapture
	case t == payment.OpRefund && p.Status.Live():
		return store.KindRefund
	case t == payment.OpRefund:
		return store.KindReverse
	case unsettled(p.Status):
		return store.KindCancelReference
	default:
		return store.KindCancel
	}
}

// operation makes an operation and the message that carries it out. A refund of an offline payment has none: the shop
// makes it and says so.
func (f *Flow) operation(p payment.Payment, kind payment.OperationType, amount providers.Amount, reason, actor string) (payment.Operation, []store.Message, error) {
	op, err := f.newOperation(p, kind, amount, reason, actor)
	if err != nil || p.Method.Type.Offline() {
		return op, nil, err
	}
	return op, []store.Message{{Kind: outboxKind(p, kind), Shop: p.Shop, PaymentID: p.ID, Payload: mustJSON(order{OperationID: op.ID})}}, nil
}

// newOperation is an operation just asked for.
func (f *Flow) newOperation(p payment.Payment, kind payment.OperationType, amount providers.Amount, reason, actor string) (payment.Operation, error) {
	id, err := f.id(payment.PrefixOperation)
	now := f.now()
	return payment.Operation{ID: id, Type: kind, Status: payment.OpRequested, Amount: amount, Reason: reason, CreatedAt: now, UpdatedAt: now,
		PaymentID: p.ID, Actor: actor}, err
}

// mail makes the message that writes to the buyer; more sets what only some mails have.
func (f *Flow) mail(t store.MailTemplate, p payment.Payment, c *hold.Case, text string, more ...func(*store.Mail)) store.Message {
	b := p.Detail.Buyer
	m := store.Mail{Template: t, Language: payment.Language(b.Locale), To: b.Email, ToName: p.Detail.Billing.Name,
		ShopName: f.Shops[p.Shop].Name, OrderReference: p.OrderReference, Amount: p.Amount, Message: text,
		Method: p.Method.Type.Provider(), Taken: taken(p)}
	if c != nil {
		m.RespondBy, m.Kinds, m.Code = c.RespondBy, c.Proof.Requested, c.Proof.Code == hold.CodeOffered
	}
	switch {
	case c != nil && c.Status.Open():
		m.Link = linkPlace
	case t == store.MailExpired:
		m.Link = f.Shops[p.Shop].retryURL(p.OrderReference)
	}
	for _, set := range more {
		set(&m)
	}
	return store.Message{Kind: store.KindMail, Shop: p.Shop, PaymentID: p.ID, Payload: mustJSON(m)}
}

// tellEnded writes to the buyer that a hold is over which nobody here decided: who was asked for proof must not be left
// to wonder. Whoever was not told of the hold need not be told of its end.
func (f *Flow) tellEnded(t store.MailTemplate, p payment.Payment, c hold.Case) []store.Message {
	if !c.Told() {
		return nil
	}
	return []store.Message{f.mail(t, p, &c, "")}
}

// webhookBody is the body of a webhook as it is kept: see Outgoing.
func (f *Flow) webhookBody(event string, s store.Snapshot) []byte {
	data := f.View(s)
	if data.Case != nil && data.Case.ProofURL != "" {
		data.Case.ProofURL = linkPlace
	}
	return mustJSON(struct {
		Type      string          `json:"type"`
		Timestamp time.Time       `json:"timestamp"`
		Data      payment.Payment `json:"data"`
	}{event, s.Payment.UpdatedAt, data})
}

// webhook is the message that tells the shop, or none when it does not listen.
func (f *Flow) webhook(event string, s store.Snapshot) []store.Message {
	p := s.Payment
	if !f.Shops[p.Shop].Webhooks {
		return nil
	}
	return []store.Message{{Kind: store.KindWebhook, Shop: p.Shop, PaymentID: p.ID, Payload: f.webhookBody(event, s)}}
}

// mustJSON encodes one of this package's own payloads, which cannot fail: they hold no channels, cycles or odd numbers.
func mustJSON(v any) []byte {
	b, err := json.Marshal(v)
	if err != nil {
		panic("flow: a payload that cannot be encoded: " + err.Error())
	}
	return b
}
