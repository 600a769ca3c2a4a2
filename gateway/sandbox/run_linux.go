package sandbox

import (
	"math"
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

// keepDescriptors marks everything beyond the standard three as not for children. Go marks what it opens itself; what a
// shell or a supervisor left open it does not.
func keepDescriptors() error {
	return unix.CloseRange(3, math.MaxInt32, unix.CLOSE_RANGE_CLOEXEC)
}

// isolations are the ways to start a child, best first: containers and hardened kernels may refuse the first.
var isolations = []bool{true, false}

// nobody is the user a child is inside its own namespace (the kernel's overflow user).
const nobody = 65534

// attributes put the child in a process group of its own and tie its life to ours. Isolated, it also gets a network
// without interfaces, a process table without other processes, and a user who owns nothing outside.
func attributes(isolated bool) *syscall.SysProcAttr {
	a := &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	if isolated {
		a.Cloneflags = syscall.CLONE_NEWUSER | syscall.CLONE_NEWNET | syscall.CLONE_NEWPID | syscall.CLONE_NEWIPC | syscall.CLONE_NEWUTS
		a.UidMappings = []syscall.SysProcIDMap{{ContainerID: nobody, HostID: os.Getuid(), Size: 1}}
		a.GidMappings = []syscall.SysProcIDMap{{ContainerID: nobody, HostID: os.Getgid(), Size: 1}}
	}
	return a
}
