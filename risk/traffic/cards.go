package traffic

import (
	"fmt"
	"math"
	"time"

	"octroi/risk"
)

// cardTest is a run through a list of stolen card numbers.
type cardTest struct {
	cards    int
	over     time.Duration
	ips      int
	perIP    int      // addresses used per network; 1 spreads them over as many networks
	device   int      // cards before the device changes; 0 for no device id
	domains  []string // of the mailboxes; none for one of its own each time
	ranges   int      // card ranges the list comes from
	live     float64  // cards of the list that still work
	cheap    bool     // small amounts, as testers mostly choose; else prices of the shop
	guessed  bool     // numbers are made up, not stolen
	delivery bool     // always the same delivery address
	mobile   bool     // from the addresses that a telephone network's customers share, in place of ips
}

// Cards50k is how many cards the runs through a list of stolen numbers try.
const Cards50k = 50_000

var common = []string{"gmail.com", "outlook.fr", "yahoo.fr", "hotmail.com", "icloud.com", "laposte.net"}

func testings() []Attack {
	return []Attack{
		{"testing_one_source", "50,000 cards from one address and device within 20 minutes, a new e-mail each time",
			cardTest{cards: Cards50k, over: 20 * time.Minute, ips: 1, perIP: 1, device: Cards50k, domains: common, ranges: 40, live: 0.1, cheap: true}.play},
		{"testing_spread", "50,000 cards over 2,000 addresses in two hours, a new device every third card, twelve card ranges",
			cardTest{cards: Cards50k, over: 2 * time.Hour, ips: 2000, perIP: 4, device: 3, domains: common, ranges: 12, live: 0.15, cheap: true}.play},
		{"testing_no_device", "50,000 cards of 1,500 ranges over 2,000 addresses in six hours, no device",
			cardTest{cards: Cards50k, over: 6 * time.Hour, ips: 2000, perIP: 1, domains: common[:3], ranges: 1500, live: 0.2, cheap: true}.play},
		{"testing_own_domains", "50,000 cards of twelve ranges, every mailbox at a domain of its own, 2,000 networks",
			cardTest{cards: Cards50k, over: 3 * time.Hour, ips: 2000, perIP: 1, device: 1, ranges: 12, live: 0.1, cheap: true}.play},
		{"testing_at_prices", "50,000 cards at the shop's usual prices instead of small amounts, 2,000 addresses, thirty ranges",
			cardTest{cards: Cards50k, over: 4 * time.Hour, ips: 2000, perIP: 2, device: 2, domains: common, ranges: 30, live: 0.3}.play},
		{"testing_one_door", "50,000 cards of 3,000 ranges, every mailbox at a domain of its own, one delivery address",
			cardTest{cards: Cards50k, over: time.Hour, ips: 2000, perIP: 1, device: 1, ranges: 3000, live: 0.1, cheap: true, delivery: true}.play},
		{"testing_scattered", "50,000 cards of 3,000 ranges, 2,000 networks, new devices, domains and addresses: nothing in common",
			cardTest{cards: Cards50k, over: 3 * time.Hour, ips: 2000, perIP: 1, device: 1, ranges: 3000, live: 0.1, cheap: true}.play},
		{"testing_scattered_at_prices", "the same at the shop's usual prices",
			cardTest{cards: Cards50k, over: 3 * time.Hour, ips: 2000, perIP: 1, device: 1, ranges: 3000, live: 0.1}.play},
		{"testing_mobile", "50,000 cards at the shop's prices through a telephone network's own addresses, sixty ranges",
			cardTest{cards: Cards50k, over: 4 * time.Hour, device: 1, domains: mailDomains, ranges: 60, live: 0.2, mobile: true}.play},
		{"bin_enumeration", "5,000 made-up numbers of one card range, fifty addresses",
			cardTest{cards: 5000, over: time.Hour, ips: 50, perIP: 10, device: 5, domains: common, ranges: 1, live: 0.01, cheap: true, guessed: true}.play},
		{"testing_slow", "3,000 cards over ten days, three to a device and twelve to an address",
			cardTest{cards: 3000, over: 10 * 24 * time.Hour, ips: 250, perIP: 3, device: 3, domains: common, ranges: 12, live: 0.2, cheap: true}.play},
	}
}

func (k cardTest) play(s *stage, yield func(order) bool) {
	pause := float64(k.over) / float64(k.cards)
	k.cards = min(k.cards, s.options.Cards)
	room := s.to.Sub(s.from) - k.over - time.Hour
	at := s.from.Add(s.span(0, max(room, 0)))
	drop := s.door(s.french())
	device := ""
	for i := range k.cards {
		at = at.Add(max(time.Millisecond, time.Duration(pause*s.dice.ExpFloat64())))
		if k.device > 0 && i%k.device == 0 {
			device = s.name("device")
		}
		if !yield(k.try(s, at, device, drop)) {
			return
		}
	}
}

// try is one card of the list.
func (k cardTest) try(s *stage, at time.Time, device string, drop door) order {
	p := s.victim(at)
	f := s.basket(p, at)
	f.Card.BIN = fmt.Sprintf("9%07d", s.dice.IntN(k.ranges))
	domain := s.name("mail") + ".example"
	if len(k.domains) > 0 {
		domain = k.domains[s.dice.IntN(len(k.domains))]
	}
	f.Buyer = risk.Buyer{Email: s.mailbox(p.first, p.last, domain), DeviceID: device, IP: k.ip(s), Locale: "fr-FR"}
	s.goods(&f, 1)
	if k.cheap {
		f.Amount = int64(100 + 900*math.Pow(s.dice.Float64(), 2))
		f.Order.Items = []risk.Item{{SKU: "small-1", Category: "games", Quantity: 1, UnitAmount: f.Amount}}
	}
	f.Delivery = risk.Delivery{Method: "home", Recipient: p.name(), Address: f.Billing.Address}
	if k.delivery {
		f.Delivery.Address = s.address(drop)
	}
	return s.theft(f, k.answer(s))
}

func (k cardTest) ip(s *stage) string {
	if k.mobile {
		return s.mobileIP()
	}
	n := s.dice.IntN(k.ips)
	network := n / k.perIP
	return fmt.Sprintf("10.%d.%d.%d", 128+network/256%128, network%256, 1+n%k.perIP)
}

// answer is what the issuer says to a number of the list.
func (k cardTest) answer(s *stage) string {
	if s.chance(k.live) {
		return ""
	}
	if k.guessed {
		return []string{"number_incorrect", "number_incorrect", "number_incorrect", "expiry_incorrect", "refused"}[s.dice.IntN(5)]
	}
	return []string{"refused", "issuer_blocked", "expiry_incorrect", "cvc_incorrect", "suspected_fraud", "insufficient_funds"}[s.dice.IntN(6)]
}

// probing tries the dates or codes of one card until one fits.
func probing(code string, most int, quick bool) func(*stage, time.Time) []order {
	return func(s *stage, from time.Time) []order {
		p := s.victim(from)
		var out []order
		at, fits := from, s.dice.IntN(most)
		for i := range fits + 1 {
			f := s.basket(p, at)
			if i%2 == 0 || !quick {
				s.thief(&f, at)
			} else {
				f.Buyer = out[i-1].Facts.Buyer
			}
			f.Amount = s.between(5, 40) * 100
			f.Delivery = risk.Delivery{Method: "home", Recipient: p.name(), Address: f.Billing.Address}
			answer := code
			if i == fits {
				answer = ""
			}
			if code == "expiry_incorrect" {
				f.Card.ExpiryMonth, f.Card.ExpiryYear = fmt.Sprintf("%02d", i%12+1), fmt.Sprint(2027+i/12)
			}
			out = append(out, s.theft(f, answer))
			if quick {
				at = at.Add(s.span(5*time.Second, 40*time.Second))
			} else {
				at = at.Add(s.span(20*time.Minute, 5*time.Hour))
			}
		}
		return out
	}
}
