package providers

import "fmt"

// Card is the means of payment as the checkout sent it: either the clear fields or the provider's own client-side
// encrypted ones, never both. It lives for one call and is never stored.
type Card struct {
	Number      Secret
	ExpiryMonth string // two digits, "01".."12"
	ExpiryYear  string // four digits
	CVC         Secret
	HolderName  string

	EncryptedNumber      Secret
	EncryptedExpiryMonth Secret
	EncryptedExpiryYear  Secret
	EncryptedCVC         Secret
}

// Encrypted reports whether the card arrived in the provider's encrypted fields.
func (c Card) Encrypted() bool { return c.EncryptedNumber != "" }

// Format implements fmt.Formatter: whatever the verb and however deep the card lies in what is printed, nothing of it
// shows.
func (c Card) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte("card " + redacted)) }

// Address is a postal address as the provider wants it.
type Address struct {
	Lines      []string
	PostalCode string
	City       string
	Country    string // ISO 3166-1 alpha-2
}

// Brand of a card from its leading digits (ISO/IEC 7812 ranges as the schemes publish them); "" when unknown.
func Brand(number string) string {
	prefix := func(n int) int {
		if len(number) < n {
			return -1
		}
		v := 0
		for _, r := range number[:n] {
			if r < '0' || r > '9' {
				return -1
			}
			v = v*10 + int(r-'0')
		}
		return v
	}
	two, four := prefix(2), prefix(4)
	switch {
	case prefix(1) == 4:
		return "visa"
	case two >= 51 && two <= 55, four >= 2221 && four <= 2720:
		return "mc"
	case two == 34 || two == 37:
		return "amex"
	case two == 36 || two == 38 || two == 39, prefix(3) >= 300 && prefix(3) <= 305, prefix(3) == 309:
		return "diners"
	case two == 65, four == 6011, prefix(3) >= 644 && prefix(3) <= 649:
		return "discover"
	case four >= 3528 && four <= 3589:
		return "jcb"
	case two == 50, four == 5893, four == 6304, four == 6759, four >= 6761 && four <= 6763:
		return "maestro"
	case two == 62:
		return "cup"
	}
	return ""
}

// Luhn reports whether the digits of a card number pass the check of ISO/IEC 7812-1 annex B.
func Luhn(number string) bool {
	sum, double := 0, false
	for i := len(number) - 1; i >= 0; i-- {
		d := int(number[i] - '0')
		if d < 0 || d > 9 {
			return false
		}
		if double {
			if d *= 2; d > 9 {
				d -= 9
			}
		}
		sum, double = sum+d, !double
	}
	return len(number) > 0 && sum%10 == 0
}
