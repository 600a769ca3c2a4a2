package velocity

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/fnv"
	"math/bits"

	"octroi/risk"
)

// A list is records one after the other, oldest first, numbers big-endian:
//
//	offset size
//	     0    1  length of the whole record
//	     1    1  kind: risk.EventKind, or kindCut
//	     2    2  code: hash of the refusal code, 0 for none
//	     4    6  time, Unix milliseconds
//	    10    8  keyed hash of the order's ID
//	attempts only:
//	    18    5  amount, minor units
//	    23    2  currency: three letters of five bits
//	    25    2  mask: bit n is set when the order names entity n
//	    27   5n  keyed short hash of each entity named, in the order of the constants of package risk
//
// An attempt that names the eleven entities an order has of itself takes 82 bytes, and five more for each of the four
// that a policy may declare; any other event takes 18: outcomes join their attempt by the ID. The mask has room for
// sixteen entities.
const (
	headSize    = 18
	attemptSize = 27
	shortSize   = 5
	maxRecord   = attemptSize + 16*shortSize
	// kindCut marks the place where a list was shortened; it is always the first record. Its time is the latest time
	// that was dropped, its ID field the first attempt that was.
	kindCut = 0xFF

	maxTime   = 1<<48 - 1
	maxAmount = 1<<40 - 1
	neverMs   = 1<<63 - 1
)

// The mask of a record has sixteen bits; this does not compile when package risk declares more entities.
var _ [16 - risk.EntityCount]struct{}

// ErrInvalid is wrapped by every error about a record that cannot be stored; sending it again changes nothing.
var ErrInvalid = errors.New("velocity: invalid record")

// check refuses what the format cannot hold, so that nothing is ever stored wrongly.
func check(rec *risk.Record) error {
	switch {
	case rec.ID == "":
		return fmt.Errorf("%w: it has no ID", ErrInvalid)
	case rec.Kind >= risk.EventKindCount:
		return fmt.Errorf("%w: kind %d is not known", ErrInvalid, rec.Kind)
	case rec.Amount < 0 || rec.Amount > maxAmount:
		return fmt.Errorf("%w: the amount is outside 0 to %d minor units", ErrInvalid, int64(maxAmount))
	case rec.At.UnixMilli() <= 0 || rec.At.UnixMilli() >= maxTime:
		return fmt.Errorf("%w: the time is before 1970 or beyond reason", ErrInvalid)
	}
	return nil
}

// encode appends the record to dst.
func encode(dst []byte, rec *risk.Record, n *names) []byte {
	start := len(dst)
	dst = appendHead(dst, byte(rec.Kind), codeHash(rec.Code), rec.At.UnixMilli(), n.id)
	if rec.Kind == risk.EventAttempt {
		dst = appendUint(dst, uint64(rec.Amount), 5)
		dst = binary.BigEndian.AppendUint16(dst, currencyBits(rec.Currency))
		dst = binary.BigEndian.AppendUint16(dst, n.mask)
		for e := range risk.EntityCount {
			if n.mask&(1<<e) != 0 {
				dst = append(dst, n.entity[e][nameSize:]...)
			}
		}
	}
	dst[start] = byte(len(dst) - start)
	return dst
}

// appendHead appends what every record begins with; its length is still to be filled in.
func appendHead(dst []byte, kind uint8, code uint16, at int64, id uint64) []byte {
	dst = append(dst, 0, kind)
	dst = binary.BigEndian.AppendUint16(dst, code)
	dst = appendUint(dst, uint64(at), 6)
	return binary.BigEndian.AppendUint64(dst, id)
}

// appendCut appends the mark of a shortened list.
func appendCut(dst []byte, latest, first int64) []byte {
	dst = append(dst, headSize, kindCut, 0, 0)
	dst = appendUint(dst, uint64(latest), 6)
	return binary.BigEndian.AppendUint64(dst, uint64(first))
}

// record is one record of a list, read.
type record struct {
	kind     uint8
	code     uint16
	at       int64
	id       uint64 // for kindCut: time of the first attempt dropped
	amount   int64
	currency uint16
	mask     uint16
	shorts   string // the short hashes of the entities in mask
}

// next reads the first record of a list and gives the rest. Bytes that are no record end the list as if it had been
// cut then: what was there is not known, and the folds must say so.
func next(list string) (r record, rest string) {
	size, ok := sizeOf(list)
	if !ok {
		return record{kind: kindCut, at: maxTime, id: neverMs}, ""
	}
	r = record{kind: list[1], code: uint16(readUint(list[2:4])), at: int64(readUint(list[4:10])), id: readUint(list[10:18])}
	if r.kind == byte(risk.EventAttempt) {
		r.amount, r.currency = int64(readUint(list[18:23])), uint16(readUint(list[23:25]))
		r.mask, r.shorts = uint16(readUint(list[25:27])), list[27:size]
	}
	return r, list[size:]
}

// sizeOf is the length of the first record of a list; false when it is none.
func sizeOf(list string) (int, bool) {
	if len(list) < headSize || int(list[0]) > len(list) {
		return 0, false
	}
	size := int(list[0])
	if list[1] != byte(risk.EventAttempt) {
		return size, size == headSize && (list[1] == kindCut || list[1] < byte(risk.EventKindCount))
	}
	if size < attemptSize {
		return 0, false
	}
	named := bits.OnesCount16(uint16(readUint(list[25:27])))
	return size, size == attemptSize+named*shortSize
}

// short is the short hash of the entity in an attempt, as a number; false when the order did not name it.
func (r *record) short(e risk.Entity) (uint64, bool) { return shortIn(r.mask, r.shorts, e) }

func shortIn(mask uint16, shorts string, e risk.Entity) (uint64, bool) {
	if mask&(1<<e) == 0 {
		return 0, false
	}
	i := bits.OnesCount16(mask&(1<<e-1)) * shortSize
	return readUint(shorts[i : i+shortSize]), true
}

// codeHash brings a refusal code to sixteen bits; only "" gives 0. A test holds that the codes of the public contract
// differ.
func codeHash(code string) uint16 {
	if code == "" {
		return 0
	}
	h := fnv.New32a()
	_, _ = h.Write([]byte(code))
	sum := h.Sum32()
	return max(1, uint16(sum^sum>>16))
}

// currencyBits packs a currency of three capital letters; 0 stands for anything else.
func currencyBits(code string) uint16 {
	if len(code) != 3 {
		return 0
	}
	var v uint16
	for i := range 3 {
		c := code[i] - 'A'
		if c > 25 {
			return 0
		}
		v = v<<5 | uint16(c+1)
	}
	return v
}

func appendUint(dst []byte, v uint64, size int) []byte {
	for i := size - 1; i >= 0; i-- {
		dst = append(dst, byte(v>>(8*i)))
	}
	return dst
}

func readUint(s string) uint64 {
	var v uint64
	for i := range len(s) {
		v = v<<8 | uint64(s[i])
	}
	return v
}
