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
