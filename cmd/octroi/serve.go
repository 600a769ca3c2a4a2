package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"time"

	"github.com/spf13/cobra"

	"octroi/gateway/payment"
	"octroi/gateway/store"
)

func serveCommand() *cobra.Command {
	var path string
	var example bool
	cmd := &cobra.Command{Use: "serve", Short: "Run the gateway on real parts", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if example {
				_, err := cmd.OutOrStdout().Write(exampleFile)
				return err
			}
			if path == "" {
				return errors.New("serve needs --config; --example prints a file to begin with")
			}
			return serve(cmd.Context(), path, cmd.OutOrStdout())
		}}
	cmd.Flags().StringVar(&path, "config", "", "configuration file")
	cmd.Flags().BoolVar(&example, "example", false, "print an annotated configuration file and end")
	return cmd
}

// serve runs the gateway until ctx ends or a part of it fails.
func serve(ctx context.Context, path string, out io.Writer) error {
	if err := noCores(); err != nil { // before the first secret is read
		return err
	}
	l, err := loadConfig(path, lookupEnv)
	if err != nil {
		return err
	}
	cfg := l.Config
	cfg.Clock, cfg.Rand = time.Now, rand.Reader
	cfg.Logger = slog.New(slog.NewJSONHandler(out, &slog.HandlerOptions{Level: l.Level}))
	warnOfTraces(lookupEnv, cfg.Logger)
	if err := refuseDemoDatabase(ctx, cfg); err != nil {
		return err
	}
	p, err := Start(ctx, cfg)
	if err != nil {
		return err
	}
	at := p.Addresses()
	cfg.Logger.Info("ready", "api", at.API, "console", at.Console, "ops", at.Ops)
	return wait(ctx, p)
}

// wait sees a program through to its end. A stop that was asked for and went well is no error.
func wait(ctx context.Context, p *Program) error {
	select {
	case <-ctx.Done():
		return p.Close()
	case err := <-p.Failed():
		return errors.Join(err, p.Close())
	}
}

// refuseDemoDatabase refuses a database that the demo has used: its credentials are public.
func refuseDemoDatabase(ctx context.Context, cfg Config) error {
	s, err := openStore(ctx, cfg)
	if err != nil {
		return err
	}
	_, keyErr := s.ShopOfKey(ctx, demoAPIKey)
	_, tokenErr := s.UserOfToken(ctx, demoToken)
	if err := s.Close(); err != nil {
		return err
	}
	for secret, err := range map[string]error{demoAPIKey: keyErr, demoToken: tokenErr} {
		switch {
		case err == nil:
			return fmt.Errorf("the database takes the demo's secret %s: use another database", secret)
		case payment.CodeOf(err) != payment.CodeUnauthorised:
			return err
		}
	}
	return nil
}

// openStore opens the database alone, for commands that need nothing else.
func openStore(ctx context.Context, cfg Config) (*store.Store, error) {
	return store.Open(ctx, cfg.Database, store.Config{Clock: cfg.Clock, Rand: cfg.Rand, AuditKey: cfg.Keys.Audit, Logger: cfg.Logger})
}
