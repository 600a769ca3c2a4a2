package console

import (
	"html"
	"net/http"
	"strings"
	"testing"
	"time"

	"octroi/gateway/flow"
	"octroi/gateway/hold"
	"octroi/gateway/payment"
	"octroi/gateway/store"
)

// mails are the mails that wait to leave for a payment.
func (o *office) mails(p payment.Payment) string {
	o.t.Helper()
	all, err := o.store.Claim(o.t.Context(), []store.Kind{store.KindMail}, 100, time.Minute)
	check(o.t, err)
	var b strings.Builder
	for _, m := range all {
		if m.PaymentID == p.ID {
			b.Write(m.Payload)
		}
		check(o.t, o.store.Done(o.t.Context(), m.ID))
	}
	return b.String()
}

func TestAVerdictIsGivenWithTheSentenceTheBuyerReads(t *testing.T) {
	o := opened(t, nil)
	p := o.reviewed(1) // a French buyer
	path, ana := documentPath(o, p), o.as("ana")
	page := ana.get(path)
	page.shows(t, html.EscapeString(texts["told.unreadable"][1]), texts["told.refused"][1], `lang="fr"`, html.EscapeString(flow.CardSeen.FR), "for good")
	page.hides(t, texts["told.unreadable"][0], flow.CardSeen.EN)
	o.mails(p)
	if a := ana.post(path+"/unreadable", "text", "Le bas est coupé."); a.header.Get("Location") != "/cases/"+p.Case.ID+"?done=unreadable" {
		t.Fatalf("%d to %s", a.status, a.header.Get("Location"))
	}
	k := o.caseOf(p)
	if d := k.Proof.Documents[0]; d.Verdict != hold.VerdictUnreadable || d.Reason != "Le bas est coupé." || k.Status != hold.AwaitingProof {
		t.Errorf("%+v, and the case is %s", d, k.Status)
	}
	if sent := o.mails(p); !strings.Contains(sent, "Le bas est coupé.") {
		t.Errorf("the buyer is sent %s", sent)
	}
	ana.get("/cases/"+p.Case.ID).shows(t, "not readable", "to be sent again")
	if a := ana.post(path + "/accept"); a.status != http.StatusSeeOther || o.caseOf(p).Proof.Documents[0].Verdict != hold.VerdictAccepted {
		t.Errorf("a verdict cannot be changed: %d", a.status)
	}
}

func TestADocumentIsNotRefusedWithoutAWordNorWithACardNumber(t *testing.T) {
	o := opened(t, nil)
	p := o.reviewed(1)
	path, ana := documentPath(o, p), o.as("ana")
	for _, text := range []string{" ", strings.Repeat("é", 1500), "vu 4111111111111111"} {
		a := ana.post(path+"/refuse", "text", text)
		if a.status != http.StatusUnprocessableEntity {
			t.Errorf("%.20q: %d", text, a.status)
		}
		a.shows(t, "Tell the buyer why", `<details name="judge" open>`)
	}
	if d := o.caseOf(p).Proof.Documents[0]; d.Verdict != "" {
		t.Errorf("the document is %s", d.Verdict)
	}
	if a := ana.post(path+"/refuse", "text", "Ce n'est pas le bon nom."); a.status != http.StatusSeeOther || o.caseOf(p).Proof.Documents[0].Verdict != hold.VerdictRefused {
		t.Errorf("%d", a.status)
	}
}

func TestADocumentThatShowsACardIsGoneAtOnce(t *testing.T) {
	o := opened(t, nil)
	p := o.reviewed(1)
	path, ana := documentPath(o, p), o.as("ana")
	ana.post("/cases/" + p.Case.ID + "/claim")
	if a := o.as("zoe").post(path + "/card_data"); a.status != http.StatusConflict {
		t.Errorf("a colleague's document is destroyed: %d", a.status)
	}
	if a := ana.post(path + "/card_data"); a.status != http.StatusSeeOther {
		t.Fatal(a.status)
	}
	if _, err := o.desk.Documents.Open(t.Context(), o.caseOf(p).Proof.Documents[0].ID); err == nil {
		t.Error("the document can still be opened")
	}
	for _, of := range []string{"/pages/1", "/original"} {
		if a := ana.send(map[string]string{"/pages/1": http.MethodGet, "/original": http.MethodPost}[of], path+of, formOf("password", passwordOf("ana"))); a.status != http.StatusNotFound {
			t.Errorf("%s of a destroyed document: %d", of, a.status)
		}
	}
	ana.get(path).hides(t, "/accept", "/original", "<img src=\"/cases")
	ana.get("/cases/"+p.Case.ID).shows(t, "showed card data", "to be sent again")
}

func TestAnAnalystGoesOnToTheNextDocumentThenToTheNextCase(t *testing.T) {
	o := opened(t, nil)
	first, second := o.reviewed(1), o.reviewed(2)
	o.sends(first, hold.BankStatement)
	docs, ana := o.caseOf(first).Proof.Documents, o.as("ana")
	at := func(i int) string { return "/cases/" + first.Case.ID + "/documents/" + docs[i].ID }
	goes := func(a answer, want string) {
		t.Helper()
		if to := a.header.Get("Location"); to != want {
			t.Fatalf("%d leads to %q, want %q", a.status, to, want)
		}
	}
	goes(ana.post(at(0)+"/accept"), at(1)+"?done=accept")
	goes(ana.post(at(1)+"/refuse", "text", "Autre nom."), "/cases/"+first.Case.ID+"?done=refuse")
	a := ana.post("/cases/"+first.Case.ID+"/approve", "version", o.version(first), "next", "1")
	goes(a, "/cases/"+second.Case.ID+"?done=approve&of="+first.Case.ID)
	ana.get(a.header.Get("Location")).shows(t, `<a class="order" href="/cases/`+first.Case.ID+`">A-1001</a>`, "Approved: the payment goes on", "A-1002")
	if k := o.caseOf(second); k.Assignee != "ana" {
		t.Errorf("the next case is with %q", k.Assignee)
	}
	a = ana.post("/cases/"+second.Case.ID+"/reject", "version", o.version(second), "ready", "ready.silent", "next", "1")
	goes(a, "/?done=reject&of="+second.Case.ID)
	ana.get(a.header.Get("Location")).shows(t, "A-1002", "Rejected")
}

func TestWhoeverWantsToStayIsLeftWhereTheyAre(t *testing.T) {
	o := opened(t, nil)
	p, waiting := o.reviewed(1), o.reviewed(2)
	ana := o.as("ana")
	ana.get("/cases/"+p.Case.ID).shows(t, `name="next" value="1" checked`)
	a := ana.post("/cases/"+p.Case.ID+"/proof", "kind", "identity")
	if a.header.Get("Location") != "/cases/"+p.Case.ID+"?done=proof" || !strings.Contains(a.header.Get("Set-Cookie"), o.desk.stay()+"=1") {
		t.Errorf("led to %s with %q", a.header.Get("Location"), a.header.Get("Set-Cookie"))
	}
	if k := o.caseOf(waiting); k.Assignee != "" {
		t.Errorf("a case was claimed for %s", k.Assignee)
	}
	stays := []string{"Cookie", o.desk.stay() + "=1"}
	ana.send(http.MethodGet, "/cases/"+p.Case.ID, nil, stays...).hides(t, `name="next" value="1" checked`)
	a = ana.send(http.MethodPost, "/cases/"+waiting.Case.ID+"/proof", formOf("kind", "identity", "next", "1"), stays...)
	if cookie := a.header.Get("Set-Cookie"); !strings.Contains(cookie, o.desk.stay()+"=;") || !strings.Contains(cookie, "Max-Age=0") {
		t.Errorf("the wish is not taken back: %q", cookie)
	}
}

func TestACaseOfTheProvidersIsNotHandedOutAndSaysSo(t *testing.T) {
	o := opened(t, nil)
	p := o.reviewed(1)
	_, err := o.store.ChangeCase(t.Context(), p.Case.ID, func(cur store.Snapshot) (store.Writes, error) {
		cur.Case.Owner, cur.Case.Alarms = hold.OwnerProvider, []hold.Alarm{hold.AlarmFirstLook, hold.AlarmHalf}
		return store.Writes{Case: cur.Case}, nil
	})
	check(t, err)
	ana := o.as("ana")
	if to := ana.post("/claim-next").header.Get("Location"); to != "/?done=nothing" {
		t.Errorf("led to %s", to)
	}
	queue := ana.get("/")
	queue.shows(t, "the provider&#39;s analysts", "nobody has looked within 24 hours")
	queue.hides(t, "half of the time is over") // the bar says it
	page := ana.get("/cases/" + p.Case.ID)
	page.shows(t, "Decided by", "the provider&#39;s analysts", "The provider&#39;s analysts have not finished.")
	page.hides(t, "alarm at 50 %")
	if a := ana.post("/cases/"+p.Case.ID+"/proof", "kind", "identity"); a.status != http.StatusSeeOther {
		t.Fatal(a.status)
	}
	ana.get("/cases/"+p.Case.ID).hides(t, "Decided by")
}
