package sandbox

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// child confines itself, reads its whole input, and tries something that a decoder gone wrong would.
func child(what string, args []string) int {
	if err := Confine(Limits{Memory: childMemory, CPU: time.Second}); err != nil {
		fmt.Print("not confined: ", err)
		return 3
	}
	in, err := io.ReadAll(os.Stdin)
	if err != nil {
		return 4
	}
	switch what {
	case "echo":
		_, _ = os.Stdout.Write(in)
	case "spin":
		for n := 0; ; n++ { // until the limit on processor time
			runtime.KeepAlive(n)
		}
	case "sleep":
		time.Sleep(time.Hour)
	case "hoard":
		var kept [][]byte
		for range 64 {
			b := make([]byte, 16<<20)
			for i := 0; i < len(b); i += 4096 {
				b[i] = 1
			}
			kept = append(kept, b)
		}
		fmt.Print("kept ", len(kept))
	case "write":
		err := os.WriteFile(args[0], []byte("x"), 0o600)
		fmt.Print("write: ", err)
	case "files":
		var open []*os.File
		for range 100 {
			f, err := os.Open("/dev/null")
			if err != nil {
				fmt.Print("open: ", len(open))
				return 0
			}
			open = append(open, f)
		}
	case "dial":
		_, err := net.DialTimeout("tcp", args[0], time.Second)
		fmt.Print("dial: ", err)
	case "see":
		fds, _ := os.ReadDir("/proc/self/fd")
		dir, _ := os.Getwd()
		var inherited []string
		for _, fd := range fds {
			at, _ := os.Readlink("/proc/self/fd/" + fd.Name())
			if n, _ := strconv.Atoi(fd.Name()); n > 2 && strings.HasPrefix(at, "/") && !strings.HasPrefix(at, "/sys/fs/cgroup") && !strings.HasPrefix(at, "/proc") {
				inherited = append(inherited, at)
			}
		}
		fmt.Print("env ", len(os.Environ()), ", inherited ", inherited, ", dir ", dir, ", pid ", os.Getpid(), ", uid ", os.Getuid(), ", nice ", niceness())
	case "beget":
		// A grandchild that leaves the process group and outlives its parent, as far as that is possible.
		cmd := exec.Command("/proc/self/exe", "child", "sleep")
		cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
		cmd.Stdin, cmd.Stdout = os.Stdin, os.Stdout
		if err := cmd.Start(); err != nil {
			fmt.Print(err)
		}
		time.Sleep(time.Hour)
	case "render":
		return render(args)
	}
	return 0
}

// niceness is this thread's, which a raw call gives as 20 less it.
func niceness() int {
	n, _ := syscall.Getpriority(syscall.PRIO_PROCESS, 0)
	return 20 - n
}

// render starts a program as if it were a renderer and tells how it fared.
func render(args []string) int {
	cmd := exec.Command("/usr/bin/env", append([]string{"-i"}, args...)...)
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return 5
	}
	var out, errs bytes.Buffer
	if cmd.Stdout = &out; args[0] != "/usr/bin/head" {
		cmd.Stderr = &errs
	}
	confined, err := Start(cmd, Limits{Memory: 200 << 20, CPU: time.Second})
	if err != nil {
		fmt.Print(err)
		return 0
	}
	_ = stdin.Close()
	err = cmd.Wait()
	fmt.Printf("confined %t, %v, %s%s", confined, err, out.String(), errs.String())
	return 0
}
