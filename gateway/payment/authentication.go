package payment

import (
	"net/url"
	"slices"
	"strings"

	"octroi/providers"
)

// Authentication is how a checkout can carry out 3-D Secure 2.
type Authentication struct {
	Native bool   `json:"native"` // by itself, in its own page; otherwise the buyer is sent to another page and back
	Origin string `json:"origin"` // scheme and host of the checkout's page; needed with Native
}

// Browser is what 3-D Secure 2 asks of the buyer's browser (EMV 3-D Secure, browser data elements): what a script
// reads off navigator, screen and Date, and the Accept header of its request.
type Browser struct {
	AcceptHeader      string `json:"accept_header"`
	Language          string `json:"language"`
	ColorDepth        int64  `json:"color_depth"`      // bits
	ScreenHeight      int64  `json:"screen_height"`    // pixels
	ScreenWidth       int64  `json:"screen_width"`     // pixels
	TimeZoneOffset    int64  `json:"time_zone_offset"` // minutes that UTC is ahead of the browser's time
	JavaEnabled       bool   `json:"java_enabled"`
	JavaScriptEnabled bool   `json:"java_script_enabled"`
}

// Provider is the browser in the provider's words; nil stays nil.
func (b *Browser) Provider() *providers.Browser {
	if b == nil {
		return nil
	}
	return &providers.Browser{AcceptHeader: b.AcceptHeader, Language: b.Language, ColorDepth: int(b.ColorDepth),
		ScreenHeight: int(b.ScreenHeight), ScreenWidth: int(b.ScreenWidth), TimeZoneOffset: int(b.TimeZoneOffset),
		JavaEnabled: b.JavaEnabled, ScriptEnabled: b.JavaScriptEnabled}
}

// Details are what the buyer's browser brought back from an action, under the provider's names. They live for one call.
type Details map[string]providers.Secret

// Bounds of details. The names are those of form fields and JSON members; the longest values are the messages of
// 3-D Secure 1, of which issuers have made some twenty kilobytes long.
const (
	MaxDetails     = 20
	MaxDetailName  = 64
	MaxDetailValue = 32 << 10
)

// Check says what is wrong with details. No value shows in what it says.
func (d Details) Check() []FieldError {
	const at = "/details"
	c := &checker{}
	if len(d) == 0 || len(d) > MaxDetails {
		c.add(at, "must have 1 to %d entries", MaxDetails)
		return c.errs
	}
	for name, value := range d {
		pointer := at + "/" + escape(name)
		if name == "" || len(name) > MaxDetailName || strings.ContainsFunc(name, notInName) {
			c.add(pointer, "must be named with 1 to %d of A-Z, a-z, 0-9, '.', '_' and '-'", MaxDetailName)
		}
		if value == "" || len(value) > MaxDetailValue {
			c.add(pointer, "must be 1 to %d bytes long", MaxDetailValue)
		}
	}
	slices.SortStableFunc(c.errs, byPointer)
	return c.errs
}

func byPointer(a, b FieldError) int { return strings.Compare(a.Pointer, b.Pointer) }

func notInName(r rune) bool {
	return r != '.' && r != '_' && r != '-' && (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z')
}

func (c *checker) authentication(a Authentication) {
	const at = "/authentication/origin"
	if a.Origin == "" {
		if a.Native {
			c.add(at, "is required with native")
		}
		return
	}
	u, err := url.Parse(a.Origin)
	if err != nil || len(a.Origin) > MaxText || u.Host == "" || (u.Scheme != "https" && u.Scheme != "http") || u.Scheme+"://"+u.Host != a.Origin {
		c.add(at, "must be a scheme and a host such as https://shop.example, at most %d bytes", MaxText)
	}
}

// browser checks what goes to the issuer. Lengths are those of EMV 3-D Secure; no zone is more than 14 hours from UTC.
func (c *checker) browser(b *Browser) {
	if b == nil {
		return
	}
	const at = "/buyer/browser"
	c.text(at+"/accept_header", b.AcceptHeader, 2048)
	c.text(at+"/language", b.Language, 35)
	for _, f := range []struct {
		name       string
		value      int64
		least, top int64
	}{{"color_depth", b.ColorDepth, 1, 64}, {"screen_height", b.ScreenHeight, 0, 999_999}, {"screen_width", b.ScreenWidth, 0, 999_999},
		{"time_zone_offset", b.TimeZoneOffset, -14 * 60, 14 * 60}} {
		if f.value < f.least || f.value > f.top {
			c.add(at+"/"+f.name, "must be between %d and %d", f.least, f.top)
		}
	}
}
