package main

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"octroi/gateway/store"
)

func TestAListIsImportedWholeOrNotAtAllAndThenStopsOrders(t *testing.T) {
	dir := standing(t)
	good := aListFile(t, "# fraud desk\nblocked@example.org\nother@example.org,2999-01-01T00:00:00Z,three chargebacks\n")
	cut := aListFile(t, "third@example.org\nfour")
	for _, c := range []struct {
		args []string
		code int
		want string
	}{
		{[]string{"--list", "blocked_emails", cut}, 1, cut + ":2: the file ends in the middle of the line: end the last line, if nothing of it was cut"},
		{[]string{"--list", "blocked_email", good}, 1, "no policy of the configuration asks for the list blocked_email: its entries would do nothing"},
		{[]string{good}, 1, "list"},
		{[]string{"--list", "blocked_emails", good}, 0, "2 entries stand on blocked_emails."},
		{[]string{"--list", "blocked_emails", good}, 0, "2 entries stand on blocked_emails."},
	} {
		code, out, errs := command(t, append([]string{"list", "import", "--dir", dir}, c.args...)...)
		if code != c.code || !strings.Contains(out+errs, c.want) {
			t.Errorf("%v: %d %s%s", c.args, code, out, errs)
		}
	}
	s := database(t, dir)
	entries := must[[]store.ListEntry](t)(s.ListEntries(t.Context(), time.Now()))
	if len(entries) != 2 || entries[0].Value != "blocked@example.org" || entries[1].Note != "three chargebacks" || entries[1].AddedBy != operator {
		t.Errorf("%+v", entries)
	}
	trail := must[[]store.Audit](t)(s.AuditTrail(t.Context(), "blocked_emails", 10))
	if len(trail) != 2 || trail[0].Action != "list.imported" || !strings.HasPrefix(trail[0].Detail, "2 entries from a file with the SHA-256 ") {
		t.Errorf("%+v", trail)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	w := open(t, options(dir))
	declined := w.shop("POST", "/v1/assessments", assessment("Blocked@example.org")).is(200)
	passed := w.shop("POST", "/v1/assessments", assessment("nobody@example.org")).is(200)
	if declined.at("decision.outcome") != "decline" || passed.at("decision.outcome") != "approve" {
		t.Errorf("%s, %s", declined.at("decision.outcome"), passed.at("decision.outcome"))
	}
}

func assessment(email string) string {
	return fmt.Sprintf(`{"order":{"reference":"R"},"amount":{"value":100,"currency":"EUR"},"card":{},"buyer":{"email":%q}}`, email)
}

func TestABacktestSeesLists(t *testing.T) {
	dir := t.TempDir()
	orders := filepath.Join(dir, "orders.jsonl")
	later := strings.NewReplacer(`"id":"a"`, `"id":"z"`, "2026-03-01T10", "2026-03-01T18").Replace(anOrder)
	put(t, orders, anOrder+"\n"+later+"\n")
	list := aListFile(t, "B@example.org,2026-03-01T12:00:00Z\n") // the first order's moment is before it, the second's after
	args := []string{"policy", "backtest", "default", "--input", orders, "--test", "2026-03-01", "--json", "--list"}
	code, out, errs := command(t, append(args, "blocked_emails="+list)...)
	if code != 0 || !strings.Contains(out, `"good_declined": 1`) || !strings.Contains(out, `"good_approved": 1`) {
		t.Errorf("%d %.700s%s", code, out, errs)
	}
	bad := aListFile(t, "b@example.org,soon\n")
	for named, want := range map[string]string{
		"blocked_emails":        "--list blocked_emails: write NAME=FILE, such as blocked_emails=blocked.csv",
		"blocked=" + list:       "--list: policy default does not ask for the list blocked",
		"blocked_emails=" + bad: bad + ":1: what follows the value must be an expiry as RFC 3339 writes it, such as 2027-01-31T00:00:00Z, or nothing",
	} {
		if code, out, errs := command(t, append(args, named)...); code != 1 || out != "" || !strings.Contains(errs, want) {
			t.Errorf("%s: %d %s%s", named, code, out, errs)
		}
	}
}

func TestABacktestOfTheDatabaseSeesItsLists(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "demo")
	w := open(t, options(dir))
	w.shop("POST", "/v1/assessments", assessment("before@example.org")).is(200)
	w.shut()
	list := aListFile(t, "before@example.org\nafter@example.org\n")
	if code, _, errs := command(t, "list", "import", "--dir", dir, "--list", "blocked_emails", list); code != 0 {
		t.Fatal(errs)
	}
	w = open(t, options(dir))
	w.shop("POST", "/v1/assessments", assessment("after@example.org")).is(200)
	w.shut()
	args := []string{"policy", "backtest", "default", "--since", "240h", "--dir", dir, "--json"}
	code, out, errs := command(t, args...)
	if code != 0 || !strings.Contains(out, `"orders": 2`) || !strings.Contains(out, `"good_declined": 1`) {
		t.Errorf("%d %.700s%s", code, out, errs)
	}
	code, out, errs = command(t, append(args, "--list", "blocked_emails="+aListFile(t, "nobody@example.org\n"))...)
	if code != 0 || !strings.Contains(out, `"good_declined": 0`) {
		t.Errorf("a list that a file is named for: %d %.700s%s", code, out, errs)
	}
}
