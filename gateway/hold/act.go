package hold

import (
	"slices"
	"strings"
	"time"

	"octroi/gateway/payment"
)

// Open makes the case of a payment just held. opens are the rungs of the ladder that the policy's reasons open. A case
// that nothing can be asked for goes before an analyst at once. Whoever has used up the tries at statement codes with
// other orders is offered none. The caller fills ID and TokenHash.
func Open(p payment.Payment, now time.Time, t Terms, e Elsewhere, opens ...string) Case {
	if e.spent() {
		t.Ask = slices.DeleteFunc(slices.Clone(t.Ask), func(r Rung) bool { return r == RungStatementCode })
	}
	offer := t.Offer(opens, p)
	c := open(p, now, t, offer.Documents)
	if offer.Code {
		c.Proof.Code, c.Marks.Elsewhere = CodeOffered, e.Wrong
	}
	c.RespondBy = earliest(now.Add(t.Respond), c.DecideBy)
	c.happened(now, ActorPolicy, "opened", offer.names())
	if offer.Empty() {
		c.RespondBy = time.Time{}
		c.review(now)
	}
	return c
}

// open is a case that waits for its buyer.
func open(p payment.Payment, now time.Time, t Terms, ask []Kind) Case {
	c := Case{PaymentID: p.ID, Shop: p.Shop, Status: AwaitingProof, Amount: p.Amount, CreatedAt: now, UpdatedAt: now,
		Language: payment.Language(p.Detail.Buyer.Locale), Messages: []Message{}, Events: []Event{}, Marks: Marks{AskedAt: now},
		Proof: Proof{Requested: ask, Documents: []Document{}}}
	if p.Decision != nil {
		c.Score = p.Decision.Score
	}
	c.DecideBy = t.decideBy(p, now)
	return c
}

// Unasked notes that the buyer of a case just opened is not written to.
func (c Case) Unasked() Case {
	c = c.clone()
	c.Marks.Unasked = true
	c.happened(c.UpdatedAt, ActorPolicy, "mail_not_sent", "")
	return c
}

// Told reports whether the buyer was written to about the hold. Whoever was not need not be told of its end.
func (c Case) Told() bool { return c.Owner != OwnerProvider && !c.Marks.Unasked }

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
	c.Owner, c.Marks.Unasked = "", false
	c.Proof.Requested = slices.Clone(kinds)
	c.ask(t, now)
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

// decide closes the case.
func (c *Case) decide(s Status, now time.Time) {
	c.Status, c.DecidedAt, c.Alarms = s, now, nil
	c.follow(now)
}

// Under is the case without what the law of the terms forbids to ask for: a shop's profile may have changed since.
func (c Case) Under(t Terms) Case {
	c.Proof.Requested = slices.DeleteFunc(slices.Clone(c.Proof.Requested), func(k Kind) bool { return !slices.Contains(t.Profile.Kinds(), k) })
	return c
}

// ask gives the case back to the buyer, with new time to answer. When the law leaves nothing to ask for, it stays with
// the analysts.
func (c *Case) ask(t Terms, now time.Time) {
	if *c = c.Under(t); len(c.Proof.Requested) == 0 && c.Proof.Code != CodeOffered {
		c.review(now)
		return
	}
	c.Status, c.RespondBy = AwaitingProof, earliest(now.Add(t.Respond), c.DecideBy)
	c.Reminded, c.Marks.AskedAt, c.ReviewSince = 0, now, time.Time{}
	c.mend(AlarmFirstLook, AlarmDecision)
}

// review brings a case that waits for its buyer before the analysts.
func (c *Case) review(now time.Time) {
	if c.Status == AwaitingProof {
		c.Status, c.ReviewSince = AwaitingReview, now
	}
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
