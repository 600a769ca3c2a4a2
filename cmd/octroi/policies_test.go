package main

import (
	"path/filepath"
	"testing"
)

// aRule is a policy of one rule, whose expression begins at 6:11, below a definition that begins at 4:9.
func aRule(define, when string) string {
	return "name: bad\nbands: {challenge: 30, hold: 50, decline: 100}\ndefine:\n  dear: " + define +
		"\nrules:\n  - when: " + when + "\n    code: RULE\n    points: 1\n    detail: a detail\n    why: A sentence.\n"
}

func TestPolicyCheckTellsTheFileThePlaceAndASentence(t *testing.T) {
	path := filepath.Join(t.TempDir(), "bad.yaml")
	for _, c := range []struct{ define, when, want string }{
		{"amount > 1", "dear && amount >> 5", ":6:27: unexpected token Operator(\">\")"},
		{"amount > 1", "dear && basket.colour == \"red\"", ":6:19: unknown name basket"},
		{"amount > 1", "dear && count(\"card\", \"refused\", currency) > 3", ":6:44: the window must be a literal such as \"24h\""},
		{"amount > 1", "'dear && any(1..1000000, # == 7)'", ":6:25: the operator .. is not part of the policy language"},
		{"amount > limit", "dear", ":4:18: in the definition dear: unknown name limit"},
		{"[amount", "dear", ":5:1: this is not YAML: ',' or ']' must be specified"},
	} {
		put(t, path, aRule(c.define, c.when))
		code, out, errs := command(t, "policy", "check", path)
		if want := "octroi: " + path + c.want + "\n"; code != 1 || out != "" || errs != want {
			t.Errorf("%s:\ngot  %swant %s", c.when, errs, want)
		}
	}
}
