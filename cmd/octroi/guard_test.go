package main

import (
	"errors"
	"log/slog"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// crashEnv tells the test program to crash as a program that may, or may not, leave a core.
const crashEnv = "OCTROI_TEST_CRASH"

func check(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestACrashLeavesNoCore(t *testing.T) {
	if how := os.Getenv(crashEnv); how != "" {
		limit := unix.Rlimit{}
		check(t, unix.Getrlimit(unix.RLIMIT_CORE, &limit))
		limit.Cur = min(limit.Max, 64<<10) // enough to see that there would be one
		check(t, unix.Setrlimit(unix.RLIMIT_CORE, &limit))
		if how == "guarded" {
			check(t, noCores())
			check(t, noCores()) // a second start in the same process
		}
		check(t, syscall.Kill(os.Getpid(), syscall.SIGABRT))
		time.Sleep(time.Minute)
	}
	left := func(how string) (core bool) {
		t.Helper()
		child := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestACrashLeavesNoCore$")
		child.Dir, child.Env = t.TempDir(), append(os.Environ(), crashEnv+"="+how, "GOTRACEBACK=crash")
		out, err := child.CombinedOutput()
		var exit *exec.ExitError
		if !errors.As(err, &exit) {
			t.Fatalf("%v: %s", err, out)
		}
		ended := exit.Sys().(syscall.WaitStatus)
		if !ended.Signaled() || ended.Signal() != syscall.SIGABRT {
			t.Fatalf("it did not crash as asked to: %v: %s", err, out)
		}
		files, err := os.ReadDir(child.Dir)
		check(t, err)
		return ended.CoreDump() || len(files) > 0
	}
	if left("guarded") {
		t.Error("a guarded process left a core")
	}
	if !left("open") {
		t.Log("this machine writes no cores, so that nothing more can be seen here")
	}
}

func TestTracesOfEverythingAreWarnedOf(t *testing.T) {
	for value, want := range map[string]bool{"": false, "none": false, "single": false, "all": true, "system": true, "crash": true, "2": true} {
		var out strings.Builder
		warnOfTraces(func(string) (string, bool) { return value, value != "" }, slog.New(slog.NewTextHandler(&out, nil)))
		if warned := strings.Contains(out.String(), "GOTRACEBACK"); warned != want {
			t.Errorf("%q: warned %v", value, warned)
		}
	}
}
