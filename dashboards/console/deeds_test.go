package console

import (
	"net/http"
	"strings"
	"sync"
	"testing"

	"octroi/gateway/flow"
	"octroi/gateway/hold"
	"octroi/gateway/payment"
)

func TestAClaimedCaseIsReleasedByItsHolderOrASenior(t *testing.T) {
	o := opened(t, nil)
	p := o.reviewed(1)
	ana, zoe, sam := o.as("ana"), o.as("zoe"), o.as("sam")
	path := "/cases/" + p.Case.ID
	if a := ana.post(path + "/claim"); a.status != http.StatusSeeOther || a.header.Get("Location") != path+"?done=claim" {
		t.Fatalf("%d to %s", a.status, a.header.Get("Location"))
	}
	ana.get(path+"?done=claim").shows(t, "The case is yours", "Put back")
	a := zoe.post(path + "/claim")
	if a.status != http.StatusConflict {
		t.Errorf("a second claim: %d", a.status)
	}
	a.shows(t, "Le dossier est chez ana")
	a.hides(t, "The case is with")
	for _, deed := range []string{"approve", "reject", "proof", "reply"} {
		a := zoe.post(path+"/"+deed, "version", o.version(p), "text", "I would like to", "kind", "identity")
		if a.status != http.StatusConflict {
			t.Errorf("%s of a colleague's case: %d", deed, a.status)
		}
	}
	if a := zoe.post(path + "/release"); a.status != http.StatusForbidden || o.caseOf(p).Assignee != "ana" {
		t.Errorf("an analyst takes a colleague's case away: %d", a.status)
	}
	zoe.get(path).hides(t, "/approve", "/release", "/reject")
	sam.get(path).shows(t, "Take away")
	if a := sam.post(path + "/release"); a.status != http.StatusSeeOther || o.caseOf(p).Assignee != "" {
		t.Errorf("a senior cannot take a case away: %d", a.status)
	}
}

func TestApprovingReleasesThePaymentAndClosesTheCase(t *testing.T) {
	o := opened(t, nil)
	p := o.reviewed(1)
	ana := o.as("ana")
	path := "/cases/" + p.Case.ID
	a := ana.post(path+"/approve", "version", o.version(p), "text", "  identity matches\r\nthe holder ")
	if a.status != http.StatusSeeOther || a.header.Get("Location") != path+"?done=approve" {
		t.Fatalf("%d to %s", a.status, a.header.Get("Location"))
	}
	page := ana.get(path)
	page.shows(t, "Approved", "identity matches\nthe holder", "This case is closed")
	page.hides(t, path+"/approve", path+"/reject", path+"/proof", path+"/claim", path+"/reply")
	late := o.as("zoe").post(path+"/reject", "version", o.version(p), "ready", "ready.silent")
	if late.status != http.StatusConflict {
		t.Errorf("a decided case is rejected: %d", late.status)
	}
	late.shows(t, "Trop tard\u00a0: le dossier est déjà Approuvé (ana)")
	snap, err := o.store.Case(t.Context(), p.Case.ID)
	check(t, err)
	if snap.Payment.Status != payment.Authorised || len(snap.Payment.Operations) != 1 || snap.Payment.Operations[0].Type != payment.OpCapture {
		t.Errorf("the payment is %s with %v", snap.Payment.Status, snap.Payment.Operations)
	}
}

func TestACaseThatHasChangedIsNotDecidedUnseen(t *testing.T) {
	o := opened(t, nil)
	p := o.reviewed(1)
	ana := o.as("ana")
	seen := o.version(p)
	check(t, o.flow.BuyerSays(t.Context(), tokenOf(p), "I did not order this!"))
	for _, deed := range []string{"approve", "reject"} {
		a := ana.post("/cases/"+p.Case.ID+"/"+deed, "version", seen, "text", "all fine", "ready", "ready.silent")
		if a.status != http.StatusConflict {
			t.Errorf("%s: %d", deed, a.status)
		}
		a.shows(t, "The case has changed since you opened it", "I did not order this!", "all fine")
	}
	if a := ana.post("/cases/"+p.Case.ID+"/approve", "text", "no version at all"); a.status != http.StatusConflict {
		t.Errorf("without a version: %d", a.status)
	}
	if a := ana.post("/cases/"+p.Case.ID+"/reject", "version", o.version(p), "ready", "ready.denied", "text", "Said so."); a.status != http.StatusSeeOther {
		t.Errorf("%d", a.status)
	}
	if e := decided(o.caseOf(p)); e.Detail != "The card holder did not order this. Said so." {
		t.Errorf("the reason kept is %q", e.Detail)
	}
}

func TestARejectionNeedsAReason(t *testing.T) {
	o := opened(t, nil)
	p := o.reviewed(1)
	for _, form := range [][]string{{}, {"text", " \n "}, {"ready", "ready.invented"}, {"ready", "signin.title"}} {
		a := o.as("zoe").post("/cases/"+p.Case.ID+"/reject", append(form, "version", o.version(p))...)
		if a.status != http.StatusUnprocessableEntity {
			t.Errorf("%v: %d", form, a.status)
		}
		a.shows(t, "un refus doit pouvoir s&#39;expliquer", `<details name="act" class="no" open>`)
	}
}

func TestALargeAmountNeedsASecondPerson(t *testing.T) {
	o := opened(t, nil)
	r := risky(1)
	r.Amount.Value = 150_000
	p := o.held(r)
	o.sends(p, hold.Identity)
	path := "/cases/" + p.Case.ID
	ana, sam := o.as("ana"), o.as("sam")
	if a := ana.post(path+"/approve", "version", o.version(p)); a.header.Get("Location") != path+"?done=first" {
		t.Fatalf("%d to %s", a.status, a.header.Get("Location"))
	}
	ana.get(path).hides(t, path+"/approve")
	a := ana.post(path+"/approve", "version", o.version(p))
	if a.status != http.StatusForbidden {
		t.Errorf("one person approves twice: %d", a.status)
	}
	a.shows(t, "You have approved this case already")
	if a := ana.post("/claim-next"); a.header.Get("Location") != "/?done=nothing" {
		t.Errorf("one's own first approval comes back: %s", a.header.Get("Location"))
	}
	sam.get(path).shows(t, "ana has approved")
	if a := sam.post(path+"/approve", "version", o.version(p)); a.status != http.StatusSeeOther || o.caseOf(p).Status != hold.Approved {
		t.Errorf("%d, %s", a.status, o.caseOf(p).Status)
	}
}

func TestOnlyWhatTheLawAllowsIsAskedFor(t *testing.T) {
	o := opened(t, nil)
	p := o.reviewed(1)
	ana := o.as("ana")
	path := "/cases/" + p.Case.ID
	ana.get(path).hides(t, "card_copy")
	if a := ana.post(path+"/proof", "kind", "card_copy"); a.status != http.StatusUnprocessableEntity {
		t.Errorf("a card copy under the French profile: %d", a.status)
	}
	a := ana.post(path+"/proof", "text", "The picture was cut.")
	if a.status != http.StatusUnprocessableEntity {
		t.Errorf("nothing asked for: %d", a.status)
	}
	a.shows(t, "Tick at least one kind", "The picture was cut.")
	if a := ana.post(path+"/proof", "kind", "bank_statement", "text", "The picture was cut."); a.status != http.StatusSeeOther {
		t.Fatal(a.status)
	}
	ana.get(path).shows(t, "Waiting for proof", "The picture was cut.", "Left for the buyer")
	standard := opened(t, func(c *flow.Config) {
		shop := c.Shops["demo"]
		shop.Terms.Profile = hold.ProfileStandard
		c.Shops["demo"] = shop
	})
	q := standard.reviewed(1)
	standard.as("ana").get("/cases/"+q.Case.ID).shows(t, "card_copy")
}

func TestMessagesAndNotesAreKeptApart(t *testing.T) {
	o := opened(t, nil)
	p := o.reviewed(1)
	ana := o.as("ana")
	path := "/cases/" + p.Case.ID
	for deed, text := range map[string]string{"reply": "Thank you for the picture.", "note": "Looks like the neighbour."} {
		if a := ana.post(path+"/"+deed, "text", text); a.status != http.StatusSeeOther {
			t.Errorf("%s: %d", deed, a.status)
		}
		if a := ana.post(path+"/"+deed, "text", "  "); a.status != http.StatusUnprocessableEntity {
			t.Errorf("an empty %s: %d", deed, a.status)
		}
	}
	ana.get(path).shows(t, "Thank you for the picture.", "Looks like the neighbour.")
	page, err := o.flow.ProofPage(t.Context(), tokenOf(p))
	check(t, err)
	if len(page.Case.Messages) != 1 || page.Case.Messages[0].Text != "Thank you for the picture." {
		t.Errorf("the buyer reads %v", page.Case.Messages)
	}
}

func TestEveryoneWhoClaimsNextGetsAnotherCase(t *testing.T) {
	o := opened(t, nil)
	for i := range 4 {
		o.reviewed(i)
	}
	o.held(risky(9)) // waits for its buyer, not for an analyst
	got := make(chan string, 4)
	var wg sync.WaitGroup
	for _, name := range []string{"ana", "zoe", "sam", "adm"} {
		who := o.as(name)
		wg.Go(func() { got <- who.post("/claim-next").header.Get("Location") })
	}
	wg.Wait()
	close(got)
	seen := map[string]bool{}
	for to := range got {
		if !strings.HasPrefix(to, "/cases/") || seen[to] {
			t.Errorf("led to %q, after %v", to, seen)
		}
		seen[to] = true
	}
	if to := o.as("ana").post("/claim-next").header.Get("Location"); to != "/?done=nothing" {
		t.Errorf("a fifth leads to %s", to)
	}
	o.as("ana").get("/?done=nothing").shows(t, "No unclaimed case")
}
