package policy

import (
	"reflect"
	"regexp"
	"strings"

	"github.com/expr-lang/expr/ast"

	"octroi/risk"
)

// builtins are the functions of expr-lang that the language keeps: those whose cost and result cannot exceed what
// goes in.
var builtins = []string{"any", "all", "none", "len", "lower", "upper", "trim", "hasPrefix", "hasSuffix", "abs", "min",
	"max", "round", "floor", "ceil"}

// operators are those the language keeps. Missing are ranges, powers and remainders: the first make loops, the second
// overflow, the third fails on zero.
var operators = []string{"==", "!=", "<", ">", "<=", ">=", "and", "or", "&&", "||", "+", "-", "*", "/", "in", "contains",
	"startsWith", "endsWith", "matches", "??"}

var listName = regexp.MustCompile(`^[a-z][a-z0-9_]{0,63}$`)

// lint refuses what the checker lets through but the language does not: literals that name nothing, loops beyond
// the order, state, and facts of another stage.
type lint struct{ *unit }

// Visit looks at one node.
func (l *lint) Visit(node *ast.Node) {
	switch n := (*node).(type) {
	case *ast.BuiltinNode:
		l.builtin(n)
	case *ast.CallNode:
		l.call(n)
	case *ast.BinaryNode:
		l.binary(n)
	case *ast.IdentifierNode:
		if n.Value == "$env" {
			l.refuse(n, "$env is not part of the policy language")
		}
	case *ast.MemberNode:
		l.fact(n)
	case *ast.VariableDeclaratorNode, *ast.SequenceNode, *ast.MapNode, *ast.SliceNode, *ast.BytesNode:
		l.refuse(n, "let, sequences, maps, slices and bytes are not part of the policy language")
	}
}

// fact looks at a fact of a group: those of the review are known only after the authorisation.
func (l *lint) fact(n *ast.MemberNode) {
	group, ok := n.Node.(*ast.IdentifierNode)
	name, isName := n.Property.(*ast.StringNode)
	if !ok || !isName || group.Value != "review" {
		return
	}
	l.review = "review." + name.Value
	if l.stage != stageReview && l.stage != stageDefine {
		l.refuse(n, "%s is known only after the authorisation%s", l.review, afterwards(l.stage))
	}
}

// afterwards is what to do about a fact of the review in another stage.
func afterwards(s stage) string {
	if s == stageScorecard {
		return ": the scorecard is added up before it"
	}
	return ": give the rule stage: review"
}

func (l *lint) builtin(n *ast.BuiltinNode) {
	if !contains(builtins, n.Name) {
		l.refuse(n, "%s is not part of the policy language", n.Name)
		return
	}
	for _, a := range n.Arguments {
		p, ok := a.(*ast.PredicateNode)
		if ok && ast.Find(p.Node, isLoop) != nil {
			l.refuse(n, "a loop inside a loop is not part of the policy language")
		}
	}
}

func isLoop(n ast.Node) bool {
	_, ok := n.(*ast.PredicateNode)
	return ok
}

func (l *lint) binary(n *ast.BinaryNode) {
	if !contains(operators, n.Operator) {
		l.refuse(n, "the operator %s is not part of the policy language", n.Operator)
		return
	}
	if n.Operator == "+" && n.Left.Type().Kind() == reflect.String {
		l.refuse(n, "texts are not added: write them side by side in a detail")
	}
	if n.Operator == "matches" {
		if _, literal := n.Right.(*ast.StringNode); !literal {
			l.refuse(n.Right, "the pattern after matches must be a literal text")
		}
	}
}

func (l *lint) call(n *ast.CallNode) {
	callee, ok := n.Callee.(*ast.IdentifierNode)
	if !ok {
		l.refuse(n, "only the functions of the policy language can be called")
		return
	}
	switch callee.Value {
	case "seconds":
		l.literal(n.Arguments[0], aWindow)
	case "in_list":
		if name, ok := n.Arguments[1].(*ast.StringNode); !ok || !listName.MatchString(name.Value) {
			l.refuse(n.Arguments[1], "the name of a list must be a literal such as \"blocked_emails\"")
		}
	}
	f, ok := functionNamed(callee.Value)
	if !ok {
		return
	}
	for i, a := range f.args[:len(n.Arguments)] {
		if a == aWindow && i > 0 && f.args[i-1] == aWindow {
			a = aDelay
		}
		l.literal(n.Arguments[i], a)
	}
	if !l.broken {
		l.counted(f, n)
	}
}

// literal checks one argument that has to be known before the first order.
func (l *lint) literal(n ast.Node, a argument) {
	s, ok := n.(*ast.StringNode)
	switch a {
	case anEntity:
		if !ok {
			l.refuse(n, "the entity must be a literal such as \"card\"")
		} else if _, known := l.entityNamed(s.Value); !known {
			l.refuse(n, "unknown entity %q: it is one of %s", s.Value, l.entityNames())
		}
	case anEvent:
		if !ok {
			l.refuse(n, "the event must be a literal such as \"refused\"")
		} else if _, known := eventNamed(s.Value); !known {
			l.refuse(n, "unknown event %q: it is one of %s, or refused.<code>", s.Value, strings.Join(eventNames(), ", "))
		}
	case aDelay:
		if ok && zeroWindow(s.Value) {
			return
		}
		l.literal(n, aWindow)
	case aWindow:
		if !ok {
			l.refuse(n, "the window must be a literal such as \"24h\"")
		} else if _, known := windowNamed(s.Value); !known {
			l.refuse(n, "%q is not a window: write a number of s, m, h or d, up to 400d, such as \"24h\"", s.Value)
		}
	}
}

func eventNames() []string {
	var names []string
	for k := risk.EventKind(0); k < risk.EventKindCount; k++ {
		names = append(names, k.String())
	}
	return names
}
