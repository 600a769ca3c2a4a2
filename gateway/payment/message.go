package payment

import (
	"fmt"
	"strings"

	"octroi/gateway/typeset"
	"octroi/providers"
)

// Languages shipped. Whatever a buyer's locale is, Language finds one of them.
const (
	English = "en"
	French  = "fr"
)

// Language picks the shipped language for a locale tag such as fr-FR; French for an absent one, since the default
// profile is a French shop's.
func Language(locale string) string {
	l := strings.ToLower(locale)
	if l == "" || l == French || strings.HasPrefix(l, "fr-") || strings.HasPrefix(l, "fr_") {
		return French
	}
	return English
}

// Typed is what the buyer typed that a refusal may repeat to them.
type Typed struct {
	Brand, Last4, ExpiryMonth, ExpiryYear string
}

// text of a message in both languages.
type text struct{ en, fr string }

// in picks the language, and sets the text as in print.
func (t text) in(language string) string {
	if language == French {
		return typeset.Text(t.fr, language)
	}
	return typeset.Text(t.en, language)
}

// neutral is the one text for every refusal that must not be explained.
var neutral = text{
	en: "Your payment could not be accepted. You have not been charged. You can use another card or another means of payment, or contact us.",
	fr: "Votre paiement n'a pas pu être accepté. Rien n'a été prélevé. Vous pouvez utiliser une autre carte ou un autre moyen de paiement, ou nous contacter.",
}

// explained says, per refusal code, the reason and the next step. {card} and {expiry} repeat what the buyer typed; what
// stands between brackets is left out where the date is not known, as it is once the buyer's step has taken a while.
// Codes without an entry are always neutral: the schemes and Adyen ask that fraud be not named.
var explained = map[providers.RefusalCode]text{
	providers.ExpiryIncorrect: {
		en: "Your bank says that the expiry date of {card} is not right. [You typed {expiry}. ]Please check the date on the card and try again. You have not been charged.",
		fr: "Votre banque indique que la date d'expiration de {card} n'est pas la bonne. [Vous avez saisi {expiry}. ]Vérifiez la date sur la carte et réessayez. Rien n'a été prélevé.",
	},
	providers.CardExpired: {
		en: "{card} has expired[ ({expiry})]. Please use another card. You have not been charged.",
		fr: "{card} est expirée[ ({expiry})]. Utilisez une autre carte. Rien n'a été prélevé.",
	},
	providers.InsufficientFunds: {
		en: "Your bank refused {card} because the funds are not sufficient. Please use another card or another means of payment. You have not been charged.",
		fr: "Votre banque a refusé {card} faute de provision suffisante. Utilisez une autre carte ou un autre moyen de paiement. Rien n'a été prélevé.",
	},
	providers.IssuerBlocked: {
		en: "Your bank has blocked {card}. Please contact your bank, or use another card. You have not been charged.",
		fr: "Votre banque a bloqué {card}. Contactez votre banque ou utilisez une autre carte. Rien n'a été prélevé.",
	},
	providers.CVCIncorrect: {
		en: "The security code of {card} is not right. Please check the code and try again. You have not been charged.",
		fr: "Le code de sécurité de {card} n'est pas le bon. Vérifiez-le et réessayez. Rien n'a été prélevé.",
	},
	providers.NumberIncorrect: {
		en: "The card number is not right. Please check it and try again. You have not been charged.",
		fr: "Le numéro de carte n'est pas le bon. Vérifiez-le et réessayez. Rien n'a été prélevé.",
	},
	providers.LimitExceeded: {
		en: "The payment exceeds a limit of {card}. Please contact your bank, try later, or use another card. You have not been charged.",
		fr: "Le paiement dépasse un plafond de {card}. Contactez votre banque, réessayez plus tard ou utilisez une autre carte. Rien n'a été prélevé.",
	},
	providers.AuthenticationRequired: {
		en: "Your bank wants you to confirm this payment. Please try again and follow your bank's steps. You have not been charged.",
		fr: "Votre banque vous demande de confirmer ce paiement. Réessayez et suivez les étapes de votre banque. Rien n'a été prélevé.",
	},
	providers.AuthenticationFailed: {
		en: "Your bank could not confirm that it is you who pays. Please try again, or use another card. You have not been charged.",
		fr: "Votre banque n'a pas pu confirmer que c'est bien vous qui payez. Réessayez ou utilisez une autre carte. Rien n'a été prélevé.",
	},
	providers.NotPermitted: {
		en: "Your bank does not allow this kind of payment with {card}. Please contact your bank or use another card. You have not been charged.",
		fr: "Votre banque n'autorise pas ce type de paiement avec {card}. Contactez votre banque ou utilisez une autre carte. Rien n'a été prélevé.",
	},
	providers.IssuerUnavailable: {
		en: "Your bank could not be reached. Please try again in a few minutes. You have not been charged.",
		fr: "Votre banque n'a pas pu être jointe. Réessayez dans quelques minutes. Rien n'a été prélevé.",
	},
	providers.Refused: {
		en: "Your bank refused the payment without giving a reason. Please contact your bank or use another card. You have not been charged.",
		fr: "Votre banque a refusé le paiement sans donner de raison. Contactez votre banque ou utilisez une autre carte. Rien n'a été prélevé.",
	},
}

// brandNames are the names that buyers know.
var brandNames = map[string]string{"visa": "Visa", "mc": "Mastercard", "amex": "American Express", "cartebancaire": "CB",
	"maestro": "Maestro", "diners": "Diners Club", "discover": "Discover", "jcb": "JCB", "cup": "UnionPay"}

// BuyerMessage is what the buyer is told of a refusal, in their language. When explain is false, or the code must
// never be explained, it is one neutral text, the same for all.
func BuyerMessage(code providers.RefusalCode, language string, explain bool, typed Typed) string {
	t, ok := explained[code]
	if !ok || !explain {
		return neutral.in(language)
	}
	card := text{en: "your card", fr: "votre carte"}
	if typed.Last4 != "" {
		brand := brandNames[typed.Brand]
		card = text{en: strings.TrimSpace("your " + brand + " card ending in " + typed.Last4),
			fr: strings.TrimSpace("votre carte "+brand) + " se terminant par " + typed.Last4}
		card.en = strings.Replace(card.en, "your  card", "your card", 1)
	}
	expiry := ""
	if typed.ExpiryMonth != "" {
		expiry = fmt.Sprintf("%s/%s", typed.ExpiryMonth, typed.ExpiryYear)
	}
	words := t.in(language)
	if from, to := strings.IndexByte(words, '['), strings.IndexByte(words, ']'); from >= 0 && expiry == "" {
		words = words[:from] + words[to+1:]
	}
	return capitalise(strings.NewReplacer("{card}", card.in(language), "{expiry}", expiry, "[", "", "]", "").Replace(words))
}

// capitalise lifts the first letter, for sentences that begin with the card. Every text begins with ASCII.
func capitalise(s string) string { return strings.ToUpper(s[:1]) + s[1:] }
