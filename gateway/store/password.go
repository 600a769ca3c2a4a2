package store

import (
	"context"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"io"

	"golang.org/x/crypto/argon2"

	"octroi/gateway/payment"
)

// The cost of a password: argon2id with 64 MiB, 3 passes and one lane, above the floor of RFC 9106 section 4's second
// recommendation for one lane. At most passwordsAtOnce are hashed at a time, which bounds memory to 128 MiB.
const (
	argonMemory     = 64 << 10 // KiB
	argonPasses     = 3
	argonLanes      = 1
	saltBytes       = 16
	hashBytes       = 32
	passwordsAtOnce = 2
)

// Bounds of a password in bytes. The lower one is for people who use no password manager; the upper one bounds work.
const (
	minPassword = 12
	maxPassword = 256
)

// argonForm is the usual written form of an argon2id hash.
const argonForm = "$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s"

// hashPassword gives the written form of a new hash of password.
func (s *Store) hashPassword(ctx context.Context, password string) (string, error) {
	if len(password) < minPassword || len(password) > maxPassword {
		return "", payment.Invalid(payment.FieldError{Pointer: "/password",
			Detail: fmt.Sprintf("must be %d to %d bytes long", minPassword, maxPassword)})
	}
	salt := make([]byte, saltBytes)
	if _, err := io.ReadFull(s.rand, salt); err != nil {
		return "", fmt.Errorf("make a salt: %w", err)
	}
	sum, err := s.argon(ctx, password, salt)
	if err != nil {
		return "", err
	}
	b64 := base64.RawStdEncoding.EncodeToString
	return fmt.Sprintf(argonForm, argon2.Version, argonMemory, argonPasses, argonLanes, b64(salt), b64(sum)), nil
}

// matches reports whether password is the one of the written hash. An empty or unreadable hash matches nothing, at the
// same cost.
func (s *Store) matches(ctx context.Context, written, password string) (bool, error) {
	var saltText, sumText string
	salt, want := make([]byte, saltBytes), make([]byte, hashBytes)
	known := false
	form := fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$", argon2.Version, argonMemory, argonPasses, argonLanes)
	if len(written) > len(form)+saltTextLen && written[:len(form)] == form {
		saltText, sumText = written[len(form):len(form)+saltTextLen], written[len(form)+saltTextLen+1:]
		a, errSalt := base64.RawStdEncoding.DecodeString(saltText)
		b, errSum := base64.RawStdEncoding.DecodeString(sumText)
		if errSalt == nil && errSum == nil && len(b) == hashBytes {
			salt, want, known = a, b, true
		}
	}
	if len(password) > maxPassword {
		password, known = password[:maxPassword], false
	}
	got, err := s.argon(ctx, password, salt)
	if err != nil {
		return false, err
	}
	return subtle.ConstantTimeCompare(got, want) == 1 && known, nil
}

// saltTextLen is the length of a salt in base 64 without padding.
const saltTextLen = (saltBytes*8 + 5) / 6

// argon hashes, as soon as there is room.
func (s *Store) argon(ctx context.Context, password string, salt []byte) ([]byte, error) {
	select {
	case s.hashing <- struct{}{}:
	case <-ctx.Done():
		return nil, failed(ctx.Err())
	}
	defer func() { <-s.hashing }()
	return argon2.IDKey([]byte(password), salt, argonPasses, argonMemory, argonLanes, hashBytes), nil
}
