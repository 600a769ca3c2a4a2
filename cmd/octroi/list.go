package main

import (
	"cmp"
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"octroi/gateway/flow"
	"octroi/gateway/store"
	"octroi/risk"
	"octroi/risk/policy"
)

// listImportCommand puts a file of entries on a list.
func listImportCommand() *cobra.Command {
	var s source
	var list string
	cmd := &cobra.Command{Use: "import FILE", Short: "Put the entries of a file on a list, all of them or none",
		Long: `Put the entries of a file on a list, all of them or none.

A line is value[,expiry[,note]]: the expiry as RFC 3339 writes it, or empty for none. Empty lines and lines that begin
with # say nothing. A value that stands on the list already gets the expiry and note of the file. Lists belong to the
whole installation; running servers see the entries within seconds.`,
		Args: cobra.ExactArgs(1), RunE: func(cmd *cobra.Command, args []string) error {
			return s.with(cmd, func(ctx context.Context, cfg Config, db *store.Store) error {
				return importList(ctx, cmd, cfg, db, list, args[0])
			})
		}}
	s.flags(cmd)
	cmd.Flags().StringVar(&list, "list", "", "name of the list, such as blocked_emails")
	return required(cmd, "list")
}

func importList(ctx context.Context, cmd *cobra.Command, cfg Config, db *store.Store, list, path string) error {
	if err := askedFor(cfg.Shops, list); err != nil {
		return err
	}
	now := cfg.Clock().UTC()
	file, err := readListFile(path, list, now)
	if err != nil {
		return err
	}
	for i := range file.entries {
		file.entries[i].AddedBy, file.entries[i].AddedAt = operator, now
	}
	audit := store.Audit{At: now, Actor: operator, Action: "list.imported", Subject: list,
		Detail: fmt.Sprintf("%d entries from a file with the SHA-256 %s", len(file.entries), file.digest)}
	if err := db.PutListEntries(ctx, file.entries, audit); err != nil {
		return fmt.Errorf("list %s was left as it is: %w", list, err)
	}
	out := cmd.OutOrStdout()
	if file.repeated > 0 {
		fmt.Fprintf(out, "%d lines repeat a value: the last one counts.\n", file.repeated)
	}
	_, err = fmt.Fprintf(out, "%d entries stand on %s.\n", len(file.entries), list)
	return err
}

// askedFor makes sure that some shop's policy asks for the list: entries on another would protect nobody.
func askedFor(shops []Shop, list string) error {
	for _, shop := range shops {
		// The folder of a demo does not say what --policy it ran under.
		_, p, err := readPolicy(cmp.Or(shop.Policy, shippedPolicy))
		if err != nil {
			return err
		}
		if flow.AsksForList(p, list) {
			return nil
		}
	}
	return fmt.Errorf("no policy of the configuration asks for the list %s: its entries would do nothing", list)
}

// book is lists of a backtest: those of files, in force from the beginning, and those of a database, each entry from
// when it was added. It is read before the first order.
type book map[string]map[string]stay

// stay is how long an entry stands on its list; zero times are open ends.
type stay struct{ from, until time.Time }

// at gives the lists as they stood at a moment.
func (b book) at(now time.Time) risk.Lists { return page{b, now} }

// page is a book at a moment.
type page struct {
	book
	now time.Time
}

var _ risk.Lists = page{}

// In implements risk.Lists as the gateway's own lists do.
func (p page) In(list, value string) bool {
	entries := p.book[list]
	if len(entries) == 0 {
		return false // most lists of a backtest are: the value need not be folded
	}
	s, ok := entries[risk.FoldListValue(value)]
	return ok && !p.now.Before(s.from) && (s.until.IsZero() || p.now.Before(s.until))
}

func (b book) put(e store.ListEntry) {
	if b[e.List] == nil {
		b[e.List] = map[string]stay{}
	}
	b[e.List][e.Value] = stay{e.AddedAt, e.ExpiresAt}
}

// files reads what --list names, each as NAME=FILE for a list that one of the policies asks for.
func (b book) files(named []string, policies ...*policy.Policy) error {
	for _, n := range named {
		list, path, ok := strings.Cut(n, "=")
		if !ok {
			return fmt.Errorf("--list %s: write NAME=FILE, such as blocked_emails=blocked.csv", n)
		}
		asked := false
		for _, p := range policies {
			asked = asked || flow.AsksForList(p, list)
		}
		if !asked {
			return fmt.Errorf("--list: policy %s does not ask for the list %s", policies[0].Ref().Name, list)
		}
		file, err := readListFile(path, list, time.Time{})
		if err != nil {
			return err
		}
		for _, e := range file.entries {
			b.put(e)
		}
	}
	return nil
}
