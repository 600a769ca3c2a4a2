package intake

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
		"We cannot accept this kind of file. Please send a photo (JPEG, PNG or WebP) or a PDF.",
		"Nous ne pouvons pas accepter ce type de fichier. Merci d'envoyer une photo (JPEG, PNG ou WebP) ou un PDF.",
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
	CodePDFScript: {
		"This PDF contains a script or an automatic action, which we cannot accept. Please print it to a new PDF, or send a photo " +
			"of the page.",
		"Ce PDF contient un script ou une action automatique, ce que nous ne pouvons pas accepter. Merci de l'imprimer dans un " +
			"nouveau PDF, ou d'envoyer une photo de la page.",
	},
	CodePDFFiles: {
		"This PDF carries other files or links to them, which we cannot accept. Please print it to a new PDF, or send a photo of the page.",
		"Ce PDF contient d'autres fichiers ou y renvoie, ce que nous ne pouvons pas accepter. Merci de l'imprimer dans un nouveau " +
			"PDF, ou d'envoyer une photo de la page.",
	},
	CodePDFForm: {
		"This PDF is a form with fields to fill in, which we cannot accept. Please print it to a new PDF, or send a photo of the page.",
		"Ce PDF est un formulaire à remplir, ce que nous ne pouvons pas accepter. Merci de l'imprimer dans un nouveau PDF, ou " +
			"d'envoyer une photo de la page.",
	},
	CodePDFPages: {
		"This PDF has more than %d pages. Please send only the pages we asked for.",
		"Ce PDF compte plus de %d pages. Merci d'envoyer seulement les pages demandées.",
	},
	CodePDFExpansion: {
		"This PDF is too complex for us to open safely. Please send a photo of the page instead.",
		"Ce PDF est trop complexe pour être ouvert sans risque. Merci d'envoyer plutôt une photo de la page.",
	},
	CodeCardData: {
		"This document shows a full card number. We never keep card numbers, so we have destroyed it. Please cover or remove the " +
			"number and send the document again.",
		"Ce document montre un numéro de carte complet. Nous ne conservons jamais de numéro de carte : nous l'avons donc détruit. " +
			"Merci de masquer ou de retirer le numéro, puis d'envoyer à nouveau le document.",
	},
	CodeUnsafe: {
		"We could not open this file safely. Please take a new photo of the document and send that instead.",
		"Nous n'avons pas pu ouvrir ce fichier sans risque. Merci de prendre une nouvelle photo du document et de l'envoyer à la place.",
	},
	CodeBusy: {
		"Many documents are arriving just now. Yours was not received: please send it again in a minute.",
		"Beaucoup de documents arrivent en ce moment. Le vôtre n'a pas été reçu : merci de l'envoyer à nouveau dans une minute.",
	},
}

var claims = map[string]sentence{
	typeJPEG: {"a JPEG picture", "une image JPEG"},
	typePNG:  {"a PNG picture", "une image PNG"},
	typeWebP: {"a WebP picture", "une image WebP"},
	typePDF:  {"a PDF document", "un document PDF"},
}

var contradiction = sentence{
	"The name and the content of this file do not agree on what it is. Please send a photo or a PDF.",
	"Le nom et le contenu de ce fichier ne concordent pas. Merci d'envoyer une photo ou un PDF.",
}
