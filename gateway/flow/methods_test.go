package flow_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"octroi/gateway/flow"
	"octroi/gateway/payment"
	"octroi/gateway/store"
	"octroi/providers/adyensim"
	"octroi/risk"
	"octroi/risk/policy"
)

// wallets are the means of payment with a page of their own.
var wallets = []payment.Means{payment.MeansPayPal, payment.MeansAlma}

// everyMeans lets the demo shop take every means of payment.
func everyMeans(c *flow.Config) {
	s := c.Shops["demo"]
	s.Methods, s.RetryURL = payment.AllMeans(), "https://shop.example/pay?order={order_reference}"
	s.Transfer = flow.TransferTerms{Beneficiary: "Boutique d'exemple", IBAN: "FR1420041010050500013M02606", BIC: "EXMPFRP1XXX"}
	s.Cheque = flow.ChequeTerms{PayableTo: "Boutique d'exemple", Address: "1 rue des Exemples, 75000 Paris"}
	c.Shops["demo"] = s
}

// by pays an order otherwise than by card.
func by(m payment.Means, r payment.Request) payment.Request {
	r.Method = payment.Method{Type: m}
	r.ReturnURL = "https://shop.example/back"
	return r
}

// mails are the mails that buyers of a payment got, in their order. Nobody else takes them in these tests.
func (w *world) mails(id string) []store.Mail {
	w.t.Helper()
	for {
		msgs, err := w.store.Claim(w.t.Context(), []store.Kind{store.KindMail}, 64, time.Minute)
		check(w.t, err)
		if len(msgs) == 0 {
			return w.letters[id]
		}
		for _, m := range msgs {
			var letter store.Mail
			check(w.t, json.Unmarshal(m.Payload, &letter))
			w.letters[m.PaymentID] = append(w.letters[m.PaymentID], letter)
			check(w.t, w.store.Done(w.t.Context(), m.ID))
		}
	}
}

// mailed finds the buyer's mail of a template.
func (w *world) mailed(t store.MailTemplate, id string) (store.Mail, bool) {
	w.t.Helper()
	for _, m := range w.mails(id) {
		if m.Template == t {
			return m, true
		}
	}
	return store.Mail{}, false
}

// account says how much of the payment's money the provider has taken and given back.
func (w *world) account(id string) (captured, refunded int64) {
	w.t.Helper()
	for _, p := range w.sim.Ledger().Payments {
		if p.Reference == id {
			captured, refunded = captured+p.Captured, refunded+p.Refunded
		}
	}
	return captured, refunded
}

func TestMoneyTakenOnAPageOfTheMethodsIsCapturedWithoutACapture(t *testing.T) {
	t.Parallel() // it waits more than it works
	w, x := wired(t, everyMeans)
	for i, m := range wallets {
		p := w.pay(by(m, order(i)))
		if p.Status != payment.ActionRequired || p.Action.Type != "redirect" || p.Card != nil || p.Method.Type != m || p.Captured != nil {
			t.Fatalf("%s: %s %+v %+v", m, p.Status, p.Action, p.Card)
		}
		p = w.finishes(p, w.acts(p, "pay"))
		if p.Status != payment.Captured || p.Captured == nil || *p.Captured != p.Amount || p.Action != nil || p.Decision.Outcome != risk.Approve {
			t.Fatalf("%s: %s %+v", m, p.Status, p.Captured)
		}
		w.settled()
		if got := w.see(p.ID); got.Status != payment.Captured || *got.Captured != got.Amount || len(got.Operations) != 1 {
			t.Errorf("%s, once all is told: %s %+v", m, got.Status, got.Operations)
		}
		if got := w.webhooks(p.ID); !slices.Equal(got, []string{"payment.captured"}) {
			t.Errorf("%s: the shop was told %v", m, got)
		}
	}
	for path := range map[string]bool{"/captures": true, "/cancels": true} {
		for _, q := range x.sent {
			if strings.HasSuffix(q.path, path) {
				t.Errorf("the provider was asked for %s", q.path)
			}
		}
	}
	w.audited()
}

func TestAMethodReportedBeforeItsBuyerIsBackIsCapturedToo(t *testing.T) {
	w, _ := wired(t, everyMeans)
	p := w.pay(by(payment.MeansPayPal, order(1)))
	back := w.acts(p, "pay") // the provider tells before the buyer's browser does
	p = w.becomes(p.ID, payment.Captured)
	if got, replayed, err := w.flow.Details(t.Context(), "demo", p.ID, back); err != nil || !replayed || got.Status != payment.Captured {
		t.Errorf("the buyer's return: %v %v %s", err, replayed, got.Status)
	}
	if got := w.see(p.ID); len(got.Operations) != 1 || *got.Captured != got.Amount {
		t.Errorf("%+v", got.Operations)
	}
}

func TestMoneyTakenForWhatWasCancelledMeanwhileIsGivenBack(t *testing.T) {
	for name, cross := range map[string]func(w *world, p payment.Payment) payment.Details{
		"told before the cancel is": func(w *world, p payment.Payment) payment.Details {
			w.silence()
			back := w.acts(p, "pay")
			check(w.t, w.operate("cancel", p.ID, payment.OpCancel, 0))
			w.hear()
			return back
		},
		"cancelled and then paid on a page that was open": func(w *world, p payment.Payment) payment.Details {
			check(w.t, w.operate("cancel", p.ID, payment.OpCancel, 0))
			return w.acts(p, "pay")
		},
	} {
		t.Run(name, func(t *testing.T) {
			w, _ := wired(t, everyMeans)
			p := w.pay(by(payment.MeansPayPal, order(1)))
			cross(w, p)
			w.becomes(p.ID, payment.Cancelled)
			w.eventually("no money is kept", func() bool {
				w.settled()
				captured, refunded := w.account(p.ID)
				got := w.see(p.ID)
				return captured == refunded && (captured == 0 || got.Refunded != nil && got.Refunded.Value == captured)
			})
			if got := w.see(p.ID); got.Status != payment.Cancelled {
				t.Errorf("it is %s", got.Status)
			}
			if again, _, err := w.flow.Authorise(t.Context(), w.call("again"), by(payment.MeansPayPal, order(1))); err != nil || !again.Status.Live() {
				t.Errorf("the order is not free: %v %s", err, again.Status)
			}
		})
	}
}

func TestABuyerWhoTurnsBackOnTheMethodsPageMayPayOtherwise(t *testing.T) {
	w, _ := wired(t, everyMeans)
	for i, choice := range []string{"refuse", "cancel"} {
		p := w.pay(by(payment.MeansPayPal, order(i)))
		p = w.finishes(p, w.acts(p, choice))
		if p.Status != payment.Refused && p.Status != payment.Cancelled || p.Captured != nil {
			t.Fatalf("%s: %s", choice, p.Status)
		}
		if p.Status == payment.Refused {
			want := []payment.Means{payment.MeansCard, payment.MeansAlma, payment.MeansTransfer, payment.MeansCheque}
			if strings.Contains(p.Refusal.BuyerMessage, "banque") || !slices.Equal(p.Refusal.OtherMethods, want) || p.Refusal.RetryURL == "" {
				t.Errorf("%+v", p.Refusal)
			}
		}
		if _, _, err := w.flow.Authorise(t.Context(), w.call("again"+choice), order(i)); err != nil {
			t.Errorf("the order is not free: %v", err)
		}
	}
}

func TestAMethodThatTakesItsTimeIsLeftToItForDays(t *testing.T) {
	w, _ := wired(t, everyMeans)
	slow := w.pay(by(payment.MeansAlma, order(1)))
	slow = w.finishes(slow, w.acts(slow, "wait"))
	lost := w.pay(by(payment.MeansAlma, order(2)))
	lost = w.finishes(lost, w.acts(lost, "wait"))
	if slow.Status != payment.Pending || lost.Status != payment.Pending {
		t.Fatalf("%s %s", slow.Status, lost.Status)
	}
	w.later(71 * time.Hour)
	w.settled()
	if n := len(w.see(slow.ID).Operations); n != 0 {
		t.Fatalf("it was swept: %d operations", n)
	}
	if got := w.happens(slow, adyensim.Control{Event: "AUTHORISATION"}); got.Status != payment.Captured {
		t.Errorf("settled after days: %s", got.Status)
	}
	w.later(2 * time.Hour)
	w.eventually("the other is given up", func() bool { return !w.see(lost.ID).Status.Live() })
}

func TestAShopMayGiveUpAPaymentThatIsPending(t *testing.T) {
	w, _ := wired(t, everyMeans)
	p := w.pay(by(payment.MeansAlma, order(1)))
	p = w.finishes(p, w.acts(p, "wait"))
	check(t, w.operate("cancel", p.ID, payment.OpCancel, 0))
	w.becomes(p.ID, payment.Cancelled)
	w.audited()
}

func TestWhatCannotBeAuthenticatedIsHeldInItsPlace(t *testing.T) {
	w, _ := wired(t, everyMeans)
	r := by(payment.MeansPayPal, order(1))
	r.Amount.Value = 60000
	p := w.pay(r)
	p = w.finishes(p, w.acts(p, "pay"))
	if p.Status != payment.Held || !p.Decision.Has("NOT_AUTHENTICATED") {
		t.Fatalf("%s %+v", p.Status, p.Decision)
	}
	for _, reason := range p.Decision.Reasons {
		if reason.Code == "NOT_AUTHENTICATED" && strings.Contains(reason.Detail, "issuer") {
			t.Errorf("an issuer is blamed: %s", reason.Detail)
		}
	}
}

// byMethod is a policy that tells the means of payment apart.
const byMethod = `name: methods
bands: {challenge: 30, hold: 50, decline: 150}
rules:
  - code: BY_CHEQUE
    when: payment.method == "cheque"
    force: decline
    detail: {en: "a cheque", fr: "un chèque"}
    why: {en: "No cheques.", fr: "Pas de chèques."}
  - code: BY_CARD
    when: payment.method == "card"
    points: 10
    detail: {en: "a card", fr: "une carte"}
    why: {en: "Noted.", fr: "Noté."}
`

func TestAPolicyKnowsTheMeansOfPaymentAndItsHistoriesTheOrder(t *testing.T) {
	rules, err := policy.Parse("methods.yaml", []byte(byMethod))
	check(t, err)
	w := begin(t, func(c *flow.Config) {
		everyMeans(c)
		c.Policy = func(string) *policy.Policy { return rules }
	})
	if p := w.pay(by(payment.MeansCheque, order(1))); p.Status != payment.Declined || !p.Decision.Has("BY_CHEQUE") {
		t.Errorf("by cheque: %s", p.Status)
	}
	if p := w.pay(order(2)); !p.Decision.Has("BY_CARD") {
		t.Errorf("by card: %+v", p.Decision)
	}
	if p := w.pay(by(payment.MeansPayPal, order(3))); p.Status != payment.ActionRequired || len(p.Decision.Reasons) != 0 {
		t.Errorf("by PayPal: %s %+v", p.Status, p.Decision)
	}
}

func TestTheShippedPolicyLetsGoodOrdersOfEveryMeansGoOn(t *testing.T) {
	w := begin(t, everyMeans)
	for i, m := range payment.AllMeans()[1:] {
		p := w.pay(by(m, order(i)))
		if p.Status != payment.ActionRequired || p.Decision.Outcome != risk.Approve {
			t.Errorf("%s: %s %+v", m, p.Status, p.Decision)
		}
	}
}
