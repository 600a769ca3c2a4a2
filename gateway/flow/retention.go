package flow

import (
	"context"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"octroi/gateway/payment"
	"octroi/gateway/store"
)

// How long what is settled is kept, and why.
const (
	// keepMessages: mails name buyers and hold their links, and a shop may ask for delivered webhooks again that long.
	keepMessages = store.KeepDelivered
	// keepMonths, of what is kept as long as a payment may be disputed: the provider's reports, which are evidence of what
	// it said when; the journal of events and the assessments, from which histories are built again and policies tried;
	// webhooks and money operations that were given up on. A policy that looks back further than that sees less after a
	// rebuild.
	keepMonths = payment.KeptMonths
	// putOff is when a payment is looked at again whose time is over and which is nevertheless not settled.
	putOff = 30 * 24 * time.Hour
)

// The pace of the work: bounded steps, every minute and at once while there is more.
const (
	retentionEvery = time.Minute
	ageLimit       = 50 // some milliseconds of the one writer that SQLite has
	purgeLimit     = 500
)

// actorRetention is who acts when time is up.
const actorRetention = "retention"

// stepRetention takes away a bounded part of what has been kept long enough.
func (f *Flow) stepRetention(ctx context.Context) (bool, error) {
	now := f.now()
	months := now.AddDate(0, -keepMonths, 0)
	looked, err := f.Store.AgePayments(ctx, months, ageLimit, func(s store.Snapshot) store.Aged { return aged(s, now) })
	if err != nil {
		return false, err
	}
	left, err := f.Store.PurgeSettled(ctx, store.Purge{Messages: now.Add(-keepMessages), Buried: months, Notifications: months,
		History: months, Assessments: months}, purgeLimit)
	if err != nil {
		return false, err
	}
	if _, err := f.stepErasures(ctx); err != nil {
		return false, err
	}
	if more := looked == ageLimit || left; more {
		return true, nil
	}
	return false, f.Store.Scrub(ctx)
}

// aged is what the passing of time makes of a payment.
func aged(s store.Snapshot, now time.Time) store.Aged {
	switch until := s.Payment.KeptUntil(); {
	case now.Before(until):
		return store.Aged{Later: until}
	case !mayForget(s) || s.Case != nil && !s.Case.Forgets():
		return store.Aged{Later: now.Add(putOff)}
	}
	p := s.Payment.Pseudonymised()
	a := store.Aged{Payment: &p}
	if s.Case != nil {
		c := s.Case.Forgotten()
		a.Case = &c
	}
	return a
}

// overdue tells by kind how long the oldest row has been past its date. It asks the store at every scrape.
type overdue struct {
	f    *Flow
	desc *prometheus.Desc
}

func newOverdue(f *Flow) overdue {
	return overdue{f: f, desc: prometheus.NewDesc("octroi_retention_overdue_seconds",
		"How long the oldest row has been past the date it should be gone by, by kind; 0 when none is.", []string{"kind"}, nil)}
}

// Describe implements prometheus.Collector.
func (o overdue) Describe(ch chan<- *prometheus.Desc) { ch <- o.desc }

// Collect implements prometheus.Collector. While the store cannot be asked there is no figure, rather than an old one.
func (o overdue) Collect(ch chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	oldest, err := o.f.Store.Oldest(ctx)
	if err != nil {
		return
	}
	for kind, late := range lateness(oldest, o.f.Clock()) {
		ch <- prometheus.MustNewConstMetric(o.desc, prometheus.GaugeValue, late.Seconds(), kind)
	}
}

// lateness is how long the oldest row of each kind has been past its date, 0 for one that is not.
func lateness(o store.Oldest, now time.Time) map[string]time.Duration {
	months := func(at time.Time) time.Time {
		if at.IsZero() {
			return at
		}
		return at.AddDate(0, keepMonths, 0)
	}
	message := o.Message
	if !message.IsZero() {
		message = message.Add(keepMessages)
	}
	late := map[string]time.Duration{}
	for kind, dues := range map[string][]time.Time{"payments": {months(o.Payment), o.PutOff}, "erasures": {o.Erasure}, "messages": {message},
		"notifications": {months(o.Notification)}, "history": {months(o.History)}, "assessments": {months(o.Assessment)}, "documents": {o.Documents}} {
		late[kind] = 0
		for _, due := range dues {
			if !due.IsZero() {
				late[kind] = max(late[kind], now.Sub(due))
			}
		}
	}
	return late
}
