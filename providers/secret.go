package providers

import (
	"crypto/subtle"
	"fmt"
	"log/slog"
)

// redacted is what every printed form of a Secret shows.
const redacted = "[redacted]"

// Secret is text that must never be printed: card numbers, security codes, API keys. Its String, Go-syntax, JSON,
// text and slog forms are all redacted; only Reveal gives the text, so every use of it can be found by that name.
//
// Two things lie outside its reach, and are not to be done: a Secret as the key of a map that is encoded as JSON, and
// printing a struct that holds one in an unexported field, or behind a second pointer with a verb that pointers do not
// take. A type that travels with card data has a Format of its own for that reason (see Card, Authorisation).
type Secret string

// Reveal returns the text itself. Callers hand it straight to the party it is meant for and keep no copy.
func (s Secret) Reveal() string { return string(s) }

// Equal compares in constant time for secrets of the same length.
func (s Secret) Equal(other string) bool {
	return subtle.ConstantTimeCompare([]byte(s), []byte(other)) == 1
}

// String implements fmt.Stringer without revealing the text.
func (s Secret) String() string {
	if s == "" {
		return ""
	}
	return redacted
}

// Format implements fmt.Formatter, so that no verb, %x and %q included, reveals the text.
func (s Secret) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(s.String())) }

// GoString implements fmt.GoStringer without revealing the text.
func (s Secret) GoString() string { return `"` + s.String() + `"` }

// MarshalText implements encoding.TextMarshaler (and with it JSON and YAML) without revealing the text.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// LogValue implements slog.LogValuer without revealing the text.
func (s Secret) LogValue() slog.Value { return slog.StringValue(s.String()) }
