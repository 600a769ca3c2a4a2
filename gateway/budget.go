package gateway

import "sync"

// budget bounds the bytes of bodies that are in memory at once: of everybody, and of each who sends.
type budget struct {
	all, each int64

	mu   sync.Mutex
	used int64
	of   map[string]int64
}

// share is which part of the whole one sender may have: a few who send slowly must not keep all others out.
const share = 4

func newBudget(all int64) *budget {
	return &budget{all: all, each: all / share, of: map[string]int64{}}
}

// take asks for n bytes in the name of all who are behind them, and gives what returns them, once. ok is false, and
// nothing is taken, when they are not there now.
func (b *budget) take(n int64, senders ...string) (giveBack func(), ok bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.used+n > b.all {
		return nil, false
	}
	for _, who := range senders {
		// Whoever has nothing here may send one body, however small the whole is.
		if had := b.of[who]; had > 0 && had+n > b.each {
			return nil, false
		}
	}
	b.add(n, senders)
	return sync.OnceFunc(func() {
		b.mu.Lock()
		defer b.mu.Unlock()
		b.add(-n, senders)
	}), true
}

func (b *budget) add(n int64, senders []string) {
	b.used += n
	for _, who := range senders {
		if b.of[who] += n; b.of[who] <= 0 {
			delete(b.of, who)
		}
	}
}
