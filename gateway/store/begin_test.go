package store_test

import (
	"errors"
	"fmt"
	"reflect"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"octroi/gateway/payment"
	"octroi/gateway/store"
	"octroi/providers"
	"octroi/risk"
)

func TestOfAHundredEqualRequestsExactlyOneIsNew(t *testing.T) {
	each(t, func(t *testing.T, b bench) {
		other := open(t, b.url, b.clock) // half of them come to another process
		var fresh, inFlight atomic.Int64
		var all sync.WaitGroup
		for n := range 100 {
			s := b.Store
			if n%2 == 1 {
				s = other
			}
			all.Go(func() {
				p := aPayment(1)
				p.ID = aPayment(n + 1).ID
				begin := beginOf(aPayment(1))
				begin.Payment = p
				switch found, _, err := s.Begin(t.Context(), begin); {
				case err == nil && found == store.BegunNew:
					fresh.Add(1)
				case payment.CodeOf(err) == payment.CodeInFlight:
					inFlight.Add(1)
				default:
					t.Errorf("begin: %v, %v", found, err)
				}
			})
		}
		all.Wait()
		if fresh.Load() != 1 || inFlight.Load() != 99 {
			t.Errorf("%d were new and %d in flight, want 1 and 99", fresh.Load(), inFlight.Load())
		}
	})
}

func TestKeyUsedWithAnotherBodyIsRefused(t *testing.T) {
	each(t, func(t *testing.T, b bench) {
		b.begun(t, 1)
		begin := beginOf(aPayment(1))
		begin.BodyHash = []byte("another")
		_, _, err := b.Begin(t.Context(), begin)
		wantCode(t, err, payment.CodeKeyReused)
	})
}

func TestOrderWithALivePaymentRefusesASecondUntilTheFirstEnds(t *testing.T) {
	each(t, func(t *testing.T, b bench) {
		first := b.begun(t, 1)
		second := aPayment(2)
		second.OrderReference = first.OrderReference
		_, _, err := b.Begin(t.Context(), beginOf(second))
		wantCode(t, err, payment.CodeOrderLive)

		first.Status = payment.Refused
		b.commit(t, store.Writes{Payment: &first})
		if found, _, err := b.Begin(t.Context(), beginOf(second)); err != nil || found != store.BegunNew {
			t.Fatalf("after a refusal: %v, %v", found, err)
		}
		elsewhere := aPayment(3)
		elsewhere.OrderReference, elsewhere.Shop = first.OrderReference, "other shop"
		if found, _, err := b.Begin(t.Context(), beginOf(elsewhere)); err != nil || found != store.BegunNew {
			t.Fatalf("the same reference at another shop: %v, %v", found, err)
		}
	})
}

func TestLateCaptureOfAnExpiredPaymentIsKeptThoughItsOrderWasPaidAgain(t *testing.T) {
	each(t, func(t *testing.T, b bench) {
		first := b.begun(t, 1)
		first.Status = payment.Expired
		b.commit(t, store.Writes{Payment: &first})
		second := aPayment(2)
		second.OrderReference = first.OrderReference
		if _, _, err := b.Begin(t.Context(), beginOf(second)); err != nil {
			t.Fatal(err)
		}
		late := b.payment(t, first.ID).Payment
		late.Status = payment.Captured
		b.commit(t, store.Writes{Payment: &late})
		if got := b.payment(t, first.ID).Payment.Status; got != payment.Captured {
			t.Errorf("the late capture left the payment %s", got)
		}
	})
}

func TestFinishedPaymentIsReplayedWhole(t *testing.T) {
	each(t, func(t *testing.T, b bench) {
		p := b.begun(t, 1)
		p.Status, p.Attempt = payment.PartiallyRefunded, 2
		p.Captured = &providers.Amount{Value: 12990, Currency: "EUR"}
		p.Refunded = &providers.Amount{Value: 0, Currency: "EUR"}
		p.Decision = &risk.Decision{Outcome: risk.Approve, Score: 3, Reasons: []risk.Reason{{Code: "X", Points: 3}}, Degraded: []string{}}
		p.Authorisation = &payment.Authorisation{Provider: "adyen", Reference: "8835", ExpiresAt: day0.Add(time.Hour)}
		told := payment.ToBuyer{BuyerMessage: "no", OtherMethods: []payment.Means{payment.MeansCheque}, RetryURL: "https://shop.example/pay"}
		p.Refusal, p.Decline = &payment.Refusal{Code: providers.CardExpired, Retry: providers.RetryCorrectDetails, ToBuyer: told, Raw: "54"}, &told
		p.Action = &providers.Action{Type: "redirect", URL: "https://issuer.example"}
		op := payment.Operation{ID: "op_1", Type: payment.OpRefund, Status: payment.OpSent, Amount: providers.Amount{Value: 5, Currency: "EUR"},
			Reason: "late", CreatedAt: day0, UpdatedAt: day0, PaymentID: p.ID, Reference: "r", Key: "k", BodyHash: []byte("h"), Actor: "shop"}
		b.commit(t, store.Writes{Payment: &p, Operations: []payment.Operation{op}})

		found, snap, err := b.Begin(t.Context(), beginOf(aPayment(1)))
		if err != nil || found != store.BegunReplay {
			t.Fatalf("replay: %v, %v", found, err)
		}
		p.Version, p.Operations = 2, []payment.Operation{op}
		if !reflect.DeepEqual(snap.Payment, p) {
			t.Errorf("replayed %+v\nwant     %+v", snap.Payment, p)
		}
		byRef, err := b.PaymentByReference(t.Context(), "adyen", "8835")
		if err != nil || byRef.Payment.ID != p.ID {
			t.Errorf("by the provider's reference: %v, %v", byRef.Payment.ID, err)
		}
	})
}

func TestUnfinishedPaymentIsResumedByOneAfterItsLease(t *testing.T) {
	each(t, func(t *testing.T, b bench) {
		slow := b.begun(t, 1)
		_, _, err := b.Begin(t.Context(), beginOf(aPayment(1)))
		wantCode(t, err, payment.CodeInFlight)
		var e *payment.Error
		if !errors.As(err, &e) || e.RetryAfter != 30*time.Second {
			t.Errorf("in flight should say when to come back: %v", e)
		}
		b.clock.forward(31 * time.Second)
		if stale, err := b.StalePending(t.Context(), b.clock.now(), 10); err != nil || len(stale) != 1 {
			t.Errorf("stale payments: %v, %v", stale, err)
		}
		found, snap, err := b.Begin(t.Context(), beginOf(aPayment(1)))
		if err != nil || found != store.BegunResume || snap.Payment.ID != slow.ID {
			t.Fatalf("resume: %v, %v", found, err)
		}
		_, _, err = b.Begin(t.Context(), beginOf(aPayment(1)))
		wantCode(t, err, payment.CodeInFlight)

		slow.Status = payment.Refused // the one who was slow comes back
		if err := b.Commit(t.Context(), store.Writes{Payment: &slow}); !errors.Is(err, store.ErrStale) {
			t.Errorf("the former holder of the lease committed: %v", err)
		}
		snap.Payment.Status = payment.Authorised
		b.commit(t, store.Writes{Payment: &snap.Payment})
	})
}

func TestPaymentLeftPendingByACommitMayBeResumedAtOnceUnlessLeased(t *testing.T) {
	each(t, func(t *testing.T, b bench) {
		p := b.begun(t, 1)
		b.commit(t, store.Writes{Payment: &p, Lease: time.Minute})
		_, _, err := b.Begin(t.Context(), beginOf(aPayment(1)))
		wantCode(t, err, payment.CodeInFlight)
		p = b.payment(t, p.ID).Payment
		b.commit(t, store.Writes{Payment: &p})
		if found, _, err := b.Begin(t.Context(), beginOf(aPayment(1))); err != nil || found != store.BegunResume {
			t.Errorf("after a commit that left it pending: %v, %v", found, err)
		}
	})
}

func TestAPaymentIsLeftAloneUntilItsTimeIsOver(t *testing.T) {
	each(t, func(t *testing.T, b bench) {
		due := b.clock.now().Add(72 * time.Hour)
		slow, offline, step := b.begun(t, 1), b.begun(t, 2), b.begun(t, 3)
		slow.Due, offline.Due = due, due
		offline.Status, step.Status = payment.ActionRequired, payment.ActionRequired
		offline.Method.Type = payment.MeansTransfer
		for _, p := range []*payment.Payment{&slow, &offline, &step} {
			b.commit(t, store.Writes{Payment: p})
		}
		if got := b.payment(t, offline.ID).Payment; !got.Due.Equal(due) || got.Method.Type != payment.MeansTransfer {
			t.Errorf("kept as %v, %s", got.Due, got.Method.Type)
		}
		found := func() string {
			stale, err1 := b.StalePending(t.Context(), b.clock.now(), 10)
			steps, err2 := b.StaleActions(t.Context(), "memory", b.clock.now(), 10)
			over, err3 := b.DueActions(t.Context(), b.clock.now(), 10)
			if err := errors.Join(err1, err2, err3); err != nil {
				t.Fatal(err)
			}
			return fmt.Sprint(stale, steps, over)
		}
		b.clock.forward(72*time.Hour - time.Second)
		if got := found(); got != "[] ["+step.ID+"] []" {
			t.Errorf("before the time: %s", got)
		}
		b.clock.forward(time.Second)
		if got := found(); got != "["+slow.ID+"] ["+step.ID+"] ["+offline.ID+"]" {
			t.Errorf("at the time: %s", got)
		}
	})
}
