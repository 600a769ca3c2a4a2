package backtest

import (
	"errors"
	"fmt"
	"time"

	"octroi/risk"
	"octroi/risk/policy"
)

// Options say what is tested, and how it is counted.
type Options struct {
	Histories
	// Test are the days whose orders are decided; orders before them only fill the histories.
	Test Days
	// Train are the days the policy was fitted on, if it was: frauds from before them are not counted as known by
	// DropKnown. The zero value counts all.
	Train Days
	// DropKnown leaves out the orders of an entity Per that was known as compromised: from the day after its fraud
	// became known.
	DropKnown bool
	// Per is the entity of the card precision and of DropKnown, PerName what the report calls it.
	Per     risk.Entity
	PerName string
	// Top is how many of those entities a day can be looked at, for the card precision.
	Top int
	// Desk is what analysts can do with the orders held.
	Desk Desk
	// Decimals gives the decimals of a currency for amounts shown to people; false, or nil, leaves minor units.
	Decimals func(currency string) (int, bool)
}

// maxTop bounds Options.Top.
const maxTop = 1_000_000

func (o Options) check() error {
	switch {
	case o.Test.Zero():
		return errors.New("there are no days to test")
	case o.Test.Count() > maxDays:
		return fmt.Errorf("at most %d days can be tested at once", maxDays)
	case !o.Train.Zero() && !o.Train.End().Before(o.Test.First.Add(oneDay)):
		return fmt.Errorf("the days of training, %s, must end before the days of the test, %s", o.Train, o.Test)
	case o.Top < 1 || o.Top > maxTop:
		return fmt.Errorf("the number of entities looked at a day must be from 1 to %d", maxTop)
	case o.Per >= risk.EntityCount:
		return errors.New("the entity of the card precision is not known")
	}
	return errors.Join(o.Histories.check(), o.Desk.check())
}

// Backtest is one policy being tested. Entries go in oldest first; Report tells what came of it. It is not safe for
// concurrent use. Its size is bounded by the orders under test, 60 bytes each, and by what half a year brings.
type Backtest struct {
	*replay
	opts    Options
	bands   map[risk.Outcome]int
	shadows bool
	rows    []row
	hits    []uint16 // reasons of the rows, one after the other, as places in codes
	codes   []string
	places  map[string]uint16
	raising map[string]bool      // codes of features, which only count when they raise the score
	known   map[string]time.Time // compromised entities, and since when that is known
	numbers map[string]int32     // of the entities under test
	money   []string             // currencies met under test
	reasons []risk.Reason        // of the latest order
	leftOut int
}

// row is one order under test.
type row struct {
	at       int64 // Unix seconds
	amount   int64
	score    int32
	entity   int32 // -1 when the order does not name one
	hits     uint32
	ends     uint32
	currency uint16
	outcome  uint8
	fraud    bool
}

// New begins a backtest of the policy.
func New(p *policy.Policy, o Options) (*Backtest, error) {
	if err := o.check(); err != nil {
		return nil, err
	}
	r, err := newReplay(o.Histories, p, o.Test.End())
	if err != nil {
		return nil, err
	}
	b := &Backtest{replay: r, opts: o, bands: p.Bands(), places: map[string]uint16{}, raising: map[string]bool{},
		known: map[string]time.Time{}, numbers: map[string]int32{}}
	for _, code := range p.Codes() {
		if code != policy.CodeScorecardBase { // every order has it
			b.place(code)
		}
	}
	for _, rule := range p.Rules() {
		b.shadows = b.shadows || rule.Shadow
	}
	for _, f := range p.Features() {
		b.raising[f.Code] = true
	}
	return b, nil
}

// Add takes in the next entry. After an error, of type *Error when the entry is to blame, the backtest is void.
func (b *Backtest) Add(e Entry) error {
	if err := b.advance(e); err != nil {
		return err
	}
	if e.Order == nil {
		return b.happened(e)
	}
	f, h, p, err := b.order(e)
	if err != nil || !b.opts.Test.Holds(e.At) {
		return err
	}
	entity := p.key(b.opts.Per)
	if since, bad := b.known[entity]; bad && !e.At.Before(since) {
		b.leftOut++
		return nil
	}
	p.row = int32(len(b.rows))
	b.rows = append(b.rows, b.decide(f, h, entity))
	return nil
}

// happened takes in an event: a label may be that of an order under test, or make an entity known as compromised.
func (b *Backtest) happened(e Entry) error {
	p, known, err := b.event(e)
	if err != nil || !label(e.Event.Kind) || p.fraud {
		return err
	}
	p.fraud = true
	if p.row >= 0 {
		b.rows[p.row].fraud = true
	}
	entity := p.key(b.opts.Per)
	if entity == "" || !b.opts.DropKnown || !b.opts.Train.Zero() && p.at < b.opts.Train.First.UnixMilli() {
		return nil
	}
	since := known.Truncate(oneDay).Add(oneDay)
	if old, twice := b.known[entity]; !twice || since.Before(old) {
		b.known[entity] = since
	}
	return nil
}

// decide asks the policy.
func (b *Backtest) decide(f risk.Facts, h risk.Histories, entity string) row {
	lists := b.opts.lists(f.At)
	d := b.policy.Sketch(f, h, lists, b.reasons)
	b.reasons = d.Reasons
	r := row{at: f.At.Unix(), amount: f.Amount, entity: -1, outcome: uint8(d.Outcome.Severity()),
		currency: b.currency(f.Currency), hits: uint32(len(b.hits))}
	// An outcome that a rule forced counts as much as the score that would have brought it.
	r.score = int32(max(d.Score, b.bands[d.Outcome]))
	if entity != "" {
		n, met := b.numbers[entity]
		if !met {
			n = int32(len(b.numbers))
			b.numbers[entity] = n
		}
		r.entity = n
	}
	reasons := d.Reasons
	if b.shadows {
		reasons = append(reasons, b.policy.Shadow(f, h, lists)...)
	}
	b.note(reasons)
	r.ends = uint32(len(b.hits))
	return r
}

// note writes down the codes of an order's reasons, each once.
func (b *Backtest) note(reasons []risk.Reason) {
	from := len(b.hits)
next:
	for _, reason := range reasons {
		if reason.Code == policy.CodeScorecardBase || reason.Points <= 0 && b.raising[reason.Code] {
			continue
		}
		n := b.place(reason.Code)
		for _, m := range b.hits[from:] {
			if m == n {
				continue next
			}
		}
		b.hits = append(b.hits, n)
	}
}

func (b *Backtest) place(code string) uint16 {
	n, known := b.places[code]
	if !known {
		n = uint16(len(b.codes))
		b.places[code] = n
		b.codes = append(b.codes, code)
	}
	return n
}

func (b *Backtest) currency(code string) uint16 {
	for i, c := range b.money {
		if c == code {
			return uint16(i)
		}
	}
	b.money = append(b.money, code)
	return uint16(len(b.money) - 1)
}
