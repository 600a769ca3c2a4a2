package backtest

import (
	"errors"
	"time"
)

// Desk is the analysts' desk, to which orders held go.
type Desk struct {
	MinutesPerCase float64       // of an analyst's work
	HoursPerDay    float64       // that analysts work, all of them together
	DecideWithin   time.Duration // after which the authorisation of a held order would lapse
}

// DefaultDesk is one analyst who takes five minutes over a case, and six days to decide, the card schemes' usual window.
func DefaultDesk() Desk {
	return Desk{MinutesPerCase: 5, HoursPerDay: 8, DecideWithin: 6 * oneDay}
}

// The bounds of a Desk.
const (
	maxMinutes = 24 * 60
	maxHours   = 24 * 1000
	maxWindow  = 60 * oneDay
)

func (d Desk) check() error {
	switch {
	case !(d.MinutesPerCase > 0 && d.MinutesPerCase <= maxMinutes):
		return errors.New("the minutes per case must be above 0, and at most those of a day")
	case !(d.HoursPerDay > 0 && d.HoursPerDay <= maxHours):
		return errors.New("the analysts' hours a day must be above 0, and at most 24000")
	case d.DecideWithin < oneDay || d.DecideWithin > maxWindow:
		return errors.New("the time to decide within must be from 24h to 1440h")
	}
	return nil
}

// hours is the work that so many cases are.
func (d Desk) hours(cases int) float64 { return float64(cases) * d.MinutesPerCase / 60 }

// lapsed is how many of the cases of each day would not be decided in time when the oldest goes first. A case is worked
// on from the day it comes; what the analysts do not get to on the last whole day before its time is up lapses. After
// the last day no new cases come, and the desk works off what it has.
func (d Desk) lapsed(cases []int) int {
	window := int(d.DecideWithin / oneDay)
	waiting := make([]int, len(cases))
	copy(waiting, cases)
	lapsed, left := 0, 0.0
	for day := range len(cases) + window {
		left += d.HoursPerDay * 60 / d.MinutesPerCase
		from := max(0, day-window+1)
		for c := from; c <= min(day, len(cases)-1); c++ {
			n := min(waiting[c], int(left))
			waiting[c] -= n
			left -= float64(n)
		}
		left -= float64(int(left)) // an hour without a case is not saved up
		if from < len(cases) && day-window+1 >= 0 {
			lapsed += waiting[from]
			waiting[from] = 0
		}
	}
	return lapsed
}
