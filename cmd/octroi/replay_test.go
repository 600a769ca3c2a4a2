package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestReplayMakesDecisionsAgainAndShowsWhatAnotherPolicyWouldDo(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "demo")
	w := open(t, options(dir))
	a, _ := w.held("R-1", "replayed@example.org", "5555444433331111")
	assessed := w.shop("POST", "/v1/assessments", `{"order":{"reference":"R-2"},"amount":{"value":100,"currency":"EUR"},"card":{},"buyer":{"email":"x@example.org"}}`).is(200)
	w.shut()
	for _, id := range []string{a.at("id"), assessed.at("id")} {
		code, out, errs := command(t, "replay", id, "--dir", dir)
		if code != 0 || !strings.Contains(out, "equal bit for bit") {
			t.Errorf("%s: %d %s%s", id, code, out, errs)
		}
	}
	other := filepath.Join(t.TempDir(), "lax.yaml")
	put(t, other, "name: lax\nbands: {challenge: 30, hold: 50, decline: 100}\nrules:\n  - code: ANY\n    when: amount > 0\n    points: 1\n    detail: {en: an order, fr: une commande}\n    why: {en: Any., fr: Toute.}\n")
	code, out, errs := command(t, "replay", a.at("id"), "--dir", dir, "--policy", other)
	for _, want := range []string{"hold", "approve", "- ADDRESS_OTHER_CITY", "+ ANY"} {
		if code != 0 || !strings.Contains(out, want) {
			t.Errorf("%q is missing: %d %s%s", want, code, out, errs)
		}
	}
	if code, _, errs := command(t, "replay", "pay_unknown", "--dir", dir); code == 0 || !strings.Contains(errs, "no decision is recorded under pay_unknown") {
		t.Errorf("an unknown payment: %d %s", code, errs)
	}
}

func TestAPolicyIsTriedOnTheOrdersOfTheDatabase(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "demo")
	o := options(dir)
	o.Orders = 60
	open(t, o).shut()
	code, out, errs := command(t, "policy", "backtest", "default", "--since", "240h", "--dir", dir, "--json")
	if code != 0 || !strings.Contains(out, `"orders": 60`) {
		t.Errorf("%d %.600s%s", code, out, errs)
	}
	for line, want := range map[string]string{
		"policy backtest default --since 720h":                      "needs the installation",
		"policy backtest default --since 1s --dir " + dir:           "an hour or more",
		"policy backtest default --since 72h --shop x --dir " + dir: "no shop x",
		"policy backtest default":                                   "since",
	} {
		if code, _, errs := command(t, strings.Fields(line)...); code == 0 || !strings.Contains(errs, want) {
			t.Errorf("octroi %s: %d %s", line, code, errs)
		}
	}
}

func TestAPolicyIsFittedToTheOrdersOfTheDatabase(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "demo")
	w := open(t, options(dir))
	for i := range 12 {
		good := fmt.Sprintf(`{"order":{"reference":"G-%d"},"amount":{"value":100,"currency":"EUR"},"card":{},"buyer":{"email":"g%[1]d@example.org"}}`, i)
		w.shop("POST", "/v1/assessments", good).is(200)
		bad := w.shop("POST", "/v1/assessments", strings.NewReplacer("G-", "B-", `"value":100`, `"value":90000`).Replace(good)).is(200)
		w.shop("POST", "/v1/assessments/"+bad.at("id")+"/events", `{"type":"chargeback"}`)
	}
	w.shut()
	start, fitted := filepath.Join(t.TempDir(), "start.yaml"), filepath.Join(t.TempDir(), "fitted.yaml")
	put(t, start, "name: start\nbands: {challenge: 400, hold: 600, decline: 900}\ndefine:\n  euros: amount / 100 # whole ones\nrules: []\n"+
		"scorecard:\n  features:\n    - {code: EUROS, value: euros, edges: [500], why: dear}\n")
	args := []string{"policy", "fit", start, "--since", "24h", "--dir", dir, "--label-delay", "0s", "--out", fitted}
	code, out, errs := command(t, args...)
	if code != 0 || !strings.Contains(out, "24 orders of ") || !strings.Contains(out, ", 12 fraud.") {
		t.Fatalf("%d %s%s", code, out, errs)
	}
	if text := string(must[[]byte](t)(os.ReadFile(fitted))); !strings.Contains(text, "  euros: amount / 100 # whole ones\n") || !strings.Contains(text, "points: [") {
		t.Errorf("%s", text)
	}
	if code, out, errs = command(t, "policy", "check", fitted); code != 0 {
		t.Errorf("%s%s", out, errs)
	}
	for line, want := range map[string]string{
		"--since 24h --dir " + dir:           "--since 24h0m0s leaves no day whose frauds are known by now: it must be longer than --label-delay",
		"--since 24h":                        "--since needs the installation",
		"--input x.jsonl":                    "[since train]",
		"--train 2026-03-01":                 "[since input]",
		"--since 24h --input x.jsonl":        "[since input]",
		"--since 720h --shop x --dir " + dir: "no shop x",
	} {
		if code, out, errs := command(t, append([]string{"policy", "fit", start, "--out", fitted}, strings.Fields(line)...)...); code == 0 || !strings.Contains(errs, want) {
			t.Errorf("%s: %d %s%s", line, code, out, errs)
		}
	}
}
