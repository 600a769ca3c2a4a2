package intake

import (
	"context"
	"sync"
)

// The lanes: one child at a time in each. A PDF, or a picture that takes more than smallRoom, is never in the small one,
// so an ordinary photo does not wait for a PDF that keeps a child busy until it is killed.
const (
	laneSmall = iota
	laneLarge
	lanes
)

// nices are how much children stand back: those of the large lane, which strangers can keep busy for seconds, get a third
// of what a payment gets. More would starve an honest PDF whenever the machine is busy.
var nices = [lanes]int{laneLarge: 5}

const (
	// smallRoom is the memory a picture may take in the small lane: 28 megapixels of JPEG, 10 of PNG.
	smallRoom = 42 << 20
	// Files that wait are in memory, whole.
	maxWaiting = 12 // of everybody together
	maxEach    = 3  // of one source, being looked at included
)

// queue says who is next. Sources take turns: whoever was served longest ago comes first, and nobody has both lanes.
type queue struct {
	mu      sync.Mutex
	running [lanes]*ticket
	waiting []*ticket // in the order of their coming
	sources map[string]*source
	turns   uint64
}

// source is where files come from: a case. It is remembered while any of its files is here.
type source struct {
	here    int // waiting or running
	running bool
	served  uint64 // the turn it had last
}

type ticket struct {
	from  string
	large bool
	lane  int           // once it is its turn
	ready chan struct{} // closed then
}

func newQueue() *queue { return &queue{sources: map[string]*source{}} }

// enter waits for the ticket's turn. It reports false when too many wait already. leave must follow true.
func (q *queue) enter(ctx context.Context, from string, large bool) (*ticket, bool, error) {
	t := &ticket{from: from, large: large, ready: make(chan struct{})}
	q.mu.Lock()
	s := q.sources[from]
	if s == nil {
		s = &source{}
	}
	if len(q.waiting) >= maxWaiting || s.here >= maxEach {
		q.mu.Unlock()
		return nil, false, nil
	}
	s.here++
	q.sources[from] = s
	q.waiting = append(q.waiting, t)
	q.fill()
	q.mu.Unlock()
	select {
	case <-t.ready:
		return t, true, nil
	case <-ctx.Done():
		q.leave(t)
		return nil, false, ctx.Err()
	}
}

// leave makes room, whether or not the ticket's turn had come.
func (q *queue) leave(t *ticket) {
	q.mu.Lock()
	defer q.mu.Unlock()
	s := q.sources[t.from]
	for i, w := range q.waiting {
		if w == t {
			q.waiting = append(q.waiting[:i], q.waiting[i+1:]...)
			break
		}
	}
	for lane, r := range q.running {
		if r == t {
			q.running[lane], s.running = nil, false
		}
	}
	if s.here--; s.here == 0 {
		delete(q.sources, t.from)
	}
	q.fill()
}

// fill gives free lanes to whose turn it is. The large lane takes small files when no large one waits.
func (q *queue) fill() {
	for lane := range lanes {
		if q.running[lane] != nil {
			continue
		}
		next := q.next(lane == laneLarge)
		if next < 0 && lane == laneLarge {
			next = q.next(false)
		}
		if next < 0 {
			continue
		}
		t := q.waiting[next]
		q.waiting = append(q.waiting[:next], q.waiting[next+1:]...)
		q.turns++
		s := q.sources[t.from]
		s.running, s.served = true, q.turns
		q.running[lane], t.lane = t, lane
		close(t.ready)
	}
}

// next finds, among the waiting of one kind, the first one of the source that was served longest ago; -1 for none.
func (q *queue) next(large bool) int {
	best := -1
	for i, t := range q.waiting {
		s := q.sources[t.from]
		if t.large != large || s.running {
			continue
		}
		if best < 0 || s.served < q.sources[q.waiting[best].from].served {
			best = i
		}
	}
	return best
}

func (q *queue) length() int {
	q.mu.Lock()
	defer q.mu.Unlock()
	return len(q.waiting)
}
