package backtest

import (
	"math"
	"time"

	"octroi/risk"
)

// Report is what a policy would have done with the orders under test, against what happened. Fraud is what a
// chargeback or a fraud report names, whenever it came; all other orders are good.
type Report struct {
	Policy  risk.PolicyRef `json:"policy"`
	Test    string         `json:"test"` // days, both included, UTC
	Orders  int            `json:"orders"`
	Fraud   int            `json:"fraud"`
	LeftOut int            `json:"left_out"` // orders of entities known as compromised, in no other figure

	AUC              *float64 `json:"auc_roc"`           // null unless there are both good orders and fraud
	AveragePrecision *float64 `json:"average_precision"` // null without fraud
	CardPrecision    float64  `json:"card_precision"`    // see the function of the same name
	Top              int      `json:"top"`
	Per              string   `json:"per"`

	FraudApproved   int `json:"fraud_approved"`
	FraudChallenged int `json:"fraud_challenged"`
	FraudHeld       int `json:"fraud_held"`
	FraudDeclined   int `json:"fraud_declined"`
	GoodApproved    int `json:"good_approved"`
	GoodChallenged  int `json:"good_challenged"`
	GoodHeld        int `json:"good_held"`
	GoodDeclined    int `json:"good_declined"`

	HeldPerDay     float64 `json:"held_per_day"`
	MinutesPerCase float64 `json:"minutes_per_case"`
	AnalystHours   float64 `json:"analyst_hours"` // for all orders held
	Lapsed         int     `json:"lapsed"`        // authorisations that analysts would not get to in time

	Money []Money   `json:"money"`
	Rules []RuleHit `json:"rules"`
	Days  []Day     `json:"days"`

	// Against is the same of another policy.
	Against *Report `json:"against,omitempty"`

	decimals func(string) (int, bool)

	steps []step
	bands map[risk.Outcome]int
	bins  bins
}

// Money is what the outcomes mean in one currency, in minor units.
type Money struct {
	Currency string `json:"currency"`
	Stopped  int64  `json:"stopped"`  // fraud held or declined
	Missed   int64  `json:"missed"`   // fraud approved, or challenged
	Insulted int64  `json:"insulted"` // good orders held or declined
	Lost     int64  `json:"lost"`     // of these, declined
}

// RuleHit is how often a reason was given, and for how many frauds.
type RuleHit struct {
	Code      string   `json:"code"`
	Hits      int      `json:"hits"`
	Fraud     int      `json:"fraud"`
	Precision *float64 `json:"precision"` // share of fraud among the hits; null without a hit
	Shadow    bool     `json:"shadow,omitempty"`
}

// Day is one day under test.
type Day struct {
	Date       string `json:"date"`
	Orders     int    `json:"orders"`
	Fraud      int    `json:"fraud"`
	Challenged int    `json:"challenged"`
	Held       int    `json:"held"`
	Declined   int    `json:"declined"`
}

// Report tells what came of the entries so far.
func (b *Backtest) Report() *Report {
	r := &Report{Policy: b.policy.Ref(), Test: b.opts.Test.String(), Orders: len(b.rows), LeftOut: b.leftOut,
		Top: b.opts.Top, Per: b.opts.PerName, MinutesPerCase: b.opts.Desk.MinutesPerCase, decimals: b.opts.Decimals, bands: b.bands}
	r.count(b)
	r.rank(b)
	r.rules(b)
	held := make([]int, len(r.Days))
	for i, d := range r.Days {
		held[i] = d.Held
	}
	all := r.FraudHeld + r.GoodHeld
	r.HeldPerDay = float64(all) / float64(len(r.Days))
	r.AnalystHours = b.opts.Desk.hours(all)
	r.Lapsed = b.opts.Desk.lapsed(held)
	return r
}

// outcomes are the counts of one kind of order, mildest first.
func (r *Report) outcomes(fraud bool) [4]*int {
	if fraud {
		return [4]*int{&r.FraudApproved, &r.FraudChallenged, &r.FraudHeld, &r.FraudDeclined}
	}
	return [4]*int{&r.GoodApproved, &r.GoodChallenged, &r.GoodHeld, &r.GoodDeclined}
}

func (r *Report) count(b *Backtest) {
	r.Days = make([]Day, b.opts.Test.Count())
	for i := range r.Days {
		r.Days[i].Date = b.opts.Test.First.AddDate(0, 0, i).Format(time.DateOnly)
	}
	r.Money = make([]Money, len(b.money))
	for i, c := range b.money {
		r.Money[i].Currency = c
	}
	for i := range b.rows {
		x := &b.rows[i]
		*r.outcomes(x.fraud)[x.outcome]++
		r.Money[x.currency].add(x)
		d := &r.Days[b.opts.Test.day(time.Unix(x.at, 0))]
		d.Orders++
		if x.fraud {
			r.Fraud++
			d.Fraud++
		}
		if after := [4]*int{nil, &d.Challenged, &d.Held, &d.Declined}[x.outcome]; after != nil {
			*after++
		}
	}
}

func (m *Money) add(x *row) {
	stopped := x.outcome >= uint8(risk.Hold.Severity())
	switch {
	case x.fraud && stopped:
		m.Stopped += x.amount
	case x.fraud:
		m.Missed += x.amount
	case stopped:
		m.Insulted += x.amount
		if x.outcome == uint8(risk.Decline.Severity()) {
			m.Lost += x.amount
		}
	}
}

// rank works out the figures that look at scores alone.
func (r *Report) rank(b *Backtest) {
	scored := make([]Scored, len(b.rows))
	seen := make([]Sighting, 0, len(b.rows))
	for i := range b.rows {
		x := &b.rows[i]
		scored[i] = Scored{Score: float64(x.score), Fraud: x.fraud}
		if x.entity >= 0 {
			seen = append(seen, Sighting{Day: b.opts.Test.day(time.Unix(x.at, 0)), Entity: int(x.entity),
				Score: float64(x.score), Fraud: x.fraud})
		}
	}
	r.steps = steps(scored)
	r.AUC, r.AveragePrecision = finite(auc(r.steps)), finite(averagePrecision(r.steps))
	r.CardPrecision = CardPrecision(seen, len(r.Days), r.Top)
	r.bins = binned(r.steps)
}

// finite is nil for what has no value: JSON knows no NaN.
func finite(x float64) *float64 {
	if math.IsNaN(x) || math.IsInf(x, 0) {
		return nil
	}
	return &x
}

// rules counts the reasons in the order of the file.
func (r *Report) rules(b *Backtest) {
	r.Rules = make([]RuleHit, len(b.codes))
	for i, code := range b.codes {
		r.Rules[i].Code = code
	}
	for _, rule := range b.policy.Rules() {
		if n, ok := b.places[rule.Code]; ok {
			r.Rules[n].Shadow = rule.Shadow
		}
	}
	for i := range b.rows {
		x := &b.rows[i]
		for _, n := range b.hits[x.hits:x.ends] {
			r.Rules[n].Hits++
			if x.fraud {
				r.Rules[n].Fraud++
			}
		}
	}
	for i := range r.Rules {
		h := &r.Rules[i]
		h.Precision = finite(float64(h.Fraud) / float64(h.Hits))
	}
}
