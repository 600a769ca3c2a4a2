package flow

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	"octroi/gateway/store"
	"octroi/risk"
	"octroi/risk/policy"
	"octroi/risk/velocity"
)

// ErrEmptied is the error of a decision whose inputs are kept no longer.
var ErrEmptied = errors.New("what the decision was made from is kept no longer: its time is over, or its buyer asked to be forgotten")

// Replay makes a recorded decision again under a policy: with the one that made it the result is equal bit for bit,
// with another one it is what that policy would have decided from the same inputs. It is pure.
func Replay(p *policy.Policy, r store.Recorded) (risk.Decision, error) {
	if r.Emptied {
		return risk.Decision{}, ErrEmptied
	}
	h, err := velocity.Decode(r.Histories)
	if err != nil {
		return risk.Decision{}, fmt.Errorf("read the recorded histories: %w", err)
	}
	after := r.Facts
	before := after
	before.Review = nil
	lists := recordedLists(r.Lists)
	d := p.Decide(before, h, lists)
	if after.Review == nil {
		return d, nil
	}
	card, then := after.Card, risk.Histories(h)
	if r.Card != nil {
		card = *r.Card
	}
	if r.CardHistories != nil {
		own, err := velocity.Decode(r.CardHistories)
		if err != nil {
			return risk.Decision{}, fmt.Errorf("read the recorded history of the card: %w", err)
		}
		then = velocity.Joined{Earlier: h, Card: own}
	}
	return reviewed(p, d, after, card, then, lists.and(r.ReviewLists)), nil
}

// recordedLists answers as the lists did when the decision was made. What they were not asked for then they do not hold.
type recordedLists map[string][]string

var _ risk.Lists = recordedLists(nil)

// and is the lists with more that they held.
func (l recordedLists) and(more map[string][]string) recordedLists {
	all := maps.Clone(l)
	if all == nil {
		all = recordedLists{}
	}
	for list, values := range more {
		all[list] = slices.Concat(all[list], values)
	}
	return all
}

// In implements risk.Lists.
func (l recordedLists) In(list, value string) bool {
	return slices.Contains(l[list], risk.FoldListValue(value))
}
