package backtest

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"octroi/risk"
	"octroi/risk/policy"
)

var start = time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)

// at is a day from 1 and an hour of the tests' month.
func at(day, hour int) time.Time {
	return start.AddDate(0, 0, day-1).Add(time.Duration(hour) * time.Hour)
}

// tale writes entries down one after the other, with their line numbers.
type tale []Entry

func (s *tale) order(id string, when time.Time, card string, amount int64) {
	*s = append(*s, Entry{Line: len(*s) + 1, At: when, ID: id, Order: &risk.Facts{Amount: amount, Currency: "EUR",
		Card: risk.Card{Fingerprint: card}, Buyer: risk.Buyer{ID: card}, Metadata: map[string]string{"terminal": "t" + card}}})
}

func (s *tale) event(id string, when time.Time, k risk.EventKind) {
	*s = append(*s, Entry{Line: len(*s) + 1, At: when, ID: id, Event: risk.Event{Kind: k}})
}

func (s *tale) fraud(id string, when time.Time, card string, amount int64) {
	s.order(id, when, card, amount)
	s.event(id, when, risk.EventChargeback)
}

const reporting = `name: reporting
bands: {challenge: 30, hold: 50, decline: 100}
rules:
  - {code: REPORTED, when: 'count("card", "chargeback", "30d") >= 1', points: 60, detail: reported, why: reported}
  - {code: DEAR, when: 'amount >= 50000', points: 35, detail: dear, why: dear}
  - {code: TRIED, when: 'amount >= 10000', points: 5, shadow: true, detail: tried, why: tried}
`

func parsed(t *testing.T, text string) *policy.Policy {
	t.Helper()
	p, err := policy.Parse("test.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func options(test string) Options {
	days, err := ParseDays(test)
	if err != nil {
		panic(err)
	}
	return Options{Histories: Histories{LabelDelay: DefaultLabelDelay}, Test: days, Per: risk.EntityCard, PerName: "card",
		Top: 2, Desk: DefaultDesk()}
}

// tested runs a tale past the policy.
func tested(t *testing.T, o Options, s tale) *Report {
	t.Helper()
	b, err := New(parsed(t, reporting), o)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range s {
		if err := b.Add(e); err != nil {
			t.Fatal(err)
		}
	}
	return b.Report()
}

func TestAFraudDatedAtItsOrderIsKnownAfterTheDelay(t *testing.T) {
	var s tale
	s.fraud("a", at(1, 10), "x", 100)
	s.order("b", at(8, 9), "x", 100)  // an hour before the fraud is known
	s.order("c", at(8, 10), "x", 100) // the very moment it is
	r := tested(t, options("2026-03-08"), s)
	if r.Orders != 2 || r.GoodApproved != 1 || r.GoodHeld != 1 {
		t.Errorf("%+v", r)
	}
}

func TestAFraudDatedLaterIsKnownAtItsDate(t *testing.T) {
	var s tale
	s.order("a", at(1, 10), "x", 100)
	s.event("a", at(2, 10), risk.EventFraudReport)
	s.event("a", at(2, 12), risk.EventChargeback)
	s.order("b", at(2, 11), "x", 100)
	s.order("c", at(2, 13), "x", 100)
	s[2], s[3] = s[3], s[2]
	r := tested(t, options("2026-03-01..2026-03-02"), s)
	if r.Orders != 3 || r.Fraud != 1 || r.FraudApproved != 1 || r.GoodApproved != 1 || r.GoodHeld != 1 {
		t.Errorf("%+v", r)
	}
}

func TestAFraudCountsWheneverItIsReported(t *testing.T) {
	var s tale
	s.order("a", at(1, 10), "x", 60000)
	s.order("b", at(1, 11), "y", 100)
	s.event("a", at(1, 12), risk.EventAuthorised)
	s.event("a", at(100, 0), risk.EventChargeback)
	r := tested(t, options("2026-03-01"), s)
	if r.Fraud != 1 || r.FraudChallenged != 1 || r.GoodApproved != 1 || *r.AUC != 1 || *r.AveragePrecision != 1 || r.CardPrecision != 0.5 {
		t.Errorf("%+v", r)
	}
	want := []Money{{Currency: "EUR", Missed: 60000}}
	if !reflect.DeepEqual(r.Money, want) {
		t.Errorf("money %+v", r.Money)
	}
}

func TestKnownCardsAreLeftOutFromTheDayAfterTheirFraudIsKnown(t *testing.T) {
	var s tale
	s.fraud("old", at(1, 10), "before", 100) // before the days of training: not counted with them
	s.fraud("a", at(2, 10), "x", 100)
	for day := 9; day <= 11; day++ {
		s.order(fmt.Sprintf("x%d", day), at(day, 12), "x", 100)
		s.order(fmt.Sprintf("y%d", day), at(day, 13), "before", 100)
	}
	o := options("2026-03-09..2026-03-11")
	o.DropKnown = true
	if r := tested(t, o, s); r.LeftOut != 5 || r.Orders != 1 {
		t.Errorf("without days of training %d are left out and %d tested", r.LeftOut, r.Orders)
	}
	o.Train, _ = ParseDays("2026-03-02..2026-03-03")
	if r := tested(t, o, s); r.LeftOut != 2 || r.Orders != 4 {
		t.Errorf("with days of training %d are left out and %d tested", r.LeftOut, r.Orders)
	}
}

func TestShadowRulesAreCountedAndChangeNothing(t *testing.T) {
	var s tale
	s.order("a", at(1, 1), "x", 20000)
	r := tested(t, options("2026-03-01"), s)
	for _, h := range r.Rules {
		if h.Code == "TRIED" && (!h.Shadow || h.Hits != 1 || *h.Precision != 0) || h.Code == "DEAR" && (h.Hits != 0 || h.Precision != nil) {
			t.Errorf("%+v", h)
		}
	}
	if r.GoodApproved != 1 {
		t.Errorf("%+v", r)
	}
}

func TestBadEntriesAreToldWithTheirLine(t *testing.T) {
	for _, c := range []struct {
		make func(s *tale)
		want string
	}{
		{func(s *tale) { s.event("b", at(1, 2), risk.EventCaptured) },
			`line 2: the event is of the order "b", which no line of the 180 days before has`},
		{func(s *tale) { s.order("b", at(1, 0), "x", 1) },
			"line 2: 2026-03-01T00:00:00Z is before line 1, which was at 2026-03-01T01:00:00Z: recorded orders stand oldest first"},
		{func(s *tale) { s.order("a", at(1, 2), "x", 1) }, `line 2: the order "a" is already on line 1`},
		{func(s *tale) { s.order("", at(1, 2), "x", 1) }, "line 2: the id is empty"},
		{func(s *tale) { s.event("a", at(1, 2), risk.EventAttempt) }, "line 2: attempt is no event of an order"},
		{func(s *tale) { s.order("b", at(1, 2), "x", -1) },
			"line 2: velocity: invalid record: the amount is outside 0 to 1099511627775 minor units"},
		{func(s *tale) { s.event("a", at(182, 0), risk.EventChargeback) },
			`line 2: the event is of the order "a", which no line of the 180 days before has`},
	} {
		var s tale
		s.order("a", at(1, 1), "x", 100)
		c.make(&s)
		b, err := New(parsed(t, reporting), options("2026-03-01"))
		for i := 0; i < len(s) && err == nil; i++ {
			err = b.Add(s[i])
		}
		if err == nil || err.Error() != c.want {
			t.Errorf("got %v, want %s", err, c.want)
		}
	}
}

func TestWhatCannotBeTestedIsRefused(t *testing.T) {
	for want, change := range map[string]func(*Options){
		"there are no days to test": func(o *Options) { o.Test = Days{} },
		"the days of training, 2026-03-01..2026-03-01, must end before the days of the test, 2026-03-01..2026-03-01": func(o *Options) { o.Train = o.Test },
		"the number of entities looked at a day must be from 1 to 1000000":                                           func(o *Options) { o.Top = 0 },
		"the entity of the card precision is not known":                                                              func(o *Options) { o.Per = risk.EntityCount },
		"the delay of labels must be from 0 to 4320h0m0s":                                                            func(o *Options) { o.LabelDelay = -1 },
		"the minutes per case must be above 0, and at most those of a day":                                           func(o *Options) { o.Desk.MinutesPerCase = 0 },
	} {
		o := options("2026-03-01")
		change(&o)
		if _, err := New(parsed(t, reporting), o); err == nil || err.Error() != want {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}

func TestDaysAreReadStrictly(t *testing.T) {
	d, err := ParseDays("2018-08-08..2018-08-14")
	if err != nil || d.Count() != 7 || d.String() != "2018-08-08..2018-08-14" || !d.Holds(d.End().Add(-1)) || d.Holds(d.End()) {
		t.Errorf("%v %v", d, err)
	}
	for _, bad := range []string{"", "..", "2018-08-08..", "2018-02-30", "2018-08-08...2018-08-09", "2018-08-14..2018-08-08", "2000-01-01..2018-01-01"} {
		if d, err := ParseDays(bad); err == nil {
			t.Errorf("%q was read as %s", bad, d)
		}
	}
}

func TestTheSameEntriesGiveTheSameReport(t *testing.T) {
	var s tale
	for i := range 300 {
		card := fmt.Sprint(i % 17)
		s.order(fmt.Sprint(i), at(1, i/2), card, int64(i*331%60000))
		if i%9 == 0 {
			s.event(fmt.Sprint(i), at(1, i/2), risk.EventChargeback)
		}
	}
	a, err := json.Marshal(tested(t, options("2026-03-03..2026-03-07"), s))
	b, err2 := json.Marshal(tested(t, options("2026-03-03..2026-03-07"), s))
	if err != nil || err2 != nil || string(a) != string(b) || !strings.Contains(string(a), `"auc_roc":0.`) {
		t.Errorf("%s\n%s", a, b)
	}
}

func TestTheLedgerForgetsAndStaysRight(t *testing.T) {
	l := newLedger()
	for i := range 1000 {
		rec := risk.Record{ID: fmt.Sprint(i), At: at(1, i), Amount: int64(i), Currency: "EUR"}
		rec.Keys[risk.EntityCard], rec.Keys[risk.EntityCustom4] = strings.Repeat("c", i), fmt.Sprint("t", i)
		l.add(i+1, &rec)
		l.forget(at(1, i-10))
		if p := l.find(fmt.Sprint(i - 10)); i >= 10 && (p == nil || p.amount != int64(i-10) || p.key(risk.EntityCustom4) != fmt.Sprint("t", i-10)) {
			t.Fatalf("order %d is remembered as %+v", i-10, p)
		}
		if l.find(fmt.Sprint(i-11)) != nil || len(l.places) > 11 {
			t.Fatalf("order %d is still remembered", i-11)
		}
		if got := l.find(fmt.Sprint(i)).record(risk.Event{}); got.Keys != rec.Keys || got.ID != rec.ID || got.Currency != "EUR" {
			t.Fatalf("%+v came back as %+v", rec, got)
		}
	}
}
