package flow

import (
	"crypto/hkdf"
	"crypto/sha256"
	"fmt"
)

// purposes are the keys of what buyers are given and what is known of their visits, each derived from the link key under
// a label of its own (RFC 5869), so that none of them can be used in the place of another.
type purposes struct {
	session   []byte // signs sessions of the proof page
	statement []byte // makes statement codes
	network   []byte // names the networks that opened a link
	print     []byte // names documents by their pixels
}

func newPurposes(link []byte) (p purposes, err error) {
	for label, key := range map[string]*[]byte{"session": &p.session, "statement": &p.statement, "network": &p.network, "print": &p.print} {
		if *key, err = hkdf.Expand(sha256.New, link, "octroi "+label, sha256.Size); err != nil {
			return p, fmt.Errorf("derive the key of %s: %w", label, err)
		}
	}
	return p, nil
}
