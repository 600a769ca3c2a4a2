package flow

import (
	"bytes"
	"context"
	"fmt"

	"octroi/gateway/payment"
	"octroi/gateway/store"
)

// linkPlace stands in what is kept for a case's proof link, which is made when the message leaves: whoever reads the
// database, or a copy of it, finds no link that opens anything.
const linkPlace = "octroi:proof-link"

// linkFields are where the messages of each kind have it. A field's name and the quotes around it cannot come from what
// people typed, in which a quote is always escaped.
var linkFields = map[store.Kind]string{store.KindWebhook: "proof_url", store.KindMail: "link"}

// Outgoing is what a webhook or a mail says as it leaves now: its payload, with the proof link of its payment's case as
// long as the case takes anything from its buyer, and without one afterwards. So the same message says the same however
// often it is sent while the case is open. It changes nothing. Errors are the store's.
func (f *Flow) Outgoing(ctx context.Context, m store.Message) ([]byte, error) {
	field, ok := linkFields[m.Kind]
	place := linkField(field, linkPlace)
	if !ok || !bytes.Contains(m.Payload, place) {
		return m.Payload, nil
	}
	snap, err := f.Store.Payment(ctx, m.Shop, m.PaymentID)
	if err != nil && payment.CodeOf(err) != payment.CodeNotFound {
		return nil, fmt.Errorf("read the case that the message links to: %w", err)
	}
	var link []byte
	if err == nil && f.takes(snap) {
		link = linkField(field, f.proofURL(snap.Case.ID))
	}
	return bytes.ReplaceAll(m.Payload, place, link), nil
}

// linkField is the field as it stands in an object, after others.
func linkField(name, value string) []byte {
	return append([]byte(`,"`+name+`":`), mustJSON(value)...)
}
