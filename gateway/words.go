package gateway

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"octroi/gateway/payment"
	"octroi/providers"
)

// wordsIn are the page's texts in a language.
func wordsIn(lang string) map[string]string {
	if lang == payment.French {
		return french
	}
	return english
}

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
