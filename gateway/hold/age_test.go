package hold_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"octroi/gateway/hold"
)

func TestForgottenCaseKeepsWhatWasDoneAndNothingThatWasSaid(t *testing.T) {
	at := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	c := hold.Case{ID: "case_1", PaymentID: "pay_1", Status: hold.Approved, Score: 62, TokenHash: []byte("canary"), Version: 7, DecidedAt: at, Assignee: "ana",
		Proof: hold.Proof{Requested: []hold.Kind{hold.Identity}, Code: "passed", Documents: []hold.Document{{ID: "doc_1", Kind: hold.Identity,
			Status: hold.DocumentDestroyed, Type: "image/png", Size: 5, ReceivedAt: at}}},
		Messages: []hold.Message{{ID: "msg_1", From: hold.FromBuyer, Text: "canary"}},
		Events:   []hold.Event{{At: at, Actor: "ana", Type: "note", Detail: "canary"}, {At: at, Actor: "ana", Type: "approved", Detail: "canary"}}}
	left := c.Forgotten()
	text, err := json.Marshal(left)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(text), "canary") || len(left.TokenHash) > 0 || len(left.Messages) != 0 {
		t.Errorf("kept %s %q", text, left.TokenHash)
	}
	for _, want := range []string{`"approved"`, `"ana"`, `"doc_1"`, `"identity"`, `"destroyed"`, `"passed"`, `"score":62`, `"type":"note"`} {
		if !strings.Contains(string(text), want) {
			t.Errorf("%s is gone from %s", want, text)
		}
	}
	if c.Events[0].Detail == "" || left.Version != 7 {
		t.Error("the case itself was changed, or its version lost")
	}
}

func TestCaseForgetsOnceItIsClosedAndItsDocumentsAreDestroyed(t *testing.T) {
	with := func(s hold.Status, d hold.DocumentStatus) hold.Case {
		return hold.Case{Status: s, Proof: hold.Proof{Documents: []hold.Document{{Status: d}}}}
	}
	for _, c := range []struct {
		hold.Case
		want bool
	}{{with(hold.Approved, hold.DocumentDestroyed), true}, {with(hold.Rejected, hold.DocumentAccepted), false},
		{with(hold.AwaitingReview, hold.DocumentDestroyed), false}, {hold.Case{Status: hold.Expired}, true}} {
		if got := c.Forgets(); got != c.want {
			t.Errorf("%s with %+v: %v", c.Status, c.Proof.Documents, got)
		}
	}
}
