package traffic

import (
	"fmt"
	"sort"
	"time"

	"octroi/risk"
)

// Attack is one way of doing harm, played over the days that count.
type Attack struct {
	Name string
	Says string // what is done, for people
	play script
}

// Attacks are all there are, in the order of the table. Mixtures come last.
func Attacks() []Attack {
	return append(append(testings(), thefts()...), abuses()...)
}

// Named finds attacks by their names; names that are unknown are left out.
func Named(names ...string) []Attack {
	var found []Attack
	for _, a := range Attacks() {
		for _, n := range names {
			if a.Name == n {
				found = append(found, a)
			}
		}
	}
	return found
}

// theft is an order paid with somebody else's card: the issuer says yes until the holder notices.
func (s *stage) theft(f risk.Facts, answer string) order {
	o := order{Item: Item{At: f.At, Scenario: s.scenario, Warm: f.At.Before(s.from), Kind: risk.EventAttempt, Facts: f,
		Answer: answer, Disputed: true}}
	if answer == "" {
		day := 24 * time.Hour
		o.later = []later{{s.span(2*time.Hour, 40*time.Hour), risk.EventCaptured}}
		if s.chance(0.5) {
			o.later = append(o.later, later{s.span(3*day, 12*day), risk.EventFraudReport})
		}
		o.later = append(o.later, later{s.span(15*day, 45*day), risk.EventChargeback})
	}
	return o
}

// victim is somebody whose card or account is used: a customer of some shop, not of this one.
func (s *stage) victim(at time.Time) *person {
	m := s.options.Mix
	m.Foreign, m.Shared, m.Business, m.Throwaway = 0.05, 0, 0, 0
	p := s.settle(m, at)
	p.id, p.since = "", time.Time{}
	return p
}

// thief is what a thief brings along, with the victim's name, card and billing address.
func (s *stage) thief(f *risk.Facts, at time.Time) {
	domain := mailDomains[s.dice.IntN(len(mailDomains))]
	if s.chance(0.1) {
		domain = throwaways[s.dice.IntN(len(throwaways))]
	}
	first, last := firsts[s.dice.IntN(len(firsts))], lasts[s.dice.IntN(len(lasts))]
	f.At = at
	f.Buyer = risk.Buyer{ID: s.name("customer"), Email: s.mailbox(first, last, domain), DeviceID: s.name("device"), IP: s.lineIP(),
		Locale: "fr-FR", AccountCreatedAt: at.Add(-s.span(time.Minute, 3*time.Hour))}
	if s.chance(0.5) {
		f.Buyer.IP = s.mobileIP()
	}
	if s.chance(0.5) {
		f.Buyer.Phone = fmt.Sprintf("+337%08d", s.dice.IntN(100_000_000))
	}
	if s.chance(s.options.Mix.Locations) {
		f.Buyer.IPCountry = "FR"
		if s.chance(0.15) {
			f.Buyer.IPCountry = []string{"NL", "GB", "RO", "MA", "CI"}[s.dice.IntN(5)]
		}
	}
}

// stolen is an order with a stolen card, of goods that are easily sold.
func (s *stage) stolen(victim *person, at time.Time) risk.Facts {
	f := s.basket(victim, at)
	s.thief(&f, at)
	f.Amount = s.between(60, 900)*100 - 10
	f.Order.Items = []risk.Item{{SKU: "electronics-1", Name: "electronics", Category: "electronics", Quantity: 1, UnitAmount: f.Amount}}
	return f
}

// times are n moments in the days that count, in order.
func (s *stage) times(n int) []time.Time {
	out := make([]time.Time, n)
	for i := range out {
		out[i] = s.from.Add(s.span(0, s.to.Sub(s.from)-time.Hour))
	}
	sort.Slice(out, func(i, j int) bool { return out[i].Before(out[j]) })
	return out
}

// one plays n orders that have nothing to do with one another.
func one(n int, play func(s *stage, at time.Time) order) script {
	return func(s *stage, yield func(order) bool) {
		for _, at := range s.times(n) {
			if !yield(play(s, at)) {
				return
			}
		}
	}
}

// many plays n schemes side by side, each the orders of one thief, and puts them in order of time.
func many(n int, play func(s *stage, from time.Time) []order) script {
	return func(s *stage, yield func(order) bool) {
		var all []order
		for range n {
			all = append(all, play(s, s.from.Add(s.span(0, s.to.Sub(s.from)/2)))...)
		}
		sort.SliceStable(all, func(i, j int) bool { return all[i].At.Before(all[j].At) })
		for _, o := range all {
			if o.At.Before(s.to) && !yield(o) {
				return
			}
		}
	}
}
