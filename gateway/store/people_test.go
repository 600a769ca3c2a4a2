package store_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"octroi/gateway/payment"
	"octroi/gateway/store"
)

const goodPassword = "long enough, and hers"

func (b bench) analyst(t testing.TB, name string) {
	t.Helper()
	if err := b.AddUser(t.Context(), store.User{Name: name, Role: store.RoleAnalyst, Language: "fr"}, goodPassword); err != nil {
		t.Fatal(err)
	}
}

func TestKeyOpensItsShopUntilRevoked(t *testing.T) {
	each(t, func(t *testing.T, b bench) {
		if err := b.AddKey(t.Context(), "memory", "checkout", "sk_1"); err != nil {
			t.Fatal(err)
		}
		if err := b.AddKey(t.Context(), "memory", "checkout", "sk_1"); err != nil {
			t.Errorf("adding the same key again: %v", err)
		}
		wantCode(t, b.AddKey(t.Context(), "memory", "checkout", "sk_2"), payment.CodeWrongState)
		wantCode(t, b.AddKey(t.Context(), "other", "checkout", "sk_1"), payment.CodeWrongState)
		if shop, err := b.ShopOfKey(t.Context(), "sk_1"); err != nil || shop != "memory" {
			t.Errorf("shop of the key: %q, %v", shop, err)
		}
		if err := b.RevokeKey(t.Context(), "memory", "checkout"); err != nil {
			t.Fatal(err)
		}
		_, err := b.ShopOfKey(t.Context(), "sk_1")
		wantCode(t, err, payment.CodeUnauthorised)
		wantCode(t, b.RevokeKey(t.Context(), "memory", "checkout"), payment.CodeNotFound)
		wantCode(t, b.AddKey(t.Context(), "memory", "again", "sk_1"), payment.CodeWrongState)
		if err := b.AddKey(t.Context(), "memory", "checkout", "sk_2"); err != nil {
			t.Errorf("a revoked key's name must be free: %v", err)
		}
	})
}

func TestWrongSignInsAreOneAndTheSameError(t *testing.T) {
	each(t, func(t *testing.T, b bench) {
		b.analyst(t, "ann")
		b.analyst(t, "gone")
		if err := b.DisableUser(t.Context(), "gone"); err != nil {
			t.Fatal(err)
		}
		if u, err := b.CheckPassword(t.Context(), "ann", goodPassword); err != nil || u.Name != "ann" || u.Role != store.RoleAnalyst {
			t.Fatalf("the right password: %+v, %v", u, err)
		}
		words := map[string]bool{}
		for _, try := range [][2]string{{"ann", "wrong"}, {"nobody", goodPassword}, {"gone", goodPassword}, {"", ""}, {"ann", strings.Repeat("x", 1<<16)}} {
			_, err := b.CheckPassword(t.Context(), try[0], try[1])
			wantCode(t, err, payment.CodeUnauthorised)
			words[err.Error()] = true
		}
		if len(words) != 1 {
			t.Errorf("the errors differ: %v", words)
		}
		wantCode(t, b.AddUser(t.Context(), store.User{Name: "ann", Role: store.RoleAdmin}, goodPassword), payment.CodeWrongState)
		wantCode(t, b.AddUser(t.Context(), store.User{Name: "bob", Role: "king"}, goodPassword), payment.CodeInvalid)
		wantCode(t, b.AddUser(t.Context(), store.User{Name: "bob", Role: store.RoleAdmin}, "short"), payment.CodeInvalid)
		if all, err := b.Users(t.Context()); err != nil || len(all) != 2 || !all[1].Disabled {
			t.Errorf("users: %+v, %v", all, err)
		}
	})
}

func TestTenWrongPasswordsLockTheUserOutForHalfAnHour(t *testing.T) {
	each(t, func(t *testing.T, b bench) {
		b.analyst(t, "ann")
		for range 10 {
			_, err := b.CheckPassword(t.Context(), "ann", "wrong")
			wantCode(t, err, payment.CodeUnauthorised)
		}
		b.clock.forward(30*time.Minute - time.Second)
		_, err := b.CheckPassword(t.Context(), "ann", goodPassword)
		wantCode(t, err, payment.CodeUnauthorised)
		b.clock.forward(time.Second)
		if _, err := b.CheckPassword(t.Context(), "ann", goodPassword); err != nil {
			t.Errorf("after the lock-out: %v", err)
		}
	})
}

func TestSessionEndsWhenIdleAndAfterEightHours(t *testing.T) {
	each(t, func(t *testing.T, b bench) {
		b.analyst(t, "ann")
		begin := func() string {
			token, err := b.NewSession(t.Context(), "ann")
			if err != nil {
				t.Fatal(err)
			}
			return token
		}
		lives := func(token string) bool {
			u, err := b.UserOfSession(t.Context(), token)
			return err == nil && u.Name == "ann"
		}
		idle := begin()
		b.clock.forward(15 * time.Minute)
		if lives(idle) {
			t.Error("a session outlived 15 minutes of idleness")
		}
		busy := begin()
		for n := range 34 {
			b.clock.forward(14 * time.Minute)
			if !lives(busy) {
				t.Fatalf("a busy session ended after %v", time.Duration(n+1)*14*time.Minute)
			}
		}
		b.clock.forward(4 * time.Minute)
		if lives(busy) {
			t.Error("a session outlived 8 hours")
		}
		left := begin()
		if err := b.EndSession(t.Context(), left); err != nil || lives(left) {
			t.Errorf("a session outlived its end: %v", err)
		}
		if _, err := b.NewSession(t.Context(), "nobody"); payment.CodeOf(err) != payment.CodeNotFound {
			t.Errorf("nobody got a session: %v", err)
		}
	})
}

func TestDisabledUserAndChangedPasswordEndWhatWasOpen(t *testing.T) {
	each(t, func(t *testing.T, b bench) {
		b.analyst(t, "ann")
		if err := b.AddToken(t.Context(), "ann", "an_1"); err != nil {
			t.Fatal(err)
		}
		wantCode(t, b.AddToken(t.Context(), "nobody", "an_2"), payment.CodeNotFound)
		session, err := b.NewSession(t.Context(), "ann")
		if err != nil {
			t.Fatal(err)
		}
		if err := b.SetPassword(t.Context(), "ann", "another long one"); err != nil {
			t.Fatal(err)
		}
		_, err = b.UserOfSession(t.Context(), session)
		wantCode(t, err, payment.CodeUnauthorised)
		_, err = b.UserOfToken(t.Context(), "an_1") // whoever knew the old password may have made it
		wantCode(t, err, payment.CodeUnauthorised)
		if err := b.AddToken(t.Context(), "ann", "an_3"); err != nil {
			t.Fatal(err)
		}
		if u, err := b.UserOfToken(t.Context(), "an_3"); err != nil || u.Name != "ann" {
			t.Errorf("the token: %+v, %v", u, err)
		}
		if err := b.DisableUser(t.Context(), "ann"); err != nil {
			t.Fatal(err)
		}
		_, err = b.UserOfToken(t.Context(), "an_3")
		wantCode(t, err, payment.CodeUnauthorised)
		wantCode(t, b.DisableUser(t.Context(), ""), payment.CodeNotFound)
	})
}

func TestCredentialsAreNowhereInTheDatabaseFiles(t *testing.T) {
	dir := t.TempDir()
	b := bench{url: "sqlite:" + filepath.Join(dir, "octroi.db"), clock: &clock{at: day0}}
	b.Store = open(t, b.url, b.clock)
	b.analyst(t, "ann")
	session, err := b.NewSession(t.Context(), "ann")
	if err != nil {
		t.Fatal(err)
	}
	if err := b.AddKey(t.Context(), "memory", "checkout", "sk_secret_of_shop"); err != nil {
		t.Fatal(err)
	}
	if err := b.AddToken(t.Context(), "ann", "an_secret_of_ann"); err != nil {
		t.Fatal(err)
	}
	files, _ := filepath.Glob(filepath.Join(dir, "*"))
	seen := 0
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		seen += bytes.Count(text, []byte("argon2id"))
		for _, secret := range []string{goodPassword, session, "sk_secret_of_shop", "an_secret_of_ann"} {
			if bytes.Contains(text, []byte(secret)) {
				t.Errorf("%s holds %q", filepath.Base(name), secret)
			}
		}
		if info, _ := os.Stat(name); info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s can be read by others: %v", filepath.Base(name), info.Mode())
		}
	}
	if seen == 0 {
		t.Error("the files do not hold the user at all; the test looks at the wrong place")
	}
}

func TestAddressThatCannotBeOpenedIsExplainedWithoutItsPassword(t *testing.T) {
	_, err := store.Open(t.Context(), "mysql://x", config(&clock{}))
	if err == nil || !strings.Contains(err.Error(), "sqlite:") {
		t.Errorf("an unknown database: %v", err)
	}
	_, err = store.Open(t.Context(), "postgres://u:hunter2@%zz/", config(&clock{}))
	if err == nil || strings.Contains(err.Error(), "hunter2") {
		t.Errorf("a broken address: %v", err)
	}
	_, err = store.Open(t.Context(), "postgres:///x?host="+t.TempDir(), config(&clock{}))
	if err == nil {
		t.Error("a server that is not there was opened")
	}
}
