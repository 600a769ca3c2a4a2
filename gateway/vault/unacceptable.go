package vault

import (
	"fmt"
	"strings"
)

// The codes of an Unacceptable. They are part of the contract with the proof page and are safe as metric labels.
const (
	CodeEmpty         = "empty"
	CodeTooLarge      = "too_large"        // more bytes than Limits.Bytes
	CodeNotAllowed    = "type_not_allowed" // neither JPEG, PNG nor PDF, and does not claim to be
	CodeMismatch      = "type_mismatch"    // name, declared type and content do not agree
	CodeHEIC          = "heic"             // an iPhone's own format
	CodeUnreadable    = "unreadable"       // damaged, cut short, or built to confuse
	CodeTooManyPixels = "too_many_pixels"
	CodePDFEncrypted  = "pdf_encrypted"
	CodePDFActive     = "pdf_active" // scripts, forms that send, attachments, actions
	CodePDFPages      = "pdf_pages"
	CodePDFExpansion  = "pdf_expansion" // unpacks to more than Limits.Expansion, or takes too long
)

// Unacceptable says why a file was not taken. It is an answer to the buyer, not a fault of ours.
type Unacceptable struct {
	Code  string
	Claim string // for CodeMismatch: the media type the file claims; "" when its claims contradict each other
	Limit int    // for CodeTooLarge megabytes, CodeTooManyPixels megapixels, CodePDFPages pages
	Side  int    // for CodeTooManyPixels: pixels a side
}

// Error implements error with the code alone; nothing of the file is in it.
func (u *Unacceptable) Error() string { return "vault: document not acceptable: " + u.Code }

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

type sentence struct{ en, fr string }

var sentences = map[string]sentence{
	CodeEmpty: {
		"This file is empty. Please choose your photo or PDF again.",
		"Ce fichier est vide. Merci de choisir à nouveau votre photo ou votre PDF.",
	},
	CodeTooLarge: {
		"This file is larger than %d MB. Please send a smaller photo or PDF.",
		"Ce fichier dépasse %d Mo. Merci d'envoyer une photo ou un PDF plus léger.",
	},
	CodeNotAllowed: {
		"We cannot accept this kind of file. Please send a photo (JPEG or PNG) or a PDF.",
		"Nous ne pouvons pas accepter ce type de fichier. Merci d'envoyer une photo (JPEG ou PNG) ou un PDF.",
	},
	CodeMismatch: {
		"This file says it is %s but is not one. Please send a photo or a PDF.",
		"Ce fichier se présente comme %s mais n'en est pas. Merci d'envoyer une photo ou un PDF.",
	},
	CodeHEIC: {
		"This photo is in the HEIC format, which we cannot open. On an iPhone, go to Settings, Camera, Formats and choose " +
			"\"Most Compatible\", then take the photo again; or send a screenshot of the photo.",
		"Cette photo est au format HEIC, que nous ne pouvons pas ouvrir. Sur un iPhone, allez dans Réglages, Appareil photo, " +
			"Formats, choisissez « Le plus compatible », puis reprenez la photo ; ou envoyez une capture d'écran de la photo.",
	},
	CodeUnreadable: {
		"This file is damaged or incomplete and could not be opened. Please send it again, or take a new photo.",
		"Ce fichier est abîmé ou incomplet et n'a pas pu être ouvert. Merci de l'envoyer à nouveau, ou de prendre une nouvelle photo.",
	},
	CodeTooManyPixels: {
		"This file holds a picture of more than %d megapixels, or of more than %d pixels on one side. Please send a smaller picture.",
		"Ce fichier contient une image de plus de %d mégapixels, ou de plus de %d pixels de côté. Merci d'envoyer une image plus petite.",
	},
	CodePDFEncrypted: {
		"This PDF is protected by a password or by restrictions. Please send a copy without protection, or a photo of the page.",
		"Ce PDF est protégé par un mot de passe ou par des restrictions. Merci d'envoyer une copie sans protection, ou une photo de la page.",
	},
	CodePDFActive: {
		"This PDF contains a script, an attachment or an automatic action, which we cannot accept. Please print it to a new PDF, " +
			"or send a photo of the page.",
		"Ce PDF contient un script, une pièce jointe ou une action automatique, ce que nous ne pouvons pas accepter. Merci de " +
			"l'imprimer dans un nouveau PDF, ou d'envoyer une photo de la page.",
	},
	CodePDFPages: {
		"This PDF has more than %d pages. Please send only the pages we asked for.",
		"Ce PDF compte plus de %d pages. Merci d'envoyer seulement les pages demandées.",
	},
	CodePDFExpansion: {
		"This PDF is too complex for us to open safely. Please send a photo of the page instead.",
		"Ce PDF est trop complexe pour être ouvert sans risque. Merci d'envoyer plutôt une photo de la page.",
	},
}

var claims = map[string]sentence{
	typeJPEG: {"a JPEG picture", "une image JPEG"},
	typePNG:  {"a PNG picture", "une image PNG"},
	typePDF:  {"a PDF document", "un document PDF"},
}

var contradiction = sentence{
	"The name and the content of this file do not agree on what it is. Please send a photo or a PDF.",
	"Le nom et le contenu de ce fichier ne concordent pas. Merci d'envoyer une photo ou un PDF.",
}
