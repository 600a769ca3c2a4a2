package wording

import (
	"html"
	"reflect"
	"strings"
)

// try fills every mail that a folder changes, once with everything and once with no more than it must have, and sees that
// what the buyer needs is there: no condition in a template can hide the link of a proof request.
func (s *Set) try(sources Sources, changed map[string]bool, problems *Problems) {
	_, reframed := sources[shellFile]
	for key, w := range s.words {
		if !changed[key] && !reframed {
			continue
		}
		language, name, _ := strings.Cut(key, "/")
		for _, v := range []View{Sample(name, language), least(name, language)} {
			got, err := w.render(v, language, s.shell)
			if err != nil {
				problems.template(w.file, err)
				continue
			}
			w.complete(got, v, mails[name].needs, problems)
		}
	}
}

// complete compares a trial with what the mail is for.
func (w words) complete(got Rendered, v View, needs []string, problems *Problems) {
	textFile, htmlFile := w.file, shellFile
	if w.own != nil {
		htmlFile = strings.TrimSuffix(w.file, ".txt") + ".html"
	}
	if got.Subject == "" || strings.Contains(got.Subject, "\n") {
		problems.add(textFile, 1, "the subject comes out empty or longer than a line")
	}
	body := html.UnescapeString(got.HTML)
	for _, field := range needs {
		value := reflect.ValueOf(v).FieldByName(field).String()
		if !shows(got.Text, value) {
			problems.add(textFile, 0, "{{.%s}} does not show%s: this mail is not sent without it", field, buttonHint(field))
		}
		if !shows(body, value) {
			problems.add(htmlFile, 0, "{{.%s}} does not show in the HTML of %s: this mail is not sent without it", field, strings.TrimSuffix(w.file, ".txt"))
		}
	}
	if v.Link == "" {
		if strings.Contains(got.HTML, `href=""`) {
			problems.add(htmlFile, 0, "a link leads nowhere when there is none: put {{if .Link}} around it")
		}
		return
	}
	linked, written := strings.Contains(body, `href="`+v.Link+`"`), strings.Contains(body, ">"+v.Link+"<")
	if strings.Contains(body, v.Link) && !(linked && written) {
		problems.add(htmlFile, 0, "the link of %s must be there to press and to read: <a href=\"{{.Link}}\">…</a>, and {{.Link}} alone in an element", strings.TrimSuffix(w.file, ".txt"))
	}
}

// shows reports whether every line of a value stands in a text.
func shows(text, value string) bool {
	for line := range strings.SplitSeq(value, "\n") {
		if !strings.Contains(text, line) {
			return false
		}
	}
	return value != ""
}

func buttonHint(field string) string {
	if field == "Link" {
		return `; a paragraph "[button] label" makes a button of it and writes it out`
	}
	return ""
}
