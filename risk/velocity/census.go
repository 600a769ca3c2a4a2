package velocity

import "octroi/risk"

// census is what one list has in one span, counted in one walk: a policy asks a list for many events over few spans.
type census struct {
	span  span
	kinds [risk.EventKindCount]int32 // orders that had an event of the kind
	codes uint64                     // bit c%64: some event has the code c; see index.count
}

// censuses are the latest of one list. They are a Memory's: the histories of a Store stay as they are.
type censuses struct {
	all   [8]census
	taken int
}

// fewEvents are walked at every question: that is as fast.
const fewEvents = 12

func codeBit(code uint16) uint64 { return 1 << (code % 64) }

// census gives that of the span, taken at the first question.
func (x *index) census(s span) *census {
	in := x.censuses
	for i := range min(in.taken, len(in.all)) {
		if c := &in.all[i]; c.span == s {
			return c
		}
	}
	c := &in.all[in.taken%len(in.all)]
	in.taken++
	*c = census{span: s}
	end := x.ending(s)
	for i := len(x.events) - 1; i >= int(x.from); i-- {
		e := &x.events[i]
		if e.at <= end {
			break
		}
		if !s.holds(e.at) || e.marks&markAgain != 0 {
			continue
		}
		c.codes |= codeBit(e.code)
		if e.marks == 0 || !x.repeats(e, wanted{kind: e.kind}, s) {
			c.kinds[e.kind]++
		}
	}
	return c
}
