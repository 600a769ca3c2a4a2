//go:build !race

package intake

// detector is how many times longer a child may compute than childTime says.
const detector = 1
