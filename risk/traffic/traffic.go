package traffic

import (
	"container/heap"
	"hash/fnv"
	"iter"
	"math/rand/v2"
	"time"

	"octroi/risk"
)

// Honest is the scenario of ordinary trade; every other one is an attack.
const Honest = "honest"

// Options say what to make up. The zero value of a field takes its default.
type Options struct {
	Start        time.Time // of the warm-up; 1 September 2026 unless said otherwise
	Warm         int       // days that only fill the histories; none unless said otherwise
	Days         int       // days that count, after them; 30
	OrdersPerDay int       // honest baskets a day, retries not counted; 1,000
	Mix          Mix       // of honest trade; DefaultMix
	Attacks      []Attack  // none unless said otherwise; see Attacks
	Cards        int       // the longest list of a card test; longer ones are cut, at the same pace; Cards50k
	Shop         string    // "demo"
}

func (o Options) withDefaults() Options {
	if o.Start.IsZero() {
		o.Start = time.Date(2026, 9, 1, 0, 0, 0, 0, time.UTC)
	}
	if o.Days <= 0 {
		o.Days = 30
	}
	if o.OrdersPerDay <= 0 {
		o.OrdersPerDay = 1000
	}
	if o.Cards <= 0 {
		o.Cards = Cards50k
	}
	if o.Mix == (Mix{}) {
		o.Mix = DefaultMix()
	}
	if o.Shop == "" {
		o.Shop = "demo"
	}
	return o
}

// Item is one thing that happened: an order, or what later became of one.
type Item struct {
	At       time.Time
	Scenario string // Honest, or the name of an attack
	Warm     bool   // of the warm-up: fills the histories and is not counted
	// Kind is EventAttempt for an order. Any other kind is what became of the order that Facts are of, if it was paid
	// and delivered: captured, refunded, claim, chargeback, fraud report.
	Kind  risk.EventKind
	Facts risk.Facts
	// Answer is what the issuer says when it is asked: a refusal code, or "" for an authorisation.
	Answer string
	// Holder: who orders is who owns the card, and so passes an authentication and proves ownership when asked.
	Holder bool
	// Disputed: the order is fraud or abuse, and its money is lost when it is delivered.
	Disputed bool
	// Last is set on the last item of an order.
	Last bool
}

// order is an order with all that will become of it.
type order struct {
	Item
	later []later
}

// later is what becomes of an order some time after it.
type later struct {
	after time.Duration
	kind  risk.EventKind
}

// Generator makes up traffic. Its memory is bounded by the customers of the shop, which Mix bounds, and by the events
// still to come. It is not safe for concurrent use.
type Generator struct {
	seed    uint64
	options Options
}

// New makes a generator: the same seed and options give the same items.
func New(seed uint64, o Options) *Generator {
	return &Generator{seed: seed, options: o.withDefaults()}
}

// Items gives the traffic in order of time, from the start each time it is ranged over. Each scenario draws from its own
// dice, so adding one does not change the others.
func (g *Generator) Items() iter.Seq[Item] {
	return func(yield func(Item) bool) {
		m := &merge{}
		defer m.stop()
		m.add(g.stage(Honest), honest)
		for _, a := range g.options.Attacks {
			m.add(g.stage(a.Name), a.play)
		}
		for it, ok := m.next(); ok; it, ok = m.next() {
			if !yield(it) {
				return
			}
		}
	}
}

// stage is what one scenario is played on: its own dice and people, and its times.
type stage struct {
	*town
	options  Options
	scenario string
	start    time.Time // of the warm-up
	from, to time.Time // what counts
	made     int       // orders so far, for their ids
}

func (g *Generator) stage(scenario string) *stage {
	h := fnv.New64a()
	_, _ = h.Write([]byte(scenario))
	o := g.options
	from := o.Start.Add(time.Duration(o.Warm) * 24 * time.Hour)
	return &stage{town: newTown(rand.New(rand.NewPCG(g.seed, h.Sum64())), scenario), options: o, scenario: scenario,
		start: o.Start, from: from, to: from.Add(time.Duration(o.Days) * 24 * time.Hour)}
}

// script plays a scenario: it yields orders in order of time.
type script func(s *stage, yield func(order) bool)

// merge brings the scenarios and what becomes of their orders into one order of time.
type merge struct {
	sources []source
	queue   queue
	count   int
}

type source struct {
	next func() (order, bool)
	stop func()
}

func (m *merge) add(s *stage, play script) {
	next, stop := iter.Pull(func(yield func(order) bool) { play(s, yield) })
	m.sources = append(m.sources, source{next, stop})
	m.draw(len(m.sources) - 1)
}

// draw queues the next order of a source.
func (m *merge) draw(source int) {
	if o, ok := m.sources[source].next(); ok {
		m.push(&pending{order: o, source: source})
	}
}

func (m *merge) push(p *pending) {
	m.count++
	p.number = m.count
	heap.Push(&m.queue, p)
}

func (m *merge) next() (Item, bool) {
	if len(m.queue) == 0 {
		return Item{}, false
	}
	p := heap.Pop(&m.queue).(*pending)
	if p.source >= 0 {
		m.draw(p.source)
	}
	it, rest := p.order.Item, p.order.later
	it.Last = len(rest) == 0
	if len(rest) > 0 {
		p.order.At = it.Facts.At.Add(rest[0].after)
		p.order.Kind, p.order.later, p.source = rest[0].kind, rest[1:], -1
		m.push(p)
	}
	return it, true
}

func (m *merge) stop() {
	for _, s := range m.sources {
		s.stop()
	}
}

// pending is an item to come; source is -1 unless it is a source's next order.
type pending struct {
	order
	source int
	number int // keeps items of one time in the order they were made
}

type queue []*pending

// Len is how many items are waiting.
func (q queue) Len() int { return len(q) }

// Less puts the earlier item first, and of two at one time the one made first.
func (q queue) Less(i, j int) bool {
	if !q[i].At.Equal(q[j].At) {
		return q[i].At.Before(q[j].At)
	}
	return q[i].number < q[j].number
}

// Swap exchanges two items.
func (q queue) Swap(i, j int) { q[i], q[j] = q[j], q[i] }

// Push is for container/heap alone.
func (q *queue) Push(x any) { *q = append(*q, x.(*pending)) }

// Pop is for container/heap alone.
func (q *queue) Pop() any {
	old := *q
	p := old[len(old)-1]
	old[len(old)-1] = nil
	*q = old[:len(old)-1]
	return p
}
