package flow

import (
	"sync"
	"time"
)

// A machine's clock can be set, by hand or by a time server gone wrong. What a case's clock does cannot be taken back,
// so deadlines rest for a while after a jump, in which somebody can set it right again. A clock that keeps its new time
// is believed then. Deadlines leave a day before the schemes' own, and can afford it.
const (
	jump      = 2 * time.Minute
	restAfter = 15 * time.Minute
)

// clockWatch holds the wall clock against the monotonic one, which nobody can set.
type clockWatch struct {
	mu      sync.Mutex
	begun   bool
	wall    time.Time
	elapsed time.Duration
	rest    time.Duration // elapsed time until which deadlines rest
}

// see takes one reading of both clocks. It reports whether deadlines may be acted on, and by how much the wall clock has
// jumped since the last reading; 0 when it has not.
func (w *clockWatch) see(wall time.Time, elapsed time.Duration) (steady bool, jumped time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	wall = wall.Round(0)
	if w.begun {
		by := wall.Sub(w.wall) - (elapsed - w.elapsed)
		if by.Abs() > jump {
			jumped, w.rest = by, elapsed+restAfter
		}
	}
	w.begun, w.wall, w.elapsed = true, wall, elapsed
	return elapsed >= w.rest, jumped
}

// resting reports whether deadlines rest.
func (w *clockWatch) resting() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.elapsed < w.rest
}

// steady reports whether the clock can be trusted with what cannot be taken back.
func (f *Flow) steady() bool {
	steady, jumped := f.watch.see(f.Clock(), f.Elapsed())
	if jumped != 0 {
		f.Logger.Error("the clock was set: deadlines rest, set it right if it is wrong", "by", jumped.String(), "rest", restAfter.String())
	}
	return steady
}
