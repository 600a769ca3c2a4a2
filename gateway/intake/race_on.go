//go:build race

package intake

// detector is how many times longer a child may compute: the race detector makes decoding about ten times slower.
const detector = 10
