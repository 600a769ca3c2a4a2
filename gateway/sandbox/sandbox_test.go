package sandbox

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestMain lets the test binary be its own child: "child" and what it shall try come as arguments.
func TestMain(m *testing.M) {
	if len(os.Args) > 2 && os.Args[1] == "child" {
		os.Exit(child(os.Args[2], os.Args[3:]))
	}
	os.Exit(m.Run())
}

const childMemory = 64 << 20

// self is the command that makes a child of the test binary.
func self(what string, args ...string) []string {
	return append([]string{os.Args[0], "child", what}, args...)
}

// try runs a child and gives what it said.
func try(t *testing.T, within time.Duration, command []string, request ...string) (string, error) {
	t.Helper()
	return run(t.Context(), opened(t), within, command, request...)
}

func run(ctx context.Context, s *Sandbox, within time.Duration, command []string, request ...string) (said string, err error) {
	var body [][]byte
	for _, r := range request {
		body = append(body, []byte(r))
	}
	with := *s
	with.command = command
	err = with.Run(ctx, Job{Request: body, Within: within, Nice: 3}, func(r io.Reader) error {
		b, err := io.ReadAll(r)
		said = string(b)
		if err == nil && said == "" {
			err = io.ErrUnexpectedEOF
		}
		return err
	})
	return said, err
}

func opened(t *testing.T) *Sandbox {
	t.Helper()
	s, err := New(t.Context(), self("echo"), []byte("are you there?"), func(r io.Reader) error {
		b, err := io.ReadAll(r)
		if err == nil && string(b) != "are you there?" {
			err = fmt.Errorf("it says %q", b)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

const patient = 30 * time.Second

func TestAChildAnswersWhatItWasAsked(t *testing.T) {
	long := strings.Repeat("0123456789", 1<<20)
	said, err := try(t, patient, self("echo"), "one ", long)
	if err != nil || said != "one "+long {
		t.Errorf("said %d bytes, %v", len(said), err)
	}
}

func TestAChildThatUsesTooMuchIsEnded(t *testing.T) {
	for what, want := range map[string]error{"spin": ErrDied, "hoard": ErrDied} {
		if said, err := try(t, patient, self(what), "go"); !errors.Is(err, want) {
			t.Errorf("%s: said %q, %v, want %v", what, said, err, want)
		}
	}
	if said, err := try(t, 500*time.Millisecond, self("sleep"), "go"); !errors.Is(err, ErrOutOfTime) {
		t.Errorf("sleep: said %q, %v", said, err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(200*time.Millisecond, cancel)
	if _, err := run(ctx, opened(t), patient, self("sleep"), "go"); !errors.Is(err, context.Canceled) {
		t.Errorf("a caller who has gone: %v", err)
	}
}

func TestAChildHasNothingToReachOutWith(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("children are only confined on Linux")
	}
	file := filepath.Join(t.TempDir(), "written")
	if said, err := try(t, patient, self("write", file), "go"); err != nil || !strings.Contains(said, "file too large") {
		t.Errorf("writing: said %q, %v", said, err)
	}
	if b, err := os.ReadFile(file); len(b) > 0 {
		t.Errorf("the child wrote %q, %v", b, err)
	}
	said, err := try(t, patient, self("files"), "go")
	n, nerr := strconv.Atoi(strings.TrimPrefix(said, "open: "))
	if err != nil || nerr != nil || n >= maxFiles {
		t.Errorf("files: said %q, %v", said, err)
	}
	// A descriptor as a careless parent leaves it: not closed on exec.
	left, err := syscall.Open("/etc/hostname", syscall.O_RDONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer syscall.Close(left)
	said, err = try(t, patient, self("see"), "go")
	if err != nil || !strings.HasPrefix(said, "env 0, inherited [], dir /, ") {
		t.Errorf("seeing: said %q, %v", said, err)
	}
	if !opened(t).Isolated() {
		t.Skip("the kernel gives no namespaces here: network and processes are not hidden")
	}
	if !strings.HasSuffix(said, "pid 1, uid 65534, nice 3") {
		t.Errorf("seeing: said %q", said)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if said, err := try(t, patient, self("dial", l.Addr().String()), "go"); err != nil || !strings.Contains(said, "unreachable") {
		t.Errorf("dialling: said %q, %v", said, err)
	}
}

func TestNothingAChildStartedOutlivesIt(t *testing.T) {
	s := opened(t)
	if !s.Isolated() {
		t.Skip("the kernel gives no namespaces here: a grandchild that leaves its group is only bounded by its limits")
	}
	if _, err := run(t.Context(), s, time.Second, self("beget"), "go"); !errors.Is(err, ErrOutOfTime) {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(patient); ; time.Sleep(20 * time.Millisecond) {
		left := processesWith("child\x00sleep")
		if len(left) == 0 {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("still there: %v", left)
		}
	}
}

// processesWith lists this test binary's processes whose command line holds the words.
func processesWith(words string) (pids []string) {
	lines, _ := filepath.Glob("/proc/[0-9]*/cmdline")
	for _, l := range lines {
		b, _ := os.ReadFile(l)
		exe, _ := os.Readlink(filepath.Join(filepath.Dir(l), "exe"))
		if own, _ := os.Executable(); exe == own && bytes.Contains(b, []byte(words)) {
			pids = append(pids, filepath.Base(filepath.Dir(l)))
		}
	}
	return pids
}

func TestARendererReadsTheSystemAndNothingElse(t *testing.T) {
	secret := filepath.Join(t.TempDir(), "identity")
	if err := os.WriteFile(secret, []byte("AGE-SECRET"), 0o600); err != nil {
		t.Fatal(err)
	}
	said, err := try(t, patient, self("render", "/usr/bin/head", "-c", "4", "/usr/bin/env"), "go")
	if err != nil || !strings.Contains(said, "<nil>, \x7fELF") {
		t.Fatalf("reading the system: said %q, %v", said, err)
	}
	if !strings.Contains(said, "confined true") {
		t.Skip("the kernel has no Landlock: a renderer reads what its user may read")
	}
	said, err = try(t, patient, self("render", "/bin/sh", "-c", "while :; do :; done"), "go")
	if err != nil || !strings.Contains(said, "signal: killed") {
		t.Errorf("a renderer that never ends: said %q, %v", said, err)
	}
	for _, args := range [][]string{{"/usr/bin/cat", secret}, {"/usr/bin/cat", "/etc/passwd"}, {"/usr/bin/cat", "/proc/self/environ"},
		{"/usr/bin/rm", secret}, {"/usr/bin/truncate", "-s", "0", secret}, {"/usr/bin/ls", "/tmp"}} {
		said, err := try(t, patient, self("render", args...), "go")
		if err != nil || !strings.Contains(said, "Permission denied") || strings.Contains(said, "AGE-SECRET") {
			t.Errorf("%v: said %q, %v", args, said, err)
		}
	}
	if b, err := os.ReadFile(secret); string(b) != "AGE-SECRET" {
		t.Errorf("the renderer changed a file: %q, %v", b, err)
	}
}

func TestACommandThatDoesNotAnswerIsRefusedAtTheStart(t *testing.T) {
	for name, command := range map[string][]string{
		"none": nil, "not there": {filepath.Join(t.TempDir(), "nothing")}, "says nothing": {"/bin/true"},
	} {
		_, err := New(t.Context(), command, []byte("hello"), func(r io.Reader) error {
			_, err := io.ReadFull(r, make([]byte, 1))
			return err
		})
		if err == nil {
			t.Errorf("%s: a sandbox was made", name)
		}
	}
	s := &Sandbox{command: []string{filepath.Join(t.TempDir(), "nothing")}}
	if err := s.Run(t.Context(), Job{Within: patient}, func(io.Reader) error { return nil }); !errors.Is(err, ErrNotStarted) {
		t.Errorf("%v, want %v", err, ErrNotStarted)
	}
}
