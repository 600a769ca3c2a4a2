package notify

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/base64"
	"io"
	"strings"
	"testing"
	"time"

	"octroi/gateway/store"
	"octroi/providers"
)

// Two secrets for tests; the first is the one of the published vector.
const (
	oldSecret = providers.Secret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
	newSecret = providers.Secret("whsec_b2N0cm9pLXRlc3Qtc2VjcmV0LW9mLTMyLWJ5dGVzISE=")
)

func TestSignatureIsThatOfThePublishedVector(t *testing.T) {
	got, err := Sign(oldSecret, "msg_p5jXN8AQM9LWM0D4loKWxJek", time.Unix(1614265330, 0), []byte(`{"test": 2432232314}`))
	if want := "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="; err != nil || got != want {
		t.Errorf("Sign = %q, %v; want %q", got, err, want)
	}
}

// privateKeyText is the first test key of RFC 8032, section 7.1, as a webhook key.
const privateKeyText = providers.Secret("whsk_nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A=")

func TestKeySignsWhatItsPublicHalfVerifies(t *testing.T) {
	public, err := PublicKey(privateKeyText)
	if want := "whpk_11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="; err != nil || public != want { // as RFC 8032 gives it
		t.Fatalf("PublicKey = %q, %v; want %q", public, err, want)
	}
	s := newShop(t)
	at := time.Date(2026, 6, 28, 9, 30, 0, 0, time.UTC)
	m := store.Message{ID: 42, CreatedAt: at, Payload: []byte(`{"type":"payment.held"}`)}
	e := Endpoint{URL: s.URL, Secrets: []providers.Secret{privateKeyText, oldSecret}}
	if err := newPoster(func() time.Time { return at }, true).post(context.Background(), e, m); err != nil {
		t.Fatal(err)
	}
	r := s.got()[0]
	scheme, encoded, _ := strings.Cut(strings.Split(r.signatures, " ")[0], ",")
	signature, err := base64.StdEncoding.DecodeString(encoded)
	key, _ := base64.StdEncoding.DecodeString(strings.TrimPrefix(public, "whpk_"))
	if err != nil || scheme != "v1a" || !ed25519.Verify(key, []byte(r.id+"."+r.timestamp+"."+r.body), signature) {
		t.Errorf("signature %q does not verify: %v", r.signatures, err)
	}
	if !r.signedBy(oldSecret) {
		t.Error("the shared secret does not sign beside the key")
	}
}

func TestKeyMayBeWrittenWithItsPublicHalf(t *testing.T) {
	seed, _ := base64.StdEncoding.DecodeString(strings.TrimPrefix(privateKeyText.Reveal(), "whsk_"))
	whole := ed25519.NewKeyFromSeed(seed)
	a, err := PublicKey(providers.Secret("whsk_" + base64.StdEncoding.EncodeToString(whole)))
	if b, _ := PublicKey(privateKeyText); err != nil || a != b {
		t.Errorf("the 64-byte form gives %q, %v; want %q", a, err, b)
	}
	whole[40] ^= 1
	if _, err := PublicKey(providers.Secret("whsk_" + base64.StdEncoding.EncodeToString(whole))); err == nil {
		t.Error("a key with another's public half was taken")
	}
}

func TestNewSecretsCanBeUsed(t *testing.T) {
	for _, makes := range []func(io.Reader) (providers.Secret, error){NewSecret, NewKey} {
		a, err := makes(rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		b, err := makes(rand.Reader)
		if err != nil || a == b {
			t.Errorf("two secrets are one (%v)", err)
		}
		if err := (Endpoint{URL: "https://shop.example/", Secrets: []providers.Secret{a}}).check(false); err != nil {
			t.Error(err)
		}
		if _, err := makes(strings.NewReader("too short")); err == nil {
			t.Error("a secret was made of too little randomness")
		}
	}
}

func TestUnusableSecretIsRefusedAndNotRepeated(t *testing.T) {
	short := base64.StdEncoding.EncodeToString(make([]byte, 23))
	long := base64.StdEncoding.EncodeToString(make([]byte, 65))
	for _, s := range []string{"", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_", "whsec_!!!!", "whsec_" + short, "whsec_" + long, "whsk_" + short, "whsk_!!!!"} {
		_, err := Sign(providers.Secret(s), "msg_1", time.Unix(0, 0), nil)
		if err == nil {
			t.Errorf("a secret of %d characters was taken", len(s))
		} else if len(s) > 6 && strings.Contains(err.Error(), s[6:]) {
			t.Errorf("the error repeats the secret: %v", err)
		}
	}
}
