package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"octroi/gateway/notify/wording"
)

// mailFolder is a folder of templates that changes one mail.
func mailFolder(t *testing.T, subject string) string {
	t.Helper()
	dir := t.TempDir()
	for _, language := range wording.Languages() {
		if err := os.Mkdir(filepath.Join(dir, language), 0o700); err != nil {
			t.Fatal(err)
		}
		put(t, filepath.Join(dir, language, "payment_released.txt"), "Subject: "+subject+"\n\nOrder {{.Order}} is on its way: https://www.shop.example/orders.\n")
	}
	return dir
}

func TestMailCheckTellsWhatIsWrongAndWhere(t *testing.T) {
	good := mailFolder(t, "On its way")
	if code, _, errs := command(t, "mail", "check", good); code != 1 || !strings.Contains(errs, `en/payment_released.txt:3: "https://www.shop.example/orders" becomes a link`) {
		t.Errorf("a link to a host that was not named: %d %s", code, errs)
	}
	preview := filepath.Join(t.TempDir(), "preview")
	code, out, errs := command(t, "mail", "check", good, "--host", "www.shop.example", "--preview", preview)
	if code != 0 || !strings.Contains(out, "are good: 2 files") {
		t.Errorf("%d %s %s", code, out, errs)
	}
	text := string(must[[]byte](t)(os.ReadFile(filepath.Join(preview, "fr-payment_released.txt"))))
	if !strings.HasPrefix(text, "Subject: On its way\n\nOrder A-1001 is on its way") {
		t.Errorf("the preview is not the shop's: %s", text)
	}
	if files := must[[]os.DirEntry](t)(os.ReadDir(preview)); len(files) != 2*2*len(wording.Names()) {
		t.Errorf("%d previews", len(files))
	}
	if code, _, errs := command(t, "mail", "check", filepath.Join(good, "nowhere")); code != 1 || !strings.Contains(errs, "nowhere") {
		t.Errorf("no folder: %d %s", code, errs)
	}
}

func TestWebhookSecretsAreMadeByCommand(t *testing.T) {
	code, secret, _ := command(t, "webhook", "secret")
	if code != 0 || !strings.HasPrefix(secret, "whsec_") {
		t.Errorf("%d, %d characters", code, len(secret))
	}
	code, key, _ := command(t, "webhook", "secret", "--key")
	if code != 0 || !strings.HasPrefix(key, "whsk_") {
		t.Errorf("%d, %d characters", code, len(key))
	}
	file := filepath.Join(t.TempDir(), "key")
	put(t, file, key)
	if code, out, errs := command(t, "webhook", "public", file); code != 0 || !strings.HasPrefix(out, "whpk_") || len(strings.TrimSpace(out)) != len("whpk_")+44 {
		t.Errorf("%d %s %s", code, out, errs)
	}
	put(t, file, secret)
	if code, _, errs := command(t, "webhook", "public", file); code != 1 || strings.Contains(errs, strings.TrimSpace(secret)[6:]) {
		t.Errorf("a shared secret has no public half: %d %s", code, errs)
	}
}
