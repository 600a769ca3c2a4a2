package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"octroi/gateway/store"
)

var listNow = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)

func aListFile(t testing.TB, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "blocked.csv")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestAListFileIsReadWithExpiriesNotesAndRemarks(t *testing.T) {
	text := "\ufeff# from the fraud desk\r\n\r\n Jean.Dupont+shop@Gmail.com \r\nb@example.org,2026-04-01T02:00:00+02:00\r\n" +
		"c@example.org,,three chargebacks, in May\nB@EXAMPLE.org,2027-01-01T00:00:00Z,again\n"
	got, err := readListFile(aListFile(t, text), "blocked_emails", listNow)
	if err != nil {
		t.Fatal(err)
	}
	want := []store.ListEntry{
		{List: "blocked_emails", Value: "jeandupont@gmail.com"},
		{List: "blocked_emails", Value: "b@example.org", Note: "again", ExpiresAt: time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC)},
		{List: "blocked_emails", Value: "c@example.org", Note: "three chargebacks, in May"},
	}
	if !reflect.DeepEqual(got.entries, want) || got.repeated != 1 || len(got.digest) != 64 {
		t.Errorf("%+v", got)
	}
}

// wrongLists are list files that are refused, each with what is said after the file's name.
var wrongLists = []struct{ text, want string }{
	{"", ":0: the file ends without an entry"},
	{"# none yet\n", ":1: the file ends without an entry"},
	{"a@example.org\nb@exam", ":2: the file ends in the middle of the line: end the last line, if nothing of it was cut"},
	{"a@example.org\nb\x00@example.org\n", ":2: the line holds a NUL byte: this is not a text file"},
	{"a@example.org\n\xff\xfe\n", ":2: the line is not UTF-8 text"},
	{"a@example.org\nb@example.org,tomorrow\n", ":2: what follows the value must be an expiry as RFC 3339 writes it, such as 2027-01-31T00:00:00Z, or nothing"},
	{"b@example.org,2027-02-30T00:00:00Z\n", ":1: what follows the value must be an expiry as RFC 3339 writes it, such as 2027-01-31T00:00:00Z, or nothing"},
	{"b@example.org,2026-03-02T12:00:00Z\n", ":1: the expiry must lie in the future"},
	{"a@example.org\n4111 1111-1111 1111,,stolen\n", ":2: the value looks like a card number: lists hold card fingerprints, never numbers"},
	{"a@example.org,,was 5555444433331111\n", ":1: the note must not hold a card number: it would be kept"},
	{",,nobody\n", ":1: the value must be 1 to 256 bytes long"},
	{strings.Repeat("x", 257) + "\n", ":1: the value must be 1 to 256 bytes long"},
	{"a@example.org,," + strings.Repeat("x", 257) + "\n", ":1: the note must be at most 256 bytes long"},
	{"a@example.org\n" + strings.Repeat("x", maxListLine) + "\n", ":2: the line has more than 1024 bytes"},
}

func TestAWrongListFileIsRefusedWithTheLineAndASentence(t *testing.T) {
	for _, c := range wrongLists {
		path := aListFile(t, c.text)
		got, err := readListFile(path, "blocked_emails", listNow)
		if err == nil || err.Error() != path+c.want || got.entries != nil {
			t.Errorf("got %v, want %s", err, c.want)
		}
	}
	if _, err := readListFile(filepath.Join(t.TempDir(), "none"), "blocked_emails", listNow); err == nil {
		t.Error("a file that is not there was read")
	}
	if _, err := readListFile(t.TempDir(), "blocked_emails", listNow); err == nil {
		t.Error("a folder was read")
	}
}

func TestAListFileOfTenMillionLinesIsRefusedAtTheFirstBeyond(t *testing.T) {
	path := filepath.Join(t.TempDir(), "long.csv")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	block := bytes.Repeat([]byte("a@b.fr\n"), 100_000)
	for range 100 {
		if _, err := f.Write(block); err != nil {
			t.Fatal(err)
		}
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	got, err := readListFile(path, "blocked_emails", listNow)
	if err == nil || err.Error() != path+":1000001: a list file may have 1000000 lines, this has more" || got.entries != nil {
		t.Errorf("%v", err)
	}
}

func FuzzListFile(f *testing.F) {
	for _, c := range wrongLists {
		f.Add([]byte(c.text))
	}
	f.Add([]byte("b@example.org,2027-04-01T02:00:00+02:00,a note\n# no\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		path := aListFile(t, string(text))
		got, err := readListFile(path, "blocked_emails", listNow)
		if err != nil {
			var line int
			if n, _ := fmt.Sscanf(strings.TrimPrefix(err.Error(), path), ":%d:", &line); n != 1 || line > bytes.Count(text, []byte("\n"))+1 {
				t.Fatalf("an error without its line: %v", err)
			}
			return
		}
		seen := map[string]bool{}
		for _, e := range got.entries {
			if e.Value == "" || len(e.Value) > 256 || seen[e.Value] || !e.ExpiresAt.IsZero() && !e.ExpiresAt.After(listNow) {
				t.Fatalf("%+v", e)
			}
			seen[e.Value] = true
		}
	})
}

// BenchmarkListFile reads a file at its longest.
func BenchmarkListFile(b *testing.B) {
	var text strings.Builder
	for i := range maxListLines {
		fmt.Fprintf(&text, "b%d@example.org,2027-01-01T00:00:00Z,seen in March\n", i)
	}
	path := aListFile(b, text.String())
	for b.Loop() {
		if _, err := readListFile(path, "blocked_emails", listNow); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(maxListLines)*float64(b.N)/b.Elapsed().Seconds(), "lines/s")
}
