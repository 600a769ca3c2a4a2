package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"octroi/gateway/store"
	"octroi/gateway/vault"
)

// Documents says where proof is kept and whom it is sealed to.
type Documents struct {
	Dir       string          // a folder, or
	S3        *vault.S3Config // a bucket
	Recipient string
	Identity  string // for the console; never given to what faces buyers. Several lines while keys are rotated
}

// vault opens the place for whoever seals and for whoever reads. What nobody could ever read is not taken in: one of the
// identities must be the recipient's.
func (d Documents) vault(ctx context.Context) (*vault.Sealer, *vault.Opener, error) {
	in, err := d.open(ctx)
	if err != nil {
		return nil, nil, err
	}
	sealer, err := vault.NewSealer(in, d.Recipient)
	if err != nil {
		return nil, nil, fmt.Errorf("documents.recipient: %w", err)
	}
	opener, err := vault.NewOpener(in, d.Identity)
	if err != nil {
		return nil, nil, fmt.Errorf("documents.identity_file: %w", err)
	}
	if !opener.Opens(d.Recipient) {
		return nil, nil, errors.New("documents.recipient: no identity in documents.identity_file opens what is sealed to it: add the recipient's own identity as a line, or name the recipient of one that is there")
	}
	return sealer, opener, nil
}

func (d Documents) open(ctx context.Context) (vault.Store, error) {
	if d.S3 != nil {
		return vault.OpenS3(ctx, *d.S3)
	}
	return vault.OpenDisk(d.Dir)
}

// vaultRotateCommand puts old identities out of use.
func vaultRotateCommand() *cobra.Command {
	var s source
	cmd := &cobra.Command{Use: "rotate", Short: "Wrap the keys of all documents to documents.recipient, so that an older identity can be removed",
		Long: "Wrap the keys of all documents to documents.recipient. First make a key pair (vault key), put the new identity as a line of its own\n" +
			"before the old one in documents.identity_file, name its recipient in documents.recipient, and start serve again. After\n" +
			"this command no key is left that the old identity opens: remove its line. It may run beside serve, and be run again.",
		Args: cobra.NoArgs, RunE: func(cmd *cobra.Command, _ []string) error {
			return s.with(cmd, func(ctx context.Context, cfg Config, db *store.Store) error {
				in, err := cfg.Documents.open(ctx)
				if err != nil {
					return err
				}
				opener, err := vault.NewOpener(in, cfg.Documents.Identity)
				if err != nil {
					return err
				}
				// Uploads under way are sealed to the recipient that the running server knows; it is the new one by now.
				done, err := opener.Rewrap(ctx, cfg.Documents.Recipient, cfg.Clock().Add(time.Minute))
				if err != nil {
					return fmt.Errorf("after %d documents: %w", done.Done, err)
				}
				line := store.Audit{At: cfg.Clock().UTC(), Actor: operator, Action: "vault.rotated", Subject: "documents",
					Detail: fmt.Sprintf("%d keys wrapped anew, %d were already", done.Done, done.Already)}
				if err := db.Commit(ctx, store.Writes{Audit: []store.Audit{line}}); err != nil {
					return err
				}
				_, err = fmt.Fprintf(cmd.OutOrStdout(), "%d keys wrapped to the recipient, %d were already\n", done.Done, done.Already)
				return err
			})
		}}
	s.flags(cmd)
	return cmd
}

// vaultKeyCommand makes a key pair for documents.
func vaultKeyCommand() *cobra.Command {
	return &cobra.Command{Use: "key", Short: "Make a key pair for documents: a line for documents.identity_file, and documents.recipient",
		Args: cobra.NoArgs, RunE: func(cmd *cobra.Command, _ []string) error {
			identity, recipient, err := vault.GenerateIdentity()
			if err != nil {
				return err
			}
			_, err = fmt.Fprintf(cmd.OutOrStdout(), "# recipient: %s\n%s\n", recipient, identity)
			return err
		}}
}
