package main

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"octroi/providers/adyensim"
)

// standalone is the simulated Adyen run by itself.
type standalone struct {
	adyensim.Config
	listen string
	tls    bool
	tlsDir string
	errs   io.Writer
}

func adyensimCommand() *cobra.Command {
	a := standalone{Config: adyensim.Config{Clock: time.Now, Rand: rand.Reader}}
	cmd := &cobra.Command{Use: "adyensim", Short: "Run the simulated Adyen alone, on this machine; its keys are made and printed at each start",
		Args: cobra.NoArgs, RunE: func(cmd *cobra.Command, _ []string) error {
			if host, _, err := net.SplitHostPort(a.listen); err != nil || !isLoopback(host) {
				return errors.New("--listen: the simulator listens on this machine alone, such as 127.0.0.1:8090")
			}
			if a.tlsDir != "" && !a.tls {
				return errors.New("--tls-dir: there is a certificate to write only with --tls")
			}
			a.errs = cmd.ErrOrStderr()
			return a.run(cmd.Context(), cmd.OutOrStdout())
		}}
	cmd.Flags().StringVar(&a.listen, "listen", "127.0.0.1:8090", "address")
	cmd.Flags().StringVar(&a.MerchantAccount, "account", demoAccount, "merchant account it serves")
	cmd.Flags().StringVar(&a.WebhookURL, "webhook-url", "", "where its notifications go")
	cmd.Flags().StringVar(&a.Journal, "journal", "", "file that keeps its ledger; in memory without")
	cmd.Flags().BoolVar(&a.tls, "tls", false, "speak https with a certificate made at this start, whose file is printed")
	cmd.Flags().StringVar(&a.tlsDir, "tls-dir", "", "folder for the certificate's file; a temporary one without")
	return cmd
}

// run serves until ctx ends.
func (a standalone) run(ctx context.Context, out io.Writer) (err error) {
	var random [2][keySize]byte
	for i := range random {
		if _, err := io.ReadFull(a.Rand, random[i][:]); err != nil {
			return fmt.Errorf("adyensim: draw its keys: %w", err)
		}
	}
	a.APIKey, a.HMACKey = hex.EncodeToString(random[0][:]), hex.EncodeToString(random[1][:])
	a.Logger = slog.New(slog.NewTextHandler(a.errs, &slog.HandlerOptions{Level: slog.LevelWarn}))
	scheme, file := "http", ""
	if a.tls {
		var remove func() error
		if file, remove, err = a.certify(); err != nil {
			return err
		}
		defer func() { err = errors.Join(err, remove()) }()
		scheme = "https"
	}
	sim, err := adyensim.New(a.Config)
	if err != nil {
		return err
	}
	at, err := sim.Start(ctx, a.listen)
	if err != nil {
		return errors.Join(err, sim.Close())
	}
	base := scheme + "://" + at.String()
	text := fmt.Sprintf("The simulated Adyen is at %s/v71 and %s/v72\n  account   %s\n  API key   %s\n  HMAC key  %s\n  ledger    %s/ledger\n  banks     %s/bank\n",
		base, base, a.MerchantAccount, a.APIKey, a.HMACKey, base, base)
	if file != "" {
		text += "  trust     " + file + "\n"
	}
	if _, err := io.WriteString(out, text); err != nil {
		return errors.Join(err, sim.Close())
	}
	_ = sim.Run(ctx) // it ends with its context, which is how it is stopped
	return sim.Close()
}

// certify makes the certificate and writes it to a file; remove takes away what only this run needed.
func (a *standalone) certify() (file string, remove func() error, err error) {
	host, _, err := net.SplitHostPort(a.listen)
	if err != nil {
		return "", nil, fmt.Errorf("--listen: %w", err)
	}
	cert, text, err := adyensim.SelfSigned(a.Clock(), a.Rand, host, "localhost", "127.0.0.1", "::1")
	if err != nil {
		return "", nil, err
	}
	a.Certificate = &cert
	dir, remove := a.tlsDir, func() error { return nil }
	if dir == "" {
		if dir, err = os.MkdirTemp("", "octroi-adyensim-"); err != nil {
			return "", nil, fmt.Errorf("make a folder for the certificate: %w", err)
		}
		remove = func() error { return os.RemoveAll(dir) }
	}
	file = filepath.Join(dir, "adyensim.pem")
	if err := os.WriteFile(file, text, 0o644); err != nil {
		return "", nil, errors.Join(fmt.Errorf("write the certificate: %w", err), remove())
	}
	return file, remove, nil
}
