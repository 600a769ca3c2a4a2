package payment

import (
	"fmt"
	"net/mail"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/language"

	"octroi/providers"
)

// Bounds of a request's fields. Text lengths are in bytes; a longer field is refused, never cut.
const (
	MaxReference = 80 // Adyen takes 80 characters of merchantOrderReference
	MaxText      = 256
	MaxUserAgent = 1024
	MaxURL       = 2048
	MaxItems     = 200
	MaxLines     = 5
	MaxMetadata  = 20
	MaxQuantity  = 1_000_000
)

// checker collects what is wrong with a request, field by field.
type checker struct {
	errs []FieldError
	now  time.Time
	pan  string // the request's own card number, which no other field may repeat: all others are kept
}

func (c *checker) add(pointer, format string, args ...any) {
	c.errs = append(c.errs, FieldError{Pointer: pointer, Detail: fmt.Sprintf(format, args...)})
}

// text checks a free text: valid UTF-8, no control characters, at most max bytes.
func (c *checker) text(pointer, s string, max int) {
	switch {
	case len(s) > max:
		c.add(pointer, "must be at most %d bytes long", max)
	case !utf8.ValidString(s):
		c.add(pointer, "must be valid UTF-8")
	case strings.ContainsFunc(s, unicode.IsControl):
		c.add(pointer, "must not contain control characters")
	case len(c.pan) >= 12 && len(s) >= len(c.pan) && strings.Contains(withoutGaps(s), c.pan):
		c.add(pointer, "must not repeat the card number")
	}
}

// required checks a free text that must be there.
func (c *checker) required(pointer, s string, max int) {
	if strings.TrimSpace(s) == "" {
		c.add(pointer, "is required")
		return
	}
	c.text(pointer, s, max)
}

// Check validates the request against the clock and what the shop accepts, and says everything that is wrong with it.
func (r Request) Check(now time.Time, shop Accepts) []FieldError {
	c := &checker{now: now, pan: r.Method.Number.Reveal()}
	c.common(r.Order, r.Amount, r.Billing, r.Buyer, r.Metadata)
	c.method(r.Method, shop)
	c.capture(r.Capture, r.ReturnURL)
	c.authentication(r.Authentication)
	return c.errs
}

// Check validates an assessment's body.
func (r AssessmentRequest) Check(now time.Time) []FieldError {
	c := &checker{now: now, pan: r.Card.Number.Reveal()}
	c.common(r.Order, r.Amount, r.Billing, r.Buyer, r.Metadata)
	c.capture(r.Capture, r.ReturnURL)
	c.assessmentCard(r.Card)
	return c.errs
}

func (c *checker) common(o Order, a providers.Amount, billing Party, b Buyer, metadata map[string]string) {
	c.order(o)
	c.amount("/amount", a)
	c.text("/billing/name", billing.Name, MaxText)
	c.address("/billing/address", billing.Address)
	c.buyer(b)
	if len(metadata) > MaxMetadata {
		c.add("/metadata", "must have at most %d entries", MaxMetadata)
		return
	}
	for k, v := range metadata {
		c.text("/metadata/"+escape(k), k, 64)
		c.text("/metadata/"+escape(k), v, MaxText)
	}
	slices.SortStableFunc(c.errs, byPointer)
}

func (c *checker) amount(pointer string, a providers.Amount) {
	if a.Value <= 0 || a.Value > providers.MaxAmount {
		c.add(pointer+"/value", "must be between 1 and %d minor units", int64(providers.MaxAmount))
	}
	if _, ok := providers.Exponent(a.Currency); !ok {
		c.add(pointer+"/currency", "must be an active ISO 4217 code such as EUR")
	}
}

func (c *checker) order(o Order) {
	c.required("/order/reference", o.Reference, MaxReference)
	if len(o.Items) > MaxItems {
		c.add("/order/items", "must have at most %d lines", MaxItems)
		return
	}
	for i, it := range o.Items {
		at := "/order/items/" + strconv.Itoa(i)
		c.text(at+"/sku", it.SKU, MaxText)
		c.text(at+"/name", it.Name, MaxText)
		c.text(at+"/category", it.Category, MaxText)
		if it.Quantity < 1 || it.Quantity > MaxQuantity {
			c.add(at+"/quantity", "must be between 1 and %d", MaxQuantity)
		}
		if it.UnitAmount < 0 || it.UnitAmount > providers.MaxAmount {
			c.add(at+"/unit_amount", "must be between 0 and %d minor units", int64(providers.MaxAmount))
		}
	}
	switch o.Delivery.Method {
	case "", "home", "pickup_point", "locker", "store", "digital":
	default:
		c.add("/order/delivery/method", "must be one of home, pickup_point, locker, store, digital")
	}
	c.text("/order/delivery/recipient", o.Delivery.Recipient, MaxText)
	c.address("/order/delivery/address", o.Delivery.Address)
}

func (c *checker) address(pointer string, a Address) {
	if len(a.Lines) > MaxLines {
		c.add(pointer+"/lines", "must have at most %d lines", MaxLines)
		return
	}
	for i, l := range a.Lines {
		c.text(pointer+"/lines/"+strconv.Itoa(i), l, MaxText)
	}
	c.text(pointer+"/postal_code", a.PostalCode, 16)
	c.text(pointer+"/city", a.City, 128)
	if a.Country != "" && !country(a.Country) {
		c.add(pointer+"/country", "must be an ISO 3166-1 alpha-2 code such as FR")
	}
}

func (c *checker) buyer(b Buyer) {
	c.email("/buyer/email", b.Email)
	c.text("/buyer/id", b.ID, MaxText)
	c.text("/buyer/phone", b.Phone, 32)
	c.text("/buyer/device_id", b.DeviceID, MaxText)
	c.text("/buyer/user_agent", b.UserAgent, MaxUserAgent)
	c.text("/buyer/locale", b.Locale, 35) // RFC 5646 section 4.4.1: 35 characters hold every sensible tag
	if c.pan != "" && strings.Contains(withoutGaps(b.Email), c.pan) {
		c.add("/buyer/email", "must not repeat the card number")
	}
	if b.IP != "" {
		if _, err := netip.ParseAddr(b.IP); err != nil {
			c.add("/buyer/ip", "must be an IPv4 or IPv6 address")
		}
	}
	c.browser(b.Browser)
	if b.AccountCreatedAt.After(c.now.Add(24 * time.Hour)) {
		c.add("/buyer/account_created_at", "must not lie in the future")
	}
}

func (c *checker) email(pointer, s string) {
	if s == "" {
		c.add(pointer, "is required")
		return
	}
	// RFC 5321 section 4.5.3.1.3: a path has at most 256 octets, two of them the angle brackets.
	a, err := mail.ParseAddress(s)
	if err != nil || len(s) > 254 || a.Address != s || strings.ContainsFunc(s, unicode.IsControl) {
		c.add(pointer, "must be one e-mail address such as name@example.org")
	}
}

func (c *checker) capture(m CaptureMode, returnURL string) {
	if m != "" && m != CaptureAutomatic && m != CaptureManual {
		c.add("/capture", "must be automatic or manual")
	}
	if returnURL == "" {
		return
	}
	u, err := url.Parse(returnURL)
	if err != nil || len(returnURL) > MaxURL || u.Host == "" || (u.Scheme != "https" && u.Scheme != "http") {
		c.add("/return_url", "must be an absolute http or https address of at most %d bytes", MaxURL)
	}
}

// LooksLikeCard reports whether a text is, apart from spaces and hyphens, a possible card number: such a text must not
// be kept wherever something else was asked for.
func LooksLikeCard(s string) bool {
	s = withoutGaps(s)
	return len(s) >= 12 && len(s) <= 19 && digits(s) && providers.Luhn(s)
}

// HoldsCard reports whether a text that people write freely holds what is in all likelihood a card number: 13 to 19
// digits in a row, whatever stands between them, of a known brand and with the right check digit. Longer rows are
// something else, an IBAN for one.
func HoldsCard(s string) bool {
	run := make([]byte, 0, 20)
	found := func() bool {
		n := len(run)
		return n >= 13 && n <= 19 && providers.Brand(string(run)) != "" && providers.Luhn(string(run))
	}
	for _, r := range s {
		switch {
		case r >= '0' && r <= '9':
			if len(run) < cap(run) {
				run = append(run, byte(r))
			}
		case r == ' ' || r == '-' || r == '.' || r == '\u00a0':
		default:
			if found() {
				return true
			}
			run = run[:0]
		}
	}
	return found()
}

// CardInText is what is said to whoever writes a card number where it would be kept.
const CardInText = "must not hold a card number: it would be kept"

// withoutGaps leaves out what people put between the digits of a card number.
func withoutGaps(s string) string { return strings.NewReplacer(" ", "", "-", "", ".", "").Replace(s) }

func digits(s string) bool {
	return s != "" && !strings.ContainsFunc(s, func(r rune) bool { return r < '0' || r > '9' })
}

// country reports whether s is the ISO 3166-1 alpha-2 code of a country or territory, as the Unicode CLDR knows them.
func country(s string) bool {
	if len(s) != 2 || s != strings.ToUpper(s) {
		return false
	}
	r, err := language.ParseRegion(s)
	return err == nil && r.IsCountry() && r.String() == s
}

// escape makes a map key a reference token of a JSON Pointer (RFC 6901 section 3), bounded for the answer.
func escape(s string) string {
	if len(s) > 64 {
		s = strings.ToValidUTF8(s[:64], "")
	}
	return strings.NewReplacer("~", "~0", "/", "~1").Replace(s)
}
