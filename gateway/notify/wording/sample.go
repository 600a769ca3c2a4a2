package wording

import (
	"reflect"
	"slices"
)

// Sample is a mail of that name with every field it has filled in, for previews and trials. Nobody in it exists.
func Sample(name, language string) View {
	v := View{Name: "Jeanne Lefèvre", Shop: "Mémoire & Cie", Contact: "clients@shop.example", Order: "A-1001", Amount: "€1,299.00",
		Refunded: "€649.50", Link: "https://pay.shop.example/proof/4rT9qXcV0aB1nM2k", RespondBy: "Wednesday 1 July 2026 at 19:00 (Paris time)",
		Message: "The second page is missing.\nCould you send it?", Kept: "72 hours", Plan: "Alma", Code: true, Last: true, Taken: true,
		CardNotice: "We do not ask for a photo or a copy of your card.",
		HumanLook:  "You have the right to have a person look at this decision again, to tell them your side, and to hear why.",
		Kinds: []string{"Identity document: an identity card, passport or residence permit. Leave readable: the name and the expiry date. Cover the document's number.",
			"Bank statement extract: the page that shows this payment. Leave readable: your name and the one line of this payment. Cover everything else."},
		Means: []string{"PayPal", "bank transfer"}}
	if language == French {
		v.Amount, v.Refunded, v.Kept = "1\u202f299,00\u00a0€", "649,50\u00a0€", "72\u00a0heures"
		v.RespondBy = "mercredi 1er juillet 2026 à 19\u00a0h\u00a000 (heure de Paris)"
		v.Message = "Il manque la deuxième page.\nPouvez-vous l'envoyer\u00a0?"
		v.CardNotice = "Nous ne demandons ni photo ni copie de votre carte."
		v.HumanLook = "Vous avez le droit de demander qu'une personne réexamine cette décision, de lui donner votre point de vue et d'en connaître les raisons."
		v.Kinds = []string{"Pièce d'identité\u00a0: carte d'identité, passeport ou titre de séjour. Laissez lisible\u00a0: le nom et la date de validité. Cachez le numéro du document.",
			"Extrait de relevé bancaire\u00a0: la page où figure ce paiement. Laissez lisible\u00a0: votre nom et la seule ligne de ce débit. Cachez tout le reste."}
		v.Means = []string{"PayPal", "virement bancaire"}
	}
	return v.only(mails[name].may())
}

// least is a mail with no more than it must have.
func least(name, language string) View {
	return Sample(name, language).only(append([]string{"Shop", "Order", "Amount"}, mails[name].needs...))
}

// only keeps the named fields.
func (v View) only(names []string) View {
	to := reflect.ValueOf(&v).Elem()
	for i := range to.NumField() {
		if !slices.Contains(names, to.Type().Field(i).Name) {
			to.Field(i).SetZero()
		}
	}
	return v
}
