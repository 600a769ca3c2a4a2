package vault

import (
	"context"
	"time"
)

// Store keeps opaque blobs under names such as "keys/doc_1": a folder of this machine (OpenDisk) or a bucket (OpenS3). It
// is safe for concurrent use, also between processes that share what is behind it. A missing blob is ErrNotFound.
type Store interface {
	// Put writes a blob so that it is there whole and on stable storage, or not at all. A name in use is ErrExists.
	Put(ctx context.Context, name string, blob []byte) error
	// Replace puts a blob in the place of one that is there: whoever reads sees one or the other.
	Replace(ctx context.Context, name string, blob []byte) error
	// Mark leaves a blob that says nothing; marking twice is fine, also after a crash half way.
	Mark(ctx context.Context, name string) error
	// Get reads a blob of at most limit bytes. A larger one is ErrDamaged.
	Get(ctx context.Context, name string, limit int64) ([]byte, error)
	Has(ctx context.Context, name string) (bool, error)
	// Remove takes a blob away, and what a crash left of its writing; removing what is not there is fine.
	Remove(ctx context.Context, name string) error
	// Older calls visit with the last part of each name in a folder that was last written before the moment, in no
	// particular order. An error of visit ends it.
	Older(ctx context.Context, folder string, before time.Time, visit func(id string) error) error
	// Leftovers takes away what crashes left half written in a folder before the moment, and counts it.
	Leftovers(ctx context.Context, folder string, before time.Time) (int, error)
}

// The folders of a vault. Headers and payloads are apart so that an operator can leave keys out of long-lived
// backups: a payload without its header cannot be read by anybody.
const (
	payloads = "documents"
	headers  = "keys"
	tombs    = "destroyed"
)

func payloadOf(id string) string { return payloads + "/" + id }
func headerOf(id string) string  { return headers + "/" + id }
func tombOf(id string) string    { return tombs + "/" + id }
