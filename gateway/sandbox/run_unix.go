//go:build unix

package sandbox

import (
	"errors"
	"os"
	"syscall"
)

// killGroup kills a child that has not been waited for yet, and what it started. One that is gone already is no error.
func killGroup(p *os.Process) error {
	if err := syscall.Kill(-p.Pid, syscall.SIGKILL); err != nil && !errors.Is(err, syscall.ESRCH) {
		return err
	}
	return nil
}
