package main

import (
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"octroi/providers"
	"octroi/risk"
	"octroi/risk/backtest"
	"octroi/risk/policy"
)

// trial is what `policy backtest` was asked.
type trial struct {
	opts        backtest.Options
	html        string
	past        past
	against     string
	train, test string
	asJSON      bool
}

func newBacktestCommand() *cobra.Command {
	t := trial{opts: backtest.Options{Desk: backtest.DefaultDesk()}}
	cmd := &cobra.Command{Use: "backtest FILE", Short: "Tell what a policy file (or the word default) would have done with recorded orders",
		Long: `Tell what a policy file (or the word default) would have done with recorded orders.

Recorded orders are JSON Lines, oldest first: {"at": …, "id": …, "order": {an assessment's body}}, and
{"at": …, "id": …, "event": {"type": "authorised|refused|chargeback|…"}} for what became of them. A chargeback or fraud report
dated at its order becomes known --label-delay later. Orders before the days of the test only fill the histories.
With --since they come straight from the database of an installation, with its lists as they stand, each entry from when
it was added.`,
		Args: cobra.ExactArgs(1), RunE: func(cmd *cobra.Command, args []string) error {
			return t.run(cmd, args[0])
		}}
	f := cmd.Flags()
	f.StringVar(&t.test, "test", "", "days to test, such as 2018-08-08..2018-08-14")
	f.StringVar(&t.train, "train", "", "days the policy was fitted on; frauds from before them are not --drop-known's")
	f.DurationVar(&t.opts.LabelDelay, "label-delay", backtest.DefaultLabelDelay, "time until a chargeback or fraud report dated at its order is known")
	f.BoolVar(&t.opts.DropKnown, "drop-known", false, "leave out cards (or what --per names) known as compromised when the order came")
	f.IntVar(&t.opts.Top, "top", 100, "cards looked at a day, for the card precision")
	f.StringVar(&t.opts.PerName, "per", "card", "entity of the card precision and of --drop-known")
	f.Float64Var(&t.opts.Desk.MinutesPerCase, "minutes-per-case", t.opts.Desk.MinutesPerCase, "an analyst's work on a held order")
	f.Float64Var(&t.opts.Desk.HoursPerDay, "hours-per-day", t.opts.Desk.HoursPerDay, "work of all analysts in a day")
	f.DurationVar(&t.opts.Desk.DecideWithin, "decide-within", t.opts.Desk.DecideWithin, "time until a held authorisation lapses")
	f.StringVar(&t.against, "against", "", "another policy file (or the word default) to set beside")
	f.BoolVar(&t.asJSON, "json", false, "print one JSON object")
	f.StringVar(&t.html, "html", "", "write the report as a page to this file")
	t.past.flags(cmd, "test the orders of this long until now")
	return cmd
}

// days reads the flags that name days.
func (t *trial) days() (err error) {
	if t.past.since != 0 {
		now := time.Now()
		if t.opts.Test, err = t.past.check(now, now); err != nil || t.test == "" {
			return err
		}
	}
	if t.opts.Test, err = backtest.ParseDays(t.test); err != nil {
		return fmt.Errorf("--test: %w", err)
	}
	if t.train != "" {
		if t.opts.Train, err = backtest.ParseDays(t.train); err != nil {
			return fmt.Errorf("--train: %w", err)
		}
	}
	return nil
}

// begin reads a policy and begins its backtest.
func (t *trial) begin(path string) (*backtest.Backtest, *policy.Policy, error) {
	_, p, err := readPolicy(path)
	if err != nil {
		return nil, nil, err
	}
	opts := t.opts
	opts.Decimals, opts.Lists = providers.Exponent, t.past.book.at
	if opts.Per, err = entityOf(p, t.opts.PerName); err != nil {
		return nil, nil, fmt.Errorf("--per: %w", err)
	}
	b, err := backtest.New(p, opts)
	return b, p, err
}

// entityOf finds an entity by its name: a built-in one, or one the policy declares.
func entityOf(p *policy.Policy, name string) (risk.Entity, error) {
	if e, ok := risk.EntityNamed(name); ok && e < risk.EntityCustom1 {
		return e, nil
	}
	for i, e := range p.Entities() {
		if e.Name == name {
			return risk.EntityCustom1 + risk.Entity(i), nil
		}
	}
	return 0, fmt.Errorf("policy %s knows no entity %s", p.Ref().Name, name)
}

func (t *trial) run(cmd *cobra.Command, path string) error {
	if err := t.days(); err != nil {
		return err
	}
	paths := []string{path}
	if t.against != "" {
		paths = append(paths, t.against)
	}
	var tests []*backtest.Backtest
	var policies []*policy.Policy
	for _, path := range paths {
		b, p, err := t.begin(path)
		if err != nil {
			return err
		}
		tests, policies = append(tests, b), append(policies, p)
	}
	add := func(e backtest.Entry) error {
		for _, b := range tests {
			if err := b.Add(e); err != nil {
				return err
			}
		}
		return nil
	}
	if err := t.past.replay(cmd, add, policies...); err != nil {
		return err
	}
	r := tests[0].Report()
	if len(tests) == 2 {
		r.Against = tests[1].Report()
	}
	if r.Orders+r.LeftOut == 0 {
		return fmt.Errorf("%s has no order on %s", t.past.where(), t.opts.Test)
	}
	return t.tell(cmd, r)
}

// replayOrders reads a file of recorded orders to take. Clear card numbers are hashed under a key that is made here
// and gone with the command.
func replayOrders(cmd *cobra.Command, path string, take func(backtest.Entry) error) error {
	key := make([]byte, keySize)
	if _, err := rand.Read(key); err != nil {
		return err
	}
	in, err := openOrders(path, cmd.ErrOrStderr())
	if err != nil {
		return err
	}
	err = in.each(key, func(e backtest.Entry) error {
		if err := cmd.Context().Err(); err != nil {
			return err
		}
		return take(e)
	})
	return errors.Join(err, in.Close())
}

func (t *trial) tell(cmd *cobra.Command, r *backtest.Report) error {
	if t.html != "" {
		if err := writeReplacing(t.html, r.WriteHTML); err != nil {
			return err
		}
	}
	if t.asJSON {
		e := json.NewEncoder(cmd.OutOrStdout())
		e.SetIndent("", "  ")
		return e.Encode(r)
	}
	return printReport(cmd.OutOrStdout(), r)
}

// writeReplacing writes a file whole or not at all.
func writeReplacing(path string, write func(io.Writer) error) error {
	f, err := os.CreateTemp(filepath.Dir(path), ".octroi-*")
	if err != nil {
		return err
	}
	err = errors.Join(write(f), f.Chmod(0o644), f.Close())
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	return nil
}

// printReport prints the figures for people.
func printReport(out io.Writer, r *backtest.Report) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintf(w, "%d orders of %s, %d fraud", r.Orders, r.Test, r.Fraud)
	if r.LeftOut > 0 {
		fmt.Fprintf(w, "; %d left out, their %s known as compromised", r.LeftOut, r.Per)
	}
	fmt.Fprint(w, "\n\n")
	if r.Against != nil {
		fmt.Fprintf(w, "\t%s\t%s\t\n", r.Policy.Name, r.Against.Policy.Name)
	}
	for _, f := range r.Figures() {
		fmt.Fprintf(w, "%s\t%s\t\n", f.Name, strings.Join(f.Values, "\t"))
	}
	if err := w.Flush(); err != nil {
		return err
	}
	for _, x := range []*backtest.Report{r, r.Against} {
		if x != nil {
			if err := printRules(out, x); err != nil {
				return err
			}
		}
	}
	return nil
}

// printRules prints the rules that were hit.
func printRules(out io.Writer, r *backtest.Report) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintf(w, "\n%s\thits\tfraud\tprecision\t\n", r.Policy.Name)
	for _, h := range r.Rules {
		if h.Hits > 0 {
			fmt.Fprintf(w, "%s\t%d\t%d\t%.3f\t\n", h.Code, h.Hits, h.Fraud, *h.Precision)
		}
	}
	return w.Flush()
}
