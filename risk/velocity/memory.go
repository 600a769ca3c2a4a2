package velocity

import (
	"fmt"
	"strings"
	"time"

	"octroi/risk"
)

// Memory keeps the very same histories as a Store in the process itself: for backtests, which feed it past orders in
// order of time. Its size is bounded by the entities seen within one retention. It is not safe for concurrent use.
type Memory struct {
	caps      Caps
	retention time.Duration
	namer     *namer
	lists     [risk.EntityCount]map[[nameSize]byte]*kept
	tallies   []risk.Tally
	asked     bool // Tallies was called: only those are read
	happened  []wanted
	spans     map[spanKey]*[perSpan]uint32
	latest    int64 // the latest time of any record
	swept     int64 // that time at the last sweep
}

// kept is one list. A Builder only ever grows at its end, so the lists already given out stay as they were.
type kept struct {
	b    strings.Builder
	last int64 // latest time of any of its records
}

// sweepsPerRetention is how often in a retention the silent entities are let go.
const sweepsPerRetention = 16

// NewMemory makes an empty one; zero caps and retention take the defaults of a Store.
func NewMemory(caps Caps, retention time.Duration) *Memory {
	if retention <= 0 {
		retention = DefaultRetention
	}
	n, _ := newNamer(make([]byte, secretSize)) // the names never leave the process
	m := &Memory{caps: caps.withDefaults(), retention: retention, namer: n, spans: map[spanKey]*[perSpan]uint32{}}
	for e := range m.lists {
		m.lists[e] = map[[nameSize]byte]*kept{}
	}
	return m
}

// Observe appends the attempt and gives the histories of its entities, as Store.Observe does.
func (m *Memory) Observe(shop string, rec risk.Record) (*Histories, error) {
	if rec.Kind != risk.EventAttempt {
		return Unavailable(), fmt.Errorf("%w: only an attempt is observed, not %s", ErrInvalid, rec.Kind)
	}
	if err := check(&rec); err != nil {
		return Unavailable(), err
	}
	own, lists := m.add(shop, &rec, true)
	h := newHistories(own, lists)
	if !repeated(own.id, &lists) {
		m.count(shop, &rec)
	}
	h.counts, h.whole = m.read(shop, &rec), !m.asked
	return h, nil
}

// Append adds events, as Store.Append does.
func (m *Memory) Append(shop string, recs ...risk.Record) error {
	for i := range recs {
		if err := check(&recs[i]); err != nil {
			return err
		}
		m.add(shop, &recs[i], false)
		m.count(shop, &recs[i])
	}
	return nil
}

// add appends a record to its lists, and reads them if asked.
func (m *Memory) add(shop string, rec *risk.Record, read bool) (own record, lists [risk.EntityCount]string) {
	n := m.namer.name(shop, rec)
	raw := encode(make([]byte, 0, maxRecord), rec, n)
	own, _ = next(string(raw))
	m.sweep(own.at)
	for e := range risk.EntityCount {
		if n.mask&(1<<e) == 0 {
			continue
		}
		name := [nameSize]byte(n.entity[e][:nameSize])
		k := m.lists[e][name]
		if k == nil || k.last < own.at-m.retention.Milliseconds() { // in Redis the key would have expired
			k = &kept{}
			m.lists[e][name] = k
		}
		k.b.Write(raw)
		k.last = max(k.last, own.at)
		l := limitsFor(own, m.caps[e], m.retention)
		if l.due {
			short := l.cut(k.b.String())
			k.b = strings.Builder{}
			k.b.WriteString(short)
		}
		if read {
			lists[e] = l.view(k.b.String())
		}
	}
	return own, lists
}

// sweep lets go of entities that were silent for the retention.
func (m *Memory) sweep(now int64) {
	m.latest = max(m.latest, now)
	retention := m.retention.Milliseconds()
	if m.latest-m.swept < retention/sweepsPerRetention {
		return
	}
	m.swept = m.latest
	m.sweepSpans()
	for _, lists := range m.lists {
		for name, k := range lists {
			if k.last < m.latest-retention {
				delete(lists, name)
			}
		}
	}
}

// Build is the history of one order from the records that came before it, in their order of arrival: what Observe
// would have given. All of them are one shop's. Records that cannot be stored are an error.
func Build(now risk.Record, past []risk.Record) (*Histories, error) {
	m := NewMemory(Caps{}, 0)
	if err := m.Append("", past...); err != nil {
		return Unavailable(), err
	}
	return m.Observe("", now)
}
