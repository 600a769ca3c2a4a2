package traffic

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"time"

	"octroi/risk"
)

// town is where a scenario draws its people from. Names of things carry the scenario, so that no two scenarios share a
// card or a mailbox by chance.
type town struct {
	dice   *rand.Rand
	prefix string
	made   int // things named so far
	people []*person
}

func newTown(dice *rand.Rand, scenario string) *town {
	return &town{dice: dice, prefix: scenario}
}

func (t *town) chance(share float64) bool { return t.dice.Float64() < share }

// name gives a thing a name of its own.
func (t *town) name(kind string) string {
	t.made++
	return fmt.Sprintf("%s-%s-%d", t.prefix, kind, t.made)
}

// between is a number of minor units or the like.
func (t *town) between(lo, hi int64) int64 { return lo + t.dice.Int64N(hi-lo+1) }

// span is a time between two.
func (t *town) span(lo, hi time.Duration) time.Duration {
	return lo + time.Duration(t.dice.Int64N(int64(hi-lo)+1))
}

// person is a customer.
type person struct {
	id, first, last, email, phone string
	home                          door
	homeIP                        string
	cards                         []risk.Card
	devices                       []string
	pickup, office, giftee        door
	gifteeName                    string
	country                       string
	since                         time.Time // account opened; zero for guests
	business                      bool
	orders                        int
}

func (p *person) name() string { return p.first + " " + p.last }

// mailDomains are where people have their mail, by how often.
var mailDomains = []string{"gmail.com", "gmail.com", "gmail.com", "gmail.com", "gmail.com", "gmail.com", "gmail.com", "orange.fr",
	"orange.fr", "hotmail.fr", "hotmail.fr", "yahoo.fr", "free.fr", "wanadoo.fr", "outlook.fr", "sfr.fr", "laposte.net", "icloud.com", "hotmail.com", "live.fr"}

var throwaways = []string{"yopmail.com", "mailinator.com", "trashmail.com"}

// mailbox is an address at one of the domains.
func (t *town) mailbox(first, last, domain string) string {
	t.made++
	return fmt.Sprintf("%s.%s.%s%d@%s", ascii(first), ascii(last), t.prefix, t.made, domain)
}

var plain = strings.NewReplacer("é", "e", "É", "e", "è", "e", "ç", "c", "ï", "i", " ", "")

func ascii(s string) string { return strings.ToLower(plain.Replace(s)) }

// card is a new card of an issuer: the larger a bank the more of its ranges come up.
func (t *town) card(country string) risk.Card {
	bank := int(math.Pow(t.dice.Float64(), 2) * 90)
	if country != "FR" {
		bank = 100 + t.dice.IntN(60)
	}
	brand := []string{"visa", "mc", "cartebancaire"}[t.dice.IntN(3)]
	return risk.Card{Fingerprint: t.name("card"), BIN: fmt.Sprintf("9%07d", bank), Last4: fmt.Sprintf("%04d", t.dice.IntN(10_000)),
		Brand: brand, ExpiryMonth: fmt.Sprintf("%02d", 1+t.dice.IntN(12)), ExpiryYear: fmt.Sprint(2029 + t.dice.IntN(3)),
		IssuerCountry: country, Funding: "debit"}
}

// lineIP is an address of a line at home: most still IPv4, of a range no line has.
func (t *town) lineIP() string {
	if t.chance(0.3) {
		return fmt.Sprintf("2001:db8:%x:%x::%x", t.dice.IntN(1<<16), t.dice.IntN(1<<16), 1+t.dice.IntN(1<<12))
	}
	return fmt.Sprintf("10.%d.%d.%d", t.dice.IntN(256), t.dice.IntN(256), 1+t.dice.IntN(254))
}

// mobileIP is one of the addresses an operator shows for all its customers (RFC 6598 range), some far more than others.
func (t *town) mobileIP() string {
	busy := math.Pow(t.dice.Float64(), 3)
	return fmt.Sprintf("100.64.%d.%d", t.dice.IntN(16), 1+int(busy*250))
}

// settle makes a customer, alone or in a household that is known already.
func (t *town) settle(m Mix, at time.Time) *person {
	p := &person{first: firsts[t.dice.IntN(len(firsts))], last: lasts[t.dice.IntN(len(lasts))], country: "FR"}
	home := t.french()
	if t.chance(m.Foreign) {
		home = t.abroad()
		p.country = places[home].country
	}
	p.home, p.homeIP = t.door(home), t.lineIP()
	p.devices = []string{t.name("device")}
	for range 1 + t.dice.IntN(5)/3 {
		p.cards = append(p.cards, t.card(p.country))
	}
	if len(t.people) > 0 && t.chance(m.Shared) {
		t.moveIn(p, t.people[t.dice.IntN(len(t.people))])
	}
	domain := mailDomains[t.dice.IntN(len(mailDomains))]
	switch {
	case t.chance(m.Throwaway):
		domain = throwaways[t.dice.IntN(len(throwaways))]
	case t.chance(0.04): // a domain of their own or of a small provider
		domain = fmt.Sprintf("%s%d.example", ascii(p.last), t.dice.IntN(5000))
	}
	p.email = t.mailbox(p.first, p.last, domain)
	p.phone = fmt.Sprintf("+336%08d", t.dice.IntN(100_000_000))
	p.pickup = t.pickupNear(p.home)
	p.office = t.workplace(p.home)
	p.giftee = t.door(t.elsewhere(p.home.place))
	p.gifteeName = firsts[t.dice.IntN(len(firsts))] + " " + lasts[t.dice.IntN(len(lasts))]
	if t.chance(0.6) { // family
		p.gifteeName = firsts[t.dice.IntN(len(firsts))] + " " + p.last
	}
	if t.chance(0.7) {
		p.id, p.since = t.name("customer"), at
		if t.chance(0.15) { // opened an account long before buying
			p.since = at.Add(-t.span(24*time.Hour, 400*24*time.Hour))
		}
	}
	p.business = t.chance(m.Business)
	if p.business {
		p.home.extra = "SARL " + p.last
	}
	return p
}

// moveIn lets a person live with another: one door and line, sometimes one computer or card.
func (t *town) moveIn(p, with *person) {
	p.home, p.homeIP, p.last, p.country = with.home, with.homeIP, with.last, with.country
	if t.chance(0.4) {
		p.devices = append(p.devices, with.devices[0])
	}
	if t.chance(0.25) {
		p.cards = append([]risk.Card{with.cards[0]}, p.cards...)
	}
}

var pickupNames = []string{"Mondial Relay", "Relais Pickup", "Relais Colis", "Point Relais Tabac", "Pickup Station"}

// pickupNear is one of the few pick-up points of the town, or of the next one.
func (t *town) pickupNear(home door) door {
	n := t.dice.IntN(12)
	return door{place: home.place, near: t.chance(0.15), number: 3 + n, street: n * 2, kind: 0, extra: pickupNames[n%len(pickupNames)]}
}

// workplace is one of the offices of the town or the next one; a few people work far away.
func (t *town) workplace(home door) door {
	n := t.dice.IntN(40)
	d := door{place: home.place, near: t.chance(0.3), number: 100 + n, street: n % len(streets), kind: 2, extra: "Société " + lasts[n%len(lasts)]}
	if t.chance(0.05) && home.place < firstAbroad {
		d.place = t.elsewhere(home.place)
	}
	return d
}

// basket is one kind of goods.
type basket struct {
	category string
	median   float64 // minor units
	spread   float64 // of the logarithm
	share    float64
}

var baskets = []basket{{"books", 2200, 0.5, 0.2}, {"games", 4800, 0.5, 0.15}, {"fashion", 6200, 0.6, 0.25}, {"home", 7800, 0.7, 0.2},
	{"electronics", 14500, 0.8, 0.15}, {"memory", 9500, 0.6, 0.05}}

// goods fills the order.
func (t *town) goods(f *risk.Facts, dear float64) {
	x, b := t.dice.Float64(), baskets[0]
	for _, b = range baskets {
		if x -= b.share; x < 0 {
			break
		}
	}
	f.Amount = max(300, int64(dear*b.median*math.Exp(b.spread*t.dice.NormFloat64())))
	f.Amount = f.Amount/100*100 + []int64{0, 90, 99, 50}[t.dice.IntN(4)]
	f.Order.Items = []risk.Item{{SKU: b.category + "-1", Name: b.category, Category: b.category, Quantity: 1, UnitAmount: f.Amount}}
}
