package policy

import (
	"bytes"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"octroi/risk"
)

// TestPromisedOutcomes holds what the shipped policy promises, apart from the scenario files, which -update rewrites.
func TestPromisedOutcomes(t *testing.T) {
	p := Default()
	for name, want := range map[string][]risk.Outcome{
		"pickup_point_alone":                  {risk.Approve},
		"same_town_alone":                     {risk.Approve},
		"first_order_ever":                    {risk.Approve},
		"other_city_new_email":                {risk.Hold},
		"other_city_new_email_other_name":     {risk.Hold},
		"other_city_retry":                    {risk.Hold},
		"expiry_slip_retried":                 {risk.Approve},
		"gift_by_established_buyer":           {risk.Approve, risk.Challenge},
		"gift_by_established_buyer_new_phone": {risk.Approve, risk.Challenge},
		"shared_mobile_ip":                    {risk.Approve},
		"card_testing_sixth_card":             {risk.Decline},
		"card_testing_ip_without_device":      {risk.Hold},
		"card_testing_ip_lasting":             {risk.Decline},
		"takeover":                            {risk.Hold},
		"reported_card":                       {risk.Decline},
		"histories_away":                      {risk.Hold},
		"review_liability_shift":              {risk.Approve},
		"review_avs_absent":                   {risk.Approve},
	} {
		s, _, _ := loadScenario(t, filepath.Join("testdata", "scenario_"+name+".yaml"))
		d := s.decide(t, p)
		found := false
		for _, w := range want {
			found = found || d.Outcome == w
		}
		if !found {
			t.Errorf("%s: %s, want %v\n%s", name, d.Outcome, want, told(d))
		}
	}
	s, _, _ := loadScenario(t, "testdata/scenario_other_city_new_email.yaml")
	want := risk.Reason{Code: "ADDRESS_OTHER_CITY", Points: 30, Detail: "billing Paris 75006, delivery Marseille 13001",
		DetailFR: "facturation Paris 75006, livraison Marseille 13001"}
	if got := s.decide(t, p).Reasons[0]; got != want {
		t.Errorf("got %+v", got)
	}
}

func TestDetailsShowValuesInBothLanguages(t *testing.T) {
	src := `
name: small
bands: {challenge: 10, hold: 20, decline: 30}
rules:
  - code: SHOWN
    when: "true"
    points: 1
    detail:
      en: '{{money(amount)}} after {{span(90000)}}, {{span(1)}}, {{span(7200)}}; {{delivery.city}} {{billing.postal_code}}, {{metadata.note}}'
      fr: '{{money(amount)}} après {{span(90000)}}, {{span(0)}}, {{span(7200)}} ; {{0.5 * order.quantity + 0.25}}'
    why: A sentence.
`
	p, err := Parse("shown.yaml", []byte(src))
	if err != nil {
		t.Fatal(err)
	}
	f := paris()
	f.Billing.Address.PostalCode = ""
	f.Metadata = map[string]string{"note": "a\x00b" + strings.Repeat("x", 100)}
	r := decideAlone(p, f).Reasons[0]
	if want := "129.90 EUR after 1 day, 1 second, 2 hours; Paris, a b" + strings.Repeat("x", 77) + "…"; r.Detail != want {
		t.Errorf("got  %q\nwant %q", r.Detail, want)
	}
	if want := "129,90 EUR après 1 jour, 0 seconde, 2 heures ; 1,25"; r.DetailFR != want {
		t.Errorf("got  %q\nwant %q", r.DetailFR, want)
	}
	for currency, want := range map[string]string{"JPY": "12990 JPY", "KWD": "12.990 KWD", "EUR": "129.90 EUR"} {
		if got := show(money{12990, currency}, english); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestDisposableDomainsCoverWhatStandsUnderThem(t *testing.T) {
	for domain, want := range map[string]bool{"yopmail.com": true, "mx.YOPMAIL.com": true, "notyopmail.com": false, "gmail.com": false, "": false} {
		if disposable(domain) != want {
			t.Errorf("%s: %v", domain, !want)
		}
	}
}

func BenchmarkDecideWithTheDefaultPolicy(b *testing.B) {
	p := Default()
	for _, c := range []struct{ name, city, code string }{{"SameAddress", "Paris", "75006"}, {"OtherCity", "Marseille", "13001"}} {
		b.Run(c.name, func(b *testing.B) {
			f := paris()
			f.Delivery.Address.City, f.Delivery.Address.PostalCode = c.city, c.code
			h := &recordedOnce{recorded: recall(f, nil), counts: map[asked]risk.Fold{}}
			var l someLists
			b.ReportAllocs()
			for b.Loop() {
				p.Decide(f, h, l)
			}
		})
	}
}

// asked is one question to count or distinct.
type asked struct {
	e, of  risk.Entity
	ev     risk.Event
	window time.Duration
}

// recordedOnce remembers the answers of the reference, whose own cost is not to be measured.
type recordedOnce struct {
	*recorded
	counts map[asked]risk.Fold
}

func (h *recordedOnce) once(k asked, ask func() risk.Fold) risk.Fold {
	v, ok := h.counts[k]
	if !ok {
		v = ask()
		h.counts[k] = v
	}
	return v
}

func (h *recordedOnce) Count(e risk.Entity, ev risk.Event, w time.Duration) risk.Fold {
	return h.once(asked{e, risk.EntityCount, ev, w}, func() risk.Fold { return h.recorded.Count(e, ev, w) })
}

func (h *recordedOnce) Distinct(e, of risk.Entity, w time.Duration) risk.Fold {
	return h.once(asked{e, of, risk.Event{}, w}, func() risk.Fold { return h.recorded.Distinct(e, of, w) })
}

func TestDefaultPolicyIsTheTextThatIsShipped(t *testing.T) {
	p, err := Parse("default.yaml", DefaultSource())
	if err != nil {
		t.Fatal(err)
	}
	if p.Ref() != Default().Ref() || p.Ref().Name != "default" || !strings.HasPrefix(p.Ref().Version, "sha256:") || len(p.Ref().Version) != 71 {
		t.Errorf("%+v", p.Ref())
	}
	if !bytes.Equal(DefaultSource(), defaultSource) {
		t.Error("the source differs")
	}
	for _, r := range p.Rules() {
		if r.Why == "" || r.WhyFR == "" || r.Why == r.WhyFR || !strings.HasSuffix(r.Why, ".") || !strings.HasSuffix(r.WhyFR, ".") {
			t.Errorf("%s: why must be a sentence in each language: %q, %q", r.Code, r.Why, r.WhyFR)
		}
	}
	if codes := p.Codes(); len(codes) != len(p.Rules())+2 {
		t.Errorf("%d codes", len(codes))
	}
}

func TestHorizonIsTheLongestLookBackOfEachEntity(t *testing.T) {
	p := small(t, `code: AA, when: 'count("email", "refused", "1h") + rate("email", "refused", "24h", "48h") > distinct("ip", "card", "7d")', points: 1`,
		`code: BB, when: 'known("device") && in_list(buyer.ip, "some_ips")', points: 1`)
	h := p.Horizon()
	if len(h) != 4 || h[risk.EntityCard] != Memory || h[risk.EntityEmail] != 72*time.Hour || h[risk.EntityIP] != 7*24*time.Hour || h[risk.EntityDevice] != Memory {
		t.Errorf("%v", h)
	}
	delayed := small(t, `code: AA, when: 'count("email", "refused", "1h", "30d") > 0 || mean_before("phone", "attempt", "2d") > 1', points: 1`).Horizon()
	if delayed[risk.EntityEmail] != 721*time.Hour || delayed[risk.EntityPhone] != 48*time.Hour {
		t.Errorf("%v", delayed)
	}
	if l := p.Lists(); len(l) != 1 || l[0] != "some_ips" {
		t.Errorf("%v", l)
	}
}
