package vault

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// The folders of a vault. Headers and payloads are apart so that an operator can leave keys out of long-lived
// backups: a payload without its header cannot be read by anybody.
const (
	payloads  = "documents"
	headers   = "keys"
	tombs     = "destroyed"
	stagedExt = ".tmp"
)

// disk keeps opaque blobs under names such as "keys/doc_1". put never replaces a blob, get is bounded, remove is
// idempotent: the same three verbs an object store offers. All of them are safe for concurrent use, also between
// processes that share the folder.
type disk struct{ dir string }

// openDisk makes the vault's folders, closed to everybody but their owner.
func openDisk(dir string) (disk, error) {
	if dir == "" {
		return disk{}, errors.New("vault: no folder given for the documents")
	}
	d := disk{dir: dir}
	for _, name := range []string{payloads, headers, tombs} {
		p := filepath.Join(dir, name)
		if err := os.MkdirAll(p, 0o700); err != nil {
			return disk{}, fmt.Errorf("vault: making folder %s: %w", name, err)
		}
		// MkdirAll leaves an existing folder as it is.
		if err := os.Chmod(p, 0o700); err != nil {
			return disk{}, fmt.Errorf("vault: closing folder %s to others: %w", name, err)
		}
	}
	return d, nil
}

func (d disk) path(name string) string { return filepath.Join(d.dir, filepath.FromSlash(name)) }

// put writes a blob so that it is there whole and on stable storage, or not at all. A name in use is ErrExists.
func (d disk) put(ctx context.Context, name string, blob []byte) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := d.stage(name, blob); err != nil {
		return err
	}
	return d.publish(name)
}

// stage writes the blob under its temporary name. That name is fixed and created exclusively, so it is also the lock
// between two writers of one blob; a crash leaves it behind for sweep.
func (d disk) stage(name string, blob []byte) error {
	tmp := d.path(name) + stagedExt
	f, err := os.OpenFile(tmp, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return ErrExists
	}
	if err != nil {
		return err
	}
	_, err = f.Write(blob)
	if err == nil {
		err = f.Sync()
	}
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	// Looking for the final name only now, with the lock held, is what makes "never replaces" true.
	if err == nil && d.exists(name) {
		err = ErrExists
	}
	if err != nil {
		os.Remove(tmp)
	}
	return err
}

func (d disk) publish(name string) error {
	final := d.path(name)
	if err := os.Rename(final+stagedExt, final); err != nil {
		os.Remove(final + stagedExt)
		return err
	}
	return d.sync(name)
}

// mark leaves an empty blob under name; marking twice is fine. With no content there is nothing to be half written.
func (d disk) mark(name string) error {
	f, err := os.OpenFile(d.path(name), os.O_WRONLY|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	return d.sync(name)
}

// get reads a blob of at most limit bytes. A missing one is ErrNotFound, a larger one ErrDamaged.
func (d disk) get(ctx context.Context, name string, limit int64) ([]byte, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	f, err := os.Open(d.path(name))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, ErrNotFound
	}
	if err != nil {
		return nil, err
	}
	defer f.Close()
	blob, err := io.ReadAll(io.LimitReader(f, limit+1))
	if err != nil {
		return nil, err
	}
	if int64(len(blob)) > limit {
		return nil, ErrDamaged
	}
	return blob, nil
}

func (d disk) exists(name string) bool {
	_, err := os.Lstat(d.path(name))
	return err == nil
}

// remove takes a blob and its temporary copy away; removing what is not there is fine.
func (d disk) remove(name string) error {
	for _, p := range []string{d.path(name) + stagedExt, d.path(name)} {
		if err := os.Remove(p); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return d.sync(name)
}

// unstage takes away only the temporary copy that a crash left.
func (d disk) unstage(name string) error {
	if err := os.Remove(d.path(name) + stagedExt); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return d.sync(name)
}

// sync makes the latest rename or removal in name's folder survive a power cut.
func (d disk) sync(name string) error {
	f, err := os.Open(filepath.Dir(d.path(name)))
	if err != nil {
		return err
	}
	defer f.Close()
	return f.Sync()
}

// older calls visit with the file name of each blob and temporary file in a folder last written before the given
// moment, in no particular order.
func (d disk) older(ctx context.Context, folder string, before time.Time, visit func(file string) error) error {
	f, err := os.Open(d.path(folder))
	if err != nil {
		return err
	}
	defer f.Close()
	var old []string
	for {
		entries, err := f.ReadDir(512)
		for _, e := range entries {
			info, ierr := e.Info()
			if ierr == nil && info.Mode().IsRegular() && info.ModTime().Before(before) {
				old = append(old, e.Name())
			}
		}
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
	}
	for _, file := range old {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := visit(file); err != nil {
			return err
		}
	}
	return nil
}

// staged tells the blob's file name of a temporary file.
func staged(file string) (string, bool) { return strings.CutSuffix(file, stagedExt) }
