package policy

import (
	"slices"

	"github.com/expr-lang/expr/ast"
)

// Most rules compare a few values with literals. For those expr's virtual machine spends more on itself than on the
// comparison, so the plain part of the language is also turned into Go functions here: and, or, not, comparisons,
// choices, equality and membership of texts, lists; figures.go has the numbers. A rule with anything else runs on the
// machine. A test holds that both give the same answer.

type (
	test   func(*run) bool
	figure func(*run) float64
	word   func(*run) string
)

// directTest gives the function of a truth; nil when the node is not plain.
func directTest(n ast.Node) test {
	switch n := n.(type) {
	case *ast.BoolNode:
		return func(*run) bool { return n.Value }
	case *ast.UnaryNode:
		if a := directTest(n.Node); a != nil && (n.Operator == "!" || n.Operator == "not") {
			return func(r *run) bool { return !a(r) }
		}
	case *ast.BinaryNode:
		return directBinary(n)
	case *ast.ConditionalNode:
		if c, a, b := directTest(n.Cond), directTest(n.Exp1), directTest(n.Exp2); c != nil && a != nil && b != nil {
			return func(r *run) bool {
				if c(r) {
					return a(r)
				}
				return b(r)
			}
		}
	case *ast.CallNode:
		return directCall(n)
	}
	return nil
}

func directBinary(n *ast.BinaryNode) test {
	switch n.Operator {
	case "&&", "and":
		if a, b := directTest(n.Left), directTest(n.Right); a != nil && b != nil {
			return func(r *run) bool { return a(r) && b(r) }
		}
		return nil
	case "||", "or":
		if a, b := directTest(n.Left), directTest(n.Right); a != nil && b != nil {
			return func(r *run) bool { return a(r) || b(r) }
		}
		return nil
	case "in":
		return directIn(n)
	}
	if t := compareWords(n); t != nil {
		return t
	}
	return compareFigures(n)
}

func directIn(n *ast.BinaryNode) test {
	a := directWord(n.Left)
	if a == nil {
		return figureIn(n)
	}
	if i, ok := slotOf(n.Right, texts); ok {
		return func(r *run) bool { return slices.Contains(r.other(i).([]string), a(r)) }
	}
	list, ok := n.Right.(*ast.ArrayNode)
	if !ok {
		return nil
	}
	var words []string
	for _, e := range list.Nodes {
		s, ok := e.(*ast.StringNode)
		if !ok {
			return nil
		}
		words = append(words, s.Value)
	}
	return func(r *run) bool { return slices.Contains(words, a(r)) }
}

func compareWords(n *ast.BinaryNode) test {
	a, b := directWord(n.Left), directWord(n.Right)
	if a == nil || b == nil {
		return nil
	}
	switch n.Operator {
	case "==":
		return func(r *run) bool { return a(r) == b(r) }
	case "!=":
		return func(r *run) bool { return a(r) != b(r) }
	}
	return nil
}

func compareFigures(n *ast.BinaryNode) test {
	a, b := directFigure(n.Left), directFigure(n.Right)
	if a == nil || b == nil {
		return nil
	}
	switch n.Operator {
	case "==":
		return func(r *run) bool { return a(r) == b(r) }
	case "!=":
		return func(r *run) bool { return a(r) != b(r) }
	case "<":
		return func(r *run) bool { return a(r) < b(r) }
	case "<=":
		return func(r *run) bool { return a(r) <= b(r) }
	case ">":
		return func(r *run) bool { return a(r) > b(r) }
	case ">=":
		return func(r *run) bool { return a(r) >= b(r) }
	}
	return nil
}

// directCall takes reads of truths and the functions over texts.
func directCall(n *ast.CallNode) test {
	if i, ok := slotOf(n, truth); ok {
		return func(r *run) bool { return r.cell(i).truth }
	}
	switch n.Callee.(*ast.IdentifierNode).Value {
	case nameListed:
		value, list := directWord(n.Arguments[1]), n.Arguments[2].(*ast.StringNode).Value
		if value != nil {
			return func(r *run) bool { return r.listed(value(r), list) }
		}
	case "differs":
		if a, b := directWord(n.Arguments[0]), directWord(n.Arguments[1]); a != nil && b != nil {
			return func(r *run) bool { return differs(a(r), b(r)) }
		}
	case "disposable":
		if domain := directWord(n.Arguments[0]); domain != nil {
			return func(r *run) bool { return disposable(domain(r)) }
		}
	}
	return nil
}

func directWord(n ast.Node) word {
	if s, ok := n.(*ast.StringNode); ok {
		return func(*run) string { return s.Value }
	}
	if i, ok := slotOf(n, text); ok {
		return func(r *run) string { return r.text(i) }
	}
	if m, ok := n.(*ast.MemberNode); ok { // metadata.key
		i, isPairs := slotOf(m.Node, pairs)
		if key, isName := m.Property.(*ast.StringNode); isPairs && isName {
			return func(r *run) string { return r.other(i).(map[string]string)[key.Value] }
		}
	}
	return nil
}

// directValue gives a function that works out what a detail shows, and drops it: nil when the node is not plain. Where it
// does not panic, the machine does not fail.
func directValue(n ast.Node) func(*run) {
	if c, ok := n.(*ast.CallNode); ok {
		switch c.Callee.(*ast.IdentifierNode).Value {
		case nameMoney:
			n = c.Arguments[1]
		case "span":
			n = c.Arguments[0]
		}
	}
	if a := directFigure(n); a != nil {
		return func(r *run) { a(r) }
	}
	if a := directWord(n); a != nil {
		return func(r *run) { a(r) }
	}
	return nil
}

// slotOf gives the slot that a node reads, when it reads one of that kind.
func slotOf(n ast.Node, k kind) (int, bool) {
	c, ok := n.(*ast.CallNode)
	if !ok || c.Callee.(*ast.IdentifierNode).Value != slotNames[k] {
		return 0, false
	}
	return c.Arguments[1].(*ast.IntegerNode).Value, true
}
