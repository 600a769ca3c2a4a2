package adyen

import (
	"strconv"
	"strings"

	"octroi/providers"
)

// describe reads what additionalData says of the card and its checks; what it leaves out of the number comes from
// the clear number, where there is one.
func describe(data object, c providers.Card) providers.Result {
	number := c.Number.Reveal()
	r := providers.Result{
		Brand:         brandWord(data.text("paymentMethod")),
		BIN:           digits(data.text("issuerBin"), 6, 8),
		Last4:         digits(data.text("cardSummary"), 4, 4),
		IssuerCountry: country(data.text("cardIssuingCountry")),
		Funding:       funding(data.text("fundingSource")),
		AVS:           checkWord(data.text("avsResult"), avsWords),
		CVC:           checkWord(data.text("cvcResult"), cvcWords),
		ThreeDS:       threeDS(data, nil),
		Liability:     liability(data),
		Exemption:     exemption(data, nil),
	}
	if r.BIN == "" {
		r.BIN = digits(data.text("cardBin"), 6, 8)
	}
	if len(number) >= 12 {
		if r.BIN == "" {
			r.BIN = digits(number[:8], 8, 8)
		}
		if r.Last4 == "" {
			r.Last4 = digits(number[len(number)-4:], 4, 4)
		}
	}
	if r.Brand == "" {
		r.Brand = providers.Brand(number)
	}
	return r
}

// alias is Adyen's name of the card, which it gives in answers where the account has it switched on (ResponseAdditionalData,
// alias and aliasType). It is read from answers alone: what a notification says of a card is not signed. Anything that
// could be a number is none.
func alias(data object) providers.Secret {
	name := plain(data.text("alias"), 64)
	if kind := data.text("aliasType"); kind != "" && kind != "Default" || strings.Trim(name, "0123456789") == "" {
		return ""
	}
	return providers.Secret(name)
}

// digits keeps a run of digits of the given length, and nothing else: a whole number must not slip through.
func digits(s string, least, most int) string {
	if len(s) < least || len(s) > most || strings.ContainsFunc(s, func(r rune) bool { return r < '0' || r > '9' }) {
		return ""
	}
	return s
}

// brandWord keeps Adyen's name of a payment method variant ("visa", "cartebancaire", "facilypay_3x"). More digits than a
// name has are part of a number.
func brandWord(s string) string {
	s = strings.ToLower(s)
	figures := 0
	for _, r := range s {
		if r >= '0' && r <= '9' {
			figures++
		}
	}
	if len(s) > 40 || figures > 3 || strings.ContainsFunc(s, func(r rune) bool { return r != '_' && (r < 'a' || r > 'z') && (r < '0' || r > '9') }) {
		return ""
	}
	return s
}

func country(s string) string {
	if len(s) != 2 || strings.ContainsFunc(s, func(r rune) bool { return r < 'A' || r > 'Z' }) {
		return ""
	}
	return s
}

// funding maps Adyen's fundingSource to the three words that matter to risk.
func funding(s string) string {
	switch s = strings.ToUpper(s); {
	case strings.HasPrefix(s, "PREPAID"):
		return "prepaid"
	case s == "DEBIT":
		return "debit"
	case s == "CREDIT", s == "CHARGE", s == "DEFERRED_DEBIT", s == "DEFFERED_DEBIT": // the last as Adyen spells it
		return "credit"
	}
	return ""
}

// checkWord maps the number that leads an avsResult or cvcResult, which may have two digits.
func checkWord(s string, words []string) string {
	if s == "" {
		return ""
	}
	if n := leading(s); n >= 0 && n < len(words) {
		return words[n]
	}
	return "unknown"
}

// leading is the number a check's result begins with; -1 when there is none.
func leading(s string) int {
	lead, _, _ := strings.Cut(strings.TrimSpace(s), " ")
	if n, err := strconv.Atoi(lead); err == nil && n >= 0 {
		return n
	}
	return -1
}
