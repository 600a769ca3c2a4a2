package gateway

import (
	"bytes"
	"encoding/json"
	"fmt"
	"html/template"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml"

	"octroi/gateway/payment"
)

// OpenAPI is the published contract as JSON (OpenAPI 3.1). It fails only if the embedded document is damaged, which a
// test excludes.
func OpenAPI() ([]byte, error) {
	text, err := views.ReadFile("views/openapi.yaml")
	if err != nil {
		return nil, fmt.Errorf("gateway: read the contract: %w", err)
	}
	out, err := yaml.YAMLToJSON(text)
	if err != nil {
		return nil, fmt.Errorf("gateway: parse the contract: %w", err)
	}
	return out, nil
}

// publish prepares the contract and the page to read it, both once.
func (s *Server) publish() (err error) {
	if s.openapi, err = OpenAPI(); err != nil {
		return err
	}
	var d document
	if err := json.Unmarshal(s.openapi, &d); err != nil {
		return fmt.Errorf("gateway: read the contract: %w", err)
	}
	var b bytes.Buffer
	if err := s.pages.templates.ExecuteTemplate(&b, "reference.html", d.view(s.pages.style)); err != nil {
		return fmt.Errorf("gateway: write the page of the contract: %w", err)
	}
	s.reference = b.Bytes()
	return nil
}

// readOpenAPI is GET /openapi.json.
func (s *Server) readOpenAPI(k *call) error {
	k.c.Response().Header.SetContentType("application/json")
	k.c.Response().SetBodyRaw(s.openapi)
	return nil
}

// toReference is GET /: whoever opens the bare address in a browser finds the contract.
func (s *Server) toReference(k *call) error {
	return k.c.Redirect("/docs", 302)
}

// readReference is GET /docs.
func (s *Server) readReference(k *call) error {
	k.c.Set("Content-Security-Policy", s.pages.policy)
	k.c.Response().Header.SetContentType("text/html; charset=utf-8")
	k.c.Response().SetBodyRaw(s.reference)
	return nil
}

// document is as much of the contract as the page shows.
type document struct {
	Info struct{ Title, Version, Description string }
	Tags []struct{ Name, Description string }
	// Paths holds operations by path and method.
	Paths      map[string]map[string]operation
	Components struct {
		Schemas    map[string]schema
		Parameters map[string]parameter
		Responses  map[string]response
	}
}

type operation struct {
	Tags                 []string
	Summary, Description string
	Security             []map[string][]string
	Parameters           []parameter
	RequestBody          *struct {
		Content map[string]media
	} `json:"requestBody"`
	Responses map[string]response
}

type parameter struct {
	Ref                   string `json:"$ref"`
	Name, In, Description string
	Required              bool
	Schema                schema
}

type response struct {
	Ref         string `json:"$ref"`
	Description string
	Content     map[string]media
}

type media struct {
	Schema  schema
	Example json.RawMessage
}

type schema struct {
	Ref              string `json:"$ref"`
	Type             string
	Format           string
	Description      string
	Enum             []any
	Properties       map[string]schema
	Required         []string
	Items            *schema
	OneOf, AllOf     []schema
	Minimum, Maximum *json.Number
	MaxLength        *int `json:"maxLength"`
}

// The page's own view of the document.
type (
	referenceView struct {
		Style    template.CSS
		Title    string
		Intro    []string
		Groups   []groupView
		Problems []problemView
		Schemas  []schemaView
	}
	groupView struct {
		Name, Text string
		Calls      []callView
	}
	callView struct {
		ID, Method, Path, Summary, Text, Who string
		Parameters                           []fieldView
		Body                                 template.HTML
		Example                              string
		Responses                            []responseView
	}
	fieldView struct {
		Name, In, Text string
		Type           template.HTML
		Required       bool
	}
	responseView struct {
		Status, Text string
		Body         template.HTML
	}
	problemView struct {
		Code        payment.Code
		Status      int
		Title, Text string
	}
	schemaView struct {
		Name, Text string
		Type       template.HTML
		Fields     []fieldView
	}
)

func (d document) view(style template.CSS) referenceView {
	v := referenceView{Style: style, Title: d.Info.Title, Intro: strings.Split(strings.TrimSpace(d.Info.Description), "\n\n")}
	for _, tag := range d.Tags {
		v.Groups = append(v.Groups, groupView{Name: tag.Name, Text: tag.Description, Calls: d.calls(tag.Name)})
	}
	for _, code := range payment.Codes() {
		o := outcomes[code]
		v.Problems = append(v.Problems, problemView{Code: code, Status: o.status, Title: o.title, Text: o.meaning})
	}
	for _, name := range slices.Sorted(maps.Keys(d.Components.Schemas)) {
		s := d.Components.Schemas[name]
		v.Schemas = append(v.Schemas, schemaView{Name: name, Text: s.Description, Type: s.words(), Fields: s.fields()})
	}
	return v
}

// methods is the order calls of one path are shown in.
var methods = []string{"get", "post", "delete"}

func (d document) calls(tag string) (out []callView) {
	for _, path := range slices.Sorted(maps.Keys(d.Paths)) {
		for _, method := range methods {
			if o, ok := d.Paths[path][method]; ok && slices.Contains(o.Tags, tag) {
				out = append(out, d.call(path, method, o))
			}
		}
	}
	return out
}

func (d document) call(path, method string, o operation) callView {
	id := method + strings.NewReplacer("/", "-", "{", "", "}", "", ".", "-").Replace(path)
	v := callView{ID: id, Method: strings.ToUpper(method), Path: path, Summary: o.Summary, Text: o.Description}
	for _, need := range o.Security {
		for name := range need {
			v.Who = map[string]string{"shopKey": "With a shop's key (sk_…).", "personToken": "With a person's token (an_…)."}[name]
		}
	}
	for _, p := range o.Parameters {
		if p.Ref != "" {
			p = d.Components.Parameters[last(p.Ref)]
		}
		v.Parameters = append(v.Parameters, fieldView{Name: p.Name, In: p.In, Text: p.Description, Type: p.Schema.words(), Required: p.Required})
	}
	if o.RequestBody != nil {
		for _, name := range slices.Sorted(maps.Keys(o.RequestBody.Content)) {
			m := o.RequestBody.Content[name]
			v.Body = template.HTML(template.HTMLEscapeString(name)+" ") + m.Schema.words()
			v.Example = indent(m.Example)
		}
	}
	for _, status := range slices.Sorted(maps.Keys(o.Responses)) {
		r := o.Responses[status]
		if r.Ref != "" {
			r = d.Components.Responses[last(r.Ref)]
		}
		one := responseView{Status: status, Text: r.Description}
		for _, m := range r.Content {
			one.Body = m.Schema.words()
		}
		v.Responses = append(v.Responses, one)
	}
	return v
}

func indent(raw json.RawMessage) string {
	var b bytes.Buffer
	if len(raw) == 0 || json.Indent(&b, raw, "", "  ") != nil {
		return ""
	}
	return b.String()
}

func last(ref string) string { return ref[strings.LastIndexByte(ref, '/')+1:] }

func (s schema) fields() (out []fieldView) {
	for _, name := range slices.Sorted(maps.Keys(s.Properties)) {
		p := s.Properties[name]
		out = append(out, fieldView{Name: name, Text: p.Description, Type: p.words(), Required: slices.Contains(s.Required, name)})
	}
	for _, part := range s.AllOf {
		out = append(out, part.fields()...)
	}
	return out
}

// words says what a value of the schema is. Only the names of the embedded document go into it, escaped.
func (s schema) words() template.HTML {
	esc := template.HTMLEscapeString
	switch {
	case s.Ref != "":
		n := esc(last(s.Ref))
		return template.HTML(`<a href="#schema-` + n + `">` + n + `</a>`)
	case len(s.Enum) > 0:
		var names []string
		for _, e := range s.Enum {
			names = append(names, esc(fmt.Sprint(e)))
		}
		return template.HTML("one of <code>" + strings.Join(names, "</code>, <code>") + "</code>")
	case s.Items != nil:
		return "list of " + s.Items.words()
	case len(s.OneOf) > 0:
		var names []string
		for _, o := range s.OneOf {
			names = append(names, string(o.words()))
		}
		return template.HTML(strings.Join(names, " or "))
	}
	out := s.Type
	if s.Format != "" {
		out += " (" + s.Format + ")"
	}
	if s.Minimum != nil && s.Maximum != nil {
		out += ", " + s.Minimum.String() + " to " + s.Maximum.String()
	}
	if s.MaxLength != nil {
		out += ", at most " + strconv.Itoa(*s.MaxLength)
	}
	return template.HTML(esc(out))
}
