package gateway

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"octroi/gateway/hold"
	"octroi/gateway/payment"
	"octroi/gateway/typeset"
	"octroi/providers"
)

// inWords is a text in a language, as it is set on a page.
func inWords(w hold.Words, lang string) string { return typeset.Text(w.In(lang), lang) }

var (
	weekdays = map[string][]string{
		payment.French:  {"dimanche", "lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi"},
		payment.English: {"Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"},
	}
	months = map[string][]string{
		payment.French: {"janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre",
			"novembre", "décembre"},
		payment.English: {"January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
			"November", "December"},
	}
)

// moment writes a time in words: "lundi 23 novembre 2026 à 14 h 05 (heure de Paris)".
func (p *pages) moment(at time.Time, lang string) string {
	at = at.In(p.zone)
	day, month := weekdays[lang][at.Weekday()], months[lang][at.Month()-1]
	zone := p.zone.String()
	if _, city, ok := strings.Cut(zone, "/"); ok {
		city = strings.ReplaceAll(city, "_", " ")
		zone = city + " time"
		if lang == payment.French {
			zone = "heure de " + city
		}
	}
	if lang == payment.French {
		number := strconv.Itoa(at.Day())
		if at.Day() == 1 {
			number = "1er"
		}
		return fmt.Sprintf("%s %s %s %d à %d\u00a0h\u00a0%02d (%s)", day, number, month, at.Year(), at.Hour(), at.Minute(), zone)
	}
	return fmt.Sprintf("%s %d %s %d at %d:%02d (%s)", day, at.Day(), month, at.Year(), at.Hour(), at.Minute(), zone)
}

// span writes a length of time: "2 jours et 3 heures", "5 hours", "40 minutes". It is rounded down: nobody is promised
// more than there is.
func span(d time.Duration, lang string) string {
	count := func(n int, unit string) string {
		words := units[unit+" "+lang]
		if n > 1 {
			words += "s"
		}
		return fmt.Sprintf("%d\u00a0%s", n, words)
	}
	days, hours := int(d.Hours())/24, int(d.Hours())%24
	switch {
	case d >= 96*time.Hour || d >= 48*time.Hour && hours == 0:
		return count(days, "day")
	case d >= 48*time.Hour:
		return count(days, "day") + units["and "+lang] + count(hours, "hour")
	case d >= time.Hour:
		return count(int(d.Hours()), "hour")
	}
	return count(max(1, int(d.Minutes())), "minute")
}

// units are the words of lengths of time; all of them take an s in the plural.
var units = map[string]string{"day fr": "jour", "day en": "day", "hour fr": "heure", "hour en": "hour", "minute fr": "minute",
	"minute en": "minute", "and fr": " et ", "and en": " and "}

// money writes an amount as people of the language do: "1 299,90 €", "€1,299.90".
func money(a providers.Amount, lang string) string {
	number, code, _ := strings.Cut(a.String(), " ")
	whole, cents, point := strings.Cut(number, ".")
	group, comma := ",", "."
	if lang == payment.French {
		group, comma = "\u202f", ","
	}
	for i := len(whole) - 3; i > 0 && whole[i-1] != '-'; i -= 3 {
		whole = whole[:i] + group + whole[i:]
	}
	if point {
		whole += comma + cents
	}
	sign := map[string]string{"EUR": "€", "GBP": "£", "USD": "$"}[code]
	switch {
	case sign == "":
		return whole + "\u00a0" + code
	case lang == payment.French:
		return whole + "\u00a0" + sign
	}
	return sign + whole
}
