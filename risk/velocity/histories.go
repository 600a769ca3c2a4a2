package velocity

import (
	"sync"

	"octroi/risk"
)

// Histories are what the entities of one order did up to and including its attempt. They are values: nothing changes
// them, and they are safe for concurrent use. Those of a Memory are neither: they are good until its next record, and
// unavailable from then on, so that a backtest need not copy what it asks a few questions about. The zero value is unavailable.
type Histories struct {
	available bool
	id        uint64 // keyed hash of the order that asks
	now       int64  // its time, Unix milliseconds
	currency  uint16
	counts    []series                 // of the counted entities, as far as they were read
	whole     bool                     // what is not among the counts of an entity is 0, not unread
	lists     [risk.EntityCount]string // "" where the order does not name the entity

	read [risk.EntityCount]struct {
		once  sync.Once
		index *index
	}
	// memory has the indexes of a Memory, in place of lists; what the order does not name is nil.
	memory *[risk.EntityCount]*index
}

var _ risk.Histories = (*Histories)(nil)

// Unavailable are the histories of an order that was decided without any: every fold is Missing.
func Unavailable() *Histories { return &Histories{} }

// newHistories are those of the attempt whose lists, itself included, were read.
func newHistories(attempt record, lists [risk.EntityCount]string) *Histories {
	return &Histories{available: true, id: attempt.id, now: attempt.at, currency: attempt.currency, lists: lists}
}

// Available is false when the histories could not be read.
func (h *Histories) Available() bool { return h.available }

// of is the entity's index, read at the first question; nil when there is no history to ask.
func (h *Histories) of(e risk.Entity) *index {
	switch {
	case !h.available || e >= risk.EntityCount:
		return nil
	case h.memory != nil:
		return h.memory[e]
	case h.lists[e] == "":
		return nil
	}
	r := &h.read[e]
	r.once.Do(func() { r.index = build(h.lists[e]) })
	return r.index
}

// list is the entity's list as Redis would hold it; "" where the order does not name the entity.
func (h *Histories) list(e risk.Entity) string {
	if h.memory != nil && h.memory[e] != nil {
		return h.memory[e].write()
	}
	return h.lists[e]
}
