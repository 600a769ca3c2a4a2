package typeset

import "testing"

func TestTextsAreSetAsInPrintAndOnlyOnce(t *testing.T) {
	for _, c := range []struct{ language, text, want string }{
		{"fr", `Qu'est-ce que c'est ? Le "x" : 10 Mo, {x} % ; non !`, "Qu’est-ce que c’est\u00a0? Le \"x\"\u00a0: 10\u00a0Mo, {x}\u00a0%\u00a0; non\u00a0!"},
		{"fr", "choisissez « Le plus compatible », puis", "choisissez «\u00a0Le plus compatible\u00a0», puis"},
		{"fr", "https://shop.example/a:b est à 14:05", "https://shop.example/a:b est à 14:05"},
		{"en", `the holder's "Most Compatible", %d MB: 48 hours`, "the holder’s “Most Compatible”, %d\u00a0MB: 48\u00a0hours"},
		{"en", "card holders' rights", "card holders’ rights"},
	} {
		got := Text(c.text, c.language)
		if got != c.want {
			t.Errorf("%q is set as %q, want %q", c.text, got, c.want)
		}
		if again := Text(got, c.language); again != got {
			t.Errorf("%q, set again, becomes %q", got, again)
		}
	}
}
