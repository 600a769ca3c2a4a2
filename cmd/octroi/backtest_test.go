package main

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

const smallPolicy = `name: small
entities: {terminal: metadata.terminal}
bands: {challenge: 500, hold: 600, decline: 800}
rules: []
scorecard:
  features:
    - {code: AMOUNT, value: amount / 100, edges: [50, 100, 200], why: dear}
    - {code: KNOWN, value: 'count("terminal", "chargeback", "30d")', edges: [1, 3], why: known}
`

// smallTrade writes six weeks of orders at ten terminals, one of them bad.
func smallTrade(t testing.TB) string {
	t.Helper()
	r, at := rand.New(rand.NewPCG(5, 6)), time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	var b strings.Builder
	for i := range 4200 {
		at = at.Add(24 * time.Hour / 100)
		when, terminal, amount, chance := at.Format(time.RFC3339), r.IntN(10), int(r.ExpFloat64()*6000), 0.005
		if terminal == 7 {
			chance = 0.3
		}
		fmt.Fprintf(&b, `{"at":%q,"id":"%d","order":{"order":{"reference":"%d"},"amount":{"value":%d,"currency":"EUR"},`+
			`"card":{"fingerprint":"c%[5]d"},"buyer":{"email":"c%[5]d@example.org"},"metadata":{"terminal":"%[6]d"}}}`+"\n", when, i, i, amount, r.IntN(300), terminal)
		if r.Float64() < chance {
			fmt.Fprintf(&b, `{"at":%q,"id":"%d","event":{"type":"chargeback"}}`+"\n", when, i)
		}
	}
	path := filepath.Join(t.TempDir(), "orders.jsonl")
	if err := os.WriteFile(path, []byte(b.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestAPolicyIsFittedAndBacktestedFromTheCommandLine(t *testing.T) {
	orders, dir := smallTrade(t), t.TempDir()
	start, fitted, page := filepath.Join(dir, "start.yaml"), filepath.Join(dir, "fitted.yaml"), filepath.Join(dir, "report.html")
	put(t, start, smallPolicy)
	code, out, errs := command(t, "policy", "fit", start, "--input", orders, "--train", "2026-03-15..2026-03-28", "--out", fitted)
	if code != 0 || !strings.Contains(out, "1400 orders of 2026-03-15..2026-03-28") || !strings.Contains(out, "hold      from 600: a chance of 10 %") {
		t.Fatalf("%d %s %s", code, out, errs)
	}
	args := []string{"policy", "backtest", fitted, "--input", orders, "--train", "2026-03-15..2026-03-28", "--test", "2026-04-05..2026-04-11"}
	code, out, errs = command(t, append(args, "--json", "--html", page, "--against", start, "--per", "terminal", "--top", "1")...)
	var r struct {
		Orders    int     `json:"orders"`
		AUC       float64 `json:"auc_roc"`
		Precision float64 `json:"average_precision"`
		Against   struct {
			Orders int     `json:"orders"`
			AUC    float64 `json:"auc_roc"`
		} `json:"against"`
	}
	if err := json.Unmarshal([]byte(out), &r); code != 0 || err != nil {
		t.Fatalf("%d %v %s", code, err, errs)
	}
	if r.Orders != 700 || r.AUC < 0.75 || r.Precision < 0.15 || r.Against.Orders != 700 || r.Against.AUC != 0.5 {
		t.Errorf("%+v", r)
	}
	if b, err := os.ReadFile(page); err != nil || !strings.Contains(string(b), "</html>") {
		t.Errorf("the page: %v", err)
	}
	if code, out, errs = command(t, args...); code != 0 || !strings.Contains(out, "Average precision") || !strings.Contains(out, "KNOWN") || errs != "" {
		t.Errorf("%d %s %s", code, out, errs)
	}
}

func TestTheJSONHasEveryFieldOfTheContract(t *testing.T) {
	code, out, errs := command(t, "policy", "backtest", "default", "--input", smallTrade(t), "--test", "2026-03-15", "--json")
	var r map[string]any
	if err := json.Unmarshal([]byte(out), &r); code != 0 || err != nil {
		t.Fatalf("%d %v %s", code, err, errs)
	}
	for _, name := range []string{"orders", "fraud", "auc_roc", "average_precision", "card_precision", "fraud_approved", "fraud_challenged",
		"fraud_held", "fraud_declined", "good_approved", "good_challenged", "good_held", "good_declined", "rules"} {
		if _, ok := r[name]; !ok {
			t.Errorf("the object has no %s", name)
		}
	}
	rule := r["rules"].([]any)[0].(map[string]any)
	for _, name := range []string{"code", "hits", "precision"} {
		if _, ok := rule[name]; !ok {
			t.Errorf("a rule has no %s", name)
		}
	}
}

func TestAWrongFileGivesNoFigureAtAll(t *testing.T) {
	dir := t.TempDir()
	orders, out, start := filepath.Join(dir, "orders.jsonl"), filepath.Join(dir, "out.yaml"), filepath.Join(dir, "start.yaml")
	put(t, start, smallPolicy)
	put(t, orders, anOrder+"\n"+anOrder[:60])
	for _, args := range [][]string{
		{"policy", "backtest", "default", "--input", orders, "--test", "2026-03-01", "--json", "--html", out},
		{"policy", "fit", start, "--input", orders, "--train", "2026-03-01", "--out", out},
	} {
		code, printed, errs := command(t, args...)
		if want := "orders.jsonl: line 2: the file ends in the middle of the line: it was cut\n"; code != 1 || printed != "" || !strings.HasSuffix(errs, want) {
			t.Errorf("%d %q %q", code, printed, errs)
		}
		if _, err := os.Stat(out); err == nil {
			t.Error("a file was written")
		}
	}
}

func TestWhatABacktestIsAskedIsChecked(t *testing.T) {
	orders := filepath.Join(t.TempDir(), "orders.jsonl")
	put(t, orders, anOrder)
	for flags, want := range map[string]string{
		"--test 2026-03":                                 "--test: \"2026-03\": days are written as 2018-08-08..2018-08-14, both included",
		"--test 2026-03-02":                              "has no order on 2026-03-02..2026-03-02",
		"--test 2026-03-01 --train x":                    "--train: \"x\": days are written",
		"--test 2026-03-01 --per terminal":               "--per: policy default knows no entity terminal",
		"--test 2026-03-01 --per custom1":                "--per: policy default knows no entity custom1",
		"--test 2026-03-01 --train 2026-03-01":           "must end before the days of the test",
		"--test 2026-03-01 --top 0":                      "must be from 1 to 1000000",
		"--test 2026-03-01 --input nowhere.jsonl":        "recorded orders: open nowhere.jsonl",
		"--test 2026-03-01 --against nowhere.yaml":       "nowhere.yaml",
		"--test 2026-03-01 --html nowhere/at/all.html":   "nowhere/at",
		"--test 2026-03-01 --label-delay -1h":            "the delay of labels must be from 0",
		"--test 2026-03-01 --decide-within 1h":           "the time to decide within must be from 24h to 1440h",
		"--test 2026-03-01 --hours-per-day 0":            "hours a day must be above 0",
		"--test 2026-03-01 --minutes-per-case -5 --json": "minutes per case",
	} {
		args := append([]string{"policy", "backtest", "default", "--input", orders}, strings.Fields(flags)...)
		if code, _, errs := command(t, args...); code != 1 || !strings.Contains(errs, want) {
			t.Errorf("%s: %d %s", flags, code, errs)
		}
	}
}
