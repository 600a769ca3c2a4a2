package main

import (
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"octroi/gateway/flow"
	"octroi/gateway/payment"
	"octroi/gateway/store"
	"octroi/gateway/vault"
)

// eraseCommand carries out a buyer's request to be forgotten.
func eraseCommand() *cobra.Command {
	var of store.Subject
	var yes bool
	cmd := onDatabase("erase", "Forget a buyer of a shop who asks for it; without --yes it only tells what it would do", cobra.NoArgs,
		func(cmd *cobra.Command, _ []string, cfg Config, db *store.Store) error {
			if !knows(cfg.Shops, of.Shop) {
				return payment.Errorf(payment.CodeNotFound, "there is no shop %s in the configuration", of.Shop)
			}
			documents, err := cfg.Documents.open(cmd.Context())
			if err != nil {
				return err
			}
			sealer, err := vault.NewSealer(documents, cfg.Documents.Recipient)
			if err != nil {
				return err
			}
			eraser := flow.Eraser{Store: db, Sealer: sealer, Clock: cfg.Clock}
			if !yes {
				plan, err := eraser.Plan(cmd.Context(), of)
				if err == nil {
					err = tellErasure(cmd.OutOrStdout(), plan, "would be")
				}
				return err
			}
			did, err := eraser.Erase(cmd.Context(), operator, of)
			if err == nil {
				err = tellErasure(cmd.OutOrStdout(), did, "are")
			}
			return err
		})
	cmd.Long = `Forget a buyer of a shop who asks for it. Documents, e-mail address, customer number, telephone, device, messages, mails
that have not left, assessments and what decisions were made from go at once; of a payment that is still under way they go
when it has its outcome. Name, addresses and network address of a payment stay, as evidence of a dispute, until its record is
pseudonymised, 13 months after the last thing that happened to it (15 where the card is a credit card).

Out of reach are mails that have left, whatever keeps them (a demo's mail folder among them), the provider's records, and
backups. PostgreSQL frees the space of old rows at its own time.`
	cmd.Flags().StringVar(&of.Shop, "shop", "", "the shop's id")
	cmd.Flags().StringVar(&of.Email, "email", "", "the buyer's e-mail address")
	cmd.Flags().StringVar(&of.BuyerID, "buyer", "", "the shop's customer number of the buyer")
	cmd.Flags().BoolVar(&yes, "yes", false, "do it")
	cmd.MarkFlagsOneRequired("email", "buyer")
	return required(cmd, "shop")
}

// tellErasure prints what goes and what stays, a line each.
func tellErasure(w io.Writer, e flow.Erasure, are string) error {
	line := func(format string, args ...any) error {
		_, err := fmt.Fprintf(w, format+"\n", args...)
		return err
	}
	documents := 0
	for _, p := range e.Payments {
		when := "now"
		if p.Later {
			when = "when it has its outcome"
		}
		documents += p.Documents
		if err := line("%s  order %s  %s  %d documents  contact %s, the rest after %s", p.ID, p.OrderReference, p.Status, p.Documents, when,
			p.RecordUntil.UTC().Format(time.DateOnly)); err != nil {
			return err
		}
	}
	for _, l := range e.Lists {
		if err := line("stays on list %s: %s (by %s); a person decides about it", l.List, l.Value, l.AddedBy); err != nil {
			return err
		}
	}
	return line("%d payments, %d documents and %d assessments %s erased.", len(e.Payments), documents, e.Assessments, are)
}
