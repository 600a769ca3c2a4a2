package intake

import (
	"fmt"
	"strings"
)

// The codes of an Unacceptable. They are part of the contract with the proof page and are safe as metric labels.
const (
	CodeEmpty         = "empty"
	CodeTooLarge      = "too_large"        // more bytes than Limits.Bytes
	CodeNotAllowed    = "type_not_allowed" // neither JPEG, PNG, WebP nor PDF, and does not claim to be
	CodeMismatch      = "type_mismatch"    // name, declared type and content do not agree
	CodeHEIC          = "heic"             // an iPhone's own format
	CodeUnreadable    = "unreadable"       // damaged, cut short, or built to confuse
	CodeTooManyPixels = "too_many_pixels"
	CodePDFEncrypted  = "pdf_encrypted"
	CodePDFScript     = "pdf_script" // JavaScript, and every action that is more than a link
	CodePDFFiles      = "pdf_files"  // carries other files, or reaches for them
	CodePDFForm       = "pdf_form"   // fields to fill in; a signature is none
	CodePDFPages      = "pdf_pages"
	CodePDFExpansion  = "pdf_expansion" // unpacks to more than Limits.Expansion
	CodeCardData      = "card_data"     // its text holds a card number; nothing of it was kept
	CodeUnsafe        = "unsafe"        // its decoder died, or took too much
	CodeBusy          = "busy"          // not the file's fault: try again
)

// Codes lists every code, for pre-set metrics and the published contract.
func Codes() []string {
	return []string{CodeEmpty, CodeTooLarge, CodeNotAllowed, CodeMismatch, CodeHEIC, CodeUnreadable, CodeTooManyPixels, CodePDFEncrypted,
		CodePDFScript, CodePDFFiles, CodePDFForm, CodePDFPages, CodePDFExpansion, CodeCardData, CodeUnsafe, CodeBusy}
}

// Unacceptable says why a file was not taken. But for CodeBusy it is an answer about the file, and the same file would get
// it again.
type Unacceptable struct {
	Code  string
	Claim string // for CodeMismatch: the media type the file claims; "" when its claims contradict each other
	Limit int    // for CodeTooLarge megabytes, CodeTooManyPixels megapixels, CodePDFPages pages
	Side  int    // for CodeTooManyPixels: pixels a side
}

// Error implements error with the code alone; nothing of the file is in it.
func (u *Unacceptable) Error() string { return "intake: document not acceptable: " + u.Code }

func refuse(code string) error { return &Unacceptable{Code: code} }

// Sentence tells the buyer what is wrong and what to do, in French for a lang such as "fr" or "fr-CA" and in English
// for every other. The text is plain and must be escaped like any other for the page it goes on.
func (u *Unacceptable) Sentence(lang string) string {
	french := strings.EqualFold(lang, "fr") || len(lang) > 2 && strings.EqualFold(lang[:2], "fr") && (lang[2] == '-' || lang[2] == '_')
	pick := func(s sentence) string {
		if french {
			return s.fr
		}
		return s.en
	}
	text := pick(sentences[u.Code])
	switch u.Code {
	case CodeTooLarge, CodePDFPages:
		return fmt.Sprintf(text, u.Limit)
	case CodeTooManyPixels:
		return fmt.Sprintf(text, u.Limit, u.Side)
	case CodeMismatch:
		if claim, ok := claims[u.Claim]; ok {
			return fmt.Sprintf(text, pick(claim))
		}
		return pick(contradiction)
	}
	if text == "" {
		return pick(sentences[CodeUnreadable])
	}
	return text
}
