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

// stagedExt ends the names of what is being written.
const stagedExt = ".tmp"

// Disk keeps a vault in a folder.
type Disk struct{ dir string }

var _ Store = (*Disk)(nil)

// OpenDisk makes the vault's folders where they are missing, closed to everybody but their owner.
func OpenDisk(dir string) (*Disk, error) {
	if dir == "" {
		return nil, errors.New("vault: no folder given for the documents")
	}
	d := &Disk{dir: dir}
	for _, name := range []string{payloads, headers, tombs} {
		p := filepath.Join(dir, name)
		if err := os.MkdirAll(p, 0o700); err != nil {
			return nil, fmt.Errorf("vault: making folder %s: %w", name, err)
		}
		// MkdirAll leaves an existing folder as it is.
		if err := os.Chmod(p, 0o700); err != nil {
			return nil, fmt.Errorf("vault: closing folder %s to others: %w", name, err)
		}
	}
	return d, nil
}

func (d *Disk) path(name string) string { return filepath.Join(d.dir, filepath.FromSlash(name)) }

// Put implements Store.
func (d *Disk) Put(ctx context.Context, name string, blob []byte) error {
	return d.write(ctx, name, blob, false)
}

// Replace implements Store.
func (d *Disk) Replace(ctx context.Context, name string, blob []byte) error {
	return d.write(ctx, name, blob, true)
}

func (d *Disk) write(ctx context.Context, name string, blob []byte, over bool) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := d.stage(name, blob, over); err != nil {
		return err
	}
	return d.publish(name)
}

// stage writes the blob under its temporary name. That name is fixed and created exclusively, so it is also the lock
// between two writers of one blob; a crash leaves it behind for Leftovers.
func (d *Disk) stage(name string, blob []byte, over bool) error {
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
	if there := d.exists(name); err == nil && there != over {
		err = ErrExists
		if over {
			err = ErrNotFound
		}
	}
	if err != nil {
		os.Remove(tmp)
	}
	return err
}

func (d *Disk) publish(name string) error {
	final := d.path(name)
	if err := os.Rename(final+stagedExt, final); err != nil {
		os.Remove(final + stagedExt)
		return err
	}
	return d.sync(name)
}

// Mark implements Store. With no content there is nothing to be half written.
func (d *Disk) Mark(ctx context.Context, name string) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	f, err := os.OpenFile(d.path(name), os.O_WRONLY|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	return d.sync(name)
}

// Get implements Store.
func (d *Disk) Get(ctx context.Context, name string, limit int64) ([]byte, error) {
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

// Has implements Store.
func (d *Disk) Has(ctx context.Context, name string) (bool, error) {
	return d.exists(name), ctx.Err()
}

func (d *Disk) exists(name string) bool {
	_, err := os.Lstat(d.path(name))
	return err == nil
}

// Remove implements Store.
func (d *Disk) Remove(ctx context.Context, name string) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	for _, p := range []string{d.path(name) + stagedExt, d.path(name)} {
		if err := os.Remove(p); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return d.sync(name)
}

// sync makes the latest rename or removal in name's folder survive a power cut.
func (d *Disk) sync(name string) error {
	f, err := os.Open(filepath.Dir(d.path(name)))
	if err != nil {
		return err
	}
	defer f.Close()
	return f.Sync()
}

// Older implements Store.
func (d *Disk) Older(ctx context.Context, folder string, before time.Time, visit func(id string) error) error {
	return d.files(ctx, folder, before, func(file string) error {
		if strings.HasSuffix(file, stagedExt) {
			return nil
		}
		return visit(file)
	})
}

// Leftovers implements Store.
func (d *Disk) Leftovers(ctx context.Context, folder string, before time.Time) (n int, err error) {
	err = d.files(ctx, folder, before, func(file string) error {
		if !strings.HasSuffix(file, stagedExt) {
			return nil
		}
		if err := os.Remove(filepath.Join(d.path(folder), file)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		n++
		return d.sync(folder + "/" + file)
	})
	return n, err
}

// files calls visit with the name of each file in a folder that was last written before the moment.
func (d *Disk) files(ctx context.Context, folder string, before time.Time, visit func(file string) error) error {
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
