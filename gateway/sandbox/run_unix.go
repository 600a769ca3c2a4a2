//go:build unix

package sandbox

import (
	"errors"
	"os"
	"syscall"
)

// standBack lowers the priority of a child's whole group, threads that are already there included. One that cannot be
// lowered does its work all the same.
func standBack(p *os.Process, nice int) {
	_ = syscall.Setpriority(syscall.PRIO_PGRP, p.Pid, nice)
}

// killGroup kills a child that has not been waited for yet, and what it started. One that is gone already is no error.
func killGroup(p *os.Process) error {
	if err := syscall.Kill(-p.Pid, syscall.SIGKILL); err != nil && !errors.Is(err, syscall.ESRCH) {
		return err
	}
	return nil
}
