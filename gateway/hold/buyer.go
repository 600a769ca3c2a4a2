package hold

import (
	"slices"
	"strings"
	"time"

	"octroi/gateway/payment"
)

// What buyers do on the proof page. None of it decides against them.

// Receive adds a document that the buyer sent. The first one brings the case before an analyst.
func (c Case) Receive(d Document, now time.Time) (Case, error) {
	if !c.Status.Open() {
		return c, wrongState(c, "given documents")
	}
	if !slices.Contains(c.Proof.Requested, d.Kind) {
		return c, payment.Invalid(payment.FieldError{Pointer: "/kind", Detail: "was not asked for"})
	}
	live := 0
	for _, have := range c.Proof.Documents {
		if have.Status == DocumentReceived || have.Status == DocumentAccepted {
			live++
		}
	}
	if live >= MaxDocuments || len(c.Proof.Documents) >= MaxSent {
		return c, payment.Errorf(payment.CodeWrongState, "The case already has %d documents.", len(c.Proof.Documents))
	}
	c = c.clone()
	d.Status, d.ReceivedAt = DocumentReceived, now
	c.Proof.Documents = append(c.Proof.Documents, d)
	c.review(now)
	c.happened(now, ActorBuyer, "document_received", string(d.Kind))
	return c, nil
}

// CardSeen notes that a document of the kind was destroyed before it was kept, because it showed a card number. It stays
// asked for. What a buyer can send again and again is noted MaxSent times at most.
func (c Case) CardSeen(kind Kind, now time.Time) (Case, error) {
	if !c.Status.Open() {
		return c, wrongState(c, "given documents")
	}
	noted := 0
	for _, e := range c.Events {
		if e.Actor == ActorPolicy && e.Type == eventCardData {
			noted++
		}
	}
	if noted >= MaxSent {
		return c, nil
	}
	c = c.clone()
	c.happened(now, ActorPolicy, eventCardData, string(kind))
	return c, nil
}

// eventCardData is what a case's history says of a document that showed card data, whoever saw it.
const eventCardData = "document_" + string(VerdictCardData)

// Recognise notes that a document of the case came with another order too. Another buyer's is a mark against it, and
// keeps the policy from deciding by itself; the same buyer's is not, and is only told.
func (c Case) Recognise(id, otherCase string, sameBuyer bool, now time.Time) Case {
	c = c.clone()
	kind := "document_reused"
	if sameBuyer {
		kind = "document_sent_before"
	}
	for i := range c.Proof.Documents {
		if d := &c.Proof.Documents[i]; d.ID == id && !sameBuyer {
			d.Reused = true
		}
	}
	c.happened(now, ActorPolicy, kind, otherCase)
	return c
}

// AskHuman brings the case before an analyst because the buyer wants a person to look (GDPR article 22). Asking again
// changes nothing.
func (c Case) AskHuman(now time.Time) (Case, error) {
	if !c.Status.Open() {
		return c, wrongState(c, "looked at again")
	}
	if c.HumanLook {
		return c, nil
	}
	c = c.clone()
	c.HumanLook = true
	c.review(now)
	c.happened(now, ActorBuyer, "human_look", "")
	return c, nil
}

// Withdraw ends the case because the buyer gives the order up.
func (c Case) Withdraw(now time.Time) (Case, error) {
	if !c.Status.Open() {
		return c, wrongState(c, "withdrawn")
	}
	c = c.clone()
	c.decide(Expired, now)
	c.happened(now, ActorBuyer, "withdrawn", "")
	return c, nil
}

// Say adds a message. from is FromBuyer or an analyst's name.
func (c Case) Say(from string, m Message, now time.Time) (Case, error) {
	if !c.Status.Open() {
		return c, wrongState(c, "written to")
	}
	m.Text = strings.TrimSpace(m.Text)
	if m.Text == "" {
		return c, payment.Invalid(payment.FieldError{Pointer: "/text", Detail: "is required"})
	}
	if err := bounded("text", m.Text); err != nil {
		return c, err
	}
	if len(c.Messages) >= MaxMessages {
		return c, payment.Errorf(payment.CodeWrongState, "The case already has %d messages.", MaxMessages)
	}
	c = c.clone()
	m.At, m.From = now, from
	c.Messages = append(c.Messages, m)
	c.happened(now, from, "message", "")
	return c, nil
}
