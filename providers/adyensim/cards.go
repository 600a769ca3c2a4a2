package adyensim

import (
	"strconv"
	"strings"
	"time"
)

// card is what the simulator makes of a paymentMethod.
type card struct {
	number, month, year, cvc, holder string
	encrypted                        bool
}

// paymentMethod is the part of a request that holds the card.
type paymentMethod struct {
	Type                  string `json:"type"`
	Number                string `json:"number"`
	ExpiryMonth           string `json:"expiryMonth"`
	ExpiryYear            string `json:"expiryYear"`
	CVC                   string `json:"cvc"`
	HolderName            string `json:"holderName"`
	EncryptedCardNumber   string `json:"encryptedCardNumber"`
	EncryptedExpiryMonth  string `json:"encryptedExpiryMonth"`
	EncryptedExpiryYear   string `json:"encryptedExpiryYear"`
	EncryptedSecurityCode string `json:"encryptedSecurityCode"`
}

// card reads the clear fields, or Adyen's test form of the encrypted ones ("test_" before the clear text).
func (m paymentMethod) card() (card, bool) {
	if m.EncryptedCardNumber == "" {
		return card{number: m.Number, month: m.ExpiryMonth, year: m.ExpiryYear, cvc: m.CVC, holder: m.HolderName}, true
	}
	c := card{holder: m.HolderName, encrypted: true}
	for _, f := range []struct {
		to       *string
		from     string
		optional bool
	}{{&c.number, m.EncryptedCardNumber, false}, {&c.month, m.EncryptedExpiryMonth, false},
		{&c.year, m.EncryptedExpiryYear, false}, {&c.cvc, m.EncryptedSecurityCode, true}} {
		clear, ok := strings.CutPrefix(f.from, "test_")
		if !ok && (f.from != "" || !f.optional) {
			return card{}, false
		}
		*f.to = clear
	}
	return c, true
}

// check finds what Adyen would refuse to process at all; nil when there is nothing.
func (c card) check(now time.Time) *failure {
	if len(c.number) < 12 || len(c.number) > 19 || !luhn(c.number) {
		return &errNumber
	}
	if f := c.checkExpiry(now); f != nil {
		return f
	}
	if c.cvc == "" {
		return nil
	}
	if _, err := strconv.ParseUint(c.cvc, 10, 32); err != nil {
		return &errCVC
	}
	if len(c.cvc) != cvcLength(c.number) {
		return &errCVCLength
	}
	return nil
}

func (c card) checkExpiry(now time.Time) *failure {
	month, errM := strconv.Atoi(c.month)
	year, errY := strconv.Atoi(c.year)
	switch {
	case errM != nil || errY != nil:
		return &errExpiry
	case month < 1 || month > 12 || year <= 2000 || year > 9999:
		return &errExpiryRange
	case !now.Before(time.Date(year, time.Month(month)+1, 1, 0, 0, 0, 0, time.UTC)):
		return &errExpiryPast
	}
	return nil
}

func cvcLength(number string) int {
	if brandOf(number) == "amex" {
		return 4
	}
	return 3
}

// brandOf names the network of a number by its first digits.
func brandOf(number string) string {
	starts := func(prefixes string) bool {
		for p := range strings.FieldsSeq(prefixes) {
			if strings.HasPrefix(number, p) {
				return true
			}
		}
		return false
	}
	switch {
	case starts("4"):
		return "visa"
	case starts("51 52 53 54 55 22 23 24 25 26 270 271 2720"):
		return "mc"
	case starts("34 37"):
		return "amex"
	case starts("36 38 30"):
		return "diners"
	case starts("6011 64 65"):
		return "discover"
	case starts("35"):
		return "jcb"
	case starts("62"):
		return "cup"
	case starts("50 67"):
		return "maestro"
	}
	return "card"
}

// luhn checks the last digit as ISO/IEC 7812-1 annex B does.
func luhn(number string) bool {
	sum := 0
	for i := range len(number) {
		d := int(number[len(number)-1-i] - '0')
		if d < 0 || d > 9 {
			return false
		}
		if i%2 == 1 {
			d *= 2
		}
		sum += d/10 + d%10
	}
	return sum%10 == 0
}
