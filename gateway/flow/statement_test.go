package flow_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"octroi/gateway/flow"
	"octroi/gateway/hold"
	"octroi/gateway/payment"
	"octroi/gateway/store"
	"octroi/providers/adyensim"
)

// onStatement is the code that the bank of the payment's buyer shows: the end of the newest line of what is only reserved.
func (w *world) onStatement(p payment.Payment) string {
	w.t.Helper()
	lines := slices.DeleteFunc(w.sim.Statement(p.Card.Last4), func(l adyensim.Line) bool { return !l.Pending })
	if len(lines) == 0 {
		w.t.Fatal("the bank shows nothing")
	}
	text := lines[0].Text
	return text[strings.LastIndexByte(text, ' ')+1:]
}

// another is a code that is not this one.
func another(code string) string {
	if code == "0000" {
		return "0001"
	}
	return "0000"
}

// terms changes the terms of the shop demo.
func terms(change func(*hold.Terms)) func(*flow.Config) {
	return func(c *flow.Config) {
		shop := c.Shops["demo"]
		change(&shop.Terms)
		c.Shops["demo"] = shop
	}
}

func TestTheCodeOnTheStatementReleasesTheOrderWithoutAPerson(t *testing.T) {
	w := begin(t, nil)
	p := w.pay(risky(1))
	if mail, ok := w.mailed(store.MailProofRequest, p.ID); !ok || !mail.Code {
		t.Errorf("the mail offers no code: %+v", mail)
	}
	code := w.onStatement(p)
	if got := w.sim.Statement(p.Card.Last4)[0]; !got.Pending || got.Text != "DEMO "+code {
		t.Errorf("the bank shows %+v", got)
	}
	e, err := w.flow.EnterCode(t.Context(), token(p), another(code))
	check(t, err)
	if e.Right || e.Approved || e.TriesLeft != 2 {
		t.Errorf("a wrong code: %+v", e)
	}
	e, err = w.flow.EnterCode(t.Context(), token(p), " "+code[:2]+" "+code[2:])
	check(t, err)
	if !e.Right || !e.Approved {
		t.Errorf("the right code: %+v", e)
	}
	p = w.becomes(p.ID, payment.Captured)
	if p.Case.Status != string(hold.Approved) || p.Case.ProofURL != "" || !w.told("payment.released", p.ID) {
		t.Errorf("case %+v, told %v", p.Case, w.webhooks(p.ID))
	}
	if _, ok := w.mailed(store.MailReleased, p.ID); !ok {
		t.Error("the buyer is not told")
	}
	if _, err := w.flow.EnterCode(t.Context(), token(p), code); payment.CodeOf(err) != payment.CodeNotFound {
		t.Errorf("the link outlives the decision: %v", err)
	}
	if w.counted("octroi_statement_codes_total", "right") != 1 || w.counted("octroi_statement_codes_total", "wrong") != 1 {
		t.Error("the entries are not counted")
	}
}

func TestNoTraceOfTheCodeIsKept(t *testing.T) {
	w := begin(t, nil)
	var written []string
	for n := range 4 {
		p := w.pay(withCard(risky(n), n))
		code := w.onStatement(p)
		_, err := w.flow.EnterCode(t.Context(), token(p), another(code))
		check(t, err)
		_, err = w.flow.EnterCode(t.Context(), token(p), code)
		check(t, err)
		w.becomes(p.ID, payment.Captured)
		trail, err := w.store.AuditTrail(t.Context(), p.Case.ID, 50)
		check(t, err)
		snap, err := w.store.Case(t.Context(), p.Case.ID)
		check(t, err)
		written = append(written, fmt.Sprintf("%+v", snap.Case.Events))
		for _, a := range trail {
			written = append(written, a.Action+" "+a.Detail)
			if strings.Contains(a.Detail, code) {
				t.Errorf("the audit log keeps a code: %+v", a)
			}
		}
		// The line itself would be the plainest leak: no text of the database may hold it.
		for _, name := range []string{"octroi.db", "octroi.db-wal"} {
			b, err := os.ReadFile(filepath.Join(w.dir, name))
			check(t, err)
			if strings.Contains(string(b), "DEMO "+code) {
				t.Errorf("%s keeps the line of the statement", name)
			}
		}
	}
	if all := strings.Join(written, " "); !strings.Contains(all, "code_wrong") || !strings.Contains(all, "code_right") {
		t.Errorf("the tries are not in the log: %s", all)
	}
}

func TestThreeWrongCodesLeaveTheOtherRungs(t *testing.T) {
	w := begin(t, nil)
	p := w.pay(risky(1))
	code := w.onStatement(p)
	for left := 2; left >= 0; left-- {
		e, err := w.flow.EnterCode(t.Context(), token(p), another(code))
		check(t, err)
		if e.Right || e.TriesLeft != left {
			t.Errorf("with %d left: %+v", left, e)
		}
	}
	if _, err := w.flow.EnterCode(t.Context(), token(p), code); payment.CodeOf(err) != payment.CodeWrongState {
		t.Errorf("the right code after three wrong ones: %v", err)
	}
	page, err := w.flow.ProofPage(t.Context(), token(p))
	check(t, err)
	if page.Case.Proof.Code != hold.CodeFailed || len(page.Case.Proof.Requested) == 0 {
		t.Errorf("%+v", page.Case.Proof)
	}
	check(t, w.flow.ReceiveDocument(t.Context(), token(p), page.Case.Proof.Requested[0], "id.png", "image/png", png(t)))
}

func TestTypedAtOnceACodeHasThreeTriesInAll(t *testing.T) {
	w := begin(t, nil)
	p := w.pay(risky(1))
	wrong := another(w.onStatement(p))
	results := make(chan error, 12)
	for range cap(results) {
		go func() {
			_, err := w.flow.EnterCode(t.Context(), token(p), wrong)
			results <- err
		}()
	}
	taken := 0
	for range cap(results) {
		if err := <-results; err == nil {
			taken++
		} else if payment.CodeOf(err) != payment.CodeWrongState {
			t.Error(err)
		}
	}
	if taken != hold.MaxCodeTries {
		t.Errorf("%d tries were taken", taken)
	}
}

func TestARightCodeGoesToAPersonWhereTheShopWantsOne(t *testing.T) {
	for name, change := range map[string]func(*hold.Terms){
		"four eyes": func(t *hold.Terms) { t.FourEyesFrom = 12990 },
		"a reason":  func(t *hold.Terms) { t.NeedsPerson = []string{"ADDRESS_OTHER_CITY"} },
	} {
		t.Run(name, func(t *testing.T) {
			w := begin(t, terms(change))
			p := w.pay(risky(1))
			e, err := w.flow.EnterCode(t.Context(), token(p), w.onStatement(p))
			check(t, err)
			got := w.see(p.ID)
			if !e.Right || e.Approved || got.Status != payment.Held || got.Case.Status != string(hold.AwaitingReview) {
				t.Errorf("%+v, %s, case %s", e, got.Status, got.Case.Status)
			}
		})
	}
}

func TestAnOrderWithoutALineOfItsOwnIsOfferedNoCode(t *testing.T) {
	w := begin(t, func(c *flow.Config) {
		terms(func(t *hold.Terms) { t.Ask = []hold.Rung{"identity"} })(c)
		shop := c.Shops["demo"]
		shop.Statement = "MEMOIRE VIVE"
		c.Shops["demo"] = shop
	})
	p := w.pay(risky(1))
	if got := w.sim.Statement(p.Card.Last4)[0].Text; got != "MEMOIRE VIVE" {
		t.Errorf("the line is %q", got)
	}
	if _, err := w.flow.EnterCode(t.Context(), token(p), "1234"); payment.CodeOf(err) != payment.CodeWrongState {
		t.Errorf("a code was taken: %v", err)
	}
}

func TestASoftDeclineGetsACodeOfItsOwn(t *testing.T) {
	w := begin(t, nil)
	p := w.pay(soft(1, cardOnRequest))
	lines := map[string]bool{}
	for _, l := range w.sim.Ledger().Payments {
		if l.Reference == p.ID {
			lines[l.ShopperStatement] = true
		}
	}
	if n := attempts(w, p.ID); n != 2 || len(lines) != n {
		t.Errorf("%d attempts had the lines %v", n, lines)
	}
}

func TestAnOrderThatWouldBeHeldIsChallengedFirst(t *testing.T) {
	const enrolled = "4917610000000000"
	held := risky(1)
	held.Method.Number = enrolled
	w := begin(t, nil)
	if p := w.pay(held); p.Status != payment.ActionRequired || p.Decision.Outcome != "hold" {
		t.Fatalf("got %s, %+v", p.Status, p.Decision)
	}
	without := begin(t, terms(func(t *hold.Terms) { t.Ask = []hold.Rung{hold.RungStatementCode, "identity"} }))
	if p := without.pay(held); p.Status != payment.Held {
		t.Errorf("without the rung: %s", p.Status)
	}
}
