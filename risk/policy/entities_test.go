package policy

import (
	"reflect"
	"strings"
	"testing"

	"octroi/risk"
)

func declaring(t *testing.T, entities string, rules ...string) *Policy {
	t.Helper()
	p, err := Parse("declaring.yaml", []byte(strings.Replace(smallSource(rules...), "rules:", "entities: {"+entities+"}\nrules:", 1)))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestADeclaredEntityCountsLikeABuiltInOne(t *testing.T) {
	p := declaring(t, "terminal: metadata.terminal_id, cashier: metadata.cashier",
		`code: BUSY, when: 'count("terminal", "attempt", "2h") >= 3 && distinct("cashier", "terminal", "2h") == 1', points: 5`,
		`code: NEW, when: 'first_seen("cashier")', points: 1`)
	f := paris()
	f.Metadata = map[string]string{"terminal_id": "7", "cashier": "7"}
	f = p.Prepare(f)
	if want := [risk.CustomEntities]string{"terminal_id=7", "cashier=7"}; f.Custom != want || f.Attempt().Keys[risk.EntityCustom1] != "terminal_id=7" {
		t.Errorf("%v", f.Custom)
	}
	d := p.Decide(f, recall(f, someRefused(f, 100, 100)), nil)
	if d.Score != 5 || len(d.Degraded) != 0 {
		t.Errorf("%+v", d)
	}
	if h := p.Horizon(); h[risk.EntityCustom1] == 0 || h[risk.EntityCustom2] != Memory || h[risk.EntityCustom3] != 0 {
		t.Errorf("%v", h)
	}
	if want := []Entity{{"terminal", "terminal_id"}, {"cashier", "cashier"}}; !reflect.DeepEqual(p.Entities(), want) {
		t.Errorf("%v", p.Entities())
	}
}

func TestPrepareForgetsWhatAnotherPolicyFilledIn(t *testing.T) {
	p := declaring(t, "terminal: metadata.terminal_id", `code: NEVER, when: "false", points: 1`)
	f := paris()
	f.Custom = [risk.CustomEntities]string{"a=1", "b=2", "c=3", "d=4"}
	if f = p.Prepare(f); f.Custom != [risk.CustomEntities]string{} {
		t.Errorf("%v", f.Custom)
	}
}

// TestHistoriesOfAnotherPolicysEntitiesAreNotRead: a shadow policy reads the histories that the live one had recorded.
func TestHistoriesOfAnotherPolicysEntitiesAreNotRead(t *testing.T) {
	rule := `code: BUSY, when: 'count("terminal", "attempt", "1h") >= 1 || distinct("card", "terminal", "1h") >= 1', points: 5`
	f := paris()
	f.Metadata = map[string]string{"terminal": "7", "till": "7"}
	live := declaring(t, "till: metadata.till, terminal: metadata.terminal", rule)
	f = live.Prepare(f)
	h := recall(f, nil)
	for entities, want := range map[string]int{
		"till: metadata.till, terminal: metadata.terminal":     5,
		"counter: metadata.till, terminal: metadata.terminal":  5, // another name of the same
		"terminal: metadata.terminal":                          0, // in another place
		"till: metadata.till, terminal: metadata.terminal_two": 0,
	} {
		if d := declaring(t, entities, rule).Decide(f, h, nil); d.Score != want || len(d.Degraded) != 0 {
			t.Errorf("%s: %+v, want %d", entities, d, want)
		}
	}
	bare := f
	bare.Custom = [risk.CustomEntities]string{}
	if d := live.Decide(bare, h, nil); d.Score != 0 {
		t.Errorf("facts that nobody prepared: %+v", d)
	}
}

func TestEveryFactHasTheTypeItIsDeclaredWith(t *testing.T) {
	for _, f := range facts {
		if s := newSlot(f.get); s.kind != f.kind {
			t.Errorf("%s", f.name)
		}
	}
}
