package traffic

import (
	"testing"

	"octroi/risk"
	"octroi/risk/policy"
)

func measured(t testing.TB, p *policy.Policy, seed uint64, o Options) Table {
	t.Helper()
	table, err := Measure(p, New(seed, o).Items())
	if err != nil {
		t.Fatal(err)
	}
	return table
}

func parsed(t *testing.T, rules string) *policy.Policy {
	t.Helper()
	p, err := policy.Parse("test.yaml", []byte("name: test\nbands: {challenge: 10, hold: 20, decline: 30}\nrules:\n"+rules))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestAnIssuerThatIsNotAskedTellsNothing(t *testing.T) {
	p := parsed(t, `  - {code: ALL, when: 'amount > 0', force: decline, detail: a detail, why: A sentence.}
  - {code: LEARNT, when: 'count("ip_network", "refused", "30d") + count("ip_network", "authorised", "30d") > 0', points: 1, detail: a detail, why: A sentence.}
`)
	for _, r := range measured(t, p, 1, few(Named("testing_spread", "friendly_fraud")...)).Rows {
		if r.Reached != 0 || len(r.Answers) != 0 || r.Wrong != 0 || r.Reasons["LEARNT"] != 0 || r.Declined != r.Orders {
			t.Errorf("%s: %+v", r.Scenario, r)
		}
	}
}

func TestAThiefFailsTheAuthenticationAndAHolderDoesNot(t *testing.T) {
	p := parsed(t, "  - {code: ALL, when: 'amount > 0', force: challenge, detail: a detail, why: A sentence.}\n")
	table := measured(t, p, 1, few(Named("stolen_elsewhere")...))
	if r := table.Row("stolen_elsewhere"); r.Wrong != 0 || r.Lost != 0 || r.Answers["authorised"] != 0 || r.Caught() != 1 {
		t.Errorf("thieves: %+v", r)
	}
	if r := table.Row(Honest); r.Answers["authorised"] < r.Orders*9/10 || r.Insulted() != 0 {
		t.Errorf("holders: %d of %d authorised", r.Answers["authorised"], r.Orders)
	}
}

func TestAHeldThiefIsNeverDelivered(t *testing.T) {
	p := parsed(t, `  - {code: ALL, when: 'amount > 0', force: hold, detail: a detail, why: A sentence.}
  - {code: DELIVERED, when: 'count("card", "captured", "30d") > 0', points: 1, detail: a detail, why: A sentence.}
`)
	table := measured(t, p, 1, few(Named("tested_then_spent")...))
	if r := table.Row("tested_then_spent"); r.Reasons["DELIVERED"] != 0 || r.Wrong != 0 {
		t.Errorf("thieves: %+v", r)
	}
	if table.Row(Honest).Reasons["DELIVERED"] == 0 {
		t.Error("no holder was ever delivered")
	}
}

func TestWhatIsApprovedIsCountedAsLost(t *testing.T) {
	p := parsed(t, "  - {code: NONE, when: 'amount < 0', points: 1, detail: a detail, why: A sentence.}\n")
	r := measured(t, p, 1, few(Named("testing_spread")...)).Row("testing_spread")
	if r.Orders != 400 || r.Approved != 400 || r.Reached != 400 || r.Late != 200 || r.LateShare() != 1 || r.Wrong == 0 || r.Lost == 0 {
		t.Errorf("%+v", r)
	}
	if len(r.Answers) != 2 || r.Answers[risk.EventAuthorised.String()] != r.Wrong {
		t.Errorf("answers: %v, %d wrong", r.Answers, r.Wrong)
	}
}

// notRaced leaves the figures to runs without the race detector.
func notRaced(t *testing.T) {
	t.Helper()
	if raced || testing.Short() {
		t.Skip("plays tens of thousands of orders in one goroutine: runs without -race and -short")
	}
}

// TestHonestTradeIsSeldomStopped holds the bounds of the default policy on kinds of trade that it was not made for.
func TestHonestTradeIsSeldomStopped(t *testing.T) {
	notRaced(t)
	p := policy.Default()
	for name, c := range map[string]struct {
		seed   uint64
		warm   int
		change func(*Mix)
	}{
		"default":              {11, 30, func(*Mix) {}},
		"another seed":         {12, 30, func(*Mix) {}},
		"the first month":      {13, 0, func(*Mix) {}},
		"December":             {14, 20, func(m *Mix) { m.Christmas = true }},
		"telephones":           {15, 20, func(m *Mix) { m.Mobile = 0.7 }},
		"few come back":        {16, 20, func(m *Mix) { m.New = 0.7 }},
		"dear goods":           {17, 20, func(m *Mix) { m.Dear = 2 }},
		"much is refused":      {18, 20, func(m *Mix) { m.Funds, m.Slips = 0.07, 0.04 }},
		"offices and families": {19, 20, func(m *Mix) { m.Office, m.Shared, m.Business = 0.15, 0.4, 0.08 }},
		"from abroad":          {20, 20, func(m *Mix) { m.Foreign, m.Travelling = 0.15, 0.03 }},
	} {
		t.Run(name, func(t *testing.T) {
			m := DefaultMix()
			c.change(&m)
			r := measured(t, p, c.seed, Options{Warm: c.warm, Days: 30, OrdersPerDay: 120, Mix: m}).Row(Honest)
			held, challenged, declined := r.share(r.Held), r.share(r.Challenged), r.share(r.Declined)
			t.Logf("%d orders: %s challenged, %s held, %s declined", r.Orders, percent(challenged), percent(held), percent(declined))
			if held > 0.01 || challenged > 0.05 || declined > 0.001 {
				t.Errorf("beyond 5 %% challenged, 1 %% held or 0.1 %% declined: %v", r.Stopped)
			}
		})
	}
}

// mostTold is how much of a card test may reach the provider after its first FreeTries orders.
const mostTold = 0.005

func TestFiftyThousandCardsReachTheProviderAlmostNever(t *testing.T) {
	notRaced(t)
	r := measured(t, policy.Default(), 21, Options{Warm: 5, Days: 2, OrdersPerDay: 300, Attacks: Named("testing_spread")}).Row("testing_spread")
	if r.Orders != Cards50k || r.LateShare() > mostTold/2 {
		t.Errorf("%d orders, %s after the first %d reached the provider", r.Orders, percent(r.LateShare()), FreeTries)
	}
}

func TestCardTestsAreStoppedWhateverTheyShare(t *testing.T) {
	notRaced(t)
	for _, a := range Named("testing_one_source", "testing_spread", "testing_no_device", "testing_own_domains", "testing_at_prices", "testing_scattered",
		"testing_scattered_at_prices", "testing_mobile", "testing_one_door", "bin_enumeration") {
		for _, seed := range []uint64{31} {
			r := measured(t, policy.Default(), seed, Options{Warm: 5, Days: 2, OrdersPerDay: 200, Cards: 1000, Attacks: []Attack{a}}).Row(a.Name)
			if late := r.LateShare(); late > mostTold {
				t.Errorf("%s, seed %d: %s of %d orders after the first %d reached the provider", a.Name, seed, percent(late), r.Orders, FreeTries)
			}
		}
	}
}

func TestFewNewcomersAreTurnedAwayWhileCardsAreTested(t *testing.T) {
	notRaced(t)
	for _, a := range Named("testing_spread", "testing_no_device", "testing_scattered_at_prices", "testing_mobile") {
		r := measured(t, policy.Default(), 51, Options{Warm: 8, Days: 20, OrdersPerDay: 200, Cards: 8000, Attacks: []Attack{a}}).Row(Honest)
		if held, declined := r.share(r.Held), r.share(r.Declined); held > 0.01 || declined > 0.001 {
			t.Errorf("%s: of %d honest orders %s are held, %s declined: %v", a.Name, r.Orders, percent(held), percent(declined), r.Stopped)
		}
	}
}

func TestAttacksAreCaught(t *testing.T) {
	notRaced(t)
	least := map[string]float64{"expiry_probing": 0.75, "cvc_probing": 0.75, "stolen_elsewhere": 0.95, "stolen_abroad": 0.95,
		"stolen_pickup": 0.75, "stolen_nearby": 0.7, "drop_address": 0.95, "drop_as_billing": 0.6, "forwarder": 0.95,
		"takeover_elsewhere": 0.85, "takeover_pickup": 0.85, "tested_then_spent": 0.45, "friendly_fraud": 0.45, "refund_abuse": 0.3,
		"under_device": 0.3, "under_email": 0.55, "under_ip": 0.8, "mixture": 0.55}
	var attacks []Attack
	for name := range least {
		attacks = append(attacks, Named(name)...)
	}
	table := measured(t, policy.Default(), 41, Options{Warm: 45, Days: 30, OrdersPerDay: 150, Attacks: attacks})
	for name, want := range least {
		if got := table.Row(name).Caught(); got < want {
			t.Errorf("%s: %s caught, at least %s", name, percent(got), percent(want))
		}
	}
}

func BenchmarkGenerate(b *testing.B) {
	b.ReportAllocs()
	n := 0
	for b.Loop() {
		for it := range New(1, Options{Days: 10, OrdersPerDay: 1000}).Items() {
			if it.Kind == risk.EventAttempt {
				n++
			}
		}
	}
	b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "orders/s")
}

func BenchmarkMeasure(b *testing.B) {
	b.ReportAllocs()
	p := policy.Default()
	n := 0
	for b.Loop() {
		n += measured(b, p, 1, Options{Days: 10, OrdersPerDay: 1000}).Row(Honest).Orders
	}
	b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "orders/s")
}
