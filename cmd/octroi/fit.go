package main

import (
	"errors"
	"fmt"
	"io"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"octroi/risk"
	"octroi/risk/backtest"
)

// fitting is what `policy fit` was asked.
type fitting struct {
	opts       backtest.FitOptions
	past       past
	train, out string
}

func newFitCommand() *cobra.Command {
	t := fitting{opts: backtest.DefaultFit()}
	cmd := &cobra.Command{Use: "fit FILE", Short: "Estimate the points of a policy's scorecard from recorded orders",
		Long: `Estimate the points of a policy's scorecard from recorded orders: an L2-regularised logistic regression over its
edges. The bands and the rules stay as they are; the base is such that the band hold begins at the chance of fraud
--hold-at. A label counts when it is known --label-delay after the last day of --train. With --since the orders come straight
from the database of an installation; unless --train says otherwise, all of them are fitted whose labels are known by now.`,
		Args: cobra.ExactArgs(1), RunE: func(cmd *cobra.Command, args []string) error {
			return t.run(cmd, args[0])
		}}
	f := cmd.Flags()
	f.StringVar(&t.train, "train", "", "days to fit, such as 2018-07-25..2018-07-31")
	f.DurationVar(&t.opts.LabelDelay, "label-delay", backtest.DefaultLabelDelay, "time until a chargeback or fraud report dated at its order is known")
	f.StringVar(&t.out, "out", "", "file for the fitted policy")
	f.Float64Var(&t.opts.Ridge, "ridge", t.opts.Ridge, "strength of the L2 penalty on the weights")
	f.Float64Var(&t.opts.Double, "double", t.opts.Double, "points that double the odds of fraud")
	f.Float64Var(&t.opts.HoldAt, "hold-at", t.opts.HoldAt, "chance of fraud at which the band hold begins")
	t.past.flags(cmd, "fit the orders of this long until now")
	cmd.MarkFlagsOneRequired("since", "train")
	return required(cmd, "out")
}

// days reads the flags that name days.
func (t *fitting) days(now time.Time) (err error) {
	if t.past.since != 0 {
		if t.opts.Train, err = t.past.check(now, now.Add(-t.opts.LabelDelay)); err != nil || t.train == "" {
			return err
		}
	}
	if t.opts.Train, err = backtest.ParseDays(t.train); err != nil {
		return fmt.Errorf("--train: %w", err)
	}
	return nil
}

func (t *fitting) run(cmd *cobra.Command, path string) error {
	if err := t.days(time.Now()); err != nil {
		return err
	}
	t.opts.Lists = t.past.book.at
	_, p, err := readPolicy(path)
	if err != nil {
		return err
	}
	fit, err := backtest.NewFitting(p, t.opts)
	if err != nil {
		return err
	}
	if err := t.past.replay(cmd, fit.Add, p); err != nil {
		return err
	}
	fitted, err := fit.Fit()
	if err != nil {
		return err
	}
	if err := writeReplacing(t.out, func(w io.Writer) error { _, err := w.Write(fitted.Source); return err }); err != nil {
		return err
	}
	return errors.Join(printFit(cmd.OutOrStdout(), fitted), warnFit(cmd.ErrOrStderr(), fitted, t.opts))
}

// printFit prints the scale and how the chances compare with what happened.
func printFit(out io.Writer, f *backtest.Fitted) error {
	fmt.Fprintf(out, "%d orders of %s, %d fraud. %.3g points double the odds of fraud.\n", f.Orders, f.Train, f.Fraud, f.Double)
	for _, band := range []risk.Outcome{risk.Challenge, risk.Hold, risk.Decline} {
		fmt.Fprintf(out, "  %-9s from %d: a chance of %.3g %%\n", band, f.Bands[band], 100*f.Chance(f.Bands[band]))
	}
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprint(w, "\ntenth\tscores\torders\tfraud expected\tobserved\t\n")
	for i, t := range f.Calibration {
		fmt.Fprintf(w, "%d\t%d–%d\t%d\t%.1f\t%d\t\n", i+1, t.From, t.To, t.Orders, t.Predicted, t.Observed)
	}
	return w.Flush()
}

// warnFit says what the figures do not.
func warnFit(errs io.Writer, f *backtest.Fitted, o backtest.FitOptions) error {
	if f.Failed > 0 {
		fmt.Fprintf(errs, "%d orders were left out, the first because of %v\n", f.Failed, f.Failure)
	}
	if f.Double < 0.99*o.Double {
		fmt.Fprintf(errs, "The band hold at %d leaves room for %.3g points to double the odds, not %g; with higher bands the points are finer.\n",
			f.Bands[risk.Hold], f.Double, o.Double)
	}
	return nil
}
