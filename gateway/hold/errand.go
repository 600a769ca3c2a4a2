package hold

import "octroi/gateway/payment"

// Errand is what a buyer reads of one rung: what to do, and of a document what must stay readable and what to cover.
type Errand struct {
	Title, What Words
	Show, Cover []Words
}

// errands are the texts of every rung that a buyer can be asked to climb on the proof page. A challenge of the bank's has
// its own pages.
var errands = map[Rung]Errand{
	RungStatementCode: {
		Title: Words{EN: "The code in your bank account", FR: "Le code sur votre compte bancaire"},
		What: Words{EN: "Open your bank's app or site and look at the pending operations of the card you used. The line of this payment ends in four digits: " +
			"enter them here. It can take a few hours to appear, and is not on your paper statement yet.",
			FR: "Ouvrez l'application ou le site de votre banque et regardez les opérations en attente de la carte utilisée. La ligne de ce paiement " +
				"se termine par quatre chiffres\u00a0: saisissez-les ici. Elle peut mettre quelques heures à apparaître, et n'est pas encore sur votre relevé papier."},
	},
	Rung(Identity): {
		Title: Words{EN: "Identity document", FR: "Pièce d'identité"},
		What: Words{EN: "The identity card, passport or residence permit of the person whom the means of payment belongs to.",
			FR: "Carte d'identité, passeport ou titre de séjour de la personne à qui appartient le moyen de paiement."},
		Show:  []Words{{EN: "The name and the expiry date.", FR: "Le nom et la date de validité."}},
		Cover: []Words{{EN: "The document's number, with a piece of paper for instance.", FR: "Le numéro du document, par exemple avec un bout de papier."}},
	},
	Rung(AddressProof): {
		Title: Words{EN: "Proof of address", FR: "Justificatif de domicile"},
		What: Words{EN: "An energy, telephone or internet bill of the last three months, or a tax notice.",
			FR: "Une facture d'énergie, de téléphone ou d'internet de moins de trois mois, ou un avis d'imposition."},
		Show:  []Words{{EN: "The name, the address and the date.", FR: "Le nom, l'adresse et la date."}},
		Cover: []Words{{EN: "The rest: customer number, amounts.", FR: "Le reste\u00a0: numéro de client, montants."}},
	},
	Rung(BankStatement): {
		Title: Words{EN: "Bank statement extract", FR: "Extrait de relevé bancaire"},
		What: Words{EN: "The page of your statement or banking app that shows this payment, even while it is pending.",
			FR: "La page de votre relevé ou de votre application bancaire où figure ce paiement, même en attente."},
		Show:  []Words{{EN: "Your name and the one line of this payment.", FR: "Votre nom et la seule ligne de ce débit."}},
		Cover: []Words{{EN: "Everything else: balance, IBAN and other lines.", FR: "Tout le reste\u00a0: solde, IBAN et autres opérations."}},
	},
	Rung(CardCopy): {
		Title: Words{EN: "Masked copy of the card", FR: "Copie masquée de la carte"},
		What: Words{EN: "A photo of the front of the card you used, with most of it covered.",
			FR: "Une photo du recto de la carte utilisée, avec l'essentiel caché."},
		Show: []Words{{EN: "The name, the first six and the last four digits.", FR: "Le nom, les six premiers et les quatre derniers chiffres."}},
		Cover: []Words{{EN: "All other digits.", FR: "Tous les autres chiffres."},
			{EN: "The security code, on the front or the back of the card: never show it.",
				FR: "Le code de sécurité, devant ou derrière la carte\u00a0: ne le montrez jamais."}},
	},
}

// Errand is what a buyer reads of the rung; empty for the bank's own challenge.
func (r Rung) Errand() Errand { return errands[r] }

// In is the text in a language, French or English.
func (w Words) In(language string) string {
	if language == payment.French {
		return w.FR
	}
	return w.EN
}
