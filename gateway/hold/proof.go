package hold

import (
	"fmt"
	"slices"
	"strings"

	"octroi/gateway/payment"
)

// Kind is a kind of document that can prove ownership.
type Kind string

// The kinds of proof.
const (
	Identity      Kind = "identity"
	AddressProof  Kind = "address"
	BankStatement Kind = "bank_statement"
	CardCopy      Kind = "card_copy" // only where the law allows it
)

// Kinds lists every kind.
func Kinds() []Kind { return []Kind{Identity, AddressProof, BankStatement, CardCopy} }

// Profile is the law a shop asks for proof under. In France a merchant may not ask for a copy of the card, even masked
// (CNIL deliberations 2013-358 and 2017-222); PCI DSS forbids keeping an image that shows the security code.
type Profile string

// The legal profiles.
const (
	ProfileFR       Profile = "fr"
	ProfileEU       Profile = "eu"
	ProfileStandard Profile = "standard"
)

// Kinds are the kinds of proof the profile lets a shop ask for.
func (p Profile) Kinds() []Kind {
	if p == ProfileStandard {
		return Kinds()
	}
	return []Kind{Identity, AddressProof, BankStatement}
}

// Valid reports whether p is a known profile.
func (p Profile) Valid() bool { return p == ProfileFR || p == ProfileEU || p == ProfileStandard }

// allows refuses an empty request, an unknown kind, and a kind the profile forbids.
func (p Profile) allows(kinds []Kind) error {
	if len(kinds) == 0 {
		return payment.Invalid(payment.FieldError{Pointer: "/kinds", Detail: "must name at least one kind"})
	}
	var errs []payment.FieldError
	for i, k := range kinds {
		at := fmt.Sprintf("/kinds/%d", i)
		switch {
		case !slices.Contains(Kinds(), k):
			errs = append(errs, payment.FieldError{Pointer: at, Detail: "must be one of " + joinKinds(p.Kinds())})
		case !slices.Contains(p.Kinds(), k):
			errs = append(errs, payment.FieldError{Pointer: at, Detail: "is not allowed under the legal profile " + string(p)})
		case slices.Index(kinds, k) != i:
			errs = append(errs, payment.FieldError{Pointer: at, Detail: "is named twice"})
		}
	}
	if len(errs) > 0 {
		return payment.Invalid(errs...)
	}
	return nil
}

func joinKinds(kinds []Kind) string {
	s := make([]string, len(kinds))
	for i, k := range kinds {
		s[i] = string(k)
	}
	return strings.Join(s, ", ")
}
