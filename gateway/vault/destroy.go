package vault

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// Destroy makes the document unreadable for good, for the holder of the identity too. It may be repeated, also after
// a crash half way, and for an id that was never sealed: that id can then never be used. An empty mark under the id
// stays behind, so that Open can say ErrDestroyed rather than ErrNotFound.
//
// The wrapped data key goes first, and without it the encrypted bytes say nothing wherever copies of them lie. Files
// are not overwritten before they are removed: journalling and copy-on-write file systems, snapshots and
// flash wear-levelling put the new bytes elsewhere, so overwriting would promise what it cannot keep. What can be
// kept is small: leave the folder "keys" out of backups, or let those backups live no longer than a document may.
func (s *Sealer) Destroy(ctx context.Context, id string) error { return destroy(ctx, s.store, id) }

// Destroy is Sealer.Destroy, for the analysts' side.
func (o *Opener) Destroy(ctx context.Context, id string) error { return destroy(ctx, o.store, id) }

func destroy(ctx context.Context, in Store, id string) error {
	if !validID(id) {
		return ErrBadID
	}
	if err := in.Mark(ctx, tombOf(id)); err != nil {
		return fmt.Errorf("vault: marking document %s as destroyed: %w", id, err)
	}
	if err := errors.Join(in.Remove(ctx, headerOf(id)), in.Remove(ctx, payloadOf(id))); err != nil {
		return fmt.Errorf("vault: destroying document %s (run it again): %w", id, err)
	}
	return nil
}

// Sweep clears what crashes left behind and was last written before the given moment: what is half written, encrypted
// bytes whose key was never written, and documents whose destruction was cut short. It is meant for start-up and for a
// daily run, with a moment older than any Seal still under way, an hour ago say. It returns how many blobs it took away.
func (s *Sealer) Sweep(ctx context.Context, before time.Time) (int, error) {
	removed := 0
	for _, folder := range []string{headers, payloads} {
		n, err := s.store.Leftovers(ctx, folder, before)
		removed += n
		if err == nil {
			err = s.store.Older(ctx, folder, before, func(id string) error {
				kept, err := readable(ctx, s.store, id)
				if err != nil || kept {
					return err
				}
				removed++
				return s.store.Remove(ctx, folder+"/"+id)
			})
		}
		if err != nil {
			return removed, fmt.Errorf("vault: sweeping folder %s: %w", folder, err)
		}
	}
	return removed, nil
}

// readable reports whether there is a key to the document and nothing says that it was destroyed.
func readable(ctx context.Context, in Store, id string) (bool, error) {
	gone, err := in.Has(ctx, tombOf(id))
	if err != nil || gone {
		return false, err
	}
	return in.Has(ctx, headerOf(id))
}

// Sealed hands over the ids of the readable documents that were sealed before the moment, so that a caller can compare
// them with what it knows. An error of visit ends it.
func (s *Sealer) Sealed(ctx context.Context, before time.Time, visit func(id string) error) error {
	return s.store.Older(ctx, headers, before, func(id string) error {
		kept, err := readable(ctx, s.store, id)
		if err != nil || !kept {
			return err
		}
		return visit(id)
	})
}
