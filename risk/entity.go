package risk

import (
	"net/netip"
	"strings"

	"octroi/risk/address"
)

// Entity is a kind of thing whose behaviour over time says something about an order.
type Entity uint8

// The entities every order has, as far as its facts are known. The order of these constants is part of the recorded
// event format: new ones go to the end.
const (
	EntityCard Entity = iota
	EntityEmail
	EntityIP
	EntityDevice
	EntityPhone
	EntityBilling
	EntityDelivery
	EntityCustomer
	EntityEmailDomain
	EntityIPNetwork
	EntityBIN
	// The custom entities are what a policy declares from the shop's metadata (Facts.Custom).
	EntityCustom1
	EntityCustom2
	EntityCustom3
	EntityCustom4
	EntityCount // how many there are; not an entity
)

// The counted entities see too much traffic for a list of their events: a history counts their events in buckets of
// time instead (see CountedWindow), and answers Count and Rate alone. They stand outside Facts.Keys: a record names them
// by its shop and by Record.IssuerCountry. Their values are part of the recorded format and leave room for listed ones.
const (
	EntityShop Entity = iota + 64
	EntityIssuerCountry
	countedEnd
)

// CountedEntities are the entities that are counted in buckets of time.
func CountedEntities() []Entity { return []Entity{EntityShop, EntityIssuerCountry} }

// Counted reports an entity that is counted in buckets of time and has no list.
func (e Entity) Counted() bool { return e >= EntityShop && e < countedEnd }

// CustomEntities is how many entities a policy may declare.
const CustomEntities = int(EntityCount - EntityCustom1)

var entityNames = [EntityCount]string{"card", "email", "ip", "device", "phone", "billing_address", "delivery_address",
	"customer", "email_domain", "ip_network", "bin", "custom1", "custom2", "custom3", "custom4"}

var countedNames = [countedEnd - EntityShop]string{"shop", "issuer_country"}

// String is the entity's name in policies.
func (e Entity) String() string {
	if e < EntityCount {
		return entityNames[e]
	}
	if e.Counted() {
		return countedNames[e-EntityShop]
	}
	return "unknown"
}

// EntityNamed finds an entity by its name in policies.
func EntityNamed(name string) (Entity, bool) {
	for i, n := range entityNames {
		if n == name {
			return Entity(i), true
		}
	}
	for i, n := range countedNames {
		if n == name {
			return EntityShop + Entity(i), true
		}
	}
	return 0, false
}

// Keys gives the normalised value of each entity of the order; "" where the facts do not name one. Two orders
// share an entity when these values are equal.
func (f Facts) Keys() [EntityCount]string {
	var k [EntityCount]string
	k[EntityCard] = f.Card.Fingerprint
	k[EntityEmail], k[EntityEmailDomain] = NormaliseEmail(f.Buyer.Email)
	k[EntityIP], k[EntityIPNetwork] = normaliseIP(f.Buyer.IP)
	k[EntityDevice] = f.Buyer.DeviceID
	k[EntityPhone] = normalisePhone(f.Buyer.Phone, f.Billing.Address.Country)
	k[EntityBilling] = address.Key(address.Address(f.Billing.Address))
	if k[EntityDelivery] = k[EntityBilling]; !f.Delivery.Address.equal(f.Billing.Address) {
		k[EntityDelivery] = address.Key(address.Address(f.Delivery.Address))
	}
	k[EntityCustomer] = f.Buyer.ID
	k[EntityBIN] = f.Card.BIN
	for i, v := range f.Custom {
		k[EntityCustom1+Entity(i)] = v
	}
	return k
}

// dotless are the mail domains that ignore dots in the local part (as Google documents for Gmail).
var dotless = map[string]bool{"gmail.com": true, "googlemail.com": true}

// plusTagged are the mail domains known to deliver name+tag to name.
var plusTagged = map[string]bool{"gmail.com": true, "googlemail.com": true, "outlook.com": true, "hotmail.com": true,
	"live.com": true, "outlook.fr": true, "hotmail.fr": true, "icloud.com": true, "me.com": true, "proton.me": true,
	"protonmail.com": true, "fastmail.com": true, "yahoo.com": false}

// NormaliseEmail brings the spellings of one mailbox to one form, and gives its domain: case folded, and dots and
// plus-tags removed where the domain is known to ignore them. Both are "" for what is not an address.
func NormaliseEmail(s string) (mailbox, domain string) {
	s = strings.ToLower(strings.TrimSpace(s))
	at := strings.LastIndexByte(s, '@')
	if at <= 0 || at == len(s)-1 {
		return "", ""
	}
	local, domain := s[:at], s[at+1:]
	if plusTagged[domain] {
		local, _, _ = strings.Cut(local, "+")
	}
	if dotless[domain] {
		local = strings.ReplaceAll(local, ".", "")
		domain = "gmail.com"
	}
	if local == "" {
		return "", ""
	}
	return local + "@" + domain, domain
}

// normaliseIP gives the address in its shortest form and its network: /24 for IPv4, /48 for IPv6. An IPv6 host is
// taken as its /64, which is what one subscriber holds.
func normaliseIP(s string) (ip, network string) {
	a, err := netip.ParseAddr(s)
	if err != nil {
		return "", ""
	}
	a = a.Unmap().WithZone("")
	if a.Is4() {
		p, _ := a.Prefix(24)
		return a.String(), p.String()
	}
	host, _ := a.Prefix(64)
	p, _ := a.Prefix(48)
	return host.String(), p.String()
}

// NormaliseCountry brings an ISO 3166-1 alpha-2 code to capitals; "" for anything else.
func NormaliseCountry(s string) string {
	s = strings.ToUpper(strings.TrimSpace(s))
	if len(s) != 2 || s[0] < 'A' || s[0] > 'Z' || s[1] < 'A' || s[1] > 'Z' {
		return ""
	}
	return s
}

// trunk are the calling codes of countries where a national number begins with 0 and loses it abroad (ITU-T E.164).
var trunk = map[string]string{"FR": "33", "BE": "32", "DE": "49", "NL": "31", "AT": "43", "CH": "41", "GB": "44", "IE": "353"}

// normalisePhone gives a number's digits in international form. A national number is taken for one of the country the
// bill goes to.
func normalisePhone(s, country string) string {
	var b strings.Builder
	for _, r := range s {
		if r >= '0' && r <= '9' {
			b.WriteRune(r)
		}
	}
	digits := b.String()
	switch code := trunk[country]; {
	case strings.HasPrefix(digits, "00"):
		return digits[2:]
	case code != "" && strings.HasPrefix(digits, "0"):
		return code + digits[1:]
	}
	return digits
}
