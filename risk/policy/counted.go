package policy

import (
	"slices"

	"github.com/expr-lang/expr/ast"

	"octroi/risk"
)

// countedFunctions are what may be asked of an entity that is counted in buckets of time: no bucket knows amounts,
// other entities, or one order from the next.
var countedFunctions = []string{"count", "count_before", "rate"}

// Tallies are what the rules and features ask of the counted entities: whoever keeps the histories reads these back.
func (p *Policy) Tallies() []risk.Tally { return slices.Clone(p.tallies) }

// counted refuses what a counted entity cannot answer. The question's literals are right in themselves.
func (l *lint) counted(f function, n *ast.CallNode) {
	q := rewriter{l.linker}.resolve(f, n)
	for i, e := range q.entities {
		if !e.Counted() {
			continue
		}
		if i > 0 || !contains(countedFunctions, f.name) {
			l.refuse(n, "%s cannot use %q: its events are counted, not remembered one by one; ask count, count_before or rate", f.name, e.String())
			return
		}
		if f.name == "count" && len(n.Arguments) == len(f.args) {
			l.refuse(n.Arguments[3], "count of %q takes no delay: rate does", e.String())
			return
		}
	}
	if !q.entities[0].Counted() {
		return
	}
	if !risk.CountedEvent(q.event.Kind) {
		l.refuse(n.Arguments[1], "%s is not counted for %q: only attempt, authorised, refused, declined and held are", q.event.Kind, q.entities[0].String())
	}
	if _, ok := risk.CountedWindow(q.windows[0], q.windows[1]); !ok {
		l.refuse(n.Arguments[2], "%q is counted in whole buckets: the window and its delay are multiples of 5m reaching back 2h at most, or multiples of 1h reaching back 24h at most", q.entities[0].String())
	}
}
