package velocity

import (
	"strconv"
	"time"

	"octroi/risk"
)

// Counted entities (risk.Entity.Counted) have no list. Each of their events is counted in a bucket of five minutes and
// in one of an hour, by the order's own time; a window is the sum of its buckets. An event dated later than the order
// that asks is in that order's sight only when it shares its bucket.

// width is one width of bucket, all times in milliseconds.
type width struct {
	name   string
	bucket int64
	per    int64 // buckets in one key
	most   int64 // buckets a window may reach back, the current one left out
	life   time.Duration
}

// The keys live until no window reaches them any more, and half a day beyond: outcomes may come late.
var widths = [...]width{
	{"m5", risk.FineBucket.Milliseconds(), 48, int64(risk.FineReach / risk.FineBucket), 18 * time.Hour},
	{"h1", risk.CoarseBucket.Milliseconds(), 24, int64(risk.CoarseReach / risk.CoarseBucket), 60 * time.Hour},
}

const (
	fine = iota
	coarse
	perSpan = 48 // the most buckets in one key
)

// widthOf is the width that serves a window.
func widthOf(window, delay time.Duration) (int, bool) {
	bucket, ok := risk.CountedWindow(window, delay)
	if bucket == risk.CoarseBucket {
		return coarse, ok
	}
	return fine, ok
}

// counted are the events that a record adds one to: a refusal with a code is two, and the second code of a refusal is
// only itself. An attempt that is recorded again was counted the first time.
func counted(rec *risk.Record) (events [2]wanted, n int) {
	if !risk.CountedEvent(rec.Kind) || rec.Kind == risk.EventAttempt && rec.Code != "" {
		return events, 0
	}
	if rec.Code != risk.RefusedNeverRetry {
		events[0], n = wanted{kind: uint8(rec.Kind)}, 1
	}
	if rec.Code != "" {
		events[n], n = want(risk.Event{Kind: rec.Kind, Code: rec.Code}), n+1
	}
	return events, n
}

// whose is how the buckets name the entity's value; "" when the record has none. The shop stands in the key.
func whose(e risk.Entity, rec *risk.Record) string {
	if e == risk.EntityShop {
		return "*"
	}
	return risk.NormaliseCountry(rec.IssuerCountry)
}

// field is the name of one count in a bucket: index in its key, value of the entity, event.
func field(index int64, value string, w wanted) string {
	b := make([]byte, 0, 16)
	b = append(strconv.AppendInt(b, index, 10), ':')
	b = append(append(b, value...), ':')
	b = strconv.AppendInt(b, int64(w.kind), 10)
	if w.code != 0 {
		b = strconv.AppendInt(append(b, ':'), int64(w.code), 16)
	}
	return string(b)
}

// series are the counts of one event of one entity, up to the order that asks: the latest bucket, which holds the
// order itself, comes first.
type series struct {
	entity  risk.Entity
	event   wanted
	width   int
	buckets []uint32
}

// plan is what to read for the tallies, each series once and as long as the longest needs. Of what cannot be answered
// nothing is read.
func plan(tallies []risk.Tally, rec *risk.Record) []series {
	var out []series
	need := func(t risk.Tally, w wanted, width int) {
		n := int((t.Window+t.Delay).Milliseconds()/widths[width].bucket) + 1
		for i := range out {
			if s := &out[i]; s.entity == t.Entity && s.event == w && s.width == width {
				if n > len(s.buckets) {
					s.buckets = make([]uint32, n)
				}
				return
			}
		}
		out = append(out, series{t.Entity, w, width, make([]uint32, n)})
	}
	for _, t := range tallies {
		width, ok := widthOf(t.Window, t.Delay)
		if ok && t.Entity.Counted() && risk.CountedEvent(t.Event.Kind) && whose(t.Entity, rec) != "" {
			need(t, want(t.Event), width)
		}
	}
	return out
}

// takeBack takes an attempt that was counted before out of the series again.
func takeBack(counts []series) {
	for i := range counts {
		if s := &counts[i]; s.event == (wanted{}) && s.buckets[0] > 0 {
			s.buckets[0]--
		}
	}
}

// repeated reports whether the order's attempt stood in its histories before: the shortest list tells.
func repeated(id uint64, lists *[risk.EntityCount]string) bool {
	shortest := ""
	for _, list := range lists {
		if list != "" && (shortest == "" || len(list) < len(shortest)) {
			shortest = list
		}
	}
	n := 0
	for size, ok := sizeOf(shortest); ok; size, ok = sizeOf(shortest) {
		if shortest[1] == byte(risk.EventAttempt) && readUint(shortest[10:18]) == id {
			n++
		}
		shortest = shortest[size:]
	}
	return n > 1
}

// tally adds up the buckets of a window; missing when they were not read.
func (h *Histories) tally(e risk.Entity, w wanted, window, delay time.Duration) (n uint64, ok bool) {
	width, ok := widthOf(window, delay)
	if !ok || int(w.kind) >= int(risk.EventKindCount) || !risk.CountedEvent(risk.EventKind(w.kind)) {
		return 0, false
	}
	from, to := delay.Milliseconds()/widths[width].bucket, (window+delay).Milliseconds()/widths[width].bucket
	if from > 0 {
		from++
	}
	named := false
	for i := range h.counts {
		s := &h.counts[i]
		named = named || s.entity == e
		if s.entity != e || s.event != w || s.width != width {
			continue
		}
		if int(to) >= len(s.buckets) {
			return 0, false
		}
		for _, c := range s.buckets[from : to+1] {
			n += uint64(c)
		}
		return n, true
	}
	return 0, named && h.whole
}

func (h *Histories) countTally(e risk.Entity, ev risk.Event, window time.Duration) risk.Fold {
	n, ok := h.tally(e, want(ev), window, 0)
	if !ok {
		return missing
	}
	return risk.Fold{Value: float64(n)}
}

// rateTally is at most 1, though an outcome may have been counted more often than its attempt.
func (h *Histories) rateTally(e risk.Entity, ev risk.Event, window, delay time.Duration) risk.Fold {
	with, ok := h.tally(e, want(ev), window, delay)
	attempts, known := h.tally(e, wanted{}, window, delay)
	if !ok || !known {
		return missing
	}
	if attempts == 0 {
		return risk.Fold{}
	}
	return risk.Fold{Value: min(1, float64(with)/float64(attempts))}
}
