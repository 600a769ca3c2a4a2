package traffic

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"octroi/risk/policy"
)

var update = flag.Bool("update", false, "write the tables of README.md anew")

const (
	readme = "README.md"
	begins = "<!-- the tables begin -->\n"
	ends   = "<!-- the tables end -->\n"
)

// TestTableOfTheReadmeIsWhatTheDefaultPolicyDoes plays half a million orders, and so only for who wants to see:
// go test -run Table -v ./risk/traffic
func TestTableOfTheReadmeIsWhatTheDefaultPolicyDoes(t *testing.T) {
	if !testing.Verbose() {
		t.Skip("prints the tables with -v, which takes minutes")
	}
	got := tables(t)
	t.Log("\n" + got)
	text, err := os.ReadFile(readme)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, begun := strings.Cut(string(text), begins)
	shown, after, ended := strings.Cut(rest, ends)
	if !begun || !ended {
		t.Fatalf("%s has no place for the tables", readme)
	}
	if *update {
		if err := os.WriteFile(readme, []byte(before+begins+got+ends+after), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if shown != got {
		t.Errorf("%s shows other tables: write them anew with -update", readme)
	}
}

// tables plays honest trade alone, then beside all thefts and abuses, then beside each card test.
func tables(t *testing.T) string {
	p := policy.Default()
	o := Options{Warm: 45, Days: 30, OrdersPerDay: 250}
	alone := measured(t, p, 1, o).Row(Honest)
	alone.Scenario = "honest, alone"
	o.Attacks = append(thefts(), abuses()...)
	all := Table{Rows: []*Row{&alone}}
	beside := measured(t, p, 1, o)
	honest := beside.Row(Honest)
	honest.Scenario = "honest, beside all but the card tests"
	all.Rows = append(all.Rows, &honest)
	tests := Table{}
	meanwhile := "\n| honest trade in fifteen days with one | orders | challenged | held | declined |\n|---|--:|--:|--:|--:|\n"
	for _, a := range testings() {
		run := measured(t, p, 1, Options{Warm: 5, Days: 15, OrdersPerDay: 250, Attacks: []Attack{a}})
		row, h := run.Row(a.Name), run.Row(Honest)
		tests.Rows = append(tests.Rows, &row)
		meanwhile += fmt.Sprintf("| %s | %d | %s | %s | %s |\n", a.Name, h.Orders, percent(h.share(h.Challenged)), percent(h.share(h.Held)), percent(h.share(h.Declined)))
	}
	for _, a := range o.Attacks {
		row := beside.Row(a.Name)
		all.Rows = append(all.Rows, &row)
	}
	what := "\n"
	for _, a := range Attacks() {
		what += fmt.Sprintf("- `%s`: %s\n", a.Name, a.Says)
	}
	return all.Markdown() + "\n" + tests.Markdown() + meanwhile + what
}
