package traffic

import (
	"fmt"
	"math"
	"time"

	"octroi/risk"
)

// honest plays ordinary trade from the start of the warm-up to the end.
func honest(s *stage, yield func(order) bool) {
	var ahead []order // retries to come, in order of time
	at := s.start
	for {
		at = at.Add(s.pause(at))
		if !at.Before(s.to) {
			at = s.to
		}
		for len(ahead) > 0 && ahead[0].At.Before(at) {
			if !yield(ahead[0]) {
				return
			}
			ahead = ahead[1:]
		}
		if at.Equal(s.to) {
			return
		}
		tries := s.tries(s.buy(at))
		if !yield(tries[0]) {
			return
		}
		for _, o := range tries[1:] {
			ahead = insert(ahead, o)
		}
	}
}

// insert keeps the retries in order of time; there are few at once.
func insert(ahead []order, o order) []order {
	i := len(ahead)
	for i > 0 && ahead[i-1].At.After(o.At) {
		i--
	}
	ahead = append(ahead, order{})
	copy(ahead[i+1:], ahead[i:])
	ahead[i] = o
	return ahead
}

// pause is the time to the next basket: few at night, most in the evening.
func (s *stage) pause(at time.Time) time.Duration {
	hour := float64(at.Hour()) + float64(at.Minute())/60
	busy := 1 - 0.85*math.Cos((hour-3)/24*2*math.Pi)
	mean := 24 * float64(time.Hour) / float64(s.options.OrdersPerDay) / busy
	return max(time.Millisecond, time.Duration(min(mean, 2*float64(time.Hour))*s.dice.ExpFloat64()))
}

// buy is the next basket: by a newcomer or by somebody known.
func (s *stage) buy(at time.Time) order {
	m := s.options.Mix
	p := s.customer(m, at)
	f := s.basket(p, at)
	s.goods(&f, m.Dear)
	if p.business {
		f.Amount *= 2
		f.Order.Items[0].Quantity, f.Order.Items[0].UnitAmount = 2, f.Amount/2
	}
	s.deliver(&f, p, m)
	p.orders++
	return s.paid(f, true)
}

func (s *stage) customer(m Mix, at time.Time) *person {
	if len(s.people) == 0 || s.chance(m.New) {
		p := s.settle(m, at)
		if len(s.people) < max(m.Customers, 1) {
			s.people = append(s.people, p)
		} else {
			s.people[s.dice.IntN(len(s.people))] = p
		}
		return p
	}
	p := s.people[s.dice.IntN(len(s.people))]
	for try := 0; try < 3 && !p.business && p.orders < 2; try++ { // who came back once comes back again
		p = s.people[s.dice.IntN(len(s.people))]
	}
	return p
}

// basket is an order of the person's, with everything but goods and delivery.
func (s *stage) basket(p *person, at time.Time) risk.Facts {
	m := s.options.Mix
	s.made++
	id := fmt.Sprintf("%s-%d", s.scenario, s.made)
	f := risk.Facts{ID: id, At: at, Shop: s.options.Shop, Currency: "EUR", Order: risk.Order{Reference: id},
		Card: p.cards[0], Billing: risk.Party{Name: p.name(), Address: s.address(p.home)},
		Buyer: risk.Buyer{ID: p.id, Email: p.email, IP: p.homeIP, DeviceID: p.devices[0], Locale: "fr-FR", AccountCreatedAt: p.since}}
	if len(p.cards) > 1 && s.chance(0.3) {
		f.Card = p.cards[s.dice.IntN(len(p.cards))]
	}
	f.Card.HolderName = f.Billing.Name
	switch {
	case s.chance(m.NoDevice):
		f.Buyer.DeviceID = ""
	case p.orders > 0 && s.chance(m.NewDevice):
		p.devices[0] = s.name("device")
		f.Buyer.DeviceID = p.devices[0]
	case len(p.devices) > 1 && s.chance(0.3):
		f.Buyer.DeviceID = p.devices[1]
	}
	if !s.chance(m.NoPhone) {
		f.Buyer.Phone = p.phone
	}
	if s.chance(0.05) { // the line got another address
		p.homeIP = s.lineIP()
	}
	if s.chance(m.Mobile) {
		f.Buyer.IP = s.mobileIP()
	}
	if s.chance(m.Locations) {
		f.Buyer.IPCountry = p.country
		if s.chance(m.Travelling) {
			f.Buyer.IPCountry = []string{"ES", "IT", "MA", "GB", "US"}[s.dice.IntN(5)]
		}
	}
	return f
}

// deliver says where the goods go.
func (s *stage) deliver(f *risk.Facts, p *person, m Mix) {
	f.Delivery = risk.Delivery{Method: "home", Recipient: p.name()}
	switch x := s.dice.Float64(); {
	case x < m.Fetched:
		s.fetch(f, p, m)
		return
	case x < m.Fetched+m.Digital:
		f.Delivery.Method = "digital"
		return
	case x < m.Fetched+m.Digital+m.Store:
		f.Delivery.Method = "store"
		f.Delivery.Address = risk.Address{Lines: []string{"1 place du Marché"}, PostalCode: places[p.home.place].code,
			City: places[p.home.place].name, Country: places[p.home.place].country}
		return
	}
	s.carry(f, p, m)
}

func (s *stage) fetch(f *risk.Facts, p *person, m Mix) {
	f.Delivery.Method = "pickup_point"
	if s.chance(0.3) {
		f.Delivery.Method = "locker"
	}
	to := p.pickup
	if s.chance(m.FarPickup) && p.home.place < firstAbroad {
		to = s.pickupNear(door{place: s.elsewhere(p.home.place)})
	}
	f.Delivery.Address = s.address(to)
}

// carry brings the goods to a door: mostly the buyer's own.
func (s *stage) carry(f *risk.Facts, p *person, m Mix) {
	gift := m.Gift
	if m.Christmas {
		gift *= 2
	}
	to := p.home
	switch x := s.dice.Float64(); {
	case x < gift && p.home.place < firstAbroad:
		to, f.Delivery.Recipient = p.giftee, p.gifteeName
		if s.chance(0.5) { // not the usual one
			to = s.door(s.elsewhere(p.home.place))
			f.Delivery.Recipient = firsts[s.dice.IntN(len(firsts))] + " " + lasts[s.dice.IntN(len(lasts))]
		}
		if s.chance(0.15) { // it is the buyer who is away
			f.Delivery.Recipient = p.name()
		}
	case x < gift+m.Office:
		to = p.office
	case x < gift+m.Office+m.OtherDoor:
		to = s.door(p.home.place)
	case x < gift+m.Office+m.OtherDoor+m.Nearby:
		to = s.door(p.home.place)
		to.near = true
	}
	f.Delivery.Address = s.address(to)
}

// paid is the order as it goes when the issuer says yes, with what follows.
func (s *stage) paid(f risk.Facts, holder bool) order {
	o := order{Item: Item{At: f.At, Scenario: s.scenario, Warm: f.At.Before(s.from), Kind: risk.EventAttempt, Facts: f, Holder: holder}}
	o.later = []later{{s.span(2*time.Hour, 40*time.Hour), risk.EventCaptured}}
	m := s.options.Mix
	day := 24 * time.Hour
	switch x := s.dice.Float64(); {
	case x < m.Returns:
		o.later = append(o.later, later{s.span(8*day, 25*day), risk.EventRefunded})
	case x < m.Returns+m.Claims:
		o.later = append(o.later, later{s.span(4*day, 15*day), risk.EventClaim})
	case x < m.Returns+m.Claims+m.Disputes:
		o.later = append(o.later, later{s.span(15*day, 60*day), risk.EventChargeback})
	}
	return o
}

// tries is a basket with the honest refusals it meets and what the buyer does then: puts the slip right, takes another
// card, comes back on another day, or gives up.
func (s *stage) tries(o order) []order {
	m := s.options.Mix
	tries := []order{o}
	for len(tries) < 5 {
		last := &tries[len(tries)-1]
		last.Answer = s.refusal(m)
		if last.Answer == "" {
			break
		}
		last.later = nil
		wait, other := s.reaction(last.Answer)
		if wait == 0 {
			break
		}
		again := s.again(*last, wait)
		if other {
			again.Facts.Card = s.card(again.Facts.Card.IssuerCountry)
			again.Facts.Card.HolderName = again.Facts.Billing.Name
		}
		tries = append(tries, again)
	}
	return tries
}

// refusal draws the issuer's answer.
func (s *stage) refusal(m Mix) string {
	pick := func(codes ...string) string { return codes[s.dice.IntN(len(codes))] }
	switch x := s.dice.Float64(); {
	case x < m.Funds:
		return pick("insufficient_funds", "insufficient_funds", "insufficient_funds", "limit_exceeded")
	case x < m.Funds+m.Slips:
		return pick("expiry_incorrect", "expiry_incorrect", "cvc_incorrect")
	case x < m.Funds+m.Slips+m.OtherNo:
		return pick("issuer_blocked", "not_permitted", "refused", "issuer_unavailable", "authentication_required", "suspected_fraud")
	}
	return ""
}

// reaction is how long an honest buyer waits after a refusal, 0 for giving up, and whether another card is taken.
func (s *stage) reaction(code string) (wait time.Duration, other bool) {
	switch code {
	case "expiry_incorrect", "cvc_incorrect", "issuer_unavailable", "authentication_required":
		return s.span(20*time.Second, 3*time.Minute), s.chance(0.05)
	}
	switch x := s.dice.Float64(); {
	case x < 0.45:
		return s.span(30*time.Second, 5*time.Minute), true
	case x < 0.75:
		return s.span(10*time.Minute, 60*time.Hour), false
	}
	return 0, false
}

// again is the same basket once more.
func (s *stage) again(o order, wait time.Duration) order {
	f := o.Facts
	s.made++
	f.ID, f.At = fmt.Sprintf("%s-%d", s.scenario, s.made), f.At.Add(wait)
	return s.paid(f, o.Holder)
}
