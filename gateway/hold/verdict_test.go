package hold_test

import (
	"testing"

	"octroi/gateway/hold"
	"octroi/gateway/payment"
)

// sent is a case with a document that waits for a verdict.
func sent(t *testing.T) hold.Case {
	return must(t)(opened().Receive(hold.Document{ID: "doc_1", Kind: hold.Identity}, t0.Add(hour)))
}

func TestAVerdictSaysWhatBecomesOfADocumentAndOfTheCase(t *testing.T) {
	later := t0.Add(30 * hour)
	for v, want := range map[hold.Verdict]struct {
		document hold.DocumentStatus
		status   hold.Status
	}{
		hold.VerdictAccepted:   {hold.DocumentAccepted, hold.AwaitingReview},
		hold.VerdictRefused:    {hold.DocumentRefused, hold.AwaitingReview},
		hold.VerdictUnreadable: {hold.DocumentUnreadable, hold.AwaitingProof},
		hold.VerdictCardData:   {hold.DocumentDestroyed, hold.AwaitingProof},
	} {
		c := must(t)(sent(t).Judge("ana", "doc_1", v, "the name is cut off", hold.DefaultTerms(), later))
		d := c.Proof.Documents[0]
		if d.Status != want.document || c.Status != want.status || d.Verdict != v || d.JudgedBy != "ana" || !d.JudgedAt.Equal(later) || d.Reason == "" {
			t.Errorf("%s: %+v, %s", v, d, c.Status)
		}
		if c.Status == hold.AwaitingProof && (!c.RespondBy.Equal(later.Add(72*hour)) || c.Due(later.Add(24*hour)) != hold.DueReminder) {
			t.Errorf("%s: the buyer has until %v, and is not reminded", v, c.RespondBy)
		}
	}
}

func TestAVerdictThatCannotBeGivenIsRefused(t *testing.T) {
	terms := hold.DefaultTerms()
	c := sent(t)
	gone := must(t)(c.Judge("ana", "doc_1", hold.VerdictCardData, "", terms, t0))
	over := must(t)(c.Approve("ana", "", false, t0))
	for name, got := range map[string]struct {
		err  error
		want payment.Code
	}{
		"no such document":      {second(c.Judge("ana", "doc_2", hold.VerdictAccepted, "", terms, t0)), payment.CodeNotFound},
		"no such verdict":       {second(c.Judge("ana", "doc_1", "lovely", "", terms, t0)), payment.CodeNotFound},
		"refused, why not said": {second(c.Judge("ana", "doc_1", hold.VerdictRefused, " ", terms, t0)), payment.CodeInvalid},
		"a card in the reason":  {second(c.Judge("ana", "doc_1", hold.VerdictRefused, "4111 1111 1111 1111", terms, t0)), payment.CodeInvalid},
		"destroyed":             {second(gone.Judge("ana", "doc_1", hold.VerdictAccepted, "", terms, t0)), payment.CodeWrongState},
		"decided":               {second(over.Judge("ana", "doc_1", hold.VerdictAccepted, "", terms, t0)), payment.CodeWrongState},
	} {
		if payment.CodeOf(got.err) != got.want {
			t.Errorf("%s: %v", name, got.err)
		}
	}
	if c.Proof.Documents[0].Status != hold.DocumentReceived {
		t.Error("the case it was made from has changed")
	}
}

func TestDocumentsFollowTheDecisionAndKeepWhatWasMadeOfThem(t *testing.T) {
	c := must(t)(sent(t).Receive(hold.Document{ID: "doc_2", Kind: hold.BankStatement}, t0))
	c = must(t)(c.Judge("ana", "doc_2", hold.VerdictRefused, "another name", hold.DefaultTerms(), t0))
	for status, decided := range map[hold.DocumentStatus]hold.Case{
		hold.DocumentAccepted: must(t)(c.Approve("ana", "", false, t0)),
		hold.DocumentRefused:  must(t)(c.Reject("ana", "not the holder", t0)),
		hold.DocumentReceived: must(t)(c.Expire(hold.ActorPolicy, "", t0)),
	} {
		if got := decided.Proof.Documents; got[0].Status != status || got[1].Status != hold.DocumentRefused || got[1].JudgedBy != "ana" {
			t.Errorf("%s: %+v", decided.Status, got)
		}
	}
	after, gone := must(t)(c.Approve("ana", "", false, t0)).Destroy(t0.Add(72 * hour))
	if d := after.Proof.Documents; len(gone) != 2 || d[0].Verdict != hold.VerdictAccepted || d[1].Verdict != hold.VerdictRefused || d[1].Status != hold.DocumentDestroyed {
		t.Errorf("destroyed %v: %+v", gone, d)
	}
}

func TestADocumentThatMustComeAgainMakesRoomForItself(t *testing.T) {
	c := opened()
	for i := range 3 * hold.MaxDocuments {
		id := string(rune('a' + i))
		c = must(t)(c.Receive(hold.Document{ID: id, Kind: hold.Identity}, t0))
		c = must(t)(c.Judge("ana", id, hold.VerdictUnreadable, "", hold.DefaultTerms(), t0))
	}
	for i := 3 * hold.MaxDocuments; i < hold.MaxSent; i++ {
		c = must(t)(c.Receive(hold.Document{ID: string(rune('a' + i)), Kind: hold.Identity}, t0))
	}
	if _, err := c.Receive(hold.Document{ID: "more", Kind: hold.Identity}, t0); payment.CodeOf(err) != payment.CodeWrongState {
		t.Errorf("document number %d: %v", hold.MaxSent+1, err)
	}
}

func TestADocumentOfAnotherBuyersOrderIsMarkedAndTheSameBuyersIsNot(t *testing.T) {
	c := sent(t).Recognise("doc_1", "case_other", false, t0)
	if last := c.Events[len(c.Events)-1]; !c.Proof.Documents[0].Reused || last.Type != "document_reused" || last.Detail != "case_other" {
		t.Errorf("%+v", c)
	}
	c = sent(t).Recognise("doc_1", "case_other", true, t0)
	if last := c.Events[len(c.Events)-1]; c.Proof.Documents[0].Reused || last.Type != "document_sent_before" {
		t.Errorf("%+v", c)
	}
}

func TestABuyerMayAskForAPersonAndGiveUp(t *testing.T) {
	c := must(t)(opened().AskHuman(t0.Add(hour)))
	if c.Status != hold.AwaitingReview || !c.HumanLook || !c.ReviewSince.Equal(t0.Add(hour)) {
		t.Errorf("%+v", c)
	}
	if again := must(t)(c.AskHuman(t0.Add(2 * hour))); len(again.Events) != len(c.Events) {
		t.Error("asking again is written again")
	}
	c = must(t)(c.Withdraw(t0.Add(3 * hour)))
	if last := c.Events[len(c.Events)-1]; c.Status != hold.Expired || last.Type != "withdrawn" || last.Actor != hold.ActorBuyer {
		t.Errorf("%s, %+v", c.Status, last)
	}
	for name, err := range map[string]error{"withdraw": second(c.Withdraw(t0)), "ask": second(c.AskHuman(t0))} {
		if payment.CodeOf(err) != payment.CodeWrongState {
			t.Errorf("%s a decided case: %v", name, err)
		}
	}
}
