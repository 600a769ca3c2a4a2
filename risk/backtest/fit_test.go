package backtest

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"octroi/risk"
	"octroi/risk/policy"
)

const toFit = `# A file of the shop's own.
name: own
entities: {terminal: metadata.terminal}
bands: {challenge: 500, hold: 600, decline: 800} # kept
rules: []
scorecard:
  features:
    - code: AMOUNT
      value: amount / 100
      edges: [50, 100, 200]
      why: {en: dear, fr: cher}
    - code: KNOWN_FRAUD
      value: count("terminal", "chargeback", "30d")
      edges: [1, 3]
      why: {en: known, fr: connu}
`

// trade is orders of twenty terminals over days, two of them bad; dear orders are often fraud as well.
func trade(days int) tale {
	r, s := rand.New(rand.NewPCG(3, 4)), tale{}
	for i := range days * 100 {
		id, card, when := fmt.Sprint(i), fmt.Sprint(r.IntN(20)), start.Add(oneDay*time.Duration(i)/100)
		amount := int64(r.ExpFloat64() * 6000)
		chance := 0.005
		if card == "7" || card == "13" {
			chance = 0.4
		}
		if amount >= 20000 {
			chance += 0.3
		}
		s.order(id, when, card, amount)
		if r.Float64() < chance {
			s.event(id, when, risk.EventChargeback)
		}
	}
	return s
}

func fitted(t *testing.T, text string, change func(*FitOptions), s tale) (*Fitted, error) {
	t.Helper()
	o := DefaultFit()
	o.LabelDelay = DefaultLabelDelay
	o.Train, _ = ParseDays("2026-03-15..2026-03-28")
	if change != nil {
		change(&o)
	}
	f, err := NewFitting(parsed(t, text), o)
	if err != nil {
		return nil, err
	}
	for _, e := range s {
		if err := f.Add(e); err != nil {
			t.Fatal(err)
		}
	}
	return f.Fit()
}

func TestAFitFindsWhatTellsFraud(t *testing.T) {
	f, err := fitted(t, toFit, nil, trade(40))
	if err != nil {
		t.Fatal(err)
	}
	if f.Orders != 1400 || f.Fraud < 50 || f.Failed != 0 {
		t.Errorf("%d orders, %d fraud, %d failed", f.Orders, f.Fraud, f.Failed)
	}
	features := f.Policy.Features()
	if p := features[0].Points; p[2] < 60 || p[0] > 40 {
		t.Errorf("the points of the amount are %v", p)
	}
	if p := features[1].Points; p[0]+p[1] < 100 {
		t.Errorf("the points of known frauds are %v", p)
	}
	predicted, observed := 0.0, 0
	for _, c := range f.Calibration {
		predicted += c.Predicted
		observed += c.Observed
	}
	if observed != f.Fraud || predicted < float64(observed)*0.97 || predicted > float64(observed)*1.03 {
		t.Errorf("%.1f frauds expected, %d seen", predicted, observed)
	}
	if c := f.Chance(600); c < 0.0999 || c > 0.1001 {
		t.Errorf("the band hold begins at a chance of %v", c)
	}
}

func TestTheFittedFileIsTheShopsOwnWithOtherNumbers(t *testing.T) {
	s := trade(40)
	first, err := fitted(t, toFit, nil, s)
	if err != nil {
		t.Fatal(err)
	}
	again, err := fitted(t, string(first.Source), nil, s)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(first.Source, again.Source) {
		t.Errorf("a fit of the fitted file is another:\n%s\n%s", first.Source, again.Source)
	}
	text := string(first.Source)
	for _, want := range []string{"#: Points fitted by `octroi policy fit` on 1400 orders of 2026-03-15..2026-03-28, ",
		"\n#:   hold        600  10 %\n", "\n# A file of the shop's own.\n", "decline: 800} # kept\n", "edges: [50, 100, 200]\n      points: ["} {
		if !strings.Contains(text, want) {
			t.Errorf("the fitted file has no %q:\n%s", want, text)
		}
	}
}

func TestTheScoreOfAnOrderIsTheScalesChance(t *testing.T) {
	f, err := fitted(t, toFit, nil, trade(40))
	if err != nil {
		t.Fatal(err)
	}
	mild := f.Policy.Decide(f.Policy.Prepare(risk.Facts{ID: "a", At: start, Amount: 1}), none(t), nil)
	dear := f.Policy.Decide(f.Policy.Prepare(risk.Facts{ID: "a", At: start, Amount: 90000}), none(t), nil)
	if mild.Score <= 0 || dear.Score <= mild.Score || f.Chance(mild.Score) > 0.03 || f.Chance(dear.Score) < 0.05 {
		t.Errorf("a mild order scores %d (%.3f), a dear one %d (%.3f)", mild.Score, f.Chance(mild.Score), dear.Score, f.Chance(dear.Score))
	}
}

// none are histories without anything before.
func none(t *testing.T) risk.Histories {
	t.Helper()
	r, err := newReplay(Histories{}, parsed(t, toFit), start.Add(oneDay))
	if err != nil {
		t.Fatal(err)
	}
	_, h, _, err := r.order(Entry{Line: 1, At: start, ID: "a", Order: &risk.Facts{Amount: 1}})
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func TestLabelsThatCameTooLateAreNotFitted(t *testing.T) {
	s := trade(28)
	late := s[len(s)-1].At
	for i := range s {
		if s[i].Order == nil {
			s[i].Event.Kind = risk.EventAuthorised // no fraud is known but those below
		}
	}
	for i := range 30 {
		s.order(fmt.Sprint("x", i), late, "x", 90000)
	}
	for i := range 30 {
		s.event(fmt.Sprint("x", i), at(28+7, i), risk.EventFraudReport)
	}
	f, err := fitted(t, toFit, nil, s)
	if err != nil || f.Fraud != 25 { // what is known by the midnight seven days after the last day, that moment included
		t.Errorf("%d are known as fraud: %v", f.Fraud, err)
	}
}

func TestWhatCannotBeFittedIsRefused(t *testing.T) {
	for _, c := range []struct {
		text, want string
		change     func(*FitOptions)
	}{
		{reporting, "policy reporting has no scorecard, so there is nothing to fit", nil},
		{toFit, "there are no days to train on", func(o *FitOptions) { o.Train = Days{} }},
		{toFit, "the ridge must be from 0.001 to 1000000", func(o *FitOptions) { o.Ridge = 0 }},
		{toFit, "the points to double the odds must be from 1 to 1000", func(o *FitOptions) { o.Double = 0.5 }},
		{toFit, "the chance of fraud at which to hold must be from 0.0001 to 0.99", func(o *FitOptions) { o.HoldAt = 1 }},
		{toFit, "of the 0 orders of 2027-01-01..2027-01-01, 0 are known as fraud by then: at least 10 of each kind are needed",
			func(o *FitOptions) { o.Train, _ = ParseDays("2027-01-01") }},
	} {
		if _, err := fitted(t, c.text, c.change, trade(1)); err == nil || err.Error() != c.want {
			t.Errorf("got %v, want %s", err, c.want)
		}
	}
}

func TestAFittedPolicyIsBacktested(t *testing.T) {
	s := trade(50)
	f, err := fitted(t, toFit, nil, s)
	if err != nil {
		t.Fatal(err)
	}
	for p, least := range map[*policy.Policy]float64{parsed(t, toFit): 0.4, f.Policy: 0.8} {
		b, err := New(p, options("2026-04-05..2026-04-15"))
		for i := 0; i < len(s) && err == nil; i++ {
			err = b.Add(s[i])
		}
		if err != nil {
			t.Fatal(err)
		}
		if r := b.Report(); r.AUC == nil || *r.AUC < least {
			t.Errorf("policy %s has an AUC of %v", p.Ref().Name, share(r.AUC))
		}
	}
}
