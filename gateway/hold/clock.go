package hold

import (
	"slices"
	"time"

	"octroi/gateway/payment"
)

// Terms are a shop's rules for its cases.
type Terms struct {
	Profile Profile
	Ask     []Kind        // what a new case asks for
	Respond time.Duration // how long the buyer has to answer; 72 h by default
	// Window is how long after the authorisation a case must be decided, by card brand or other means of payment; "" is
	// the default.
	Window map[string]time.Duration
	// FourEyesFrom is the amount in minor units from which two people must approve; 0 never.
	FourEyesFrom int64
}

// day is a day of the clocks of DOMAIN: 24 hours, whatever the calendar does.
const day = 24 * time.Hour

// DefaultTerms are those of a French shop: identity or a bank-statement extract within 72 hours, decided by day 6 (day
// 11 for Cartes Bancaires, day 2 for PayPal), each at least a day before the scheme lets the authorisation lapse.
func DefaultTerms() Terms {
	return Terms{Profile: ProfileFR, Ask: []Kind{Identity, BankStatement}, Respond: 3 * day,
		Window: map[string]time.Duration{"": 6 * day, "cartebancaire": 11 * day, "paypal": 2 * day}}
}

// Retention is how long documents are kept after the decision (DOMAIN: 72 hours).
const Retention = 3 * day

// undestroyed reports whether a document of the case still lies in the vault.
func (c Case) undestroyed() bool {
	return slices.ContainsFunc(c.Proof.Documents, func(d Document) bool { return d.Status != DocumentDestroyed })
}

// Destroy marks every document as destroyed and names those that were not yet. What is left is kind, verdict and time.
func (c Case) Destroy(now time.Time) (Case, []string) {
	c = c.clone()
	var ids []string
	for i, d := range c.Proof.Documents {
		if d.Status != DocumentDestroyed {
			c.Proof.Documents[i].Status = DocumentDestroyed
			ids = append(ids, d.ID)
		}
	}
	if len(ids) > 0 {
		c.happened(now, ActorPolicy, "documents_destroyed", "")
	}
	return c, ids
}

// Reminders are when the buyer is reminded, after the question was asked.
func Reminders() []time.Duration { return []time.Duration{24 * time.Hour, 60 * time.Hour} }

// decideBy is the moment by which the case of a payment must be decided: the scheme's window, and never later than a
// day before the provider says that the authorisation ends.
func (t Terms) decideBy(p payment.Payment, now time.Time) time.Time {
	kind := string(p.Method.Type)
	if p.Method.Type.IsCard() {
		kind = ""
		if p.Card != nil {
			kind = p.Card.Brand
		}
	}
	w, ok := t.Window[kind]
	if !ok {
		w = t.Window[""]
	}
	by := now.Add(w)
	if p.Authorisation != nil && !p.Authorisation.ExpiresAt.IsZero() {
		by = earliest(by, p.Authorisation.ExpiresAt.Add(-day))
	}
	return by
}

// Due says what the clock asks of a case now.
type Due string

// What a case's clock can ask for.
const (
	DueNothing  Due = ""
	DueReminder Due = "reminder"
	DueReview   Due = "review" // the buyer did not answer in time: an analyst must look
	DueExpiry   Due = "expiry" // nobody decided in time: the policy cancels
	// DueDestruction: the documents of a decided case have been kept long enough.
	DueDestruction Due = "destruction"
)

// Due tells what is due on the case. The same case at the same time always gives the same answer, so that two workers
// and a restart do no harm.
func (c Case) Due(now time.Time) Due {
	switch {
	case !c.Status.Open():
		if c.undestroyed() && !now.Before(c.DecidedAt.Add(Retention)) {
			return DueDestruction
		}
		return DueNothing
	case !now.Before(c.DecideBy):
		return DueExpiry
	case c.Status != AwaitingProof:
		return DueNothing
	case !now.Before(c.RespondBy):
		return DueReview
	case c.Reminded < len(Reminders()) && !now.Before(c.asked().Add(Reminders()[c.Reminded])):
		return DueReminder
	}
	return DueNothing
}

// NextDue is when Due may next give another answer; zero when it never will.
func (c Case) NextDue() time.Time {
	if !c.Status.Open() {
		if c.undestroyed() {
			return c.DecidedAt.Add(Retention)
		}
		return time.Time{}
	}
	if c.Status != AwaitingProof {
		return c.DecideBy
	}
	next := earliest(c.RespondBy, c.DecideBy)
	if c.Reminded < len(Reminders()) {
		next = earliest(next, c.asked().Add(Reminders()[c.Reminded]))
	}
	return next
}

// asked is when the buyer was last asked for proof.
func (c Case) asked() time.Time {
	at := c.CreatedAt
	for _, e := range c.Events {
		if e.Type == "proof_requested" {
			at = e.At
		}
	}
	return at
}

// Remind counts a reminder.
func (c Case) Remind(now time.Time) Case {
	c = c.clone()
	c.Reminded++
	c.happened(now, ActorPolicy, "reminded", "")
	return c
}

// Unanswered brings a case whose buyer kept silent before an analyst.
func (c Case) Unanswered(now time.Time) Case {
	c = c.clone()
	c.Status = AwaitingReview
	c.happened(now, ActorPolicy, "buyer_deadline_passed", "")
	return c
}

func earliest(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}
