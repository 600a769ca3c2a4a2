package adyensim

import (
	"fmt"
	"strings"
)

// words are the texts of the pages in the languages they are shown in.
var words = map[string]map[string]string{
	"en": {
		"simulated":    "Simulated page: no money moves.",
		"issuer_title": "Confirm your payment", "issuer_lead": "Your bank wants to know that it is you.",
		"issuer_known": "Your bank recognises this browser.", "shop": "Shop", "amount": "Amount", "card": "Card", "order": "Payment",
		"code": "Code received by text message", "code_hint": "On this test page the code is", "wrong": "This code is wrong. Try again.",
		"authenticate": "Authenticate", "fail": "Fail the authentication", "cancel": "Cancel", "go_on": "Continue",
		"pay": "Pay", "refuse": "Have the payment refused", "wait": "Leave the payment pending", "wallet_lead": "Do you agree to this payment?",
		"going_back": "Going back to the shop", "looking": "Your bank looks at this browser", "over": "This page is no longer valid. Go back to the shop.",
		"unreadable": "This page was called in a way it does not understand.", "done": "You may close this page.",
		"bank_title": "Bank statements", "bank_lead": "What buyers' banks would show for the payments of this test account.", "account": "Account",
		"statement": "Bank statement", "date": "Date", "text": "Text", "state": "State", "pending": "pending", "booked": "booked", "none": "No lines.",
		"all": "All accounts", "ledger_title": "Simulated account", "payments": "Payments", "captured": "Captured", "refunded": "Refunded",
		"status": "Status", "report": "Let it happen", "do": "Send", "webhooks": "Webhooks not delivered yet", "doubles": "Authorised twice", "changes": "Changes",
	},
	"fr": {
		"simulated":    "Page simulée : aucun argent ne circule.",
		"issuer_title": "Confirmez votre paiement", "issuer_lead": "Votre banque veut s’assurer que c’est bien vous.",
		"issuer_known": "Votre banque reconnaît ce navigateur.", "shop": "Boutique", "amount": "Montant", "card": "Carte", "order": "Paiement",
		"code": "Code reçu par SMS", "code_hint": "Sur cette page de test, le code est", "wrong": "Ce code est faux. Réessayez.",
		"authenticate": "S’authentifier", "fail": "Échouer à l’authentification", "cancel": "Annuler", "go_on": "Continuer",
		"pay": "Payer", "refuse": "Faire refuser le paiement", "wait": "Laisser le paiement en attente", "wallet_lead": "Acceptez-vous ce paiement ?",
		"going_back": "Retour à la boutique", "looking": "Votre banque examine ce navigateur", "over": "Cette page n’est plus valable. Retournez à la boutique.",
		"unreadable": "Cette page a été appelée d’une façon qu’elle ne comprend pas.", "done": "Vous pouvez fermer cette page.",
		"bank_title": "Relevés bancaires", "bank_lead": "Ce que les banques des acheteurs montreraient des paiements de ce compte de test.", "account": "Compte",
		"statement": "Relevé bancaire", "date": "Date", "text": "Libellé", "state": "État", "pending": "en attente", "booked": "comptabilisé", "none": "Aucune ligne.",
		"all": "Tous les comptes", "ledger_title": "Compte simulé", "payments": "Paiements", "captured": "Encaissé", "refunded": "Remboursé",
		"status": "État", "report": "Faire arriver", "do": "Envoyer", "webhooks": "Notifications non remises", "doubles": "Autorisés deux fois", "changes": "Modifications",
	},
}

// language picks the language of a page: the merchant's locale, else the browser's first, else English.
func language(locale, accepted string) string {
	for _, wanted := range []string{locale, accepted} {
		for lang := range words {
			if strings.HasPrefix(strings.ToLower(wanted), lang) {
				return lang
			}
		}
	}
	return "en"
}

// noDecimals are currencies without minor units (ISO 4217) that the pages may have to show.
const noDecimals = "JPY KRW CLP VND XOF XAF"

// money writes an amount for people who read the language.
func money(lang string, value int64, currency string) string {
	sign, point := "", "."
	if value < 0 {
		sign, value = "−", -value
	}
	if lang == "fr" {
		point = ","
	}
	if oneOf(currency, noDecimals) {
		return fmt.Sprintf("%s%d %s", sign, value, currency)
	}
	return fmt.Sprintf("%s%d%s%02d %s", sign, value/100, point, value%100, currency)
}
