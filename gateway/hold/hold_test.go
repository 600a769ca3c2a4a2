package hold_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"octroi/gateway/hold"
	"octroi/gateway/payment"
	"octroi/providers"
	"octroi/risk"
)

var t0 = time.Date(2026, 3, 28, 12, 0, 0, 0, time.UTC) // the night before Europe changes its clocks

func held(brand string, expires time.Time) payment.Payment {
	return payment.Payment{ID: "pay_1", Shop: "demo", Status: payment.Held, Amount: providers.Amount{Value: 12990, Currency: "EUR"},
		Card: &payment.Card{Brand: brand}, Authorisation: &payment.Authorisation{ExpiresAt: expires},
		Decision: &risk.Decision{Score: 62}, Detail: payment.Detail{Buyer: payment.Buyer{Locale: "en-GB"}}}
}

func opened() hold.Case {
	return hold.Open(held("visa", time.Time{}), t0, hold.DefaultTerms(), hold.Elsewhere{})
}

func must(t *testing.T) func(hold.Case, error) hold.Case {
	return func(c hold.Case, err error) hold.Case {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
}

func TestHoldExpiresBeforeAuthorisationLapses(t *testing.T) {
	day := 24 * time.Hour
	for _, c := range []struct {
		brand   string
		expires time.Time
		want    time.Time
	}{
		{"visa", t0.Add(28 * day), t0.Add(6 * day)},
		{"cartebancaire", t0.Add(12 * day), t0.Add(11 * day)},
		{"cartebancaire", t0.Add(5 * day), t0.Add(4 * day)},
		{"unheard-of", time.Time{}, t0.Add(6 * day)},
	} {
		got := hold.Open(held(c.brand, c.expires), t0, hold.DefaultTerms(), hold.Elsewhere{})
		if !got.DecideBy.Equal(c.want) {
			t.Errorf("%s expiring %v: decide by %v, want %v", c.brand, c.expires, got.DecideBy, c.want)
		}
		if got.RespondBy.After(got.DecideBy) {
			t.Errorf("%s: the buyer may answer after the decision is due", c.brand)
		}
	}
}

func TestAHeldParcelThatWasPaidOtherwiseHasAWindowOfItsOwn(t *testing.T) {
	for means, want := range map[payment.Means]time.Duration{payment.MeansPayPal: 48 * time.Hour, payment.MeansAlma: 144 * time.Hour, payment.MeansTransfer: 144 * time.Hour} {
		p := held("", time.Time{})
		p.Card, p.Method.Type = nil, means
		if got := hold.Open(p, t0, hold.DefaultTerms(), hold.Elsewhere{}); !got.DecideBy.Equal(t0.Add(want)) {
			t.Errorf("%s: decide by %v", means, got.DecideBy)
		}
	}
}

func TestACopyOfTheCardIsNotAskedForWhereThereIsNone(t *testing.T) {
	for _, c := range []struct {
		means payment.Means
		ask   []hold.Rung
		want  []hold.Kind
	}{
		{payment.MeansCard, []hold.Rung{"card_copy"}, []hold.Kind{hold.CardCopy}},
		{payment.MeansPayPal, []hold.Rung{"card_copy", "bank_statement"}, []hold.Kind{hold.BankStatement}},
		{payment.MeansCheque, []hold.Rung{"card_copy"}, []hold.Kind{hold.Identity}},
	} {
		p, terms := held("", time.Time{}), hold.DefaultTerms()
		p.Method.Type, terms.Profile, terms.Ask = c.means, hold.ProfileStandard, c.ask
		if got := hold.Open(p, t0, terms, hold.Elsewhere{}).Proof.Requested; !slices.Equal(got, c.want) || len(terms.Ask) != len(c.ask) {
			t.Errorf("%s: asked for %v", c.means, got)
		}
	}
}

func TestProofBringsTheCaseBeforeAnAnalyst(t *testing.T) {
	before := opened()
	c := must(t)(before.Receive(hold.Document{ID: "doc_1", Kind: hold.Identity}, t0.Add(time.Hour)))
	if c.Status != hold.AwaitingReview || len(c.Proof.Documents) != 1 {
		t.Fatalf("got %+v", c)
	}
	if len(before.Proof.Documents) != 0 || before.Status != hold.AwaitingProof || len(before.Events) != 1 {
		t.Error("the case it was made from has changed")
	}
	if _, err := c.Receive(hold.Document{Kind: hold.CardCopy}, t0); err == nil {
		t.Error("a document that was not asked for was taken")
	}
	for i := 1; i < hold.MaxDocuments; i++ {
		c = must(t)(c.Receive(hold.Document{Kind: hold.Identity}, t0))
	}
	if _, err := c.Receive(hold.Document{Kind: hold.Identity}, t0); payment.CodeOf(err) != payment.CodeWrongState {
		t.Errorf("one document too many: %v", err)
	}
}

func TestOnlyTheStandardProfileMayAskForACardCopy(t *testing.T) {
	for _, p := range []hold.Profile{hold.ProfileFR, hold.ProfileEU, hold.ProfileStandard} {
		terms := hold.DefaultTerms()
		terms.Profile = p
		_, err := opened().RequestProof("ana", []hold.Kind{hold.CardCopy}, "", terms, t0)
		if (err == nil) != (p == hold.ProfileStandard) {
			t.Errorf("%s: %v", p, err)
		}
	}
	for _, kinds := range [][]hold.Kind{nil, {"selfie"}, {hold.Identity, hold.Identity}} {
		if _, err := opened().RequestProof("ana", kinds, "", hold.DefaultTerms(), t0); payment.CodeOf(err) != payment.CodeInvalid {
			t.Errorf("%v: %v", kinds, err)
		}
	}
}

func TestAskingAgainGivesTheBuyerNewTime(t *testing.T) {
	c := must(t)(opened().Receive(hold.Document{Kind: hold.Identity}, t0.Add(time.Hour)))
	at := t0.Add(48 * time.Hour)
	c = must(t)(c.RequestProof("ana", []hold.Kind{hold.BankStatement}, "please", hold.DefaultTerms(), at))
	if c.Status != hold.AwaitingProof || !c.RespondBy.Equal(at.Add(72*time.Hour)) || c.Due(at.Add(23*time.Hour)) != hold.DueNothing {
		t.Errorf("got %+v", c)
	}
	if c.Due(at.Add(24*time.Hour)) != hold.DueReminder {
		t.Error("the reminder is not counted from the new question")
	}
}

func TestFourEyesNeedTwoPeople(t *testing.T) {
	c := must(t)(opened().Approve("ana", "", true, t0))
	if c.Status != hold.AwaitingSecond {
		t.Fatalf("got %s", c.Status)
	}
	if _, err := c.Approve("ana", "", true, t0); payment.CodeOf(err) != payment.CodeForbidden {
		t.Errorf("the same person twice: %v", err)
	}
	c = must(t)(c.Approve("ben", "", true, t0))
	if c.Status != hold.Approved || c.DecidedAt.IsZero() {
		t.Errorf("got %s", c.Status)
	}
}

func TestADecidedCaseTakesNothingMore(t *testing.T) {
	c := must(t)(opened().Reject("ana", "not the holder", t0))
	acts := map[string]func() (hold.Case, error){
		"claim":   func() (hold.Case, error) { return c.Claim("ana", t0) },
		"release": func() (hold.Case, error) { return c.Release("ana", true, t0) },
		"approve": func() (hold.Case, error) { return c.Approve("ana", "", false, t0) },
		"reject":  func() (hold.Case, error) { return c.Reject("ana", "again", t0) },
		"expire":  func() (hold.Case, error) { return c.Expire("policy", "", t0) },
		"ask": func() (hold.Case, error) {
			return c.RequestProof("ana", []hold.Kind{hold.Identity}, "", hold.DefaultTerms(), t0)
		},
		"receive": func() (hold.Case, error) { return c.Receive(hold.Document{Kind: hold.Identity}, t0) },
		"say":     func() (hold.Case, error) { return c.Say(hold.FromBuyer, hold.Message{Text: "hello"}, t0) },
	}
	for name, act := range acts {
		if _, err := act(); payment.CodeOf(err) != payment.CodeWrongState {
			t.Errorf("%s: %v", name, err)
		}
	}
	if c.Due(t0.Add(1000*time.Hour)) != hold.DueNothing {
		t.Error("a decided case without documents is due")
	}
	if _, err := c.Note("ana", "for the file", t0); err != nil {
		t.Errorf("a note on a decided case: %v", err)
	}
}

func TestARejectionNeedsAReason(t *testing.T) {
	if _, err := opened().Reject("ana", "  ", t0); payment.CodeOf(err) != payment.CodeInvalid {
		t.Errorf("got %v", err)
	}
}

func TestACaseBelongsToOneAnalyst(t *testing.T) {
	c := must(t)(opened().Claim("ana", t0))
	if _, err := c.Claim("ben", t0); payment.CodeOf(err) != payment.CodeWrongState {
		t.Errorf("claimed twice: %v", err)
	}
	if again := must(t)(c.Claim("ana", t0)); len(again.Events) != len(c.Events) {
		t.Error("claiming one's own case is written again")
	}
	if _, err := c.Release("ben", false, t0); payment.CodeOf(err) != payment.CodeForbidden {
		t.Errorf("taken away by an equal: %v", err)
	}
	if c = must(t)(c.Release("ben", true, t0)); c.Assignee != "" {
		t.Error("a senior could not release it")
	}
}

func TestDocumentsAreDestroyedSeventyTwoHoursAfterTheDecision(t *testing.T) {
	c := must(t)(opened().Receive(hold.Document{ID: "doc_1", Kind: hold.Identity}, t0))
	c = must(t)(c.Approve("ana", "", false, t0.Add(time.Hour)))
	due := t0.Add(73 * time.Hour)
	if c.Due(due.Add(-time.Second)) != hold.DueNothing || c.Due(due) != hold.DueDestruction || !c.NextDue().Equal(due) {
		t.Fatalf("due %v at %v", c.Due(due), c.NextDue())
	}
	c, gone := c.Destroy(due)
	if len(gone) != 1 || gone[0] != "doc_1" || c.Due(due.Add(time.Hour)) != hold.DueNothing || !c.NextDue().IsZero() {
		t.Errorf("gone %v, next %v", gone, c.NextDue())
	}
	if _, again := c.Destroy(due); len(again) != 0 {
		t.Error("destroyed twice")
	}
}

func TestNoTextOfACaseHoldsACardNumber(t *testing.T) {
	const text = "the card is 4111 1111 1111 1111"
	c := opened()
	for name, err := range map[string]error{
		"note":    second(c.Note("ana", text, t0)),
		"reason":  second(c.Reject("ana", text, t0)),
		"approve": second(c.Approve("ana", text, false, t0)),
		"message": second(c.Say(hold.FromBuyer, hold.Message{Text: text}, t0)),
		"ask":     second(c.RequestProof("ana", []hold.Kind{hold.Identity}, text, hold.DefaultTerms(), t0)),
	} {
		if payment.CodeOf(err) != payment.CodeInvalid {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestTextsAreBounded(t *testing.T) {
	long := strings.Repeat("x", hold.MaxNote+1)
	c := opened()
	for name, err := range map[string]error{
		"note":    second(c.Note("ana", long, t0)),
		"reason":  second(c.Reject("ana", long, t0)),
		"approve": second(c.Approve("ana", long, false, t0)),
		"message": second(c.Say(hold.FromBuyer, hold.Message{Text: long}, t0)),
	} {
		if payment.CodeOf(err) != payment.CodeInvalid {
			t.Errorf("%s: %v", name, err)
		}
	}
	for range hold.MaxMessages {
		c = must(t)(c.Say(hold.FromBuyer, hold.Message{Text: "hello"}, t0))
	}
	if _, err := c.Say(hold.FromBuyer, hold.Message{Text: "hello"}, t0); payment.CodeOf(err) != payment.CodeWrongState {
		t.Errorf("the hundred and first message: %v", err)
	}
}

func second(_ hold.Case, err error) error { return err }
