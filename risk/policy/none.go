package policy

import (
	"time"

	"octroi/risk"
)

// none is the histories of an order when there are none to ask.
type none struct{}

var _ risk.Histories = none{}

var missing = risk.Fold{Missing: true}

// Available is false.
func (none) Available() bool { return false }

// Count is missing.
func (none) Count(risk.Entity, risk.Event, time.Duration) risk.Fold { return missing }

// Sum is missing.
func (none) Sum(risk.Entity, risk.Event, time.Duration) risk.Fold { return missing }

// Distinct is missing.
func (none) Distinct(_, _ risk.Entity, _ time.Duration) risk.Fold { return missing }

// Rate is missing.
func (none) Rate(risk.Entity, risk.Event, time.Duration, time.Duration) risk.Fold { return missing }

// Age is missing.
func (none) Age(risk.Entity) risk.Fold { return missing }

// Since is missing.
func (none) Since(risk.Entity, risk.Event) risk.Fold { return missing }

// Streak is missing.
func (none) Streak(risk.Entity, risk.Event) risk.Fold { return missing }
