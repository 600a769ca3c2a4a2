package hold

import (
	"slices"
	"strings"
	"time"

	"octroi/gateway/payment"
)

// Open makes the case of a payment just held. The caller fills ID and TokenHash.
func Open(p payment.Payment, now time.Time, t Terms) Case {
	c := Case{PaymentID: p.ID, Shop: p.Shop, Status: AwaitingProof, Amount: p.Amount, CreatedAt: now, UpdatedAt: now,
		Language: payment.Language(p.Detail.Buyer.Locale), Messages: []Message{}, Events: []Event{},
		Proof: Proof{Requested: askable(t.Ask, p), Documents: []Document{}}}
	if p.Decision != nil {
		c.Score = p.Decision.Score
	}
	c.DecideBy = t.decideBy(p, now)
	c.RespondBy = earliest(now.Add(t.Respond), c.DecideBy)
	c.happened(now, ActorPolicy, "opened", "")
	return c
}

// askable leaves out what a payment without a card cannot be proven by.
func askable(kinds []Kind, p payment.Payment) []Kind {
	kinds = slices.Clone(kinds)
	if p.Method.Type.IsCard() || !slices.Contains(kinds, CardCopy) {
		return kinds
	}
	if kinds = slices.DeleteFunc(kinds, func(k Kind) bool { return k == CardCopy }); len(kinds) == 0 {
		return []Kind{Identity}
	}
	return kinds
}

// Claim gives the case to an analyst. A case that somebody else holds must be released first.
func (c Case) Claim(who string, now time.Time) (Case, error) {
	if !c.Status.Open() {
		return c, wrongState(c, "claimed")
	}
	if c.Assignee == who {
		return c, nil
	}
	if c.Assignee != "" {
		return c, payment.Errorf(payment.CodeWrongState, "The case is with %s.", c.Assignee)
	}
	c = c.clone()
	c.Assignee = who
	c.happened(now, who, "claimed", "")
	return c, nil
}

// Release puts the case back into the queue. Somebody else's case only a senior may release.
func (c Case) Release(who string, senior bool, now time.Time) (Case, error) {
	if !c.Status.Open() {
		return c, wrongState(c, "released")
	}
	if c.Assignee == "" {
		return c, nil
	}
	if c.Assignee != who && !senior {
		return c, payment.Errorf(payment.CodeForbidden, "The case is with %s; only a senior can take it away.", c.Assignee)
	}
	c = c.clone()
	c.happened(now, who, "released", c.Assignee)
	c.Assignee = ""
	return c, nil
}

// Approve ends the case in the buyer's favour, or, when fourEyes is set and nobody has approved yet, asks for a second
// person.
func (c Case) Approve(who, note string, fourEyes bool, now time.Time) (Case, error) {
	if !c.Status.Open() {
		return c, wrongState(c, "approved")
	}
	if err := bounded("note", note); err != nil {
		return c, err
	}
	c = c.clone()
	if fourEyes && c.Status != AwaitingSecond {
		c.Status, c.FirstApproval = AwaitingSecond, who
		c.Assignee = ""
		c.happened(now, who, "approved_first", note)
		return c, nil
	}
	if c.Status == AwaitingSecond && c.FirstApproval == who {
		return c, payment.Errorf(payment.CodeForbidden, "A second person must approve this case.")
	}
	c.decide(Approved, now)
	c.happened(now, who, "approved", note)
	return c, nil
}

// Reject ends the case against the buyer. A reason is due: the refusal must be explainable.
func (c Case) Reject(who, reason string, now time.Time) (Case, error) {
	if !c.Status.Open() {
		return c, wrongState(c, "rejected")
	}
	if strings.TrimSpace(reason) == "" {
		return c, payment.Invalid(payment.FieldError{Pointer: "/reason", Detail: "is required"})
	}
	if err := bounded("reason", reason); err != nil {
		return c, err
	}
	c = c.clone()
	c.decide(Rejected, now)
	c.happened(now, who, "rejected", reason)
	return c, nil
}

// Expire ends the case because the authorisation's clock ran out or the payment ended elsewhere.
func (c Case) Expire(actor, why string, now time.Time) (Case, error) {
	if !c.Status.Open() {
		return c, wrongState(c, "expired")
	}
	c = c.clone()
	c.decide(Expired, now)
	c.happened(now, actor, "expired", why)
	return c, nil
}

// RequestProof asks the buyer again, for these kinds, with a new deadline and a line from the analyst. A case that
// waited for the provider's analysts is ours from then on.
func (c Case) RequestProof(who string, kinds []Kind, note string, t Terms, now time.Time) (Case, error) {
	if !c.Status.Open() {
		return c, wrongState(c, "sent back to the buyer")
	}
	if err := t.Profile.allows(kinds); err != nil {
		return c, err
	}
	if err := bounded("note", note); err != nil {
		return c, err
	}
	c = c.clone()
	c.Status, c.Owner = AwaitingProof, ""
	c.Proof.Requested = slices.Clone(kinds)
	c.RespondBy = earliest(now.Add(t.Respond), c.DecideBy)
	c.Reminded = 0
	c.happened(now, who, "proof_requested", joinKinds(kinds))
	return c, nil
}

// Note keeps an analyst's remark; the buyer never sees it.
func (c Case) Note(who, note string, now time.Time) (Case, error) {
	if strings.TrimSpace(note) == "" {
		return c, payment.Invalid(payment.FieldError{Pointer: "/note", Detail: "is required"})
	}
	if err := bounded("note", note); err != nil {
		return c, err
	}
	c = c.clone()
	c.happened(now, who, "note", note)
	return c, nil
}

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
		if have.Status != DocumentDestroyed && have.Status != DocumentRefused {
			live++
		}
	}
	if live >= MaxDocuments {
		return c, payment.Errorf(payment.CodeWrongState, "The case already has %d documents.", MaxDocuments)
	}
	c = c.clone()
	d.Status, d.ReceivedAt = DocumentReceived, now
	c.Proof.Documents = append(c.Proof.Documents, d)
	if c.Status == AwaitingProof {
		c.Status = AwaitingReview
	}
	c.happened(now, ActorBuyer, "document_received", string(d.Kind))
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

// decide closes the case.
func (c *Case) decide(s Status, now time.Time) {
	c.Status, c.DecidedAt = s, now
}

// bounded refuses a text longer than MaxNote, and one that holds a card number: all of them are kept.
func bounded(field, s string) error {
	if len(s) > MaxNote {
		return payment.Invalid(payment.FieldError{Pointer: "/" + field, Detail: "must be at most 2000 bytes long"})
	}
	if payment.HoldsCard(s) {
		return payment.Invalid(payment.FieldError{Pointer: "/" + field, Detail: payment.CardInText})
	}
	return nil
}
