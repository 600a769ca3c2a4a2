package flow_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"octroi/gateway/flow"
	"octroi/gateway/payment"
	"octroi/gateway/store"
	"octroi/providers"
	"octroi/risk/policy"
)

// tries is how often the card testers of these tests try.
const tries = 200

// answersOfIssuers are holder names of the simulator's that bring different refusals.
var answersOfIssuers = []string{"CARD_EXPIRED", "CVC_DECLINED", "NOT_ENOUGH_BALANCE", "BLOCK_CARD", "INVALID_CARD_NUMBER", "ISSUER_UNAVAILABLE",
	"TRANSACTION_NOT_PERMITTED", "WITHDRAWAL_AMOUNT_EXCEEDED", "DECLINED", "ISSUER_SUSPECTED_FRAUD", "FRAUD"}

// unguarded starts a world whose policy lets everything through, so that nothing but the limits stands between a card
// tester and the issuers' answers.
func unguarded(t *testing.T) *world {
	t.Helper()
	rules, err := policy.Parse("open.yaml", []byte("name: open\nbands: {challenge: 30, hold: 50, decline: 150}\nrules: []\n"))
	check(t, err)
	return begin(t, func(c *flow.Config) {
		everyMeans(c)
		c.Policy = func(string) *policy.Policy { return rules }
	})
}

// made is a card number out of the range of Adyen's first test card, with its check digit.
func made(n int) providers.Secret {
	digits := fmt.Sprintf("41111111%07d", n)
	for check := range 10 {
		if number := digits + fmt.Sprint(check); providers.Luhn(number) {
			return providers.Secret(number)
		}
	}
	panic("every number has a check digit")
}

// told is all that a buyer gets to see of a payment that did not come about: what the shop may show, and the mails. What
// names the order is left out.
func (w *world) toldBuyer(p payment.Payment) string {
	w.t.Helper()
	words := p.Decline
	if p.Refusal != nil {
		words = &p.Refusal.ToBuyer
	}
	shown, err := json.Marshal(words)
	check(w.t, err)
	mails, err := json.Marshal(w.mails(p.ID))
	check(w.t, err)
	return strings.NewReplacer(p.OrderReference, "ORDER", p.Detail.Buyer.Email, "BUYER").Replace(string(shown) + " mails " + string(mails))
}

// refusalShape is the answer's refusal with the two values blotted out that are for the shop alone.
func refusalShape(t *testing.T, p payment.Payment) string {
	t.Helper()
	if p.Refusal == nil {
		return ""
	}
	r := *p.Refusal
	r.Code, r.Retry = "X", "X"
	b, err := json.Marshal(r)
	check(t, err)
	return strings.ReplaceAll(string(b), p.OrderReference, "ORDER")
}

func TestACardTesterLearnsNothingBeyondTheLimit(t *testing.T) {
	t.Parallel() // it waits more than it works
	for name, disguise := range map[string]func(r *payment.Request, i int){
		"many cards from one address": func(r *payment.Request, i int) {
			r.Method.Number, r.Buyer.Email, r.Buyer.IP = made(i), "tester@example.org", "203.0.113.9"
		},
		"one card from many addresses": func(r *payment.Request, i int) {
			r.Buyer.Email, r.Buyer.IP = fmt.Sprintf("t%d@example.org", i), fmt.Sprintf("198.51.%d.%d", i/200, i%200+1)
		},
		"many cards and mailboxes behind one address": func(r *payment.Request, i int) {
			r.Method.Number, r.Buyer.Email, r.Buyer.IP = made(i), fmt.Sprintf("t%d@example.org", i), "203.0.113.9"
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := unguarded(t)
			neutral := payment.BuyerMessage(providers.Refused, payment.French, false, payment.Typed{})
			told, shapes, explained, refused := map[string]string{}, map[string]string{}, 0, 0
			for i := range tries {
				reason := answersOfIssuers[i%len(answersOfIssuers)]
				r := order(i)
				r.Method.HolderName = reason
				disguise(&r, i)
				p := w.pay(r)
				seen := w.toldBuyer(p)
				if p.Status == payment.Refused {
					refused++
				}
				if p.Refusal != nil && p.Refusal.BuyerMessage != neutral {
					explained++
				}
				if i < 3 {
					continue
				}
				told[seen] = fmt.Sprintf("attempt %d, %s, %s", i, p.Status, reason)
				if p.Status == payment.Refused {
					shapes[refusalShape(t, p)] = reason
				}
			}
			if len(told) != 1 || len(shapes) > 1 {
				t.Errorf("beyond the limit buyers are told %d different things: %v", len(told), told)
			}
			for seen := range told {
				if !strings.HasSuffix(seen, "mails null") {
					t.Errorf("a mail left beyond the limit: %s", seen)
				}
			}
			if explained != 3 || refused < 4 {
				t.Errorf("%d explained, %d refused by issuers", explained, refused)
			}
		})
	}
}

func TestABurstGetsNoMoreAnswersThanTheLimit(t *testing.T) {
	w := unguarded(t)
	var explained, mails int
	var ids []string
	var mu sync.Mutex
	var all sync.WaitGroup
	for i := range 40 {
		all.Go(func() {
			r := order(i)
			r.Method.HolderName, r.Method.Number = "NOT_ENOUGH_BALANCE", made(i)
			r.Buyer.Email, r.Buyer.IP = "tester@example.org", "203.0.113.9"
			p, _, err := w.flow.Authorise(t.Context(), w.call(r.Order.Reference), r)
			mu.Lock()
			defer mu.Unlock()
			if err != nil || p.Refusal == nil {
				t.Errorf("%v %s", err, p.Status)
				return
			}
			if strings.Contains(p.Refusal.BuyerMessage, "provision") {
				explained++
			}
			ids = append(ids, p.ID)
		})
	}
	all.Wait()
	for _, id := range ids {
		mails += len(w.mails(id))
	}
	if explained == 0 || explained > 3 || mails > 3 {
		t.Errorf("%d answers explained and %d mails sent to a burst", explained, mails)
	}
}

func TestWhatMustNotBeExplainedNeverIs(t *testing.T) {
	w := unguarded(t)
	neutral := payment.BuyerMessage(providers.Refused, payment.French, false, payment.Typed{})
	for i, reason := range []string{"FRAUD", "ISSUER_SUSPECTED_FRAUD", "ACQUIRER_FRAUD"} {
		r := order(i)
		r.Method.HolderName, r.Method.Number = reason, made(i)
		p := w.pay(r)
		if p.Status != payment.Refused || p.Refusal.Code != providers.SuspectedFraud || p.Refusal.BuyerMessage != neutral {
			t.Errorf("%s: %s %+v", reason, p.Status, p.Refusal)
		}
		m, ok := w.mailed(store.MailRefused, p.ID)
		if !ok || m.Message != neutral || len(m.Means) != len(payment.AllMeans()) || m.Link != "https://shop.example/pay?order=A-"+fmt.Sprint(i) {
			t.Errorf("%s: the buyer's mail: %+v", reason, m)
		}
	}
}

func TestARiskyOrdersRefusalIsNotExplained(t *testing.T) {
	w := begin(t, everyMeans)
	r := risky(1)
	r.Method.HolderName = "NOT_ENOUGH_BALANCE"
	p := w.pay(r)
	if p.Status != payment.Refused || p.Refusal.Code != providers.InsufficientFunds || strings.Contains(p.Refusal.BuyerMessage, "provision") {
		t.Errorf("%s %+v", p.Status, p.Refusal)
	}
}

func TestARefusalAtLowRiskIsExplainedAndOffersEveryWayToPay(t *testing.T) {
	w := begin(t, everyMeans)
	r := order(1)
	r.Method.HolderName, r.Order.Reference, r.Buyer.Locale = "CARD_EXPIRED", "A 1/2&3", "en-GB"
	p := w.pay(r)
	want := "Your bank says that the expiry date of your Visa card ending in 1111 is not right. You typed 03/2030. Please check the date on the card and try again. You have not been charged."
	if p.Refusal == nil || p.Refusal.BuyerMessage != want || p.Refusal.RetryURL != "https://shop.example/pay?order=A+1%2F2%263" || len(p.Refusal.OtherMethods) != 4 {
		t.Fatalf("%s %+v", p.Status, p.Refusal)
	}
	m, ok := w.mailed(store.MailRefused, p.ID)
	if !ok || m.Message != want || m.Link != p.Refusal.RetryURL || m.Means[0] != payment.MeansCard {
		t.Errorf("the buyer's mail: %+v", m)
	}
}

func TestABuyerWhoIsDeclinedIsOfferedOtherWaysAndAPerson(t *testing.T) {
	rules, err := policy.Parse("methods.yaml", []byte(byMethod))
	check(t, err)
	w := begin(t, func(c *flow.Config) {
		everyMeans(c)
		c.Policy = func(string) *policy.Policy { return rules }
	})
	p := w.pay(by(payment.MeansCheque, order(1)))
	want := []payment.Means{payment.MeansCard, payment.MeansPayPal, payment.MeansAlma, payment.MeansTransfer}
	if p.Status != payment.Declined || p.Refusal != nil || p.Decline == nil || !slices.Equal(p.Decline.OtherMethods, want) || p.Decline.RetryURL == "" {
		t.Fatalf("%s %+v", p.Status, p.Decline)
	}
	if m, ok := w.mailed(store.MailDeclined, p.ID); !ok || m.Message != p.Decline.BuyerMessage || m.Link != p.Decline.RetryURL || !slices.Equal(m.Means, want) {
		t.Errorf("the buyer's mail: %+v", m)
	}
}
