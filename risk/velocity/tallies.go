package velocity

import "octroi/risk"

// spanKey names the counts that a Memory keeps together: those of one event in the buckets of one Redis key.
type spanKey struct {
	shop   string
	entity risk.Entity
	whose  string
	event  wanted
	width  int
	span   int64
}

// Tallies bounds what is read of the counted entities to what a Store with these Config.Tallies reads. Without it every
// question of theirs is answered, which takes longer.
func (m *Memory) Tallies(tallies ...risk.Tally) { m.tallies, m.asked = tallies, true }

// count adds a record to the counts of its counted entities, as often as it comes.
func (m *Memory) count(shop string, rec *risk.Record) {
	events, n := counted(rec)
	for _, ev := range events[:n] {
		m.note(ev)
		for _, e := range risk.CountedEntities() {
			value := whose(e, rec)
			for i := range widths {
				if value != "" {
					b := rec.At.UnixMilli() / widths[i].bucket
					k := spanKey{shop, e, value, ev, i, b / widths[i].per}
					if m.spans[k] == nil {
						m.spans[k] = new([perSpan]uint32)
					}
					m.spans[k][b%widths[i].per]++
				}
			}
		}
	}
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
func (m *Memory) read(shop string, rec *risk.Record) []series {
	counts := plan(m.tallies, rec)
	if !m.asked {
		counts = m.all(rec)
	}
	for i := range counts {
		s := &counts[i]
		w := &widths[s.width]
		now := rec.At.UnixMilli() / w.bucket
		k := spanKey{shop: shop, entity: s.entity, whose: whose(s.entity, rec), event: s.event, width: s.width, span: -1}
		var in *[perSpan]uint32
		for j := range s.buckets {
			b := now - int64(j)
			if span := b / w.per; span != k.span {
				k.span = span
				in = m.spans[k]
			}
			if in != nil {
				s.buckets[j] = in[b%w.per]
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
func (m *Memory) sweepSpans() {
	for k := range m.spans {
		w := &widths[k.width]
		if (k.span+1)*w.per*w.bucket < m.latest-w.life.Milliseconds() {
			delete(m.spans, k)
		}
	}
}
