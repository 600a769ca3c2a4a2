package main

import (
	"crypto/rand"
	"path/filepath"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"

	"octroi/gateway/vault"
)

// TestServeKnowsEverySecretOfTheDemo puts each secret that the demo makes where the example has one of its own.
func TestServeKnowsEverySecretOfTheDemo(t *testing.T) {
	k := must[demoSecrets](t)(makeDemoSecrets(t.TempDir(), rand.Reader))
	places := map[string]string{"adyen-api-key": k.AdyenAPIKey, "adyen-hmac-key": k.AdyenHMACKey, "documents-identity": k.Identity,
		"fingerprint-key": k.Keys["fingerprint"], "histories-key": k.Keys["histories"], "body-key": k.Keys["body"],
		"link-key": k.Keys["link"], "audit-key": k.Keys["audit"]}
	if len(places) != 3+len(k.Keys) {
		t.Fatalf("the demo has %d keys, and this test knows %d places", len(k.Keys), len(places)-3)
	}
	for name, secret := range places {
		for _, spelt := range []string{secret, "# made by somebody\n" + secret} {
			path, env := inExample(t, nil)
			put(t, filepath.Join(filepath.Dir(path), "secrets", name), spelt+"\n")
			if _, err := loadConfig(path, env); err == nil || !strings.Contains(err.Error(), "this is a secret of the demo: make one of your own") {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
	for _, spelt := range []string{strings.ToUpper(k.AdyenHMACKey), strings.ToLower(k.Identity)} {
		if !isDemoSecret(spelt) {
			t.Error("the same secret in another case is not known")
		}
	}
}

func TestNobodysOwnSecretIsTakenForTheDemos(t *testing.T) {
	identity, _, err := vault.GenerateIdentity()
	if err != nil || isDemoSecret(identity) {
		t.Errorf("an identity of one's own: %v", err)
	}
	other := must[demoSecrets](t)(makeDemoSecrets(t.TempDir(), rand.Reader))
	if again := must[demoSecrets](t)(makeDemoSecrets(t.TempDir(), rand.Reader)); again.Identity == other.Identity || again.Recipient == other.Recipient {
		t.Error("two demos have one identity")
	}
}

func TestAMissingPasswordIsToldOnce(t *testing.T) {
	path, env := inExample(t, func(text string) string { return strings.Replace(text, "secrets/smtp-password", "secrets/none", 1) })
	_, err := loadConfig(path, env)
	if err == nil || !strings.Contains(err.Error(), "mail.smtp.password_file: open ") || strings.Contains(err.Error(), "\n") {
		t.Errorf("got %v", err)
	}
}

func TestWhatAdyensAdapterRefusesIsNamedByItsKey(t *testing.T) {
	for key, change := range map[string][2]string{"provider.adyen.endpoint: must end in": {"adyen.com/v71", "adyen.com/v99"},
		"provider.adyen.hmac_key_files[0]: is not a hexadecimal key": {"[secrets/adyen-hmac-key]", "[secrets/smtp-password]"}} {
		path, env := inExample(t, func(text string) string { return strings.Replace(text, change[0]+"\n", change[1]+"\n", 1) })
		_, err := openProvider(withClock(must[loaded](t)(loadConfig(path, env)).Config), prometheus.NewRegistry())
		if err == nil || !strings.Contains(err.Error(), key) {
			t.Errorf("got %v, want %s", err, key)
		}
	}
}
