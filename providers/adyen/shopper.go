package adyen

import (
	"net/mail"
	"net/netip"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/adyen/adyen-go-api-library/v9/src/checkout"

	"octroi/providers"
)

// addShopper passes on what is known of the buyer. What Adyen would refuse the whole payment for is left out: a
// malformed address of the network or of a mailbox, a telephone number that is none, a reference under three characters.
func addShopper(r *checkout.PaymentRequest, s providers.Shopper) {
	if n := len(s.Reference); n >= 3 && n <= 256 {
		r.ShopperReference = given(s.Reference)
	}
	if ip, err := netip.ParseAddr(s.IP); err == nil && ip.Zone() == "" {
		r.ShopperIP = given(s.IP)
	}
	r.ShopperEmail, r.TelephoneNumber, r.ShopperLocale = given(mailbox(s.Email)), given(telephone(s.Phone)), given(locale(s.Locale))
	if i := strings.LastIndexByte(s.Name, ' '); i > 0 && i < len(s.Name)-1 {
		r.ShopperName = &checkout.Name{FirstName: cut(s.Name[:i], 80), LastName: cut(s.Name[i+1:], 80)}
	}
}

// mailbox keeps a bare address of a mailbox of at most 254 bytes (RFC 5321, 4.5.3.1.3); "" for anything else.
func mailbox(s string) string {
	if a, err := mail.ParseAddress(s); err != nil || a.Address != s || len(s) > 254 {
		return ""
	}
	return s
}

// telephone keeps the digits of a number and the plus sign before them; "" when they are too few or too many for one
// (ITU-T E.164).
func telephone(s string) string {
	s = strings.TrimSpace(s)
	plus := strings.HasPrefix(s, "+")
	s = strings.Map(func(r rune) rune {
		switch {
		case r >= '0' && r <= '9':
			return r
		case strings.ContainsRune("+ .-/()\u00a0\u202f", r):
			return -1
		}
		return 'x'
	}, s)
	if len(s) < 6 || len(s) > 15 || strings.Contains(s, "x") {
		return ""
	}
	if plus {
		return "+" + s
	}
	return s
}

// locales are a language, and a country where there is one: all that Adyen understands.
var locales = regexp.MustCompile(`^[a-z]{2}([-_][A-Z]{2})?$`)

func locale(s string) string {
	if !locales.MatchString(s) {
		return ""
	}
	return s
}

// colourDepths are the only ones Adyen accepts (EMV 3-D Secure, browserColorDepth, and Adyen's own 30).
var colourDepths = []int{1, 4, 8, 15, 16, 24, 30, 32, 48}

// The bounds of EMV 3-D Secure for what a browser says of itself.
const (
	maxHeader   = 2048
	maxLanguage = 8
	maxScreen   = 999_999
	maxOffset   = 14 * 60 // minutes; the earth's clocks differ by no more from UTC
)

// told reports whether the browser told of itself, and what it told can be true.
func told(b *providers.Browser) bool {
	return b != nil && b.ScreenWidth > 0 && b.ScreenWidth <= maxScreen && b.ScreenHeight > 0 && b.ScreenHeight <= maxScreen &&
		b.ColorDepth > 0 && b.TimeZoneOffset >= -maxOffset && b.TimeZoneOffset <= maxOffset && len(b.AcceptHeader) <= maxHeader
}

// browserInfo is what 3-D Secure asks of the browser; nil when not even its user agent is known. Where the checkout did
// not tell, Adyen's redirect flow reads the user agent and the accept header alone, and asks the browser itself on its
// own page: the rest, which the schema demands, is neutral.
func browserInfo(b *providers.Browser, s providers.Shopper) *checkout.BrowserInfo {
	if s.UserAgent == "" || len(s.UserAgent) > maxHeader {
		return nil
	}
	out := &checkout.BrowserInfo{UserAgent: s.UserAgent, AcceptHeader: "*/*", Language: orElse(locale(s.Locale), "en"),
		ColorDepth: 24, ScreenHeight: 1080, ScreenWidth: 1920}
	if !told(b) {
		return out
	}
	depth, exact := slices.BinarySearch(colourDepths, b.ColorDepth)
	if !exact {
		depth-- // the greatest below: the least is 1, and no depth is less
	}
	out.AcceptHeader = orElse(b.AcceptHeader, out.AcceptHeader)
	if n := len(b.Language); n > 0 && n <= maxLanguage {
		out.Language = b.Language
	}
	out.ColorDepth, out.ScreenHeight, out.ScreenWidth = int32(colourDepths[depth]), int32(b.ScreenHeight), int32(b.ScreenWidth)
	out.TimeZoneOffset, out.JavaEnabled, out.JavaScriptEnabled = int32(b.TimeZoneOffset), b.JavaEnabled, &b.ScriptEnabled
	return out
}

func addAddresses(r *checkout.PaymentRequest, billing, delivery *providers.Address) {
	if billing != nil {
		r.CountryCode = given(country(billing.Country))
	}
	if complete(billing) {
		number, street := house(billing.Lines)
		r.BillingAddress = &checkout.BillingAddress{HouseNumberOrName: number, Street: street, City: billing.City,
			PostalCode: billing.PostalCode, Country: orElse(country(billing.Country), "ZZ")}
	}
	if complete(delivery) {
		number, street := house(delivery.Lines)
		r.DeliveryAddress = &checkout.DeliveryAddress{HouseNumberOrName: number, Street: street, City: delivery.City,
			PostalCode: delivery.PostalCode, Country: orElse(country(delivery.Country), "ZZ")}
	}
}

// complete tells whether an address has what Adyen refuses a payment for when it is missing or too long. In the United
// States and Canada that is the state too, which the contract's addresses do not have.
func complete(a *providers.Address) bool {
	return a != nil && strings.TrimSpace(strings.Join(a.Lines, "")) != "" && a.City != "" && len(a.PostalCode) <= 10 &&
		a.Country != "US" && a.Country != "CA"
}

// house takes the number from its street, where it stands first or last, since issuers' address checks want it
// alone; "N/A" is Adyen's word for an address that has none.
func house(lines []string) (number, street string) {
	words := strings.Fields(strings.Join(lines, " "))
	numbered := func(w string) bool { return w[0] >= '0' && w[0] <= '9' }
	switch last := len(words) - 1; {
	case last > 0 && numbered(words[0]):
		return strings.Trim(words[0], ","), strings.Join(words[1:], " ")
	case last > 0 && numbered(words[last]):
		return words[last], strings.TrimRight(strings.Join(words[:last], " "), ", ")
	}
	return "N/A", strings.Join(words, " ")
}

// statement keeps what Adyen allows on a bank statement: 22 characters of a small alphabet.
func statement(s string) string {
	s = strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune(" .,'_-?+*/", r) {
			return r
		}
		return -1
	}, s)
	return s[:min(len(s), 22)]
}

// origin is the scheme and host of the page the buyer pays on.
func origin(address string) string {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" {
		return ""
	}
	return u.Scheme + "://" + u.Host
}
