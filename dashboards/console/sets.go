package console

// sets are the words of the gateway's closed sets, by the set and the value's stable name, and the sentences that say
// what was done and what could not be.
var sets = map[string][2]string{
	"done.claimed": {"The case is yours.", "Le dossier est à vous."},
	"done.claim":   {"The case is yours.", "Le dossier est à vous."},
	"done.release": {"The case is back in the queue.", "Le dossier est de retour dans la file."},
	"done.approve": {"Approved: the payment goes on, and the buyer is told.", "Approuvé : le paiement suit son cours et l'acheteur est prévenu."},
	"done.first":   {"Your approval is kept. A second person must approve too.", "Votre approbation est enregistrée. Une seconde personne doit approuver aussi."},
	"done.reject":  {"Rejected: the authorisation is being cancelled, and the buyer is told.", "Rejeté : l'autorisation est en cours d'annulation et l'acheteur est prévenu."},
	"done.proof":   {"The buyer has been asked.", "La demande est partie chez l'acheteur."},
	"done.reply":   {"Your message is on its way.", "Votre message est parti."},
	"done.note":    {"The note is kept.", "La note est enregistrée."},
	"done.nothing": {"No unclaimed case waits for an analyst.", "Aucun dossier libre n'attend d'analyste."},
	"done.added":   {"The entry is on the list.", "L'entrée est dans la liste."},
	"done.removed": {"The entry is off the list.", "L'entrée est retirée de la liste."},

	"conflict.theirs":  {"The case is with %s. It must be put back into the queue before somebody else can work on it.", "Le dossier est chez %s. Il doit être remis en file avant que quelqu'un d'autre y travaille."},
	"conflict.changed": {"The case has changed since you opened it. Look at what is new below, then decide.", "Le dossier a changé depuis que vous l'avez ouvert. Regardez ce qui est nouveau ci-dessous, puis décidez."},
	"conflict.decided": {"Too late: the case is already %s (%s).", "Trop tard : le dossier est déjà %s (%s)."},
	"conflict.second":  {"You have approved this case already. A second person must approve it too.", "Vous avez déjà approuvé ce dossier. Une seconde personne doit l'approuver aussi."},

	"fault.not_found":         {"There is no such page, case or payment.", "Cette page, ce dossier ou ce paiement n'existe pas."},
	"fault.forbidden":         {"You are not allowed to do this.", "Vous n'y êtes pas autorisé."},
	"fault.wrong_state":       {"This is not possible in the state things are in now.", "Ce n'est pas possible dans l'état actuel."},
	"fault.validation_failed": {"Something in the form cannot be accepted.", "Le formulaire contient quelque chose qui ne peut pas être accepté."},
	"fault.body_too_large":    {"The text is too long.", "Le texte est trop long."},
	"fault.unavailable":       {"A part of the gateway is not available; nothing was done. Please try again.", "Une partie de la passerelle est indisponible ; rien n'a été fait. Réessayez."},
	"fault.internal":          {"Something went wrong on our side. It has been written to the log.", "Une erreur est survenue de notre côté. Elle est inscrite au journal."},

	"invalid.approve":         {"The note is too long.", "La note est trop longue."},
	"invalid.reject":          {"Choose or write a reason of at most 2,000 characters: a refusal must be explainable.", "Choisissez ou écrivez un motif d'au plus 2 000 caractères : un refus doit pouvoir s'expliquer."},
	"invalid.proof":           {"Tick at least one kind of document, and keep the line to the buyer short.", "Cochez au moins un type de document, et restez bref."},
	"invalid.reply":           {"Write a message of at most 2,000 characters.", "Écrivez un message d'au plus 2 000 caractères."},
	"invalid.note":            {"Write a note of at most 2,000 characters.", "Écrivez une note d'au plus 2 000 caractères."},
	"invalid.list.card":       {"That looks like a card number. Lists hold fingerprints, never numbers; it was not kept.", "Cela ressemble à un numéro de carte. Les listes contiennent des empreintes, jamais des numéros ; rien n'a été conservé."},
	"invalid.list/list":       {"A list's name is made of a to z, 0 to 9 and _.", "Le nom d'une liste se compose de a à z, 0 à 9 et _."},
	"invalid.list/value":      {"The value is missing or longer than 256 characters.", "La valeur manque ou dépasse 256 caractères."},
	"invalid.list/note":       {"The note is longer than 256 characters.", "La note dépasse 256 caractères."},
	"invalid.list/expires_at": {"The day lies in the past.", "Le jour est passé."},
	"invalid.list/until":      {"That is not a day.", "Ce n'est pas un jour."},

	"role.analyst": {"analyst", "analyste"}, "role.senior": {"senior", "senior"}, "role.admin": {"admin", "admin"},

	"actor.buyer": {"buyer", "acheteur"}, "actor.shop": {"shop", "boutique"}, "actor.policy": {"policy", "politique"}, "actor.provider": {"provider", "prestataire"},
	"language.en": {"in English", "en anglais"}, "language.fr": {"in French", "en français"},

	"case.awaiting_proof": {"Waiting for proof", "Attend l'acheteur"}, "case.awaiting_review": {"To review", "À examiner"}, "case.awaiting_second": {"Second approval", "Seconde approbation"},
	"case.approved": {"Approved", "Approuvé"}, "case.rejected": {"Rejected", "Rejeté"}, "case.expired": {"Expired", "Expiré"},

	"outcome.approve": {"approve", "accepter"}, "outcome.challenge": {"challenge", "authentifier"}, "outcome.hold": {"hold", "retenir"}, "outcome.decline": {"decline", "refuser"},
	"part.velocity": {"order histories", "historiques de commandes"}, "part.provider_unavailable": {"the payment provider", "le prestataire de paiement"},

	"grade.same": {"same address", "même adresse"}, "grade.same_building": {"same building", "même immeuble"}, "grade.same_street": {"same street", "même rue"},
	"grade.same_city": {"same city", "même ville"}, "grade.same_area": {"same area", "même secteur"}, "grade.other_city": {"another city", "autre ville"}, "grade.other_country": {"another country", "autre pays"},
	"trait.pickup_point": {"pick-up point", "point relais"}, "trait.locker": {"locker", "consigne"}, "trait.store": {"store", "magasin"}, "trait.digital": {"digital", "numérique"},
	"trait.forwarder": {"forwarder", "réexpéditeur"}, "trait.po_box": {"PO box", "boîte postale"}, "trait.company": {"company", "entreprise"},
	"method.home": {"home", "domicile"}, "method.pickup_point": {"pick-up point", "point relais"}, "method.locker": {"locker", "consigne"}, "method.store": {"store", "magasin"}, "method.digital": {"digital", "numérique"},

	"funding.credit": {"credit", "crédit"}, "funding.debit": {"debit", "débit"}, "funding.prepaid": {"prepaid", "prépayée"},
	"check.match": {"match", "concordant"}, "check.partial": {"partial", "partiel"}, "check.mismatch": {"mismatch", "discordant"}, "check.unavailable": {"not available", "indisponible"},
	"check.unknown": {"unknown", "inconnu"}, "check.not_checked": {"not checked", "non contrôlé"}, "check.not_provided": {"not provided", "non fourni"}, "check.": {"none", "aucun"},
	"three_ds.authenticated": {"authenticated", "authentifié"}, "three_ds.attempted": {"attempted", "tenté"}, "three_ds.failed": {"failed", "échoué"}, "three_ds.not_enrolled": {"not enrolled", "non inscrit"}, "three_ds.": {"not tried", "non tenté"},

	"kind.identity": {"Identity", "Identité"}, "kind.address": {"Proof of address", "Justificatif de domicile"}, "kind.bank_statement": {"Bank statement extract", "Extrait de relevé bancaire"}, "kind.card_copy": {"Card copy, masked", "Copie de la carte, masquée"},
	"type.image/jpeg": {"picture", "image"}, "type.image/png": {"picture", "image"}, "type.application/pdf": {"PDF", "PDF"},

	"status.pending": {"Pending", "En cours"}, "status.action_required": {"Waiting for the buyer", "Attend l'acheteur"}, "status.authorised": {"Authorised", "Autorisé"}, "status.held": {"Held", "Retenu"},
	"status.declined": {"Declined", "Décliné"}, "status.refused": {"Refused", "Refusé"}, "status.captured": {"Captured", "Débité"}, "status.refunded": {"Refunded", "Remboursé"}, "status.partially_captured": {"Partly captured", "Débité en partie"},
	"status.cancelled": {"Cancelled", "Annulé"}, "status.partially_refunded": {"Partly refunded", "Remboursé en partie"}, "status.expired": {"Expired", "Expiré"},
	"status.charged_back": {"Charged back", "Impayé"}, "status.failed": {"Failed", "Échoué"},

	"refusal.expiry_incorrect": {"Expiry date incorrect", "Date d'expiration inexacte"}, "refusal.card_expired": {"Card expired", "Carte expirée"}, "refusal.insufficient_funds": {"Insufficient funds", "Provision insuffisante"},
	"refusal.issuer_blocked": {"Blocked by the issuer", "Bloquée par l'émetteur"}, "refusal.cvc_incorrect": {"Security code incorrect", "Code de sécurité inexact"}, "refusal.number_incorrect": {"Card number incorrect", "Numéro de carte inexact"},
	"refusal.limit_exceeded": {"Limit exceeded", "Plafond dépassé"}, "refusal.authentication_required": {"Authentication required", "Authentification exigée"}, "refusal.authentication_failed": {"Authentication failed", "Authentification échouée"},
	"refusal.not_permitted": {"Not permitted", "Non autorisé"}, "refusal.issuer_unavailable": {"Issuer unavailable", "Émetteur injoignable"}, "refusal.suspected_fraud": {"Suspected fraud", "Fraude soupçonnée"}, "refusal.refused": {"Refused without a reason", "Refusé sans motif"},
	"retry.correct_details": {"correct the details", "corriger les données"}, "retry.contact_issuer": {"contact the bank", "contacter la banque"}, "retry.other_method": {"another means of payment", "un autre moyen de paiement"},
	"retry.later": {"try later", "réessayer plus tard"}, "retry.authenticate": {"try with authentication", "réessayer avec authentification"}, "retry.never": {"never with this card", "jamais avec cette carte"},

	"action.payment.released": {"Released", "Libéré"}, "action.payment.swept": {"Swept", "Balayé"}, "action.payment.soft_declined": {"Asked again with authentication", "Redemandé avec authentification"}, "action.operation.rejected": {"Operation rejected", "Opération rejetée"},

	"op.capture": {"Capture", "Débit"}, "op.cancellation": {"Cancellation", "Annulation"}, "op.refund": {"Refund", "Remboursement"},
	"opstatus.requested": {"to be sent", "à envoyer"}, "opstatus.sent": {"sent", "envoyé"}, "opstatus.done": {"done", "fait"}, "opstatus.failed": {"failed", "échoué"},

	"list.blocked_cards": {"Blocked cards", "Cartes bloquées"}, "list.blocked_emails": {"Blocked e-mails", "E-mails bloqués"}, "list.blocked_email_domains": {"Blocked e-mail domains", "Domaines d'e-mail bloqués"},
	"list.blocked_ips": {"Blocked IP addresses", "Adresses IP bloquées"}, "list.blocked_devices": {"Blocked devices", "Appareils bloqués"}, "list.blocked_customers": {"Blocked customers", "Clients bloqués"}, "list.allowed_customers": {"Allowed customers", "Clients autorisés"},
}
