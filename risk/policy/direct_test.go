package policy

import (
	"math/rand/v2"
	"path/filepath"
	"testing"
	"time"

	"octroi/risk"
)

// guessed are histories with answers of their own, to reach both sides of every comparison.
type guessed struct {
	none
	dice *rand.Rand
	said map[asked]risk.Fold
}

func (g *guessed) Available() bool { return true }

func (g *guessed) say(k asked) risk.Fold {
	f, ok := g.said[k]
	if !ok {
		f = risk.Fold{Value: float64(g.dice.IntN(12)), Missing: g.dice.IntN(4) == 0}
		if k.window == 0 {
			f.Value *= 86400 * 10
		}
		g.said[k] = f
	}
	return f
}

func (g *guessed) Count(e risk.Entity, ev risk.Event, w time.Duration) risk.Fold {
	return g.say(asked{e: e, ev: ev, window: w})
}

func (g *guessed) Sum(e risk.Entity, ev risk.Event, w time.Duration) risk.Fold {
	return g.say(asked{e: e, ev: ev, window: w + 1})
}

func (g *guessed) Distinct(e, of risk.Entity, w time.Duration) risk.Fold {
	return g.say(asked{e: e, of: of, window: w + 2})
}

func (g *guessed) Rate(e risk.Entity, ev risk.Event, w, delay time.Duration) risk.Fold {
	return g.say(asked{e: e, ev: ev, window: w + delay + 3})
}

func (g *guessed) Age(e risk.Entity) risk.Fold { return g.say(asked{e: e}) }

func TestRulesAndFeaturesAnswerTheSameInGoAndOnTheMachine(t *testing.T) {
	shipped := Default()
	direct := 0
	agree := func(p *Policy, f risk.Facts, h risk.Histories, l risk.Lists) {
		r := p.begin(f, h, l)
		defer p.end(r)
		for _, rule := range p.rules {
			if rule.when.direct == nil {
				continue
			}
			direct++
			fast, err := r.holds(&rule.when)
			slow, failed := r.holds(&expression{program: rule.when.program})
			if err != nil || failed != nil || fast != slow {
				t.Fatalf("%s: %v %v, on the machine %v %v", rule.code, fast, err, slow, failed)
			}
		}
		for _, feature := range p.card.features {
			if feature.value.figure == nil {
				t.Errorf("%s does not run in Go", feature.code)
			}
			fast, err := r.weigh(&feature.value)
			slow, failed := r.weigh(&expression{program: feature.value.program})
			if err != nil || failed != nil || fast != slow {
				t.Fatalf("%s: %v %v, on the machine %v %v", feature.code, fast, err, slow, failed)
			}
		}
	}
	files, err := filepath.Glob("testdata/scenario_*.yaml")
	if err != nil {
		t.Fatal(err)
	}
	dice := rand.New(rand.NewPCG(1, 2))
	wide := loadPolicy(t, "policy_wide.yaml")
	rules := 0
	for _, file := range files {
		s, _, _ := loadScenario(t, file)
		p := s.policy(t, shipped)
		f := p.Prepare(factsOf(t, "order", noon, s.Facts))
		agree(p, f, s.histories(t, p, f), someLists(s.Lists))
		for range 50 {
			agree(p, f, &guessed{dice: dice, said: map[asked]risk.Fold{}}, someLists(s.Lists))
			agree(wide, wide.Prepare(f), &guessed{dice: dice, said: map[asked]risk.Fold{}}, someLists(s.Lists))
		}
		rules += len(p.rules)*51 + len(wide.rules)*50
	}
	if direct < rules*9/10 {
		t.Errorf("only %d of %d rules run in Go: the shipped policy is meant to be fast", direct, rules)
	}
}
