package velocity

import (
	"bytes"

	"octroi/risk"
)

// kept is one list of a Memory: read for folding as it grows, and shortened at its front. It holds what a list of Redis
// holds, event for event; a test holds them together.
type kept struct {
	pages
	mark     *cutMark // nil while nothing was dropped
	last     int64    // latest time of any of its records
	front    int32    // the first event that the list holds; those before it are on their way out
	attempts int32    // orders whose attempts it holds
	size     int32    // bytes that Redis would need
	number   uint32   // of the list among all of the Memory
	tags     []byte   // a byte of each order's ID, once there are many; see find
	// room is where the events and the order of an entity stand that buys once: most do, and need no memory beside this.
	room  [usualEvents]event
	first [1]order
	// roomy tells how many are in room and in first while the list is closed.
	roomy struct{ events, orders uint8 }
}

// usualEvents are those of an order that is paid: most entities never see another.
const usualEvents = 3

// open makes the list ready to be read and added to.
func (k *kept) open() {
	if k.events == nil {
		k.events = k.room[:k.roomy.events]
	}
	if k.orders == nil {
		k.orders = k.first[:k.roomy.orders]
	}
}

// close leaves no pointers where there is no memory beside the list: there are millions of such lists, and the garbage
// collector would follow them all.
func (k *kept) close() {
	if n := len(k.events); n <= len(k.room) {
		copy(k.room[:], k.events)
		k.roomy.events, k.events = uint8(n), nil
	}
	if n := len(k.orders); n <= len(k.first) {
		copy(k.first[:], k.orders)
		k.roomy.orders, k.orders = uint8(n), nil
	}
}

// empty makes it a new list.
func (k *kept) empty(on *shelf) {
	k.open()
	on.release(k.events)
	*k = kept{number: k.number}
}

// append adds a record, and reports whether it was there before.
func (k *kept) append(r *record, place int32, on *shelf) bool {
	o := k.find(r.id)
	if o < 0 {
		o = k.begin(r.id)
		k.tag()
	}
	k.last = max(k.last, r.at)
	k.size += headSize
	known := k.orders[o].attempt >= k.front
	again := k.add(event{at: r.at, order: o, place: place, kind: r.kind, code: r.code}, k.front)
	if r.kind == byte(risk.EventAttempt) {
		k.size += on.at(place).size() - headSize
		if !known {
			k.attempts++
		}
	}
	return again
}

// fewOrders are looked through without tags.
const fewOrders = 16

// tag notes the tags of the orders that have none.
func (k *kept) tag() {
	if len(k.orders) <= fewOrders {
		return
	}
	for i := len(k.tags); i < len(k.orders); i++ {
		k.tags = append(k.tags, byte(k.orders[i].id>>32))
	}
}

// find gives an order's place; -1 when the list does not know it. What happens, happens mostly to the latest; most others
// are new, which the tags tell at a glance.
func (k *kept) find(id uint64) int32 {
	untagged := max(0, len(k.orders)-fewOrders)
	for i := len(k.orders) - 1; i >= untagged; i-- {
		if k.orders[i].id == id {
			return int32(i)
		}
	}
	for from := 0; from < untagged; from++ {
		i := bytes.IndexByte(k.tags[from:untagged], byte(id>>32))
		if i < 0 {
			break
		}
		if from += i; k.orders[from].id == id {
			return int32(from)
		}
	}
	return -1
}

// shorten drops records from the front until the list is within its limits, as limits.cut does.
func (k *kept) shorten(l limits, on *shelf) {
	before := k.front
	for int(k.front) < len(k.events) {
		e := &k.events[k.front]
		if int(k.attempts) <= l.cap && int(k.size) <= l.most && e.at >= l.cutoff {
			break
		}
		if k.mark == nil {
			k.mark = &cutMark{first: neverMs}
		}
		k.mark.drop(e)
		k.size -= headSize
		if e.kind == byte(risk.EventAttempt) {
			k.size -= on.at(e.place).size() - headSize
			if !k.attempted(e.order, k.front+1) {
				k.attempts--
			}
		}
		k.front++
	}
	if k.front > before && (k.again || int(k.front) > len(k.events)/2) {
		on.release(k.events[:k.front])
		k.pages, k.front = k.within(k.front), 0
		k.tags = k.tags[:0]
		k.tag()
	}
}

// attempted reports whether an attempt of the order is among the events from a place on.
func (k *kept) attempted(o, from int32) bool {
	if !k.again {
		return k.orders[o].attempt >= from
	}
	for i := from; int(i) < len(k.events); i++ {
		if e := &k.events[i]; e.order == o && e.kind == byte(risk.EventAttempt) {
			return true
		}
	}
	return false
}

// view brings the list in sight without what is past its retention, which stays until the next order that is due.
func (k *kept) view(x *index, l limits, on *shelf) {
	x.pages, x.cutMark, x.from, x.shelf = k.pages, cutMark{first: neverMs}, k.front, on
	x.censuses.taken = 0
	if k.mark != nil {
		x.cutMark = *k.mark
	}
	for int(x.from) < len(x.events) && x.events[x.from].at < l.cutoff {
		x.drop(&x.events[x.from])
		x.from++
	}
	if x.again && x.from > k.front {
		x.pages, x.from = x.within(x.from), 0
	}
}

// drop notes an event that is dropped from the front.
func (m *cutMark) drop(e *event) {
	m.cut, m.latest = true, max(m.latest, e.at)
	if e.kind == byte(risk.EventAttempt) {
		m.first = min(m.first, e.at)
	}
}
