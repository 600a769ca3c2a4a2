package main

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
	"time"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

// duration is a time span as Go writes it, such as 72h or 1h30m.
type duration time.Duration

// UnmarshalYAML implements yaml.NodeUnmarshaler: with the place, which the library leaves out.
func (d *duration) UnmarshalYAML(n ast.Node) error {
	if n.Type() == ast.NullType {
		return nil // a key with nothing behind it is as good as absent
	}
	text := n.GetToken().Value
	span, err := time.ParseDuration(text)
	if _, scalar := n.(ast.ScalarNode); err != nil || !scalar {
		return &yaml.TypeError{DstType: reflect.TypeFor[duration](), SrcType: reflect.TypeFor[string](), Token: n.GetToken()}
	}
	*d = duration(span)
	return nil
}

// misread says why a file could not be read: file, line, and the key where one is. It never repeats the text around the
// place, which may be a secret that should not stand there.
func misread(name string, src []byte, err error) error {
	var at yaml.Error
	if !errors.As(err, &at) || at.GetToken() == nil {
		return fmt.Errorf("%s: not readable as YAML", name)
	}
	said, wrong := at.GetMessage(), (*yaml.TypeError)(nil)
	var over *yaml.OverflowError
	var other *yaml.UnexpectedNodeTypeError
	switch key := keyAt(src, at.GetToken()); {
	case errors.As(err, &wrong):
		said = key + " " + mustBe(wrong.DstType)
	case errors.As(err, &over):
		said = key + " is too large a number"
	case errors.As(err, &other):
		said = key + " must be a " + other.Expected.YAMLName()
	}
	return fmt.Errorf("%s:%d: %s", name, at.GetToken().Position.Line, said)
}

// mustBe says what a value of the type looks like in the file.
func mustBe(t reflect.Type) string {
	if t == reflect.TypeFor[duration]() {
		return "must be a time such as 72h, 90m or 1h30m; a day is 24h"
	}
	switch t.Kind() {
	case reflect.Int, reflect.Int64:
		return "must be a whole number"
	case reflect.Bool:
		return "must be true or false"
	case reflect.Slice:
		return "must be a list such as [a, b]"
	case reflect.String:
		return "must be text"
	}
	return "must be keys with values"
}

// keyAt is the path of the value that begins at a token, such as shops[0].respond_within.
func keyAt(src []byte, at *token.Token) string {
	file, err := parser.ParseBytes(src, 0)
	if err != nil {
		return "the value"
	}
	finder := &finder{at: at.Position.Offset}
	for _, doc := range file.Docs {
		ast.Walk(finder, doc)
	}
	if finder.path == "" {
		return "the value"
	}
	return finder.path
}

// finder remembers the path of the node at an offset.
type finder struct {
	at   int
	path string
}

// Visit implements ast.Visitor.
func (f *finder) Visit(n ast.Node) ast.Visitor {
	if t := n.GetToken(); t != nil && t.Position.Offset == f.at {
		if path := strings.TrimPrefix(n.GetPath(), "$."); path != "$" {
			f.path = path
		}
	}
	return f
}
