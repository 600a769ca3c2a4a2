package velocity

import (
	"encoding/binary"
	"errors"
	"math"
	"math/bits"

	"octroi/risk"
)

// Histories are written down with the decision made from them. The form is small because the same few attempts stand
// in many of an order's lists: each record is written once, and hashes, of which the folds only ask whether two are
// equal, become small numbers. So nothing in a recording leads back to Redis or from one recording to another.
//
//	version (1), available (0 or 1); nothing more when 0
//	time of the order, its currency, number of its ID
//	number of records; each: kind, code, time since the record before, then
//	    the first attempt dropped (cuts), or number of the ID, and for attempts amount, currency, mask, one number per entity
//	mask of the lists; each: number of records, then the distance from one record's number to the next
//	nothing more without counts; else 1 when series that are not here are 0 (0 when they were not read), number of series;
//	    each: entity, kind, code, width, number of buckets, the buckets, the latest first
//
// All numbers are varints, times and distances signed. Numbers are given out by first use, so that equal histories
// have equal recordings.
const recordingVersion = 1

// Bounds of a recording that Decode accepts: far above what the largest caps allow.
const (
	maxRecording = 8 << 20
	maxList      = maxCap * byteBound
	maxSeries    = 1000
)

// ErrRecording is what Decode answers to bytes that MarshalBinary did not write.
var ErrRecording = errors.New("velocity: not a recording of histories")

// writer numbers what it writes.
type writer struct {
	out     []byte
	last    int64
	records map[string]uint64
	ids     map[uint64]uint64
	shorts  map[uint64]uint64 // by short hash and entity
}

// MarshalBinary writes the histories down for Decode. It does not fail.
func (h *Histories) MarshalBinary() ([]byte, error) {
	if !h.available {
		return []byte{recordingVersion, 0}, nil
	}
	w := &writer{out: make([]byte, 0, 512),
		records: map[string]uint64{}, ids: map[uint64]uint64{}, shorts: map[uint64]uint64{}}
	var refs []byte
	mask := uint64(0)
	for e := range risk.EntityCount {
		if list := h.list(e); list != "" {
			mask |= 1 << e
			refs = w.list(refs, list)
		}
	}
	head := make([]byte, 0, len(w.out)+len(refs)+24)
	head = append(head, recordingVersion, 1)
	head = binary.AppendVarint(head, h.now)
	head = binary.AppendUvarint(head, uint64(h.currency))
	head = binary.AppendUvarint(head, number(w.ids, h.id))
	head = binary.AppendUvarint(head, uint64(len(w.records)))
	head = append(head, w.out...)
	return h.appendCounts(append(binary.AppendUvarint(head, mask), refs...)), nil
}

// appendCounts writes the counts, if there are any.
func (h *Histories) appendCounts(out []byte) []byte {
	if len(h.counts) == 0 {
		return out
	}
	whole := uint64(0)
	if h.whole {
		whole = 1
	}
	out = binary.AppendUvarint(out, whole)
	out = binary.AppendUvarint(out, uint64(len(h.counts)))
	for _, s := range h.counts {
		for _, v := range []uint64{uint64(s.entity), uint64(s.event.kind), uint64(s.event.code), uint64(s.width), uint64(len(s.buckets))} {
			out = binary.AppendUvarint(out, v)
		}
		for _, n := range s.buckets {
			out = binary.AppendUvarint(out, uint64(n))
		}
	}
	return out
}

// list writes the list's new records to w.out and gives refs with its numbers.
func (w *writer) list(refs []byte, list string) []byte {
	var numbers []byte
	count, last := uint64(0), int64(-1)
	for list != "" {
		r, rest := next(list)
		raw := list[:len(list)-len(rest)]
		n, known := w.records[raw]
		if !known {
			n = uint64(len(w.records))
			w.records[raw] = n
			w.record(&r)
		}
		numbers = binary.AppendVarint(numbers, int64(n)-last)
		last = int64(n)
		count++
		list = rest
	}
	return append(binary.AppendUvarint(refs, count), numbers...)
}

func (w *writer) record(r *record) {
	w.out = binary.AppendUvarint(w.out, uint64(r.kind))
	w.out = binary.AppendUvarint(w.out, uint64(r.code))
	w.out = binary.AppendVarint(w.out, r.at-w.last)
	w.last = r.at
	if r.kind == kindCut {
		w.out = binary.AppendUvarint(w.out, r.id)
		return
	}
	w.out = binary.AppendUvarint(w.out, number(w.ids, r.id))
	if r.kind != byte(risk.EventAttempt) {
		return
	}
	w.out = binary.AppendUvarint(w.out, uint64(r.amount))
	w.out = binary.AppendUvarint(w.out, uint64(r.currency))
	w.out = binary.AppendUvarint(w.out, uint64(r.mask))
	for e := range risk.Entity(16) {
		if v, ok := r.short(e); ok {
			w.out = binary.AppendUvarint(w.out, number(w.shorts, v<<4|uint64(e)))
		}
	}
}

// number gives the value its number, the next one when it is new.
func number(known map[uint64]uint64, v uint64) uint64 {
	n, ok := known[v]
	if !ok {
		n = uint64(len(known))
		known[v] = n
	}
	return n
}

// reader takes numbers off a recording; the first that is out of its bounds makes it bad for good.
type reader struct {
	in  []byte
	bad bool
}

// upTo reads a number from 0 to most.
func (r *reader) upTo(most uint64) uint64 {
	v, n := binary.Uvarint(r.in)
	if n <= 0 || v > most || r.bad {
		r.bad = true
		return 0
	}
	r.in = r.in[n:]
	return v
}

// step reads a signed distance from last; the result lies from 0 to most.
func (r *reader) step(last, most int64) int64 {
	v, n := binary.Varint(r.in)
	if n <= 0 || v > most-last || v < -last || r.bad {
		r.bad = true
		return 0
	}
	r.in = r.in[n:]
	return last + v
}

// Decode reads histories that MarshalBinary wrote. Every fold of theirs is equal, bit for bit, to the same fold of the
// original. Anything else gives ErrRecording.
func Decode(recording []byte) (*Histories, error) {
	if len(recording) == 2 && recording[0] == recordingVersion && recording[1] == 0 {
		return Unavailable(), nil
	}
	if len(recording) < 2 || len(recording) > maxRecording || recording[0] != recordingVersion || recording[1] != 1 {
		return nil, ErrRecording
	}
	r := &reader{in: recording[2:]}
	h := &Histories{available: true}
	h.now = r.step(0, maxTime)
	h.currency = uint16(r.upTo(1<<16 - 1))
	h.id = r.upTo(maxRecording)
	records := make([]string, 0, 32)
	last := int64(0)
	for n := r.upTo(uint64(len(r.in))); n > 0 && !r.bad; n-- {
		records = append(records, r.record(&last))
	}
	mask := r.upTo(1<<risk.EntityCount - 1)
	for e := range h.lists {
		if mask&(1<<e) != 0 {
			h.lists[e] = r.list(records)
		}
	}
	if len(r.in) != 0 { // recordings from before there were counts end here
		h.whole = r.upTo(1) == 1
		n := r.upTo(maxSeries)
		r.bad = r.bad || n == 0
		for ; n > 0 && !r.bad; n-- {
			h.counts = append(h.counts, r.series())
		}
	}
	if r.bad || len(r.in) != 0 {
		return nil, ErrRecording
	}
	return h, nil
}

// series reads one series of counts.
func (r *reader) series() series {
	s := series{entity: risk.Entity(r.upTo(math.MaxUint8)),
		event: wanted{kind: uint8(r.upTo(uint64(risk.EventKindCount) - 1)), code: uint16(r.upTo(math.MaxUint16))},
		width: int(r.upTo(uint64(len(widths) - 1)))}
	n := r.upTo(uint64(widths[s.width].most + 1))
	if r.bad = r.bad || !s.entity.Counted() || n == 0; r.bad {
		return s
	}
	s.buckets = make([]uint32, n)
	for i := range s.buckets {
		s.buckets[i] = uint32(r.upTo(math.MaxUint32))
	}
	return s
}

// record reads one record and writes it the way it stands in a list.
func (r *reader) record(last *int64) string {
	b := make([]byte, 0, maxRecord)
	kind := r.upTo(kindCut)
	if kind >= uint64(risk.EventKindCount) && kind != kindCut {
		r.bad = true
	}
	code := r.upTo(1<<16 - 1)
	*last = r.step(*last, maxTime)
	if kind == kindCut {
		return string(appendCut(b, *last, int64(r.upTo(neverMs))))
	}
	b = appendHead(b, byte(kind), uint16(code), *last, r.upTo(maxRecording))
	if kind == uint64(risk.EventAttempt) {
		b = appendUint(b, r.upTo(maxAmount), 5)
		b = binary.BigEndian.AppendUint16(b, uint16(r.upTo(1<<16-1)))
		mask := uint16(r.upTo(1<<16 - 1))
		b = binary.BigEndian.AppendUint16(b, mask)
		for range bits.OnesCount16(mask) {
			b = appendUint(b, r.upTo(maxRecording), shortSize)
		}
	}
	b[0] = byte(len(b))
	return string(b)
}

// list reads one list.
func (r *reader) list(records []string) string {
	var b []byte
	last := int64(-1)
	n := r.upTo(uint64(len(r.in)))
	if n == 0 {
		r.bad = true
	}
	for ; n > 0 && !r.bad; n-- {
		v, size := binary.Varint(r.in)
		if last += v; size <= 0 || v > maxRecording || last < 0 || last >= int64(len(records)) || len(b) > maxList {
			r.bad = true
			return ""
		}
		r.in = r.in[size:]
		b = append(b, records[last]...)
	}
	return string(b)
}
