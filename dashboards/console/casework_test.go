package console

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"octroi/gateway/flow"
	"octroi/gateway/hold"
	"octroi/gateway/payment"
	"octroi/gateway/store"
)

func TestEveryClockOfACaseStandsOnOneAxis(t *testing.T) {
	begun := time.Date(2026, 11, 20, 9, 0, 0, 0, time.UTC)
	hours := func(n int) time.Time { return begun.Add(time.Duration(n) * time.Hour) }
	waiting := hold.Case{Status: hold.AwaitingProof, CreatedAt: begun, RespondBy: hours(72), DecideBy: hours(144), Reminded: 1, Marks: hold.Marks{AskedAt: begun}}
	review := waiting
	review.Status, review.ReviewSince = hold.AwaitingReview, hours(72)
	looked := review
	looked.Marks.LookedAt = hours(80)
	theirs := review
	theirs.Owner = hold.OwnerProvider
	late := looked
	late.ReviewSince = hours(130)
	told := func(k hold.Case, now time.Time) (all []string) {
		line := timelineOf(k, now, "en")
		for _, tr := range line.Tracks {
			one := strings.TrimPrefix(tr.Name, "clock.") + " " + tr.Left.Level
			for _, m := range tr.Marks {
				one += ", " + strings.TrimPrefix(m.Name, "clock.") + " " + m.State
				if m.X < tr.From || m.X > tr.To {
					t.Errorf("%s lies outside its track", m.Name)
				}
			}
			if tr.From < 0 || tr.To > axis || tr.Width() <= 0 || tr.Gone < 0 || tr.Gone > tr.Width() {
				t.Errorf("%s is drawn from %d to %d, %d of it gone", tr.Name, tr.From, tr.To, tr.Gone)
			}
			all = append(all, one)
		}
		return all
	}
	for _, c := range []struct {
		k    hold.Case
		now  time.Time
		want []string
	}{
		{waiting, hours(30), []string{"buyer calm, reminder done, reminder ahead", "authorisation calm, half ahead, most ahead"}},
		{waiting, hours(80), []string{"buyer over, reminder done, reminder ahead", "authorisation half, half late, most ahead"}},
		{review, hours(90), []string{"service calm, first_look ahead", "authorisation half, half late, most ahead"}},
		{review, hours(97), []string{"service half, first_look late", "authorisation half, half late, most ahead"}},
		{looked, hours(97), []string{"service half, first_look done", "authorisation half, half late, most ahead"}},
		{theirs, hours(97), []string{"authorisation half"}},
		{late, hours(131), []string{"service calm, first_look ahead", "authorisation late, half late, most late"}},
	} {
		if got := told(c.k, c.now); !slices.Equal(got, c.want) {
			t.Errorf("%s after %s: %q, want %q", c.k.Status, c.now.Sub(begun), got, c.want)
		}
	}
	decided := waiting
	decided.Status = hold.Approved
	if timelineOf(decided, begun, "en") != nil {
		t.Error("a closed case has clocks")
	}
}

func TestTheLadderSaysWhereEveryRungStandsAndNeverTheCode(t *testing.T) {
	o := opened(t, nil)
	p := o.held(risky(1))
	code, ana := o.codeOf(p), o.as("ana")
	rungs := func() map[hold.Rung]rung {
		all := map[hold.Rung]rung{}
		snap, err := o.store.Case(t.Context(), p.Case.ID)
		check(t, err)
		for _, r := range ladderOf(*snap.Case, snap.Payment, o.flow.Shops["demo"].Terms) {
			all[r.Name] = r
		}
		return all
	}
	try := func(c string) {
		_, err := o.flow.EnterCode(t.Context(), tokenOf(p), c)
		check(t, err)
	}
	if r := rungs(); r[hold.RungStatementCode].Tries != 3 || r[hold.Rung(hold.Identity)].State != "offered" {
		t.Errorf("%v", r)
	}
	try(o.wrongCode(p))
	page := ana.get("/cases/" + p.Case.ID)
	page.shows(t, "Statement code", "asked for, 2 tries left")
	seen := page.body
	try(o.wrongCode(p))
	try(o.wrongCode(p))
	o.sends(p, hold.Identity)
	page = ana.get("/cases/" + p.Case.ID)
	page.shows(t, "The code on the statement was wrong three times.")
	if r := rungs(); r[hold.RungStatementCode] != (rung{hold.RungStatementCode, "failed", 0}) || r[hold.Rung(hold.Identity)].State != "look" {
		t.Errorf("%v", r)
	}
	for _, body := range []string{seen, page.body, ana.get("/payments/" + p.ID).body} {
		for _, word := range strings.FieldsFunc(body, func(r rune) bool { return r < '0' || r > '9' && r < 'A' || r > 'Z' && r < 'a' || r > 'z' }) {
			if word == code {
				t.Errorf("a page shows %s", code)
			}
		}
	}
	q := o.held(risky(2))
	_, err := o.flow.EnterCode(t.Context(), tokenOf(q), o.codeOf(q))
	check(t, err)
	ana.get("/cases/"+q.Case.ID).shows(t, "passed")
}

func TestTheBestDocumentOfAKindIsWhereItsRungStands(t *testing.T) {
	documents := func(verdicts ...hold.Verdict) hold.Case {
		k := hold.Case{}
		for _, v := range verdicts {
			d := hold.Document{Kind: hold.Identity, Verdict: v, Status: hold.DocumentStatus(v)}
			if v == "" {
				d.Status = hold.DocumentReceived
			}
			k.Proof.Documents = append(k.Proof.Documents, d)
		}
		return k
	}
	for want, k := range map[string]hold.Case{"none": documents(), "passed": documents(hold.VerdictRefused, hold.VerdictAccepted, ""),
		"look": documents(hold.VerdictUnreadable, ""), "again": documents(hold.VerdictCardData, hold.VerdictRefused), "refused": documents(hold.VerdictRefused)} {
		if got := documentState(k, hold.Identity); got != want {
			t.Errorf("%v is %s, want %s", k.Proof.Documents, got, want)
		}
	}
}

func TestADocumentOfAnotherOrderLeadsToThatOrder(t *testing.T) {
	o := opened(t, nil)
	p, q := o.reviewed(1), o.held(risky(2))
	again := risky(1)
	again.Order.Reference, again.Method.Number = "A-again", "5555444433331111"
	same := o.held(again)
	o.sends(q, hold.Identity)
	o.sends(same, hold.Identity)
	link := func(of payment.Payment) string {
		return `<a class="order" href="/cases/` + of.Case.ID + `">` + of.OrderReference + `</a>`
	}
	page := o.as("ana").get("/cases/" + q.Case.ID)
	page.shows(t, "DOCUMENT_REUSED", link(p), "came with another buyer&#39;s order too: "+link(p))
	page = o.as("zoe").get("/cases/" + same.Case.ID)
	page.shows(t, link(p)+" (même acheteur)")
	o.as("ana").get("/cases/"+p.Case.ID).hides(t, "DOCUMENT_REUSED")
}

func TestWhatWasSeenBeforeIsTold(t *testing.T) {
	o := opened(t, nil)
	p := o.reviewed(1)
	r := risky(1)
	r.Order.Reference = "A-later"
	r.Buyer.Email = "another@example.org"
	o.later(50 * time.Hour)
	q := o.held(r)
	past, err := o.store.Decisions(t.Context(), q.ID)
	check(t, err)
	all, err := knownOf(past)
	check(t, err)
	told := map[string]known{}
	for _, k := range all {
		told[k.Entity] = k
	}
	if k := told["email"]; !k.First || k.Orders.Value != 0 {
		t.Errorf("a new address: %+v", k)
	}
	if k := told["card"]; k.First || k.Orders.Value != 1 || k.Others.Value != 2 || k.Other != "emails" || k.Age.Round(time.Hour) != 50*time.Hour {
		t.Errorf("a card that was seen: %+v", k)
	}
	o.as("ana").get("/cases/"+q.Case.ID).shows(t, "2\u00a0d 2\u00a0h", "first time", "Seen before")
	o.as("ana").get("/payments/"+p.ID).shows(t, "Seen before")
}

func TestAPaymentWhoseBuyerIsForgottenMakesSense(t *testing.T) {
	o := opened(t, nil)
	p := o.reviewed(1)
	_, err := o.flow.Reject(t.Context(), people[2], p.Case.ID, "unproven")
	check(t, err)
	_, err = o.store.ChangeCase(t.Context(), p.Case.ID, func(cur store.Snapshot) (store.Writes, error) {
		left, k := cur.Payment.Pseudonymised(), cur.Case.Forgotten()
		return store.Writes{Payment: &left, Case: &k}, nil
	})
	check(t, err)
	for _, path := range []string{"/cases/" + p.Case.ID, "/payments/" + p.ID} {
		page := o.as("sam").get(path)
		page.shows(t, "The buyer is no longer known", "ADDRESS_OTHER_CITY", "details are no longer kept", "A-1001", "Visa")
		page.hides(t, "buyer1@example.org", "Camille", "blocked_emails", "The shop sent no lines", "Nothing has been said", "/note", "Account age")
	}
}

func TestAPDFIsLookedAtPageByPageAndEveryPageIsLogged(t *testing.T) {
	o := opened(t, func(c *flow.Config) { c.Intake = drawing(t) })
	p := o.held(risky(1))
	check(t, o.flow.ReceiveDocument(t.Context(), tokenOf(p), hold.BankStatement, "extrait.pdf", "application/pdf", twoPages(t)))
	w := &witness{DocumentOpener: o.desk.Documents, store: o.store}
	o.desk.Documents = w
	path, ana := documentPath(o, p), o.as("ana")
	page := ana.get(path)
	page.shows(t, path+"/pages/1", path+"/pages/2", "Bank statement extract, page 2")
	page.hides(t, path+"/pages/3")
	for _, n := range []string{"1", "2"} {
		a := ana.get(path + "/pages/" + n)
		if a.status != http.StatusOK || a.header.Get("Content-Type") != "image/jpeg" || !strings.HasPrefix(a.body, "\xff\xd8\xff") {
			t.Errorf("page %s: %d, %s", n, a.status, a.header.Get("Content-Type"))
		}
	}
	for _, n := range []string{"0", "3", "x", "-1", "99999999999999999999"} {
		if a := ana.get(path + "/pages/" + n); a.status != http.StatusNotFound {
			t.Errorf("page %s: %d", n, a.status)
		}
	}
	for i, n := range w.views {
		if n != i+1 {
			t.Errorf("views in the log whenever the document was opened: %v", w.views)
		}
	}
	o.desk.Documents = shut{}
	ana.get(path).shows(t, "The document store does not answer", "/accept")
}
