package vault

import (
	"context"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"time"

	"filippo.io/age"
)

// Rewrapped tells what a rotation did.
type Rewrapped struct {
	Done    int // documents whose key is now wrapped to the new recipient
	Already int // documents whose key was
}

// Rewrap wraps the key of every document sealed before the moment to another recipient, so that the identity they were
// sealed to can be put out of use. Documents are not read, only their keys, of which none is left wrapped to the old
// recipient where it was. The identity of the new recipient must be among the Opener's, and every new key is opened with
// it before it takes the old one's place. It may be run again at any time, while documents come and go; the error of one
// document ends it, with what was done until then.
func (o *Opener) Rewrap(ctx context.Context, recipient string, before time.Time) (done Rewrapped, err error) {
	to, err := parseRecipient(recipient)
	if err != nil {
		return done, err
	}
	newest := o.identityOf(recipient)
	if newest == nil {
		return done, errors.New("vault: the identity of the new recipient must be one of the opener's: without it nobody could read what is wrapped to it")
	}
	err = o.store.Older(ctx, headers, before, func(id string) error {
		changed, err := o.rewrap(ctx, id, to, newest)
		switch {
		case errors.Is(err, ErrNotFound) || errors.Is(err, ErrDestroyed):
			return nil // destroyed meanwhile
		case err != nil:
			return fmt.Errorf("vault: rewrapping the key of document %s: %w", id, err)
		case changed:
			done.Done++
		default:
			done.Already++
		}
		return nil
	})
	return done, err
}

func (o *Opener) rewrap(ctx context.Context, id string, to age.Recipient, newest age.Identity) (changed bool, err error) {
	old, err := o.store.Get(ctx, headerOf(id), maxHeader)
	if err != nil {
		return false, err
	}
	if _, err := age.DecryptHeader(old, newest); err == nil {
		return false, nil
	}
	key, err := age.DecryptHeader(old, o.identities...)
	if err != nil {
		return false, ErrWrongKey
	}
	header, err := wrap(key, to)
	if err != nil {
		return false, err
	}
	if again, err := age.DecryptHeader(header, newest); err != nil || !hmac.Equal(again, key) {
		return false, errors.New("the new key does not open with its identity")
	}
	if err := o.store.Replace(ctx, headerOf(id), header); err != nil {
		return false, err
	}
	// Destroy leaves its mark before it removes the key: either it removed ours, or we see its mark here.
	gone, err := o.store.Has(ctx, tombOf(id))
	if err != nil || !gone {
		return true, err
	}
	return false, errors.Join(ErrDestroyed, o.store.Remove(ctx, headerOf(id)))
}

// Opens reports whether one of the opener's identities is the recipient's, so that what is sealed to it can be read.
func (o *Opener) Opens(recipient string) bool { return o.identityOf(recipient) != nil }

// identityOf finds the identity whose recipient this is.
func (o *Opener) identityOf(recipient string) age.Identity {
	recipient = strings.TrimSpace(recipient)
	for _, id := range o.identities {
		switch known := id.(type) {
		case *age.HybridIdentity:
			if known.Recipient().String() == recipient {
				return id
			}
		case *age.X25519Identity:
			if known.Recipient().String() == recipient {
				return id
			}
		}
	}
	return nil
}

// wrap writes the header of an age file for a key that is already in use (c2sp.org/age, "Header"): a stanza for the
// recipient, and a MAC under the key over all that stands before it.
func wrap(key []byte, to age.Recipient) ([]byte, error) {
	stanzas, err := to.Wrap(key)
	if err != nil {
		return nil, err
	}
	const columns = 64
	var b strings.Builder
	b.WriteString("age-encryption.org/v1\n")
	for _, s := range stanzas {
		b.WriteString("-> " + strings.Join(append([]string{s.Type}, s.Args...), " ") + "\n")
		body := base64.RawStdEncoding.EncodeToString(s.Body)
		for len(body) >= columns {
			b.WriteString(body[:columns] + "\n")
			body = body[columns:]
		}
		b.WriteString(body + "\n") // the last line is a short one, empty if need be
	}
	b.WriteString("---")
	under, err := hkdf.Key(sha256.New, key, nil, "header", sha256.Size)
	if err != nil {
		return nil, err
	}
	mac := hmac.New(sha256.New, under)
	mac.Write([]byte(b.String()))
	return []byte(b.String() + " " + base64.RawStdEncoding.EncodeToString(mac.Sum(nil)) + "\n"), nil
}
