package notify

import (
	"embed"
	"errors"
	"fmt"
	htmltemplate "html/template"
	"io/fs"
	"regexp"
	"strings"
	"sync"
	"text/template"
)

//go:embed templates
var templateFiles embed.FS

// shipped parses the embedded templates, once.
var shipped = sync.OnceValues(func() (map[string]words, error) {
	shell, err := htmltemplate.ParseFS(templateFiles, "templates/shell.html")
	if err != nil {
		return nil, fmt.Errorf("parse the mail shell: %w", err)
	}
	files, err := fs.Glob(templateFiles, "templates/*/*.txt")
	if err != nil {
		return nil, fmt.Errorf("list the mail templates: %w", err)
	}
	set := make(map[string]words, len(files))
	for _, file := range files {
		name := strings.TrimSuffix(strings.TrimPrefix(file, "templates/"), ".txt")
		source, err := templateFiles.ReadFile(file)
		if err != nil {
			return nil, fmt.Errorf("read mail template %s: %w", name, err)
		}
		w, err := parseWords(string(source))
		if err != nil {
			return nil, fmt.Errorf("mail template %s: %w", name, err)
		}
		w.shell = shell
		set[name] = w
	}
	return set, nil
})

// words is one mail in one language. Plain text and HTML come from the same paragraphs, so they cannot say different
// things; and paragraphs are cut in the template, before any value is in it, so no value can make one.
type words struct {
	subject *template.Template
	body    []block
	shell   *htmltemplate.Template
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

// paragraph is one paragraph with its values, as the HTML shell takes it.
type paragraph struct {
	Text, Button, Quote string
	List                []string
}

// parseWords reads a template: a "Subject:" line, then paragraphs with an empty line between them.
func parseWords(source string) (words, error) {
	if err := Lint(source); err != nil {
		return words{}, err
	}
	parts := strings.Split(strings.TrimSpace(strings.ReplaceAll(source, "\r\n", "\n")), "\n\n")
	subject, ok := strings.CutPrefix(parts[0], "Subject: ")
	if !ok || strings.Contains(subject, "\n") {
		return words{}, errors.New(`the first paragraph must be one line beginning with "Subject: "`)
	}
	var w words
	var err error
	if w.subject, err = template.New("subject").Parse(subject); err != nil {
		return words{}, err
	}
	for i, part := range parts[1:] {
		b := block{}
		for _, mark := range []string{markButton, markList, markQuote} {
			if rest, ok := strings.CutPrefix(part, mark); ok {
				b.mark, part = mark, strings.TrimSpace(rest)
			}
		}
		if b.text, err = template.New(fmt.Sprintf("paragraph %d", i+1)).Parse(part); err != nil {
			return words{}, err
		}
		w.body = append(w.body, b)
	}
	return w, nil
}

// render fills the template. Paragraphs that come out empty are left out.
func (w words) render(v view, language string) (Rendered, error) {
	subject, err := fill(w.subject, v)
	if err != nil {
		return Rendered{}, err
	}
	out := Rendered{Subject: oneLine(subject, 200), Language: language}
	var text []string
	var body []paragraph
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
	page := struct {
		Language, Subject, Shop, Link string
		Body                          []paragraph
	}{language, out.Subject, v.Shop, v.Link, body}
	if err := w.shell.ExecuteTemplate(&html, "shell.html", page); err != nil {
		return Rendered{}, fmt.Errorf("render HTML: %w", err)
	}
	out.HTML = html.String()
	return out, nil
}

// shape gives a filled paragraph its plain and its HTML form.
func (b block) shape(s, link string) (string, paragraph) {
	switch b.mark {
	case markButton:
		return s + "\n" + link, paragraph{Button: s}
	case markList:
		items := strings.Split(s, "\n")
		return "- " + strings.Join(items, "\n- "), paragraph{List: items}
	case markQuote:
		return "> " + strings.ReplaceAll(s, "\n", "\n> "), paragraph{Quote: s}
	}
	return s, paragraph{Text: s}
}

func fill(t *template.Template, v view) (string, error) {
	var out strings.Builder
	if err := t.Execute(&out, v); err != nil {
		return "", fmt.Errorf("render %s: %w", t.Name(), err)
	}
	return strings.TrimSpace(out.String()), nil
}

// forbidden are words that no mail to a buyer may contain, in either language: how orders are scored is for analysts,
// accusing words are nobody's to write, and a mail never names the parts of a card that it must never be sent.
var forbidden = regexp.MustCompile(`(?i)(?:^|[^\pL\pN])(scor(?:e|es|ed|ing)|points?|rules?|règles?|polic(?:y|ies)|algorithme?s?|` +
	`risks?|risques?|risky|suspicious|suspicion|suspecte?s?|suspected|fraude?s?|fraudulent|frauduleu(?:x|se)|fraudsters?|fraudeurs?|blacklist|blocklist|` +
	`pan|cvc2?|cvv2?|cryptogrammes?|security codes?|codes? de sécurité)(?:$|[^\pL\pN])`)

// Lint refuses a mail template that speaks of scores, rules, fraud, card numbers by their trade name or security
// codes. It looks at the template's own words, not at values put into it.
func Lint(source string) error {
	if m := forbidden.FindStringSubmatch(source); m != nil {
		return fmt.Errorf("the word %q must not be in a mail to a buyer", m[1])
	}
	return nil
}
