// Package intaketest lets the tests of other packages take documents in as the program does: in a child, which is the test
// binary itself. A package that uses Open hands its TestMain to Main.
package intaketest

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"octroi/gateway/intake"
)

// Main runs the tests and then what is to be done after them, or is the child that looks at a document. It does not return.
func Main(m *testing.M, after ...func() error) {
	if len(os.Args) == 2 && os.Args[1] == intake.Hidden {
		os.Exit(intake.Serve(os.Stdin, os.Stdout))
	}
	code := m.Run()
	for _, do := range after {
		if err := do(); err != nil {
			fmt.Fprintln(os.Stderr, "after the tests:", err)
			code = max(code, 1)
		}
	}
	os.Exit(code)
}

// one is shared by all tests of a binary: an intake keeps nothing between documents.
var one = sync.OnceValues(func() (*intake.Intake, error) {
	limits := intake.DefaultLimits()
	limits.Time = time.Minute // a busy machine, and the race detector
	return intake.New(context.Background(), intake.Config{Command: []string{os.Args[0], intake.Hidden}, Limits: limits,
		Clock: func() time.Time { return time.Time{} }, Logger: slog.New(slog.DiscardHandler), Registerer: prometheus.NewRegistry()})
})

// Open gives an intake without a renderer. Its metrics count that no time passes.
func Open(t testing.TB) *intake.Intake {
	t.Helper()
	in, err := one()
	if err != nil {
		t.Fatal(err)
	}
	return in
}
