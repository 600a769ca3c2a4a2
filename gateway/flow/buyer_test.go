package flow_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"octroi/gateway/flow"
	"octroi/gateway/hold"
	"octroi/gateway/intake"
	"octroi/gateway/payment"
	"octroi/gateway/store"
	"octroi/gateway/vault"
)

func TestUnknownExpiredAndClosedLinksAnswerAlike(t *testing.T) {
	w := begin(t, nil)
	closed, late := w.pay(risky(1)), w.pay(risky(2))
	_, err := w.flow.Reject(t.Context(), analyst, closed.Case.ID, "not the holder")
	check(t, err)
	w.later(late.Case.DecideBy.Sub(w.now()) + time.Millisecond)
	links := map[string]string{"closed": token(closed), "expired": token(late), "unknown": strings.Repeat("A", 32),
		"short": "abc", "nonsense": "../../etc/passwd", "empty": ""}
	want := ""
	for name, link := range links {
		_, page := w.flow.ProofPage(t.Context(), link)
		doc := w.flow.ReceiveDocument(t.Context(), link, hold.Identity, "id.png", "image/png", png(t))
		says := w.flow.BuyerSays(t.Context(), link, "hello")
		for _, err := range []error{page, doc, says} {
			if want == "" && err != nil {
				want = err.Error()
			}
			if err == nil || err.Error() != want {
				t.Errorf("%s: %v, want %s", name, err, want)
			}
		}
	}
}

func TestAFileThatIsNotWhatItClaimsIsRefusedAndLeavesNothing(t *testing.T) {
	w := begin(t, nil)
	p := w.pay(risky(1))
	err := w.flow.ReceiveDocument(t.Context(), token(p), hold.Identity, "id.jpg", "image/jpeg", []byte("<script>alert(1)</script>"))
	var no *intake.Unacceptable
	if !errors.As(err, &no) || no.Sentence("fr") == "" {
		t.Fatalf("got %v", err)
	}
	if got := w.see(p.ID); got.Case.Status != string(hold.AwaitingProof) {
		t.Errorf("case %s", got.Case.Status)
	}
	if err := w.flow.ReceiveDocument(t.Context(), token(p), hold.CardCopy, "id.png", "image/png", png(t)); payment.CodeOf(err) != payment.CodeInvalid {
		t.Errorf("a copy of the card was taken: %v", err)
	}
}

func TestBuyerAndAnalystWriteToEachOther(t *testing.T) {
	w := begin(t, nil)
	p := w.pay(risky(1))
	check(t, w.flow.BuyerSays(t.Context(), token(p), "It is a present for my sister."))
	_, err := w.flow.Reply(t.Context(), analyst, p.Case.ID, "Thank you, one document will do.")
	check(t, err)
	page, err := w.flow.ProofPage(t.Context(), token(p))
	check(t, err)
	var from []string
	for _, m := range page.Case.Messages {
		from = append(from, m.From)
	}
	if strings.Join(from, " ") != "buyer ana" {
		t.Errorf("messages from %v", from)
	}
}

func TestEveryStepOfAHoldLeavesAMailAndAnAuditLine(t *testing.T) {
	w := begin(t, nil)
	p := w.pay(risky(1))
	_, err := w.flow.RequestProof(t.Context(), analyst, p.Case.ID, []hold.Kind{hold.AddressProof}, "a bill will do")
	check(t, err)
	w.later(25 * time.Hour)
	w.eventually("the reminder is written", func() bool { return w.outbox(store.KindMail) == 3 })
	_, err = w.flow.Approve(t.Context(), analyst, p.Case.ID, "")
	check(t, err)
	if n := w.outbox(store.KindMail); n != 4 {
		t.Errorf("%d mails", n)
	}
	var actions []string
	trail, err := w.store.AuditTrail(t.Context(), p.Case.ID, 20)
	check(t, err)
	for _, a := range trail {
		actions = append(actions, a.Action)
	}
	for _, want := range []string{"case.proof_requested", "case.reminder", "case.approved"} {
		if !strings.Contains(strings.Join(actions, " "), want) {
			t.Errorf("%s is not in %v", want, actions)
		}
	}
}

func TestAListBlocksAndIsForgottenWhenItExpires(t *testing.T) {
	w := begin(t, nil)
	senior := store.User{Name: "ben", Role: store.RoleSenior}
	check(t, w.flow.PutListEntry(t.Context(), senior, store.ListEntry{List: "blocked_emails", Value: " BUYER1@example.org ",
		ExpiresAt: w.now().Add(time.Hour)}))
	if p := w.pay(order(1)); p.Status != payment.Declined {
		t.Fatalf("blocked, and %s", p.Status)
	}
	w.later(2 * time.Hour)
	r := order(1)
	r.Order.Reference = "A-again"
	if p := w.pay(r); p.Status == payment.Declined {
		t.Errorf("the entry has expired, and %+v", p.Decision)
	}
	for _, e := range []store.ListEntry{{List: "Blocked", Value: "x"}, {List: "blocked_cards", Value: "4111 1111 1111 1111"},
		{List: "blocked_ips"}, {List: "blocked_ips", Value: "x", ExpiresAt: w.now()}} {
		if err := w.flow.PutListEntry(t.Context(), senior, e); payment.CodeOf(err) != payment.CodeInvalid {
			t.Errorf("%+v: %v", e, err)
		}
	}
}

func TestADocumentThatNoCaseListsIsDestroyed(t *testing.T) {
	disk, err := vault.OpenDisk(t.TempDir())
	check(t, err)
	identity, recipient, err := vault.GenerateIdentity()
	check(t, err)
	sealer, err := vault.NewSealer(disk, recipient)
	check(t, err)
	opener, err := vault.NewOpener(disk, identity)
	check(t, err)
	_, err = sealer.Seal(t.Context(), "doc_orphan", []byte("left by a crash"))
	check(t, err)
	// The background work starts two hours later, and begins with a look at what nobody knows of.
	w := begin(t, func(c *flow.Config) {
		real := c.Clock
		c.Sealer, c.Clock = sealer, func() time.Time { return real().Add(2 * time.Hour) }
	})
	w.eventually("the orphan is destroyed", func() bool {
		_, err := opener.Open(t.Context(), "doc_orphan")
		return errors.Is(err, vault.ErrDestroyed)
	})
	w.eventually("it is in the audit log, once", func() bool {
		trail, err := w.store.AuditTrail(t.Context(), "doc_orphan", 5)
		check(t, err)
		return len(trail) == 1
	})
}
