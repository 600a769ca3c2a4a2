package notify

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// Folder is a Mailer that keeps every mail as an .eml file, for people to open: the demo's mailbox. File names sort by
// the time the mail was written; the same letter sent twice is one file.
type Folder struct{ dir string }

var _ Mailer = Folder{}

// NewFolder makes the folder if need be, closed to everybody but its owner: its mails hold addresses and proof links.
func NewFolder(dir string) (Folder, error) {
	if dir == "" {
		return Folder{}, errors.New("mail folder: no path given")
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return Folder{}, fmt.Errorf("mail folder: %w", err)
	}
	return Folder{dir: dir}, nil
}

// Send writes the mail under its final name only when it is whole, with mode 0600.
func (f Folder) Send(ctx context.Context, l Letter) error {
	m, err := l.mime()
	if err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	tmp, err := os.CreateTemp(f.dir, ".mail-*") // CreateTemp gives mode 0600
	if err != nil {
		return fmt.Errorf("mail folder: %w", err)
	}
	defer os.Remove(tmp.Name()) // of no effect once it is renamed
	_, err = m.WriteTo(tmp)
	if err == nil {
		err = tmp.Sync()
	}
	if cerr := tmp.Close(); err == nil {
		err = cerr
	}
	if err != nil {
		return fmt.Errorf("mail folder: write: %w", err)
	}
	name := l.At.UTC().Format("20060102T150405.000Z") + "-" + l.ID + ".eml"
	if err := os.Rename(tmp.Name(), filepath.Join(f.dir, name)); err != nil {
		return fmt.Errorf("mail folder: %w", err)
	}
	return nil
}
