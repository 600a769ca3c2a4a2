package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"octroi/gateway/flow"
	"octroi/gateway/payment"
	"octroi/gateway/store"
	"octroi/risk"
	"octroi/risk/policy"
)

// replayCommand makes recorded decisions again from their recorded inputs.
func replayCommand() *cobra.Command {
	var s source
	var file string
	cmd := &cobra.Command{Use: "replay ID", Short: "Make a payment's or an assessment's decisions again from what was recorded",
		Long: "Makes every recorded decision of a payment (pay_…) or an assessment (asm_…) again from its recorded facts,\n" +
			"histories, lists and policy, and fails unless each is equal bit for bit. With --policy it shows what another\n" +
			"policy would have decided from the same inputs.",
		Args: cobra.ExactArgs(1), RunE: func(cmd *cobra.Command, args []string) error {
			return s.with(cmd, func(ctx context.Context, _ Config, db *store.Store) error {
				past, err := recordedDecisions(ctx, db, args[0])
				if err != nil {
					return err
				}
				for _, d := range past {
					if err := replay(ctx, cmd.OutOrStdout(), db, d, file); err != nil {
						return err
					}
				}
				return nil
			})
		}}
	s.flags(cmd)
	cmd.Flags().StringVar(&file, "policy", "", "file of another policy, or the word default")
	return cmd
}

// recordedDecisions are those of a payment, or the one of an assessment; CodeNotFound when there are none.
func recordedDecisions(ctx context.Context, db *store.Store, id string) ([]store.Decision, error) {
	past, err := db.Decisions(ctx, id)
	if err != nil || len(past) > 0 {
		return past, err
	}
	a, err := db.Assessment(ctx, "", id)
	if err != nil {
		return nil, payment.Errorf(payment.CodeNotFound, "no decision is recorded under %s", id)
	}
	return []store.Decision{{ID: a.ID, Stage: "decide", At: a.At, Recorded: a.Recorded}}, nil
}

// replay makes one decision again and says what came of it.
func replay(ctx context.Context, out io.Writer, db *store.Store, d store.Decision, other string) error {
	if d.Emptied {
		return fmt.Errorf("decision %s: %w", d.ID, flow.ErrEmptied)
	}
	source, err := db.PolicySource(ctx, d.Decision.Policy.Version)
	if err != nil {
		return fmt.Errorf("the policy %s of decision %s is not kept: %w", d.Decision.Policy.Version, d.ID, err)
	}
	then, err := policy.Parse(d.Decision.Policy.Name, source)
	if err != nil {
		return fmt.Errorf("read the recorded policy: %w", err)
	}
	again, err := flow.Replay(then, d.Recorded)
	if err != nil {
		return err
	}
	if err := sameBytes(d.Decision, again); err != nil {
		return fmt.Errorf("decision %s: %w", d.ID, err)
	}
	if _, err := fmt.Fprintf(out, "%s  %s  %s, score %d: equal bit for bit\n", d.ID, d.Stage, again.Outcome, again.Score); err != nil || other == "" {
		return err
	}
	_, p, err := readPolicy(other)
	if err != nil {
		return err
	}
	would, err := flow.Replay(p, d.Recorded)
	if err != nil {
		return err
	}
	return showDifference(out, again, would)
}

// sameBytes compares two decisions as they are written.
func sameBytes(a, b risk.Decision) error {
	x, err := json.Marshal(a)
	y, err2 := json.Marshal(b)
	if err := errors.Join(err, err2); err != nil {
		return err
	}
	if !bytes.Equal(x, y) {
		return fmt.Errorf("the replay differs:\n  recorded %s\n  replayed %s", x, y)
	}
	return nil
}

// showDifference prints what another policy changes: outcome, score, and the reasons that come and go.
func showDifference(out io.Writer, was, would risk.Decision) error {
	var b bytes.Buffer
	fmt.Fprintf(&b, "  %-9s score %4d  under %s %s\n", was.Outcome, was.Score, was.Policy.Name, was.Policy.Version)
	fmt.Fprintf(&b, "  %-9s score %4d  under %s %s\n", would.Outcome, would.Score, would.Policy.Name, would.Policy.Version)
	line := func(sign string, r risk.Reason) {
		fmt.Fprintf(&b, "  %s %-28s %+4d  %s\n", sign, r.Code, r.Points, r.Detail)
	}
	for _, r := range was.Reasons {
		if !would.Has(r.Code) {
			line("-", r)
		}
	}
	for _, r := range would.Reasons {
		if !was.Has(r.Code) {
			line("+", r)
		}
	}
	_, err := out.Write(b.Bytes())
	return err
}
