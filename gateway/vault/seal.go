package vault

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"time"

	"filippo.io/age"
)

// MaxDocument bounds a document given to Seal, in bytes. It leaves room above the intake's own limit, because a
// picture can grow when it is re-encoded.
const MaxDocument = 64 << 20

// tidyTime bounds what is cleared away after a Seal that failed.
const tidyTime = 10 * time.Second

const (
	maxID     = 64
	maxHeader = 16 << 10
	// age adds 16 bytes to each 64 KiB chunk and a 16-byte nonce; one part in a thousand and two pages cover it and the
	// envelope.
	maxPayload = MaxDocument + MaxDocument/1000 + 8<<10
	maxParts   = 65
)

// How keeping or reading a document can fail. Compare with errors.Is; nothing in them tells what a document holds.
var (
	ErrNotFound  = errors.New("vault: no such document")
	ErrDestroyed = errors.New("vault: the document has been destroyed")
	ErrExists    = errors.New("vault: the document id is already in use")
	ErrDamaged   = errors.New("vault: the stored document is damaged or is not the one asked for")
	ErrWrongKey  = errors.New("vault: this identity does not open the document")
	ErrBadID     = errors.New("vault: a document id is 1 to 64 characters of a-z, 0-9 and _")
	ErrTooLarge  = errors.New("vault: the document is empty or larger than MaxDocument")
)

// Sealer encrypts documents to a public recipient. It can write and destroy, and cannot read. Safe for concurrent use.
type Sealer struct {
	store     Store
	recipient age.Recipient
}

// Sealed tells what was kept. It holds no digest: an unkeyed hash of a document would let anybody who has the same
// file find its owner. See Digest for one that needs a key.
type Sealed struct {
	Size int64 // bytes of the document before encryption
}

// NewSealer keeps documents in the store, encrypted to recipient: one age public key, "age1pq1…" as GenerateIdentity makes
// them or a classic "age1…".
func NewSealer(in Store, recipient string) (*Sealer, error) {
	key, err := parseRecipient(recipient)
	if err != nil {
		return nil, err
	}
	return &Sealer{store: in, recipient: key}, nil
}

func parseRecipient(recipient string) (age.Recipient, error) {
	keys, err := age.ParseRecipients(strings.NewReader(recipient))
	if err != nil || len(keys) != 1 {
		return nil, errors.New("vault: the recipient must be exactly one age public key, as key generation printed it")
	}
	return keys[0], nil
}

// Seal keeps plain under id, which must never have been used before, and with it the views that an analyst looks at in its
// place. When it returns without error the document is on stable storage; when it returns an error, or the machine stops
// half way, nothing readable is left.
//
// Every document has a data key of its own. It is kept, wrapped to the recipient, apart from the encrypted bytes:
// an age file cut after its header, so that `cat keys/ID documents/ID | age --decrypt` still opens it by hand. The id
// is inside the encryption too, so that two stored documents cannot be swapped unnoticed.
func (s *Sealer) Seal(ctx context.Context, id string, plain []byte, views ...[]byte) (Sealed, error) {
	if !validID(id) {
		return Sealed{}, ErrBadID
	}
	parts := append([][]byte{plain}, views...)
	if len(plain) == 0 || total(parts) > MaxDocument || len(parts) > maxParts {
		return Sealed{}, ErrTooLarge
	}
	gone, err := s.store.Has(ctx, tombOf(id))
	if err != nil {
		return Sealed{}, fmt.Errorf("vault: looking for document %s: %w", id, err)
	}
	if gone {
		return Sealed{}, ErrDestroyed
	}
	header, payload, err := s.encrypt(id, parts)
	if err != nil {
		return Sealed{}, fmt.Errorf("vault: encrypting document %s: %w", id, err)
	}
	if err := s.store.Put(ctx, payloadOf(id), payload); err != nil {
		return Sealed{}, fmt.Errorf("vault: keeping document %s: %w", id, err)
	}
	// What follows is tidied up for a caller who has gone, too.
	after, cancel := context.WithTimeout(context.WithoutCancel(ctx), tidyTime)
	defer cancel()
	// The header makes the document exist, so it comes last.
	if err := s.store.Put(ctx, headerOf(id), header); err != nil {
		return Sealed{}, fmt.Errorf("vault: keeping the key of document %s: %w", id,
			errors.Join(err, s.store.Remove(after, payloadOf(id))))
	}
	// Destroy leaves its mark before it removes anything: either it saw our header, or we see its mark here.
	switch gone, err := s.store.Has(after, tombOf(id)); {
	case err != nil:
		return Sealed{}, fmt.Errorf("vault: keeping document %s: %w", id, err)
	case gone:
		return Sealed{}, errors.Join(ErrDestroyed, s.Destroy(after, id))
	}
	return Sealed{Size: int64(len(plain))}, nil
}

// encrypt gives the wrapped data key and the encrypted document as two blobs.
func (s *Sealer) encrypt(id string, parts [][]byte) (header, payload []byte, err error) {
	var buf bytes.Buffer
	size := total(parts)
	buf.Grow(size + size/1000 + 8<<10)
	w, err := age.Encrypt(&buf, s.recipient)
	if err != nil {
		return nil, nil, err
	}
	for _, part := range append([][]byte{envelope(id, parts)}, parts...) {
		if _, err = w.Write(part); err != nil {
			return nil, nil, err
		}
	}
	if err = w.Close(); err != nil {
		return nil, nil, err
	}
	header, err = age.ExtractHeader(bytes.NewReader(buf.Bytes()))
	if err != nil {
		return nil, nil, err
	}
	payload, ok := bytes.CutPrefix(buf.Bytes(), header)
	if !ok {
		return nil, nil, errors.New("the age header does not stand at the start of the file")
	}
	return header, payload, nil
}

// Digest is the HMAC-SHA-256 of a document, or of what stands for it such as the intake's Exact, in hex, for noticing the
// same document on several orders. The key, of at
// least 32 bytes, has no other use and is not kept in the vault: without it a digest cannot be matched to a file.
func Digest(key, document []byte) (string, error) {
	if len(key) < sha256.Size {
		return "", fmt.Errorf("vault: the digest key has %d bytes, at least %d are needed", len(key), sha256.Size)
	}
	mac := hmac.New(sha256.New, key)
	mac.Write(document)
	return hex.EncodeToString(mac.Sum(nil)), nil
}

// GenerateIdentity makes a new key pair: identity for NewOpener, to be kept secret, and recipient for NewSealer. The
// pair is age's hybrid of X25519 and ML-KEM-768, so that a copy of today's files does not open to a later quantum
// computer (c2sp.org/age).
func GenerateIdentity() (identity, recipient string, err error) {
	id, err := age.GenerateHybridIdentity()
	if err != nil {
		return "", "", fmt.Errorf("vault: generating an identity: %w", err)
	}
	return id.String(), id.Recipient().String(), nil
}

func validID(id string) bool {
	if id == "" || len(id) > maxID {
		return false
	}
	for _, c := range []byte(id) {
		if (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '_' {
			return false
		}
	}
	return true
}
