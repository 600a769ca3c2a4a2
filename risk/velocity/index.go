package velocity

import "octroi/risk"

// event is one record of a list.
type event struct {
	at      int64 // as stored: it may be later than the order that asks, and then counts as now
	order   int32 // its place among the orders
	sibling int32 // an earlier event of the same order; -1 ends
	place   int32 // where the rest of an attempt is: in the list, or on the shelf of a Memory
	code    uint16
	kind    uint8
	marks   uint8
}

const (
	// markOther: the order has an earlier event of this kind, with another code.
	markOther = 1 << iota
	// markAgain: the event was there before; it counts for nothing while the first delivery is in the list.
	markAgain
)

// order is all that a list knows of one order.
type order struct {
	id      uint64
	attempt int32 // its first attempt in events; -1 when the list does not hold it
	head    int32 // the latest of its events to arrive, which leads to the others; -1 for none
}

// cutMark is what a shortened list remembers of what was dropped.
type cutMark struct {
	cut    bool
	latest int64 // the latest time that was dropped
	first  int64 // the first attempt that was dropped; neverMs for none
}

// pages are the events of a list, gathered by order, both in order of arrival.
type pages struct {
	events []event
	orders []order
	kinds  uint16 // bit k: an event of kind k was added
	again  bool   // some event is marked so, or is the second attempt of its order
	// Times that go back: of events as they arrived, of orders as they were made. Clocks run apart and retries overtake.
	eventsBack, ordersBack bool
}

// The bits of pages.kinds; this does not compile when package risk declares more kinds.
var _ [16 - risk.EventKindCount]struct{}

// index is a list read for folding.
type index struct {
	pages
	cutMark
	from  int32  // the first event that is in sight
	list  string // where the details of attempts are, unless a shelf has them
	shelf *shelf
	// censuses save walks; nil where the index is asked by several at once.
	censuses *censuses
}

// build reads a list. An event is known by (order, kind, code): of several, the one that was stored first counts.
func build(list string) *index {
	x := &index{list: list, cutMark: cutMark{first: neverMs}}
	n := len(list)/headSize + 1
	if n > 64 {
		n = len(list)/64 + 8 // mostly attempts; the slices grow when not
	}
	x.events, x.orders = make([]event, 0, n), make([]order, 0, n)
	seen := newTable(n)
	for rest := list; rest != ""; {
		place := len(list) - len(rest)
		var r record
		r, rest = next(rest)
		if r.kind == kindCut {
			x.cut, x.latest, x.first = true, max(x.latest, r.at), min(x.first, int64(r.id))
			continue
		}
		o, known := seen.find(r.id, x.orders)
		if !known {
			o = x.begin(r.id)
			seen.put(r.id, o, x.orders)
		}
		x.add(event{at: r.at, order: o, place: int32(place), kind: r.kind, code: r.code}, 0)
	}
	return x
}

// begin adds an order of which nothing is known yet.
func (x *pages) begin(id uint64) int32 {
	x.orders = append(x.orders, order{id: id, attempt: -1, head: -1})
	return int32(len(x.orders) - 1)
}

// add takes in the next event of an order, and reports whether it is there already. What stands before the front is not.
func (x *pages) add(e event, front int32) (again bool) {
	o, j := &x.orders[e.order], int32(len(x.events))
	if j > 0 && e.at < x.events[j-1].at {
		x.eventsBack, x.ordersBack = true, true
	}
	e.sibling = -1
	for i := o.head; i >= front && i >= 0; i = x.events[i].sibling {
		if s := &x.events[i]; s.kind == e.kind && s.code == e.code {
			e.marks, x.again = markAgain, true
			x.events = append(x.events, e)
			return true
		} else if s.kind == e.kind {
			e.marks |= markOther
			x.again = x.again || e.kind == byte(risk.EventAttempt)
		}
	}
	if e.kind == byte(risk.EventAttempt) && o.attempt < front {
		x.ordersBack = x.ordersBack || o.head >= 0 // made later than where it stands
		o.attempt = j
	}
	e.sibling, o.head = o.head, j
	x.kinds |= 1 << e.kind
	x.events = append(x.events, e)
	return false
}

// within gives the events from a place on, by themselves: what was there before counts once the first is out of sight.
func (x *pages) within(from int32) pages {
	out := pages{events: make([]event, 0, len(x.events)-int(from)), orders: make([]order, 0, len(x.orders))}
	places := make([]int32, len(x.orders)) // of an order, plus one
	for _, e := range x.events[from:] {
		o := &places[e.order]
		if *o == 0 {
			*o = out.begin(x.orders[e.order].id) + 1
		}
		out.add(event{at: e.at, order: *o - 1, place: e.place, kind: e.kind, code: e.code}, 0)
	}
	return out
}

// details are what an attempt says beside its time.
func (x *index) details(e *event) (amount int64, currency uint16) {
	if x.shelf != nil {
		a := x.shelf.at(e.place)
		return a.amount, a.currency
	}
	list := x.list[e.place:]
	return int64(readUint(list[18:23])), uint16(readUint(list[23:25]))
}

// table finds an order by its ID, which is a keyed hash already: open addressing, half full at most.
type table struct{ slots []int32 }

func newTable(n int) *table {
	size := 16
	for size < 2*n {
		size *= 2
	}
	return &table{slots: make([]int32, size)}
}

func (t *table) find(id uint64, orders []order) (int32, bool) {
	for i := int(id) & (len(t.slots) - 1); t.slots[i] != 0; i = (i + 1) & (len(t.slots) - 1) {
		if o := t.slots[i] - 1; orders[o].id == id {
			return o, true
		}
	}
	return 0, false
}

func (t *table) put(id uint64, o int32, orders []order) {
	if 2*len(orders) > len(t.slots) {
		grown := newTable(len(t.slots))
		for i := range orders {
			grown.set(orders[i].id, int32(i))
		}
		t.slots = grown.slots
		return
	}
	t.set(id, o)
}

func (t *table) set(id uint64, o int32) {
	i := int(id) & (len(t.slots) - 1)
	for t.slots[i] != 0 {
		i = (i + 1) & (len(t.slots) - 1)
	}
	t.slots[i] = o + 1
}
