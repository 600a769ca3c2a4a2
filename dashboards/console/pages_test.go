package console

import (
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"octroi/gateway/flow"
	"octroi/gateway/hold"
	"octroi/gateway/payment"
	"octroi/gateway/store"
)

// attack is what a buyer might send in every field they control.
const attack = `"><script>alert(1)</script><img src=x onerror=alert(1)>{{.}}'javascript:alert(1)`

func TestNothingABuyerSendsIsMarkup(t *testing.T) {
	o := opened(t, nil)
	r := risky(1)
	for _, field := range []*string{&r.Order.Items[0].Name, &r.Order.Items[0].SKU, &r.Order.Items[0].Category, &r.Order.Delivery.Recipient, &r.Billing.Name,
		&r.Method.HolderName, &r.Buyer.ID, &r.Buyer.DeviceID, &r.Buyer.UserAgent, &r.Order.Delivery.Address.Lines[0], &r.Order.Delivery.Address.City} {
		*field = attack
	}
	r.Order.Reference = attack[:80]
	r.Billing.Address.Lines = []string{attack}
	r.Buyer.Email = `"<script>alert(1)</script>"@example.org`
	if len(r.Check(o.now(), o.flow.Shops["demo"].Accepts())) > 0 {
		r.Buyer.Email = "buyer@example.org"
	}
	p := o.held(r)
	check(t, o.flow.BuyerSays(t.Context(), tokenOf(p), attack))
	o.sends(p, hold.Identity)
	sam := o.as("sam")
	if a := sam.post("/cases/"+p.Case.ID+"/note", "text", attack); a.status != http.StatusSeeOther {
		t.Fatal(a.status)
	}
	check(t, o.flow.PutListEntry(t.Context(), people[2], store.ListEntry{List: "blocked_devices", Value: attack, Note: attack}))
	q := url.QueryEscape(attack[:80])
	pages := []string{"/", "/cases/" + p.Case.ID, "/payments/" + p.ID, "/payments", "/payments?q=" + q, "/lists?list=" + q + "&value=" + q, documentPath(o, p),
		"/?done=" + q, "/?status=" + q + "&assignee=" + q + "&sort=" + q, "/no/" + url.PathEscape(attack)}
	for _, path := range pages {
		a := sam.get(path)
		a.hides(t, "<script>alert", "<img src=x", "onerror=alert(1)>", `href="javascript`)
		if a.status >= http.StatusInternalServerError {
			t.Errorf("%s: %d", path, a.status)
		}
	}
	o.as("").get("/signin?next="+q).hides(t, "<script>alert", `value="&#34;`)
	sam.post("/cases/"+p.Case.ID+"/reject", "version", "0", "text", attack, "ready", attack, "kind", attack).hides(t, "<script>alert", "<img src=x")
	sam.get("/cases/"+p.Case.ID).shows(t, "&lt;script&gt;alert(1)")
}

func TestNoCardDataIsOnAnyPageOrInTheLog(t *testing.T) {
	o := opened(t, nil)
	p := o.reviewed(0)
	for _, path := range []string{"/", "/cases/" + p.Case.ID, "/payments/" + p.ID, "/payments"} {
		a := o.as("sam").get(path)
		a.hides(t, testCards[0], "k1:", ">737<")
	}
	a := o.as("sam").post("/lists/add", "list", "blocked_cards", "value", "4111 1111 1111 1111")
	if a.status != http.StatusUnprocessableEntity {
		t.Errorf("a card number on a list: %d", a.status)
	}
	a.shows(t, "That looks like a card number")
	a.hides(t, "4111 1111 1111 1111")
	if strings.Contains(o.log.String(), testCards[0]) {
		t.Error("a card number is in the log")
	}
}

// casesOn are the order references of a queue page, in order.
func casesOn(a answer) []string {
	var all []string
	for _, m := range regexp.MustCompile(`<td class="order"><a href="/cases/[^"]+">([^<]+)</a>`).FindAllStringSubmatch(a.body, -1) {
		all = append(all, m[1])
	}
	return all
}

// walk reads the queue to its end.
func (p *person) walk(path string) (all []string, pages int) {
	p.o.t.Helper()
	next := regexp.MustCompile(`<a href="([^"]+)" rel="next">`)
	for pages = 1; pages < 20; pages++ {
		a := p.get(path)
		all = append(all, casesOn(a)...)
		m := next.FindStringSubmatch(a.body)
		if m == nil {
			return all, pages
		}
		path = strings.ReplaceAll(m[1], "&amp;", "&")
	}
	return all, pages
}

func TestTheQueueShowsEveryOpenCaseOnceInEveryOrder(t *testing.T) {
	o := opened(t, nil)
	const n = 70
	for i := range n {
		p := o.held(risky(i))
		if i%3 > 0 {
			o.sends(p, hold.Identity)
		}
		if i%7 == 0 {
			_, err := o.flow.Claim(t.Context(), people[0], p.Case.ID)
			check(t, err)
		}
		o.later(time.Minute)
	}
	ana := o.as("ana")
	oldestFirst := func(i int) string { return fmt.Sprintf("A-%d", 1000+i) }
	for sort, want := range map[string]func(int) string{"decide_by": oldestFirst, "amount": func(i int) string { return oldestFirst(n - 1 - i) }} {
		got, pages := ana.walk("/?sort=" + sort)
		if len(got) != n || pages != 3 {
			t.Fatalf("by %s: %d cases on %d pages", sort, len(got), pages)
		}
		for i := range got {
			if got[i] != want(i) {
				t.Fatalf("by %s: %s is number %d, want %s", sort, got[i], i, want(i))
			}
		}
	}
	for filter, want := range map[string]int{"assignee=mine": 10, "assignee=none": 60, "status=awaiting_proof": 24, "status=awaiting_review": 46,
		"status=awaiting_proof&assignee=mine": 4, "sort=score": n, "status=approved": 0, "status=nonsense": n} {
		got, _ := ana.walk("/?" + filter)
		slices.Sort(got)
		if len(got) != want || len(slices.Compact(got)) != want {
			t.Errorf("%s: %d cases, want %d", filter, len(got), want)
		}
	}
	for _, bad := range []string{"x", "x.y", "a.b.c", "~.~.x"} {
		if a := ana.get("/?cursor=" + bad); a.status != http.StatusUnprocessableEntity {
			t.Errorf("cursor %s: %d", bad, a.status)
		}
	}
}

func TestTimeLeftIsToldInWordsAndLevels(t *testing.T) {
	begin := time.Date(2026, 11, 20, 8, 0, 0, 0, time.UTC)
	end := begin.Add(100 * time.Hour)
	for gone, want := range map[time.Duration]clock{
		0: {Text: "4 d 4 h", Level: "calm"}, 49*time.Hour + 59*time.Minute: {Text: "2 d 2 h", Level: "calm", Percent: 49}, 50 * time.Hour: {Text: "2 d 2 h", Level: "half", Percent: 50},
		79 * time.Hour: {Text: "21 h", Level: "half", Percent: 79}, 80 * time.Hour: {Text: "20 h", Level: "late", Percent: 80},
		99*time.Hour + 59*time.Minute + 50*time.Second: {Text: "1 min", Level: "late", Percent: 99}, 100 * time.Hour: {Text: "1 min overdue", Level: "over", Percent: 100},
		126 * time.Hour: {Text: "1 d 2 h overdue", Level: "over", Percent: 100},
	} {
		want.By = end
		got := until(begin, end, begin.Add(gone), "en")
		if got.Text = strings.ReplaceAll(got.Text, "\u00a0", " "); got != want {
			t.Errorf("after %s: %+v, want %+v", gone, got, want)
		}
	}
	if got := until(begin, end, begin.Add(126*time.Hour), "fr").Text; got != "dépassé de 1\u00a0j 2\u00a0h" {
		t.Error(got)
	}
}

func TestPaymentsAreFoundByTheirNames(t *testing.T) {
	o := opened(t, nil)
	p := o.held(risky(1))
	o.held(risky(2))
	ana := o.as("ana")
	for query, want := range map[string]string{p.ID: "/payments/" + p.ID, p.Case.ID: "/cases/" + p.Case.ID, "pay_none": "", "case_none": "", p.OrderReference: ""} {
		if a := ana.get("/payments?q=" + query); a.header.Get("Location") != want {
			t.Errorf("%s leads to %q", query, a.header.Get("Location"))
		}
	}
	a := ana.get("/payments?q=" + p.OrderReference)
	a.shows(t, p.ID)
	a.hides(t, "A-1002")
	ana.get("/payments?q=A-9999").shows(t, "No payment found")
	ana.get("/payments?status=held").shows(t, "A-1001", "A-1002")
	ana.get("/payments?status=captured").hides(t, "A-1001")
}

func TestARefusalShowsItsEvidenceToAnalysts(t *testing.T) {
	o := opened(t, nil)
	r := risky(1)
	r.Order.Delivery.Address, r.Method.HolderName = paris(), "NOT_ENOUGH_BALANCE"
	p, _, err := o.flow.Authorise(t.Context(), call("refused"), r)
	check(t, err)
	if p.Status != payment.Refused {
		t.Fatal(p.Status)
	}
	o.as("ana").get("/payments/"+p.ID).shows(t, "Insufficient funds", "The provider&#39;s evidence", "Not enough balance", "faute de provision")
	o.as("zoe").get("/payments/"+p.ID).shows(t, "Provision insuffisante", "Éléments du prestataire")
	again := risky(1)
	again.Buyer.ID = "cust_again"
	second, _, err := o.flow.Authorise(t.Context(), call("again"), again)
	check(t, err)
	o.as("ana").get("/payments/"+second.ID).shows(t, "Other payments of this order", "/payments/"+p.ID)
}

func TestListsAreKeptBySeniors(t *testing.T) {
	o := opened(t, nil)
	sam := o.as("sam")
	o.as("ana").get("/").hides(t, `href="/lists"`)
	if a := sam.post("/lists/add", "list", "blocked_emails", "value", "Drop@Example.org", "note", "stolen cards", "until", o.now().AddDate(0, 0, 3).Format(time.DateOnly)); a.status != http.StatusSeeOther {
		t.Fatal(a.status)
	}
	sam.get("/lists?done=added").shows(t, "drop@example.org", "stolen cards", "The entry is on the list", "sam")
	for fault, form := range map[string][]string{"A list&#39;s name is made of": {"list", "Blocked!", "value", "x"}, "The value is missing": {"list", "blocked_ips"},
		"That is not a day": {"list", "blocked_ips", "value", "203.0.113.9", "until", "soon"}, "The day lies in the past": {"list", "blocked_ips", "value", "203.0.113.9", "until", "2020-01-01"},
		"The note is longer": {"list", "blocked_ips", "value", "203.0.113.9", "note", strings.Repeat("n", 300)}} {
		a := sam.post("/lists/add", form...)
		if a.status != http.StatusUnprocessableEntity {
			t.Errorf("%s: %d", fault, a.status)
		}
		a.shows(t, fault)
	}
	for range 2 { // twice: a colleague was faster
		if a := sam.post("/lists/remove", "list", "blocked_emails", "value", "drop@example.org"); a.header.Get("Location") != "/lists?done=removed" {
			t.Errorf("%d", a.status)
		}
	}
	sam.get("/lists").hides(t, "drop@example.org")
	r := risky(1)
	r.Buyer.Email = "J.D.Exemple+shop@gmail.com"
	sam.get("/cases/"+o.held(r).Case.ID).shows(t, "list=blocked_emails&amp;value=jdexemple%40gmail.com")
	sam.get("/lists?list=blocked_ips&value=203.0.113.9").shows(t, `value="203.0.113.9"`)
}

func TestTheStripTellsWhatIsWrong(t *testing.T) {
	o := opened(t, nil)
	ana := o.as("ana")
	ana.get("/").shows(t, "All parts working", "Nothing waits")
	o.desk.strip, o.desk.strip.at = strip{Buried: 2, Cases: map[hold.Status]int{}}, o.now()
	a := ana.get("/")
	a.shows(t, "2 messages could not be delivered", `class="strip bad"`)
	a.hides(t, "All parts working")
	if !(strip{}).Calm() || (strip{Degraded: true}).Calm() || (strip{Unknown: true}).Calm() {
		t.Error("Calm is wrong")
	}
}

func TestTheStripSaysThatHistoriesAreAway(t *testing.T) {
	o := opened(t, nil)
	o.redis.Close()
	for i := range 20 {
		r := risky(i)
		_, _, err := o.flow.Authorise(t.Context(), call(r.Order.Reference), r)
		check(t, err)
		if o.flow.Velocity.Degraded() {
			break
		}
	}
	a := o.as("zoe").get("/")
	a.shows(t, "Historiques indisponibles", `class="strip bad"`)
	o.as("ana").get("/cases/"+o.first()).shows(t, "Decided without:", "order histories")
}

// first is a case of the queue.
func (o *office) first() string {
	o.t.Helper()
	all, _, err := o.store.Cases(o.t.Context(), store.CaseFilter{Limit: 1})
	check(o.t, err)
	if len(all) == 0 {
		o.t.Fatal("nothing is held")
	}
	return all[0].Case.ID
}

func TestSeveralShopsAreToldApart(t *testing.T) {
	o := opened(t, func(c *flow.Config) { c.Shops["other"] = flow.Shop{ID: "other", Name: "Other"} })
	p := o.held(risky(1))
	for _, path := range []string{"/", "/cases/" + p.Case.ID, "/payments"} {
		o.as("ana").get(path).shows(t, "<small>Demo</small>")
	}
}
