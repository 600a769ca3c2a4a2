package traffic

import (
	"fmt"
	"iter"

	"octroi/risk"
	"octroi/risk/policy"
	"octroi/risk/velocity"
)

// FreeTries is how many orders of a scenario may reach the provider before Late counts: a policy cannot know a list of
// stolen cards from its first ones.
const FreeTries = 200

// Row is what a policy did to one scenario. Warm-up is not counted.
type Row struct {
	Scenario   string
	Orders     int
	Approved   int
	Challenged int
	Held       int
	Declined   int
	Reached    int            // orders that went to the provider: all but the declined
	Late       int            // of those, the ones after the first FreeTries orders of the scenario
	Wrong      int            // approved and authorised although disputed
	Asked      int64          // amounts of all orders, minor units
	Lost       int64          // amounts of the wrong ones
	Reasons    map[string]int // orders per reason code
	Stopped    map[string]int // held or declined orders per reason code
	Answers    map[string]int // of those that reached it, by event: authorised, refused
}

// Caught is the share that was challenged, held or declined, from 0 to 1.
func (r Row) Caught() float64 { return r.share(r.Orders - r.Approved) }

// Insulted is the share that was held or declined: for honest trade the buyers sent away or made to wait.
func (r Row) Insulted() float64 { return r.share(r.Held + r.Declined) }

// LateShare is the share of the orders after the first FreeTries that reached the provider.
func (r Row) LateShare() float64 {
	return float64(r.Late) / float64(max(r.Orders-FreeTries, 1))
}

func (r Row) share(n int) float64 { return float64(n) / float64(max(r.Orders, 1)) }

// Table is one Row per scenario, in order of appearance.
type Table struct {
	Rows []*Row
}

// Row gives the scenario's row, an empty one when there was no such order.
func (t Table) Row(scenario string) Row {
	for _, r := range t.Rows {
		if r.Scenario == scenario {
			return *r
		}
	}
	return Row{Scenario: scenario}
}

func (t *Table) row(scenario string) *Row {
	for _, r := range t.Rows {
		if r.Scenario == scenario {
			return r
		}
	}
	r := &Row{Scenario: scenario, Reasons: map[string]int{}, Stopped: map[string]int{}, Answers: map[string]int{}}
	t.Rows = append(t.Rows, r)
	return r
}

// Measure plays the items through the policy with histories of its own, in the manner of the gateway: the attempt is
// recorded and read, the policy decides, and what the policy lets through is answered by the issuer, which the
// histories learn. A thief fails an authentication and cannot prove ownership; a holder does both, and is delivered.
// Memory is bounded by what velocity.Memory keeps and by the orders whose outcome is still to come.
func Measure(p *policy.Policy, items iter.Seq[Item]) (Table, error) {
	m := &measure{policy: p, memory: velocity.NewMemory(velocity.Caps{}, 0), delivered: map[string]bool{}}
	m.memory.Tallies(p.Tallies()...)
	for it := range items {
		if err := m.take(it); err != nil {
			return m.table, fmt.Errorf("traffic: %s of order %s: %w", it.Kind, it.Facts.ID, err)
		}
	}
	return m.table, nil
}

type measure struct {
	policy    *policy.Policy
	memory    *velocity.Memory
	table     Table
	delivered map[string]bool // paid orders with something still to come
	reasons   []risk.Reason   // of the latest order
}

func (m *measure) take(it Item) error {
	it.Facts = m.policy.Prepare(it.Facts)
	if it.Kind == risk.EventAttempt {
		return m.order(it)
	}
	if !m.delivered[it.Facts.ID] {
		return nil
	}
	if it.Last {
		delete(m.delivered, it.Facts.ID)
	}
	r := it.Facts.Attempt()
	r.At, r.Kind = it.At, it.Kind
	return m.memory.Append(it.Facts.Shop, r)
}

func (m *measure) order(it Item) error {
	attempt := it.Facts.Attempt()
	h, err := m.memory.Observe(it.Facts.Shop, attempt)
	if err != nil {
		return err
	}
	d := m.policy.Sketch(it.Facts, h, nil, m.reasons)
	m.reasons = d.Reasons
	kind, code := settle(d.Outcome, it)
	if !it.Warm {
		m.count(it, d, kind)
	}
	if kind == risk.EventAuthorised && (d.Outcome != risk.Hold || it.Holder) && !it.Last {
		m.delivered[it.Facts.ID] = true
	}
	records := []risk.Record{attempt}
	records[0].Kind, records[0].Code = kind, code
	if d.Outcome == risk.Hold && kind == risk.EventAuthorised {
		attempt.Kind = risk.EventHeld
		records = append(records, attempt)
	}
	return m.memory.Append(it.Facts.Shop, records...)
}

// settle is what becomes of an order once the policy has spoken.
func settle(o risk.Outcome, it Item) (risk.EventKind, string) {
	switch {
	case o == risk.Decline:
		return risk.EventDeclined, ""
	case o == risk.Challenge && !it.Holder:
		return risk.EventRefused, "authentication_failed"
	case it.Answer != "":
		return risk.EventRefused, it.Answer
	}
	return risk.EventAuthorised, ""
}

func (m *measure) count(it Item, d risk.Decision, kind risk.EventKind) {
	r := m.table.row(it.Scenario)
	r.Orders++
	r.Asked += it.Facts.Amount
	switch d.Outcome {
	case risk.Approve:
		r.Approved++
	case risk.Challenge:
		r.Challenged++
	case risk.Hold:
		r.Held++
	case risk.Decline:
		r.Declined++
	}
	if d.Outcome != risk.Decline {
		r.Reached++
		r.Answers[kind.String()]++
		if r.Orders > FreeTries {
			r.Late++
		}
	}
	if it.Disputed && kind == risk.EventAuthorised && d.Outcome != risk.Hold {
		r.Wrong++
		r.Lost += it.Facts.Amount
	}
	stopped := d.Outcome.Severity() >= risk.Hold.Severity()
	for _, reason := range d.Reasons {
		r.Reasons[reason.Code]++
		if stopped {
			r.Stopped[reason.Code]++
		}
	}
}
