package notify

import "time"

// webhookWaits are the waits after each failed try of a webhook: those that Standard Webhooks 1.0.0 recommends
// (5 s, 5 min, 30 min, 2 h, 5 h, 10 h, 14 h, 20 h, 24 h), the last one cut to 20 h so that the tenth and last try
// falls within three days of the first.
var webhookWaits = []time.Duration{5 * time.Second, 5 * time.Minute, 30 * time.Minute, 2 * time.Hour, 5 * time.Hour,
	10 * time.Hour, 14 * time.Hour, 20 * time.Hour, 20 * time.Hour}

// mailWaits are the waits after each failed try of a mail: close together at first for greylisting (RFC 6647), and
// over within two days, since a buyer has three to answer.
var mailWaits = []time.Duration{time.Minute, 5 * time.Minute, 15 * time.Minute, time.Hour, 2 * time.Hour, 4 * time.Hour,
	8 * time.Hour, 12 * time.Hour, 20 * time.Hour}

// nextWait is how long to wait after the given try (counted from 1) failed; false when it was the last one. A try that a
// crash cut short counts too, so the last one is the last only for a message as old as the whole schedule: until then
// the longest wait repeats.
func nextWait(waits []time.Duration, try int, age time.Duration) (time.Duration, bool) {
	if try <= len(waits) {
		return waits[max(try, 1)-1], true
	}
	var whole time.Duration
	for _, w := range waits {
		whole += w
	}
	if age < whole {
		return waits[len(waits)-1], true
	}
	return 0, false
}
