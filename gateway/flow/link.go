package flow

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
)

// tokenBytes is the size of a proof link's token: 192 bits.
const tokenBytes = 24

// proofToken derives a case's proof-link token from the link key, so that the link can be repeated in mails and
// answers although the database holds only the token's hash, and a stolen database gives no links.
func (f *Flow) proofToken(caseID string) string {
	m := hmac.New(sha256.New, f.Keys.Link)
	m.Write([]byte("proof-link\x00" + caseID))
	return base64.RawURLEncoding.EncodeToString(m.Sum(nil)[:tokenBytes])
}

// proofURL is the whole link.
func (f *Flow) proofURL(caseID string) string {
	return f.PublicURL + "/proof/" + f.proofToken(caseID)
}

// tokenHash is what is stored of a token. The token is random enough that a plain hash cannot be undone.
func tokenHash(token string) []byte {
	h := sha256.Sum256([]byte(token))
	return h[:]
}
