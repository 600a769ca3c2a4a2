package intake

import (
	"errors"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// The values of the metrics' labels beside the codes of refusals.
const (
	accepted   = "accepted"
	died       = "died"
	outOfTime  = "out_of_time"
	notStarted = "not_started"
)

// metrics are what this package counts.
type metrics struct {
	documents *prometheus.CounterVec
	ended     *prometheus.CounterVec
	took      prometheus.Histogram
}

func newMetrics(reg prometheus.Registerer, in *Intake) (*metrics, error) {
	m := &metrics{
		documents: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "octroi_intake_documents_total",
			Help: "Documents judged, by what became of them."}, []string{"result"}),
		ended: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "octroi_intake_children_failed_total",
			Help: "Processes looking at a document that gave no answer, by how they ended."}, []string{"how"}),
		took: prometheus.NewHistogram(prometheus.HistogramOpts{Name: "octroi_intake_duration_seconds",
			Help: "Time from a document's coming to its verdict, waiting included.", Buckets: []float64{.01, .05, .1, .25, .5, .8, 1, 2, 5, 10}}),
	}
	for _, code := range append(Codes(), accepted) {
		m.documents.WithLabelValues(code)
	}
	for _, how := range []string{died, outOfTime, notStarted} {
		m.ended.WithLabelValues(how)
	}
	waiting := prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "octroi_intake_waiting", Help: "Documents waiting to be looked at."},
		func() float64 { return float64(in.queue.length()) })
	var errs []error
	for _, c := range []prometheus.Collector{m.documents, m.ended, m.took, waiting} {
		errs = append(errs, reg.Register(c))
	}
	return m, errors.Join(errs...)
}

func (m *metrics) judged(result string, took time.Duration) {
	m.documents.WithLabelValues(result).Inc()
	m.took.Observe(took.Seconds())
}
