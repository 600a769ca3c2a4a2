package main

import (
	"fmt"
	"log/slog"

	"golang.org/x/sys/unix"
)

// noCores keeps the kernel from writing this process's memory anywhere when it crashes: keys and the cards of the orders in
// hand are in it. The limit is one byte, not none: Linux pipes a core to a collector such as systemd-coredump whatever
// the limit, unless it is 1 (fs/coredump.c), and a file of one byte it does not begin. It holds for good, and for children.
// The process stays dumpable (prctl) on purpose: otherwise nobody but root could put its sandboxed children into user
// namespaces of their own.
func noCores() error {
	if err := unix.Setrlimit(unix.RLIMIT_CORE, &unix.Rlimit{Cur: 1, Max: 1}); err != nil {
		if now := (unix.Rlimit{}); unix.Getrlimit(unix.RLIMIT_CORE, &now) == nil && now.Max == 0 {
			return nil // somebody has forbidden them already, and would not let even this one be asked for
		}
		return fmt.Errorf("forbid core dumps (RLIMIT_CORE): %w", err)
	}
	return nil
}

// warnOfTraces says so when the environment asks Go for more than its default, which writes the failing goroutine alone
// to the terminal: a trace gives every call's arguments as numbers, and so of all orders in hand whatever is passed by
// value. The runtime lets no program ask for less than its environment does, so a warning is all there is to give.
func warnOfTraces(env func(string) (string, bool), log *slog.Logger) {
	switch v, _ := env("GOTRACEBACK"); v {
	case "", "none", "0", "single":
	default:
		log.Warn("GOTRACEBACK asks for the traces of all goroutines on a crash, which show parts of orders and keys: leave it unset", "value", v)
	}
}
