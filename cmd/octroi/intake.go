package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"runtime"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/spf13/cobra"

	"octroi/gateway/intake"
)

// openIntake has documents looked at by children of this very program, and their pages drawn by poppler where it is
// installed.
func openIntake(ctx context.Context, cfg Config, reg prometheus.Registerer) (*intake.Intake, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("find this program, to look at documents in a child of it: %w", err)
	}
	if runtime.GOOS == "linux" {
		self = "/proc/self/exe" // this very program, also when its file has been replaced by the next version
	}
	renderer, err := exec.LookPath("pdftoppm")
	if err != nil {
		renderer = ""
	}
	return intake.New(ctx, intake.Config{Command: []string{self, intake.Hidden}, Renderer: renderer, Clock: cfg.Clock, Logger: cfg.Logger,
		Registerer: reg})
}

// intakeCommand is what a child runs. It is for the program itself: by hand it does nothing of use.
func intakeCommand() *cobra.Command {
	return &cobra.Command{Use: intake.Hidden, Hidden: true, Args: cobra.NoArgs, RunE: func(cmd *cobra.Command, _ []string) error {
		if code := intake.Serve(cmd.InOrStdin(), cmd.OutOrStdout()); code != 0 {
			return fmt.Errorf("looking at a document ended with %d", code)
		}
		return nil
	}}
}
