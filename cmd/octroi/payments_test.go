package main

import (
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// onEverySetup runs a test on the parts of the demo, and on the servers of a real installation.
func onEverySetup(t *testing.T, test func(t *testing.T, o demoOptions)) {
	t.Run("SQLite and miniredis", func(t *testing.T) { test(t, options(filepath.Join(t.TempDir(), "demo"))) })
	t.Run("PostgreSQL and Redis", func(t *testing.T) {
		o := options(filepath.Join(t.TempDir(), "demo"))
		o.Database, o.Redis = startPostgres(t).url, startRedis(t).url
		test(t, o)
	})
}

func TestEveryOrderGoesTheWayThePolicySays(t *testing.T) {
	onEverySetup(t, func(t *testing.T, o demoOptions) {
		w := open(t, o)
		for _, c := range []struct {
			name string
			run  func(*world)
		}{
			{"a good order is approved and captured", goodOrder},
			{"an order delivered elsewhere is held, proven, approved and captured", provenOrder},
			{"an order delivered elsewhere is held, rejected and cancelled", rejectedOrder},
			{"ten cards from one device are stopped before they reach the issuer", triedCards},
			{"an expired card is explained to the buyer in French, on screen and by mail", expiredCard},
			{"one key is one authorisation, and one body", repeatedKey},
		} {
			t.Run(c.name, func(t *testing.T) {
				part := *w
				part.t = t
				c.run(&part)
			})
		}
		if ledger := w.demo.sim.Ledger(); len(ledger.DoubleAuthorisations)+len(ledger.DoubleOrders) > 0 {
			t.Errorf("authorised twice: %v %v", ledger.DoubleAuthorisations, ledger.DoubleOrders)
		}
	})
}

func goodOrder(w *world) {
	a := w.pay(purchase{reference: "GOOD-1", email: "jean@example.org"}).is(201)
	if got := a.at("decision.outcome"); got != "approve" {
		w.t.Fatalf("decided %s: %s", got, a.body)
	}
	w.becomes(a.at("id"), "captured")
	p, ok := w.demo.sim.Ledger().Payment(a.at("id"))
	if !ok || p.Captured != 12990 {
		w.t.Errorf("the provider captured %d", p.Captured)
	}
}

// proofLink is the address of the proof page in a mail.
var proofLink = regexp.MustCompile(`http://\S+/proof/[A-Za-z0-9_-]+`)

// held makes an order that is held, and gives its answer and the link that was mailed.
func (w *world) held(reference, email, number string) (answer, string) {
	w.t.Helper()
	a := w.pay(purchase{reference: reference, email: email, number: number, elsewhere: true, ip: "203.0.113.50"}).is(201)
	if a.at("status") != "held" {
		w.t.Fatalf("not held: %s", a.body)
	}
	return a, proofLink.FindString(w.letter(email, reference))
}

func provenOrder(w *world) {
	a, link := w.held("AWAY-1", "lucie@example.org", "5555444433331111")
	if link != a.at("case.proof_url") {
		w.t.Errorf("the mail links to %q, the answer to %q", link, a.at("case.proof_url"))
	}
	if before := w.request("GET", link, nil, "").is(200); strings.Contains(string(before.body), "AWAY-1") {
		w.t.Error("whoever reads the link's page, a mail scanner too, reads the order")
	}
	cookie, _, _ := strings.Cut(w.request("POST", link, nil, "").is(303).header.Get("Set-Cookie"), ";")
	page := w.request("GET", w.api()+"/proof", map[string]string{"Cookie": cookie}, "").is(200)
	if !strings.Contains(string(page.body), "AWAY-1") || page.header.Get("Content-Security-Policy") == "" {
		w.t.Errorf("the page: %v %.300s", page.header, page.body)
	}
	statement := must[[]byte](w.t)(madeUpStatement(madeUp{name: "Jean Dupont"}))
	w.upload(link, "bank_statement", statement).is(303)
	c := w.analyst("GET", "/v1/cases/"+a.at("case.id"), "").is(200)
	if c.at("status") != "awaiting_review" || !strings.Contains(string(c.body), `"kind":"bank_statement"`) {
		w.t.Fatalf("the analyst sees %s", c.body)
	}
	w.analyst("POST", "/v1/cases/"+a.at("case.id")+"/claim", "").is(200)
	w.analyst("POST", "/v1/cases/"+a.at("case.id")+"/approve", `{"note": "same holder"}`).is(200)
	w.becomes(a.at("id"), "captured")
	w.request("GET", link, nil, "").is(404)
	w.request("GET", w.api()+"/proof", map[string]string{"Cookie": cookie}, "").is(404)
	w.letter("lucie@example.org", "AWAY-1")
}

func TestTheConsoleShowsAnAnalystWhatIsHeld(t *testing.T) {
	w := open(t, options(filepath.Join(t.TempDir(), "demo")))
	a, link := w.held("DESK-1", "desk@example.org", "")
	w.upload(link, "identity", must[[]byte](t)(madeUpStatement(madeUp{name: "Jean Dupont"}))).is(303)
	console := "http://" + w.demo.Addresses().Console
	if in := w.request("GET", console+"/", nil, ""); in.status == 200 {
		t.Errorf("the queue is open to everybody")
	}
	form := map[string]string{"Content-Type": "application/x-www-form-urlencoded"}
	in := w.request("POST", console+"/signin", form, "name=analyst&password=octroi-demo-analyst").is(303)
	cookie, _, _ := strings.Cut(in.header.Get("Set-Cookie"), ";")
	session := map[string]string{"Cookie": cookie}
	if queue := w.request("GET", console+"/", session, "").is(200); !strings.Contains(string(queue.body), "DESK-1") {
		t.Errorf("the queue does not show the order: %s", queue.body)
	}
	page := w.request("GET", console+"/cases/"+a.at("case.id"), session, "").is(200)
	document := regexp.MustCompile(`/cases/[a-z0-9_]+/documents/doc_[a-z0-9]+`).Find(page.body)
	if document == nil {
		t.Fatalf("the case does not show its document: %s", page.body)
	}
	if image := w.request("GET", console+string(document)+"/pages/1", session, "").is(200); image.header.Get("Content-Type") != "image/png" {
		t.Errorf("the document comes as %v", image.header)
	}
}

func rejectedOrder(w *world) {
	a, _ := w.held("AWAY-2", "marc@example.org", "2222410740360010")
	w.analyst("POST", "/v1/cases/"+a.at("case.id")+"/reject", `{"reason": "the holder knows nothing of it"}`).is(200)
	w.becomes(a.at("id"), "cancelled")
	eventually(w.t, "the provider's cancel", func() bool {
		p, _ := w.demo.sim.Ledger().Payment(a.at("id"))
		return p.Status == "cancelled"
	})
	w.analyst("POST", "/v1/cases/"+a.at("case.id")+"/approve", `{}`).is(409)
}

// ten of Adyen's documented test cards.
var tenCards = strings.Fields("4988438843884305 4166676667666746 4646464646464644 4000620000000007 4000060000000006 4444333322221111 " +
	"4000020000000000 4400000000000008 2222400070000005 5136333333333335")

func triedCards(w *world) {
	var outcomes []string
	for i, number := range tenCards {
		a := w.pay(purchase{reference: fmt.Sprint("TEST-", i), email: fmt.Sprintf("t%d@example.net", i), number: number, amount: 100 + i,
			device: "d-tester", ip: "198.51.100.9", holder: "NOT_ENOUGH_BALANCE"}).is(201)
		outcomes = append(outcomes, a.at("status"))
		_, asked := w.demo.sim.Ledger().Payment(a.at("id"))
		if declined := a.at("status") == "declined"; asked == declined {
			w.t.Errorf("card %d: status %s, and the provider was asked: %v", i, a.at("status"), asked)
		}
	}
	if first := slices.Index(outcomes, "declined"); first < 1 || slices.ContainsFunc(outcomes[first:], func(s string) bool { return s != "declined" }) {
		w.t.Errorf("the ten cards went %v", outcomes)
	}
}

func expiredCard(w *world) {
	a := w.pay(purchase{reference: "EXP-1", email: "paul@example.org", holder: "CARD_EXPIRED", number: "5454545454545454", ip: "203.0.113.60"}).is(201)
	if code := a.at("refusal.code"); a.at("status") != "refused" || code != "expiry_incorrect" && code != "card_expired" {
		w.t.Fatalf("refused as %s: %s", code, a.body)
	}
	message := a.at("refusal.buyer_message")
	if !strings.Contains(message, "5454") || !strings.Contains(message, "03/2030") || !strings.Contains(message, "prélevé") {
		w.t.Errorf("the buyer is told %q", message)
	}
	w.letter("paul@example.org", "03/2030")
}

func repeatedKey(w *world) {
	order := purchase{reference: "TWICE-1", email: "anne@example.org", number: "4977949494949497", ip: "203.0.113.70"}
	first := w.pay(order).is(201)
	again := w.pay(order).is(200)
	if again.header.Get("Idempotent-Replayed") != "true" || again.at("id") != first.at("id") {
		w.t.Errorf("the repetition answered %v %s", again.header, again.body)
	}
	if n := w.demo.sim.Ledger().Authorisations[first.at("id")]; n != 1 {
		w.t.Errorf("%d authorisations", n)
	}
	other := order
	other.amount = 500
	if a := w.pay(other).is(422); a.at("code") == "" || a.header.Get("Content-Type") != "application/problem+json" {
		w.t.Errorf("another body under the key: %s", a.body)
	}
}

func TestASecondStartFindsEverythingAgain(t *testing.T) {
	onEverySetup(t, func(t *testing.T, o demoOptions) {
		w := open(t, o)
		a, link := w.held("AWAY-3", "zoe@example.org", "5555341244441115")
		for i, number := range tenCards[:6] {
			w.pay(purchase{reference: fmt.Sprint("B-", i), email: fmt.Sprintf("b%d@example.net", i), number: number, amount: 100,
				device: "d-tester", ip: "198.51.100.9", holder: "NOT_ENOUGH_BALANCE"}).is(201)
		}
		w.shut()

		w = open(t, o)
		w.request("GET", w.api()+link[strings.Index(link, "/proof/"):], nil, "").is(200)
		late := w.pay(purchase{reference: "B-9", email: "b9@example.net", number: tenCards[8], amount: 100, device: "d-tester", ip: "198.51.100.9"})
		if late.is(201).at("status") != "declined" {
			t.Errorf("after the restart the device's next card is %s: %s", late.at("status"), late.body)
		}
		w.analyst("POST", "/v1/cases/"+a.at("case.id")+"/approve", `{}`).is(200)
		w.becomes(a.at("id"), "captured")
	})
}
