package hold

import (
	"slices"
	"strings"
	"time"

	"octroi/gateway/payment"
)

// Verdict is what an analyst makes of one document.
type Verdict string

// The verdicts.
const (
	VerdictAccepted   Verdict = "accepted"
	VerdictUnreadable Verdict = "unreadable" // cannot be made out: the buyer sends it again
	VerdictRefused    Verdict = "refused"
	VerdictCardData   Verdict = "card_data" // shows a card's number or code: destroyed on the spot, and asked for again
)

// Verdicts lists every verdict.
func Verdicts() []Verdict {
	return []Verdict{VerdictAccepted, VerdictUnreadable, VerdictRefused, VerdictCardData}
}

// again reports a verdict after which the buyer sends the document again.
func (v Verdict) again() bool { return v == VerdictUnreadable || v == VerdictCardData }

// Judge takes an analyst's verdict on a document; reason is for the buyer, in their language, and is due when the
// document is refused. What has to be sent again brings the case back to the buyer, with new time.
func (c Case) Judge(who, id string, v Verdict, reason string, t Terms, now time.Time) (Case, error) {
	if !c.Status.Open() {
		return c, wrongState(c, "judged")
	}
	i := slices.IndexFunc(c.Proof.Documents, func(d Document) bool { return d.ID == id })
	if i < 0 {
		return c, payment.Errorf(payment.CodeNotFound, "There is no such document.")
	}
	if !slices.Contains(Verdicts(), v) {
		return c, payment.Errorf(payment.CodeNotFound, "There is no such verdict.")
	}
	if v == VerdictRefused && strings.TrimSpace(reason) == "" {
		return c, payment.Invalid(payment.FieldError{Pointer: "/reason", Detail: "is required: the buyer is told"})
	}
	if err := bounded("reason", reason); err != nil {
		return c, err
	}
	if c.Proof.Documents[i].Status == DocumentDestroyed {
		return c, payment.Errorf(payment.CodeWrongState, "The document is destroyed.")
	}
	c = c.clone()
	d := &c.Proof.Documents[i]
	d.Verdict, d.Reason, d.JudgedBy, d.JudgedAt = v, strings.TrimSpace(reason), who, now
	d.Status = DocumentStatus(v)
	if v == VerdictCardData {
		d.Status = DocumentDestroyed
	}
	if v.again() {
		if !slices.Contains(c.Proof.Requested, d.Kind) {
			c.Proof.Requested = append(c.Proof.Requested, d.Kind)
		}
		c.ask(t, now)
	}
	c.happened(now, who, "document_"+string(v), string(d.Kind))
	return c, nil
}

// follow lets the documents that nobody has judged by themselves follow the case's decision.
func (c *Case) follow(now time.Time) {
	verdict := map[Status]Verdict{Approved: VerdictAccepted, Rejected: VerdictRefused}[c.Status]
	if verdict == "" {
		return
	}
	for i := range c.Proof.Documents {
		if d := &c.Proof.Documents[i]; d.Status == DocumentReceived {
			d.Status, d.Verdict, d.JudgedAt = DocumentStatus(verdict), verdict, now
		}
	}
}
