package policy

import (
	"slices"
	"strings"

	"github.com/expr-lang/expr/ast"
)

// meaning is a definition compiled for one set of arguments: every expression that uses it so reads one slot.
type meaning struct {
	kind   kind
	slot   int
	review string // the fact of the review that it reads, directly or not
	ok     bool
}

// expander puts arguments in the place of parameters, and reads of slots in the place of definitions. Children come
// before their parents, so that the arguments of a use are literals by the time it is looked at.
type expander struct {
	*unit
	callees map[ast.Node]bool // names that are called, which are looked at with their call
}

func (u *unit) expand(root *ast.Node) {
	x := &expander{unit: u, callees: map[ast.Node]bool{}}
	ast.Find(*root, func(n ast.Node) bool {
		if c, ok := n.(*ast.CallNode); ok {
			x.callees[c.Callee] = true
		}
		return false
	})
	ast.Walk(root, x)
}

// Visit replaces one node.
func (x *expander) Visit(node *ast.Node) {
	switch n := (*node).(type) {
	case *ast.IdentifierNode:
		if x.callees[n] {
			return
		}
		if arg, ok := x.arguments[n.Value]; ok {
			literal := copied(arg.node)
			ast.Patch(node, literal)
			x.foreign[literal] = arg.at
			return
		}
		x.use(node, x.definitions[n.Value], nil)
	case *ast.CallNode:
		if callee, ok := n.Callee.(*ast.IdentifierNode); ok {
			x.use(node, x.definitions[callee.Value], n.Arguments)
		}
	}
}

// given is a literal argument and where the file has it.
type given struct {
	node ast.Node
	at   place
}

// literals are the arguments of a use; false with the mistake noted when they are not what the definition takes.
func (x *expander) literals(n ast.Node, d *definition, args []ast.Node) (map[string]given, bool) {
	if len(args) != len(d.parameters) {
		if len(d.parameters) == 0 {
			x.refuse(n, "%s is written without arguments", d.name)
		} else {
			x.refuse(n, "%s is written with its arguments, as %s(%s)", d.name, d.name, strings.Join(d.parameters, ", "))
		}
		return nil, false
	}
	out := map[string]given{}
	for i, a := range args {
		if copied(a) == nil {
			x.refuse(a, "the arguments of %s must be literals, such as \"card\" or 8", d.name)
			return nil, false
		}
		out[d.parameters[i]] = given{a, x.place(a)}
	}
	return out, true
}

// copied is a literal anew; nil for anything else.
func copied(n ast.Node) ast.Node {
	switch n := n.(type) {
	case *ast.StringNode:
		return &ast.StringNode{Value: n.Value}
	case *ast.IntegerNode:
		return &ast.IntegerNode{Value: n.Value}
	case *ast.FloatNode:
		return &ast.FloatNode{Value: n.Value}
	case *ast.BoolNode:
		return &ast.BoolNode{Value: n.Value}
	case *ast.UnaryNode:
		if inner := copied(n.Node); inner != nil && n.Operator == "-" {
			return &ast.UnaryNode{Operator: "-", Node: inner}
		}
	}
	return nil
}

// use replaces the use of a definition by a read of its slot.
func (x *expander) use(node *ast.Node, d *definition, args []ast.Node) {
	if d == nil {
		return
	}
	d.used = true
	values, ok := x.literals(*node, d, args)
	if !ok {
		return
	}
	m := x.meaning(*node, d, values)
	if m == nil || !m.ok {
		x.broken = true
		return
	}
	if m.review != "" {
		x.review = m.review
		if x.stage != stageReview && x.stage != stageDefine {
			x.refuse(*node, "%s reads %s, which is known only after the authorisation%s", d.name, m.review, afterwards(x.stage))
		}
	}
	ast.Patch(node, call(definedNames[m.kind], &ast.IntegerNode{Value: m.slot}))
}

// meaning is what a definition says with these arguments, compiled at its first use; nil when it would need itself.
func (x *expander) meaning(n ast.Node, d *definition, args map[string]given) *meaning {
	if i := slices.Index(x.open, d.name); i >= 0 {
		x.refuse(n, "the definition %s needs itself: %s", d.name, strings.Join(append(slices.Clone(x.open[i:]), d.name), ", "))
		return nil
	}
	written := d.name
	if len(d.parameters) > 0 {
		var words []string
		for _, p := range d.parameters {
			words = append(words, args[p].node.String())
		}
		written += "(" + strings.Join(words, ", ") + ")"
	}
	if m := x.meanings[written]; m != nil {
		return m
	}
	m := &meaning{}
	x.meanings[written] = m
	if len(x.meanings) == maxMeanings+1 {
		x.refuse(n, "the definitions are used with more than %d different arguments", maxMeanings)
	}
	if d.broken || len(x.meanings) > maxMeanings {
		return m
	}
	u := &unit{linker: x.linker, scalar: d.body, stage: stageDefine, within: "in " + written + ": ", said: d.said,
		arguments: args, foreign: map[ast.Node]place{}}
	if len(args) == 0 {
		u.within = "in the definition " + d.name + ": "
	}
	x.open = append(x.open, d.name)
	e, ok := u.compile()
	x.open = x.open[:len(x.open)-1]
	m.review = u.review
	if !ok {
		return m
	}
	if m.kind, m.ok = kindOf(e); !m.ok {
		u.failAt(d.body.start, "a definition gives true or false, a number or a text; this is %s", typeName(e.result))
		return m
	}
	m.slot = len(x.slots)
	x.slots = append(x.slots, slot{kind: m.kind, defined: &e, name: written})
	return m
}

// kindOf is the kind of what an expression gives; false for what no slot of a definition holds.
func kindOf(e expression) (kind, bool) {
	switch t := typeName(e.result); {
	case t == aTruth:
		return truth, true
	case t == aNumber || e.figure != nil:
		return number, true
	case t == aText:
		return text, true
	}
	return 0, false
}
