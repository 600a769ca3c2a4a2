package address

import "strings"

// class is what a word may be in an address; a word can be several things.
type class uint16

const (
	stop   class = 1 << iota // article or preposition: says nothing
	title                    // rank or saint before a name: often left out
	pre                      // kind of street standing before its name: rue, via
	post                     // kind of street standing after its name: Straße, plein
	site                     // kind of place that is a street only when nothing better is there: résidence, lotissement
	unit                     // part of a building, with its number: flat, floor, door
	alone                    // part of a building that needs no number: ground floor
	named                    // building or institution, with its name
	box                      // box at the post office, with its number
	care                     // "care of": a person follows
	adj                      // adjective that stands before the kind of street: grande rue
	given                    // first name that often goes before a name with a particle
	month                    // a number beside it is a date
	numero                   // "number": a house number follows
)

// word is what the tables know of a written form.
type word struct {
	is    string // the form all spellings are brought to
	class class
}

// table is a word list of one language.
type table map[string]word

// group is a class and its words, with commas between: the form, then its other spellings.
type group struct {
	class class
	words string
}

// tableOf reads groups. A word named in two groups gets both classes and the first form.
func tableOf(groups ...group) table {
	t := table{}
	for _, g := range groups {
		for entry := range strings.SplitSeq(g.words, ",") {
			forms := strings.Fields(entry)
			for _, f := range forms {
				w, known := t[f]
				if !known {
					w.is = forms[0]
				}
				w.class |= g.class
				t[f] = w
			}
		}
	}
	return t
}

// lexicon is how the words of one country are read: its own table first, then what all countries share.
type lexicon struct {
	own       table
	umlauts   bool // ae, oe, ue may stand for ä, ö, ü
	last      bool // the house number stands after the street
	compounds bool // street kinds are written on to the name: Hauptstraße, Damstraat
}

// look finds a word; an unknown one is itself.
func (l lexicon) look(s string) word {
	if w, ok := l.own[s]; ok {
		return w
	}
	if w, ok := shared[s]; ok {
		return w
	}
	return word{is: s}
}

// lexiconOf chooses the tables by country. Where several languages are spoken the one with the more dangerous
// abbreviations decides; their full words are in the shared table anyway.
func lexiconOf(country string) lexicon {
	switch country {
	case "DE", "AT", "CH", "LI":
		return lexicon{own: german, umlauts: true, last: true, compounds: true}
	case "NL":
		return lexicon{own: dutch, last: true, compounds: true}
	case "BE":
		return lexicon{own: french, last: true, compounds: true}
	case "IT", "SM", "VA":
		return lexicon{own: italian, last: true}
	case "ES", "PT", "AR", "MX", "CL", "CO":
		return lexicon{own: spanish, last: true}
	case "GB", "IE", "US", "CA", "AU", "NZ":
		return lexicon{own: english}
	case "", "FR", "MC", "LU":
		return lexicon{own: french}
	}
	return lexicon{last: true}
}

// suffixes are the kinds of street that German and Dutch write on to the name, longest first.
var suffixes = [...]string{"strasse", "straat", "gracht", "platz", "plein", "gasse", "allee", "steeg", "laan", "kade", "dijk",
	"damm", "ufer", "ring", "weg", "str"}

// compound cuts "hauptstrasse" into its name and its kind. The name must have three letters, and the rest must not
// be the whole of another word.
func compound(s string) (name, kind string, ok bool) {
	for _, suffix := range suffixes {
		if n := len(s) - len(suffix); n >= 3 && s[n:] == suffix {
			return s[:n], suffix, true
		}
	}
	return s, "", false
}

// merged are pairs of words that are one.
var merged = map[[2]string]string{
	{"centre", "commercial"}: "cc", {"zone", "artisanale"}: "za", {"zone", "industrielle"}: "zi", {"lieu", "dit"}: "lieudit",
	{"rond", "point"}: "rondpoint", {"notre", "dame"}: "notredame", {"n", "dame"}: "notredame", {"c", "o"}: "chez",
	{"p", "o"}: "po", {"po", "box"}: "bp", {"casella", "postale"}: "bp", {"boite", "postale"}: "bp", {"apartado", "correos"}: "bp",
	{"v", "le"}: "viale", {"v", "lo"}: "vicolo", {"l", "go"}: "largo", {"l", "mare"}: "lungomare", {"p", "za"}: "piazza",
	{"p", "zza"}: "piazza", {"p", "le"}: "piazzale", {"c", "so"}: "corso", {"c", "po"}: "campo", {"b", "go"}: "borgo",
	{"f", "lli"}: "fratelli", {"rez", "chaussee"}: "rdc", {"z", "a"}: "za", {"z", "i"}: "zi", {"p", "obox"}: "bp", {"b", "p"}: "bp", {"c", "s"}: "cs",
}
