package policy

import "octroi/risk"

// The limits that card schemes set to trying a card again. They are part of every policy and no policy, allow list or
// snooze can lift them: each forces a decline, so that the provider is not reached. A card whose scheme is not known is
// under all of them.
const (
	// CodeNeverRetry: the issuer answered an earlier attempt with "never again". Visa's Excessive Reattempts rule:
	// response codes of its decline category 1 ("issuer will never approve") must not be attempted again on the same
	// account. Mastercard's merchant advice codes 03 and 21 say the same. See RefusedNeverRetry for how it is known.
	CodeNeverRetry = "SCHEME_NEVER_RETRY"
	// CodeReattempts: after one refusal, Visa's same rule allows fifteen reattempts of a card in thirty days. Its rules
	// for 2026 say twenty; the lower figure is kept because acquirers still bill by it.
	CodeReattempts = "SCHEME_REATTEMPTS"
	// CodeDeclinesDay: Mastercard's Transaction Processing Excellence programme charges for every attempt on a card
	// after ten declines within 24 hours at one merchant.
	CodeDeclinesDay = "SCHEME_DECLINES_DAY"
)

// limit is a built-in rule in the language of policies.
type limit struct {
	code, when  string
	detail, why [languages]string
}

func limits() []limit {
	return []limit{
		{CodeNeverRetry, `happened("card", "refused.never_retry")`,
			[languages]string{"the issuer said never to try this card again", "la banque a dit de ne plus jamais essayer cette carte"},
			[languages]string{"An issuer that will never approve a card charges for every further attempt.",
				"Une banque qui n'acceptera jamais une carte fait payer toute nouvelle tentative."}},
		{CodeReattempts, `card.scheme in ["visa", ""] && count("card", "refused", "30d") > 15`,
			[languages]string{`{{count("card", "refused", "30d")}} refusals of this card within 30 days`,
				`{{count("card", "refused", "30d")}} refus de cette carte en 30 jours`},
			[languages]string{"Visa allows fifteen reattempts on a card in thirty days.",
				"Visa tolère quinze nouvelles tentatives par carte en trente jours."}},
		{CodeDeclinesDay, `card.scheme in ["mastercard", ""] && count("card", "refused", "24h") >= 10`,
			[languages]string{`{{count("card", "refused", "24h")}} refusals of this card within 24 hours`,
				`{{count("card", "refused", "24h")}} refus de cette carte en 24 heures`},
			[languages]string{"Mastercard allows ten refused attempts on a card in a day.",
				"Mastercard tolère dix tentatives refusées par carte et par jour."}},
	}
}

// schemes compiles the limits as the first rules of the policy. A test holds that they compile.
func (k *linker) schemes() []rule {
	var rules []rule
	for _, l := range limits() {
		r := rule{code: l.code, stage: stageDecide, text: l.when, force: risk.Decline, builtIn: true, why: l.why}
		r.when, _ = k.compile(scalar{text: l.when}, stageDecide)
		for lang, text := range l.detail {
			r.detail[lang], _ = k.template(scalar{text: text}, stageDecide)
		}
		rules = append(rules, r)
	}
	return rules
}
