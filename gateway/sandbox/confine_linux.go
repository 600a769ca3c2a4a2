package sandbox

import (
	"fmt"
	"os"
	"runtime/debug"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// Confine takes from this process, for good, what reading a stranger's bytes does not need. A child calls it before it
// reads any. Memory counts from what the process holds at that moment, because Go's runtime, and the race detector's
// even more, reserves address space that it never touches. Confining twice can only tighten.
func Confine(l Limits) error {
	held, err := holding()
	if err != nil {
		return fmt.Errorf("sandbox: reading this process's size: %w", err)
	}
	// The heap grows by arenas of 64 MiB, of which only what is used is ever resident; the runtime's own books and the
	// stacks of its threads come on top.
	const arenas = 192 << 20
	for _, limit := range []struct {
		name     string
		resource int
		value    uint64
	}{
		{"core dumps", unix.RLIMIT_CORE, 0},
		{"written files", unix.RLIMIT_FSIZE, 0},
		{"open files", unix.RLIMIT_NOFILE, maxFiles},
		{"processor seconds", unix.RLIMIT_CPU, l.seconds()},
		{"data", unix.RLIMIT_DATA, held.data + arenas + l.Memory},
		{"address space", unix.RLIMIT_AS, held.total + arenas + l.Memory},
	} {
		now := unix.Rlimit{}
		if err := unix.Getrlimit(limit.resource, &now); err != nil {
			return fmt.Errorf("sandbox: reading the limit of %s: %w", limit.name, err)
		}
		v := min(limit.value, now.Max)
		if err := unix.Setrlimit(limit.resource, &unix.Rlimit{Cur: v, Max: v}); err != nil {
			return fmt.Errorf("sandbox: limiting %s: %w", limit.name, err)
		}
	}
	// Near its bound the collector works harder, before the kernel refuses memory.
	debug.SetMemoryLimit(int64(l.Memory))
	return nil
}

// size is what a process holds, in bytes.
type size struct{ total, data uint64 }

// holding reads /proc/self/statm (proc(5)), whose fields are pages: all of the address space comes first, what is
// private and writable sixth.
func holding() (size, error) {
	b, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		return size{}, err
	}
	fields := strings.Fields(string(b))
	if len(fields) < 6 {
		return size{}, fmt.Errorf("/proc/self/statm has %d fields, not 7", len(fields))
	}
	page := uint64(os.Getpagesize())
	total, err := strconv.ParseUint(fields[0], 10, 64)
	if err != nil {
		return size{}, err
	}
	data, err := strconv.ParseUint(fields[5], 10, 64)
	return size{total: total * page, data: data * page}, err
}
