package gateway

import "octroi/gateway/hold"

// doorTexts are the words on the way in and on the way out: the link, giving the order up, the end, and the page that
// stands in for one that cannot be shown.
var doorTexts = map[string]hold.Words{
	"link_title": {EN: "Your order", FR: "Votre commande"},
	"link_head":  {EN: "We need a word from you", FR: "Nous avons besoin de vous"},
	"link_lead": {EN: "%s has written to you about an order. Open your page to see what is asked, and why.",
		FR: "%s vous a écrit au sujet d'une commande. Ouvrez votre page pour voir ce qui est demandé, et pourquoi."},
	"link_open": {EN: "Open my page", FR: "Ouvrir ma page"},
	"link_never": {EN: "Your card number, its security code and your bank passwords are never asked for there.",
		FR: "Ni votre numéro de carte, ni son code de sécurité, ni vos mots de passe bancaires ne vous y seront demandés."},
	"fact_why": {EN: "This link has been opened from several places. To be sure that it is you, please say one thing that you know of this order.",
		FR: "Ce lien a été ouvert depuis plusieurs endroits. Pour être sûrs que c'est vous, dites-nous une chose que vous savez de cette commande."},
	"fact_label": {EN: "Billing postcode, or last four digits of the card", FR: "Code postal de facturation, ou quatre derniers chiffres de la carte"},
	"fact_hint":  {EN: "Never the whole card number.", FR: "Jamais le numéro de carte entier."},
	"fact_wrong": {EN: "This does not match the order. Please try again.", FR: "Cela ne correspond pas à la commande. Merci de réessayer."},

	"withdraw_title": {EN: "Cancel your order", FR: "Annuler votre commande"},
	"withdraw_head":  {EN: "Do you want to cancel this order?", FR: "Voulez-vous annuler cette commande ?"},
	"withdraw_lead":  {EN: "If you confirm, %s does not send the order. This cannot be undone.", FR: "Si vous confirmez, %s n'enverra pas la commande. C'est définitif."},
	"withdraw_reserved": {EN: "The amount is not debited. Your bank releases it within a few days.|Any documents that you sent are destroyed within %s.|You get an e-mail that says so.",
		FR: "Le montant n'est pas débité. Votre banque le libère sous quelques jours.|Les documents que vous avez pu envoyer sont détruits sous %s.|Vous allez recevoir un e-mail de confirmation."},
	"withdraw_taken": {EN: "You get back everything that you paid, the way you paid it.|Any documents that you sent are destroyed within %s.|You get an e-mail that says so.",
		FR: "Tout ce que vous avez payé vous est rendu, par le même moyen.|Les documents que vous avez pu envoyer sont détruits sous %s.|Vous allez recevoir un e-mail de confirmation."},
	"withdraw_yes": {EN: "Yes, cancel my order", FR: "Oui, annuler ma commande"},
	"withdraw_no":  {EN: "No, go back", FR: "Non, revenir"},

	"approved_head":  {EN: "Thank you: your order is confirmed", FR: "Merci : votre commande est confirmée"},
	"approved_items": {EN: "The code is right.|%s prepares your order.|You get an e-mail that says so.", FR: "Le code est bon.|%s prépare votre commande.|Vous allez recevoir un e-mail de confirmation."},
	"withdrawn_head": {EN: "Your order is cancelled", FR: "Votre commande est annulée"},
	"over_close":     {EN: "You have nothing more to do, and can close this page.", FR: "Vous n'avez plus rien à faire et pouvez fermer cette page."},

	"gone_head": {EN: "This link is no longer valid", FR: "Ce lien n'est plus valable"},
	"gone": {EN: "The request may have ended: then an e-mail tells you how. Otherwise open the link in our latest message, with cookies allowed, or contact the shop.",
		FR: "La demande est peut-être terminée : un e-mail vous en donne alors le résultat. Sinon, ouvrez le lien de notre dernier message, en acceptant les cookies, ou contactez la boutique."},
	"busy_head":    {EN: "One moment, please", FR: "Un instant, s'il vous plaît"},
	"busy":         {EN: "Too many requests come from your network. Try again in a minute.", FR: "Trop de demandes viennent de votre réseau. Réessayez dans une minute."},
	"large_head":   {EN: "This file is too large", FR: "Ce fichier est trop volumineux"},
	"large":        {EN: "The file is larger than 10 MB. Go back and send a smaller photo or PDF.", FR: "Le fichier dépasse 10 Mo. Revenez en arrière et envoyez une photo ou un PDF plus léger."},
	"away_head":    {EN: "We cannot keep anything right now", FR: "Nous ne pouvons rien enregistrer pour l'instant"},
	"away":         {EN: "Nothing was lost or kept. Try again in a few minutes.", FR: "Rien n'a été perdu ni conservé. Réessayez dans quelques minutes."},
	"foreign_head": {EN: "Not accepted", FR: "Envoi refusé"},
	"foreign":      {EN: "This form did not come from our page. Open the link in our message and try again.", FR: "Ce formulaire ne vient pas de notre page. Ouvrez le lien de notre message et recommencez."},
	"fault_head":   {EN: "Something did not work", FR: "Quelque chose n'a pas fonctionné"},
	"fault":        {EN: "What you sent did not arrive. Open the link in our message again and try once more.", FR: "Votre envoi n'est pas arrivé. Ouvrez à nouveau le lien de notre message et recommencez."},
}
