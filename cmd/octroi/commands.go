package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"

	"github.com/spf13/cobra"
)

// run carries out one command line and gives the exit code: 0 for success, an orderly stop by signal included, 1 for
// every failure. The first signal asks for an orderly stop; a second one ends the process at once. SIGQUIT is such a signal
// too: left to itself, Go's runtime would answer the first one with the traces of all goroutines, see warnOfTraces.
func run(args []string, out, errs io.Writer) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGQUIT)
	defer stop()
	context.AfterFunc(ctx, stop)
	root := rootCommand()
	root.SetArgs(args)
	root.SetOut(out)
	root.SetErr(errs)
	if err := root.ExecuteContext(ctx); err != nil {
		fmt.Fprintln(errs, "octroi:", err)
		return 1
	}
	return 0
}

func rootCommand() *cobra.Command {
	root := &cobra.Command{
		Use:           "octroi",
		Short:         "The toll-gate in front of card authorisation",
		SilenceUsage:  true,
		SilenceErrors: true,
	}
	root.CompletionOptions.HiddenDefaultCmd = true
	root.AddCommand(demoCommand(), serveCommand(), adyensimCommand(), versionCommand(),
		group("policy", "Look at policies", policyCheckCommand(), newBacktestCommand(), newFitCommand()),
		group("velocity", "Look after the histories in Redis", velocityRebuildCommand()),
		group("audit", "Look after the audit log", auditVerifyCommand()),
		group("user", "People of the console", userAddCommand(), userPasswordCommand(), userDisableCommand()),
		group("outbox", "Look after what leaves, and what could not", outboxListCommand(), outboxReviveCommand(), outboxWebhooksCommand(), outboxReplayCommand()),
		group("mail", "Look at shops' mail templates", mailCheckCommand()),
		group("webhook", "Webhooks to shops: their secrets, their endpoints", webhookSecretCommand(), webhookPublicCommand(), webhookEnableCommand()),
		group("list", "Lists that rules ask", listImportCommand()),
		group("vault", "Look after the buyers' documents", vaultKeyCommand(), vaultRotateCommand()),
		group("key", "API keys of shops", keyAddCommand(), keyRevokeCommand()),
		replayCommand(), eraseCommand(), intakeCommand(),
		group("token", "API tokens of people", tokenAddCommand()))
	return root
}

// group is a command that only holds others. It runs to show its help, and refuses a name it does not know.
func group(name, short string, commands ...*cobra.Command) *cobra.Command {
	g := &cobra.Command{Use: name, Short: short, Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() }}
	g.AddCommand(commands...)
	return g
}

func versionCommand() *cobra.Command {
	return &cobra.Command{Use: "version", Short: "Print what this program was built from", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			b := built()
			_, err := fmt.Fprintf(cmd.OutOrStdout(), "octroi %s (%s, %s)\n", b.version, b.revision, b.goVersion)
			return err
		}}
}

// build is what the Go toolchain wrote into the binary.
type build struct{ version, revision, goVersion string }

func built() build {
	b := build{version: "devel", revision: "unknown", goVersion: "unknown"}
	bi, ok := debug.ReadBuildInfo()
	if !ok {
		return b
	}
	b.goVersion = bi.GoVersion
	if v := bi.Main.Version; v != "" && v != "(devel)" {
		b.version = v
	}
	for _, s := range bi.Settings {
		if s.Key == "vcs.revision" {
			b.revision = s.Value
		}
	}
	return b
}
