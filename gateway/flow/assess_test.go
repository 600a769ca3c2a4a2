package flow_test

import (
	"context"
	"fmt"
	"reflect"
	"sync"
	"testing"
	"time"

	"octroi/gateway/flow"
	"octroi/gateway/payment"
	"octroi/gateway/store"
	"octroi/risk"
)

// assessment is the order as a shop with its own provider sends it.
func assessment(r payment.Request) payment.AssessmentRequest {
	return payment.AssessmentRequest{Order: r.Order, Amount: r.Amount, Billing: r.Billing, Buyer: r.Buyer,
		Card: payment.AssessmentCard{Number: r.Method.Number}}
}

func TestAssessmentsDecideAsPaymentsDoAndAreKept(t *testing.T) {
	w := begin(t, nil)
	a, err := w.flow.Assess(t.Context(), "demo", assessment(risky(1)))
	check(t, err)
	if a.Decision.Outcome != risk.Hold || a.Decision.Signals == nil || a.Decision.Signals.Address.Grade != "other_city" {
		t.Fatalf("got %+v", a.Decision)
	}
	kept, err := w.store.Assessment(t.Context(), "demo", a.ID)
	check(t, err)
	if !reflect.DeepEqual(kept.Decision, a.Decision) {
		t.Errorf("kept %+v, answered %+v", kept.Decision, a.Decision)
	}
	if _, err := w.store.Assessment(t.Context(), "other", a.ID); payment.CodeOf(err) != payment.CodeNotFound {
		t.Errorf("another shop reads it: %v", err)
	}
}

func TestOutcomesOfAssessmentsReachTheHistories(t *testing.T) {
	w := begin(t, nil)
	for i := range 5 {
		r := assessment(order(1))
		r.Order.Reference = fmt.Sprintf("A-%d", i)
		a, err := w.flow.Assess(t.Context(), "demo", r)
		check(t, err)
		check(t, w.flow.AssessmentHappened(t.Context(), "demo", a.ID, flow.Happening{Type: "refused", Refusal: "cvc_incorrect"}))
	}
	w.eventually("all is in the histories", func() bool { return w.waiting() == 0 })
	a, err := w.flow.Assess(t.Context(), "demo", assessment(order(1)))
	check(t, err)
	if a.Decision.Outcome == risk.Approve {
		t.Errorf("five wrong codes on one card, and: %+v", a.Decision)
	}
	for _, h := range []flow.Happening{{Type: "stolen"}, {Type: "authorised", Refusal: "cvc_incorrect"}, {Type: "refused", Refusal: "no idea"}} {
		if err := w.flow.AssessmentHappened(t.Context(), "demo", a.ID, h); payment.CodeOf(err) != payment.CodeInvalid {
			t.Errorf("%+v: %v", h, err)
		}
	}
	if err := w.flow.AssessmentHappened(t.Context(), "demo", "asm_unknown", flow.Happening{Type: "authorised"}); payment.CodeOf(err) != payment.CodeNotFound {
		t.Errorf("an unknown assessment: %v", err)
	}
}

func TestAThousandAssessmentsAtOnceAreAllKept(t *testing.T) {
	w := begin(t, nil)
	var mu sync.Mutex
	ids := map[string]bool{}
	var wg sync.WaitGroup
	for i := range 1000 {
		wg.Go(func() {
			a, err := w.flow.Assess(context.Background(), "demo", assessment(order(i)))
			if err != nil {
				t.Error(err)
			}
			mu.Lock()
			defer mu.Unlock()
			ids[a.ID] = true
		})
	}
	wg.Wait()
	if len(ids) != 1000 {
		t.Fatalf("%d ids", len(ids))
	}
	for id := range ids {
		if _, err := w.store.Assessment(t.Context(), "demo", id); err != nil {
			t.Errorf("%s: %v", id, err)
		}
	}
}

func TestADeclinedAssessmentIsRemembered(t *testing.T) {
	w := begin(t, nil)
	senior := store.User{Name: "ben", Role: store.RoleSenior}
	check(t, w.flow.PutListEntry(t.Context(), senior, store.ListEntry{List: "blocked_emails", Value: "buyer1@example.org"}))
	a, err := w.flow.Assess(t.Context(), "demo", assessment(order(1)))
	check(t, err)
	if a.Decision.Outcome != risk.Decline {
		t.Fatalf("got %s", a.Decision.Outcome)
	}
	w.eventually("the decline is in the histories", func() bool { return w.waiting() == 0 })
	f := assessment(order(1)).Facts("next", "demo", "", w.now())
	h, err := w.flow.Velocity.Observe(t.Context(), "demo", f.Attempt())
	check(t, err)
	if n := h.Count(risk.EntityEmail, risk.Event{Kind: risk.EventDeclined}, time.Hour).Value; n != 1 {
		t.Errorf("%v declines remembered", n)
	}
}
