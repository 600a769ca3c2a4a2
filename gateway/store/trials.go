package store

import (
	"context"
	"database/sql"
	"slices"
	"strings"
	"time"

	"octroi/risk"
	"octroi/risk/policy"
)

// Shadow is what rules and a policy on trial would have made of the same order. It changed nothing.
type Shadow struct {
	Reasons []risk.Reason `json:"reasons,omitempty"` // of the live policy's shadow rules
	// Rules is what the live policy would have said with its shadow rules counted; nil when it has none.
	Rules    *Verdict       `json:"rules,omitempty"`
	Decision *risk.Decision `json:"decision,omitempty"` // of the shadow policy
}

// Verdict is a decision without its reasons.
type Verdict struct {
	Outcome risk.Outcome `json:"outcome"`
	Score   int          `json:"score"`
}

// TrialKind says what was on trial.
type TrialKind string

// What can be on trial beside a live policy.
const (
	TrialPolicy TrialKind = "policy" // another policy
	TrialRules  TrialKind = "rules"  // the live policy's own shadow rules
)

// maxTrials bounds how many orders a sum of trials reads, the newest ones.
const maxTrials = 50_000

// trialRows are the rows of what was on trial with an order, in the order of trialColumns.
func trialRows(id string, at time.Time, r Recorded) [][]any {
	if r.Shadow == nil {
		return nil
	}
	var rows [][]any
	row := func(kind TrialKind, version string, v Verdict, added, dropped []string) {
		rows = append(rows, []any{id, kind, r.Facts.Shop, at, r.Decision.Policy.Version, version, r.Decision.Outcome, v.Outcome,
			r.Decision.Score, v.Score, strings.Join(added, " "), strings.Join(dropped, " ")})
	}
	if d := r.Shadow.Decision; d != nil {
		differs := policy.Compare(r.Decision, *d)
		row(TrialPolicy, d.Policy.Version, Verdict{d.Outcome, d.Score}, differs.Added, differs.Dropped)
	}
	if v := r.Shadow.Rules; v != nil {
		var codes []string
		for _, reason := range r.Shadow.Reasons {
			if !slices.Contains(codes, reason.Code) {
				codes = append(codes, reason.Code)
			}
		}
		row(TrialRules, r.Decision.Policy.Version, *v, codes, nil)
	}
	return rows
}

const insertTrials = "INSERT INTO trials (id, kind, shop, at, live_version, trial_version, live, trial, live_score, trial_score, added, dropped) VALUES "

// trialStatements keep them. A decision that is made again, or reviewed, takes the place of the one before.
func trialStatements(id string, at time.Time, r Recorded) []statement {
	rows := trialRows(id, at, r)
	if len(rows) == 0 {
		return nil
	}
	st := manyRows(insertTrials, rows)
	st.text += ` ON CONFLICT (id, kind) DO UPDATE SET live_version = excluded.live_version, trial_version = excluded.trial_version,
 live = excluded.live, trial = excluded.trial, live_score = excluded.live_score, trial_score = excluded.trial_score,
 added = excluded.added, dropped = excluded.dropped`
	return []statement{st}
}

// TrialFilter says which trials to sum up. Every field is needed.
type TrialFilter struct {
	Shop  string
	Kind  TrialKind
	Since time.Time
}

// Trial sums up what was on trial beside one live policy.
type Trial struct {
	Live, Trial risk.PolicyRef
	First, Last time.Time
	Orders      int
	// Outcomes counts orders by what became of them and what would have.
	Outcomes map[TrialOutcome]int
	// Codes counts reasons that only one of the two gave, or those of the shadow rules; the most frequent first.
	Codes []TrialCode
}

// TrialOutcome is what became of an order and what would have.
type TrialOutcome struct{ Live, Trial risk.Outcome }

// TrialCode is how often a reason was given on one side alone.
type TrialCode struct {
	Code    string
	Added   int // by what was on trial
	Dropped int // by the live policy
	Differ  int // orders of Added and Dropped whose outcome would have been another
}

// Differ counts the orders with which something else would have been done.
func (t Trial) Differ() int {
	n := 0
	for o, count := range t.Outcomes {
		if o.Live != o.Trial {
			n += count
		}
	}
	return n
}

// Trials sums up, one for each pair of policies, those last used first. Of each shop and kind the newest 50,000 orders
// are read at most; cut reports that there were more.
func (s *Store) Trials(ctx context.Context, f TrialFilter) (all []Trial, cut bool, err error) {
	rows, err := s.db.query(ctx, `SELECT live_version, trial_version, live, trial, added, dropped, COUNT(*), MIN(at), MAX(at)
 FROM (SELECT * FROM trials WHERE shop = $1 AND kind = $2 AND at >= $3 ORDER BY at DESC LIMIT $4) newest
 GROUP BY live_version, trial_version, live, trial, added, dropped`, f.Shop, f.Kind, f.Since, maxTrials+1)
	groups, err := collect(rows, err, scanTrialGroup)
	if err != nil {
		return nil, false, failed(err)
	}
	sums, read := map[[2]string]*trialSum{}, 0
	for _, g := range groups {
		pair := [2]string{g.live, g.trial}
		if sums[pair] == nil {
			sums[pair] = &trialSum{codes: map[string]*TrialCode{}}
			sums[pair].Outcomes = map[TrialOutcome]int{}
		}
		sums[pair].add(g)
		read += g.count
	}
	names, err := s.policyNames(ctx, sums)
	if err != nil {
		return nil, false, err
	}
	for pair, sum := range sums {
		t := sum.done()
		t.Live, t.Trial = risk.PolicyRef{Name: names[pair[0]], Version: pair[0]}, risk.PolicyRef{Name: names[pair[1]], Version: pair[1]}
		all = append(all, t)
	}
	slices.SortFunc(all, func(a, b Trial) int {
		if c := b.Last.Compare(a.Last); c != 0 {
			return c
		}
		return strings.Compare(a.Live.Version+a.Trial.Version, b.Live.Version+b.Trial.Version)
	})
	return all, read > maxTrials, nil
}

// trialGroup is one row of the sum.
type trialGroup struct {
	live, trial    string
	outcome        TrialOutcome
	added, dropped string
	count          int
	first, last    int64
}

func scanTrialGroup(r *sql.Rows) (g trialGroup, err error) {
	return g, r.Scan(&g.live, &g.trial, &g.outcome.Live, &g.outcome.Trial, &g.added, &g.dropped, &g.count, &g.first, &g.last)
}

// trialSum is a Trial being summed up.
type trialSum struct {
	Trial
	codes map[string]*TrialCode
}

func (t *trialSum) add(g trialGroup) {
	first, last := moment(g.first), moment(g.last)
	if t.First.IsZero() || first.Before(t.First) {
		t.First = first
	}
	if last.After(t.Last) {
		t.Last = last
	}
	t.Orders += g.count
	t.Outcomes[g.outcome] += g.count
	count := func(codes string, to func(*TrialCode)) {
		for code := range strings.FieldsSeq(codes) {
			if t.codes[code] == nil {
				t.codes[code] = &TrialCode{Code: code}
			}
			to(t.codes[code])
			if g.outcome.Live != g.outcome.Trial {
				t.codes[code].Differ += g.count
			}
		}
	}
	count(g.added, func(c *TrialCode) { c.Added += g.count })
	count(g.dropped, func(c *TrialCode) { c.Dropped += g.count })
}

func (t *trialSum) done() Trial {
	for _, c := range t.codes {
		t.Codes = append(t.Codes, *c)
	}
	slices.SortFunc(t.Codes, func(a, b TrialCode) int {
		if n := b.Added + b.Dropped - a.Added - a.Dropped; n != 0 {
			return n
		}
		return strings.Compare(a.Code, b.Code)
	})
	return t.Trial
}

// policyNames are the names of the policies by their versions.
func (s *Store) policyNames(ctx context.Context, pairs map[[2]string]*trialSum) (map[string]string, error) {
	names := map[string]string{}
	for pair := range pairs {
		names[pair[0]], names[pair[1]] = "", ""
	}
	var versions []string
	for v := range names {
		versions = append(versions, v)
	}
	for part := range slices.Chunk(versions, maxClaim) {
		list, args := among(nil, part)
		rows, err := s.db.query(ctx, "SELECT version, name FROM policies WHERE version IN "+list, args...)
		_, err = collect(rows, err, func(r *sql.Rows) (struct{}, error) {
			var version, name string
			err := r.Scan(&version, &name)
			names[version] = name
			return struct{}{}, err
		})
		if err != nil {
			return nil, failed(err)
		}
	}
	return names, nil
}

// TriedOrder is one order with which something else would have been done.
type TriedOrder struct {
	ID string // of the payment or the assessment
	At time.Time
	TrialOutcome
	LiveScore, TrialScore int
	Added, Dropped        []string
}

// TriedOrders lists orders that would have had another outcome, newest first, at most limit of them, for one pair of
// policies. It looks no further back than Trials does.
func (s *Store) TriedOrders(ctx context.Context, f TrialFilter, live, trial string, limit int) ([]TriedOrder, error) {
	rows, err := s.db.query(ctx, `SELECT id, at, live, trial, live_score, trial_score, added, dropped
 FROM (SELECT * FROM trials WHERE shop = $1 AND kind = $2 AND at >= $3 ORDER BY at DESC LIMIT $4) newest
 WHERE live <> trial AND live_version = $5 AND trial_version = $6 ORDER BY at DESC, id DESC LIMIT $7`,
		f.Shop, f.Kind, f.Since, maxTrials, live, trial, min(max(limit, 0), maxClaim))
	all, err := collect(rows, err, func(r *sql.Rows) (o TriedOrder, err error) {
		var at int64
		var added, dropped string
		err = r.Scan(&o.ID, &at, &o.Live, &o.Trial, &o.LiveScore, &o.TrialScore, &added, &dropped)
		o.At, o.Added, o.Dropped = moment(at), strings.Fields(added), strings.Fields(dropped)
		return o, err
	})
	return all, failed(err)
}
