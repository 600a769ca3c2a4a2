package hold

import (
	"slices"
	"time"
)

// day is a day of the clocks of DOMAIN: 24 hours, whatever the calendar does.
const day = 24 * time.Hour

// Retention is how long documents are kept after the decision (DOMAIN: 72 hours).
const Retention = 3 * day

// The service level of the analysts (DOMAIN: Clocks), from when a case comes before them.
const (
	FirstLook = 24 * time.Hour
	Decision  = 48 * time.Hour
)

// Reminders are when the buyer is reminded, after the question was asked.
func Reminders() []time.Duration { return []time.Duration{24 * time.Hour, 60 * time.Hour} }

// Due says what the clock asks of a case now.
type Due string

// What a case's clock can ask for.
const (
	DueNothing  Due = ""
	DueReminder Due = "reminder"
	DueReview   Due = "review" // the buyer did not answer in time: an analyst must look
	DueAlarm    Due = "alarm"  // somebody is late, or time is running out: see Alarm
	DueExpiry   Due = "expiry" // nobody decided in time: the policy does
	// DueDestruction: the documents of a decided case have been kept long enough.
	DueDestruction Due = "destruction"
)

// Alarm is what a case's clock warns of.
type Alarm string

// The alarms.
const (
	AlarmFirstLook Alarm = "first_look"       // nobody has looked within FirstLook
	AlarmDecision  Alarm = "decision"         // nobody has decided within Decision
	AlarmHalf      Alarm = "authorisation_50" // half of the time until the deadline is over
	AlarmMost      Alarm = "authorisation_80"
)

// Alarms lists them, for pre-set metrics and the published contract.
func Alarms() []Alarm { return []Alarm{AlarmFirstLook, AlarmDecision, AlarmHalf, AlarmMost} }

// appointment is one thing that the clock asks for, and when.
type appointment struct {
	due   Due
	alarm Alarm
	at    time.Time
}

// agenda is all that the clock will ask of the case as it stands, the most pressing first.
func (c Case) agenda() []appointment {
	if !c.Status.Open() {
		if c.undestroyed() {
			return []appointment{{due: DueDestruction, at: c.DecidedAt.Add(Retention)}}
		}
		return nil
	}
	out := []appointment{{due: DueExpiry, at: c.DecideBy}}
	if c.Status == AwaitingProof {
		out = append(out, appointment{due: DueReview, at: c.RespondBy})
		if c.Reminded < len(Reminders()) {
			out = append(out, appointment{due: DueReminder, at: c.asked().Add(Reminders()[c.Reminded])})
		}
	}
	for _, a := range c.alarms() {
		if !slices.Contains(c.Alarms, a.alarm) {
			out = append(out, a)
		}
	}
	return out
}

// alarms are those that the case can still come to. A case that is the provider's has none: its time is theirs.
func (c Case) alarms() []appointment {
	if c.Owner == OwnerProvider {
		return nil
	}
	all := c.DecideBy.Sub(c.CreatedAt)
	out := []appointment{{DueAlarm, AlarmHalf, c.CreatedAt.Add(all / 2)}, {DueAlarm, AlarmMost, c.CreatedAt.Add(all / 5 * 4)}}
	if c.Status == AwaitingProof || c.ReviewSince.IsZero() {
		return out
	}
	if c.Marks.LookedAt.Before(c.ReviewSince) {
		out = append(out, appointment{DueAlarm, AlarmFirstLook, c.ReviewSince.Add(FirstLook)})
	}
	return append(out, appointment{DueAlarm, AlarmDecision, c.ReviewSince.Add(Decision)})
}

// Due tells what is due on the case. The same case at the same time always gives the same answer, so that two workers
// and a restart do no harm.
func (c Case) Due(now time.Time) Due {
	for _, a := range c.agenda() {
		if !now.Before(a.at) {
			return a.due
		}
	}
	return DueNothing
}

// NextDue is when Due may give another answer; zero when it never will.
func (c Case) NextDue() time.Time {
	var next time.Time
	for _, a := range c.agenda() {
		if next.IsZero() || a.at.Before(next) {
			next = a.at
		}
	}
	return next
}

// asked is when the buyer was last asked for proof.
func (c Case) asked() time.Time {
	if c.Marks.AskedAt.IsZero() { // a case from before this was kept
		return c.CreatedAt
	}
	return c.Marks.AskedAt
}

// Remind counts every reminder whose time has come as one: a program that was away, or a clock that jumped, does not
// send two. last tells that none follows.
func (c Case) Remind(now time.Time) (after Case, last bool) {
	c = c.clone()
	for c.Reminded < len(Reminders()) && !now.Before(c.asked().Add(Reminders()[c.Reminded])) {
		c.Reminded++
	}
	c.happened(now, ActorPolicy, "reminded", "")
	return c, c.Reminded == len(Reminders())
}

// Raise marks the case with every alarm that is due, and names those.
func (c Case) Raise(now time.Time) (Case, []Alarm) {
	c = c.clone()
	var raised []Alarm
	for _, a := range c.agenda() {
		if a.due == DueAlarm && !now.Before(a.at) {
			raised = append(raised, a.alarm)
		}
	}
	for _, a := range raised {
		c.Alarms = append(c.Alarms, a)
		c.happened(now, ActorPolicy, "alarm", string(a))
	}
	return c, raised
}

// mend takes alarms away whose cause is gone.
func (c *Case) mend(alarms ...Alarm) {
	c.Alarms = slices.DeleteFunc(c.Alarms, func(a Alarm) bool { return slices.Contains(alarms, a) })
}

// Unanswered brings a case whose buyer kept silent before an analyst.
func (c Case) Unanswered(now time.Time) Case {
	c = c.clone()
	c.review(now)
	c.happened(now, ActorPolicy, "buyer_deadline_passed", "")
	return c
}

// Lapse ends a case that nobody has decided in time, as its terms say.
func (c Case) Lapse(t Terms, now time.Time) (Case, error) {
	if !c.releasable(t) {
		return c.Expire(ActorPolicy, "not decided in time", now)
	}
	c = c.clone()
	c.decide(Approved, now)
	c.happened(now, ActorPolicy, "approved", "not decided in time, and the score is low")
	return c, nil
}

// releasable reports whether an undecided case may be let go at its deadline: a small score, and nothing about it that a
// person should have judged.
func (c Case) releasable(t Terms) bool {
	return t.AtDeadline == DeadlineRelease && c.Status.Open() && c.Score < t.ReleaseBelow && c.Owner == "" &&
		c.Proof.Code != CodeFailed && len(c.Proof.Documents) == 0 && !t.fourEyes(c.Amount.Value)
}

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

func earliest(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}
