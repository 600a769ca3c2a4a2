package sandbox

import (
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"unsafe"

	"golang.org/x/sys/unix"
)

// readable is all that a renderer needs of the machine: its own code, its libraries, and fonts.
var readable = []string{"/usr", "/lib", "/lib64", "/bin", "/etc/fonts", "/etc/ld.so.cache", "/var/cache/fontconfig"}

// Start starts a program of the system, held to the limits, of which Memory is its whole address space, to reading and running what lies in the
// system's own folders, and to writing nothing (Landlock, kernel 5.13). On a kernel without Landlock only the
// limits and what this process gave up already are left; confined says which. The command's input must be a pipe that
// nothing has been written to: the limits are set just after the start.
func Start(cmd *exec.Cmd, l Limits) (confined bool, err error) {
	type started struct {
		confined bool
		err      error
	}
	done := make(chan started)
	go func() {
		// What a thread gives up, its children never have; the thread itself is not used again, because the goroutine
		// ends while it is locked to it.
		runtime.LockOSThread()
		confined, err := landlock()
		if err == nil {
			err = cmd.Start()
		}
		done <- started{confined, err}
	}()
	s := <-done
	if s.err != nil {
		return false, fmt.Errorf("sandbox: starting the renderer: %w", s.err)
	}
	for resource, v := range map[int]uint64{unix.RLIMIT_AS: l.Memory, unix.RLIMIT_CPU: l.seconds()} {
		if err := unix.Prlimit(cmd.Process.Pid, resource, &unix.Rlimit{Cur: v, Max: v}, nil); err != nil {
			_ = cmd.Process.Kill()
			_ = cmd.Wait()
			return false, fmt.Errorf("sandbox: limiting the renderer: %w", err)
		}
	}
	return s.confined, nil
}

// landlock gives up, for this thread, every way to new privileges and every file outside readable.
func landlock() (bool, error) {
	if err := unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); err != nil {
		return false, fmt.Errorf("giving up new privileges: %w", err)
	}
	version, _, errno := unix.Syscall(unix.SYS_LANDLOCK_CREATE_RULESET, 0, 0, unix.LANDLOCK_CREATE_RULESET_VERSION)
	if errno != 0 {
		return false, nil // ENOSYS or EOPNOTSUPP: the kernel has none
	}
	const read = unix.LANDLOCK_ACCESS_FS_EXECUTE | unix.LANDLOCK_ACCESS_FS_READ_FILE | unix.LANDLOCK_ACCESS_FS_READ_DIR
	rules, size := handled(int(version))
	fd, _, errno := unix.Syscall(unix.SYS_LANDLOCK_CREATE_RULESET, uintptr(unsafe.Pointer(&rules)), size, 0)
	if errno != 0 {
		return false, fmt.Errorf("making the rules: %w", errno)
	}
	defer unix.Close(int(fd))
	for _, path := range readable {
		if err := allow(int(fd), path, read); err != nil {
			return false, err
		}
	}
	// Where its words go, if it has any.
	if err := allow(int(fd), os.DevNull, unix.LANDLOCK_ACCESS_FS_READ_FILE|unix.LANDLOCK_ACCESS_FS_WRITE_FILE); err != nil {
		return false, err
	}
	if _, _, errno := unix.Syscall(unix.SYS_LANDLOCK_RESTRICT_SELF, fd, 0, 0); errno != 0 {
		return false, fmt.Errorf("keeping to the rules: %w", errno)
	}
	return true, nil
}

// handled are the acts that a kernel of this version of Landlock can forbid, and how many bytes of them it knows.
func handled(version int) (r unix.LandlockRulesetAttr, size uintptr) {
	r.Handled_access_fs = unix.LANDLOCK_ACCESS_FS_MAKE_SYM<<1 - 1 // all of the first version
	size = unsafe.Offsetof(r.Handled_access_net)
	if version >= 2 {
		r.Handled_access_fs |= unix.LANDLOCK_ACCESS_FS_REFER
	}
	if version >= 3 {
		r.Handled_access_fs |= unix.LANDLOCK_ACCESS_FS_TRUNCATE
	}
	if version >= 4 {
		r.Handled_access_net = unix.LANDLOCK_ACCESS_NET_BIND_TCP | unix.LANDLOCK_ACCESS_NET_CONNECT_TCP
		size = unsafe.Offsetof(r.Scoped)
	}
	if version >= 5 {
		r.Handled_access_fs |= unix.LANDLOCK_ACCESS_FS_IOCTL_DEV
	}
	if version >= 6 {
		r.Scoped = unix.LANDLOCK_SCOPE_ABSTRACT_UNIX_SOCKET | unix.LANDLOCK_SCOPE_SIGNAL
		size = unsafe.Offsetof(r.Scoped) + unsafe.Sizeof(r.Scoped)
	}
	return r, size
}

// allow lets acts happen beneath a path. One that this machine does not have needs no rule.
func allow(ruleset int, path string, acts uint64) error {
	fd, err := unix.Open(path, unix.O_PATH|unix.O_CLOEXEC, 0)
	if os.IsNotExist(err) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("opening %s: %w", path, err)
	}
	defer unix.Close(fd)
	var st unix.Stat_t
	if err := unix.Fstat(fd, &st); err != nil {
		return fmt.Errorf("looking at %s: %w", path, err)
	}
	if st.Mode&unix.S_IFMT != unix.S_IFDIR {
		acts &^= unix.LANDLOCK_ACCESS_FS_READ_DIR // a file cannot be listed, and the kernel refuses the rule
	}
	rule := unix.LandlockPathBeneathAttr{Allowed_access: acts, Parent_fd: int32(fd)}
	if _, _, errno := unix.Syscall6(unix.SYS_LANDLOCK_ADD_RULE, uintptr(ruleset), unix.LANDLOCK_RULE_PATH_BENEATH,
		uintptr(unsafe.Pointer(&rule)), 0, 0, 0); errno != 0 {
		return fmt.Errorf("allowing %s: %w", path, errno)
	}
	return nil
}
