package risk_test

import (
	"encoding/json"
	"reflect"
	"testing"
	"time"

	"octroi/risk"
)

func TestSpellingsOfOneMailboxAreOneMailbox(t *testing.T) {
	for in, want := range map[string][2]string{
		"Jean.Dupont+shop@GMail.com": {"jeandupont@gmail.com", "gmail.com"},
		"jeandupont@googlemail.com":  {"jeandupont@gmail.com", "gmail.com"},
		" jean.dupont@example.org ":  {"jean.dupont@example.org", "example.org"},
		"jean+tag@example.org":       {"jean+tag@example.org", "example.org"}, // nobody knows that this domain ignores tags
		"jean+tag@outlook.fr":        {"jean@outlook.fr", "outlook.fr"},
		`"a@b"@example.org`:          {`"a@b"@example.org`, "example.org"},
		"+@gmail.com":                {"", ""},
		"nobody":                     {"", ""},
		"@example.org":               {"", ""},
		"jean@":                      {"", ""},
		"":                           {"", ""},
		"J.E.A.N+x+y@gmail.com":      {"jean@gmail.com", "gmail.com"},
	} {
		mailbox, domain := risk.NormaliseEmail(in)
		if mailbox != want[0] || domain != want[1] {
			t.Errorf("%q: %q at %q, want %v", in, mailbox, domain, want)
		}
	}
}

func TestEntitiesOfAnOrderAreNamedAlikeHoweverTheyAreWritten(t *testing.T) {
	paris := risk.Address{Lines: []string{"12 bd Saint-Michel"}, PostalCode: "75006", City: "Paris", Country: "FR"}
	a := risk.Facts{Card: risk.Card{Fingerprint: "k1:ab", BIN: "41111111"}, Billing: risk.Party{Address: paris},
		Buyer: risk.Buyer{ID: "c-1", Email: "Jean.Dupont@gmail.com", Phone: "+33 6 12 34 56 78", IP: "::ffff:203.0.113.7", DeviceID: "d-1"}}
	b := a
	b.Billing.Address = risk.Address{Lines: []string{"12, BOULEVARD ST MICHEL"}, PostalCode: "75006", City: "PARIS", Country: "FR"}
	b.Buyer.Email, b.Buyer.Phone, b.Buyer.IP = "jeandupont@gmail.com", "0033612345678", "203.0.113.7"
	c := b
	c.Buyer.Phone = "06.12.34.56.78" // as people write it at home
	if c.Keys()[risk.EntityPhone] != a.Keys()[risk.EntityPhone] {
		t.Errorf("a national number is %q", c.Keys()[risk.EntityPhone])
	}
	if x, y := a.Keys(), b.Keys(); !reflect.DeepEqual(x, y) {
		t.Errorf("%v\n%v", x, y)
	}
	k := a.Keys()
	for e, want := range map[risk.Entity]string{risk.EntityCard: "k1:ab", risk.EntityIP: "203.0.113.7", risk.EntityIPNetwork: "203.0.113.0/24",
		risk.EntityEmailDomain: "gmail.com", risk.EntityPhone: "33612345678", risk.EntityDelivery: "", risk.EntityBIN: "41111111"} {
		if k[e] != want {
			t.Errorf("%s is %q, want %q", e, k[e], want)
		}
	}
}

func TestOneSubscriberOfIPv6IsOneAddress(t *testing.T) {
	key := func(ip string) [2]string {
		k := risk.Facts{Buyer: risk.Buyer{IP: ip}}.Keys()
		return [2]string{k[risk.EntityIP], k[risk.EntityIPNetwork]}
	}
	if a, b := key("2001:db8:1:2::1"), key("2001:db8:1:2:ffff::9%eth0"); a != b || a[1] != "2001:db8:1::/48" {
		t.Errorf("%v and %v", a, b)
	}
	if key("2001:db8:1:2::1")[0] == key("2001:db8:1:3::1")[0] {
		t.Error("two subscribers are one")
	}
	if key("not an address") != [2]string{} {
		t.Error("nonsense has a key")
	}
}

func TestNamesOfEntitiesAndEventsGoBothWays(t *testing.T) {
	for e := range risk.EntityCount {
		if got, ok := risk.EntityNamed(e.String()); !ok || got != e {
			t.Errorf("%d is %q, which is %d", e, e, got)
		}
	}
	for k := range risk.EventKindCount {
		if got, ok := risk.EventNamed(k.String()); !ok || got != k {
			t.Errorf("%d is %q, which is %d", k, k, got)
		}
	}
	if _, ok := risk.EntityNamed("nobody"); ok {
		t.Error("an unknown entity has a number")
	}
	if _, ok := risk.EventNamed("nothing"); ok || risk.EventKindCount.String() != "unknown" {
		t.Error("an unknown event has a name")
	}
}

func TestOutcomesAreOrderedMildestFirst(t *testing.T) {
	for i, o := range risk.Outcomes() {
		if o.Severity() != i || o.AtLeast(risk.Approve) != o || risk.Approve.AtLeast(o) != o {
			t.Errorf("%s: severity %d", o, o.Severity())
		}
	}
	if risk.Outcome("maybe").Severity() != -1 {
		t.Error("an unknown outcome has a place")
	}
}

func TestFactsComeBackAsTheyWereRecorded(t *testing.T) {
	f := risk.Facts{ID: "pay_1", At: time.Date(2026, 11, 20, 12, 0, 0, 7, time.UTC), Shop: "demo", Amount: 12990, Currency: "EUR",
		Custom: [risk.CustomEntities]string{"terminal=T-1"}, Review: &risk.Review{Status: "authorised", CVC: "match"},
		Buyer: risk.Buyer{Email: "a@example.org", AccountCreatedAt: time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC)}}
	text, err := json.Marshal(f)
	if err != nil {
		t.Fatal(err)
	}
	var back risk.Facts
	if err := json.Unmarshal(text, &back); err != nil || !reflect.DeepEqual(f, back) {
		t.Errorf("%v\n%+v\n%+v", err, f, back)
	}
}

func TestListValuesAreFolded(t *testing.T) {
	for in, want := range map[string]string{"  Jean@Example.ORG\t": "jean@example.org", "J.Doe+x@GMail.com": "jdoe@gmail.com",
		"::ffff:80.1.2.3": "80.1.2.3", "2001:DB8::1": "2001:db8::1", "C-1001": "c-1001", "k1:AB": "k1:ab"} {
		if got := risk.FoldListValue(in); got != want || risk.FoldListValue(got) != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}
