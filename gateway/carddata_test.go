package gateway

import (
	"strings"
	"testing"

	"octroi/gateway/payment"
)

func TestAKeyThatHoldsACardNumberIsRefusedBeforeItIsKept(t *testing.T) {
	h := newHouse(t, nil)
	const number = "4000020000000000"
	for _, key := range []string{number, "card-" + number, "4000-0200-0000-0000", "4000 0200 0000 0000"} {
		a := h.call("POST", "/v1/payments", demoKey, order("A-1", "Paris"), "Idempotency-Key", key)
		if said := refusedWith(t, a, payment.CodeInvalid); strings.Contains(said, number) {
			t.Errorf("the answer repeats it: %s", said)
		}
	}
	if a := h.call("POST", "/v1/payments", demoKey, order("A-1", "Paris"), "Idempotency-Key", "k"+number); a.status != 201 {
		t.Errorf("the way out that the answer shows is closed: %d %s", a.status, a.body)
	}
	if strings.Contains(h.log.String(), number) {
		t.Error("the log holds it")
	}
}

func TestBuyersCannotLeaveACardInAMessage(t *testing.T) {
	h := newHouse(t, nil)
	b := h.buyer("A-1")
	for _, text := range []string{"Ma carte : 4111 1111 1111 1111 03/30 737, merci", "4111\r\n1111\r\n1111\r\n1111", "１ ４１１１１１１１１１１１１１１１"} {
		if a := b.post("/proof/messages", "text", text); a.status != 422 || strings.Contains(string(a.body), "1111 1111") {
			t.Errorf("%q: %d", text, a.status)
		}
	}
	if a := b.post("/proof/messages", "text", "Mon IBAN : FR76 3000 6000 0112 3456 7890 189, tél. 06 12 34 56 78"); a.status != 303 {
		t.Errorf("an honest message: %d", a.status)
	}
}
