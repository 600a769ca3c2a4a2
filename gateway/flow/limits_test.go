package flow_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"octroi/gateway/flow"
	"octroi/gateway/payment"
	"octroi/providers"
	"octroi/risk"
)

func TestRefusalsAreExplainedOnlyAFewTimesADay(t *testing.T) {
	w := begin(t, nil)
	r := order(1)
	r.Method.HolderName = "CARD_EXPIRED"
	var explained, told int
	for i := range 6 {
		r.Order.Reference = fmt.Sprintf("R-%d", i)
		p := w.pay(r)
		if p.Status == payment.Declined {
			break // the policy has had enough before the limit of explanations is of use
		}
		if p.Status != payment.Refused || p.Refusal.Code != providers.ExpiryIncorrect {
			t.Fatalf("got %s %+v", p.Status, p.Refusal)
		}
		told++
		if strings.Contains(p.Refusal.BuyerMessage, "03/2030") {
			explained++
		}
		w.eventually("the refusal is in the histories", func() bool { return w.waiting() == 0 })
		w.later(time.Minute)
	}
	if explained == 0 || explained > 3 || told == explained {
		t.Errorf("%d of %d refusals explained", explained, told)
	}
}

func TestWithoutRedisOrdersAreHeldAndBounded(t *testing.T) {
	w := begin(t, func(c *flow.Config) {
		s := c.Shops["demo"]
		s.Degraded = flow.DegradedLimit{MaxAmount: 20000, PerMinute: 3}
		c.Shops["demo"] = s
	})
	w.redis.Close()
	var got []payment.Status
	for i := range 4 {
		p := w.pay(order(i))
		got = append(got, p.Status)
		if !p.Decision.Has("VELOCITY_UNAVAILABLE") || len(p.Decision.Degraded) == 0 {
			t.Errorf("the decision does not say so: %+v", p.Decision)
		}
	}
	if fmt.Sprint(got) != "[held held held declined]" {
		t.Errorf("got %v", got)
	}
	w.later(time.Minute)
	big := order(9)
	big.Amount.Value = 20001
	if p := w.pay(big); p.Status != payment.Declined || !p.Decision.Has("DEGRADED_LIMIT") {
		t.Errorf("above the bound: %s", p.Status)
	}
}

func TestProviderThatCannotBeReachedFailsThePaymentAndFreesTheOrder(t *testing.T) {
	w := begin(t, func(c *flow.Config) { c.Provider = unreachable(t) })
	p := w.pay(order(1))
	if p.Status != payment.Failed {
		t.Fatalf("got %s", p.Status)
	}
	if _, _, err := w.flow.Authorise(t.Context(), w.call("second"), order(1)); err != nil {
		t.Errorf("the order is not free: %v", err)
	}
}

func TestTenCardsFromOneDeviceStopReachingTheProvider(t *testing.T) {
	w := begin(t, nil)
	var statuses []payment.Status
	for i := range 10 {
		r := order(100 + i)
		r.Buyer.DeviceID, r.Buyer.IP = "d-thief", "203.0.113.99"
		r.Method.Number = providers.Secret(testCards[i])
		r.Amount.Value = 1500
		statuses = append(statuses, w.pay(r).Status)
		w.later(20 * time.Second)
	}
	declined := 0
	for _, s := range statuses[6:] {
		if s == payment.Declined {
			declined++
		}
	}
	if declined != 4 {
		t.Errorf("statuses %v", statuses)
	}
	if n := len(w.sim.Ledger().Payments); n > 6 {
		t.Errorf("%d reached the provider", n)
	}
}

func TestAChargebackIsRememberedByTheHistories(t *testing.T) {
	w := begin(t, nil)
	p := w.pay(order(1))
	w.becomes(p.ID, payment.Captured)
	got, err := w.flow.PaymentHappened(t.Context(), "demo", p.ID, flow.Happening{Type: "chargeback"})
	check(t, err)
	if got.Status != payment.ChargedBack {
		t.Fatalf("got %s", got.Status)
	}
	w.eventually("the chargeback is in the histories", func() bool { return w.waiting() == 0 })
	r := order(1)
	r.Order.Reference = "A-2"
	if d := w.pay(r).Decision; d.Outcome == risk.Approve {
		t.Errorf("the same card is approved again: %+v", d)
	}
	if _, err := w.flow.PaymentHappened(t.Context(), "demo", p.ID, flow.Happening{Type: "authorised"}); payment.CodeOf(err) != payment.CodeInvalid {
		t.Errorf("a shop tells an authorisation: %v", err)
	}
	if _, err := w.flow.PaymentHappened(t.Context(), "other", p.ID, flow.Happening{Type: "claim"}); payment.CodeOf(err) != payment.CodeNotFound {
		t.Errorf("another shop's payment: %v", err)
	}
}
