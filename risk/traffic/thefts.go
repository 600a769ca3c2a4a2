package traffic

import (
	"fmt"
	"sort"
	"time"

	"octroi/risk"
)

func thefts() []Attack {
	return []Attack{
		{"expiry_probing", "the dates of a card tried until one fits, quickly", many(60, probing("expiry_incorrect", 48, true))},
		{"cvc_probing", "the codes of a card tried over days, each time from elsewhere", many(40, probing("cvc_incorrect", 60, false))},
		{"stolen_elsewhere", "a stolen card, goods to a new address in another town", one(500, elsewhere)},
		{"stolen_abroad", "a stolen card, goods to another country", one(150, abroad)},
		{"stolen_pickup", "a stolen card, goods to a pick-up point or locker of another town", one(400, farPickup)},
		{"stolen_nearby", "a stolen card, goods to another door of the holder's own town", one(200, nearby)},
		{"drop_address", "one door that receives from forty stolen cards within two weeks", many(6, drop(false))},
		{"drop_as_billing", "the same, and the door is given as billing address too", many(6, drop(true))},
		{"forwarder", "stolen cards, goods to parcel forwarders", many(4, forwarder)},
		{"takeover_elsewhere", "an old account, a new device and a new address", takeovers(200, false)},
		{"takeover_pickup", "an old account, a new device and a pick-up point of another town", takeovers(120, true)},
		{"tested_then_spent", "a card tried with a small digital order, then spent elsewhere", many(150, testedThenSpent)},
	}
}

func home(recipient string, a risk.Address) risk.Delivery {
	return risk.Delivery{Method: "home", Recipient: recipient, Address: a}
}

func elsewhere(s *stage, at time.Time) order {
	p := s.victim(at)
	f := s.stolen(p, at)
	f.Delivery = home(p.name(), s.address(s.door(s.elsewhere(p.home.place))))
	if s.chance(0.6) {
		f.Delivery.Recipient = firsts[s.dice.IntN(len(firsts))] + " " + lasts[s.dice.IntN(len(lasts))]
	}
	return s.theft(f, s.cautious())
}

// cautious is the issuer's answer to a stolen card: some are blocked already.
func (s *stage) cautious() string {
	if s.chance(0.25) {
		return []string{"issuer_blocked", "suspected_fraud", "refused", "insufficient_funds"}[s.dice.IntN(4)]
	}
	return ""
}

func abroad(s *stage, at time.Time) order {
	p := s.victim(at)
	f := s.stolen(p, at)
	to := s.abroad()
	for places[to].country == places[p.home.place].country {
		to = s.abroad()
	}
	f.Delivery = home(p.name(), s.address(s.door(to)))
	return s.theft(f, s.cautious())
}

func farPickup(s *stage, at time.Time) order {
	p := s.victim(at)
	f := s.stolen(p, at)
	f.Delivery = risk.Delivery{Method: "pickup_point", Recipient: p.name(),
		Address: s.address(s.pickupNear(door{place: s.elsewhere(p.home.place)}))}
	if s.chance(0.4) {
		f.Delivery.Method = "locker"
	}
	return s.theft(f, s.cautious())
}

func nearby(s *stage, at time.Time) order {
	p := s.victim(at)
	f := s.stolen(p, at)
	f.Delivery = home(p.name(), s.address(s.door(p.home.place)))
	return s.theft(f, s.cautious())
}

// drop is one door that many cards pay for.
func drop(asBilling bool) func(*stage, time.Time) []order {
	return func(s *stage, from time.Time) []order {
		to := s.door(s.french())
		var out []order
		at := from
		for range 40 {
			at = at.Add(s.span(time.Hour, 15*time.Hour))
			p := s.victim(at)
			for places[p.home.place].name == places[to.place].name {
				p = s.victim(at)
			}
			f := s.stolen(p, at)
			f.Delivery = home(p.name(), s.address(to))
			if asBilling {
				f.Billing.Address = f.Delivery.Address
			}
			out = append(out, s.theft(f, s.cautious()))
		}
		return out
	}
}

func forwarder(s *stage, from time.Time) []order {
	to := s.door(s.french())
	to.extra = []string{"Colis Expat", "Transitaire Atlas", "Mail Boxes Etc", "Reship France"}[s.dice.IntN(4)]
	var out []order
	at := from
	for i := range 30 {
		at = at.Add(s.span(2*time.Hour, 20*time.Hour))
		p := s.victim(at)
		f := s.stolen(p, at)
		f.Delivery = home(p.name(), s.address(to))
		f.Delivery.Address.Lines = append(f.Delivery.Address.Lines, fmt.Sprintf("suite %d", 100+i))
		out = append(out, s.theft(f, s.cautious()))
	}
	return out
}

// takeovers plays honest customers of the warm-up, whose accounts are used by thieves later.
func takeovers(n int, pickup bool) script {
	return func(s *stage, yield func(order) bool) {
		var all []order
		for range n {
			all = append(all, s.takeover(pickup)...)
		}
		sort.SliceStable(all, func(i, j int) bool { return all[i].At.Before(all[j].At) })
		for _, o := range all {
			if o.At.Before(s.to) && !yield(o) {
				return
			}
		}
	}
}

// takeover is an account's honest past, and the two or three orders of the thief.
func (s *stage) takeover(pickup bool) []order {
	m := s.options.Mix
	m.Foreign, m.Throwaway, m.Shared, m.Business = 0, 0, 0, 0
	p := s.settle(m, s.start)
	p.id, p.since = s.name("customer"), s.start
	var out []order
	for at := s.start.Add(s.span(time.Hour, 10*24*time.Hour)); at.Before(s.from); at = at.Add(s.span(5*24*time.Hour, 40*24*time.Hour)) {
		f := s.basket(p, at)
		s.goods(&f, m.Dear)
		f.Delivery = home(p.name(), f.Billing.Address)
		o := s.paid(f, true)
		o.Scenario, o.later = Honest, o.later[:1]
		out = append(out, o)
	}
	to := s.door(s.elsewhere(p.home.place))
	method := "home"
	if pickup {
		to, method = s.pickupNear(door{place: s.elsewhere(p.home.place)}), "pickup_point"
	}
	at, stored := s.from.Add(s.span(0, s.to.Sub(s.from)-24*time.Hour)), s.chance(0.5)
	device, own := s.name("device"), s.card("FR")
	for range 1 + s.dice.IntN(3) {
		f := s.basket(p, at)
		f.Buyer.DeviceID, f.Buyer.IP, f.Buyer.IPCountry = device, s.lineIP(), ""
		if !stored {
			f.Card = own
		}
		f.Amount = s.between(80, 700) * 100
		f.Delivery = risk.Delivery{Method: method, Recipient: p.name(), Address: s.address(to)}
		out = append(out, s.theft(f, s.cautious()))
		at = at.Add(s.span(2*time.Minute, 3*time.Hour))
	}
	return out
}

func testedThenSpent(s *stage, from time.Time) []order {
	p := s.victim(from)
	first := s.basket(p, from)
	s.thief(&first, from)
	first.Amount = s.between(100, 500)
	first.Delivery = risk.Delivery{Method: "digital"}
	second := s.stolen(p, from.Add(s.span(10*time.Minute, 30*time.Hour)))
	second.Delivery = home(p.name(), s.address(s.door(s.elsewhere(p.home.place))))
	return []order{s.theft(first, ""), s.theft(second, s.cautious())}
}
