package wording

import (
	"fmt"
	htmltemplate "html/template"
	"strings"
	"text/template"

	"octroi/gateway/typeset"
)

// Rendered is a mail in words: the same as plain text and as HTML.
type Rendered struct {
	Subject  string // one line
	Text     string
	HTML     string // a whole document, nothing in it comes from elsewhere
	Language string
}

// words is one mail in one language. Paragraphs are cut in the template, before any value is in it, so no value can make
// one.
type words struct {
	file    string
	subject *template.Template
	body    []block
	own     *htmltemplate.Template // the mail's own HTML; nil uses the shell
}

// The marks that may begin a paragraph of a template.
const (
	markButton = "[button]" // the link, with this label
	markList   = "[list]"   // one item per line
	markQuote  = "[quote]"  // somebody's own words
)

// block is one paragraph of a template.
type block struct {
	mark string
	text *template.Template
}

// Paragraph is one paragraph with its values, as a shell takes it: exactly one field is set.
type Paragraph struct {
	Text, Button, Quote string
	List                []string
}

// page is what a shell can show.
type page struct {
	Language, Subject, Shop, Link string
	Body                          []Paragraph
}

// own is what a mail's own HTML can show: the subject as it came out, and every field of the mail.
type own struct {
	Language, Subject string
	View
}

// readWords reads a template: a "Subject:" line, then paragraphs with an empty line between them.
func readWords(file, source string, problems *Problems) words {
	w := words{file: file}
	source = strings.ReplaceAll(source, "\r\n", "\n")
	line := 1
	first := true
	for part := range strings.SplitSeq(source, "\n\n") {
		at := line + len(part) - len(strings.TrimLeft(part, "\n")) // empty lines in front
		line += strings.Count(part, "\n") + 2
		part = strings.TrimSpace(part)
		switch {
		case part == "":
			continue
		case first:
			subject, ok := strings.CutPrefix(part, "Subject: ")
			if !ok || strings.Contains(subject, "\n") {
				problems.add(file, at, `the first paragraph must be one line beginning with "Subject: "`)
			}
			w.subject = fragment(file, at, subject, problems)
			first = false
		default:
			b := block{}
			for _, mark := range []string{markButton, markList, markQuote} {
				if rest, ok := strings.CutPrefix(part, mark); ok {
					b.mark, part = mark, rest
				}
			}
			b.text = fragment(file, at, part, problems)
			w.body = append(w.body, b)
		}
	}
	if first {
		problems.add(file, 0, "the file is empty; begin with a line \"Subject: …\"")
	}
	return w
}

// inPrint sets a template's own words as in print, and leaves what stands in its actions alone: values are set, or not,
// where they are made. Every line stays where it is.
func inPrint(source, language string) string {
	var out strings.Builder
	at := 0
	for _, action := range actions.FindAllStringIndex(source, -1) {
		out.WriteString(typeset.Text(source[at:action[0]], language))
		out.WriteString(source[action[0]:action[1]])
		at = action[1]
	}
	out.WriteString(typeset.Text(source[at:], language))
	return out.String()
}

// fragment parses a part of a file that begins at a line, so that errors name the file's own lines.
func fragment(file string, line int, text string, problems *Problems) *template.Template {
	t, err := template.New(file).Parse(strings.Repeat("\n", line-1) + text)
	if err != nil {
		problems.template(file, err)
		return template.New(file)
	}
	return t
}

// render fills the template. Paragraphs that come out empty are left out.
func (w words) render(v View, language string, shell *htmltemplate.Template) (Rendered, error) {
	subject, err := fill(w.subject, v)
	if err != nil {
		return Rendered{}, err
	}
	out := Rendered{Subject: subject, Language: language}
	var text []string
	var body []Paragraph
	for _, b := range w.body {
		s, err := fill(b.text, v)
		if err != nil {
			return Rendered{}, err
		}
		if s == "" || (b.mark == markButton && v.Link == "") {
			continue
		}
		plain, p := b.shape(s, v.Link)
		text, body = append(text, plain), append(body, p)
	}
	out.Text = strings.Join(text, "\n\n") + "\n"
	var html strings.Builder
	if w.own != nil {
		err = w.own.Execute(&html, own{language, subject, v})
	} else {
		err = shell.Execute(&html, page{language, subject, v.Shop, v.Link, body})
	}
	if err != nil {
		return Rendered{}, fmt.Errorf("render HTML: %w", err)
	}
	out.HTML = html.String()
	return out, nil
}

// shape gives a filled paragraph its plain and its HTML form.
func (b block) shape(s, link string) (string, Paragraph) {
	switch b.mark {
	case markButton:
		return s + "\n" + link, Paragraph{Button: s}
	case markList:
		items := strings.Split(s, "\n")
		return "- " + strings.Join(items, "\n- "), Paragraph{List: items}
	case markQuote:
		return "> " + strings.ReplaceAll(s, "\n", "\n> "), Paragraph{Quote: s}
	}
	return s, Paragraph{Text: s}
}

func fill(t *template.Template, v View) (string, error) {
	var out strings.Builder
	if err := t.Execute(&out, v); err != nil {
		return "", err
	}
	return strings.TrimSpace(out.String()), nil
}
