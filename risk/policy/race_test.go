//go:build race

package policy

// raced is true when the race detector watches: a sync.Pool then forgets one in four of what it is given, so that nothing can
// be said of allocations.
const raced = true
