package main

import (
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
