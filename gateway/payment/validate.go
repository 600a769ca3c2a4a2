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
	pan  string // the request's own card number where it came in the clear: all other fields are kept
}

func (c *checker) add(pointer, format string, args ...any) {
	c.errs = append(c.errs, FieldError{Pointer: pointer, Detail: fmt.Sprintf(format, args...)})
}

// text checks what a shop's system writes or passes on: valid UTF-8, no control characters, at most max bytes, no card
// number by itself.
func (c *checker) text(pointer, s string, max int) { c.kept(pointer, s, max, providers.Named) }

// typed checks what a buyer typed: the same, but a card number is found wherever it stands.
func (c *checker) typed(pointer, s string, max int) { c.kept(pointer, s, max, providers.Typed) }

func (c *checker) kept(pointer, s string, max int, as providers.Reading) {
	switch {
	case len(s) > max:
		c.add(pointer, "must be at most %d bytes long", max)
	case !utf8.ValidString(s):
		c.add(pointer, "must be valid UTF-8")
	case strings.ContainsFunc(s, unicode.IsControl):
		c.add(pointer, "must not contain control characters")
	case c.cardIn(s, as):
		c.add(pointer, CardInText)
	}
}

// required checks a text that must be there.
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
	c.typed("/billing/name", billing.Name, MaxText)
	c.address("/billing/address", billing.Address)
	c.buyer(b)
	c.metadata(metadata)
	slices.SortStableFunc(c.errs, byPointer)
}

func (c *checker) amount(pointer string, a providers.Amount) {
	if a == (providers.Amount{}) {
		c.add(pointer, "is required")
		return
	}
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
	c.typed("/order/delivery/recipient", o.Delivery.Recipient, MaxText)
	c.address("/order/delivery/address", o.Delivery.Address)
}

func (c *checker) address(pointer string, a Address) {
	if len(a.Lines) > MaxLines {
		c.add(pointer+"/lines", "must have at most %d lines", MaxLines)
		return
	}
	for i, l := range a.Lines {
		c.typed(pointer+"/lines/"+strconv.Itoa(i), l, MaxText)
	}
	c.text(pointer+"/postal_code", a.PostalCode, 16)
	c.typed(pointer+"/city", a.City, 128)
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
	if b.IP != "" {
		if at, err := netip.ParseAddr(b.IP); err != nil || at.Zone() != "" || c.cardIn(b.IP, providers.Named) {
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
	} else if c.cardIn(s, providers.Named) {
		c.add(pointer, CardInText)
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
		return
	}
	c.link("/return_url", u)
}

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
