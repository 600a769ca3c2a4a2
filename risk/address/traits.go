package address

import "strings"

// Trait is what kind of place a delivery goes to. A pick-up point is normal and no mismatch; a forwarder is not.
type Trait string

// The traits, in the order they are told.
const (
	PickupPoint Trait = "pickup_point"
	Locker      Trait = "locker"
	Store       Trait = "store"
	Digital     Trait = "digital"
	Forwarder   Trait = "forwarder" // sends on, often abroad
	POBox       Trait = "po_box"
	Company     Trait = "company"
)

// traitOrder is the order traits are told in.
var traitOrder = [...]Trait{PickupPoint, Locker, Store, Digital, Forwarder, POBox, Company}

// Places in traitOrder.
const (
	forwarder = 4
	poBox     = 5
	company   = 6
)

// phrase is a wording that tells a trait: its first word is the key in the table, the others follow here.
type phrase struct {
	rest  string // further words with one blank between, "" for none
	trait int    // index in traitOrder
	weak  bool   // an ordinary word: not within the name of a street
	ends  bool   // only at the end of its part: Müller AG
}

// phrases are the wordings by their first word.
var phrases = phrasesOf()

// What parcel networks print on their labels; '!' marks ordinary words that streets are named after too.
const (
	pickupWords = `mondial relay|relais colis|point relais|relais pickup|pickup station|pickup services|pickup|pick up|point retrait|!relais|
chronopost|chrono relais|colissimo|kiala|shop2shop|parcel shop|parcelshop|paketshop|hermes paket|dhl paketshop|dhl servicepoint|service point|
servicepoint|postfiliale|gls shop|gls point|dpd shop|ups access|access point|punto pack|punto poste|fermopoint|fermo posta|fermoposta|
pakketpunt|postnl punt|punt postnl|afhaalpunt|punto recogida|punto entrega|correos oficina|poste restante|postlagernd|vinted go|
point colis|collect point|punto ritiro|punkt odbioru|zasilkovna|packeta|amazon counter|amazon hub`
	lockerWords = `locker|lockers|!consigne|packstation|packing station|paczkomat|paczkomaty|amazon locker|inpost|parcel locker|citypaq|
pakketautomaat|poststation|post station|casier automatique|pickup locker|parcelbox|parcel box|easybox|z box|boxnow|box now|abholstation`
	storeWords     = `click collect|click and collect|click reserve|retrait magasin|retrait en magasin|store pickup|in store|filialabholung|ritiro negozio`
	digitalWords   = `livraison par e mail|livraison numerique|digital delivery|telechargement|e mail delivery|download`
	forwarderWords = `reexpedition|transitaire|freight forwarder|freight forwarding|forwarding|forwarder|parcel forwarding|mail forwarding|reship|reshipping|
reshipper|reshipment|paketweiterleitung|spedition|spedizioniere|spedizioni internazionali|transitario|expediteur fret|fret maritime|
myus|my us|shipito|shop and ship|shop ship|borderlinx|forward2me|stackry|planet express|viabox|mailboxde|qwintry|shopfans|litemf|
comgateway|eshopwedrop|colisexpat|colis expat|ukpostbox|uk postbox|skypax|usgobuy|reship com|parcelbound|opas io|shipbob|
logoix|d a shop|pochtoy|meest|shipmonk|fishisfast|us2me|mail boxes etc|mbe|mailboxes|mailroom|virtual office|domiciliation`
	companyWords = `sarl|s a r l|sas|sasu|eurl|scop|sci|selarl|s a s|societe|ste|entreprise|etablissements|ets|etablissement|cabinet|gmbh|g m b h|mbh|ug|
kgaa|ohg|e k|e v|^ag|^kg|^sa|^se|^ab|^as|^oy|srl|s r l|snc|spa|s p a|sapa|bv|b v|nv|n v|vof|bvba|ltd|limited|llc|inc|plc|corp|
s l|slu|^sl|lda|unipessoal|sprl|aps|firma|azienda|ditta|bedrijf|empresa|company|co kg|and co`
)

// phrasesOf reads the wordings: '|' between them, '!' before weak ones, '^' before those that end their part.
func phrasesOf() map[string][]phrase {
	t := map[string][]phrase{}
	for trait, list := range [...]string{pickupWords, lockerWords, storeWords, digitalWords, forwarderWords, "", companyWords} {
		for p := range strings.SplitSeq(strings.ReplaceAll(list, "\n", ""), "|") {
			if p == "" {
				continue // boxes are read with their number
			}
			w := strings.TrimLeft(p, "!^")
			first, rest, _ := strings.Cut(w, " ")
			t[first] = append(t[first], phrase{rest: rest, trait: trait, weak: p[0] == '!', ends: p[0] == '^'})
		}
	}
	return t
}

// traitsOf says what kind of place a delivery goes to: the method first, the text second.
func traitsOf(l *line, method string) []Trait {
	var found [len(traitOrder)]bool
	for i, t := range traitOrder {
		found[i] = string(t) == method
	}
	for i := range l.n {
		for _, p := range phrases[l.all[i].raw] {
			found[p.trait] = found[p.trait] || l.says(p, i)
		}
	}
	found[poBox] = l.box != "" && l.number.low == 0 && l.kindAt < 0 // beside a street it is only where the letters go
	var traits []Trait
	for i, t := range traitOrder {
		if found[i] {
			traits = append(traits, t)
		}
	}
	return traits
}

// says reports whether the phrase stands at i, as more than a part of a street's name.
func (l *line) says(p phrase, i int) bool {
	if p.ends && (l.opens(i) || !l.opens(i+1)) {
		return false
	}
	street := l.kindAt >= 0 && i >= l.from && i < l.to
	if street && (p.weak || p.trait == company || p.trait == forwarder) {
		return false
	}
	if l.inNumber(i) {
		return false
	}
	for w := range strings.SplitSeq(p.rest, " ") {
		if i++; w != "" && (i >= l.n || l.all[i].raw != w) {
			return false
		}
	}
	return true
}
