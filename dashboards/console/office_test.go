package console

import (
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"octroi/gateway/flow"
	"octroi/gateway/payment"
	"octroi/gateway/store"
	"octroi/providers"
	"octroi/risk/policy"
)

// listening is a shop that gets webhooks.
func listening(c *flow.Config) {
	shop := c.Shops["demo"]
	shop.Webhooks = true
	c.Shops["demo"] = shop
}

// settled claims every message of a kind and settles it: delivered, or given up on.
func (o *office) settled(kind store.Kind, delivered bool) (ids []int64) {
	o.t.Helper()
	for {
		all, err := o.store.Claim(o.t.Context(), []store.Kind{kind}, 50, time.Minute)
		check(o.t, err)
		if len(all) == 0 {
			return ids
		}
		for _, m := range all {
			ids = append(ids, m.ID)
			if delivered {
				check(o.t, o.store.Done(o.t.Context(), m.ID))
			} else {
				check(o.t, o.store.Bury(o.t.Context(), m.ID, "the shop answered 500"))
			}
		}
	}
}

func TestTheOfficeTellsHowEverythingDoes(t *testing.T) {
	o := opened(t, listening)
	p := o.held(risky(1))
	check(t, o.flow.PutListEntry(t.Context(), people[2], store.ListEntry{List: "blocked_ips", Value: "203.0.113.9"}))
	a := o.as("adm").get("/office")
	a.shows(t, "Histories (Redis)", "maxmemory-policy is allkeys-lru", "look at it", "away", "Policies in force", "default", "Blocked IP addresses", "None: every shop")
	if !regexp.MustCompile(`(?s)Webhooks</th><td class="num"[^>]*>1</td>`).MatchString(a.body) || !regexp.MustCompile(`(?s)Mails</th><td class="num"[^>]*>1</td>`).MatchString(a.body) {
		t.Error("what waits is not counted")
	}
	id := o.settled(store.KindMail, false)[0]
	adm := o.as("adm")
	adm.get("/office").shows(t, "the shop answered 500", "/payments/"+p.ID, fmt.Sprint(id))
	o.desk.strip.at = time.Time{}
	adm.get("/").shows(t, `<a href="/office#h-buried">1 message could not be delivered</a>`)
	o.as("sam").get("/").hides(t, `href="/office`)
}

func TestAMessageGivenUpOnIsSentOnItsWayByAnAdminOnce(t *testing.T) {
	o := opened(t, nil)
	o.held(risky(1))
	id := fmt.Sprint(o.settled(store.KindMail, false)[0])
	if a := o.as("sam").post("/office/revive", "id", id); a.status != http.StatusForbidden {
		t.Errorf("a senior: %d", a.status)
	}
	for _, want := range []string{"/office?done=revived", "/office?done=gone"} {
		if a := o.as("adm").post("/office/revive", "id", id); a.header.Get("Location") != want {
			t.Errorf("%d to %s, want %s", a.status, a.header.Get("Location"), want)
		}
	}
	for _, wrong := range []string{"", "x", "99999999", "-1"} {
		if a := o.as("adm").post("/office/revive", "id", wrong); a.header.Get("Location") != "/office?done=gone" {
			t.Errorf("%q: %d", wrong, a.status)
		}
	}
	trail, err := o.store.AuditTrail(t.Context(), id, 10)
	check(t, err)
	if len(trail) != 1 || trail[0].Action != "outbox.revived" || trail[0].Actor != "adm" {
		t.Errorf("the audit log says %+v", trail)
	}
	o.as("adm").get("/office?done=gone").shows(t, "It waits already")
}

func TestAClosedEndpointIsOpenedAndItsWebhooksLeave(t *testing.T) {
	o := opened(t, listening)
	o.held(risky(1))
	o.settled(store.KindWebhook, false)
	check(t, o.store.CloseEndpoint(t.Context(), store.ClosedEndpoint{Shop: "demo", URLHash: []byte("x"), ClosedAt: o.now(), Reason: "answered 410"}))
	adm := o.as("adm")
	adm.get("/office").shows(t, "answered 410", "Open and send what waits")
	if a := adm.post("/office/enable", "shop", "demo"); a.header.Get("Location") != "/office?done=enabled" {
		t.Errorf("%d to %s", a.status, a.header.Get("Location"))
	}
	counts, err := o.store.Counts(t.Context())
	check(t, err)
	if counts.Buried[store.KindWebhook] != 0 || counts.Outbox[store.KindWebhook] != 1 {
		t.Errorf("buried %v, waiting %v", counts.Buried, counts.Outbox)
	}
	adm.get("/office").hides(t, "answered 410")
	if a := adm.post("/office/enable", "shop", "nobody"); a.header.Get("Location") != "/office?done=gone" {
		t.Errorf("an unknown shop: %d", a.status)
	}
}

func TestADeliveredWebhookIsSentAgain(t *testing.T) {
	o := opened(t, listening)
	p, q := o.held(risky(1)), o.held(risky(2))
	ids := o.settled(store.KindWebhook, true)
	adm := o.as("adm")
	adm.get("/webhooks").shows(t, "payment.held", "/payments/"+p.ID, "/payments/"+q.ID, "delivered")
	of := adm.get("/webhooks?payment=" + p.ID)
	of.shows(t, "/payments/"+p.ID)
	of.hides(t, "/payments/"+q.ID)
	adm.get("/webhooks?shop=demo&state=buried").shows(t, "No webhook here")
	adm.get("/payments/"+p.ID).shows(t, "/webhooks?payment="+p.ID)
	o.as("sam").get("/payments/"+p.ID).hides(t, "/webhooks")
	for _, want := range []string{"/webhooks?payment=" + p.ID + "&done=replayed", "/webhooks?payment=" + p.ID + "&done=gone"} {
		if a := adm.post("/webhooks/replay", "id", fmt.Sprint(ids[0]), "payment", p.ID); a.header.Get("Location") != want {
			t.Errorf("%d to %s, want %s", a.status, a.header.Get("Location"), want)
		}
	}
	waiting, err := o.store.Claim(t.Context(), []store.Kind{store.KindWebhook}, 5, time.Minute)
	check(t, err)
	if len(waiting) != 1 || waiting[0].ID != ids[0] || !strings.Contains(string(waiting[0].Payload), "payment.held") {
		t.Errorf("on its way: %+v", waiting)
	}
}

// onTrial puts a policy on trial that approves everything, beside one with a shadow rule.
func onTrial(c *flow.Config) {
	parse := func(name, rules string) *policy.Policy {
		p, err := policy.Parse(name, []byte("name: "+name+"\nbands: {challenge: 1000, hold: 2000, decline: 3000}\nrules:\n"+rules))
		if err != nil {
			panic(err)
		}
		return p
	}
	const rule = "  - code: %s\n%s    when: amount > 0\n    %s\n    detail: {en: \"any order\", fr: \"toute commande\"}\n    why: {en: \"Shown.\", fr: \"Montré.\"}\n"
	live := parse("strict", fmt.Sprintf(rule, "EVERYTHING", "", "force: hold")+fmt.Sprintf(rule, "TRIED", "    shadow: true\n", "force: decline"))
	trial := parse("kind", fmt.Sprintf(rule, "NOTHING", "", "points: 5"))
	c.Policy = func(string) *policy.Policy { return live }
	c.Shadow = func(string) *policy.Policy { return trial }
}

func TestWhatIsOnTrialIsShownBesideWhatWasDecided(t *testing.T) {
	o := opened(t, onTrial)
	p := o.held(risky(1))
	check(t, o.store.SavePolicy(t.Context(), "strict", o.flow.Policy("demo").Ref().Version, []byte("x")))
	check(t, o.store.SavePolicy(t.Context(), "kind", o.flow.Shadow("demo").Ref().Version, []byte("x")))
	for _, path := range []string{"/payments/" + p.ID, "/cases/" + p.Case.ID} {
		a := o.as("ana").get(path)
		a.shows(t, "On trial", "Policy kind", "With its shadow rules counted", `x-approve">approve`, `x-decline">decline`, "NOTHING", "TRIED", "EVERYTHING")
		o.as("zoe").get(path).shows(t, "À l&#39;essai", "Politique kind", "toute commande")
	}
	o.as("ana").get("/").hides(t, `href="/trials"`)
	sam := o.as("sam")
	a := sam.get("/trials")
	a.shows(t, "kind", "strict", "/payments/"+p.ID, "+NOTHING", "100.0\u00a0%")
	if !regexp.MustCompile(`(?s)>hold</th><td class="num other">1</td><td class="num">0</td><td class="num same">0</td>`).MatchString(a.body) {
		t.Error("the table of outcomes is wrong")
	}
	sam.get("/trials?kind=rules&days=1").shows(t, "TRIED", "/payments/"+p.ID, `aria-current="true">1 day`)
	o.later(48 * time.Hour)
	sam = o.as("sam")
	sam.get("/trials?days=1").shows(t, "Nothing was on trial", "shadow_policy")
	sam.get("/trials?days=nonsense&shop=nobody&kind=x&live=y&trial=z").shows(t, "/payments/"+p.ID)
}

func TestALongListIsReadPageByPage(t *testing.T) {
	o := opened(t, nil)
	entries := make([]store.ListEntry, 250)
	for i := range entries {
		entries[i] = store.ListEntry{List: "blocked_emails", Value: fmt.Sprintf("b%03d@example.org", i), AddedBy: "sam", AddedAt: o.now()}
	}
	check(t, o.store.PutListEntries(t.Context(), entries, store.Audit{At: o.now(), Actor: "sam", Action: "list.imported"}))
	sam := o.as("sam")
	a := sam.get("/lists")
	a.shows(t, "b009@example.org", "250", "The whole list")
	a.hides(t, "b010@example.org")
	seen, path := 0, "/lists?name=blocked_emails"
	next := regexp.MustCompile(`<a href="([^"]+)" rel="next">`)
	for pages := 1; path != ""; pages++ {
		a := sam.get(path)
		seen += strings.Count(a.body, `<td class="mono">b`)
		path = ""
		if m := next.FindStringSubmatch(a.body); m != nil && pages < 9 {
			path = strings.ReplaceAll(m[1], "&amp;", "&")
		}
	}
	if seen != 250 {
		t.Errorf("%d entries on all pages", seen)
	}
	a = sam.get("/lists?name=blocked_emails&find=+B123@example.org")
	a.shows(t, "b123@example.org")
	a.hides(t, "b124@example.org")
	sam.get("/lists?name=blocked_emails&find=nobody@example.org").shows(t, "It is not on this list")
}

func TestAPaymentShowsItsAuthenticationItsAttemptsAndItsDispute(t *testing.T) {
	o := opened(t, nil)
	p := o.held(risky(1))
	_, err := o.store.Change(t.Context(), p.ID, func(cur store.Snapshot) (store.Writes, error) {
		q := cur.Payment
		q.Attempt, q.Superseded = 2, []string{"ref-of-the-first"}
		q.Steps = []payment.Step{{Done: true}, {}}
		q.Authorisation.ThreeDS, q.Authorisation.Liability, q.Authorisation.Exemption = "authenticated", "issuer", "lowValue"
		q.Dispute = &payment.Dispute{Status: payment.DisputeChargedBack, Chargebacks: 2, Reversals: 1, UpdatedAt: o.now()}
		op := payment.Operation{ID: "op_1", PaymentID: q.ID, Type: payment.OpCapture, Status: payment.OpFailed, Amount: providers.Amount{Value: 100, Currency: "EUR"},
			CreatedAt: o.now(), UpdatedAt: o.now(), Actor: "policy"}
		return store.Writes{Payment: &q, Operations: []payment.Operation{op}}, nil
	})
	check(t, err)
	a := o.as("ana").get("/payments/" + p.ID)
	a.shows(t, "authenticated", "the issuer", "low value", "ref-of-the-first", "2, one not answered yet", "The capture failed", "The issuer has taken the money back", "charged back")
	o.as("zoe").get("/payments/"+p.ID).shows(t, "petit montant", "la banque", "Le débit a échoué", "La banque a repris l&#39;argent")
	o.as("ana").get("/cases/"+p.Case.ID).shows(t, "The capture failed", "the issuer")
}

func TestAHeldParcelSaysThatItsMoneyIsTaken(t *testing.T) {
	o := opened(t, everyMeans)
	r := risky(1)
	r.Method = payment.Method{Type: payment.MeansTransfer}
	p, _, err := o.flow.Authorise(t.Context(), call("transfer"), r)
	check(t, err)
	o.as("ana").get("/payments/"+p.ID).shows(t, "Bank transfer", "Waits for €129.91 to arrive, until", p.Action.Data["reference"])
	p, err = o.flow.PaymentHappened(t.Context(), "demo", p.ID, flow.Happening{Type: "funds_received", At: o.now()})
	check(t, err)
	if p.Status != payment.Held {
		t.Fatal(p.Status)
	}
	a := o.as("ana").get("/cases/" + p.Case.ID)
	a.shows(t, "Rejecting refunds €129.91", "No provider can send it back", "Reject and give the money back", ">Yes, approve<")
	a.hides(t, "Approve and capture", "cancel the authorisation")
	o.as("zoe").get("/payments").shows(t, "Virement bancaire")
}

// everyMeans lets the shop take every means of payment.
func everyMeans(c *flow.Config) {
	s := c.Shops["demo"]
	s.Methods = payment.AllMeans()
	s.Transfer = flow.TransferTerms{Beneficiary: "Boutique d'exemple", IBAN: "FR1420041010050500013M02606"}
	s.Cheque = flow.ChequeTerms{PayableTo: "Boutique d'exemple", Address: "1 rue des Exemples, 75000 Paris"}
	c.Shops["demo"] = s
}
