package payment

import (
	"fmt"
	"strings"
)

// TransferReference is what the buyer writes on a bank transfer or a cheque: the order's reference and two check
// characters (ISO/IEC 7064, MOD 97-10), so that a digit or letter that was copied wrongly shows. A reference with a
// character that banks do not carry everywhere (EPC217-08: Latin letters, digits and a few signs), or with none that
// the check would cover, gives way to the end of the payment's id.
func TransferReference(order, paymentID string) string {
	text := order
	if strings.ContainsFunc(order, notCarried) || strings.HasPrefix(order, "/") || strings.Contains(order, "//") || checkable(order) == "" {
		text = strings.ToUpper(paymentID[max(0, len(paymentID)-12):])
	}
	return text + "-" + checkCharacters(checkable(text))
}

// notCarried reports a character outside of the set that every SEPA bank takes.
func notCarried(r rune) bool {
	letter := r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9'
	return !letter && !strings.ContainsRune("/-?:().,'+ ", r)
}

// checkable are the letters and digits of a text, in capitals: the rest does not count for the check, because people
// leave it out.
func checkable(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' || r >= 'A' && r <= 'Z' {
			return r
		}
		return -1
	}, strings.ToUpper(s))
}

// checkCharacters are the two digits that make text, with them appended, 1 modulo 97.
func checkCharacters(text string) string {
	return fmt.Sprintf("%02d", 98-mod97(text+"00"))
}

// mod97 is the remainder of the number that a text stands for, its letters read as 10 to 35 (ISO/IEC 7064).
func mod97(text string) int {
	rest := 0
	for _, r := range text {
		if r >= 'A' {
			rest = (rest*100 + int(r-'A') + 10) % 97
		} else {
			rest = (rest*10 + int(r-'0')) % 97
		}
	}
	return rest
}

// ValidIBAN reports whether s, which may have spaces, is of the form of an IBAN and passes its check (ISO 13616-1).
func ValidIBAN(s string) bool {
	s = strings.ReplaceAll(s, " ", "")
	if len(s) < 15 || len(s) > 34 || checkable(s) != s || strings.Trim(s[:2], "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != "" || !digits(s[2:4]) {
		return false
	}
	return mod97(s[4:]+s[:4]) == 1
}

// ValidBIC reports whether s is of the form of a BIC (ISO 9362): four letters, a country, and four or seven characters.
func ValidBIC(s string) bool {
	return (len(s) == 8 || len(s) == 11) && checkable(s) == s && strings.Trim(s[:4], "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == "" && country(s[4:6])
}
