package policy

import (
	"errors"
	"fmt"
	"reflect"

	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/checker"
	"github.com/expr-lang/expr/compiler"
	"github.com/expr-lang/expr/file"
	"github.com/expr-lang/expr/optimizer"
	"github.com/expr-lang/expr/parser"
	"github.com/expr-lang/expr/vm"
)

// The bounds of one expression.
const (
	maxExpressionBytes = 2000
	maxExpressionNodes = 400
	memoryBudget       = 100_000 // of expr's virtual machine, in its own units of about one value
)

// expression is one compiled expression.
type expression struct {
	program *vm.Program
	direct  test       // the same in Go, for a plain truth; see direct.go
	figure  figure     // the same in Go, for a plain number, or for a plain truth as 1 or 0
	value   func(*run) // the same in Go without the answer, for what a detail shows; see run.tellable
	result  reflect.Type
}

// unit is one text being compiled: an expression of a rule, a feature or a detail, or what a definition says with
// certain arguments.
type unit struct {
	*linker
	scalar    scalar
	stage     stage
	within    string         // begins every message, for a definition
	said      map[place]bool // places of which a mistake is not told again; nil for telling all
	arguments map[string]given
	foreign   map[ast.Node]place // literals that stand elsewhere: at the use of the definition
	review    string             // a fact of the review that it reads; "" for none
	broken    bool
}

// place is where the file has a node.
func (u *unit) place(n ast.Node) place {
	if p, ok := u.foreign[n]; ok {
		return p
	}
	return u.scalar.at(n.Location().From)
}

func (u *unit) refuse(n ast.Node, format string, args ...any) { u.failAt(u.place(n), format, args...) }

func (u *unit) failAt(at place, format string, args ...any) {
	u.broken = true
	if u.said[at] {
		return
	}
	if u.said != nil {
		u.said[at] = true
	}
	u.fail(at, "%s%s", u.within, fmt.Sprintf(format, args...))
}

// mistake notes what expr found, at the place in the YAML.
func (u *unit) mistake(err error) {
	var e *file.Error
	if errors.As(err, &e) {
		u.failAt(u.scalar.at(e.From), "%s", e.Message)
		return
	}
	u.failAt(u.scalar.start, "%s", err.Error())
}

// compile checks one expression of a stage and compiles it; ok is false with the mistakes noted.
func (k *linker) compile(c scalar, s stage) (e expression, ok bool) {
	return (&unit{linker: k, scalar: c, stage: s}).compile()
}

func (u *unit) compile() (e expression, ok bool) {
	if n := len(u.scalar.text); n > maxExpressionBytes {
		u.failAt(u.scalar.start, "the expression has %d bytes, it may have %d", n, maxExpressionBytes)
		return e, false
	}
	tree, err := parser.ParseWithConfig(u.scalar.text, u.config)
	if err != nil {
		u.mistake(err)
		return e, false
	}
	if u.expand(&tree.Node); u.broken {
		return e, false
	}
	if _, err = checker.Check(tree, u.config); err != nil {
		u.mistake(err)
		return e, false
	}
	if ast.Walk(&tree.Node, &lint{u}); u.broken {
		return e, false
	}
	ast.Walk(&tree.Node, rewriter{u.linker})
	if g, ok := ast.Find(tree.Node, bareGroup).(*ast.IdentifierNode); ok {
		u.refuse(g, "%s is a group of facts: name one of them, as in %s", g.Value, example(g.Value))
		return e, false
	}
	return u.finish(tree)
}

func (u *unit) finish(tree *parser.Tree) (e expression, ok bool) {
	e.direct, e.figure, e.value = directTest(tree.Node), directFigure(tree.Node), directValue(tree.Node)
	if truth := e.direct; truth != nil {
		e.figure = func(r *run) float64 {
			if truth(r) {
				return 1
			}
			return 0
		}
	}
	var err error
	e.result, err = checker.Check(tree, u.config)
	if err == nil {
		err = optimizer.Optimize(&tree.Node, u.config)
	}
	if err == nil {
		e.program, err = compiler.Compile(tree, u.config)
	}
	if err != nil {
		u.mistake(err)
		return e, false
	}
	return e, true
}

func bareGroup(n ast.Node) bool {
	id, ok := n.(*ast.IdentifierNode)
	return ok && isGroup(id.Value)
}

func example(group string) string {
	for _, f := range facts {
		if len(f.name) > len(group) && f.name[:len(group)+1] == group+"." {
			return f.name
		}
	}
	return group
}
