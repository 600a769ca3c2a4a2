package flow_test

import (
	"slices"
	"testing"
	"time"

	"octroi/gateway/payment"
	"octroi/providers"
	"octroi/providers/adyensim"
	"octroi/risk"
)

// soft is an order whose issuer wants the buyer authenticated first.
func soft(number int, card string) payment.Request {
	r := order(number)
	r.Method.Number, r.Method.HolderName, r.ReturnURL = providers.Secret(card), "AUTHENTICATION_REQUIRED", "https://shop.example/back"
	return r
}

// attempts is how many authorisations of a payment the provider has carried out.
func attempts(w *world, id string) (n int) {
	for _, p := range w.sim.Ledger().Payments {
		if p.Reference == id {
			n++
		}
	}
	return n
}

func TestASoftDeclineIsAskedForAgainWithAChallengeInTheSameCall(t *testing.T) {
	w, x := wired(t, nil)
	p := w.pay(soft(1, cardOnRequest))
	if p.Status != payment.ActionRequired || p.Refusal != nil || p.Decision.Outcome != risk.Approve {
		t.Fatalf("%s %+v", p.Status, p.Refusal)
	}
	if sent := x.on("/payments"); len(sent) != 2 || sent[0].body["reference"] != sent[1].body["reference"] {
		t.Errorf("sent %+v", sent)
	}
	if p = w.finishes(p, w.acts(p, "pay")); p.Status != payment.Authorised || p.Authorisation.Liability != "issuer" {
		t.Fatalf("%s %+v", p.Status, p.Authorisation)
	}
	w.becomes(p.ID, payment.Captured)
	if slices.Contains(w.webhooks(p.ID), "payment.refused") {
		t.Errorf("the shop was told of the first attempt: %v", w.webhooks(p.ID))
	}
	if n := w.counted("octroi_soft_declines_total", ""); n != 1 {
		t.Errorf("%v soft declines were counted", n)
	}
	w.audited()
}

func TestASecondSoftDeclineIsTheIssuersLastWord(t *testing.T) {
	w, _ := wired(t, nil)
	r := dear(1, cardPlain) // challenged at once: there is nothing more to ask for
	r.Method.HolderName = "AUTHENTICATION_REQUIRED"
	if p := w.pay(r); attempts(w, p.ID) != 1 {
		t.Errorf("%s after %d attempts", p.Status, attempts(w, p.ID))
	}
	failing := soft(2, cardOnRequest)
	p := w.pay(failing)
	if p = w.finishes(p, w.acts(p, "refuse")); p.Status != payment.Refused || p.Refusal.Code != providers.AuthenticationFailed || attempts(w, p.ID) != 2 {
		t.Errorf("%s %+v after %d attempts", p.Status, p.Refusal, attempts(w, p.ID))
	}
	w.audited()
}

func TestASecondAttemptThatCrashedIsCarriedOnByTheRetry(t *testing.T) {
	for name, c := range map[string]struct {
		nth int
		how loss
	}{
		"the first was not sent":      {1, lostBefore},
		"the first was not answered":  {1, lostAfter},
		"the second was not sent":     {2, lostBefore},
		"the second was not answered": {2, lostAfter},
	} {
		t.Run(name, func(t *testing.T) {
			w, x := wired(t, nil)
			w.silence()
			x.lose(from("/payments", c.nth, c.how))
			p := w.pay(soft(1, cardOnRequest))
			if p.Status != payment.Pending {
				t.Fatalf("got %s", p.Status)
			}
			x.lose(nil)
			again, _, err := w.flow.Authorise(t.Context(), w.call("key-A-1"), soft(1, cardOnRequest))
			check(t, err)
			if again.ID != p.ID || again.Status != payment.ActionRequired || attempts(w, p.ID) != 2 {
				t.Fatalf("%s after %d attempts at the provider", again.Status, attempts(w, p.ID))
			}
			// Only now does the provider tell of the first attempt, and the payment is not refused for it.
			w.hear()
			w.settled()
			if got := w.see(p.ID); got.Status != payment.ActionRequired {
				t.Fatalf("the first attempt's report made it %s", got.Status)
			}
			w.finishes(again, w.acts(again, "pay"))
			w.becomes(p.ID, payment.Captured)
			w.audited()
		})
	}
}

func TestAReportOfTheFirstAttemptNeverSettlesTheSecond(t *testing.T) {
	w, x := wired(t, nil)
	w.silence()
	x.lose(from("/payments", 2, lostAfter))
	p := w.pay(soft(1, cardPlain)) // refused again, since nobody can be authenticated, and nobody hears of it
	x.lose(nil)
	l := w.sim.Ledger()
	if p.Status != payment.Pending || len(l.Payments) != 2 {
		t.Fatalf("%s, %d at the provider", p.Status, len(l.Payments))
	}
	report := func(of adyensim.Payment, success bool) {
		w.report(providers.Notification{ID: of.PSPReference, Kind: providers.KindAuthorisation, Code: "AUTHORISATION", PaymentID: p.ID,
			PaymentReference: of.PSPReference, Success: success, Amount: p.Amount})
	}
	report(l.Payments[0], false)
	if got := w.see(p.ID).Status; got != payment.Pending {
		t.Fatalf("the first attempt's no made it %s", got)
	}
	report(l.Payments[1], false)
	if got := w.see(p.ID); got.Status != payment.Refused || got.Authorisation.Reference != l.Payments[1].PSPReference {
		t.Errorf("the second attempt's no made it %s %+v", got.Status, got.Authorisation)
	}
	w.hear()
	w.settled()
	w.audited()
}

func TestASecondAttemptThatWasCertainlyNotMadeLeavesTheFirstsNo(t *testing.T) {
	for name, before := range map[string]func(w *world, q request){
		"the provider did nothing": func(w *world, q request) {
			if q.nth == 2 {
				w.sim.Fault(adyensim.Fault{Operation: "payments", Transient: true})
			}
		},
		"the time was up": func(w *world, q request) {
			if q.nth == 1 {
				w.later(16 * time.Second) // of twenty
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			w, x := wired(t, nil)
			x.lose(func(q request) loss {
				if q.path == "/payments" {
					before(w, q)
				}
				return arrives
			})
			p := w.pay(soft(1, cardOnRequest))
			if p.Status != payment.Refused || p.Refusal.Code != providers.AuthenticationRequired || p.Refusal.Retry != providers.RetryAuthenticate || attempts(w, p.ID) != 1 {
				t.Errorf("%s %+v after %d attempts", p.Status, p.Refusal, attempts(w, p.ID))
			}
			w.sim.Fault(adyensim.Fault{})
			w.settled()
			if got := w.see(p.ID); got.Status != payment.Refused {
				t.Errorf("later it is %s", got.Status)
			}
		})
	}
}
