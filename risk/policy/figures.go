package policy

import (
	"math"
	"slices"

	"github.com/expr-lang/expr/ast"
)

// maxWhole is the largest whole literal that a float64 holds exactly.
const maxWhole = 1 << 53

// directFigure gives the function of a number; nil when the node is not plain.
func directFigure(n ast.Node) figure {
	if i, ok := slotOf(n, number); ok {
		return func(r *run) float64 { return r.cell(i).number }
	}
	switch n := n.(type) {
	case *ast.IntegerNode:
		if n.Value <= maxWhole {
			x := float64(n.Value)
			return func(*run) float64 { return x }
		}
	case *ast.FloatNode:
		return func(*run) float64 { return n.Value }
	case *ast.UnaryNode:
		if a := directFigure(n.Node); a != nil && n.Operator == "-" {
			return func(r *run) float64 { return -a(r) }
		}
	case *ast.BinaryNode:
		return directSum(n)
	case *ast.ConditionalNode:
		if c, a, b := directTest(n.Cond), directFigure(n.Exp1), directFigure(n.Exp2); c != nil && a != nil && b != nil {
			return func(r *run) float64 {
				if c(r) {
					return a(r)
				}
				return b(r)
			}
		}
	case *ast.BuiltinNode:
		return directBuiltin(n)
	case *ast.CallNode:
		return directQuotient(n)
	}
	return nil
}

// figureIn is a number among literal ones.
func figureIn(n *ast.BinaryNode) test {
	a := directFigure(n.Left)
	list, ok := n.Right.(*ast.ArrayNode)
	if a == nil || !ok {
		return nil
	}
	var numbers []float64
	for _, e := range list.Nodes {
		switch x := e.(type) {
		case *ast.IntegerNode:
			numbers = append(numbers, float64(x.Value))
		case *ast.FloatNode:
			numbers = append(numbers, x.Value)
		default:
			return nil
		}
	}
	return func(r *run) bool { return slices.Contains(numbers, a(r)) }
}

// directSum leaves sums of two whole numbers to the machine, which does not reckon them as float64.
func directSum(n *ast.BinaryNode) figure {
	a, b := directFigure(n.Left), directFigure(n.Right)
	if a == nil || b == nil || whole(n.Left) && whole(n.Right) {
		return nil
	}
	switch n.Operator {
	case "+":
		return func(r *run) float64 { return a(r) + b(r) }
	case "-":
		return func(r *run) float64 { return a(r) - b(r) }
	case "*":
		// The conversion keeps the compiler from fusing the product with a sum around it, which would round
		// differently on other machines.
		return func(r *run) float64 { return float64(a(r) * b(r)) }
	}
	return nil
}

// whole reports a number that the machine may keep as a whole one. Facts and questions are float64, always.
func whole(n ast.Node) bool {
	switch n := n.(type) {
	case *ast.IntegerNode:
		return true
	case *ast.UnaryNode:
		return whole(n.Node)
	case *ast.ConditionalNode:
		return whole(n.Exp1) || whole(n.Exp2)
	case *ast.BinaryNode:
		return whole(n.Left) && whole(n.Right)
	case *ast.BuiltinNode:
		for _, a := range n.Arguments {
			if whole(a) {
				return true
			}
		}
	}
	return false
}

func directBuiltin(n *ast.BuiltinNode) figure {
	args := make([]figure, len(n.Arguments))
	for i, a := range n.Arguments {
		if args[i] = directFigure(a); args[i] == nil {
			return nil
		}
	}
	if len(args) == 1 {
		a := args[0]
		switch n.Name {
		case "abs":
			return func(r *run) float64 { return math.Abs(a(r)) }
		case "floor":
			return func(r *run) float64 { return math.Floor(a(r)) }
		case "ceil":
			return func(r *run) float64 { return math.Ceil(a(r)) }
		case "round":
			return func(r *run) float64 { return math.Round(a(r)) }
		}
	}
	if len(args) == 2 {
		a, b := args[0], args[1]
		switch n.Name {
		case "min":
			return func(r *run) float64 { return min(a(r), b(r)) }
		case "max":
			return func(r *run) float64 { return max(a(r), b(r)) }
		}
	}
	return nil
}

func directQuotient(n *ast.CallNode) figure {
	var args []figure
	for _, a := range n.Arguments {
		args = append(args, directFigure(a))
	}
	switch n.Callee.(*ast.IdentifierNode).Value {
	case nameDivide:
		if a, b := args[0], args[1]; a != nil && b != nil {
			return func(r *run) float64 {
				q, err := quotient(a(r), b(r))
				if err != nil {
					panic(err) // caught where the rule is asked
				}
				return q
			}
		}
	case "ratio":
		if a, b, otherwise := args[0], args[1], args[2]; a != nil && b != nil && otherwise != nil {
			return func(r *run) float64 { return ratio(a(r), b(r), otherwise(r)) }
		}
	}
	return nil
}
