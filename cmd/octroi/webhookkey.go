package main

import (
	"crypto/rand"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"octroi/gateway/notify"
	"octroi/providers"
)

// webhookSecretCommand makes what a shop's webhooks are signed with. It is printed, and kept nowhere.
func webhookSecretCommand() *cobra.Command {
	var asymmetric bool
	cmd := &cobra.Command{Use: "secret", Short: "Make a secret to sign a shop's webhooks with",
		Long: `Make a secret to sign a shop's webhooks with, and print it: put it into a file of the shop's webhook.secret_files, and
give the shop the same (whsec_). With --key it is a private key (whsk_) that stays here; the shop gets what
"octroi webhook public FILE" prints.

To replace a secret: put the new one first in secret_files and restart, so that webhooks carry both signatures; give the
shop the new one; take the old one away when the shop checks the new one.`,
		Args: cobra.NoArgs, RunE: func(cmd *cobra.Command, _ []string) error {
			makes := notify.NewSecret
			if asymmetric {
				makes = notify.NewKey
			}
			secret, err := makes(rand.Reader)
			if err != nil {
				return err
			}
			_, err = fmt.Fprintln(cmd.OutOrStdout(), secret.Reveal())
			return err
		}}
	cmd.Flags().BoolVar(&asymmetric, "key", false, "a private key instead of a shared secret")
	return cmd
}

// webhookPublicCommand gives the half of a key that the shop needs.
func webhookPublicCommand() *cobra.Command {
	return &cobra.Command{Use: "public FILE", Short: "Print the public half (whpk_) of a webhook key (whsk_) in a file",
		Args: cobra.ExactArgs(1), RunE: func(cmd *cobra.Command, args []string) error {
			b, err := readBounded(args[0], maxSecret)
			if err != nil {
				return err
			}
			public, err := notify.PublicKey(providers.Secret(strings.TrimSpace(string(b))))
			if err != nil {
				return fmt.Errorf("%s: %w", args[0], err)
			}
			_, err = fmt.Fprintln(cmd.OutOrStdout(), public)
			return err
		}}
}
