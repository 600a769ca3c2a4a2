// Package typeset gives our own sentences the signs of print. Texts are written in the source as keyboards have them, and
// set here on their way to a buyer: on pages, in mails and in the messages that shops show. What people wrote themselves
// is never put through it.
package typeset

import "regexp"

// french is the language whose punctuation stands apart from the words.
const french = "fr"

var (
	apostrophe = regexp.MustCompile(`(\pL)'`)
	quoted     = regexp.MustCompile(`"([^"]*)"`)
	unit       = regexp.MustCompile(`([0-9d}]) (Mo|MB|%|heures|hours)`) // %d and {x} stand for numbers
	high       = regexp.MustCompile(` ([;:?!»])|(«) `)
)

// Text sets a text in a language ("en" or "fr"): curled apostrophes and, in English, quotation marks; spaces that no line
// ends at before a unit and, in French, inside quotation marks and before high punctuation. A text that is set already
// comes back as it is.
func Text(text, language string) string {
	text = apostrophe.ReplaceAllString(text, "$1’")
	text = unit.ReplaceAllString(text, "$1\u00a0$2")
	if language != french {
		return quoted.ReplaceAllString(text, "“$1”")
	}
	return high.ReplaceAllString(text, "$2\u00a0$1")
}
