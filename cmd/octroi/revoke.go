package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"octroi/gateway/store"
)

// keyRevokeCommand ends API keys of a shop.
func keyRevokeCommand() *cobra.Command {
	var shop, name string
	cmd := deed("revoke", "End a shop's API keys of a name; running servers forget them within seconds", func(ctx context.Context, db *store.Store) (action, subject string, err error) {
		return "key.revoked", shop + "/" + name, db.RevokeKey(ctx, shop, name)
	})
	cmd.Flags().StringVar(&shop, "shop", "", "the shop's id")
	cmd.Flags().StringVar(&name, "name", "", "the name the key was added under")
	return required(required(cmd, "shop"), "name")
}

// userDisableCommand shuts a person out.
func userDisableCommand() *cobra.Command {
	var name string
	cmd := deed("disable", "Shut a person out: their sessions and tokens end at once", func(ctx context.Context, db *store.Store) (action, subject string, err error) {
		return "user.disabled", name, db.DisableUser(ctx, name)
	})
	cmd.Flags().StringVar(&name, "name", "", "who")
	return required(cmd, "name")
}

// userPasswordCommand changes a person's password.
func userPasswordCommand() *cobra.Command {
	var name, file string
	cmd := deed("password", "Change a person's password, lift a lock-out, end sessions and tokens", func(ctx context.Context, db *store.Store) (action, subject string, err error) {
		b, err := readBounded(file, maxSecret)
		if err != nil {
			return "", "", err
		}
		password := strings.TrimRight(string(b), "\r\n")
		if isDemoSecret(password) {
			return "", "", fmt.Errorf("this is a password of the demo: choose another")
		}
		return "user.password", name, db.SetPassword(ctx, name, password)
	})
	cmd.Flags().StringVar(&name, "name", "", "whose")
	cmd.Flags().StringVar(&file, "password-file", "", "file with the new password")
	return required(required(cmd, "name"), "password-file")
}

// deed is a command that changes one thing in the database and writes it to the audit log.
func deed(use, short string, do func(context.Context, *store.Store) (action, subject string, err error)) *cobra.Command {
	var s source
	cmd := &cobra.Command{Use: use, Short: short, Args: cobra.NoArgs, RunE: func(cmd *cobra.Command, _ []string) error {
		return s.with(cmd, func(ctx context.Context, cfg Config, db *store.Store) error {
			action, subject, err := do(ctx, db)
			if err != nil {
				return err
			}
			return noted(ctx, cfg, db, action, subject)
		})
	}}
	s.flags(cmd)
	return cmd
}
