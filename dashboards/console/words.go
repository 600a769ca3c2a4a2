package console

import (
	"fmt"
	"html/template"
	"net/url"
	"strconv"
	"strings"
	"time"

	"octroi/gateway/hold"
	"octroi/gateway/payment"
	"octroi/gateway/store"
	"octroi/providers"
)

// in is the text of a key in a language. A key without a text gives itself, so that a word the console does not know
// yet (a new refusal code, a new event) shows as its stable name.
func in(lang, key string) string {
	t, ok := texts[key]
	switch {
	case !ok:
		return key
	case lang == payment.French:
		return t[1]
	}
	return t[0]
}

// word is the text of a value of a closed set, or the value itself.
func word(lang, set string, value any) string {
	name := fmt.Sprint(value)
	if t := in(lang, set+"."+name); t != set+"."+name {
		return t
	}
	return name
}

// sprintf fills a text's places.
func sprintf(lang, key string, args ...any) string { return fmt.Sprintf(in(lang, key), args...) }

// actor names who did something: a person by name, the others by what they are.
func actor(lang, name string) string { return word(lang, "actor", name) }

// did names an action of the audit log.
func did(lang, action string) string {
	if status, ok := strings.CutPrefix(action, "payment."); ok && payment.Status(status).Valid() {
		return word(lang, "status", status)
	}
	return word(lang, "action", action)
}

// what is the detail of a case's event: kinds of proof in words, everything else as it was written.
func what(lang string, e hold.Event) string {
	set := "rung"
	switch {
	case e.Detail == "":
		return ""
	case e.Type == "alarm":
		set = "alarm"
	case e.Type != "opened" && e.Type != "proof_requested" && !strings.HasPrefix(e.Type, "document_"):
		return e.Detail
	}
	all := strings.Split(e.Detail, ", ")
	for i, k := range all {
		all[i] = word(lang, set, k)
	}
	return strings.Join(all, ", ")
}

// functions are what the views call. t says a text, w a word of a set.
func functions(lang string, zone *time.Location, version string) template.FuncMap {
	return template.FuncMap{
		"t": func(key string, args ...any) string {
			if len(args) == 0 {
				return in(lang, key)
			}
			return fmt.Sprintf(in(lang, key), args...)
		},
		"w":     func(set string, value any) string { return word(lang, set, value) },
		"n":     func(key string, n int) string { return plural(lang, key, n) },
		"who":   func(name string) string { return actor(lang, name) },
		"did":   func(action string) string { return did(lang, action) },
		"what":  func(e hold.Event) string { return what(lang, e) },
		"money": func(a providers.Amount) string { return money(a, lang) },
		"line":  func(unit, quantity int64, currency string) string { return lineAmount(unit, quantity, currency, lang) },
		"unit": func(value int64, currency string) string {
			return money(providers.Amount{Value: value, Currency: currency}, lang)
		},
		"when":    func(at time.Time) string { return when(at.In(zone), lang) },
		"exact":   func(at time.Time) string { return exact(at.In(zone), lang) },
		"iso":     func(at time.Time) string { return at.UTC().Format(time.RFC3339) },
		"lasts":   func(d time.Duration) string { return lasting(d, lang) },
		"size":    func(n int64) string { return size(n, lang) },
		"asset":   func(name string) string { return "/static/" + name + "?v=" + version },
		"brand":   func(b string) string { return brandName(b) },
		"brief":   brief,
		"share":   func(part, whole int) string { return share(part, whole, lang) },
		"counted": func(n int) string { return counted(n, lang) },
		"list": func(name, value string) string {
			return "/lists?" + url.Values{"list": {name}, "value": {value}}.Encode()
		},
		"signed": func(points int) string {
			return strings.Replace(fmt.Sprintf("%+d", points), "-", "\u2212", 1)
		},
	}
}

// plural says how many of something, with the word for one or for several. French counts zero as one.
func plural(lang, key string, n int) string {
	if n == 1 || n == 0 && lang == payment.French {
		return fmt.Sprintf(in(lang, key+".one"), n)
	}
	return fmt.Sprintf(in(lang, key+".many"), n)
}

// counted writes how many entries a list has, which are not all counted.
func counted(n int, lang string) string {
	_, group := separators(lang)
	if n > store.MaxCounted {
		return sprintf(lang, "lists.more", grouped(strconv.Itoa(store.MaxCounted), group))
	}
	return grouped(strconv.Itoa(n), group)
}

// share is a part of a whole in percent, to one decimal: "12.5 %", "12,5 %".
func share(part, whole int, lang string) string {
	if whole == 0 {
		return ""
	}
	comma, _ := separators(lang)
	return strings.Replace(strconv.FormatFloat(100*float64(part)/float64(whole), 'f', 1, 64), ".", comma, 1) + "\u00a0%"
}

// separators are the decimal sign and what stands between thousands.
func separators(lang string) (decimal, group string) {
	if lang == payment.French {
		return ",", "\u202f"
	}
	return ".", ","
}

// brief is as much of a policy's version as people tell it by.
func brief(version string) string {
	hash := strings.TrimPrefix(version, "sha256:")
	return hash[:min(len(hash), 10)]
}

// signs are the currency signs that need no explanation in either language; every other currency is told by its code.
var signs = map[string]string{"EUR": "€", "GBP": "£", "USD": "$"}

// money writes an amount as people of the language do: "1 299,90 €", "€1,299.90".
func money(a providers.Amount, lang string) string {
	number, _, _ := strings.Cut(a.String(), " ")
	negative := strings.HasPrefix(number, "-")
	whole, cents, hasCents := strings.Cut(strings.TrimPrefix(number, "-"), ".")
	comma, group := separators(lang)
	out := grouped(whole, group)
	if hasCents {
		out += comma + cents
	}
	sign, known := signs[a.Currency]
	switch {
	case !known:
		out += "\u00a0" + a.Currency
	case lang == payment.French:
		out += "\u00a0" + sign
	default:
		out = sign + out
	}
	if negative {
		out = "\u2212" + out
	}
	return out
}

// grouped puts a separator between thousands.
func grouped(digits, separator string) string {
	var b strings.Builder
	for i, r := range digits {
		if i > 0 && (len(digits)-i)%3 == 0 {
			b.WriteString(separator)
		}
		b.WriteRune(r)
	}
	return b.String()
}

// lineAmount is the amount of an order's line; "" for one that no currency could hold, which validation lets through
// since lines need not add up to the order's amount.
func lineAmount(unit, quantity int64, currency, lang string) string {
	if unit < 0 || quantity < 1 || unit > providers.MaxAmount/quantity {
		return ""
	}
	return money(providers.Amount{Value: unit * quantity, Currency: currency}, lang)
}

var (
	daysOf = map[string][]string{
		payment.English: {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"},
		payment.French:  {"dim.", "lun.", "mar.", "mer.", "jeu.", "ven.", "sam."},
	}
	monthsOf = map[string][]string{
		payment.English: {"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"},
		payment.French:  {"janv.", "févr.", "mars", "avr.", "mai", "juin", "juil.", "août", "sept.", "oct.", "nov.", "déc."},
	}
)

// when writes a moment shortly: "Mon 23 Nov, 14:05", "lun. 23 nov., 14:05". "" for no moment.
func when(at time.Time, lang string) string {
	if at.IsZero() {
		return ""
	}
	return fmt.Sprintf("%s %d %s, %s", daysOf[lang][at.Weekday()], at.Day(), monthsOf[lang][at.Month()-1], at.Format("15:04"))
}

// exact writes a moment with its year, seconds and time zone, for the tooltip of the short form.
func exact(at time.Time, lang string) string {
	if at.IsZero() {
		return ""
	}
	return fmt.Sprintf("%s %d %s %d, %s", daysOf[lang][at.Weekday()], at.Day(), monthsOf[lang][at.Month()-1], at.Year(), at.Format("15:04:05 MST"))
}

// size writes a number of bytes: "1.4 MB", "1,4 Mo".
func size(n int64, lang string) string {
	unit, byteSign, comma := "", "B", "."
	if lang == payment.French {
		byteSign, comma = "o", ","
	}
	if n < 1000 {
		return fmt.Sprintf("%d\u00a0%s", n, byteSign)
	}
	v := float64(n)
	for _, unit = range []string{"k", "M", "G"} {
		if v /= 1000; v < 1000 {
			break
		}
	}
	return strings.Replace(strconv.FormatFloat(v, 'f', 1, 64), ".", comma, 1) + "\u00a0" + unit + byteSign
}

// lasting writes a duration in its two largest units: "2 d 4 h", "5 h 12 min", "12 min". The unit of days is d in
// English and j in French; the others are the same.
func lasting(d time.Duration, lang string) string {
	days, hours, minutes := int(d/(24*time.Hour)), int(d/time.Hour)%24, int(d/time.Minute)%60
	day := map[string]string{payment.English: "d", payment.French: "j"}[lang]
	switch {
	case days > 0 && hours > 0:
		return fmt.Sprintf("%d\u00a0%s %d\u00a0h", days, day, hours)
	case days > 0:
		return fmt.Sprintf("%d\u00a0%s", days, day)
	case hours > 0 && minutes > 0:
		return fmt.Sprintf("%d\u00a0h %d\u00a0min", hours, minutes)
	case hours > 0:
		return fmt.Sprintf("%d\u00a0h", hours)
	}
	return fmt.Sprintf("%d\u00a0min", max(minutes, 1))
}

// brandNames are the card brands as people know them.
var brandNames = map[string]string{"visa": "Visa", "mc": "Mastercard", "amex": "American Express", "cartebancaire": "CB",
	"maestro": "Maestro", "diners": "Diners Club", "discover": "Discover", "jcb": "JCB", "cup": "UnionPay"}

func brandName(b string) string {
	if n := brandNames[b]; n != "" {
		return n
	}
	return b
}
