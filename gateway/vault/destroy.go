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
// The wrapped data key goes first, and without it the encrypted bytes say nothing wherever copies of them lie. The
// files are not overwritten before they are removed: journalling and copy-on-write file systems, snapshots and
// flash wear-levelling put the new bytes elsewhere, so overwriting would promise what it cannot keep. What can be
// kept is small: leave the folder "keys" out of backups, or let those backups live no longer than a document may.
func (s *Sealer) Destroy(ctx context.Context, id string) error { return s.disk.destroy(ctx, id) }

// Destroy is Sealer.Destroy, for the analysts' side.
func (o *Opener) Destroy(ctx context.Context, id string) error { return o.disk.destroy(ctx, id) }

func (d disk) destroy(ctx context.Context, id string) error {
	if !validID(id) {
		return ErrBadID
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := d.mark(tombOf(id)); err != nil {
		return fmt.Errorf("vault: marking document %s as destroyed: %w", id, err)
	}
	if err := errors.Join(d.remove(headerOf(id)), d.remove(payloadOf(id))); err != nil {
		return fmt.Errorf("vault: destroying document %s (run it again): %w", id, err)
	}
	return nil
}

// Sweep clears what crashes left behind and was last written before the given moment: temporary files, encrypted
// bytes whose key was never written, and documents whose destruction was cut short. It is meant for start-up and for a
// daily run, with a moment older than any Seal still under way, an hour ago say. It returns how many files it took away.
func (s *Sealer) Sweep(ctx context.Context, before time.Time) (int, error) {
	removed := 0
	for _, folder := range []string{headers, payloads} {
		err := s.disk.older(ctx, folder, before, func(file string) error {
			id, temporary := staged(file)
			kept := s.disk.exists(headerOf(id)) && !s.disk.exists(tombOf(id))
			if !temporary && kept {
				return nil
			}
			removed++
			if temporary {
				return s.disk.unstage(folder + "/" + id)
			}
			return s.disk.remove(folder + "/" + id)
		})
		if err != nil {
			return removed, fmt.Errorf("vault: sweeping folder %s: %w", folder, err)
		}
	}
	return removed, nil
}

// Sealed hands over the ids of the readable documents that were sealed before the moment, so that a caller can compare
// them with what it knows. An error of visit ends it.
func (s *Sealer) Sealed(ctx context.Context, before time.Time, visit func(id string) error) error {
	return s.disk.older(ctx, headers, before, func(file string) error {
		id, temporary := staged(file)
		if temporary || s.disk.exists(tombOf(id)) {
			return nil
		}
		return visit(id)
	})
}
