package main

import (
	"context"
	"fmt"
	"strconv"

	"github.com/spf13/cobra"

	"octroi/gateway/payment"
	"octroi/gateway/store"
)

// outboxListCommand shows what was given up on.
func outboxListCommand() *cobra.Command {
	var s source
	cmd := &cobra.Command{Use: "buried", Short: "List the mails and webhooks that were given up on", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return s.with(cmd, func(ctx context.Context, _ Config, db *store.Store) error {
				all, err := db.Buried(ctx, 200)
				for _, m := range all {
					if _, err := fmt.Fprintf(cmd.OutOrStdout(), "%d  %s  %s  %s  %d tries: %s\n", m.ID, m.Kind, m.Shop, m.PaymentID, m.Attempts, m.LastError); err != nil {
						return err
					}
				}
				return err
			})
		}}
	s.flags(cmd)
	return cmd
}

// outboxReviveCommand tries one of them again.
func outboxReviveCommand() *cobra.Command {
	var id int64
	cmd := onDatabase("revive", "Try a message again that was given up on", cobra.NoArgs, func(cmd *cobra.Command, _ []string, cfg Config, db *store.Store) error {
		return db.Revive(cmd.Context(), id, byOperator(cfg, "outbox.revived", strconv.FormatInt(id, 10)))
	})
	cmd.Flags().Int64Var(&id, "id", 0, "the message, as buried lists it")
	return required(cmd, "id")
}

// outboxReplayCommand sends a webhook again.
func outboxReplayCommand() *cobra.Command {
	return onDatabase("replay ID", "Send a webhook to its shop again that was delivered within 30 days or given up on: the same body, the same webhook-id",
		cobra.ExactArgs(1), func(cmd *cobra.Command, args []string, cfg Config, db *store.Store) error {
			id, err := strconv.ParseInt(args[0], 10, 64)
			if err != nil {
				return fmt.Errorf("%q is not the number of a webhook, as webhooks lists it", args[0])
			}
			return db.Replay(cmd.Context(), id, byOperator(cfg, "webhook.replayed", args[0]))
		})
}

// outboxWebhooksCommand shows what left, newest first.
func outboxWebhooksCommand() *cobra.Command {
	var f store.WebhookFilter
	cmd := onDatabase("webhooks", "List the webhooks of a shop or a payment that were delivered or given up on, newest first", cobra.NoArgs,
		func(cmd *cobra.Command, _ []string, _ Config, db *store.Store) error {
			page, next, err := db.Webhooks(cmd.Context(), f)
			for _, h := range page {
				state := "delivered"
				if h.State == store.WebhookBuried {
					state = "buried"
				}
				if _, err := fmt.Fprintf(cmd.OutOrStdout(), "%d  %s  %s  %s  %s  %s  %d tries\n", h.ID, h.CreatedAt.Format("2006-01-02T15:04:05Z07:00"), h.Shop, h.PaymentID, h.Event, state, h.Attempts); err != nil {
					return err
				}
			}
			if err == nil && next != "" {
				_, err = fmt.Fprintf(cmd.OutOrStdout(), "more: --cursor %s\n", next)
			}
			return err
		})
	cmd.Flags().StringVar(&f.Shop, "shop", "", "the shop's id")
	cmd.Flags().StringVar(&f.PaymentID, "payment", "", "one payment")
	cmd.Flags().IntVar(&f.Limit, "limit", 100, "lines of one page, 1 to 100")
	cmd.Flags().StringVar(&f.Cursor, "cursor", "", "where the page before ended")
	cmd.MarkFlagsOneRequired("shop", "payment")
	return cmd
}

// webhookEnableCommand opens a shop's endpoint again.
func webhookEnableCommand() *cobra.Command {
	var shop string
	cmd := onDatabase("enable", "Open a shop's webhook endpoint again that answered 410, and send what was given up on meanwhile", cobra.NoArgs,
		func(cmd *cobra.Command, _ []string, cfg Config, db *store.Store) error {
			if !knows(cfg.Shops, shop) {
				return payment.Errorf(payment.CodeNotFound, "there is no shop %s in the configuration", shop)
			}
			was, err := db.OpenEndpoint(cmd.Context(), shop, byOperator(cfg, "webhook.enabled", shop))
			if err != nil {
				return err
			}
			n, err := db.ReviveWebhooks(cmd.Context(), shop, byOperator(cfg, "webhook.revived", shop))
			state := "was open already"
			if was {
				state = "is open again"
			}
			_, _ = fmt.Fprintf(cmd.OutOrStdout(), "The endpoint of %s %s; %d webhooks wait to be sent again.\n", shop, state, n)
			return err
		})
	cmd.Flags().StringVar(&shop, "shop", "", "the shop's id")
	return required(cmd, "shop")
}

// onDatabase is a command on an installation's database.
func onDatabase(use, short string, args cobra.PositionalArgs, do func(*cobra.Command, []string, Config, *store.Store) error) *cobra.Command {
	var s source
	cmd := &cobra.Command{Use: use, Short: short, Args: args, RunE: func(cmd *cobra.Command, args []string) error {
		return s.with(cmd, func(_ context.Context, cfg Config, db *store.Store) error { return do(cmd, args, cfg, db) })
	}}
	s.flags(cmd)
	return cmd
}

// byOperator is an audit line of what a command did.
func byOperator(cfg Config, action, subject string) store.Audit {
	return store.Audit{At: cfg.Clock().UTC(), Actor: operator, Action: action, Subject: subject}
}
