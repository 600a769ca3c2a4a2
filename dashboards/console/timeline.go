package console

import (
	"time"

	"octroi/gateway/hold"
)

// timeline is all that runs against an open case, on one axis: from when it was opened to the last of its deadlines.
type timeline struct {
	Tracks []track
	Now    int // where on the axis
}

// axis is how many parts an axis has.
const axis = 1000

// track is one deadline and the marks on the way to it.
type track struct {
	Name  string // key
	Left  clock
	From  int
	To    int
	Gone  int // how much of it is over
	Marks []mark
}

// Width is how much of the axis the track takes.
func (t track) Width() int { return t.To - t.From }

// mark is a moment before a deadline at which the clock warns or reminds.
type mark struct {
	Name  string // key
	At    time.Time
	X     int
	State string // ahead, done (nothing is left to do), late (its alarm stands)
}

// timelineOf lays the clocks of a case beside each other; nil for a case that is closed.
func timelineOf(k hold.Case, now time.Time, lang string) *timeline {
	if !k.Status.Open() {
		return nil
	}
	end := k.DecideBy
	review := k.Status != hold.AwaitingProof && k.Owner == "" && !k.ReviewSince.IsZero()
	if by := k.ReviewSince.Add(hold.Decision); review && by.After(end) {
		end = by
	}
	at := func(t time.Time) int { return place(k.CreatedAt, end, t) }
	span := func(name string, from, to time.Time, marks ...mark) track {
		for i := range marks {
			marks[i].X = at(marks[i].At)
		}
		return track{Name: name, Left: until(from, to, now, lang), From: at(from), To: at(to), Gone: max(0, min(at(now), at(to))-at(from)), Marks: marks}
	}
	t := &timeline{Now: at(now)}
	if k.Status == hold.AwaitingProof {
		t.Tracks = append(t.Tracks, span("clock.buyer", asked(k), k.RespondBy, reminders(k)...))
	}
	if review {
		t.Tracks = append(t.Tracks, span("clock.service", k.ReviewSince, k.ReviewSince.Add(hold.Decision), firstLook(k, now)))
	}
	t.Tracks = append(t.Tracks, span("clock.authorisation", k.CreatedAt, k.DecideBy, shares(k, now)...))
	return t
}

// place is where a moment lies between the ends of the axis.
func place(begin, end, at time.Time) int {
	whole := end.Sub(begin)
	if whole <= 0 {
		return axis
	}
	return int(min(max(0, float64(at.Sub(begin))/float64(whole)), 1) * axis)
}

// asked is when the buyer was last asked.
func asked(k hold.Case) time.Time {
	if k.Marks.AskedAt.IsZero() {
		return k.CreatedAt
	}
	return k.Marks.AskedAt
}

// reminders are the buyer's, as far as they come before the deadline.
func reminders(k hold.Case) (all []mark) {
	for i, after := range hold.Reminders() {
		m := mark{Name: "clock.reminder", At: asked(k).Add(after), State: "ahead"}
		if i < k.Reminded {
			m.State = "done"
		}
		if m.At.Before(k.RespondBy) {
			all = append(all, m)
		}
	}
	return all
}

// firstLook is the service level's first half: somebody has looked at the case.
func firstLook(k hold.Case, now time.Time) mark {
	m := mark{Name: "clock.first_look", At: k.ReviewSince.Add(hold.FirstLook), State: "ahead"}
	switch {
	case !k.Marks.LookedAt.Before(k.ReviewSince):
		m.State = "done"
	case !now.Before(m.At):
		m.State = "late"
	}
	return m
}

// shares are the alarms on the time until the case must be decided. A case that is the provider's has none.
func shares(k hold.Case, now time.Time) (all []mark) {
	if k.Owner == hold.OwnerProvider {
		return nil
	}
	part := k.DecideBy.Sub(k.CreatedAt)
	for _, m := range []mark{{Name: "clock.half", At: k.CreatedAt.Add(part * halfGone / 100)}, {Name: "clock.most", At: k.CreatedAt.Add(part * lateGone / 100)}} {
		m.State = "ahead"
		if !now.Before(m.At) {
			m.State = "late"
		}
		all = append(all, m)
	}
	return all
}
