package traffic

import (
	"crypto/sha256"
	"encoding/json"
	"net/netip"
	"strings"
	"testing"
	"time"

	"octroi/risk"
)

// few are options that are quickly played.
func few(attacks ...Attack) Options {
	return Options{Warm: 12, Days: 10, OrdersPerDay: 60, Cards: 400, Attacks: attacks}
}

func digest(t *testing.T, g *Generator, scenario string) [sha256.Size]byte {
	t.Helper()
	h := sha256.New()
	for it := range g.Items() {
		if scenario != "" && it.Scenario != scenario {
			continue
		}
		text, err := json.Marshal(it)
		if err != nil {
			t.Fatal(err)
		}
		_, _ = h.Write(text)
	}
	return [sha256.Size]byte(h.Sum(nil))
}

func TestTheSameSeedGivesTheSameTraffic(t *testing.T) {
	o := few(Attacks()...)
	g := New(7, o)
	first := digest(t, g, "")
	if first != digest(t, g, "") || first != digest(t, New(7, o), "") {
		t.Error("one seed gave two kinds of traffic")
	}
	if first == digest(t, New(8, o), "") {
		t.Error("two seeds gave the same traffic")
	}
}

func TestAnAttackLeavesTheOthersAsTheyAre(t *testing.T) {
	probing := Named("expiry_probing")
	both := append(Named("testing_spread"), probing...)
	if digest(t, New(3, few(probing...)), "expiry_probing") != digest(t, New(3, few(both...)), "expiry_probing") {
		t.Error("another attack changed this one")
	}
	if digest(t, New(3, few()), Honest) != digest(t, New(3, few(both...)), Honest) {
		t.Error("attacks changed honest trade")
	}
}

func TestItemsComeInOrderOfTimeAndOutcomesAfterTheirOrders(t *testing.T) {
	o := few(Attacks()...)
	open := map[string]bool{}
	seen := map[string]bool{}
	var at time.Time
	for it := range New(5, o).Items() {
		if it.At.Before(at) {
			t.Fatalf("%s of %s comes at %s, after something at %s", it.Kind, it.Facts.ID, it.At, at)
		}
		at = it.At
		id := it.Facts.ID
		if it.Kind == risk.EventAttempt {
			if seen[id] {
				t.Fatalf("order %s comes twice", id)
			}
			seen[id], open[id] = true, true
			if !it.Facts.At.Equal(it.At) {
				t.Errorf("order %s is of %s and comes at %s", id, it.Facts.At, it.At)
			}
		}
		if !open[id] {
			t.Fatalf("%s of order %s comes before it or after its last", it.Kind, id)
		}
		if it.Last {
			delete(open, id)
		}
	}
	if len(open) > 0 {
		t.Errorf("%d orders have no last item", len(open))
	}
}

func TestEveryScenarioIsLabelledAndAttacksOnlyWhatCounts(t *testing.T) {
	o := few(Attacks()...)
	g := New(2, o)
	from := g.options.Start.Add(12 * 24 * time.Hour)
	orders := map[string]int{}
	for it := range g.Items() {
		if it.Kind != risk.EventAttempt {
			continue
		}
		orders[it.Scenario]++
		if it.Warm != it.Facts.At.Before(from) {
			t.Fatalf("order %s of %s: warm-up %v", it.Facts.ID, it.Facts.At, it.Warm)
		}
		if it.Scenario != Honest && it.Warm {
			t.Fatalf("%s plays in the warm-up", it.Scenario)
		}
		if it.Disputed == (it.Scenario == Honest) {
			t.Fatalf("order %s of %s: disputed %v", it.Facts.ID, it.Scenario, it.Disputed)
		}
	}
	if len(orders) != len(Attacks())+1 {
		t.Errorf("%d scenarios, want %d", len(orders), len(Attacks())+1)
	}
	for _, a := range Attacks() {
		if a.Says == "" || orders[a.Name] < 20 {
			t.Errorf("%s: %d orders, %q", a.Name, orders[a.Name], a.Says)
		}
	}
}

func TestHonestTradeIsMixedAsAsked(t *testing.T) {
	m := DefaultMix()
	n, counts := 0.0, map[string]float64{}
	seen := map[string]bool{}
	for it := range New(4, Options{Days: 60, OrdersPerDay: 200}).Items() {
		f := it.Facts
		if it.Kind != risk.EventAttempt {
			counts[it.Kind.String()]++
			continue
		}
		n++
		for what, is := range map[string]bool{"fetched": f.Delivery.Method == "pickup_point" || f.Delivery.Method == "locker",
			"mobile": strings.HasPrefix(f.Buyer.IP, "100.64."), "new": !seen[f.Buyer.Email], "no device": f.Buyer.DeviceID == "",
			"no phone": f.Buyer.Phone == "", "refused": it.Answer != "", "funds": it.Answer == "insufficient_funds" || it.Answer == "limit_exceeded"} {
			if is {
				counts[what]++
			}
		}
		seen[f.Buyer.Email] = true
	}
	for what, want := range map[string]float64{"fetched": m.Fetched, "mobile": m.Mobile, "new": m.New, "no device": m.NoDevice,
		"no phone": m.NoPhone, "refused": m.Funds + m.Slips + m.OtherNo, "funds": m.Funds, "refunded": m.Returns, "claim": m.Claims} {
		if got := counts[what] / n; got < 0.8*want || got > 1.25*want {
			t.Errorf("%s: %.3f of the orders, want about %.3f", what, got, want)
		}
	}
}

func TestASlipIsPutRightWithTheSameCardAtOnce(t *testing.T) {
	type slip struct {
		at   time.Time
		card string
	}
	slips := map[string]slip{}
	same := 0
	for it := range New(6, Options{Days: 20, OrdersPerDay: 200}).Items() {
		f := it.Facts
		if s, ok := slips[f.Buyer.Email]; ok && it.Kind == risk.EventAttempt && it.At.Sub(s.at) < 5*time.Minute {
			if s.card == f.Card.Fingerprint {
				same++
			}
		}
		if it.Answer == "expiry_incorrect" && it.Kind == risk.EventAttempt {
			slips[f.Buyer.Email] = slip{it.At, f.Card.Fingerprint}
		}
	}
	if len(slips) < 20 || same < len(slips)*8/10 {
		t.Errorf("%d of %d wrong dates were put right", same, len(slips))
	}
}

func TestNothingIsAnybodys(t *testing.T) {
	ranges := []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("100.64.0.0/10"), netip.MustParsePrefix("2001:db8::/32")}
	for it := range New(1, few(Attacks()...)).Items() {
		if !strings.HasPrefix(it.Facts.Card.BIN, "9") || len(it.Facts.Card.BIN) != 8 {
			t.Fatalf("card range %q", it.Facts.Card.BIN)
		}
		a := netip.MustParseAddr(it.Facts.Buyer.IP)
		if !ranges[0].Contains(a) && !ranges[1].Contains(a) && !ranges[2].Contains(a) {
			t.Fatalf("IP address %s", a)
		}
	}
}

func TestAReaderMayLeaveEarly(t *testing.T) {
	n := 0
	for range New(1, few(Attacks()...)).Items() {
		if n++; n == 100 {
			break
		}
	}
}
