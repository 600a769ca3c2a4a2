package store

import (
	"slices"
	"strings"
	"sync"
)

// Topics that are not kinds of outbox message; no Kind contains a space.
const (
	topicHistory       Kind = "the history"
	topicNotifications Kind = "the notifications"
)

// wakes are the channels on which a commit tells this process's workers that there is work.
type wakes struct {
	mu       sync.Mutex
	channels map[string]wake
}

type wake struct {
	kinds []Kind
	c     chan struct{}
}

func newWakes() *wakes { return &wakes{channels: map[string]wake{}} }

// of gives the one channel for a set of kinds: asking again does not add one.
func (w *wakes) of(kinds []Kind) <-chan struct{} {
	kinds = slices.Compact(slices.Sorted(slices.Values(kinds)))
	var key strings.Builder
	for _, k := range kinds {
		key.WriteString(string(k) + "\n")
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	have, ok := w.channels[key.String()]
	if !ok {
		have = wake{kinds: kinds, c: make(chan struct{}, 1)}
		w.channels[key.String()] = have
	}
	return have.c
}

// signal wakes whoever waits for one of the kinds. A worker that is busy finds the signal when it waits again.
func (w *wakes) signal(kinds ...Kind) {
	if len(kinds) == 0 {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, have := range w.channels {
		if !slices.ContainsFunc(kinds, func(k Kind) bool { return slices.Contains(have.kinds, k) }) {
			continue
		}
		select {
		case have.c <- struct{}{}:
		default: // a signal is waiting already
		}
	}
}

// Wake gives a channel that gets a signal after a commit in this process that gave work to one of the kinds. One
// signal may stand for many messages, and work of other processes gives none: claim until nothing comes, and look by
// the clock as well. Commits from before the first call for a set of kinds give none. Everybody who asks for the same kinds shares one channel.
func (s *Store) Wake(kinds ...Kind) <-chan struct{} { return s.wakes.of(kinds) }

// WakeHistory is Wake for ClaimHistory.
func (s *Store) WakeHistory() <-chan struct{} { return s.wakes.of([]Kind{topicHistory}) }

// WakeNotifications is Wake for ClaimNotifications.
func (s *Store) WakeNotifications() <-chan struct{} { return s.wakes.of([]Kind{topicNotifications}) }
