package sandbox

import "time"

// Limits are what a child may use.
type Limits struct {
	Memory uint64        // bytes, beyond what the program's own runtime holds when it starts
	CPU    time.Duration // of all threads together, rounded up to whole seconds
}

// maxFiles is how many descriptors a child may have open: three pipes, the runtime's own, and a renderer's fonts.
const maxFiles = 32

// seconds is the kernel's unit of processor time.
func (l Limits) seconds() uint64 {
	return max(uint64((l.CPU+time.Second-1)/time.Second), 1)
}
