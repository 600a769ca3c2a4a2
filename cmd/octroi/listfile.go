package main

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"
	"unicode/utf8"

	"octroi/gateway/flow"
	"octroi/gateway/store"
	"octroi/risk"
)

// The bounds of a list file. A line has room for a value and a note at their longest and the expiry between them.
const (
	maxListLines = 1_000_000
	maxListLine  = 1024
)

// listFile is a file of entries for one list, read whole: a line is value[,expiry[,note]], the expiry as RFC 3339 writes
// it or empty; empty lines and lines that begin with # say nothing.
type listFile struct {
	entries  []store.ListEntry // each value once, as lists hold it
	repeated int               // lines whose value stood on an earlier one, which they replace
	digest   string            // SHA-256 of the file
}

// readListFile reads the entries of a list. now is what an expiry must lie after; the zero time for any expiry. The
// first wrong line is the error, as file:line and a sentence that repeats nothing of the line.
func readListFile(path, list string, now time.Time) (listFile, error) {
	f, err := os.Open(path)
	if err != nil {
		return listFile{}, fmt.Errorf("list file: %w", err)
	}
	defer f.Close()
	hash := sha256.New()
	r := &listReader{in: bufio.NewReaderSize(io.TeeReader(f, hash), maxListLine), list: list, now: now, places: map[string]int{}}
	for {
		err := r.next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return listFile{}, fmt.Errorf("%s:%d: %w", path, r.line, err)
		}
	}
	if len(r.out.entries) == 0 {
		return listFile{}, fmt.Errorf("%s:%d: the file ends without an entry", path, r.line)
	}
	r.out.digest = hex.EncodeToString(hash.Sum(nil))
	return r.out, nil
}

type listReader struct {
	in     *bufio.Reader
	list   string
	now    time.Time
	line   int
	places map[string]int // of each value among the entries
	out    listFile
}

// next reads one line; io.EOF after the last.
func (r *listReader) next() error {
	text, err := r.in.ReadSlice('\n')
	if errors.Is(err, io.EOF) && len(text) == 0 {
		return io.EOF
	}
	r.line++
	switch {
	case r.line > maxListLines:
		return fmt.Errorf("a list file may have %d lines, this has more", maxListLines)
	case errors.Is(err, bufio.ErrBufferFull):
		return fmt.Errorf("the line has more than %d bytes", maxListLine)
	case errors.Is(err, io.EOF):
		return errors.New("the file ends in the middle of the line: end the last line, if nothing of it was cut")
	case err != nil:
		return err
	case bytes.IndexByte(text, 0) >= 0:
		return errors.New("the line holds a NUL byte: this is not a text file")
	case !utf8.Valid(text):
		return errors.New("the line is not UTF-8 text")
	}
	said := string(bytes.TrimSpace(text))
	if r.line == 1 {
		said = strings.TrimSpace(strings.TrimPrefix(said, "\ufeff"))
	}
	if said == "" || said[0] == '#' {
		return nil
	}
	return r.entry(said)
}

// entry takes a line in, under the same rules as an entry that the API puts on a list.
func (r *listReader) entry(said string) error {
	value, rest, _ := strings.Cut(said, ",")
	until, note, _ := strings.Cut(rest, ",")
	e := store.ListEntry{List: r.list, Value: risk.FoldListValue(value), Note: strings.TrimSpace(note)}
	if until = strings.TrimSpace(until); until != "" {
		var err error
		if e.ExpiresAt, err = time.Parse(time.RFC3339, until); err != nil {
			return errors.New("what follows the value must be an expiry as RFC 3339 writes it, such as 2027-01-31T00:00:00Z, or nothing")
		}
		e.ExpiresAt = e.ExpiresAt.UTC()
	}
	for _, wrong := range flow.CheckListEntry(e, r.now) {
		return fmt.Errorf("%s %s", listFields[wrong.Pointer], wrong.Detail)
	}
	if i, again := r.places[e.Value]; again {
		r.out.entries[i] = e
		r.out.repeated++
		return nil
	}
	r.places[e.Value] = len(r.out.entries)
	r.out.entries = append(r.out.entries, e)
	return nil
}

// listFields name the fields of an entry in messages about a line.
var listFields = map[string]string{"/list": "the list's name", "/value": "the value", "/note": "the note", "/expires_at": "the expiry"}
