package flow

import (
	"context"
	"errors"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"octroi/gateway/hold"
	"octroi/gateway/payment"
	"octroi/gateway/store"
	"octroi/providers"
	"octroi/risk"
)

// buckets of latencies in seconds, from half a millisecond.
var buckets = []float64{.0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10}

// metrics are what this package counts. Labels are bounded: never an id, an e-mail or an address.
type metrics struct {
	decisions    *prometheus.CounterVec
	payments     *prometheus.CounterVec
	decisionTime prometheus.Histogram
	provider     *prometheus.HistogramVec
	rules        *prometheus.CounterVec
	refusals     *prometheus.CounterVec
	shadows      *prometheus.CounterVec
	failures     *prometheus.CounterVec
	softDeclines prometheus.Counter
	codes        *prometheus.CounterVec
	alarms       *prometheus.CounterVec
}

func newMetrics(reg prometheus.Registerer, f *Flow) (*metrics, error) {
	counter := func(name, help string, labels ...string) *prometheus.CounterVec {
		return prometheus.NewCounterVec(prometheus.CounterOpts{Name: name, Help: help}, labels)
	}
	m := &metrics{
		decisions: counter("octroi_decisions_total", "Orders decided, by outcome.", "outcome"),
		payments:  counter("octroi_payments_total", "Payments that reached a status.", "status"),
		decisionTime: prometheus.NewHistogram(prometheus.HistogramOpts{Name: "octroi_decision_duration_seconds",
			Help: "Time to observe and decide an order.", Buckets: buckets}),
		provider: prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "octroi_provider_request_duration_seconds",
			Help: "Time a provider took to answer.", Buckets: buckets}, []string{"operation", "result"}),
		rules:    counter("octroi_rule_hits_total", "Reasons given in decisions, by code.", "code"),
		refusals: counter("octroi_refusals_total", "Payments refused by issuers, by code.", "code"),
		failures: counter("octroi_operations_failed_total", "Captures, cancellations and refunds that the provider would not do or could not keep, by type.", "type"),
		softDeclines: prometheus.NewCounter(prometheus.CounterOpts{Name: "octroi_soft_declines_total",
			Help: "Authorisations asked for again with a challenge, because the issuer wanted the buyer authenticated."}),
		codes:   counter("octroi_statement_codes_total", "Statement codes that buyers typed, by result.", "result"),
		alarms:  counter("octroi_case_alarms_total", "Cases on which somebody is late or time is running out, by alarm.", "alarm"),
		shadows: counter("octroi_shadow_decisions_total", "Orders decided by a shadow policy too, by both outcomes.", "live", "shadow"),
	}
	for _, o := range risk.Outcomes() {
		m.decisions.WithLabelValues(string(o))
	}
	for _, s := range payment.Statuses() {
		m.payments.WithLabelValues(string(s))
	}
	for _, t := range []payment.OperationType{payment.OpCapture, payment.OpCancel, payment.OpRefund} {
		m.failures.WithLabelValues(string(t))
	}
	for _, r := range codeResults {
		m.codes.WithLabelValues(r)
	}
	for _, a := range hold.Alarms() {
		m.alarms.WithLabelValues(string(a))
	}
	for _, c := range providers.RefusalCodes() {
		m.refusals.WithLabelValues(string(c))
	}
	var errs []error
	for _, c := range []prometheus.Collector{m.decisions, m.payments, m.decisionTime, m.provider, m.rules, m.refusals, m.shadows, m.failures, m.softDeclines, m.codes, m.alarms, newGauges(f), newOverdue(f)} {
		errs = append(errs, reg.Register(c))
	}
	return m, errors.Join(errs...)
}

func (m *metrics) decided(d risk.Decision, took time.Duration) {
	m.decisions.WithLabelValues(string(d.Outcome)).Inc()
	m.decisionTime.Observe(took.Seconds())
	for _, r := range d.Reasons {
		m.rules.WithLabelValues(r.Code).Inc()
	}
}

func (m *metrics) asked(operation, result string, took time.Duration) {
	m.provider.WithLabelValues(operation, result).Observe(took.Seconds())
}

func (m *metrics) refused(code providers.RefusalCode) { m.refusals.WithLabelValues(string(code)).Inc() }

func (m *metrics) shadowed(live, shadow risk.Outcome) {
	m.shadows.WithLabelValues(string(live), string(shadow)).Inc()
}

// written counts a payment's new status.
func (m *metrics) written(w store.Writes) {
	if w.Payment != nil {
		m.payments.WithLabelValues(string(w.Payment.Status)).Inc()
	}
}

// tended counts what the clock did to a case.
func (m *metrics) tended(t tended) {
	for _, a := range t.alarms {
		m.alarms.WithLabelValues(string(a)).Inc()
	}
	m.written(t.writes)
}

// gauges ask the store at every scrape: a count kept in memory would be one process's opinion.
type gauges struct {
	f                              *Flow
	cases, oldest, outbox, degrade *prometheus.Desc
}

func newGauges(f *Flow) *gauges {
	desc := func(name, help, label string) *prometheus.Desc {
		return prometheus.NewDesc(name, help, []string{label}, nil)
	}
	return &gauges{f: f,
		cases:   desc("octroi_cases", "Cases by status.", "status"),
		oldest:  desc("octroi_case_oldest_seconds", "Age of the oldest open case by status.", "status"),
		outbox:  desc("octroi_outbox_pending", "Outbox messages waiting, by kind.", "kind"),
		degrade: desc("octroi_degraded", "1 while a dependency is away.", "dependency"),
	}
}

// Describe implements prometheus.Collector.
func (g *gauges) Describe(ch chan<- *prometheus.Desc) {
	ch <- g.cases
	ch <- g.oldest
	ch <- g.outbox
	ch <- g.degrade
}

// Collect implements prometheus.Collector. A store that cannot be asked shows as degraded instead of an old figure.
func (g *gauges) Collect(ch chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	gauge := func(d *prometheus.Desc, v float64, label string) {
		ch <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, v, label)
	}
	flag := func(on bool) float64 {
		if on {
			return 1
		}
		return 0
	}
	counts, err := g.f.Store.Counts(ctx)
	gauge(g.degrade, flag(err != nil), "database")
	gauge(g.degrade, flag(g.f.Velocity.Degraded()), "velocity")
	gauge(g.degrade, flag(g.f.providerAway.Load()), "provider")
	gauge(g.degrade, flag(g.f.watch.resting()), "clock")
	if err != nil {
		return
	}
	for _, s := range hold.Statuses() {
		gauge(g.cases, float64(counts.Cases[s]), string(s))
		if !s.Open() {
			continue
		}
		age := 0.0
		if t, ok := counts.Oldest[s]; ok && !t.IsZero() {
			age = g.f.Clock().Sub(t).Seconds()
		}
		gauge(g.oldest, age, string(s))
	}
	for _, k := range store.OutboxKinds() {
		gauge(g.outbox, float64(counts.Outbox[k]), string(k))
	}
	gauge(g.outbox, float64(counts.History), "history")
	gauge(g.outbox, float64(counts.Notifications), "notification")
}
