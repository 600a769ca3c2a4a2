//go:build race

package traffic

// raced is true when the race detector watches. The figures of the default policy come from one goroutine, so that it
// finds nothing there and takes ten times as long; .ci/run takes them without it.
const raced = true
