package notify

import (
	"slices"

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

func newMetrics(r prometheus.Registerer) (metrics, error) {
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
	for _, c := range []prometheus.Collector{m.webhooks, m.mails} {
		if err := r.Register(c); err != nil {
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
