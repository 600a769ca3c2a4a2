package main

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"octroi/gateway/hold"
	"octroi/gateway/payment"
	"octroi/gateway/store"
)

func TestDemoListensOnThisMachineAlone(t *testing.T) {
	for _, bad := range []string{"0.0.0.0:8080", ":8080", "192.0.2.1:8080", "example.org:80", "8080"} {
		o := options(filepath.Join(t.TempDir(), "demo"))
		o.Listen.Console = bad
		if _, err := startDemo(t.Context(), o); err == nil || !strings.Contains(err.Error(), "--console") {
			t.Errorf("%s: %v", bad, err)
		}
		if _, err := os.Stat(o.Dir); err == nil {
			t.Errorf("%s: the folder was made all the same", bad)
		}
	}
	for _, good := range []string{"127.0.0.1:0", "localhost:0", "[::1]:0"} {
		o := options("x")
		o.Listen.API = good
		if err := o.check(); err != nil {
			t.Errorf("%s: %v", good, err)
		}
	}
}

func TestFreshEmptiesOnlyWhatTheDemoWrote(t *testing.T) {
	strange := t.TempDir()
	put(t, filepath.Join(strange, "thesis.txt"), "years of work")
	for _, fresh := range []bool{false, true} {
		o := options(strange)
		o.Fresh = fresh
		if _, err := startDemo(t.Context(), o); err == nil || !strings.Contains(err.Error(), "not a folder of the demo") {
			t.Errorf("a folder that is not ours: %v", err)
		}
	}
	if b := must[[]byte](t)(os.ReadFile(filepath.Join(strange, "thesis.txt"))); string(b) != "years of work" {
		t.Error("a stranger's file was touched")
	}
	dir := standing(t)
	before := must[demoSecrets](t)(readDemoSecrets(dir))
	put(t, filepath.Join(dir, "notes.txt"), "mine")
	o := options(dir)
	o.Fresh = true
	w := open(t, o)
	if after := must[demoSecrets](t)(readDemoSecrets(dir)); after.Identity == before.Identity {
		t.Error("the keys are the old ones")
	}
	if _, err := os.Stat(filepath.Join(dir, "notes.txt")); err != nil {
		t.Error("--fresh removed a file that is not the demo's")
	}
	w.shut()
	o.Database = "postgres://x"
	if _, err := startDemo(t.Context(), o); err == nil || !strings.Contains(err.Error(), "--fresh") {
		t.Errorf("--fresh with --database: %v", err)
	}
}

func TestTheDemosFilesAreItsOwnersAlone(t *testing.T) {
	dir := standing(t)
	for _, name := range []string{demoKeys, demoLog, demoDatabase, demoJournal, demoMail, demoDocuments, "."} {
		info := must[os.FileInfo](t)(os.Stat(filepath.Join(dir, name)))
		if info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s has mode %v", name, info.Mode())
		}
	}
}

func TestDemoPrintsWhereEverythingIsAndHowToComeIn(t *testing.T) {
	w := open(t, options(filepath.Join(t.TempDir(), "demo")))
	var out bytes.Buffer
	w.demo.greet(&out)
	at := w.demo.Addresses()
	for _, want := range []string{at.API, at.Console, at.Ops, "sk_demo_octroi", "an_demo_octroi", "an_demo_octroi_senior", "analyst, senior, admin", "octroi-demo-", firstPayment} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("nothing printed about %s:\n%s", want, out.String())
		}
	}
	a := w.call("POST", "/v1/payments", demoAPIKey, firstPayment, map[string]string{"Idempotency-Key": "first"}).is(201)
	if a.at("status") != "held" {
		t.Errorf("the printed payment is %s", a.at("status"))
	}
	w.call("POST", "/v1/lists/blocked_ips/entries", seniorToken, `{"value":"203.0.113.99"}`, nil).is(201)
	for _, u := range demoUsers {
		if _, err := w.demo.store.CheckPassword(t.Context(), u.Name, demoPassword+u.Name); err != nil {
			t.Errorf("%s cannot sign in: %v", u.Name, err)
		}
	}
	if s := w.stderr.String(); s != "" {
		t.Errorf("an undisturbed demo warned: %s", s)
	}
}

func TestADoorThatIsTakenLeavesNothingBehind(t *testing.T) {
	w := open(t, options(filepath.Join(t.TempDir(), "one")))
	o := options(filepath.Join(t.TempDir(), "two"))
	o.Listen.Ops = w.demo.Addresses().Ops
	if _, err := startDemo(t.Context(), o); err == nil || !strings.Contains(err.Error(), "ops listener") {
		t.Errorf("got %v", err)
	}
}

func TestMadeUpOrdersAreBelievable(t *testing.T) {
	const n = 60
	o := options(filepath.Join(t.TempDir(), "demo"))
	o.Orders = n
	started := time.Now()
	w := open(t, o)
	byStatus, cursor, total := map[payment.Status]int{}, "", 0
	for {
		page, next, err := w.demo.store.Payments(t.Context(), store.PaymentFilter{Shop: demoShop, Limit: 100, Cursor: cursor})
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range page {
			total++
			byStatus[p.Payment.Status]++
			if at := p.Payment.CreatedAt; at.After(time.Now()) || at.Before(started.Add(-seedSpan-time.Hour)) {
				t.Errorf("%s was made at %v", p.Payment.ID, at)
			}
			if c := p.Case; c != nil && c.Status.Open() && !c.DecideBy.After(time.Now()) {
				t.Errorf("the case %s can no longer be decided", c.ID)
			}
		}
		if cursor = next; cursor == "" {
			break
		}
	}
	if total != n || byStatus[payment.Captured] < n/2 || byStatus[payment.Refused] == 0 || byStatus[payment.Declined] == 0 || byStatus[payment.Pending] > 0 {
		t.Errorf("%d orders: %v", total, byStatus)
	}
	cases, _, err := w.demo.store.Cases(t.Context(), store.CaseFilter{Limit: 100})
	if err != nil || !slices.ContainsFunc(cases, func(s store.Snapshot) bool { return s.Case.Status.Open() }) ||
		!slices.ContainsFunc(cases, func(s store.Snapshot) bool { return s.Case.Status == hold.Approved }) {
		t.Errorf("%d cases, %v", len(cases), err)
	}
	if l := w.demo.sim.Ledger(); len(l.DoubleAuthorisations)+len(l.DoubleOrders) > 0 {
		t.Errorf("authorised twice: %v", l.DoubleOrders)
	}
	if moved := w.demo.clock.by.Load(); moved != 0 {
		t.Errorf("the clock is still moved by %v", time.Duration(moved))
	}
	w.shut()
	w = open(t, o)
	if again, _, err := w.demo.store.Payments(t.Context(), store.PaymentFilter{Shop: demoShop, Limit: 1}); err != nil || again[0].Payment.CreatedAt.After(started) {
		t.Errorf("a second start made up more: %v", err)
	}
}

func TestOneDemoToAFolder(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "demo")
	w := open(t, options(dir))
	if _, err := startDemo(t.Context(), options(dir)); err == nil || !strings.Contains(err.Error(), "another demo is running") {
		t.Errorf("a second demo: %v", err)
	}
	w.shut()
	open(t, options(dir)).shut()
}

func TestCommandsMakeNoDatabaseOfTheirOwn(t *testing.T) {
	dir := standing(t)
	if err := os.Remove(filepath.Join(dir, demoDatabase)); err != nil {
		t.Fatal(err)
	}
	if code, _, errs := command(t, "audit", "verify", "--dir", dir); code == 0 || !strings.Contains(errs, "has no database yet") {
		t.Errorf("%d %s", code, errs)
	}
}
