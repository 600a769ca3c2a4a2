package notify

import (
	"context"
	"slices"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"octroi/gateway/store"
)

// Results of a try, as the metrics name them.
const (
	resultDelivered = "delivered" // the shop answered 2xx
	resultSent      = "sent"      // the mail server, or the folder, took the mail
	resultFailed    = "failed"    // will be tried again
	resultGone      = "gone"      // the shop answered 410: given up
	resultBuried    = "buried"    // tried for the last time, or cannot ever work: given up, for an operator to see
)

// metrics counts tries. Every series is there from the start, so that a rate over the first failure is right.
type metrics struct {
	webhooks *prometheus.CounterVec
	mails    *prometheus.CounterVec
}

func newMetrics(cfg Config, more prometheus.Collector) (metrics, error) {
	m := metrics{
		webhooks: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "octroi_webhook_deliveries_total",
			Help: "Tries to deliver a webhook to a shop, by result."}, []string{"result"}),
		mails: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "octroi_mails_total",
			Help: "Tries to send a mail to a buyer, by template and result."}, []string{"template", "result"}),
	}
	for _, result := range []string{resultDelivered, resultFailed, resultGone, resultBuried} {
		m.webhooks.WithLabelValues(result)
	}
	for _, t := range Templates() {
		for _, result := range []string{resultSent, resultFailed, resultBuried} {
			m.mails.WithLabelValues(string(t), result)
		}
	}
	for _, c := range []prometheus.Collector{m.webhooks, m.mails, newOldest(cfg), more} {
		if err := cfg.Registerer.Register(c); err != nil {
			return metrics{}, err
		}
	}
	return m, nil
}

// templateLabel keeps the label bounded whatever a payload says.
func templateLabel(t store.MailTemplate) string {
	if slices.Contains(Templates(), t) {
		return string(t)
	}
	return "unknown"
}

// oldest tells the age of the oldest message that has not left, by kind. It asks the store at every scrape: what one
// process remembers is not what waits.
type oldest struct {
	store Outbox
	clock func() time.Time
	age   *prometheus.Desc
}

// oldestTimeout bounds the question, so that a store that is away does not hold up a scrape.
const oldestTimeout = 2 * time.Second

func newOldest(cfg Config) oldest {
	return oldest{store: cfg.Store, clock: cfg.Clock, age: prometheus.NewDesc("octroi_outbox_oldest_seconds",
		"Age of the oldest message that has not been delivered, by kind; 0 when none waits.", []string{"kind"}, nil)}
}

// Describe implements prometheus.Collector.
func (o oldest) Describe(ch chan<- *prometheus.Desc) { ch <- o.age }

// Collect implements prometheus.Collector. While the store cannot be asked there is no figure, rather than an old one.
func (o oldest) Collect(ch chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), oldestTimeout)
	defer cancel()
	since, err := o.store.OldestWaiting(ctx)
	if err != nil {
		return
	}
	for _, kind := range store.OutboxKinds() {
		age := 0.0
		if t, waits := since[kind]; waits {
			age = max(0, o.clock().Sub(t).Seconds())
		}
		ch <- prometheus.MustNewConstMetric(o.age, prometheus.GaugeValue, age, string(kind))
	}
}
