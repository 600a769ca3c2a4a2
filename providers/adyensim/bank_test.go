package adyensim

import (
	"fmt"
	"strings"
	"testing"
)

func TestStatementShowsWhatABuyersBankWould(t *testing.T) {
	r := start(t, "", "")
	held := r.pay("pay_1")
	r.pay("pay_2", "OCTROI 4821", "OCTROI 7313")
	r.modify(r.payment("pay_2").PSPReference, Cancels, 0)
	r.post("/v71/payments", "", body("pay_3", "Jean Dupont", "DECLINED"))
	if got := fmt.Sprint(r.sim.Statement("1111")); !strings.Contains(got, "OCTROI 4821 {-1000 EUR} true") || strings.Contains(got, "7313") || len(r.sim.Statement("1111")) != 1 {
		t.Errorf("%s", got)
	}
	r.modify(held, Captures, 600)
	r.modify(held, Refunds, 100)
	var got []string
	for _, l := range r.sim.Statement("1111") {
		got = append(got, fmt.Sprint(l.Amount.Value, l.Pending))
	}
	if fmt.Sprint(got) != "[-400 true -600 false 100 false]" {
		t.Errorf("%v", got)
	}
	for path, want := range map[string]string{"/bank": `href="/bank/1111?lang=en"`, "/bank/1111?lang=fr": "en attente", "/bank/0000": "No lines.", "/bank/1111": "−4.00 EUR", "/bank/1111?lang=FR": "−4,00 EUR"} {
		if resp, text := r.browse(r.url+path, nil); resp.StatusCode != 200 || !strings.Contains(text, want) {
			t.Errorf("%s: %d %s", path, resp.StatusCode, text)
		}
	}
}

func TestStatementOfAMethodIsBookedAtOnce(t *testing.T) {
	r := start(t, "", "")
	r.choose(r.wallet("paypal"), "pay", "")
	if lines := r.sim.Statement("paypal"); len(lines) != 1 || lines[0].Pending || lines[0].Amount.Value != -1000 {
		t.Errorf("%+v", lines)
	}
}

func TestShopsTextCannotBreakThePages(t *testing.T) {
	r := start(t, "", "")
	r.pay("pay_1", "OCTROI 4821", "<script>alert(1)</script>")
	if _, text := r.browse(r.url+"/bank/1111", nil); strings.Contains(text, "<script>alert") {
		t.Error(text)
	}
}

func TestAmountsAreWrittenForPeople(t *testing.T) {
	for want, got := range map[string]string{"12.05 EUR": money("en", 1205, "EUR"), "−0,07 EUR": money("fr", -7, "EUR"), "−500 JPY": money("en", -500, "JPY")} {
		if got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
}
