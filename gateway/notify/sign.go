package notify

import (
	"bytes"
	"crypto/ed25519"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"octroi/providers"
)

// The forms of a signing secret (Standard Webhooks 1.0.0, "Signature scheme"): a shared one of 24 to 64 bytes, or a
// private key whose public half the shop has.
const (
	sharedPrefix  = "whsec_"
	privatePrefix = "whsk_"
	publicPrefix  = "whpk_"
	minShared     = 24
	maxShared     = 64
	newShared     = 32
)

// signer makes one signature of a webhook, with its scheme in front.
type signer func(content []byte) string

// signerOf decodes a secret. Its errors never hold any of it.
func signerOf(secret providers.Secret) (signer, error) {
	s := secret.Reveal()
	if encoded, ok := strings.CutPrefix(s, sharedPrefix); ok {
		key, err := base64.StdEncoding.DecodeString(encoded)
		if err != nil {
			return nil, errors.New("a webhook secret must be base64 after " + sharedPrefix)
		}
		if len(key) < minShared || len(key) > maxShared {
			return nil, fmt.Errorf("a webhook secret must be %d to %d bytes long once decoded", minShared, maxShared)
		}
		return func(content []byte) string {
			mac := hmac.New(sha256.New, key)
			mac.Write(content)
			return "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil))
		}, nil
	}
	key, err := privateKey(s)
	if err != nil {
		return nil, err
	}
	return func(content []byte) string {
		return "v1a," + base64.StdEncoding.EncodeToString(ed25519.Sign(key, content))
	}, nil
}

// privateKey decodes an Ed25519 key: its 32-byte seed, or the 64 bytes of seed and public key that other senders write.
func privateKey(s string) (ed25519.PrivateKey, error) {
	encoded, ok := strings.CutPrefix(s, privatePrefix)
	if !ok {
		return nil, errors.New("a webhook secret must begin with " + sharedPrefix + " or " + privatePrefix)
	}
	raw, err := base64.StdEncoding.DecodeString(encoded)
	if err != nil || (len(raw) != ed25519.SeedSize && len(raw) != ed25519.PrivateKeySize) {
		return nil, fmt.Errorf("a webhook key must be %d or %d bytes of base64 after %s", ed25519.SeedSize, ed25519.PrivateKeySize, privatePrefix)
	}
	key := ed25519.NewKeyFromSeed(raw[:ed25519.SeedSize])
	if len(raw) == ed25519.PrivateKeySize && !bytes.Equal(key, raw) {
		return nil, errors.New("the two halves of a webhook key do not belong together")
	}
	return key, nil
}

// Sign makes the signature of one webhook over id, Unix seconds and body joined by dots (Standard Webhooks 1.0.0): "v1,"
// and the base64 HMAC-SHA256 for a secret "whsec_…" of 24 to 64 bytes, "v1a," and the base64 Ed25519 signature for a key
// "whsk_…". Any other secret is an error.
func Sign(secret providers.Secret, id string, at time.Time, body []byte) (string, error) {
	sign, err := signerOf(secret)
	if err != nil {
		return "", err
	}
	return sign(append([]byte(id+"."+strconv.FormatInt(at.Unix(), 10)+"."), body...)), nil
}

// NewSecret makes a shared secret, "whsec_…", of 32 random bytes.
func NewSecret(random io.Reader) (providers.Secret, error) {
	key := make([]byte, newShared)
	if _, err := io.ReadFull(random, key); err != nil {
		return "", fmt.Errorf("make a webhook secret: %w", err)
	}
	return providers.Secret(sharedPrefix + base64.StdEncoding.EncodeToString(key)), nil
}

// NewKey makes a private key, "whsk_…".
func NewKey(random io.Reader) (providers.Secret, error) {
	seed := make([]byte, ed25519.SeedSize)
	if _, err := io.ReadFull(random, seed); err != nil {
		return "", fmt.Errorf("make a webhook key: %w", err)
	}
	return providers.Secret(privatePrefix + base64.StdEncoding.EncodeToString(seed)), nil
}

// PublicKey is what the shop checks with, "whpk_…", of a private key "whsk_…". A shared secret has none.
func PublicKey(secret providers.Secret) (string, error) {
	key, err := privateKey(secret.Reveal())
	if err != nil {
		return "", err
	}
	return publicPrefix + base64.StdEncoding.EncodeToString(key.Public().(ed25519.PublicKey)), nil
}
