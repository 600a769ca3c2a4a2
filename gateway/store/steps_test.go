package store_test

import (
	"fmt"
	"reflect"
	"slices"
	"testing"
	"time"

	"octroi/gateway/payment"
	"octroi/gateway/store"
	"octroi/providers"
	"octroi/risk"
)

func TestStepsAttemptsAndDisputesComeBackAsTheyWere(t *testing.T) {
	each(t, func(t *testing.T, b bench) {
		p := b.begun(t, 1)
		p.Status, p.Attempt, p.Superseded = payment.ActionRequired, 2, []string{"FIRST"}
		p.Steps = []payment.Step{{Hash: []byte{1, 2}, Done: true}, {Hash: []byte{0xff}}}
		p.Action = &providers.Action{Type: "redirect", URL: "https://bank.example/", Data: map[string]string{"form.MD": "x"}}
		p.Dispute = &payment.Dispute{Status: payment.DisputeWon, Chargebacks: 1, Reversals: 1, UpdatedAt: day0}
		p.Authorisation = &payment.Authorisation{Provider: "adyen", Reference: "SECOND", Liability: "issuer", Exemption: "lowValue"}
		op := payment.Operation{ID: "op_1", PaymentID: p.ID, Type: payment.OpCancel, Status: payment.OpSent, CreatedAt: day0, UpdatedAt: day0, Confirmed: 2, Failed: 1}
		b.commit(t, store.Writes{Payment: &p, Operations: []payment.Operation{op}})
		// A cancel that turned out to be a refund is still the same operation.
		op.Type, op.Confirmed = payment.OpRefund, 3
		p = b.payment(t, p.ID).Payment
		b.commit(t, store.Writes{Payment: &p, Operations: []payment.Operation{op}})
		got := b.payment(t, p.ID).Payment
		if !reflect.DeepEqual(got.Steps, p.Steps) || !slices.Equal(got.Superseded, p.Superseded) || got.Attempt != 2 ||
			!reflect.DeepEqual(got.Dispute, p.Dispute) || !reflect.DeepEqual(got.Action, p.Action) || *got.Authorisation != *p.Authorisation {
			t.Errorf("it came back as %+v", got)
		}
		if o := got.Operations; len(o) != 1 || o[0].Type != payment.OpRefund || o[0].Confirmed != 3 || o[0].Failed != 1 {
			t.Errorf("operations %+v", o)
		}
	})
}

func TestAbandonedStepsAreFoundShopByShopUnlessSomebodyWorksOnThem(t *testing.T) {
	each(t, func(t *testing.T, b bench) {
		p := b.begun(t, 1)
		p.Status, p.UpdatedAt = payment.ActionRequired, b.clock.now()
		b.commit(t, store.Writes{Payment: &p, Lease: time.Minute})
		find := func(shop string, olderThan time.Time) []string {
			t.Helper()
			ids, err := b.StaleActions(t.Context(), shop, olderThan, 10)
			if err != nil {
				t.Fatal(err)
			}
			return ids
		}
		now := b.clock.now().Add(time.Second)
		if ids := find(p.Shop, now); len(ids) != 0 {
			t.Errorf("while somebody works on it: %v", ids)
		}
		b.clock.forward(2 * time.Minute)
		if ids := find(p.Shop, now); !slices.Equal(ids, []string{p.ID}) {
			t.Errorf("once the lease is over: %v", ids)
		}
		if ids := append(find("another shop", now), find(p.Shop, p.UpdatedAt.Add(-time.Second))...); len(ids) != 0 {
			t.Errorf("another shop's, or too young: %v", ids)
		}
	})
}

func TestDecisionsOfManyVersionsComeInTheirOrder(t *testing.T) {
	each(t, func(t *testing.T, b bench) {
		p := b.begun(t, 1)
		var want []string
		for version := range 12 {
			id := fmt.Sprintf("dec_1_%d", version+1)
			want = append(want, id)
			b.commit(t, store.Writes{Decision: &store.Decision{ID: id, PaymentID: p.ID, Stage: "decide", At: day0,
				Recorded: store.Recorded{ReviewLists: map[string][]string{"late": {"x"}}, Decision: risk.Decision{Outcome: risk.Approve}}}})
		}
		past, err := b.Decisions(t.Context(), p.ID)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, d := range past {
			got = append(got, d.ID)
		}
		if !slices.Equal(got, want) || past[0].ReviewLists["late"][0] != "x" {
			t.Errorf("got %v", got)
		}
	})
}
