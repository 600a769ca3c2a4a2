package velocity

import "octroi/risk"

// spanKey names the counts that a Memory keeps together: those of one event in the buckets of one Redis key.
type spanKey struct {
	span   int64
	width  int8
	entity risk.Entity
	whose  [2]byte // the entity's value, see whose
	event  wanted
}

// spanKeyOf is the key of the span that holds nothing yet: its number is still to be set.
func spanKeyOf(e risk.Entity, value string, ev wanted, width int) spanKey {
	k := spanKey{width: int8(width), entity: e, event: ev}
	copy(k.whose[:], value)
	return k
}

// Tallies bounds what is counted and read of the counted entities to what a Store with these Config.Tallies reads.
// Without it every question of theirs is answered, which takes longer. It is called before the first record.
func (m *Memory) Tallies(tallies ...risk.Tally) {
	m.tallies, m.bounded = tallies, true
	m.plans = [2][]series{plan(tallies, &risk.Record{}), plan(tallies, &risk.Record{IssuerCountry: "FR"})}
}

// count adds a record to the counts of its counted entities, as often as it comes.
func (m *Memory) count(b *books, rec *risk.Record) {
	events, n := counted(rec)
	for _, ev := range events[:n] {
		m.note(ev)
		for _, e := range risk.CountedEntities() {
			for i := range widths {
				if m.asks(e, ev, i) {
					b.count(spanKeyOf(e, whose(e, rec), ev, i), rec.At.UnixMilli())
				}
			}
		}
	}
}

// asks reports whether the counts are ever read.
func (m *Memory) asks(e risk.Entity, ev wanted, width int) bool {
	for i := range m.plans[1] {
		if s := &m.plans[1][i]; s.entity == e && s.event == ev && s.width == width {
			return true
		}
	}
	return !m.bounded
}

func (b *books) count(k spanKey, at int64) {
	if k.whose[0] == 0 {
		return
	}
	w := &widths[k.width]
	bucket := at / w.bucket
	k.span = bucket / w.per
	in := b.spans[k]
	if in == nil {
		in = new([perSpan]uint32)
		b.spans[k] = in
	}
	in[bucket%w.per]++
}

// note remembers which events there are: few, as refusal codes are.
func (m *Memory) note(ev wanted) {
	for _, known := range m.happened {
		if known == ev {
			return
		}
	}
	m.happened = append(m.happened, ev)
}

// read gives what the order's counted entities did up to now.
func (m *Memory) read(b *books, rec *risk.Record) []series {
	counts := m.plans[0]
	if !m.bounded {
		counts = m.all(rec)
	} else if whose(risk.EntityIssuerCountry, rec) != "" {
		counts = m.plans[1]
	}
	for i := range counts {
		s := &counts[i]
		w := &widths[s.width]
		now := rec.At.UnixMilli() / w.bucket
		k := spanKeyOf(s.entity, whose(s.entity, rec), s.event, s.width)
		k.span = -1
		var in *[perSpan]uint32
		for j := range s.buckets {
			at := now - int64(j)
			if span := at / w.per; span != k.span {
				k.span = span
				in = b.spans[k]
			}
			s.buckets[j] = 0
			if in != nil {
				s.buckets[j] = in[at%w.per]
			}
		}
	}
	return counts
}

// all are the series of every event that ever happened, as long as a window can be.
func (m *Memory) all(rec *risk.Record) []series {
	var out []series
	for _, e := range risk.CountedEntities() {
		if whose(e, rec) == "" {
			continue
		}
		for i := range widths {
			for _, ev := range m.happened {
				out = append(out, series{e, ev, i, make([]uint32, widths[i].most+1)})
			}
		}
	}
	return out
}

// sweepSpans lets go of counts that no window reaches any more.
func (b *books) sweepSpans(latest int64) {
	for k := range b.spans {
		w := &widths[k.width]
		if (k.span+1)*w.per*w.bucket < latest-w.life.Milliseconds() {
			delete(b.spans, k)
		}
	}
}
