package policy

import (
	"math/rand/v2"
	"path/filepath"
	"reflect"
	"testing"

	"octroi/risk"
)

// withoutWords is what a sketch has of a decision.
func withoutWords(d risk.Decision) risk.Decision {
	d.Signals = nil
	d.Reasons = append([]risk.Reason{}, d.Reasons...)
	for i := range d.Reasons {
		d.Reasons[i].Detail, d.Reasons[i].DetailFR = "", ""
	}
	return d
}

func TestASketchIsTheDecisionWithoutItsWords(t *testing.T) {
	files, err := filepath.Glob("testdata/scenario_*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	dice, room := rand.New(rand.NewPCG(3, 4)), []risk.Reason(nil)
	wide := loadPolicy(t, "policy_wide.yaml")
	reasons := 0
	for _, file := range files {
		s, _, _ := loadScenario(t, file)
		for _, p := range []*Policy{s.policy(t, Default()), wide} {
			f := p.Prepare(factsOf(t, "order", noon, s.Facts))
			for range 20 {
				h := &guessed{dice: dice, said: map[asked]risk.Fold{}}
				want := withoutWords(p.Decide(f, h, someLists(s.Lists)))
				got := p.Sketch(f, h, someLists(s.Lists), room)
				room = got.Reasons
				if got = withoutWords(got); !reflect.DeepEqual(got, want) {
					t.Fatalf("%s: %+v\nand in words %+v", file, got, want)
				}
				reasons += len(want.Reasons)
			}
		}
	}
	if reasons == 0 {
		t.Error("no decision had a reason")
	}
}

func TestASketchFailsWhereADetailFails(t *testing.T) {
	for _, detail := range []string{"{{1 / (amount - amount)}}", "{{money(1 / (amount - amount))}}", "{{ratio(amount, 1 / (amount - amount), 0)}}"} {
		p, err := Parse("broken.yaml", []byte("name: broken\nbands: {challenge: 10, hold: 20, decline: 30}\nrules:\n"+
			"  - {code: BROKEN, when: 'true', points: 1, detail: '"+detail+"', why: A sentence.}\n"))
		if err != nil {
			t.Fatal(err)
		}
		d := decideAlone(p, paris())
		got := withoutWords(p.Sketch(paris(), recall(paris(), nil), nil, nil))
		if !d.Has(CodeRuleFailed) || !reflect.DeepEqual(got, withoutWords(d)) {
			t.Errorf("%s: %+v\nand in words %+v", detail, got, d)
		}
	}
}
