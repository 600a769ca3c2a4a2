package payment

import (
	"slices"
	"strconv"
	"time"

	"octroi/providers"
)

func (c *checker) method(m Method, shop Accepts) {
	const at = "/payment_method"
	switch {
	case !slices.Contains(shop.Means, m.Type):
		c.add(at+"/type", "must be one that this shop takes: %s", join(shop.Means))
	case m.Type.IsCard():
		c.card(at, m, shop.ClearCards)
	case m != Method{Type: m.Type}:
		c.add(at, "must hold nothing but the type: the card fields are a card's")
	}
}

func (c *checker) card(at string, m Method, clearCards bool) {
	c.typed(at+"/holder_name", m.HolderName, MaxText)
	encrypted := m.EncryptedNumber != "" || m.EncryptedExpiryMonth != "" || m.EncryptedExpiryYear != "" || m.EncryptedCVC != ""
	clear := m.Number != "" || m.ExpiryMonth != "" || m.ExpiryYear != "" || m.CVC != ""
	switch {
	case encrypted && clear:
		c.add(at, "must hold either clear or encrypted card fields, not both")
	case encrypted:
		c.encrypted(at, m)
	case !clear:
		c.add(at, "must hold either number, expiry_month and expiry_year or their encrypted forms")
	case !clearCards:
		c.add(at+"/number", "clear card numbers are not allowed for this shop: send the encrypted fields")
	default:
		c.number(at+"/number", m.Number, true)
		c.expiry(at, m.ExpiryMonth, m.ExpiryYear, true)
		c.cvc(at+"/cvc", m)
	}
}

func (c *checker) encrypted(at string, m Method) {
	for _, f := range []struct {
		name  string
		value providers.Secret
		must  bool
	}{{"encrypted_number", m.EncryptedNumber, true}, {"encrypted_expiry_month", m.EncryptedExpiryMonth, true},
		{"encrypted_expiry_year", m.EncryptedExpiryYear, true}, {"encrypted_cvc", m.EncryptedCVC, false}} {
		if f.must && f.value == "" {
			c.add(at+"/"+f.name, "is required with encrypted fields")
		}
		if len(f.value) > 4096 {
			c.add(at+"/"+f.name, "must be at most 4096 bytes long")
		}
	}
}

// number checks a card number's form (ISO/IEC 7812-1: at most 19 digits; no scheme issues fewer than 12).
func (c *checker) number(at string, n providers.Secret, must bool) {
	s := n.Reveal()
	if s == "" {
		if must {
			c.add(at, "is required")
		}
		return
	}
	if len(s) < 12 || len(s) > 19 || !digits(s) {
		c.add(at, "must be 12 to 19 digits without spaces")
	} else if !providers.Luhn(s) {
		c.add(at, "is not a valid card number: its check digit is wrong")
	}
}

// expiry tells a date that cannot be from one that has passed. A card is good to the end of its month anywhere on
// earth, hence the day of grace.
func (c *checker) expiry(at, month, year string, must bool) {
	if month == "" && year == "" && !must {
		return
	}
	m, err := strconv.Atoi(month)
	if err != nil || m < 1 || m > 12 || len(month) > 2 {
		c.add(at+"/expiry_month", "must be 01 to 12")
		return
	}
	y, err := strconv.Atoi(year)
	if err != nil || len(year) != 4 || y < 2000 || y > c.now.Year()+50 {
		c.add(at+"/expiry_year", "must be a year of four digits from 2000 to %d", c.now.Year()+50)
		return
	}
	end := time.Date(y, time.Month(m)+1, 2, 0, 0, 0, 0, time.UTC)
	if !c.now.Before(end) {
		c.add(at+"/expiry_year", "the card expired in %02d/%04d", m, y)
	}
}

func (c *checker) cvc(at string, m Method) {
	s := m.CVC.Reveal()
	if s == "" {
		return
	}
	want := 3
	if providers.Brand(m.Number.Reveal()) == "amex" {
		want = 4
	}
	if len(s) != want || !digits(s) {
		c.add(at, "must be %d digits", want)
	}
}

func (c *checker) assessmentCard(card AssessmentCard) {
	c.text("/card/fingerprint", card.Fingerprint, MaxText)
	if LooksLikeCard(card.Fingerprint) {
		c.add("/card/fingerprint", "looks like a card number: send it as number, or a keyed hash of it as fingerprint")
	}
	c.number("/card/number", card.Number, false)
	if card.BIN != "" && (len(card.BIN) < 6 || len(card.BIN) > 8 || !digits(card.BIN)) {
		c.add("/card/bin", "must be 6 to 8 digits")
	}
	if card.Last4 != "" && (len(card.Last4) != 4 || !digits(card.Last4)) {
		c.add("/card/last4", "must be 4 digits")
	}
	if card.IssuerCountry != "" && !country(card.IssuerCountry) {
		c.add("/card/issuer_country", "must be an ISO 3166-1 alpha-2 code such as FR")
	}
	c.expiry("/card", card.ExpiryMonth, card.ExpiryYear, false)
}
