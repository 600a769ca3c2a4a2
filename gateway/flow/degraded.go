package flow

import (
	"sync"
	"time"

	"octroi/providers"
)

// partProvider names the provider among the parts that were away.
const partProvider = "provider_unavailable"

// without notes that the provider did not answer. A request that it would not take is an answer.
func (s *scored) without(err error) {
	if providers.DoubtOf(err) != providers.Rejected {
		s.away = append(s.away, partProvider)
	}
}

// ProviderAway reports whether the provider's last call brought no answer.
func (f *Flow) ProviderAway() bool { return f.providerAway.Load() }

// degradedMeter counts what was let through without histories, minute by minute.
type degradedMeter struct {
	clock  func() time.Time
	mu     sync.Mutex
	minute int64
	count  int
}

// take reports whether one more may pass in this minute.
func (d *degradedMeter) take(perMinute int) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if m := d.clock().Unix() / 60; m != d.minute {
		d.minute, d.count = m, 0
	}
	d.count++
	return d.count <= perMinute
}
