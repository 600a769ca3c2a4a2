package adyen

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/prometheus/client_golang/prometheus"
)

// The fields whose values are looked up in tables, as labels of the metric.
const (
	fieldResult  = "result_code"
	fieldAction  = "action_type"
	fieldReason  = "refusal_reason"
	fieldRaw     = "raw_code"
	fieldAdvice  = "advice_code"
	fieldAVS     = "avs_result"
	fieldCVC     = "cvc_result"
	fieldEvent   = "event_code"
	fieldAccount = "merchant_account"
)

// newUnknowns counts, by field, the values that Adyen sent and none of the tables holds: a new one is to be seen before
// somebody misses what it says. reg may be nil.
func newUnknowns(reg prometheus.Registerer) (*prometheus.CounterVec, error) {
	v := prometheus.NewCounterVec(prometheus.CounterOpts{Name: "octroi_provider_unknown_total",
		Help: "Values a provider sent that are in none of its tables, by field.", ConstLabels: prometheus.Labels{"provider": "adyen"}}, []string{"field"})
	for _, f := range []string{fieldResult, fieldAction, fieldReason, fieldRaw, fieldAdvice, fieldAVS, fieldCVC, fieldEvent, fieldAccount} {
		v.WithLabelValues(f)
	}
	if reg == nil {
		return v, nil
	}
	if err := reg.Register(v); err != nil {
		return nil, fmt.Errorf("adyen: register metrics: %w", err)
	}
	return v, nil
}

// unknown counts a value that is in none of the tables and tells the operator of it.
func (a *Adyen) unknown(field, value string) {
	a.unknowns.WithLabelValues(field).Inc()
	a.log.Warn("adyen sent a value that is in no table", "field", field, "value", bounded(value, 40))
}

// countChecks counts results of the issuer's checks that have no word.
func (a *Adyen) countChecks(data object) {
	for _, c := range []struct {
		field, value string
		words        []string
	}{{fieldAVS, data.text("avsResult"), avsWords}, {fieldCVC, data.text("cvcResult"), cvcWords}} {
		if n := leading(c.value); c.value != "" && (n < 0 || n >= len(c.words)) {
			a.unknown(c.field, c.value)
		}
	}
}

// countEvidence counts the parts of a refusal that no table holds.
func (a *Adyen) countEvidence(e evidence) {
	for _, u := range e.unfamiliar() {
		a.unknown(u[0], u[1])
	}
}

// unfamiliar gives the fields of the evidence that no table holds, with their values.
func (e evidence) unfamiliar() (out [][2]string) {
	if n, err := strconv.Atoi(e.reasonCode); e.reasonCode != "" && (err != nil || n < 0 || n >= len(reasons) || n == 1) {
		out = append(out, [2]string{fieldReason, e.reasonCode + " " + e.reason})
	}
	if code := lone(e.raw); code != "" && !silent[code] && e.rawCause().code == "" {
		out = append(out, [2]string{fieldRaw, code})
	}
	if _, known := advice[leadingCode(e.advice)]; e.advice != "" && !known {
		out = append(out, [2]string{fieldAdvice, e.advice})
	}
	return out
}

// lone is what stands where a scheme's code stands, when it looks like one: two characters at the most, of which one is
// a digit. Texts without a code are none.
func lone(raw string) string {
	code, _, _ := strings.Cut(raw, ":")
	if code = strings.ToUpper(strings.TrimSpace(code)); len(code) == 1 {
		code = "0" + code
	}
	if len(code) != 2 || !strings.ContainsAny(code, "0123456789") {
		return ""
	}
	return code
}
