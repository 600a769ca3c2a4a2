package hold_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"octroi/gateway/hold"
)

const hour = time.Hour

// lived lets the clock run over a case in steps of half an hour and writes down what it asked for, and when.
func lived(t *testing.T, c hold.Case, until time.Time) []string {
	t.Helper()
	var asked []string
	for at := t0; at.Before(until); at = at.Add(30 * time.Minute) {
		if next := c.NextDue(); !next.IsZero() && at.Before(next) && c.Due(at) != hold.DueNothing {
			t.Fatalf("%s due at %v before %v", c.Due(at), at, next)
		}
		for c.Due(at) != hold.DueNothing {
			what := string(c.Due(at))
			switch c.Due(at) {
			case hold.DueReminder:
				c, _ = c.Remind(at)
			case hold.DueReview:
				c = c.Unanswered(at)
			case hold.DueAlarm:
				var raised []hold.Alarm
				c, raised = c.Raise(at)
				for _, a := range raised {
					what += " " + string(a)
				}
			case hold.DueExpiry:
				c = must(t)(c.Lapse(hold.DefaultTerms(), at))
			}
			asked = append(asked, fmt.Sprintf("%s %gh", what, at.Sub(t0).Hours()))
		}
	}
	return asked
}

func TestTheClockAsksForEachThingOnceAndInOrder(t *testing.T) {
	got := lived(t, opened(), t0.Add(8*24*hour))
	want := []string{"reminder 24h", "reminder 60h", "review 72h", "alarm authorisation_50 72h", "alarm first_look 96h",
		"alarm authorisation_80 115.5h", "alarm decision 120h", "expiry 144h"}
	if !slices.Equal(got, want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
}

func TestAProgramThatWasAwayRemindsOnce(t *testing.T) {
	at := t0.Add(70 * hour) // both reminders are late
	c, last := opened().Remind(at)
	if !last || c.Due(at) != hold.DueNothing || len(c.Events) != 2 {
		t.Errorf("still due: %s, last %v, %+v", c.Due(at), last, c.Events)
	}
	if c, last := opened().Remind(t0.Add(24 * hour)); last || c.Due(t0.Add(59*hour)) != hold.DueNothing || c.Due(t0.Add(60*hour)) != hold.DueReminder {
		t.Error("the second reminder is lost")
	}
}

func TestALookEndsTheAlarmOfTheFirstLook(t *testing.T) {
	c := must(t)(opened().Receive(hold.Document{ID: "doc_1", Kind: hold.Identity}, t0.Add(hour)))
	late := t0.Add(26 * hour)
	if c.Due(late.Add(-2*hour)) != hold.DueNothing || c.Due(late) != hold.DueAlarm {
		t.Fatalf("due %q", c.Due(late))
	}
	c, raised := c.Raise(late)
	if !slices.Equal(raised, []hold.Alarm{hold.AlarmFirstLook}) || c.Due(late) != hold.DueNothing {
		t.Fatalf("raised %v, due %q", raised, c.Due(late))
	}
	c = must(t)(c.Claim("ana", late.Add(time.Minute)))
	if len(c.Alarms) != 0 || c.Due(late.Add(hour)) != hold.DueNothing {
		t.Errorf("alarms %v, due %q", c.Alarms, c.Due(late.Add(hour)))
	}
	if c.Due(t0.Add(49*hour)) != hold.DueAlarm {
		t.Error("nobody is told that the decision is late")
	}
}

func TestTheAnalystsTimeStartsAnewWhenTheBuyerAnswers(t *testing.T) {
	c := must(t)(opened().Receive(hold.Document{ID: "doc_1", Kind: hold.Identity}, t0))
	c, _ = c.Raise(t0.Add(48 * hour))
	c = must(t)(c.RequestProof("ana", []hold.Kind{hold.Identity}, "", hold.DefaultTerms(), t0.Add(49*hour)))
	if len(c.Alarms) != 0 || !c.ReviewSince.IsZero() {
		t.Fatalf("alarms %v, since %v", c.Alarms, c.ReviewSince)
	}
	c = must(t)(c.Receive(hold.Document{ID: "doc_2", Kind: hold.Identity}, t0.Add(50*hour)))
	if due := c.Due(t0.Add(71 * hour)); due != hold.DueNothing {
		t.Errorf("%s is due", due)
	}
	if c, raised := c.Raise(t0.Add(98 * hour)); !slices.Equal(raised, []hold.Alarm{hold.AlarmHalf, hold.AlarmFirstLook, hold.AlarmDecision}) {
		t.Errorf("raised %v of %+v", raised, c.Marks)
	}
}

func TestOnlyALowScoreWithNothingAgainstItIsReleasedAtTheDeadline(t *testing.T) {
	release := hold.DefaultTerms()
	release.AtDeadline, release.ReleaseBelow = hold.DeadlineRelease, 63
	quiet := opened()
	for name, c := range map[string]struct {
		of    hold.Case
		terms func(*hold.Terms)
		want  hold.Status
	}{
		"under the bound":       {quiet, func(*hold.Terms) {}, hold.Approved},
		"at the bound":          {quiet, func(t *hold.Terms) { t.ReleaseBelow = 62 }, hold.Expired},
		"without the term":      {quiet, func(t *hold.Terms) { t.AtDeadline = "" }, hold.Expired},
		"cancel":                {quiet, func(t *hold.Terms) { t.AtDeadline = hold.DeadlineCancel }, hold.Expired},
		"four eyes":             {quiet, func(t *hold.Terms) { t.FourEyesFrom = quiet.Amount.Value }, hold.Expired},
		"the provider's":        {withProvider(), func(*hold.Terms) {}, hold.Expired},
		"documents unread":      {must(t)(quiet.Receive(hold.Document{ID: "doc_1", Kind: hold.Identity}, t0)), func(*hold.Terms) {}, hold.Expired},
		"a code that was wrong": {guessed(t, hold.MaxCodeTries), func(*hold.Terms) {}, hold.Expired},
	} {
		terms := release
		c.terms(&terms)
		after := must(t)(c.of.Lapse(terms, c.of.DecideBy))
		last := after.Events[len(after.Events)-1]
		if after.Status != c.want || last.Actor != hold.ActorPolicy || !after.DecidedAt.Equal(c.of.DecideBy) {
			t.Errorf("%s: %s, %+v", name, after.Status, last)
		}
	}
	over := must(t)(quiet.Reject("ana", "no", t0))
	if _, err := over.Lapse(release, t0); err == nil {
		t.Error("a decided case was decided again")
	}
}
