package traffic

import (
	"time"

	"octroi/risk"
)

func abuses() []Attack {
	return []Attack{
		{"friendly_fraud", "buyers who claim or charge back most of what they buy, with their own card", many(40, friendly)},
		{"refund_abuse", "customers who send back three orders in four", many(30, refunds)},
		{"under_device", "three cards to a device within an hour, six in a day, then another device", many(25, underDevice)},
		{"under_email", "three cards to an e-mail in a day, week after week", many(25, underEmail)},
		{"under_ip", "seven cards an hour from an address, for days", many(8, underIP)},
		{"mixture", "lists tried slowly, and what works spent at pick-up points and drop doors", many(25, mixture)},
	}
}

// friendly is a buyer of the shop who does not mean to pay: the first order is honest.
func friendly(s *stage, from time.Time) []order {
	return s.abuser(from, func(o *order, n int) {
		day := 24 * time.Hour
		switch {
		case n > 0 && s.chance(0.25):
			o.later = append(o.later, later{s.span(3*day, 8*day), risk.EventChargeback})
		case n > 0 && s.chance(0.6):
			o.later = append(o.later, later{s.span(day*3/2, 3*day), risk.EventClaim})
		}
	})
}

func refunds(s *stage, from time.Time) []order {
	return s.abuser(from, func(o *order, n int) {
		if s.chance(0.75) {
			o.later = append(o.later, later{s.span(2*24*time.Hour, 4*24*time.Hour), risk.EventRefunded})
		}
	})
}

// abuser buys every other day with a card of their own; what becomes of each order is the abuse.
func (s *stage) abuser(from time.Time, then func(o *order, n int)) []order {
	m := s.options.Mix
	m.Foreign, m.Shared, m.Business = 0, 0, 0
	p := s.settle(m, from)
	p.id = s.name("customer")
	var out []order
	at := s.from.Add(from.Sub(s.from) / 3)
	for n := range 14 {
		f := s.basket(p, at)
		s.goods(&f, 1.5*m.Dear)
		f.Delivery = home(p.name(), f.Billing.Address)
		o := s.paid(f, true)
		o.Disputed = true
		o.later = []later{{s.span(2*time.Hour, 20*time.Hour), risk.EventCaptured}}
		then(&o, n)
		out = append(out, o)
		at = at.Add(s.span(24*time.Hour, 60*time.Hour))
	}
	return out
}

// tried is a small order with a card of a list, by a tester who counts.
func (s *stage) tried(at time.Time, email, device, ip string) order {
	p := s.victim(at)
	f := s.basket(p, at)
	s.thief(&f, at)
	f.Buyer.ID = ""
	if email != "" {
		f.Buyer.Email = email
	}
	if ip != "" {
		f.Buyer.IP = ip
	}
	f.Buyer.DeviceID = device
	f.Amount = s.between(10, 60) * 100
	f.Delivery = home(p.name(), f.Billing.Address)
	return s.theft(f, cardTest{live: 0.25}.answer(s))
}

func underDevice(s *stage, from time.Time) []order {
	var out []order
	at := from
	for range 6 {
		device := s.name("device")
		for i := range 6 {
			out = append(out, s.tried(at, "", device, ""))
			at = at.Add(s.span(15*time.Minute, 20*time.Minute))
			if i == 2 {
				at = at.Add(2 * time.Hour)
			}
		}
		at = at.Add(s.span(6*time.Hour, 24*time.Hour))
	}
	return out
}

func underEmail(s *stage, from time.Time) []order {
	var out []order
	at := from
	email := s.mailbox("sam", lasts[s.dice.IntN(len(lasts))], common[s.dice.IntN(len(common))])
	for range 6 {
		for range 3 {
			out = append(out, s.tried(at, email, "", ""))
			at = at.Add(s.span(time.Minute, time.Hour))
		}
		at = at.Add(s.span(25*time.Hour, 40*time.Hour))
	}
	return out
}

func underIP(s *stage, from time.Time) []order {
	var out []order
	at, ip := from, s.lineIP()
	for range 15 {
		for range 7 {
			out = append(out, s.tried(at, "", "", ip))
			at = at.Add(s.span(time.Minute, 5*time.Minute))
		}
		at = at.Add(s.span(time.Hour, 8*time.Hour))
	}
	return out
}

// mixture tries cards and spends those that work: one person, new mailboxes, two devices, one network.
func mixture(s *stage, from time.Time) []order {
	device, ip := s.name("device"), s.lineIP()
	to := s.door(s.french())
	var out []order
	at := from
	for range 12 {
		try := s.tried(at, "", device, ip)
		out = append(out, try)
		at = at.Add(s.span(40*time.Minute, 6*time.Hour))
		if try.Answer != "" {
			continue
		}
		f := s.stolen(s.victim(at), at)
		f.Card, f.Billing = try.Facts.Card, try.Facts.Billing
		f.Buyer.IP = ip
		f.Delivery = home(f.Billing.Name, s.address(to))
		if s.chance(0.5) {
			f.Delivery.Method, f.Delivery.Address = "pickup_point", s.address(s.pickupNear(to))
		}
		out = append(out, s.theft(f, s.cautious()))
		at = at.Add(s.span(time.Hour, 10*time.Hour))
	}
	return out
}
