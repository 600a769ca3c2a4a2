package console

import (
	"context"
	"log/slog"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"octroi/gateway/intake"
)

// TestMain lets the test binary be the child that looks at documents.
func TestMain(m *testing.M) {
	if len(os.Args) == 2 && os.Args[1] == intake.Hidden {
		os.Exit(intake.Serve(os.Stdin, os.Stdout))
	}
	os.Exit(m.Run())
}

// oneIntake is shared by all tests: it keeps nothing between documents.
var oneIntake = sync.OnceValues(func() (*intake.Intake, error) {
	limits := intake.DefaultLimits()
	limits.Time = time.Minute // a busy machine, and the race detector
	return intake.New(context.Background(), intake.Config{Command: []string{os.Args[0], intake.Hidden}, Limits: limits, Clock: time.Now,
		Logger: slog.New(slog.DiscardHandler), Registerer: prometheus.NewRegistry()})
})

func looker(t testing.TB) *intake.Intake {
	t.Helper()
	in, err := oneIntake()
	if err != nil {
		t.Fatal(err)
	}
	return in
}
