package console

import (
	"fmt"
	"time"

	"octroi/gateway/hold"
	"octroi/gateway/payment"
	"octroi/risk"
)

// clock is how much of a case's time is left, in words and as a level: the words alone say it all, colour only helps.
type clock struct {
	Text    string
	Level   string // calm, half (50 % gone), late (80 % gone), over, done
	Percent int    // of the time that is gone, 0 to 100
	By      time.Time
}

// Share of a case's time after which it is shown as half gone and as late: DOMAIN's alarms at 50 % and 80 %.
const (
	halfGone = 50
	lateGone = 80
)

// left is the clock of a case: the time until it must be decided.
func (c *Console) left(k hold.Case, lang string) clock {
	if !k.Status.Open() {
		return clock{Level: "done", Percent: 100, By: k.DecidedAt}
	}
	return until(k.CreatedAt, k.DecideBy, c.Clock(), lang)
}

// until says how much is left of the time between begin and end.
func until(begin, end, now time.Time, lang string) clock {
	k := clock{By: end, Level: "calm"}
	if !now.Before(end) {
		k.Level, k.Percent, k.Text = "over", 100, fmt.Sprintf(in(lang, "left.over"), lasting(now.Sub(end), lang))
		return k
	}
	k.Text = lasting(end.Sub(now), lang)
	if whole := end.Sub(begin); whole > 0 && now.After(begin) {
		k.Percent = int(100 * now.Sub(begin) / whole)
	}
	switch {
	case k.Percent >= lateGone:
		k.Level = "late"
	case k.Percent >= halfGone:
		k.Level = "half"
	}
	return k
}

// reason is one reason of a decision as a person reads it.
type reason struct {
	Code, Detail string
	Points       int
	Width        int // of its bar, in percent of the heaviest reason's
	Forces       risk.Outcome
}

// weight orders reasons: one that forced the outcome by itself comes before any number of points.
func (r reason) weight() int { return r.Forces.Severity()*1_000_000 + r.Points }

// reasonsOf are the reasons of a decision in a language, in the policy's own order.
func reasonsOf(d *risk.Decision, lang string) []reason {
	if d == nil {
		return nil
	}
	heaviest := 1
	for _, r := range d.Reasons {
		heaviest = max(heaviest, r.Points, -r.Points)
	}
	all := make([]reason, len(d.Reasons))
	for i, r := range d.Reasons {
		detail := r.Detail
		if lang == payment.French && r.DetailFR != "" {
			detail = r.DetailFR
		}
		all[i] = reason{Code: r.Code, Detail: detail, Points: r.Points, Forces: r.Forces, Width: 100 * max(r.Points, -r.Points) / heaviest}
	}
	return all
}
