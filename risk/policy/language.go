package policy

import (
	"cmp"
	"sort"
	"strings"
	"time"

	"github.com/expr-lang/expr/types"

	"octroi/risk"
	"octroi/risk/address"
)

// kind is the type of a value in a rule.
type kind uint8

const (
	number kind = iota // float64: no overflow, no difference between whole and other numbers
	text
	truth
	texts
	pairs
	items
)

// kindTypes gives each kind to the checker.
var kindTypes = [...]types.Type{
	number: types.Float64, text: types.String, truth: types.Bool, texts: types.TypeOf([]string(nil)),
	pairs: types.TypeOf(map[string]string(nil)), items: types.TypeOf([]item(nil)),
}

// item is a line of the order as rules see it.
type item struct {
	SKU        string  `expr:"sku"`
	Name       string  `expr:"name"`
	Category   string  `expr:"category"`
	Quantity   float64 `expr:"quantity"`
	UnitAmount float64 `expr:"unit_amount"`
}

// fact is one name a rule may use.
type fact struct {
	name string
	kind kind
	doc  string
	get  any // a function of *run that gives the kind's Go type: see newSlot
}

// facts is every name of the language. review.* is known only in stage review.
var facts = []fact{
	{"shop", text, "the shop's id", func(r *run) string { return r.f.Shop }},
	{"amount", number, "of the order, minor units", func(r *run) float64 { return float64(r.f.Amount) }},
	{"currency", text, "ISO 4217", func(r *run) string { return r.f.Currency }},
	{"metadata", pairs, "the shop's own pairs: metadata.channel", func(r *run) map[string]string { return r.f.Metadata }},

	{"order.reference", text, "the shop's order number", func(r *run) string { return r.f.Order.Reference }},
	{"order.items", items, "lines: sku, name, category, quantity, unit_amount", func(r *run) []item { return r.items() }},
	{"order.quantity", number, "articles in all", func(r *run) float64 { return r.quantity() }},
	{"order.hour", number, "0-23, UTC", func(r *run) float64 { return float64(r.f.At.UTC().Hour()) }},
	{"order.weekday", number, "0 Sunday to 6 Saturday, UTC", func(r *run) float64 { return float64(r.f.At.UTC().Weekday()) }},

	{"payment.method", text, "card, paypal, alma, bank_transfer, cheque", func(r *run) string { return cmp.Or(r.f.Method, "card") }},

	{"card.fingerprint", text, "keyed hash of the number", func(r *run) string { return r.f.Card.Fingerprint }},
	{"card.bin", text, "first digits", func(r *run) string { return r.f.Card.BIN }},
	{"card.last4", text, "last digits", func(r *run) string { return r.f.Card.Last4 }},
	{"card.scheme", text, "whose rules a retry is under: visa, mastercard, or another brand's name; empty when not known", func(r *run) string { return cardScheme(r.f.Card) }},
	{"card.brand", text, "visa, mc …", func(r *run) string { return r.f.Card.Brand }},
	{"card.expiry_month", text, "two digits", func(r *run) string { return r.f.Card.ExpiryMonth }},
	{"card.expiry_year", text, "four digits", func(r *run) string { return r.f.Card.ExpiryYear }},
	{"card.expired", truth, "the date typed has passed", func(r *run) bool { return r.expired() }},
	{"card.issuer_country", text, "ISO 3166-1", func(r *run) string { return r.f.Card.IssuerCountry }},
	{"card.funding", text, "credit, debit, prepaid", func(r *run) string { return r.f.Card.Funding }},
	{"card.holder_name", text, "as typed", func(r *run) string { return r.f.Card.HolderName }},

	{"billing.name", text, "who pays", func(r *run) string { return r.f.Billing.Name }},
	{"billing.postal_code", text, "", func(r *run) string { return r.f.Billing.Address.PostalCode }},
	{"billing.city", text, "", func(r *run) string { return r.f.Billing.Address.City }},
	{"billing.country", text, "ISO 3166-1", func(r *run) string { return r.f.Billing.Address.Country }},

	{"delivery.method", text, "home, pickup_point, locker, store, digital", func(r *run) string { return r.f.Delivery.Method }},
	{"delivery.recipient", text, "who receives", func(r *run) string { return r.f.Delivery.Recipient }},
	{"delivery.postal_code", text, "", func(r *run) string { return r.f.Delivery.Address.PostalCode }},
	{"delivery.city", text, "", func(r *run) string { return r.f.Delivery.Address.City }},
	{"delivery.country", text, "ISO 3166-1", func(r *run) string { return r.f.Delivery.Address.Country }},

	{"address.grade", text, "how alike the two addresses are: see package address", func(r *run) string { return r.grade() }},
	{"address.traits", texts, "pickup_point, locker, forwarder …", func(r *run) []string { return r.traits() }},
	{"address.same_name", truth, "billing and recipient are one person", func(r *run) bool { return r.sameName() }},
	{"address.same_family", truth, "billing and recipient are two people with one surname", func(r *run) bool { return address.SameFamily(r.f.Billing.Name, r.f.Delivery.Recipient) }},
	{"address.fetched", truth, "the buyer fetches the parcel, or gets none", func(r *run) bool { return r.fetched() }},
	{"address.elsewhere", truth, "other_city or other_country, and not a place where parcels are fetched", func(r *run) bool { return r.elsewhere() }},

	{"buyer.id", text, "the shop's customer number", func(r *run) string { return r.f.Buyer.ID }},
	{"buyer.email", text, "as typed", func(r *run) string { return r.f.Buyer.Email }},
	{"buyer.mailbox", text, "the e-mail in one spelling, for lists", func(r *run) string { return r.mailbox() }},
	{"buyer.email_domain", text, "after the @", func(r *run) string { return r.emailDomain() }},
	{"buyer.phone", text, "as typed", func(r *run) string { return r.f.Buyer.Phone }},
	{"buyer.ip", text, "", func(r *run) string { return r.f.Buyer.IP }},
	{"buyer.ip_country", text, "ISO 3166-1; empty without a geolocation database", func(r *run) string { return r.f.Buyer.IPCountry }},
	{"buyer.device_id", text, "", func(r *run) string { return r.f.Buyer.DeviceID }},
	{"buyer.user_agent", text, "", func(r *run) string { return r.f.Buyer.UserAgent }},
	{"buyer.locale", text, "such as fr-FR", func(r *run) string { return r.f.Buyer.Locale }},
	{"buyer.account_known", truth, "the shop said when the account was opened", func(r *run) bool { return !r.f.Buyer.AccountCreatedAt.IsZero() }},
	{"buyer.account_age", number, "seconds since the account was opened; 0 when not known", func(r *run) float64 { return r.accountAge() }},

	{"review.status", text, "authorised, refused", func(r *run) string { return r.review().Status }},
	{"review.avs", text, "match, partial, mismatch, unavailable; empty when absent", func(r *run) string { return r.review().AVS }},
	{"review.cvc", text, "match, mismatch, not_checked, not_provided; empty when absent", func(r *run) string { return r.review().CVC }},
	{"review.three_ds", text, "authenticated, attempted, failed, not_enrolled; empty when not tried", func(r *run) string { return r.review().ThreeDS }},
	{"review.liability_shift", truth, "the issuer bears a fraud", func(r *run) bool { return r.review().LiabilityShift }},
	{"review.exemption", text, "the exemption from strong authentication that the authorisation ran under, in the provider's words; empty without", func(r *run) string { return r.review().Exemption }},
	{"review.refusal", text, "the refusal code, when refused", func(r *run) string { return r.review().Refusal }},
}

// Facts lists the names a rule may use with what they mean, one "name: meaning" each, in order.
func Facts() []string {
	out := make([]string, 0, len(facts))
	for _, f := range facts {
		out = append(out, strings.TrimSuffix(f.name+": "+f.doc, ": "))
	}
	sort.Strings(out)
	return out
}

// vocabulary is the facts as the checker wants them: groups of names, and names alone.
func vocabulary() types.Map {
	env := types.Map{}
	for _, f := range facts {
		group, name, nested := strings.Cut(f.name, ".")
		if !nested {
			env[f.name] = kindTypes[f.kind]
			continue
		}
		if env[group] == nil {
			env[group] = types.Map{}
		}
		env[group].(types.Map)[name] = kindTypes[f.kind]
	}
	return env
}

func factNamed(name string) (fact, bool) {
	for _, f := range facts {
		if f.name == name {
			return f, true
		}
	}
	return fact{}, false
}

// isGroup reports whether a name holds facts without being one, such as card.
func isGroup(name string) bool {
	for _, f := range facts {
		if strings.HasPrefix(f.name, name+".") {
			return true
		}
	}
	return false
}

// refusalCodes are the codes an event "refused.<code>" may carry: the closed set of the public contract.
var refusalCodes = []string{"expiry_incorrect", "card_expired", "insufficient_funds", "issuer_blocked", "cvc_incorrect",
	"number_incorrect", "limit_exceeded", "authentication_required", "authentication_failed", "not_permitted",
	"issuer_unavailable", "suspected_fraud", "refused"}

// RefusedNeverRetry is risk.RefusedNeverRetry.
const RefusedNeverRetry = risk.RefusedNeverRetry

// eventNamed reads "authorised" or "refused.expiry_incorrect".
func eventNamed(name string) (risk.Event, bool) {
	kind, code, coded := strings.Cut(name, ".")
	k, ok := risk.EventNamed(kind)
	if !ok || coded && (k != risk.EventRefused || code != RefusedNeverRetry && !contains(refusalCodes, code)) {
		return risk.Event{}, false
	}
	return risk.Event{Kind: k, Code: code}, true
}

// maxWindow is the longest a rule may look back: a dispute can follow its order by 13 months (DOMAIN.md, records).
const maxWindow = 400 * 24 * time.Hour

// zeroWindow reports a delay of nothing, such as "0m".
func zeroWindow(name string) bool {
	return len(name) == 2 && name[0] == '0' && strings.IndexByte("smhd", name[1]) >= 0
}

// windowNamed reads a whole number of s, m, h or d, such as "24h".
func windowNamed(name string) (time.Duration, bool) {
	if len(name) < 2 || len(name) > 9 {
		return 0, false
	}
	units := map[byte]time.Duration{'s': time.Second, 'm': time.Minute, 'h': time.Hour, 'd': 24 * time.Hour}
	unit, ok := units[name[len(name)-1]]
	n := time.Duration(0)
	for _, c := range []byte(name[:len(name)-1]) {
		if c < '0' || c > '9' {
			return 0, false
		}
		n = n*10 + time.Duration(c-'0')
	}
	return n * unit, ok && n > 0 && n <= maxWindow/unit
}
