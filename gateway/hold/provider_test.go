package hold_test

import (
	"testing"
	"time"

	"octroi/gateway/hold"
	"octroi/gateway/payment"
)

func withProvider() hold.Case {
	return hold.OpenWithProvider(held("visa", time.Time{}), t0, hold.DefaultTerms())
}

func TestACaseOfTheProvidersAsksTheBuyerForNothing(t *testing.T) {
	c := withProvider()
	if c.Owner != hold.OwnerProvider || c.Status != hold.AwaitingReview || len(c.Proof.Requested) != 0 || c.Proof.Requested == nil || !c.RespondBy.IsZero() {
		t.Errorf("%+v", c)
	}
	if _, err := c.Receive(hold.Document{Kind: hold.Identity}, t0); payment.CodeOf(err) != payment.CodeInvalid {
		t.Errorf("a document that nobody asked for: %v", err)
	}
	for at := t0; at.Before(c.DecideBy); at = at.Add(time.Hour) {
		if due := c.Due(at); due != hold.DueNothing {
			t.Fatalf("%s is due at %v", due, at)
		}
	}
	if c.Due(c.DecideBy) != hold.DueExpiry {
		t.Error("it outlives the authorisation")
	}
}

func TestTheProvidersWordEndsWhatIsTheirsAndInformsWhatIsOurs(t *testing.T) {
	ask := func(c hold.Case) hold.Case {
		return must(t)(c.RequestProof("ana", []hold.Kind{hold.Identity}, "", hold.DefaultTerms(), t0))
	}
	for name, c := range map[string]struct {
		of   hold.Case
		say  func(hold.Case) (hold.Case, error)
		want hold.Status
	}{
		"their yes to theirs":           {withProvider(), func(c hold.Case) (hold.Case, error) { return c.ProviderAccepts(t0) }, hold.Approved},
		"their no to theirs":            {withProvider(), func(c hold.Case) (hold.Case, error) { return c.ProviderRejects(t0) }, hold.Rejected},
		"their yes to ours":             {opened(), func(c hold.Case) (hold.Case, error) { return c.ProviderAccepts(t0) }, hold.AwaitingProof},
		"their no to ours":              {opened(), func(c hold.Case) (hold.Case, error) { return c.ProviderRejects(t0) }, hold.Rejected},
		"their yes to what we took":     {ask(withProvider()), func(c hold.Case) (hold.Case, error) { return c.ProviderAccepts(t0) }, hold.AwaitingProof},
		"our yes to theirs":             {withProvider(), func(c hold.Case) (hold.Case, error) { return c.Approve("ana", "", false, t0) }, hold.Approved},
		"our question about a case due": {withProvider(), func(c hold.Case) (hold.Case, error) { return ask(c), nil }, hold.AwaitingProof},
	} {
		before := len(c.of.Events)
		got := must(t)(c.say(c.of))
		if got.Status != c.want || len(got.Events) != before+1 || len(c.of.Events) != before {
			t.Errorf("%s: %s, %+v", name, got.Status, got.Events)
		}
	}
	over := must(t)(withProvider().ProviderAccepts(t0))
	for name, err := range map[string]error{"yes": second(over.ProviderAccepts(t0)), "no": second(over.ProviderRejects(t0))} {
		if payment.CodeOf(err) != payment.CodeWrongState {
			t.Errorf("their %s to a decided case: %v", name, err)
		}
	}
	if c := opened().Heard("disputed", t0); c.Events[len(c.Events)-1].Type != "disputed" || c.Events[len(c.Events)-1].Actor != hold.ActorProvider {
		t.Errorf("%+v", c.Events)
	}
}
