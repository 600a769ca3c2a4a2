package wording

import (
	"encoding/xml"
	"errors"
	"io"
	"regexp"
	"slices"
	"strings"
)

// What a mail's HTML may be made of: words and their shape. Everything that runs, loads, embeds or sends is outside.
var (
	elements = strings.Fields(`html head meta title style body div span section header footer main article center p h1 h2 h3 h4 a
 ul ol li dl dt dd blockquote q strong em b i u s small sub sup br hr table caption thead tbody tfoot tr td th pre code abbr`)
	attributes = strings.Fields(`lang dir style class id href role title width height align valign bgcolor border cellpadding
 cellspacing colspan rowspan scope name content charset`)
	// metas are the meta elements that neither load nor lead anywhere.
	metas = strings.Fields("viewport color-scheme supported-color-schemes format-detection x-apple-disable-message-reformatting")
)

// loads finds what makes a style sheet fetch something, or hide that it does.
var loads = regexp.MustCompile(`(?i)url\s*\(|image\s*\(|image-set\s*\(|src\s*\(|@import|@font-face|expression\s*\(|-moz-binding|\\`)

// markup refuses an HTML file that is more than words and their shape, or links elsewhere. The file must be well formed
// with its actions left in place, so that no condition can open what another one closes.
func markup(file, source string, hosts []string, problems *Problems) {
	r := xml.NewDecoder(strings.NewReader(source))
	r.Strict, r.Entity = false, xml.HTMLEntity
	m := marks{file: file, hosts: hosts, problems: problems}
	for {
		m.line, _ = r.InputPos()
		token, err := r.RawToken()
		if errors.Is(err, io.EOF) {
			if len(m.open) > 0 {
				m.unformed("<" + m.open[len(m.open)-1] + "> is not closed")
			}
			return
		}
		var wrong *xml.SyntaxError
		if errors.As(err, &wrong) {
			m.line = wrong.Line
			m.unformed(wrong.Msg)
			return
		}
		if err != nil {
			problems.add(file, m.line, "the HTML cannot be read: %v", err)
			return
		}
		m.token(token)
	}
}

// marks looks at the tokens of one file.
type marks struct {
	file     string
	line     int
	hosts    []string
	open     []string // the elements that are not closed yet, the innermost last
	problems *Problems
}

func (m *marks) bad(format string, args ...any) { m.problems.add(m.file, m.line, format, args...) }

func (m *marks) unformed(why string) {
	m.bad("the HTML is not well formed (%s): close what is opened, and keep actions out of tags, except within the quotes of an attribute", why)
}

func (m *marks) token(t xml.Token) {
	switch t := t.(type) {
	case xml.StartElement:
		name := strings.ToLower(t.Name.Local)
		if !slices.Contains(xml.HTMLAutoClose, name) {
			m.open = append(m.open, name)
		}
		m.element(name, t.Attr)
	case xml.EndElement:
		m.end(strings.ToLower(t.Name.Local))
	case xml.CharData:
		m.text(t)
	case xml.ProcInst:
		m.bad("<?%s …?> is not for mails", t.Target)
	}
}

// end closes an element. Those that never hold anything, such as <br>, are not open.
func (m *marks) end(name string) {
	last := len(m.open) - 1
	switch {
	case slices.Contains(xml.HTMLAutoClose, name):
	case last < 0 || m.open[last] != name:
		m.unformed("</" + name + "> closes what is not open there")
		m.open = nil
	default:
		m.open = m.open[:last]
	}
}

func (m *marks) text(t xml.CharData) {
	if len(m.open) > 0 && m.open[len(m.open)-1] == "style" {
		if loads.Match(t) {
			m.bad("a style that loads something, or hides what it does, is not for mails: no url(), @import, @font-face or backslash")
		}
		return
	}
	var found Problems
	plainLinks(m.file, string(t), m.hosts, &found)
	for _, p := range found {
		m.problems.add(m.file, m.line+p.Line-1, "%s", p.What)
	}
}

func (m *marks) element(name string, attrs []xml.Attr) {
	switch {
	case name == "script":
		m.bad("script is not for mails: mail programs drop such mails, or run them")
	case name == "img" || name == "picture" || name == "svg" || name == "video" || name == "audio":
		m.bad("<%s>: mails carry no pictures: remote ones tell who reads when, and most mail programs hide them", name)
	case !slices.Contains(elements, name):
		m.bad("<%s> is not for mails: they are made of %s", name, strings.Join(elements, " "))
	}
	for _, a := range attrs {
		m.attribute(name, strings.ToLower(a.Name.Local), a.Value)
	}
	if name == "meta" {
		m.meta(attrs)
	}
}

func (m *marks) attribute(of, name, value string) {
	switch {
	case strings.HasPrefix(name, "on"):
		m.bad("%s= is a script, and script is not for mails", name)
	case name == "style" && loads.MatchString(value):
		m.bad("a style that loads something, or hides what it does, is not for mails: no url(), @import or backslash")
	case name == "href" && of != "a":
		m.bad("<%s href> loads something from elsewhere, which is not for mails", of)
	case name == "href":
		m.href(strings.TrimSpace(value))
	case !slices.Contains(attributes, name) && !strings.HasPrefix(name, "aria-"):
		m.bad("the attribute %s is not for mails: they have %s and aria-*", name, strings.Join(attributes, " "))
	}
}

// href takes the mail's own link, whole, and addresses on the shop's hosts.
func (m *marks) href(value string) {
	if value == "{{.Link}}" || value == "{{$.Link}}" {
		return
	}
	if strings.Contains(value, "{{") {
		m.bad("href=%q: a link is {{.Link}} or a whole address, not made of parts", value)
		return
	}
	if !leadsHome(value, m.hosts) {
		m.bad("href=%q leads to a host that is not the shop's own (%s): use {{.Link}}, or https on one of them", value, strings.Join(m.hosts, ", "))
	}
}

// meta takes those that describe.
func (m *marks) meta(attrs []xml.Attr) {
	for _, a := range attrs {
		switch strings.ToLower(a.Name.Local) {
		case "name":
			if !slices.Contains(metas, strings.ToLower(a.Value)) {
				m.bad("<meta name=%q> is not for mails: they have %s", a.Value, strings.Join(metas, ", "))
			}
		case "charset":
			if !strings.EqualFold(a.Value, "utf-8") {
				m.bad("mails are written in UTF-8: <meta charset=\"utf-8\">")
			}
		}
	}
}
