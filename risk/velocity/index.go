package velocity

import (
	"strings"

	"octroi/risk"
)

// event is one record of a list, once.
type event struct {
	at       int64 // never after the order that asks
	amount   int64
	shorts   int32 // where they begin in the list
	sibling  int32 // another event of the same order in the index; -1 ends
	code     uint16
	currency uint16
	mask     uint16
	kind     uint8
}

// order is all that a list knows of one order.
type order struct {
	id      uint64
	attempt int32 // its first attempt in events; -1 when the list does not hold it
	head    int32 // one of its events; the others are its siblings
}

// index is a list read for folding: each event once, gathered by order, both in order of arrival.
type index struct {
	list   string
	events []event
	orders []order
	cut    bool  // the list was shortened
	latest int64 // the latest time that was dropped
	first  int64 // the first attempt that was dropped; neverMs for none
}

// build reads a list. An event is known by (order, kind, code): of several, the one that was stored first counts.
// Times after now count as now, see the package comment.
func build(list string, now int64) *index {
	x := &index{list: list, first: neverMs}
	n := len(list)/headSize + 1
	if strings.HasPrefix(list, "\x12\xff") || n > 64 {
		n = len(list)/64 + 8 // mostly attempts; the slice grows when not
	}
	x.events, x.orders = make([]event, 0, n), make([]order, 0, n)
	seen := newTable(n)
	for list != "" {
		var r record
		r, list = next(list)
		if r.kind == kindCut {
			x.cut, x.latest, x.first = true, max(x.latest, r.at), min(x.first, int64(r.id))
			continue
		}
		r.at = min(r.at, now)
		x.add(&r, int32(len(x.list)-len(list)-len(r.shorts)), seen)
	}
	return x
}

// add takes in a record whose short hashes begin at that place in the list.
func (x *index) add(r *record, shorts int32, seen *table) {
	i, known := seen.find(r.id, x.orders)
	if !known {
		i = int32(len(x.orders))
		x.orders = append(x.orders, order{id: r.id, attempt: -1, head: -1})
		seen.put(r.id, i, x.orders)
	}
	o := &x.orders[i]
	for j := o.head; j >= 0; j = x.events[j].sibling {
		if x.events[j].kind == r.kind && x.events[j].code == r.code {
			return
		}
	}
	j := int32(len(x.events))
	x.events = append(x.events, event{kind: r.kind, code: r.code, at: r.at, sibling: o.head, currency: r.currency,
		mask: r.mask, amount: r.amount, shorts: shorts})
	o.head = j
	if r.kind == byte(risk.EventAttempt) && o.attempt < 0 {
		o.attempt = j
	}
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
