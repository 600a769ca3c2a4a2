package backtest

import (
	"errors"
	"fmt"
	"iter"
	"strings"
	"time"

	"octroi/risk"
)

// Entry is one line of the recorded orders: an order, or what became of one.
type Entry struct {
	Line int // in the file, from 1; errors name it
	At   time.Time
	ID   string
	// Order is the order as it was known when it came, good until the next entry; nil when the entry is an event.
	Order *risk.Facts
	// Event is what became of the order, with the refusal's code for an EventRefused.
	Event risk.Event
}

// Entries are recorded orders, oldest first. The first error ends them.
type Entries = iter.Seq2[Entry, error]

// Error is what is wrong with an entry.
type Error struct {
	Line   int
	Detail string
}

// Error names the line.
func (e *Error) Error() string { return fmt.Sprintf("line %d: %s", e.Line, e.Detail) }

func wrong(e Entry, format string, args ...any) error {
	return &Error{Line: e.Line, Detail: fmt.Sprintf(format, args...)}
}

// Days are whole days, UTC, the first and the last included. The zero value is no day at all.
type Days struct{ First, Last time.Time }

const oneDay = 24 * time.Hour

// maxDays bounds what is tested or fitted at once: ten years.
const maxDays = 3660

var errDays = errors.New("days are written as 2018-08-08..2018-08-14, both included")

// ParseDays reads "2018-08-08..2018-08-14", or one day alone.
func ParseDays(s string) (Days, error) {
	from, to, two := strings.Cut(s, "..")
	if !two {
		to = from
	}
	first, err := time.Parse(time.DateOnly, from)
	last, err2 := time.Parse(time.DateOnly, to)
	if err != nil || err2 != nil {
		return Days{}, fmt.Errorf("%q: %w", s, errDays)
	}
	d := Days{First: first, Last: last}
	if last.Before(first) {
		return Days{}, fmt.Errorf("%q: the last day is before the first", s)
	}
	if d.Count() > maxDays {
		return Days{}, fmt.Errorf("%q: these are %d days, at most %d can be asked at once", s, d.Count(), maxDays)
	}
	return d, nil
}

// Zero reports whether there are no days.
func (d Days) Zero() bool { return d.First.IsZero() }

// End is the first moment after the days.
func (d Days) End() time.Time { return d.Last.Add(oneDay) }

// Count is how many days there are.
func (d Days) Count() int {
	if d.Zero() {
		return 0
	}
	return int(d.End().Sub(d.First) / oneDay)
}

// Holds reports whether the moment is on one of the days.
func (d Days) Holds(at time.Time) bool { return !d.Zero() && !at.Before(d.First) && at.Before(d.End()) }

// day is which of the days the moment is on, from 0; only for a moment that they hold.
func (d Days) day(at time.Time) int { return int(at.Sub(d.First) / oneDay) }

// String is the days as ParseDays reads them.
func (d Days) String() string {
	if d.Zero() {
		return ""
	}
	return d.First.Format(time.DateOnly) + ".." + d.Last.Format(time.DateOnly)
}

// label reports whether the event says that the order was fraud.
func label(k risk.EventKind) bool { return k == risk.EventChargeback || k == risk.EventFraudReport }
