package velocity

import (
	"strings"
	"time"

	"octroi/risk"
)

// Caps is how many attempts the list of each entity keeps at least; 0 takes the default. Outcomes come on top.
type Caps [risk.EntityCount]int

// maxCap bounds a cap: a list is read whole for each order.
const maxCap = 4096

// DefaultCaps keep 128 attempts of what one person holds, more of what people share. At 100 bytes an order with its
// outcomes, a full list of a card is about 13 kB, of an IP address about 50 kB. A mail domain is kept short: the large
// ones are always full, and every order reads them. In Redis a list takes up to twice its length, because APPEND reserves
// as much again, and about 120 bytes for its key.
func DefaultCaps() Caps {
	caps := Caps{}
	for e := range caps {
		caps[e] = 128
	}
	caps[risk.EntityIP] = 512
	caps[risk.EntityIPNetwork], caps[risk.EntityBIN] = 256, 256
	return caps
}

// withDefaults fills what is not set and bounds the rest to 1..maxCap.
func (c Caps) withDefaults() Caps {
	for e, d := range DefaultCaps() {
		if c[e] == 0 {
			c[e] = d
		}
		c[e] = min(max(c[e], 1), maxCap)
	}
	return c
}

// DefaultRetention is how long a history lives after its last event.
const DefaultRetention = 90 * 24 * time.Hour

// A list is shortened when one in cutEvery orders is appended to it, told by the ID's hash, so that Redis and Memory do
// it at the same event: walking a list at every append would cost more than reading it.
const (
	cutEvery  = 32
	byteBound = 384 // per attempt of the cap; reached only by orders with more than sixteen outcomes each
)

// limits say how far a list is shortened.
type limits struct {
	due    bool  // this order is one in cutEvery
	cap    int   // orders whose attempts to keep
	most   int   // bytes to keep at most
	cutoff int64 // events at the front from before this time go
}

// limitsFor is what holds when r is appended to a list with that cap.
func limitsFor(r record, cap int, retention time.Duration) limits {
	return limits{due: r.id%cutEvery == 0, cap: cap, most: cap * byteBound,
		cutoff: max(0, r.at-retention.Milliseconds())}
}

// view is the list without what is past its retention, which stays in Redis until the next order that is due.
func (l limits) view(list string) string {
	r, rest := next(list)
	if r.kind == kindCut && rest != "" {
		r, _ = next(rest)
	}
	if r.at >= l.cutoff {
		return list
	}
	return limits{cap: len(list), most: len(list), cutoff: l.cutoff}.cut(list)
}

// cut drops records from the front of the list until it is within its limits, and marks that it did: the latest time
// dropped (a window that reaches behind it is saturated), and the first attempt (the entity's age stays known).
// An order that comes again, with another time, after its first attempt was dropped counts from then on.
// The script cutLua does the same to the byte; a test holds them together.
func (l limits) cut(list string) string {
	list, attempts := survey(list)
	latest, first, rest := int64(0), int64(neverMs), list
	if len(list) > 0 && list[1] == kindCut {
		mark, tail := next(list)
		latest, first, rest = mark.at, int64(mark.id), tail
	}
	kept := len(rest)
	for rest != "" {
		r, tail := next(rest)
		if len(attempts) <= l.cap && len(rest) <= l.most && r.at >= l.cutoff {
			break
		}
		latest = max(latest, r.at)
		if r.kind == byte(risk.EventAttempt) {
			if attempts[r.id]--; attempts[r.id] == 0 {
				delete(attempts, r.id)
			}
			first = min(first, r.at)
		}
		rest = tail
	}
	if len(rest) == kept {
		return list
	}
	var b strings.Builder
	b.Write(appendCut(make([]byte, 0, headSize), latest, first))
	b.WriteString(rest)
	return b.String()
}

// survey counts the attempts of each order in the list, and gives the list without what cannot be read at its end.
func survey(list string) (whole string, attempts map[uint64]int) {
	attempts = map[uint64]int{}
	for rest := list; rest != ""; {
		size, ok := sizeOf(rest)
		if !ok {
			return list[:len(list)-len(rest)], attempts
		}
		if rest[1] == byte(risk.EventAttempt) {
			attempts[readUint(rest[10:18])]++
		}
		rest = rest[size:]
	}
	return list, attempts
}
