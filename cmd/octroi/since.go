package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"time"

	"github.com/spf13/cobra"

	"octroi/gateway/payment"
	"octroi/gateway/store"
	"octroi/risk"
	"octroi/risk/backtest"
	"octroi/risk/policy"
)

// past is where recorded orders and lists come from: files, or the database of an installation.
type past struct {
	source
	input string
	since time.Duration
	shop  string
	named []string // lists as NAME=FILE
	book  book
}

// flags adds the flags that say where orders come from; taken says what is done with those of --since.
func (p *past) flags(cmd *cobra.Command, taken string) {
	p.book = book{}
	f := cmd.Flags()
	f.StringVar(&p.input, "input", "", "file of recorded orders")
	f.StringArrayVar(&p.named, "list", nil, "entries of a list as NAME=FILE, in the form that list import reads; may be repeated")
	f.DurationVar(&p.since, "since", 0, taken+", straight from the database of --config or --dir, such as 720h")
	f.StringVar(&p.config, "config", "", "configuration file of serve, with --since")
	f.StringVar(&p.dir, "dir", "", "folder of a demo, with --since")
	f.StringVar(&p.shop, "shop", "", "whose orders, with --since; needed where there are several shops")
	cmd.MarkFlagsMutuallyExclusive("config", "dir")
	cmd.MarkFlagsMutuallyExclusive("since", "input")
	cmd.MarkFlagsOneRequired("since", "input")
}

// check says what is missing beside --since, and gives the days it means, those after the last moment left out.
func (p *past) check(now, last time.Time) (backtest.Days, error) {
	first := now.Add(-p.since)
	if p.since < time.Hour {
		return backtest.Days{}, errors.New("--since must be an hour or more, such as 720h")
	}
	if p.config == "" && p.dir == "" {
		return backtest.Days{}, errors.New("--since needs the installation: --config FILE or --dir FOLDER")
	}
	if last.Before(first) {
		return backtest.Days{}, fmt.Errorf("--since %s leaves no day whose frauds are known by now: it must be longer than --label-delay", p.since)
	}
	return backtest.ParseDays(first.UTC().Format(time.DateOnly) + ".." + last.UTC().Format(time.DateOnly))
}

// replay gives the orders and what became of them to take, oldest first, once the lists that the policies ask for are
// read.
func (p *past) replay(cmd *cobra.Command, take func(backtest.Entry) error, policies ...*policy.Policy) error {
	if err := p.book.files(p.named, policies...); err != nil {
		return err
	}
	if p.since != 0 {
		return p.each(cmd, take)
	}
	return replayOrders(cmd, p.input, take)
}

// where is the orders' origin in the words of a message.
func (p *past) where() string {
	if p.since != 0 {
		return "the database"
	}
	return p.input
}

// lists are those of the database, beside the files': a list that a file was named for is the file's alone.
func (p *past) lists(ctx context.Context, db *store.Store) error {
	entries, err := db.ListEntries(ctx, time.Time{})
	if err != nil {
		return err
	}
	ours := book{}
	for _, e := range entries {
		if p.book[e.List] == nil {
			ours.put(e)
		}
	}
	maps.Copy(p.book, ours)
	return nil
}

// each gives the orders and what became of them, oldest first, from as far back as a policy can look.
func (p *past) each(cmd *cobra.Command, take func(backtest.Entry) error) error {
	return p.with(cmd, func(ctx context.Context, cfg Config, db *store.Store) error {
		shop, err := p.whose(cfg.Shops)
		if err != nil {
			return err
		}
		if err := p.lists(ctx, db); err != nil {
			return err
		}
		known, line := map[string]bool{}, 0
		for e, err := range db.Journal(ctx, cfg.Clock().Add(-p.since-policy.Memory)) {
			if err != nil {
				return err
			}
			attempt := e.Record.Kind == risk.EventAttempt
			// An attempt is journalled again when it is resumed; an event may belong to an order from before.
			if e.Shop != shop || attempt == known[e.Record.ID] {
				continue
			}
			line++
			entry := backtest.Entry{Line: line, At: e.Record.At, ID: e.Record.ID, Event: risk.Event{Kind: e.Record.Kind, Code: e.Record.Code}}
			if attempt {
				f, err := factsOf(ctx, db, e.Record.ID)
				if payment.CodeOf(err) == payment.CodeNotFound {
					continue // never decided, or kept no longer
				}
				if err != nil {
					return err
				}
				known[f.ID], entry.Order = true, &f
			}
			if err := take(entry); err != nil {
				return err
			}
		}
		return nil
	})
}

// whose is the shop asked for.
func (p *past) whose(shops []Shop) (string, error) {
	switch {
	case p.shop != "" && !knows(shops, p.shop):
		return "", fmt.Errorf("there is no shop %s in the configuration", p.shop)
	case p.shop != "":
		return p.shop, nil
	case len(shops) != 1:
		return "", errors.New("--shop is needed: there are several shops")
	}
	return shops[0].ID, nil
}

// factsOf are the facts of an order as they stood before its authorisation.
func factsOf(ctx context.Context, db *store.Store, id string) (risk.Facts, error) {
	past, err := recordedDecisions(ctx, db, id)
	if err != nil {
		return risk.Facts{}, err
	}
	if past[0].Emptied {
		return risk.Facts{}, payment.Errorf(payment.CodeNotFound, "what decision %s was made from is kept no longer", past[0].ID)
	}
	f := past[0].Facts
	f.Review = nil
	return f, nil
}
