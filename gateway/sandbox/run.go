package sandbox

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"slices"
	"time"
)

// How a child can fail. Compare with errors.Is.
var (
	ErrNotStarted = errors.New("sandbox: the child could not be started")
	ErrOutOfTime  = errors.New("sandbox: the child did not answer in time and was killed")
	ErrDied       = errors.New("sandbox: the child ended without a whole answer")
)

// Sandbox starts children. It is safe for concurrent use.
type Sandbox struct {
	command  []string
	isolated bool
}

// probeTime bounds the first start of a child, on a machine that may be busy.
const probeTime = 20 * time.Second

// New tries command, a program and its arguments, on the request once: a child that does not answer it is an error. It
// settles whether the kernel gives children namespaces of their own, and goes on without where it does not. Descriptors
// that this process was itself started with are from then on not passed to any program it starts.
func New(ctx context.Context, command []string, request []byte, answer func(io.Reader) error) (*Sandbox, error) {
	if len(command) == 0 {
		return nil, errors.New("sandbox: no command given")
	}
	if err := keepDescriptors(); err != nil {
		return nil, fmt.Errorf("sandbox: keeping descriptors from children: %w", err)
	}
	var tried []error
	for _, isolated := range isolations {
		s := &Sandbox{command: slices.Clone(command), isolated: isolated}
		err := s.Run(ctx, Job{Request: [][]byte{request}, Within: probeTime}, answer)
		if err == nil {
			return s, nil
		}
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		tried = append(tried, err)
	}
	return nil, fmt.Errorf("sandbox: trying %s: %w", command[0], errors.Join(tried...))
}

// Isolated reports whether children have namespaces of their own: no network, no other process in sight, and no
// privilege outside, also when the program is run by root.
func (s *Sandbox) Isolated() bool { return s.isolated }

// reapTime is how long a killed child's pipes may stay open.
const reapTime = time.Second

// Job is what one child does.
type Job struct {
	Request [][]byte
	Within  time.Duration
	// Nice is how much the child stands back for others who want the processor, from 0 to 19 (nice(2)).
	Nice int
}

// Run starts a child, writes the request to it and lets answer read what it says. The child is killed with whatever it
// started as soon as answer has returned, after the job's time, and when ctx ends. Its standard error goes nowhere: it
// could hold what the request held. The error is one of this package's, the context's, or answer's own when the child had
// ended well.
func (s *Sandbox) Run(ctx context.Context, job Job, answer func(io.Reader) error) error {
	timed, cancel := context.WithTimeout(ctx, job.Within)
	defer cancel()
	cmd := exec.CommandContext(timed, s.command[0], s.command[1:]...)
	cmd.Env, cmd.Dir, cmd.SysProcAttr = []string{}, "/", attributes(s.isolated)
	cmd.Cancel = func() error { return killGroup(cmd.Process) }
	cmd.WaitDelay = reapTime
	var body []io.Reader
	for _, b := range job.Request {
		body = append(body, bytes.NewReader(b))
	}
	cmd.Stdin = io.MultiReader(body...)
	out, err := cmd.StdoutPipe()
	if err != nil {
		return fmt.Errorf("%w: %w", ErrNotStarted, err)
	}
	if err := cmd.Start(); err != nil {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		return fmt.Errorf("%w: %w", ErrNotStarted, err)
	}
	standBack(cmd.Process, job.Nice)
	answerErr := answer(out)
	if answerErr == nil {
		// The answer is whole. What the child still does, and what it started, is of no interest.
		_ = killGroup(cmd.Process)
		_ = cmd.Wait()
		return nil
	}
	_ = out.Close()
	return verdict(ctx, timed, cmd.Wait(), answerErr)
}

// verdict says why there is no answer.
func verdict(ctx, timed context.Context, waitErr, answerErr error) error {
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case timed.Err() != nil:
		return ErrOutOfTime
	case waitErr != nil:
		return fmt.Errorf("%w: %w", ErrDied, waitErr)
	}
	return fmt.Errorf("%w: %w", ErrDied, answerErr)
}
