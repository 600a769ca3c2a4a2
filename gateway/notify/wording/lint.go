package wording

import (
	"net/url"
	"regexp"
	"slices"
	"strings"
)

// forbidden are words that no mail to a buyer may contain, in either language: how orders are scored is for analysts,
// accusing words are nobody's to write, and a mail never names the parts of a card that it must never be sent.
var forbidden = regexp.MustCompile(`(?i)^(scor(?:e|es|ed|ing)|points?|rules?|règles?|polic(?:y|ies)|algorithme?s?|` +
	`risks?|risques?|risky|suspicious|suspicion|suspecte?s?|suspected|fraude?s?|fraudulent|frauduleu(?:x|se)|fraudsters?|fraudeurs?|blacklist|blocklist|` +
	`reason\s+codes?|codes?\s+(?:de\s+)?motif|` +
	`pan|cvc2?|cvv2?|cid|cryptogrammes?|security\s+codes?|codes?\s+de\s+sécurité)(?:[^\pL\pN]|$)`)

// reasonCode is how policies name their reasons, such as ADDRESS_OTHER_CITY.
var reasonCode = regexp.MustCompile(`^[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+(?:[^\pL\pN_]|$)`)

// cardCopy are the ways of asking for a picture of the card. An identity card is another thing: see asksForCard.
var cardCopy = regexp.MustCompile(`(?i)^(?:copy|copies|photos?|photograph|pictures?|scans?|images?|copie|photographie|photocopie)` +
	`\s+(?:\pL+\s+|d['’]|l['’]){0,4}?(?:cards?|cartes?)(\s+d['’]identité|\s+nationale|\s+de\s+(?:séjour|résident))?(?:[^\pL\pN]|$)`)

// digits are what may be a card number: 13 to 19 of them, perhaps grouped.
var digits = regexp.MustCompile(`^\d(?:[ -]?\d){12,18}(?:\D|$)`)

// lint refuses a template's own words: those that buyers must not read, card numbers, and links that lead elsewhere. It
// does not look at the values that will be put in, which are cleaned where they are made.
func lint(file, source string, hosts []string, problems *Problems) {
	for at := range starts(source) {
		rest := source[at:]
		bad := func(format string, args ...any) { problems.add(file, lineAt(source, at), format, args...) }
		if m := forbidden.FindStringSubmatch(rest); m != nil {
			bad("the word %q must not be in a mail to a buyer: say what is asked of them, not how orders are judged", m[1])
		}
		if m := reasonCode.FindString(rest); m != "" {
			bad("%s reads like a reason code: those are for analysts", strings.TrimRight(m, " \n.,;:)"))
		}
		if m := cardCopy.FindStringSubmatch(rest); m != nil && m[1] == "" {
			bad("a mail does not speak of copies of cards: {{.CardNotice}} says what the law of the shop lets it say")
		}
		if m := digits.FindString(rest); m != "" && luhn(m) {
			bad("a card number stands here: take it out")
		}
	}
	if strings.HasSuffix(file, ".txt") {
		plainLinks(file, source, hosts, problems)
	}
}

// starts are the offsets at which a word or number begins.
func starts(s string) func(func(int) bool) {
	return func(yield func(int) bool) {
		for _, m := range beginnings.FindAllStringIndex(s, -1) {
			if !yield(m[0]) {
				return
			}
		}
	}
}

var beginnings = regexp.MustCompile(`[\pL\pN_]+`)

// luhn reports whether the digits of a text pass the check that card numbers pass.
func luhn(s string) bool {
	sum, double := 0, false
	for i := len(s) - 1; i >= 0; i-- {
		if s[i] < '0' || s[i] > '9' {
			continue
		}
		d := int(s[i] - '0')
		if double {
			if d *= 2; d > 9 {
				d -= 9
			}
		}
		sum, double = sum+d, !double
	}
	return sum%10 == 0
}

var (
	actions = regexp.MustCompile(`(?s)\{\{.*?\}\}`)
	// address is what mail programs turn into links by themselves: with or without a scheme.
	address = regexp.MustCompile(`(?i)(?:[a-z][a-z0-9+.-]*://|www\.|mailto:)\S+|[\pL\pN._%+-]*@?[\pL\pN](?:[\pL\pN-]*[\pL\pN])?(?:\.[\pL\pN-]+)*\.\pL{2,}`)
)

// plainLinks finds what would become a link in a plain text.
func plainLinks(file, source string, hosts []string, problems *Problems) {
	words := actions.ReplaceAllStringFunc(source, func(action string) string {
		return strings.Map(func(r rune) rune {
			if r == '\n' {
				return r
			}
			return ' '
		}, action)
	})
	for number, line := range strings.Split(words, "\n") {
		for _, found := range address.FindAllString(line, -1) {
			found = strings.TrimRight(found, ".,;:!?)»\"'")
			if !leadsHome(found, hosts) {
				problems.add(file, number+1, "%q becomes a link to a host that is not the shop's own (%s): use {{.Link}} or {{.Contact}}, or put a space after the full stop",
					found, strings.Join(hosts, ", "))
			}
		}
	}
}

// leadsHome reports whether an address is https on one of the hosts, or a mail address of one of them.
func leadsHome(s string, hosts []string) bool {
	mail, isMail := strings.CutPrefix(s, "mailto:")
	if _, domain, found := strings.Cut(mail, "@"); found && (isMail || !strings.Contains(s, "/")) {
		domain, _, _ = strings.Cut(domain, "?")
		return slices.ContainsFunc(hosts, func(h string) bool { return h == domain || strings.HasSuffix(h, "."+domain) })
	}
	if !strings.Contains(s, "://") {
		s = "https://" + s
	}
	u, err := url.Parse(s)
	return err == nil && u.Scheme == "https" && u.User == nil && slices.Contains(hosts, strings.ToLower(u.Host))
}
