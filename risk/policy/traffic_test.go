package policy

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"octroi/risk"
)

// shop is honest trade made up from a seed: its shares are those of a French shop that sells parts and gifts, as far
// as such figures are public. Two orders in three come from somebody who bought before.
type shop struct {
	dice   *rand.Rand
	seen   map[owner][]risk.Record
	people int
}

// owner is one value of one entity.
type owner struct {
	e risk.Entity
	k string
}

var towns = []risk.Address{
	{Lines: []string{"12 bd Saint-Michel"}, PostalCode: "75006", City: "Paris", Country: "FR"},
	{Lines: []string{"4 rue de Rome"}, PostalCode: "13001", City: "Marseille", Country: "FR"},
	{Lines: []string{"2 rue Nationale"}, PostalCode: "59000", City: "Lille", Country: "FR"},
	{Lines: []string{"8 quai de la Fosse"}, PostalCode: "44000", City: "Nantes", Country: "FR"},
}

func (s *shop) share(percent float64) bool { return s.dice.Float64()*100 < percent }

// order is the next honest order: most go home, many to a pick-up point, few to another town.
func (s *shop) order(n int) risk.Facts {
	who := s.people
	if s.people > 0 && s.share(67) {
		who = s.dice.IntN(s.people)
	} else {
		s.people++
	}
	home := towns[who%len(towns)]
	home.Lines = []string{fmt.Sprintf("%d rue Voltaire", who+1)}
	f := risk.Facts{ID: fmt.Sprintf("o%d", n), At: noon.Add(time.Duration(n) * 17 * time.Minute), Shop: "demo", Currency: "EUR",
		Amount:  1000 + int64(s.dice.ExpFloat64()*9000),
		Card:    risk.Card{Fingerprint: fmt.Sprintf("c%d", who), BIN: fmt.Sprintf("4%07d", who%40), IssuerCountry: "FR"},
		Billing: risk.Party{Name: fmt.Sprintf("Camille Durand%d", who), Address: home},
		Buyer: risk.Buyer{Email: fmt.Sprintf("camille%d@example.org", who), DeviceID: fmt.Sprintf("d%d", who),
			IP: fmt.Sprintf("198.51.%d.%d", who/250%250, who%250), IPCountry: "FR"}}
	if s.share(30) { // a mobile network, its address shared by all who come from it
		f.Buyer.IP = fmt.Sprintf("203.0.113.%d", s.dice.IntN(4))
	}
	if s.share(3) {
		f.Card.IssuerCountry = "BE"
	}
	f.Delivery = risk.Delivery{Method: "home", Recipient: f.Billing.Name, Address: home}
	s.deliver(&f, who)
	return f
}

func (s *shop) deliver(f *risk.Facts, who int) {
	switch x := s.dice.Float64() * 100; {
	case x < 25:
		f.Delivery.Method = "pickup_point"
		f.Delivery.Address = risk.Address{Lines: []string{"Relais de la Gare"}, PostalCode: "69003", City: "Lyon", Country: "FR"}
	case x < 31:
		f.Delivery.Address.Lines = []string{fmt.Sprintf("%d rue du Travail", who%9+1)}
	case x < 33.5: // the parents, always the same
		f.Delivery.Address = towns[(who+1)%len(towns)]
		f.Delivery.Address.Lines = []string{fmt.Sprintf("%d rue des Parents", who+1)}
		f.Delivery.Recipient = fmt.Sprintf("Dominique Durand%d", who)
	}
}

func (s *shop) past(f risk.Facts) []risk.Record {
	var out []risk.Record
	type event struct {
		id   string
		kind risk.EventKind
	}
	told := map[event]bool{}
	for e, k := range f.Keys() {
		for _, r := range s.seen[owner{risk.Entity(e), k}] {
			if id := (event{r.ID, r.Kind}); k != "" && !told[id] && f.At.Sub(r.At) < 40*24*time.Hour {
				told[id] = true
				out = append(out, r)
			}
		}
	}
	return out
}

func (s *shop) record(f risk.Facts, kind risk.EventKind, code string) {
	r := f.Attempt()
	r.Kind, r.Code = kind, code
	for e, k := range r.Keys {
		if k != "" && risk.Entity(e) != risk.EntityEmailDomain && risk.Entity(e) != risk.EntityIPNetwork {
			o := owner{risk.Entity(e), k}
			s.seen[o] = append(s.seen[o], r)
		}
	}
}

func TestHonestTrafficIsSeldomStopped(t *testing.T) {
	p := Default()
	s := &shop{dice: rand.New(rand.NewPCG(7, 11)), seen: map[owner][]risk.Record{}}
	got := map[risk.Outcome]int{}
	const warm, orders = 500, 2000
	for n := range warm + orders {
		f := s.order(n)
		d := p.Decide(f, recall(f, s.past(f)), nil)
		s.record(f, risk.EventAttempt, "")
		if s.share(5) { // a slip or an empty account, and the retry
			s.record(f, risk.EventRefused, []string{"expiry_incorrect", "insufficient_funds", "cvc_incorrect"}[s.dice.IntN(3)])
			f.ID, f.At = f.ID+"r", f.At.Add(time.Minute)
			d = p.Decide(f, recall(f, s.past(f)), nil)
			s.record(f, risk.EventAttempt, "")
		}
		s.record(f, risk.EventAuthorised, "")
		if n >= warm {
			got[d.Outcome]++
		}
	}
	for outcome, most := range map[risk.Outcome]float64{risk.Decline: 0.001, risk.Hold: 0.01, risk.Challenge: 0.05} {
		if share := float64(got[outcome]) / orders; share > most {
			t.Errorf("%s: %.2f %% of honest orders, at most %.1f %%", outcome, 100*share, 100*most)
		}
	}
	t.Logf("of %d honest orders: %v", orders, got)
}
