package policy

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/goccy/go-yaml"

	"octroi/risk"
)

var update = flag.Bool("update", false, "write the decisions of the scenario files anew")

// scenario is the upper half of a testdata file.
type scenario struct {
	Says    string
	Policy  string // a file of testdata; the shipped policy when empty
	Away    bool   // the histories cannot be asked
	Lists   map[string][]string
	Facts   map[string]any
	History []past
}

// past is one earlier order, or several: the facts with what was different about them, and what became of it.
type past struct {
	Ago    string
	Times  int
	Vary   []string // entities that are new each time: card, device, email
	Events []string
	With   map[string]any
}

type someLists map[string][]string

func (l someLists) In(list, value string) bool { return contains(l[list], value) }

var noon = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)

func factsOf(t *testing.T, id string, at time.Time, raw map[string]any) risk.Facts {
	t.Helper()
	text, err := json.Marshal(raw)
	if err != nil {
		t.Fatal(err)
	}
	f := risk.Facts{}
	d := json.NewDecoder(strings.NewReader(string(text)))
	d.DisallowUnknownFields()
	if err := d.Decode(&f); err != nil {
		t.Fatal(err)
	}
	f.ID, f.At = id, at
	return f
}

// merged lays one mapping over another.
func merged(base, over map[string]any) map[string]any {
	out := map[string]any{}
	for k, v := range base {
		out[k] = v
	}
	for k, v := range over {
		if b, ok := out[k].(map[string]any); ok {
			if o, ok := v.(map[string]any); ok {
				v = merged(b, o)
			}
		}
		out[k] = v
	}
	return out
}

func vary(f *risk.Facts, what string, i int) {
	switch what {
	case "card":
		f.Card.Fingerprint = fmt.Sprintf("card-%d", i)
	case "device":
		f.Buyer.DeviceID = fmt.Sprintf("device-%d", i)
	case "email":
		f.Buyer.Email = fmt.Sprintf("someone%d@example.net", i)
	}
}

func (s scenario) records(t *testing.T, p *Policy) []risk.Record {
	var out []risk.Record
	for n, past := range s.History {
		ago, ok := windowNamed(past.Ago)
		if !ok {
			t.Fatalf("history %d: %q is not a span", n, past.Ago)
		}
		for i := range max(past.Times, 1) {
			f := factsOf(t, fmt.Sprintf("past-%d-%d", n, i), noon.Add(-ago).Add(time.Duration(i)*time.Second), merged(s.Facts, past.With))
			for _, what := range past.Vary {
				vary(&f, what, n*1000+i)
			}
			f = p.Prepare(f)
			for _, name := range past.Events {
				ev, ok := eventNamed(name)
				if !ok {
					t.Fatalf("history %d: unknown event %q", n, name)
				}
				r := f.Attempt()
				r.Kind, r.Code = ev.Kind, ev.Code
				out = append(out, r)
			}
		}
	}
	return out
}

func (s scenario) histories(t *testing.T, p *Policy, f risk.Facts) risk.Histories {
	if s.Away {
		return nil
	}
	return recall(f, s.records(t, p))
}

// policy is the one the scenario names, or the shipped one.
func (s scenario) policy(t *testing.T, shipped *Policy) *Policy {
	if s.Policy == "" {
		return shipped
	}
	return loadPolicy(t, s.Policy)
}

func loadPolicy(t testing.TB, file string) *Policy {
	t.Helper()
	src, err := os.ReadFile(filepath.Join("testdata", file))
	if err != nil {
		t.Fatal(err)
	}
	p, err := Parse(file, src)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// decide plays the scenario: the decision, and the review when the facts tell of an authorisation.
func (s scenario) decide(t *testing.T, p *Policy) risk.Decision {
	p = s.policy(t, p)
	f := p.Prepare(factsOf(t, "order", noon, s.Facts))
	h, l := s.histories(t, p, f), someLists(s.Lists)
	before := f
	before.Review = nil
	d := p.Decide(before, h, l)
	if f.Review != nil {
		d = p.Review(d, f, h, l)
	}
	return d
}

func loadScenario(t *testing.T, file string) (s scenario, above, below string) {
	t.Helper()
	src, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	above, below, _ = strings.Cut(string(src), "\n---\n")
	if err := yaml.UnmarshalWithOptions([]byte(above), &s, yaml.Strict()); err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	return s, above, below
}

// told is a decision as the lower half of a file shows it: the outcome and every reason in both languages.
func told(d risk.Decision) string {
	var b strings.Builder
	fmt.Fprintf(&b, "outcome: %s\nscore: %d\n", d.Outcome, d.Score)
	if len(d.Degraded) > 0 {
		fmt.Fprintf(&b, "degraded: [%s]\n", strings.Join(d.Degraded, ", "))
	}
	fmt.Fprintf(&b, "address: %q [%s]\n", d.Signals.Address.Grade, strings.Join(d.Signals.Address.Traits, ", "))
	for _, r := range d.Reasons {
		fmt.Fprintf(&b, "%s %+d", r.Code, r.Points)
		if r.Forces != "" {
			fmt.Fprintf(&b, " forces %s", r.Forces)
		}
		fmt.Fprintf(&b, "\n  en: %s\n  fr: %s\n", r.Detail, r.DetailFR)
	}
	return b.String()
}

func TestScenariosDecideAsWritten(t *testing.T) {
	p := Default()
	files, err := filepath.Glob("testdata/scenario_*.yaml")
	if err != nil || len(files) < 20 {
		t.Fatalf("found %d scenarios, %v", len(files), err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".yaml"), func(t *testing.T) {
			s, above, want := loadScenario(t, file)
			got := told(s.decide(t, p))
			if *update {
				if err := os.WriteFile(file, []byte(above+"\n---\n"+got), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			if got != want {
				t.Errorf("%s\ngot:\n%swant:\n%s", s.Says, got, want)
			}
		})
	}
}
