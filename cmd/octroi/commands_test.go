package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"

	"octroi/gateway/payment"
	"octroi/gateway/store"
	"octroi/risk"
	"octroi/risk/velocity"
)

// command runs a command line and gives what it printed.
func command(t *testing.T, args ...string) (code int, out, errs string) {
	t.Helper()
	var o, e bytes.Buffer
	code = run(args, &o, &e)
	return code, o.String(), e.String()
}

func TestUnknownCommandsAreRefused(t *testing.T) {
	for _, line := range []string{"authorise", "policy guess default", "velocity", "velocity fill", "audit forget", "demo now"} {
		code, _, errs := command(t, strings.Fields(line)...)
		if known := line == "velocity"; known != (code == 0) {
			t.Errorf("octroi %s ended with %d: %s", line, code, errs)
		}
	}
}

func TestVersionNamesTheToolchain(t *testing.T) {
	if code, out, _ := command(t, "version"); code != 0 || !strings.HasPrefix(out, "octroi ") || !strings.Contains(out, "go1.") {
		t.Errorf("%d %s", code, out)
	}
}

func TestPolicyCheckTellsWhatIsWrongAndWhere(t *testing.T) {
	if code, out, errs := command(t, "policy", "check", "default"); code != 0 || !strings.Contains(out, "policy default is good") || !strings.Contains(out, "sha256:") {
		t.Errorf("the shipped policy: %d %s %s", code, out, errs)
	}
	bad := filepath.Join(t.TempDir(), "bad.yaml")
	put(t, bad, "name: bad\nbands: {challenge: 30, hold: 50, decline: 100}\nrules:\n  - code: A\n    when: amount > nobody\n    points: 1\n")
	if code, _, errs := command(t, "policy", "check", bad); code != 1 || !strings.Contains(errs, "bad.yaml:5:") {
		t.Errorf("a bad policy: %d %s", code, errs)
	}
	if code, _, errs := command(t, "policy", "check", filepath.Join(t.TempDir(), "none.yaml")); code != 1 || errs == "" {
		t.Errorf("no policy: %d %s", code, errs)
	}
}

func TestServePrintsItsExample(t *testing.T) {
	if code, out, _ := command(t, "serve", "--example"); code != 0 || out != string(exampleFile) {
		t.Errorf("%d %.100s", code, out)
	}
	if code, _, errs := command(t, "serve"); code != 1 || !strings.Contains(errs, "--config") {
		t.Errorf("%d %s", code, errs)
	}
}

// standing makes a demo folder with a database, and ends the demo.
func standing(t *testing.T) (dir string) {
	t.Helper()
	dir = filepath.Join(t.TempDir(), "demo")
	open(t, options(dir)).shut()
	return dir
}

// database opens a demo's database.
func database(t *testing.T, dir string) *store.Store {
	t.Helper()
	cfg := must[Config](t)(demoConfigOf(dir))
	cfg.Clock, cfg.Logger = time.Now, demoLogger(&terminal{}, &terminal{})
	s := must[*store.Store](t)(openStore(t.Context(), cfg))
	t.Cleanup(func() { _ = s.Close() })
	return s
}

func TestPeopleAndKeysAreAddedByCommandsAndAudited(t *testing.T) {
	dir := standing(t)
	password := filepath.Join(t.TempDir(), "password")
	put(t, password, "a long pass phrase\n")
	var printed []string
	for _, c := range []struct {
		line string
		want int
	}{
		{"user add --dir DIR --name alice --role senior --language en", 0},
		{"user add --dir DIR --name bob --role analyst --password-file FILE", 0},
		{"user add --dir DIR --name bob --role analyst", 1},
		{"user add --dir DIR --name carol --role queen", 1},
		{"key add --dir DIR --shop demo --name till", 0},
		{"key add --dir DIR --shop nobody", 1},
		{"token add --dir DIR --user alice", 0},
		{"token add --dir DIR --user nobody", 1},
		{"token add --user alice", 1},
		{"audit verify --dir DIR", 0},
	} {
		line := strings.NewReplacer("DIR", dir, "FILE", password).Replace(c.line)
		code, out, errs := command(t, strings.Fields(line)...)
		if code != c.want {
			t.Errorf("octroi %s ended with %d: %s%s", c.line, code, out, errs)
		}
		printed = append(printed, strings.TrimSpace(out))
	}
	ctx, s := context.Background(), database(t, dir)
	if u, err := s.CheckPassword(ctx, "alice", printed[0]); err != nil || u.Role != store.RoleSenior {
		t.Errorf("alice: %v %v", u, err)
	}
	if _, err := s.CheckPassword(ctx, "bob", "a long pass phrase"); err != nil || printed[1] != "" {
		t.Errorf("bob: %v, printed %q", err, printed[1])
	}
	if shop, err := s.ShopOfKey(ctx, printed[4]); err != nil || shop != demoShop || !strings.HasPrefix(printed[4], "sk_") {
		t.Errorf("the key: %s %v", shop, err)
	}
	if u, err := s.UserOfToken(ctx, printed[6]); err != nil || u.Name != "alice" || !strings.HasPrefix(printed[6], "an_") {
		t.Errorf("the token: %v %v", u, err)
	}
	for subject, action := range map[string]string{"bob": "user.added", demoShop: "key.added"} {
		if lines, err := s.AuditTrail(ctx, subject, 10); err != nil || len(lines) == 0 || lines[0].Action != action || lines[0].Actor != operator {
			t.Errorf("the audit of %s: %v %v", subject, lines, err)
		}
	}
}

func TestUserAddRefusesPasswordsOfTheDemo(t *testing.T) {
	dir, password := standing(t), filepath.Join(t.TempDir(), "password")
	put(t, password, demoPassword+"dave")
	if code, _, errs := command(t, "user", "add", "--dir", dir, "--name", "dave", "--password-file", password); code != 1 || !strings.Contains(errs, "password of the demo") {
		t.Errorf("%d %s", code, errs)
	}
}

func TestAuditVerifyFindsAnEditedLine(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "demo")
	w := open(t, options(dir))
	w.pay(purchase{reference: "A-1", email: "jean@example.org", elsewhere: true}).is(201)
	eventually(t, "the audit chain to be sealed", func() bool {
		n, err := w.demo.store.VerifyAudit(t.Context())
		return err == nil && n > 0
	})
	w.shut()
	keys := filepath.Join(dir, demoKeys)
	text := string(must[[]byte](t)(os.ReadFile(keys)))
	k := must[demoSecrets](t)(readDemoSecrets(dir))
	put(t, keys, strings.Replace(text, k.Keys["audit"], k.Keys["link"], 1))
	if code, out, _ := command(t, "audit", "verify", "--dir", dir); code != 1 {
		t.Errorf("another audit key verifies: %s", out)
	}
	put(t, keys, text)
	if code, _, errs := command(t, "audit", "verify", "--dir", dir); code != 0 {
		t.Error(errs)
	}
}

func TestVelocityRebuildFillsRedisFromTheDatabase(t *testing.T) {
	r := miniredis.RunT(t)
	path, env := onThisMachine(t, r.Addr(), "http://127.0.0.1:1")
	l, err := loadConfig(path, env)
	if err != nil {
		t.Fatal(err)
	}
	l.Clock, l.Rand, l.Logger = time.Now, rand.Reader, demoLogger(&terminal{}, &terminal{})
	s := must[*store.Store](t)(openStore(t.Context(), l.Config))
	event := func(shop, id string, at time.Time) store.History {
		f := risk.Facts{ID: id, At: at, Shop: shop, Amount: 100, Currency: "EUR", Buyer: risk.Buyer{Email: id + "@example.org"}}
		return store.History{Shop: shop, Record: f.Attempt()}
	}
	now := time.Now()
	if err := s.Commit(t.Context(), store.Writes{History: []store.History{event("lumen", "pay_1", now.Add(-time.Hour)), event("lumen", "pay_2", now),
		event("closed", "pay_3", now), event("lumen", "pay_4", now.Add(-3*velocity.DefaultRetention))}}); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	for range 2 { // it may be run again
		if code, out, errs := command(t, "velocity", "rebuild", "--config", path); code != 0 || out != "2 events sent.\n" {
			t.Errorf("%d %s%s", code, out, errs)
		}
	}
	if len(r.Keys()) == 0 {
		t.Error("Redis is still empty")
	}
}

func TestServeRefusesADatabaseThatTheDemoHasUsed(t *testing.T) {
	dir := standing(t)
	k := must[Keys](t)(must[demoSecrets](t)(readDemoSecrets(dir)).keys())
	cfg := Config{Database: "sqlite:" + filepath.Join(dir, demoDatabase), Keys: k, Clock: time.Now, Rand: bytes.NewReader(nil), Logger: demoLogger(&terminal{}, &terminal{})}
	if err := refuseDemoDatabase(t.Context(), cfg); err == nil || !strings.Contains(err.Error(), "the demo's secret") {
		t.Errorf("got %v", err)
	}
	cfg.Database = "sqlite:" + filepath.Join(t.TempDir(), "new.db")
	if err := refuseDemoDatabase(t.Context(), cfg); err != nil {
		t.Error(err)
	}
	if code := payment.CodeOf(refuseDemoDatabase(t.Context(), Config{Database: "postgres://nobody@127.0.0.1:1/x", Keys: k, Clock: time.Now,
		Rand: bytes.NewReader(nil), Logger: cfg.Logger})); code == "" {
		t.Error("a database that is away is let through")
	}
}

func TestKeysPeopleAndMessagesAreEndedAndRevivedByCommands(t *testing.T) {
	dir := standing(t)
	password := filepath.Join(t.TempDir(), "password")
	put(t, password, "another long pass phrase\n")
	for _, line := range []string{
		"key add --shop demo --name till", "key revoke --shop demo --name till", "user password --name analyst --password-file " + password,
		"user disable --name analyst", "outbox buried",
	} {
		if code, _, errs := command(t, append(strings.Fields(line), "--dir", dir)...); code != 0 {
			t.Errorf("octroi %s: %s", line, errs)
		}
	}
	for _, line := range []string{"key revoke --shop demo --name nobody", "user disable --name nobody", "outbox revive --id 99"} {
		if code, _, _ := command(t, append(strings.Fields(line), "--dir", dir)...); code == 0 {
			t.Errorf("octroi %s did something", line)
		}
	}
	s := database(t, dir)
	if _, err := s.UserOfToken(t.Context(), "an_demo_octroi"); err == nil {
		t.Error("the token of a disabled person still works")
	}
	if _, err := s.CheckPassword(t.Context(), "analyst", "another long pass phrase"); err == nil {
		t.Error("a disabled person comes in")
	}
	for subject, want := range map[string]string{"demo/till": "key.revoked", "analyst": "user.disabled"} {
		trail, err := s.AuditTrail(t.Context(), subject, 10)
		if err != nil || !slices.ContainsFunc(trail, func(a store.Audit) bool { return a.Action == want }) {
			t.Errorf("%s is not in the audit log of %s: %v %v", want, subject, trail, err)
		}
	}
}
