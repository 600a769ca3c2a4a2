package policy

import (
	"regexp"
	"slices"
	"strings"

	yaml "github.com/goccy/go-yaml/ast"

	"github.com/expr-lang/expr/builtin"
	"github.com/expr-lang/expr/parser"
)

// The bounds of a file's definitions. Each name stands at most once on the way from a rule to a value, so the first
// bounds how deep one definition can stand in another; the second bounds what a decision may have to work out.
const (
	maxDefinitions = 100
	maxParameters  = 8
	maxMeanings    = 1000
)

var (
	definitionHead = regexp.MustCompile(`^([a-z][a-z0-9_]{0,63})(?:\(([^()]*)\))?$`)
	parameterName  = regexp.MustCompile(`^[a-z][a-z0-9_]{0,63}$`)
)

// definition is a named expression of the file, with parameters or without.
type definition struct {
	name       string
	parameters []string
	at         place // of the name
	body       scalar
	used       bool
	broken     bool           // its text cannot be parsed, which was said once
	said       map[place]bool // mistakes in the body that were noted for one set of arguments already
}

// define reads the definitions. Their bodies are compiled when they are used: only then are the arguments known.
func (k *linker) define(f field) {
	for _, v := range k.entries(f, "define", "stranger: '!known(\"card\")'") {
		if len(k.definitions) == maxDefinitions {
			k.fail(at(v.Key), "the policy has more than %d definitions", maxDefinitions)
			return
		}
		if d := k.head(v.Key); d != nil {
			k.body(d, field{key: at(v.Key), value: v.Value})
		}
	}
}

// head reads "wave(entity, least)"; nil with the mistake noted for anything else.
func (k *linker) head(key yaml.MapKeyNode) *definition {
	text, _ := key.(*yaml.StringNode)
	d := &definition{at: at(key), said: map[place]bool{}}
	if text == nil || !definitionHead.MatchString(text.Value) {
		k.fail(d.at, "a definition is named in lower-case letters, digits and _, its parameters in brackets, such as wave(entity, least)")
		return nil
	}
	parts := definitionHead.FindStringSubmatch(text.Value)
	if d.name = parts[1]; strings.HasSuffix(text.Value, ")") {
		d.parameters = strings.Split(parts[2], ",")
	}
	names := []string{d.name}
	for i, p := range d.parameters {
		d.parameters[i] = strings.TrimSpace(p)
		names = append(names, d.parameters[i])
	}
	if len(d.parameters) > maxParameters {
		k.fail(d.at, "the definition %s has %d parameters, it may have %d", d.name, len(d.parameters), maxParameters)
		return nil
	}
	for i, name := range names {
		switch {
		case !parameterName.MatchString(name):
			k.fail(d.at, "a parameter of %s is not named in lower-case letters, digits and _", d.name)
		case reserved(name):
			k.fail(d.at, "%s is a word of the expression language and cannot be defined", name)
		case slices.Contains(names[:i], name):
			k.fail(d.at, "the definition %s has the name %s twice", d.name, name)
		default:
			continue
		}
		return nil
	}
	if first := k.definitions[d.name]; first != nil {
		k.fail(d.at, "%s is already defined on line %d", d.name, first.at.line)
		return nil
	}
	return d
}

// body takes the text of a definition, which becomes known to every other one.
func (k *linker) body(d *definition, f field) {
	c, ok := k.scalar(f, "the definition "+d.name)
	if !ok {
		d.broken = true
	}
	d.body = c
	k.definitions[d.name] = d
	if len(c.text) > maxExpressionBytes {
		return // compile says so
	}
	if _, err := parser.ParseWithConfig(c.text, k.config); ok && err != nil {
		d.broken = true
		(&unit{linker: k, scalar: c, within: "in the definition " + d.name + ": "}).mistake(err)
	}
}

// reserved reports a word that has a meaning already.
func reserved(name string) bool {
	if _, fact := factNamed(name); fact || isGroup(name) {
		return true
	}
	if _, question := functionNamed(name); question {
		return true
	}
	return contains(builtin.Names, name) || contains(plainNames, name) || contains(grammar, name)
}

// grammar is the words of expr-lang itself, those in lower case.
var grammar = []string{"and", "or", "not", "in", "if", "else", "let", "matches", "contains", "true", "false", "nil"}

// idle refuses what nothing uses: a definition with parameters that is not used cannot be checked.
func (k *linker) idle() {
	if len(k.errs) > 0 {
		return // what is wrong may be the very use
	}
	for _, d := range k.definitions {
		if !d.used {
			k.fail(d.at, "the definition %s is used nowhere", d.name)
		}
	}
}
