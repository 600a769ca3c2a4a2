package flow

import (
	"sync"
	"time"
)

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
