package notify

import (
	"fmt"
	"regexp"
	"strings"
	"time"
	_ "time/tzdata" // dates must be right on machines without a zone database too
	"unicode"
	"unicode/utf8"

	"octroi/gateway/hold"
	"octroi/gateway/payment"
	"octroi/gateway/typeset"
	"octroi/providers"
)

// defaultZone is the zone of dates when the mail names none: the default legal profile is a French shop's.
const defaultZone = "Europe/Paris"

// phrase is one text in both languages.
type phrase struct{ en, fr string }

// in picks the language, and sets the text as in print.
func (p phrase) in(language string) string {
	if language == payment.French {
		return typeset.Text(p.fr, language)
	}
	return typeset.Text(p.en, language)
}

// kindWords says what a kind of proof is, what must stay readable on it, and what to cover: in the words of the page that
// takes it. It is empty for a kind that no mail names: only the page shows how a card is covered.
func kindWords(language string, k hold.Kind) string {
	e := hold.Rung(k).Errand()
	if k == hold.CardCopy || e.Title.EN == "" {
		return ""
	}
	show, cover := phrase{en: "Leave readable:", fr: "Laissez lisible :"}, phrase{en: "Cover", fr: "Cachez"}
	out := []string{e.Title.In(language) + phrase{en: ":", fr: " :"}.in(language), lowered(e.What.In(language))}
	for _, w := range e.Show {
		out = append(out, show.in(language), lowered(w.In(language)))
	}
	for _, w := range e.Cover {
		out = append(out, cover.in(language), lowered(w.In(language)))
	}
	return typeset.Text(strings.Join(out, " "), language)
}

// lowered begins a sentence small, as it is after a colon.
func lowered(s string) string {
	first, size := utf8.DecodeRuneInString(s)
	return string(unicode.ToLower(first)) + s[size:]
}

// noCardCopy is true whatever the shop, unless a copy was lawfully asked for on the page (CNIL deliberations 2013-358 and
// 2017-222).
var noCardCopy = phrase{en: "We do not ask for a photo or a copy of your card.",
	fr: "Nous ne demandons ni photo ni copie de votre carte."}

// humanLook is what a buyer who was turned down must be told (GDPR article 22, paragraph 3).
var humanLook = phrase{
	en: "You have the right to have a person look at this decision again, to tell them your side, and to hear why it was taken.",
	fr: "Vous avez le droit de demander qu'une personne réexamine cette décision, de lui donner votre point de vue et d'en connaître les raisons.",
}

// humanLookAt is whom to ask for it, and where.
var humanLookAt = phrase{en: "To ask for it, write to %s (%s).", fr: "Pour cela, écrivez à %s (%s)."}

// humanLookIn says so, and whom to write to where the shop has said it.
func humanLookIn(language, shop, contact string) string {
	words := humanLook.in(language)
	if contact != "" {
		words += " " + fmt.Sprintf(humanLookAt.in(language), shop, contact)
	}
	return words
}

// plans name the companies that stand between buyer and shop, and may be paid in instalments.
var plans = map[providers.Method]string{providers.MethodPayPal: "PayPal", providers.MethodAlma: "Alma"}

// meansWords name the other ways to pay.
var meansWords = map[payment.Means]phrase{
	payment.MeansCard:     {en: "another card", fr: "une autre carte"},
	payment.MeansPayPal:   {en: "PayPal", fr: "PayPal"},
	payment.MeansAlma:     {en: "instalments with Alma", fr: "paiement en plusieurs fois avec Alma"},
	payment.MeansTransfer: {en: "bank transfer", fr: "virement bancaire"},
	payment.MeansCheque:   {en: "cheque", fr: "chèque"},
}

// hoursIn writes a length of time as whole hours.
func hoursIn(language string, d time.Duration) string {
	return fmt.Sprintf(phrase{en: "%d hours", fr: "%d heures"}.in(language), int(d.Hours()))
}

// Names of days and months, French; English ones are the time package's own.
var (
	frDays   = [...]string{"dimanche", "lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi"}
	frMonths = [...]string{"janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre",
		"novembre", "décembre"}
)

// dateIn writes a moment for a reader, to the minute, and says whose clock it is.
func dateIn(language string, t time.Time, zone *time.Location) (string, error) {
	if zone == nil {
		paris, err := time.LoadLocation(defaultZone)
		if err != nil {
			return "", fmt.Errorf("load the zone of dates: %w", err)
		}
		zone = paris
	}
	t = t.In(zone)
	whose := zone.String()
	if whose == defaultZone {
		whose = phrase{en: "Paris time", fr: "heure de Paris"}.in(language)
	}
	if language != payment.French {
		return fmt.Sprintf("%s (%s)", t.Format("Monday 2 January 2006 at 15:04"), whose), nil
	}
	day := fmt.Sprint(t.Day())
	if t.Day() == 1 {
		day = "1er"
	}
	return fmt.Sprintf("%s %s %s %d à %d\u00a0h\u00a0%02d (%s)", frDays[t.Weekday()], day, frMonths[t.Month()-1], t.Year(),
		t.Hour(), t.Minute(), whose), nil
}

// symbols are the currency signs that readers of both languages know; other currencies keep their ISO 4217 code.
var symbols = map[string]string{"EUR": "€", "GBP": "£"}

// amountIn writes money as the language does: €1,299.00 and 1 299,00 €.
func amountIn(language string, a providers.Amount) string {
	digits, _, _ := strings.Cut(a.String(), " ")
	whole, cents, _ := strings.Cut(digits, ".")
	sign := symbols[a.Currency]
	if language == payment.French {
		out := grouped(whole, "\u202f")
		if cents != "" {
			out += "," + cents
		}
		if sign == "" {
			sign = a.Currency
		}
		return out + "\u00a0" + sign
	}
	out := grouped(whole, ",")
	if cents != "" {
		out += "." + cents
	}
	if sign == "" {
		return a.Currency + "\u00a0" + out
	}
	return sign + out
}

// grouped sets a separator before every third digit from the right.
func grouped(whole, sep string) string {
	if len(whole) <= 3 || strings.HasPrefix(whole, "-") {
		return whole
	}
	return grouped(whole[:len(whole)-3], sep) + sep + whole[len(whole)-3:]
}

// oneLine makes a text fit for a header or a sentence: valid UTF-8, no control or direction-changing characters, runs
// of space as one, at most limit characters. The spaces of print, which no line ends at, stay what they are.
func oneLine(s string, limit int) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case r == '\u00a0' || r == '\u202f':
			return r
		case unicode.IsSpace(r):
			return ' '
		case !unicode.IsPrint(r):
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, ""))
	return clip(strings.Trim(strings.Join(strings.FieldsFunc(s, func(r rune) bool { return r == ' ' }), " "), " \u00a0\u202f"), limit)
}

// paragraphs cleans a text line by line and drops empty lines, so that it cannot look like the end of a quotation.
func paragraphs(s string, limit int) string {
	var out []string
	for line := range strings.SplitSeq(strings.ReplaceAll(s, "\r", "\n"), "\n") {
		if line = oneLine(line, limit); line != "" {
			out = append(out, line)
		}
	}
	return clip(strings.Join(out, "\n"), limit)
}

// clip cuts to at most limit characters, never inside one.
func clip(s string, limit int) string {
	if utf8.RuneCountInString(s) <= limit {
		return s
	}
	r := []rune(s)
	return strings.TrimSpace(string(r[:limit-1])) + "…"
}

// linkLike finds what a mail client would turn into a link or an address.
var linkLike = regexp.MustCompile(`[/@<>:\\]|(?i:\bwww\b)|\.\pL{2,}|\d{4}`)

// greetable is the name to greet with, or nothing when it looks like a message. The name was typed at a checkout by
// somebody who may not own the address: it must not become a way of sending links to strangers in a shop's name.
func greetable(name string) string {
	name = oneLine(name, maxName)
	if linkLike.MatchString(name) {
		return ""
	}
	return name
}
