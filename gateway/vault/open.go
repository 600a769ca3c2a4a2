package vault

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"filippo.io/age"
)

// Opener reads documents back. It holds the private identity and must not exist in a process that faces buyers.
// Safe for concurrent use.
type Opener struct {
	store      Store
	identities []age.Identity
}

// NewOpener reads the documents of the store with identity: one age secret key a line. Several lines are for rotation: new
// documents are sealed to the new recipient while the old identity still opens the old ones. The error never repeats
// the identity.
func NewOpener(in Store, identity string) (*Opener, error) {
	ids, err := age.ParseIdentities(strings.NewReader(identity))
	if err != nil || len(ids) == 0 {
		return nil, errors.New("vault: the identity must be an age secret key, one a line, as key generation printed it")
	}
	return &Opener{store: in, identities: ids}, nil
}

// Open gives the document back, at most MaxDocument bytes of it in memory. ErrNotFound: never kept, or not kept to the
// end; ErrDestroyed: destroyed; ErrWrongKey: sealed to another recipient; ErrDamaged: not what Seal wrote.
func (o *Opener) Open(ctx context.Context, id string) ([]byte, error) {
	parts, err := o.open(ctx, id)
	if err != nil {
		return nil, err
	}
	return parts[0], nil
}

// Views gives back what an analyst looks at instead of the document, in order; none when it was sealed without. It fails
// as Open does.
func (o *Opener) Views(ctx context.Context, id string) ([][]byte, error) {
	parts, err := o.open(ctx, id)
	if err != nil {
		return nil, err
	}
	return parts[1:], nil
}

func (o *Opener) open(ctx context.Context, id string) ([][]byte, error) {
	if !validID(id) {
		return nil, ErrBadID
	}
	gone, err := o.store.Has(ctx, tombOf(id))
	if err != nil {
		return nil, fmt.Errorf("vault: looking for document %s: %w", id, err)
	}
	if gone {
		return nil, ErrDestroyed
	}
	header, err := o.store.Get(ctx, headerOf(id), maxHeader)
	if err != nil {
		return nil, fmt.Errorf("vault: reading the key of document %s: %w", id, err)
	}
	payload, err := o.store.Get(ctx, payloadOf(id), maxPayload)
	if err != nil {
		return nil, fmt.Errorf("vault: reading document %s: %w", id, err)
	}
	plain, err := o.decrypt(header, payload)
	if err != nil {
		return nil, fmt.Errorf("vault: opening document %s: %w", id, err)
	}
	parts, ok := unfold(id, plain)
	if !ok {
		return nil, fmt.Errorf("vault: opening document %s: %w", id, ErrDamaged)
	}
	return parts, nil
}

func (o *Opener) decrypt(header, payload []byte) ([]byte, error) {
	r, err := age.Decrypt(io.MultiReader(bytes.NewReader(header), bytes.NewReader(payload)), o.identities...)
	var none *age.NoIdentityMatchError
	if errors.As(err, &none) {
		return nil, ErrWrongKey
	}
	if err != nil {
		return nil, ErrDamaged
	}
	plain := bytes.NewBuffer(make([]byte, 0, len(payload)))
	if _, err := plain.ReadFrom(io.LimitReader(r, maxPayload)); err != nil {
		return nil, ErrDamaged
	}
	return plain.Bytes(), nil
}
