package wording

import (
	"reflect"
	"slices"
	"strconv"
	"strings"
	"text/template"
	"text/template/parse"
)

// scope is what the fields of a template are looked up in: a type, and which of its fields may be used.
type scope struct {
	of  reflect.Type
	may []string
}

// The scopes of the three kinds of file.
var pageFields = scope{reflect.TypeFor[page](), []string{"Language", "Subject", "Shop", "Link", "Body"}}

func textFields(name string) scope { return scope{reflect.TypeFor[View](), mails[name].may()} }

func ownFields(name string) scope {
	return scope{reflect.TypeFor[own](), append([]string{"Language", "Subject"}, mails[name].may()...)}
}

// functions are those that a template may use. The others print, escape or call, which is not a template's business.
var functions = []string{"and", "or", "not", "eq", "ne", "len"}

// templates are all parts of a mail's text.
func (w words) templates() []*template.Template {
	all := []*template.Template{w.subject}
	for _, b := range w.body {
		all = append(all, b.text)
	}
	return slices.DeleteFunc(all, func(t *template.Template) bool { return t == nil || t.Tree == nil })
}

// fields says which fields and constructs of a template are not to be used, whether or not a rendering would reach them.
func fields(file string, tree *parse.Tree, may scope, problems *Problems) {
	if tree == nil || tree.Root == nil {
		return
	}
	c := checker{file: file, tree: tree, root: may, problems: problems}
	c.list(tree.Root, may.of)
}

// checker walks a template as its execution would, with the type of the dot in hand.
type checker struct {
	file     string
	tree     *parse.Tree
	root     scope
	problems *Problems
}

func (c checker) bad(n parse.Node, format string, args ...any) {
	where, _ := c.tree.ErrorContext(n) // name:line:column
	at := strings.Split(strings.TrimPrefix(where, c.tree.ParseName), ":")
	line := 0
	if len(at) > 1 {
		line, _ = strconv.Atoi(at[1])
	}
	c.problems.add(c.file, line, format, args...)
}

func (c checker) list(l *parse.ListNode, dot reflect.Type) {
	if l == nil {
		return
	}
	for _, n := range l.Nodes {
		c.node(n, dot)
	}
}

func (c checker) node(n parse.Node, dot reflect.Type) {
	switch n := n.(type) {
	case *parse.ActionNode:
		c.pipe(n.Pipe, dot)
	case *parse.IfNode:
		c.pipe(n.Pipe, dot)
		c.list(n.List, dot)
		c.list(n.ElseList, dot)
	case *parse.WithNode:
		c.list(n.List, c.pipe(n.Pipe, dot))
		c.list(n.ElseList, dot)
	case *parse.RangeNode:
		of := c.pipe(n.Pipe, dot)
		if of != nil && of.Kind() == reflect.Slice {
			of = of.Elem()
		} else if of != nil {
			c.bad(n, "{{range}} goes through a list, and %s is none", n.Pipe)
			of = nil
		}
		c.list(n.List, of)
		c.list(n.ElseList, dot)
	case *parse.TemplateNode:
		c.bad(n, "{{template}}, {{define}} and {{block}} are not for mails: write the words where they belong")
	}
}

// pipe looks at an expression and gives its type; nil when that cannot be told, where no field may follow.
func (c checker) pipe(p *parse.PipeNode, dot reflect.Type) reflect.Type {
	if len(p.Decl) > 0 {
		c.bad(p, "variables are not for mails: use the field where it is needed")
		return nil
	}
	var of reflect.Type
	for _, command := range p.Cmds {
		for _, arg := range command.Args {
			of = c.arg(arg, dot)
		}
	}
	if len(p.Cmds) == 1 && len(p.Cmds[0].Args) == 1 {
		return of
	}
	return nil
}

func (c checker) arg(n parse.Node, dot reflect.Type) reflect.Type {
	switch n := n.(type) {
	case *parse.DotNode:
		return dot
	case *parse.FieldNode:
		return c.field(n, dot, n.Ident)
	case *parse.VariableNode:
		if n.Ident[0] != "$" {
			c.bad(n, "variables are not for mails: use the field where it is needed")
			return nil
		}
		return c.field(n, c.root.of, n.Ident[1:])
	case *parse.PipeNode:
		return c.pipe(n, dot)
	case *parse.IdentifierNode:
		if !slices.Contains(functions, n.Ident) {
			c.bad(n, "the function %s is not for mails: they have %s", n.Ident, strings.Join(functions, ", "))
		}
	case *parse.ChainNode:
		c.bad(n, "%s is not a field: fields stand alone, as in {{.Shop}}", n)
	}
	return nil
}

// field is the type of a chain of fields.
func (c checker) field(n parse.Node, of reflect.Type, names []string) reflect.Type {
	for _, name := range names {
		if of == nil || of.Kind() != reflect.Struct {
			c.bad(n, "within {{with}} and {{range}} the dot is the value itself: write {{$.%s}}", strings.Join(names, "."))
			return nil
		}
		f, ok := of.FieldByName(name)
		if of == c.root.of {
			ok = slices.Contains(c.root.may, name)
		}
		if !ok || len(f.Index) == 0 {
			c.bad(n, "this mail has no field %s: it has %s", name, strings.Join(c.known(of), ", "))
			return nil
		}
		of = f.Type
	}
	return of
}

// known are the fields that may be named in a type.
func (c checker) known(of reflect.Type) (names []string) {
	if of == c.root.of {
		return c.root.may
	}
	for _, f := range reflect.VisibleFields(of) {
		names = append(names, f.Name)
	}
	return names
}
