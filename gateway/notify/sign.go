package notify

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"octroi/providers"
)

// The bounds of a signing secret, in bytes once decoded (Standard Webhooks 1.0.0, "Signature scheme").
const (
	secretPrefix = "whsec_"
	minSecret    = 24
	maxSecret    = 64
)

// signingKey decodes a secret. Its errors never hold any of it.
func signingKey(secret providers.Secret) ([]byte, error) {
	encoded, ok := strings.CutPrefix(secret.Reveal(), secretPrefix)
	if !ok {
		return nil, errors.New("a webhook secret must begin with " + secretPrefix)
	}
	key, err := base64.StdEncoding.DecodeString(encoded)
	if err != nil {
		return nil, errors.New("a webhook secret must be base64 after " + secretPrefix)
	}
	if len(key) < minSecret || len(key) > maxSecret {
		return nil, fmt.Errorf("a webhook secret must be %d to %d bytes long once decoded", minSecret, maxSecret)
	}
	return key, nil
}

// Sign makes the signature of one webhook: "v1," and the base64 HMAC-SHA256 of id, Unix seconds and body joined by
// dots (Standard Webhooks 1.0.0). The secret is "whsec_" and 24 to 64 bytes in base64; any other is an error.
func Sign(secret providers.Secret, id string, at time.Time, body []byte) (string, error) {
	key, err := signingKey(secret)
	if err != nil {
		return "", err
	}
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(id + "." + strconv.FormatInt(at.Unix(), 10) + "."))
	mac.Write(body)
	return "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil)), nil
}
