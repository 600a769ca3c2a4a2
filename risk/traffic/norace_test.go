//go:build !race

package traffic

// raced is false: see the file for the race detector.
const raced = false
