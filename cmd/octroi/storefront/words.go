package storefront

import (
	"net/http"
	"strings"
)

// words are the texts of the pages by their key.
type words map[string]string

// language is what the page's own switch asks for, else what the browser likes best: French, or English for all others.
func language(r *http.Request) string {
	if l := r.URL.Query().Get("lang"); l == "fr" || l == "en" {
		return l
	}
	if strings.HasPrefix(strings.ToLower(strings.TrimSpace(r.Header.Get("Accept-Language"))), "fr") {
		return "fr"
	}
	return "en"
}

// locale is the buyer's locale as the contract wants it.
func locale(lang string) string {
	if lang == "fr" {
		return "fr-FR"
	}
	return "en-GB"
}

var texts = map[string]words{
	"en": {
		"shop": "Demo shop", "pretend": "A pretend shop: no money moves and nothing is sent.",
		"checkout": "Checkout", "orders": "Orders", "events": "Webhooks", "mailbox": "Mailbox", "bank": "Bank statement", "console": "Console",
		"basket": "Basket", "item": "Memory module DDR4 16 GB", "quantity": "Quantity", "email": "E-mail",
		"deliver": "Deliver to", "place_home": "my home, 12 bd Saint-Michel, Paris (billed there too)", "place_pickup": "a pick-up point in Paris",
		"place_gift": "a friend in Marseille: the order will be held until you confirm that it is you who pays",
		"pay_with":   "Pay with", "pay": "Order and pay",
		"means_good":      "Visa •••• 1111: is approved",
		"means_challenge": "Visa •••• 0006: the bank asks to confirm, on its own page",
		"means_native":    "Maestro •••• 0029: the bank asks to confirm, inside this page (needs script)",
		"means_expired":   "Visa •••• 9910: refused, wrong expiry date",
		"means_funds":     "Mastercard •••• 0004: refused, not enough funds",
		"means_blocked":   "Visa •••• 0008: refused, card blocked",
		"means_paypal":    "PayPal", "means_alma": "Alma, in three instalments", "means_bank_transfer": "Bank transfer", "means_cheque": "Cheque",
		"order": "Order", "status": "Status", "amount": "Amount", "captured": "Taken", "refunded": "Given back", "payment": "Payment",
		"say_captured": "Thank you, your order is paid.", "say_authorised": "Thank you, your payment is accepted.",
		"say_held":    "Thank you. Before we send the parcel we ask you to confirm that it is you who pays.",
		"say_refused": "The payment did not go through.", "say_declined": "We cannot take this payment. Please choose another means of payment.",
		"say_pending": "Your payment is being checked. Reload this page in a moment.", "say_cancelled": "This order is cancelled. You are not charged.",
		"say_refunded": "Your money has been given back.", "say_partially_refunded": "A part of your money has been given back.",
		"say_expired": "The time for this payment has passed. You are not charged.", "say_failed": "The payment did not happen. You are not charged.",
		"say_partially_captured": "A part of your order is paid.", "say_charged_back": "This payment is disputed.",
		"say_action_required": "Your payment is waiting for you.",
		"prove":               "Confirm my payment", "again": "Pay with something else", "others": "You can also pay with",
		"transfer": "To pay, use these details:", "step": "One more step", "step_text": "Your bank wants to confirm that it is you.",
		"go_on": "Go on", "needs_script": "This step needs JavaScript.", "bank_frame": "Your bank’s page",
		"desk": "What the shop can do", "deed_capture": "Take the money", "deed_cancel": "Cancel", "deed_refund": "Refund", "deed_funds": "The money has arrived",
		"deed_returned": "The refund has been paid", "deed_delivered": "Parcel delivered", "deed_chargeback": "A chargeback came",
		"none": "Nothing yet.", "time": "Time", "type": "Event", "wrong": "That did not work", "no_order": "There is no such order.", "back": "Back to the shop",
		"retry": "Paying again for the order",
	},
	"fr": {
		"shop": "Boutique de démonstration", "pretend": "Une boutique fictive\u00a0: rien n’est prélevé ni expédié.",
		"checkout": "Commander", "orders": "Commandes", "events": "Webhooks", "mailbox": "Boîte aux lettres", "bank": "Relevé bancaire", "console": "Console",
		"basket": "Panier", "item": "Barrette mémoire DDR4 16 Go", "quantity": "Quantité", "email": "E-mail",
		"deliver": "Livrer à", "place_home": "mon domicile, 12 bd Saint-Michel, Paris (aussi facturé là)", "place_pickup": "un point relais à Paris",
		"place_gift": "un ami à Marseille\u00a0: la commande attendra que vous confirmiez que c’est vous qui payez",
		"pay_with":   "Payer avec", "pay": "Commander et payer",
		"means_good":      "Visa •••• 1111\u00a0: acceptée",
		"means_challenge": "Visa •••• 0006\u00a0: la banque demande confirmation sur sa propre page",
		"means_native":    "Maestro •••• 0029\u00a0: la banque demande confirmation dans cette page (JavaScript nécessaire)",
		"means_expired":   "Visa •••• 9910\u00a0: refusée, date d’expiration fausse",
		"means_funds":     "Mastercard •••• 0004\u00a0: refusée, provision insuffisante",
		"means_blocked":   "Visa •••• 0008\u00a0: refusée, carte bloquée",
		"means_paypal":    "PayPal", "means_alma": "Alma, en trois fois", "means_bank_transfer": "Virement", "means_cheque": "Chèque",
		"order": "Commande", "status": "État", "amount": "Montant", "captured": "Encaissé", "refunded": "Remboursé", "payment": "Paiement",
		"say_captured": "Merci, votre commande est payée.", "say_authorised": "Merci, votre paiement est accepté.",
		"say_held":    "Merci. Avant d’envoyer le colis, nous vous demandons de confirmer que c’est bien vous qui payez.",
		"say_refused": "Le paiement n’a pas abouti.", "say_declined": "Nous ne pouvons pas accepter ce paiement. Choisissez un autre moyen de paiement.",
		"say_pending": "Votre paiement est en cours de vérification. Rechargez cette page dans un instant.", "say_cancelled": "Cette commande est annulée. Rien n’est prélevé.",
		"say_refunded": "La somme vous a été rendue.", "say_partially_refunded": "Une partie de la somme vous a été rendue.",
		"say_expired": "Le délai de ce paiement est passé. Rien n’est prélevé.", "say_failed": "Le paiement n’a pas eu lieu. Rien n’est prélevé.",
		"say_partially_captured": "Une partie de votre commande est payée.", "say_charged_back": "Ce paiement est contesté.",
		"say_action_required": "Votre paiement vous attend.",
		"prove":               "Confirmer mon paiement", "again": "Payer autrement", "others": "Vous pouvez aussi payer par",
		"transfer": "Pour payer, utilisez ces coordonnées\u00a0:", "step": "Encore une étape", "step_text": "Votre banque veut confirmer que c’est bien vous.",
		"go_on": "Continuer", "needs_script": "Cette étape nécessite JavaScript.", "bank_frame": "La page de votre banque",
		"desk": "Ce que la boutique peut faire", "deed_capture": "Encaisser", "deed_cancel": "Annuler", "deed_refund": "Rembourser", "deed_funds": "L’argent est arrivé",
		"deed_returned": "Le remboursement est fait", "deed_delivered": "Colis livré", "deed_chargeback": "Un impayé est arrivé",
		"none": "Rien pour l’instant.", "time": "Heure", "type": "Événement", "wrong": "Cela n’a pas marché", "no_order": "Cette commande n’existe pas.", "back": "Retour à la boutique",
		"retry": "Nouveau paiement de la commande",
	},
}
