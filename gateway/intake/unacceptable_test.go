package intake

import (
	"bytes"
	"errors"
	"testing"
)

// refusal is a file that is not taken, and what its sender is told.
type refusal struct {
	name, code, en, fr string
	data               []byte
}

func refusals(t *testing.T) []refusal {
	photo := jpegOf(t, corners(8, 8))
	flood := append(pngHeader(50_000, 50_000, 8, 2), pngChunk("IDAT", nil)...)
	expand := streamOf("/Filter/FlateDecode", deflate(make([]byte, 51<<20)))
	locked := objectsPDF("/Encrypt 2 0 R", "<</Type/Catalog>>")
	return []refusal{
		{"a.jpg", CodeEmpty, "This file is empty. Please choose your photo or PDF again.",
			"Ce fichier est vide. Merci de choisir à nouveau votre photo ou votre PDF.", nil},
		{"a.jpg", CodeTooLarge, "This file is larger than 10 MB. Please send a smaller photo or PDF.",
			"Ce fichier dépasse 10 Mo. Merci d'envoyer une photo ou un PDF plus léger.", bytes.Repeat([]byte{'x'}, 10<<20+1)},
		{"a.svg", CodeNotAllowed, "We cannot accept this kind of file. Please send a photo (JPEG, PNG or WebP) or a PDF.",
			"Nous ne pouvons pas accepter ce type de fichier. Merci d'envoyer une photo (JPEG, PNG ou WebP) ou un PDF.", []byte("<svg/>")},
		{"a.jpg", CodeMismatch, "This file says it is a JPEG picture but is not one. Please send a photo or a PDF.",
			"Ce fichier se présente comme une image JPEG mais n'en est pas. Merci d'envoyer une photo ou un PDF.", []byte("hello")},
		{"a.png", CodeMismatch, "This file says it is a PNG picture but is not one. Please send a photo or a PDF.",
			"Ce fichier se présente comme une image PNG mais n'en est pas. Merci d'envoyer une photo ou un PDF.", photo},
		{"a.pdf", CodeMismatch, "This file says it is a PDF document but is not one. Please send a photo or a PDF.",
			"Ce fichier se présente comme un document PDF mais n'en est pas. Merci d'envoyer une photo ou un PDF.", photo},
		{"a.heic", CodeMismatch, "The name and the content of this file do not agree on what it is. Please send a photo or a PDF.",
			"Le nom et le contenu de ce fichier ne concordent pas. Merci d'envoyer une photo ou un PDF.", photo},
		{"a.heic", CodeHEIC, "This photo is in the HEIC format, which we cannot open. On an iPhone, go to Settings, Camera, Formats " +
			"and choose \"Most Compatible\", then take the photo again; or send a screenshot of the photo.",
			"Cette photo est au format HEIC, que nous ne pouvons pas ouvrir. Sur un iPhone, allez dans Réglages, Appareil photo, " +
				"Formats, choisissez « Le plus compatible », puis reprenez la photo ; ou envoyez une capture d'écran de la photo.",
			[]byte("\x00\x00\x00\x18ftypheic\x00\x00\x00\x00")},
		{"a.jpg", CodeUnreadable, "This file is damaged or incomplete and could not be opened. Please send it again, or take a new photo.",
			"Ce fichier est abîmé ou incomplet et n'a pas pu être ouvert. Merci de l'envoyer à nouveau, ou de prendre une nouvelle photo.",
			photo[:len(photo)/2]},
		{"a.png", CodeTooManyPixels, "This file holds a picture of more than 25 megapixels, or of more than 12000 pixels on one side. " +
			"Please send a smaller picture.",
			"Ce fichier contient une image de plus de 25 mégapixels, ou de plus de 12000 pixels de côté. Merci d'envoyer une image plus petite.", flood},
		{"a.pdf", CodePDFEncrypted, "This PDF is protected by a password or by restrictions. Please send a copy without protection, " +
			"or a photo of the page.",
			"Ce PDF est protégé par un mot de passe ou par des restrictions. Merci d'envoyer une copie sans protection, ou une photo de la page.", locked},
		{"a.pdf", CodePDFScript, "This PDF contains a script or an automatic action, which we cannot accept. Please print it to a new PDF, " +
			"or send a photo of the page.",
			"Ce PDF contient un script ou une action automatique, ce que nous ne pouvons pas accepter. Merci de l'imprimer dans un nouveau " +
				"PDF, ou d'envoyer une photo de la page.", pdfOf(1, "/OpenAction<</S/JavaScript/JS(1)>>")},
		{"a.pdf", CodePDFFiles, "This PDF carries other files or links to them, which we cannot accept. Please print it to a new PDF, or " +
			"send a photo of the page.",
			"Ce PDF contient d'autres fichiers ou y renvoie, ce que nous ne pouvons pas accepter. Merci de l'imprimer dans un nouveau " +
				"PDF, ou d'envoyer une photo de la page.", pdfOf(1, "/X<</Type/EmbeddedFile>>")},
		{"a.pdf", CodePDFForm, "This PDF is a form with fields to fill in, which we cannot accept. Please print it to a new PDF, or send a " +
			"photo of the page.",
			"Ce PDF est un formulaire à remplir, ce que nous ne pouvons pas accepter. Merci de l'imprimer dans un nouveau PDF, ou " +
				"d'envoyer une photo de la page.", pdfOf(1, "/AcroForm<</Fields[<</FT/Tx>>]>>")},
		{"a.pdf", CodeCardData, "This document shows a full card number. We never keep card numbers, so we have destroyed it. Please cover or " +
			"remove the number and send the document again.",
			"Ce document montre un numéro de carte complet. Nous ne conservons jamais de numéro de carte : nous l'avons donc détruit. " +
				"Merci de masquer ou de retirer le numéro, puis d'envoyer à nouveau le document.", pdfShowing("(4111 1111 1111 1111) Tj")},
		{"a.pdf", CodePDFPages, "This PDF has more than 10 pages. Please send only the pages we asked for.",
			"Ce PDF compte plus de 10 pages. Merci d'envoyer seulement les pages demandées.", pdfOf(11, "")},
		{"a.pdf", CodePDFExpansion, "This PDF is too complex for us to open safely. Please send a photo of the page instead.",
			"Ce PDF est trop complexe pour être ouvert sans risque. Merci d'envoyer plutôt une photo de la page.", pdfOf(1, "", expand)},
	}
}

func TestEveryRefusalTellsTheBuyerWhatToDoInBothLanguages(t *testing.T) {
	seen := map[string]bool{}
	for _, c := range refusals(t) {
		_, err := judged(c.name, "", c.data, DefaultLimits())
		var u *Unacceptable
		if !errors.As(err, &u) || u.Code != c.code {
			t.Errorf("%s: %v, want %s", c.name, err, c.code)
			continue
		}
		seen[u.Code] = true
		for lang, want := range map[string]string{"en": c.en, "": c.en, "de-DE": c.en, "fro": c.en, "fr": c.fr, "fr-FR": c.fr, "FR_ca": c.fr} {
			if got := u.Sentence(lang); got != want {
				t.Errorf("%s in %q:\n got %s\nwant %s", c.code, lang, got, want)
			}
		}
		if got := err.Error(); got != "intake: document not acceptable: "+c.code {
			t.Errorf("error text %q", got)
		}
	}
	// These two are not about the file: TestADeadChildIsARefusal and TestAFullQueueSaysTryAgain bring them.
	for _, c := range []refusal{
		{code: CodeUnsafe, en: "We could not open this file safely. Please take a new photo of the document and send that instead.",
			fr: "Nous n'avons pas pu ouvrir ce fichier sans risque. Merci de prendre une nouvelle photo du document et de l'envoyer à la place."},
		{code: CodeBusy, en: "Many documents are arriving just now. Yours was not received: please send it again in a minute.",
			fr: "Beaucoup de documents arrivent en ce moment. Le vôtre n'a pas été reçu : merci de l'envoyer à nouveau dans une minute."},
	} {
		seen[c.code] = true
		if u := (&Unacceptable{Code: c.code}); u.Sentence("en") != c.en || u.Sentence("fr") != c.fr {
			t.Errorf("%s says %q and %q", c.code, u.Sentence("en"), u.Sentence("fr"))
		}
	}
	for _, code := range Codes() {
		if !seen[code] {
			t.Errorf("no file above brings the refusal %s", code)
		}
		for _, lang := range []string{"en", "fr"} {
			if said := (&Unacceptable{Code: code}).Sentence(lang); len(said) < 40 || code != CodeUnreadable && said == (&Unacceptable{Code: CodeUnreadable}).Sentence(lang) {
				t.Errorf("%s in %s has no sentence of its own: %q", code, lang, said)
			}
		}
	}
	if len(sentences) != len(Codes()) {
		t.Errorf("%d sentences for %d codes", len(sentences), len(Codes()))
	}
	if (&Unacceptable{Code: "unheard of"}).Sentence("en") == "" {
		t.Error("an unknown code has no sentence")
	}
}
