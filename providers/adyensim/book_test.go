package adyensim

import (
	"fmt"
	"testing"
)

func TestOldestPaymentsAreForgotten(t *testing.T) {
	r := start(t, "", "")
	r.sim.book.keep = 5
	act := r.begun("RedirectShopper", "4111111111111111", enrolled, `"returnUrl"`, always)
	for i := range 20 {
		r.post("/v71/payments", fmt.Sprint("key", i), body(fmt.Sprint("pay_", 2+i)))
	}
	b := r.sim.book
	if len(b.payments) != 5 || len(b.order) != 5 || len(b.byRef) != 5 || len(b.answers) != 5 || len(b.keys) != 5 || len(b.taken) != 5 ||
		len(b.sessions)+len(b.byPSP)+len(b.byToken)+len(b.byTrans) != 0 {
		t.Errorf("%d payments, %d references, %d answers, %d taken, %d sessions", len(b.payments), len(b.byRef), len(b.answers), len(b.taken), len(b.sessions))
	}
	if resp, _ := r.browse(act["url"].(string), nil); resp.StatusCode != 410 {
		t.Errorf("%d", resp.StatusCode)
	}
	if _, found := r.sim.Ledger().Payment("pay_21"); !found {
		t.Error("the newest is forgotten")
	}
}
