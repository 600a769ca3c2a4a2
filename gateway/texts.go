package gateway

import "octroi/gateway/hold"

// The words of the proof page stand in three tables; what a document is and what to cover on it stands in hold, beside the
// law that allows it. Bars separate the items of a list; %s stands for what the page fills in, and {x} for what its script
// does. The page says why without a score or a rule, and never suggests that the buyer did wrong.

// pageTexts are the words of the page itself: why, until when, the statement code, messages, and the other ways.
var pageTexts = map[string]hold.Words{
	"title":        {EN: "Confirm your order", FR: "Confirmer votre commande"},
	"order":        {EN: "Order", FR: "Commande"},
	"switch":       {EN: "Français", FR: "English"},
	"skip":         {EN: "Skip to content", FR: "Aller au contenu"},
	"error_prefix": {EN: "Error: ", FR: "Erreur : "},
	"error_title":  {EN: "We could not take this", FR: "Votre envoi n'a pas pu être accepté"},
	"you":          {EN: "You", FR: "Vous"},
	"foot":         {EN: "This page is personal: do not pass on its address.", FR: "Cette page est personnelle : ne transmettez pas son adresse."},

	"head": {EN: "A check before your order is sent", FR: "Une vérification avant l'envoi de votre commande"},
	"why_reserved": {EN: "The amount is set aside on your account, not debited. Before sending the order, we check that the means of payment is being used by " +
		"the person it belongs to. This is common, and you have done nothing wrong.",
		FR: "Le montant est réservé sur votre compte, mais pas débité. Avant d'expédier, nous vérifions que le moyen de paiement est bien " +
			"utilisé par la personne à qui il appartient. C'est courant, et vous n'avez rien à vous reprocher."},
	"why_taken": {EN: "Your payment has arrived. Before sending the order, we check that the means of payment is being used by the person it belongs to. " +
		"This is common, and you have done nothing wrong.",
		FR: "Votre paiement nous est bien parvenu. Avant d'expédier, nous vérifions que le moyen de paiement est bien utilisé par la personne à " +
			"qui il appartient. C'est courant, et vous n'avez rien à vous reprocher."},
	"why_head": {EN: "Why this check?", FR: "Pourquoi cette vérification ?"},
	"why_items": {EN: "It protects people from having their means of payment misused. An order is checked for example when it goes to another address than that of the person who pays.|" +
		"If the order does not go on, you pay nothing: what is set aside is released, and what is paid is given back.|Your documents are looked at by a person, never judged by a program.",
		FR: "Elle évite qu'un moyen de paiement soit utilisé par d'autres que la personne à qui il appartient. Une commande est vérifiée par exemple quand " +
			"elle part à une autre adresse que celle de la personne qui paie.|Si la commande ne se fait pas, vous ne payez rien : ce qui est réservé est libéré, ce qui est payé vous est rendu.|" +
			"Vos documents sont examinés par une personne, jamais jugés par un programme."},
	"deadline": {EN: "Please answer before", FR: "Répondez avant le"},
	"deadline_late": {EN: "The time to answer has passed, but your order is still waiting: you can answer now.",
		FR: "Le délai de réponse est passé, mais votre commande attend encore : vous pouvez répondre maintenant."},
	"waiting": {EN: "We have your answer, and somebody will look at it, normally within 48 hours. You need not do anything more.",
		FR: "Nous avons bien reçu votre réponse et quelqu'un va l'examiner, en principe sous 48 heures. Vous n'avez rien de plus à faire."},
	"waiting_human": {EN: "As you asked, a person will look at your order, normally within 48 hours. You need not do anything more.",
		FR: "Comme vous l'avez demandé, une personne va examiner votre commande, en principe sous 48 heures. Vous n'avez rien de plus à faire."},
	"left":         {EN: "in %s", FR: "dans %s"},
	"steps":        {EN: "Where your order stands", FR: "Où en est votre commande"},
	"step_answer":  {EN: "You confirm", FR: "Vous confirmez"},
	"step_look":    {EN: "We check", FR: "Nous vérifions"},
	"step_send":    {EN: "We send", FR: "Nous expédions"},
	"spoken_done":  {EN: "done", FR: "fait"},
	"spoken_now":   {EN: "now", FR: "en cours"},
	"spoken_later": {EN: "to come", FR: "à venir"},
	"news_message": {EN: "%s has written to you", FR: "%s vous a écrit"},
	"news_again":   {EN: "To send again: %s", FR: "À renvoyer : %s"},

	"asks_head": {EN: "How to confirm", FR: "Comment confirmer"},
	"asks_more": {EN: "If you want to add something", FR: "Si vous voulez ajouter quelque chose"},
	"asks_either": {EN: "One of these is enough: begin with what is easiest for you.",
		FR: "Une seule de ces réponses suffit : commencez par la plus simple pour vous."},
	"code_easy": {EN: "Quick, no document", FR: "Rapide, sans document"},
	"code_example": {EN: "The line begins with %s. Does your bank shorten it? Then confirm in another way.",
		FR: "La ligne commence par %s. Votre banque l'abrège ? Confirmez alors autrement."},
	"drawing_code": {EN: "Drawing: a list of bank operations; the line of this payment is marked and ends in four digits.",
		FR: "Dessin : une liste d'opérations bancaires ; la ligne de ce paiement est repérée et se termine par quatre chiffres."},
	"code_label":   {EN: "The four digits at the end of the line", FR: "Les quatre chiffres à la fin de la ligne"},
	"code_tries":   {EN: "You can try three times.", FR: "Vous avez trois essais."},
	"code_tries_2": {EN: "You have two tries left.", FR: "Il vous reste deux essais."},
	"code_tries_1": {EN: "You have one try left.", FR: "Il vous reste un essai."},
	"send_code":    {EN: "Check the code", FR: "Vérifier le code"},
	"code_never": {EN: "This is not a code that your bank sends you by text message. Never give us such a code, nor a password: we do not ask for them.",
		FR: "Ce n'est pas un code que votre banque vous envoie par SMS. Ne nous donnez jamais un tel code, ni un mot de passe : nous ne les demandons pas."},
	"code_passed": {EN: "The code is right. Thank you.", FR: "Le code est bon. Merci."},
	"code_failed": {EN: "The code cannot be tried again. That is no problem: you can confirm in another way, or ask for a person to look at your order.",
		FR: "Le code ne peut plus être saisi. Ce n'est pas grave : vous pouvez confirmer autrement, ou demander qu'une personne examine votre commande."},
	"code_wrong": {EN: "These are not the digits of this payment. Please check that you are reading the line of this very order.",
		FR: "Ce ne sont pas les chiffres de ce paiement. Vérifiez que vous lisez bien la ligne de cette commande."},
	"code_form": {EN: "Please type the four digits only, such as 0123.", FR: "Tapez seulement les quatre chiffres, par exemple 0123."},

	"thread_head":   {EN: "Messages", FR: "Vos échanges"},
	"other_head":    {EN: "Would you rather do it another way?", FR: "Vous préférez faire autrement ?"},
	"message_head":  {EN: "Write to us", FR: "Nous écrire"},
	"message_label": {EN: "Your message to the person in charge", FR: "Votre message à la personne qui suit votre dossier"},
	"message_hint": {EN: "A question, a difficulty, another way to confirm. Never write a card number.",
		FR: "Une question, une difficulté, une autre façon de confirmer. N'indiquez jamais de numéro de carte."},
	"send_message": {EN: "Send the message", FR: "Envoyer le message"},
	"human_head":   {EN: "Have a person look", FR: "Demander l'avis d'une personne"},
	"human_hint": {EN: "Without any document, somebody looks at your order with what we already know.",
		FR: "Sans aucun document, quelqu'un examine votre commande avec ce que nous savons déjà."},
	"human":       {EN: "Ask for a person to look at my order", FR: "Demander qu'une personne examine ma commande"},
	"human_asked": {EN: "You have asked for it: a person will look at your order.", FR: "Vous l'avez demandé : une personne va examiner votre commande."},
	"leave_head":  {EN: "Give up the order", FR: "Renoncer à la commande"},
	"leave_hint":  {EN: "You are free to stop here. It costs nothing.", FR: "Vous êtes libre d'arrêter ici. Cela ne coûte rien."},
	"leave":       {EN: "Cancel my order…", FR: "Annuler ma commande…"},

	"sent_message": {EN: "Thank you, your message has arrived. A person will read it.", FR: "Merci, votre message est bien arrivé. Une personne vous lira."},
	"sent_human":   {EN: "Understood: a person will look at your order.", FR: "C'est noté : une personne va examiner votre commande."},
	"sent_code": {EN: "Thank you, the code is right. A person takes a last look at your order.",
		FR: "Merci, le code est bon. Une personne examine une dernière fois votre commande."},

	"card_in_text":    {EN: "Your message holds a card number: please take it out, we do not want to keep it.", FR: "Votre message contient un numéro de carte : retirez-le, nous ne voulons pas le conserver."},
	"bad_text":        {EN: "Please write a few words, 1,000 characters at most.", FR: "Écrivez quelques mots, 1\u202f000 caractères au plus."},
	"enough_messages": {EN: "This conversation has reached its limit. Please contact the shop directly.", FR: "Cet échange a atteint sa limite. Contactez la boutique directement."},
	"other_case": {EN: "You have opened another order in this browser since. This page now shows that one: nothing was sent.",
		FR: "Vous avez ouvert une autre commande dans ce navigateur entre-temps. Cette page la montre maintenant : rien n'a été envoyé."},
}
