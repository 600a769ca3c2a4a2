package velocity

import (
	"fmt"
	"hash/maphash"
	"strings"
	"time"

	"octroi/risk"
)

// Memory keeps the very same histories as a Store in the process itself: for backtests, which feed it past orders in
// order of time. Lists are kept as they are folded (see kept.go), so that an order costs what it adds and not what was
// there before. Its size is bounded by the entities seen within one retention. It is not safe for concurrent use.
type Memory struct {
	caps      Caps
	retention time.Duration
	namer     *namer
	seed      maphash.Seed // of the names of entities
	shops     map[string]*books
	lists     boxes[kept]
	shelf     shelf
	numbers   uint32 // of lists, ever
	tallies   []risk.Tally
	bounded   bool        // Tallies was called: only those are counted and read
	plans     [2][]series // to be read at each order, without and with a country
	happened  []wanted
	latest    int64 // the latest time of any record
	sweeps    int64 // the time from which there may be something to sweep; 0 before the first record

	recent recent

	given Histories // of the latest attempt
	sight [risk.EntityCount]index
	seen  [risk.EntityCount]*index
	asked [risk.EntityCount]censuses // of what is in sight
}

// books are what is kept of one shop. An entity goes by a keyed hash of its value, as an order does by that of its ID: of
// ten million cards two would meet once in three hundred thousand backtests.
type books struct {
	lists [risk.EntityCount]map[uint64]int32 // the place of an entity's list
	spans map[spanKey]*[perSpan]uint32
}

// sweepsPerRetention is how often in a retention the silent entities are let go.
const sweepsPerRetention = 16

// NewMemory makes an empty one; zero caps and retention take the defaults of a Store.
func NewMemory(caps Caps, retention time.Duration) *Memory {
	if retention <= 0 {
		retention = DefaultRetention
	}
	n, _ := newNamer(make([]byte, secretSize)) // the names never leave the process
	m := &Memory{caps: caps.withDefaults(), retention: retention, namer: n, seed: maphash.MakeSeed(), shops: map[string]*books{}}
	for e := range m.sight {
		m.sight[e].censuses = &m.asked[e]
	}
	return m
}

// Observe appends the attempt and gives the histories of its entities, as Store.Observe does. They are good until the
// next record, and unavailable from then on.
func (m *Memory) Observe(shop string, rec risk.Record) (*Histories, error) {
	if rec.Kind != risk.EventAttempt {
		return Unavailable(), fmt.Errorf("%w: only an attempt is observed, not %s", ErrInvalid, rec.Kind)
	}
	if err := check(&rec); err != nil {
		return Unavailable(), err
	}
	b := m.of(shop)
	h := &m.given
	again := m.add(b, shop, &rec, true)
	h.available, h.now, h.currency, h.memory = true, rec.At.UnixMilli(), currencyBits(rec.Currency), &m.seen
	if !again {
		m.count(b, &rec)
	}
	h.counts, h.whole = m.read(b, &rec), !m.bounded
	return h, nil
}

// Append adds events, as Store.Append does.
func (m *Memory) Append(shop string, recs ...risk.Record) error {
	b := m.of(shop)
	for i := range recs {
		if err := check(&recs[i]); err != nil {
			return err
		}
		m.add(b, shop, &recs[i], false)
		m.count(b, &recs[i])
	}
	return nil
}

// of gives the shop's books.
func (m *Memory) of(shop string) *books {
	b := m.shops[shop]
	if b == nil {
		b = &books{spans: map[spanKey]*[perSpan]uint32{}}
		for e := range b.lists {
			b.lists[e] = map[uint64]int32{}
		}
		m.shops[strings.Clone(shop)] = b
	}
	return b
}

// add appends a record to its lists, and brings them in sight if asked; it then tells whether the attempt was there
// before.
func (m *Memory) add(b *books, shop string, rec *risk.Record, read bool) (again bool) {
	own := record{kind: byte(rec.Kind), code: codeHash(rec.Code), at: rec.At.UnixMilli()}
	m.sweep(own.at)
	m.given.available = false
	lists, named := m.order(b, shop, rec)
	own.id = m.recent.number
	place := m.store(rec, lists, named)
	for e, k := range lists {
		m.seen[e] = nil
		if k == nil {
			continue
		}
		k.open()
		again = k.append(&own, place, &m.shelf) || again
		l := limitsFor(own, m.caps[e], m.retention)
		if l.due {
			k.shorten(l, &m.shelf)
		}
		if read {
			k.view(&m.sight[e], l, &m.shelf)
			m.seen[e] = &m.sight[e]
		}
		k.close()
	}
	m.given.id = own.id
	return again && read && m.repeated()
}

// recent is the order of the latest record: what comes of an order mostly follows it at once.
type recent struct {
	books  *books
	id     string
	at     int64
	keys   [risk.EntityCount]string
	number uint64 // keyed hash of the ID
	lists  [risk.EntityCount]*kept
	named  int
}

// order makes the record's order the recent one, and gives its lists, and how many there are.
func (m *Memory) order(b *books, shop string, rec *risk.Record) (*[risk.EntityCount]*kept, int) {
	r, at := &m.recent, rec.At.UnixMilli()
	if r.books == b && r.id == rec.ID && r.keys == rec.Keys && at-r.at < m.retention.Milliseconds() {
		return &r.lists, r.named
	}
	*r = recent{books: b, id: rec.ID, at: at, keys: rec.Keys, number: m.namer.order(shop, rec.ID)}
	for e, value := range rec.Keys {
		if value != "" {
			r.lists[e] = m.kept(b, risk.Entity(e), value, at)
			r.named++
		}
	}
	return &r.lists, r.named
}

// store puts the details of an attempt on the shelf.
func (m *Memory) store(rec *risk.Record, lists *[risk.EntityCount]*kept, named int) int32 {
	if rec.Kind != risk.EventAttempt || named == 0 {
		return -1
	}
	place, d := m.shelf.take()
	d.amount, d.currency, d.lists = rec.Amount, currencyBits(rec.Currency), uint8(named)
	for e, k := range lists {
		if k != nil {
			d.entities[e] = k.number
		}
	}
	return place
}

// kept is the list of an entity, empty when it is new or was silent for too long.
func (m *Memory) kept(b *books, e risk.Entity, value string, now int64) *kept {
	name := maphash.String(m.seed, value)
	place, known := b.lists[e][name]
	if !known {
		m.numbers++
		place, k := m.lists.take()
		k.number = m.numbers
		b.lists[e][name] = place
		return k
	}
	k := m.lists.at(place)
	if k.last < now-m.retention.Milliseconds() { // in Redis the key would have expired
		k.empty(&m.shelf)
	}
	return k
}

// repeated reports whether the order's attempt stood in its histories before, told as a Store tells it.
func (m *Memory) repeated() bool {
	var lists [risk.EntityCount]string
	for e, x := range m.seen {
		if x != nil {
			lists[e] = x.write()
		}
	}
	return repeated(m.given.id, &lists)
}

// sweep lets go of entities that were silent for the retention.
func (m *Memory) sweep(now int64) {
	m.latest = max(m.latest, now)
	retention := m.retention.Milliseconds()
	if m.sweeps == 0 {
		m.sweeps = now + retention // nothing is silent for a retention before
	}
	if m.latest < m.sweeps {
		return
	}
	m.sweeps, m.recent = m.latest+retention/sweepsPerRetention, recent{}
	for _, b := range m.shops {
		b.sweepSpans(m.latest)
		for _, lists := range b.lists {
			for name, place := range lists {
				if k := m.lists.at(place); k.last < m.latest-retention {
					k.empty(&m.shelf)
					m.lists.give(place)
					delete(lists, name)
				}
			}
		}
	}
}

// Build is the history of one order from the records that came before it, in their order of arrival: what Observe
// would have given. All of them are one shop's. Records that cannot be stored are an error.
func Build(now risk.Record, past []risk.Record) (*Histories, error) {
	m := NewMemory(Caps{}, 0)
	if err := m.Append("", past...); err != nil {
		return Unavailable(), err
	}
	return m.Observe("", now)
}
