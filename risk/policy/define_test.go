package policy

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"octroi/risk"
)

// defining writes a policy of definitions and rules, as smallSource does.
func defining(define string, rules ...string) string {
	return strings.Replace(smallSource(rules...), "rules:\n", "define:\n"+define+"rules:\n", 1)
}

func parsed(t testing.TB, src string) *Policy {
	t.Helper()
	p, err := Parse("defining.yaml", []byte(src))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

const definitions = `  wave(entity, least): failures(entity) >= least && distinct(entity, "card", "1h") >= least
  failures(entity): count(entity, "refused", "1h") - count(entity, "refused.issuer_unavailable", "1h")
  stranger: '!known("card") && !known("email")'
  town: 'address.elsewhere ? lower(delivery.city) : "home"'
  share: failures("ip") / count("ip", "attempt", "1h")
`

func TestDefinitionsSayWhatTheirTextWouldSayInPlace(t *testing.T) {
	by := defining(definitions,
		`code: WAVE, when: 'stranger && wave("ip", 3)', points: 5`, `code: NETWORK, when: 'wave("ip_network", 4)', points: 1`,
		`code: TOWN, when: 'town != "home" && town startsWith "mars"', points: 2`, `code: SHARE, when: 'share > 0.5', points: 3`)
	failures := func(e string) string {
		return `(count("` + e + `", "refused", "1h") - count("` + e + `", "refused.issuer_unavailable", "1h"))`
	}
	town := `(address.elsewhere ? lower(delivery.city) : "home")`
	out := smallSource(
		`code: WAVE, when: '!known("card") && !known("email") && `+failures("ip")+` >= 3 && distinct("ip", "card", "1h") >= 3', points: 5`,
		`code: NETWORK, when: '`+failures("ip_network")+` >= 4 && distinct("ip_network", "card", "1h") >= 4', points: 1`,
		`code: TOWN, when: '`+town+` != "home" && `+town+` startsWith "mars"', points: 2`,
		`code: SHARE, when: '`+failures("ip")+` / count("ip", "attempt", "1h") > 0.5', points: 3`)
	short, long := parsed(t, by), parsed(t, out)
	if !reflect.DeepEqual(short.Horizon(), long.Horizon()) {
		t.Errorf("horizons %v and %v", short.Horizon(), long.Horizon())
	}
	var past []risk.Record
	given := map[string]int{}
	for i := range 12 {
		f := paris()
		f.ID, f.At = fmt.Sprint("order-", i), noon.Add(time.Duration(i)*time.Minute)
		f.Card.Fingerprint, f.Buyer.Email = fmt.Sprint("c-", i), fmt.Sprint("b", i, "@example.org")
		if i%3 == 0 {
			f.Delivery.Address = risk.Address{Lines: []string{"4 rue de Rome"}, PostalCode: "13001", City: "MARSEILLE", Country: "FR"}
		}
		a, b := short.Decide(f, recall(f, past), nil), long.Decide(f, recall(f, past), nil)
		if a.Policy, b.Policy = (risk.PolicyRef{}), (risk.PolicyRef{}); !reflect.DeepEqual(a, b) {
			t.Errorf("order %d:\n%+v\n%+v", i, a, b)
		}
		for _, r := range a.Reasons {
			given[r.Code]++
		}
		refused := f.Attempt()
		refused.Kind, refused.Code = risk.EventRefused, "refused"
		past = append(past, f.Attempt(), refused)
	}
	if given["WAVE"] == 0 || given["NETWORK"] == 0 || given["TOWN"] == 0 || given["SHARE"] == 0 {
		t.Errorf("a rule never matched: %v", given)
	}
}

// askedLists counts how often each list is asked.
type askedLists map[string]int

func (l askedLists) In(list, _ string) bool { l[list]++; return false }

func TestADefinitionIsWorkedOutOnceAtMostAndOnlyWhenNeeded(t *testing.T) {
	p := parsed(t, defining("  listed(list): in_list(buyer.id, list)\n  either: listed(\"a\") || listed(\"b\")\n",
		`code: ONE, when: '!either && !listed("a")', points: 1`, `code: TWO, when: 'either || !listed("b")', points: 1`,
		`code: NEVER, when: 'amount < 0 && listed("c")', points: 1`))
	asked := askedLists{}
	p.Decide(paris(), recall(paris(), nil), asked)
	if asked["a"] != 1 || asked["b"] != 1 || asked["c"] != 0 {
		t.Errorf("asked %v", asked)
	}
	p.Decide(paris(), recall(paris(), nil), asked)
	if asked["a"] != 2 || asked["b"] != 2 {
		t.Errorf("the next order reads the last one's values: %v", asked)
	}
	if got := fmt.Sprint(p.Lists()); got != "[a b c]" {
		t.Errorf("lists %s", got)
	}
}

func TestADefinitionThatFailsFailsEveryRuleThatNeedsItUnderItsName(t *testing.T) {
	p := parsed(t, defining("  share: 100 / (amount - 12990)\n  large: share > 3\n  shouted: upper(buyer.id) == \"X\" || large\n",
		`code: DIRECT, when: large, points: 1`, `code: AGAIN, when: shouted, points: 1`, `code: SPARED, when: amount > 1 || large, points: 1`))
	d := decideAlone(p, paris())
	want := []string{"rule DIRECT failed: large: share: division by zero", "rule AGAIN failed: shouted: large: share: division by zero"}
	if d.Outcome != risk.Hold || len(d.Reasons) != 3 || d.Reasons[0].Detail != want[0] || d.Reasons[1].Detail != want[1] || !d.Has("SPARED") {
		t.Errorf("%+v", d)
	}
	f := paris()
	f.Amount = 13000
	if d := decideAlone(p, f); len(d.Degraded) != 0 || !d.Has("DIRECT") {
		t.Errorf("the next order: %+v", d)
	}
}

func TestDefinitionsServeDetailsFeaturesAndTheReview(t *testing.T) {
	src := defining(`  euros: amount / 100
  unproven: 'review.three_ds != "authenticated"'
  plural(n): 'n > 1'
`, `code: SHOWN, when: plural(2), points: 1`, `code: LATER, stage: review, when: unproven && euros > 1, points: 2`)
	src = strings.Replace(src, "detail: a detail", "detail: 'of {{euros}} euros'", 1) +
		"scorecard:\n  features:\n    - {code: EUROS, value: euros, edges: [100], points: [4], why: A sentence.}\n"
	p := parsed(t, src)
	f := paris()
	d := decideAlone(p, f)
	if d.Score != 5 || d.Reasons[0].Detail != "of 129.90 euros" {
		t.Errorf("%+v", d)
	}
	f.Review = &risk.Review{Status: "authorised", ThreeDS: "failed"}
	if d = p.Review(d, f, recall(f, nil), nil); d.Score != 7 || !d.Has("LATER") {
		t.Errorf("%+v", d)
	}
	fitted, err := p.WithPoints(3, [][]int{{9}}, [][]float64{{120}})
	if want := strings.NewReplacer("edges: [100]", "edges: [120]", "points: [4]", "points: [9]", "  features:", "  base: 3\n  features:").Replace(src); err != nil || string(fitted) != want {
		t.Errorf("%v\n%s", err, fitted)
	}
}

func TestADefinitionMayStandWhereTheOrderOfTheFileDoesNotMatter(t *testing.T) {
	head := "name: late\nbands: {challenge: 10, hold: 20, decline: 30}\nrules:\n  - {code: DEAR, when: dear, points: 1, detail: a detail, why: A sentence.}\n"
	p := parsed(t, head+"define:\n  dear: above(100)\n  'above(n)': amount > n\n")
	if d := decideAlone(p, paris()); !d.Has("DEAR") {
		t.Errorf("%+v", d)
	}
}
