package velocity

import (
	"encoding/binary"

	"octroi/risk"
)

// shelf keeps what the attempts of a Memory say beside their time: one record for all the lists that hold the attempt.
// Places are used again when the last of those lists has let go.
type shelf struct {
	boxes[detail]
	// seen tells, for the number of a list, the latest count in which it was seen; counts is how many there were.
	seen   []uint32
	counts uint32
}

// detail is one attempt.
type detail struct {
	amount   int64
	entities [risk.EntityCount]uint32 // the numbers of their lists; 0 for those not named
	currency uint16
	lists    uint8 // that hold it
}

// begin begins to count different numbers.
func (s *shelf) begin() {
	if s.counts++; s.counts == 0 { // every number of a count was used: no trace of the others may be left
		clear(s.seen)
		s.counts = 1
	}
}

// first reports whether the number was not seen since begin.
func (s *shelf) first(number uint32) bool {
	if int(number) >= len(s.seen) {
		s.seen = append(s.seen, make([]uint32, int(number)+1-len(s.seen))...)
	}
	first := s.seen[number] != s.counts
	s.seen[number] = s.counts
	return first
}

// release is called by each list that lets go of events.
func (s *shelf) release(events []event) {
	for i := range events {
		if e := &events[i]; e.kind == byte(risk.EventAttempt) {
			d := s.at(e.place)
			if d.lists--; d.lists == 0 {
				s.give(e.place)
			}
		}
	}
}

// write gives the events in sight as a list of Redis has them, numbers in the place of hashes.
func (x *index) write() string {
	var b []byte
	if x.cut {
		b = appendCut(b, x.latest, x.first)
	}
	for i := int(x.from); i < len(x.events); i++ {
		e := &x.events[i]
		start := len(b)
		b = appendHead(b, e.kind, e.code, e.at, x.orders[e.order].id)
		if e.kind == byte(risk.EventAttempt) {
			b = x.shelf.at(e.place).append(b)
		}
		b[start] = byte(len(b) - start)
	}
	return string(b)
}

// append adds the rest of an attempt's record.
func (d *detail) append(b []byte) []byte {
	mask := uint16(0)
	for e, n := range d.entities {
		if n != 0 {
			mask |= 1 << e
		}
	}
	b = appendUint(b, uint64(d.amount), 5)
	b = binary.BigEndian.AppendUint16(b, d.currency)
	b = binary.BigEndian.AppendUint16(b, mask)
	for _, n := range d.entities {
		if n != 0 {
			b = appendUint(b, uint64(n), shortSize)
		}
	}
	return b
}

// size is how many bytes the record of an attempt has in a list.
func (d *detail) size() int32 {
	n := int32(attemptSize)
	for _, number := range d.entities {
		if number != 0 {
			n += shortSize
		}
	}
	return n
}
