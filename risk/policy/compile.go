package policy

import (
	"errors"
	"reflect"
	"slices"
	"time"

	"github.com/expr-lang/expr"
	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/conf"

	"octroi/risk"
)

// linker compiles the expressions of one policy and gathers the slots they share.
type linker struct {
	*source
	config   *conf.Config
	entities []Entity // that the file declares
	slots    []slot
	byText   map[string]int
	folds    []fold
	byFold   map[fold]int
	horizon  [risk.EntityCount]time.Duration
	tallies  []risk.Tally // asked of counted entities
	lists    map[string]bool

	definitions map[string]*definition
	meanings    map[string]*meaning // by the definition with its arguments
	open        []string            // the definitions being compiled, each needed by the one before
}

func newLinker(s *source) *linker {
	config := conf.CreateNew()
	options := []expr.Option{expr.Env(vocabulary()), expr.MaxNodes(maxExpressionNodes)}
	options = append(options, plainFunctions()...)
	for _, f := range functions {
		options = append(options, expr.Function(f.name, unlinked, signatures(f)...))
	}
	for _, o := range options {
		o(config)
	}
	return &linker{source: s, config: config, byText: map[string]int{}, byFold: map[fold]int{}, lists: map[string]bool{},
		definitions: map[string]*definition{}, meanings: map[string]*meaning{}}
}

// unlinked stands for functions that are replaced before anything runs.
func unlinked(...any) (any, error) { return nil, errors.New("the function was not linked") }

// signatures are the types of a question for the checker, each a nil pointer to a function: one without the arguments
// that may be left out, and one with them.
func signatures(f function) []any {
	out := reflect.TypeFor[float64]()
	if f.kind == truth {
		out = reflect.TypeFor[bool]()
	}
	var types []any
	for n := len(f.args) - f.optional; n <= len(f.args); n++ {
		in := slices.Repeat([]reflect.Type{reflect.TypeFor[string]()}, n)
		types = append(types, reflect.Zero(reflect.PointerTo(reflect.FuncOf(in, []reflect.Type{out}, false))).Interface())
	}
	return types
}

// rewriter replaces names and questions by reads of slots, and division by one that refuses zero.
type rewriter struct{ *linker }

// Visit replaces one node, its children being done.
func (w rewriter) Visit(node *ast.Node) {
	switch n := (*node).(type) {
	case *ast.IdentifierNode:
		if f, ok := factNamed(n.Value); ok {
			w.read(node, f.name, f.kind, f.get)
		}
	case *ast.MemberNode:
		group, _ := n.Node.(*ast.IdentifierNode)
		name, _ := n.Property.(*ast.StringNode)
		if group == nil || name == nil {
			return
		}
		if f, ok := factNamed(group.Value + "." + name.Value); ok {
			w.read(node, f.name, f.kind, f.get)
		}
	case *ast.BinaryNode:
		if n.Operator == "/" {
			ast.Patch(node, call(nameDivide, n.Left, n.Right))
		}
	case *ast.CallNode:
		w.call(node, n)
	}
}

func (w rewriter) call(node *ast.Node, n *ast.CallNode) {
	name := n.Callee.(*ast.IdentifierNode).Value
	switch name {
	case "seconds":
		d, _ := windowNamed(n.Arguments[0].(*ast.StringNode).Value)
		ast.Patch(node, &ast.FloatNode{Value: d.Seconds()})
	case "in_list":
		w.lists[n.Arguments[1].(*ast.StringNode).Value] = true
		ast.Patch(node, call(nameListed, env(), n.Arguments[0], n.Arguments[1]))
	case "money":
		ast.Patch(node, call(nameMoney, env(), n.Arguments[0]))
	}
	if k := slices.Index(definedNames[:], name); k >= 0 {
		ast.Patch(node, call(slotNames[k], env(), n.Arguments[0]))
		return
	}
	f, ok := functionNamed(name)
	if !ok {
		return
	}
	q := w.resolve(f, n)
	w.remember(f, q)
	w.read(node, n.String(), f.kind, f.build(w.linker, q))
}

// resolve reads the literals of a question that lint has passed.
func (w rewriter) resolve(f function, n *ast.CallNode) question {
	var q question
	entities, windows := 0, 0
	for i, a := range f.args[:len(n.Arguments)] {
		word := n.Arguments[i].(*ast.StringNode).Value
		switch a {
		case anEntity:
			q.entities[entities], _ = w.entityNamed(word)
			entities++
		case anEvent:
			q.event, _ = eventNamed(word)
		case aWindow:
			q.windows[windows], _ = windowNamed(word)
			windows++
		}
	}
	return q
}

// remember notes how far back the question looks.
func (w rewriter) remember(f function, q question) {
	need := q.windows[0] + q.windows[1]
	if f.timely {
		need = Memory
	}
	e := q.entities[0]
	if e.Counted() {
		w.tally(f, q)
		return
	}
	w.horizon[e] = max(w.horizon[e], need)
}

// tally notes what is to be counted for the question.
func (w rewriter) tally(f function, q question) {
	t := risk.Tally{Entity: q.entities[0], Event: q.event, Window: q.windows[0], Delay: q.windows[1]}
	all := []risk.Tally{t}
	if f.name == "rate" { // a share of the attempts
		t.Event = risk.Event{Kind: risk.EventAttempt}
		all = append(all, t)
	}
	for _, t := range all {
		if !slices.Contains(w.tallies, t) {
			w.tallies = append(w.tallies, t)
		}
	}
}

// read replaces a node by the read of the slot of that text, made when it is new.
func (w rewriter) read(node *ast.Node, key string, k kind, get any) {
	i, ok := w.byText[key]
	if !ok {
		i = len(w.slots)
		w.byText[key] = i
		w.slots = append(w.slots, newSlot(get))
	}
	ast.Patch(node, call(slotNames[k], env(), &ast.IntegerNode{Value: i}))
}

func env() ast.Node { return &ast.IdentifierNode{Value: "$env"} }

func call(name string, args ...ast.Node) ast.Node {
	return &ast.CallNode{Callee: &ast.IdentifierNode{Value: name}, Arguments: args}
}
