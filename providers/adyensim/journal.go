package adyensim

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
)

// compactFrom is how many bytes a journal may have at a start before it is written anew, without what was overtaken.
const compactFrom = 64 << 20

// openJournal folds the file's entries into b and returns the file ready for appending. A last line cut short by a
// crash is dropped, since its request was never answered; any other line that cannot be read is an error. A file that
// has grown to limit is first replaced by a shorter one of the same meaning.
func openJournal(path string, b *book, limit int64) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return nil, fmt.Errorf("adyensim: open the journal: %w", err)
	}
	whole, err := replay(bufio.NewReader(f), b)
	if err == nil {
		err = f.Truncate(whole)
	}
	if err == nil {
		_, err = f.Seek(whole, io.SeekStart)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("adyensim: read the journal %s: %w", path, err), f.Close())
	}
	if whole < limit {
		return f, nil
	}
	shorter, err := compact(path, b)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("adyensim: shorten the journal %s: %w", path, err), f.Close())
	}
	return shorter, f.Close()
}

// compact puts a journal that holds just what b does in place of the one at path.
func compact(path string, b *book) (f *os.File, err error) {
	f, err = os.OpenFile(path+".new", os.O_RDWR|os.O_CREATE|os.O_TRUNC|os.O_APPEND, 0o600)
	if err != nil {
		return nil, err
	}
	w := bufio.NewWriter(f)
	enc := json.NewEncoder(w)
	for _, e := range b.snapshot() {
		err = errors.Join(err, enc.Encode(e))
	}
	if err = errors.Join(err, w.Flush(), f.Sync()); err == nil {
		err = os.Rename(path+".new", path)
	}
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}

// replay applies every whole line and returns how many bytes they take.
func replay(r *bufio.Reader, b *book) (int64, error) {
	var whole int64
	for n := 1; ; n++ {
		line, err := r.ReadBytes('\n')
		if errors.Is(err, io.EOF) {
			return whole, nil
		}
		if err != nil {
			return whole, err
		}
		var e entry
		if err := json.Unmarshal(line, &e); err != nil {
			return whole, fmt.Errorf("line %d: %w", n, err)
		}
		b.apply(e)
		whole += int64(len(line))
	}
}

// record writes an entry and folds it in; nothing is answered that is not recorded. The caller holds the lock.
func (s *Server) record(e entry) error {
	if s.journal != nil {
		line, err := json.Marshal(e)
		if err != nil {
			return fmt.Errorf("adyensim: encode a journal entry: %w", err)
		}
		if _, err := s.journal.Write(append(line, '\n')); err != nil {
			return fmt.Errorf("adyensim: write the journal: %w", err)
		}
	}
	s.book.apply(e)
	return nil
}
