package hold

import "slices"

// Profile is the law a shop asks for proof under.
type Profile string

// The legal profiles.
const (
	ProfileFR       Profile = "fr"
	ProfileEU       Profile = "eu"
	ProfileStandard Profile = "standard"
)

// Charter is what a legal profile is made of.
type Charter struct {
	Documents []Kind // what may be asked for, cheapest first
	Never     Words  // what the buyer is told that nobody will ask for
	Law       Words  // the ground of that, in a sentence for the buyer
	Sources   []string
}

// Words is one text in the two languages that are shipped.
type Words struct{ EN, FR string }

// charters is the law as data. What is not listed cannot be asked for, whatever a configuration, a policy or an analyst
// says: see Terms.Has and Profile.allows.
var charters = map[Profile]Charter{
	ProfileFR: {
		Documents: []Kind{Identity, AddressProof, BankStatement},
		Never: Words{EN: "Never send us a photo or a copy of your payment card, its number or its code. We will not ask for them.",
			FR: "Ne nous envoyez jamais une photo ni une copie de votre carte bancaire, ni son numéro, ni son code. Nous ne vous les demanderons pas."},
		Law: Words{EN: "In France a shop may not ask for a copy of a payment card, not even a masked one (CNIL).",
			FR: "En France, un commerçant ne peut pas demander la copie d'une carte bancaire, même masquée (CNIL)."},
		Sources: []string{"CNIL deliberation 2013-358", "CNIL deliberation 2017-222", "PCI DSS 4.0.1 requirement 3.3.1"},
	},
	ProfileEU: {
		Documents: []Kind{Identity, AddressProof, BankStatement},
		Never: Words{EN: "Never send us a photo or a copy of your payment card, its number or its code. We will not ask for them.",
			FR: "Ne nous envoyez jamais une photo ni une copie de votre carte bancaire, ni son numéro, ni son code. Nous ne vous les demanderons pas."},
		Law: Words{EN: "We ask for no more than this check needs (GDPR, article 5).",
			FR: "Nous ne demandons rien de plus que ce qu'il faut à cette vérification (RGPD, article 5)."},
		Sources: []string{"GDPR article 5(1)(c)", "PCI DSS 4.0.1 requirement 3.3.1"},
	},
	ProfileStandard: {
		Documents: []Kind{Identity, AddressProof, BankStatement, CardCopy},
		Never: Words{EN: "The security code of your card must always be covered. We destroy any picture that shows it.",
			FR: "Le code de sécurité de votre carte doit toujours être caché. Nous détruisons toute image où il se lit."},
		Law: Words{EN: "The rules of the card schemes forbid keeping a security code, and showing more of a card's number than its first six and last four digits.",
			FR: "Les règles des réseaux de cartes interdisent de conserver un code de sécurité, et d'afficher d'un numéro de carte plus que ses six premiers et quatre derniers chiffres."},
		Sources: []string{"PCI DSS 4.0.1 requirements 3.3.1 and 3.4.1"},
	},
}

// Charter is what the profile is made of. A profile that is not known allows what the strictest one does.
func (p Profile) Charter() Charter {
	c, ok := charters[p]
	if !ok {
		c = charters[ProfileFR]
	}
	c.Documents, c.Sources = slices.Clone(c.Documents), slices.Clone(c.Sources)
	return c
}

// Kinds are the kinds of proof the profile lets a shop ask for.
func (p Profile) Kinds() []Kind { return p.Charter().Documents }

// Valid reports whether p is a known profile.
func (p Profile) Valid() bool {
	_, ok := charters[p]
	return ok
}
