package notify

import (
	"errors"
	"sync"
	"time"
)

// errResting is the failure of a webhook that was not tried because its shop has not been answering.
var errResting = errors.New("not tried: the shop's endpoint is not answering")

// The rest of a shop that does not answer: after restAfter tries in a row without any answer its webhooks fail at once,
// except one probe per restFor, so that its timeouts hold neither slots nor what else the shop has waiting. The messages
// keep the schedule that they would have had by failing slowly. A shop that answers, however slowly, does not rest: what
// keeps it from holding up others is its share of the slots.
const (
	restAfter = 5
	restFor   = webhookTimeout
)

// rests knows which shops are resting. Shops come from the configuration, so the map is bounded.
type rests struct {
	mu    sync.Mutex
	shops map[string]rest
}

type rest struct {
	silent int       // tries in a row without an answer
	until  time.Time // no try before
}

// mayTry reports whether the shop may be tried now. Leave given to a resting shop is a probe and starts the next rest.
func (r *rests) mayTry(shop string, now time.Time) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	s := r.shops[shop]
	if s.silent < restAfter {
		return true
	}
	if now.Before(s.until) {
		return false
	}
	s.until = now.Add(restFor)
	r.shops[shop] = s
	return true
}

// tried takes note of a try. Any answer, a refusal too, ends the rest.
func (r *rests) tried(shop string, answered bool, now time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if answered {
		delete(r.shops, shop)
		return
	}
	s := r.shops[shop]
	if s.silent++; s.silent >= restAfter {
		s.until = now.Add(restFor)
	}
	r.shops[shop] = s
}
