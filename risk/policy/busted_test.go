package policy

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// messages holds the exact error of every busted file, under the file's name.
const messages = "testdata/busted_messages.txt"

// TestBustedFilesAreRefusedWithTheirExactMessage reads one file for each way a policy can be wrong.
func TestBustedFilesAreRefusedWithTheirExactMessage(t *testing.T) {
	files, err := filepath.Glob("testdata/busted_*.yaml")
	if err != nil || len(files) < 50 {
		t.Fatalf("found %d files, %v", len(files), err)
	}
	want, err := os.ReadFile(messages)
	if err != nil && !*update {
		t.Fatal(err)
	}
	var got strings.Builder
	for _, file := range files {
		src, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		name := filepath.Base(file)
		p, err := Parse(name, src)
		if err == nil || p != nil {
			t.Errorf("%s was accepted", name)
			continue
		}
		var first *Error
		if !errors.As(err, &first) || first.File != name || first.Line < 1 || first.Column < 1 || first.Detail == "" {
			t.Errorf("%s: not an *Error with a place: %v", name, err)
		}
		got.WriteString(err.Error() + "\n")
	}
	if *update {
		if err := os.WriteFile(messages, []byte(got.String()), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	g, w := strings.Split(got.String(), "\n"), strings.Split(string(want), "\n")
	for i := range max(len(g), len(w)) {
		a, b := line(g, i), line(w, i)
		if a != b {
			t.Errorf("got  %s\nwant %s", a, b)
		}
	}
}

func line(all []string, i int) string {
	if i < len(all) {
		return all[i]
	}
	return "(nothing)"
}

func TestAFileBeyondItsSizeOrNotTextIsRefused(t *testing.T) {
	for name, src := range map[string][]byte{
		"large":    []byte(strings.Repeat("# a comment\n", 1<<17)),
		"not text": {0xff, 0xfe, 0x00},
		"nul":      []byte("name: \x00\n"),
	} {
		if _, err := Parse(name, src); err == nil {
			t.Errorf("%s was accepted", name)
		}
	}
}

func TestAFileOfTenMillionLinesIsRefusedUnread(t *testing.T) {
	src := bytes.Repeat([]byte("- a\n"), 10_000_000)
	var err error
	if n := testing.AllocsPerRun(1, func() { _, err = Parse("long.yaml", src) }); n > 10 {
		t.Errorf("%v allocations", n)
	}
	if err == nil || err.Error() != "long.yaml:1:1: the file has 40000000 bytes, a policy may have 1048576" {
		t.Error(err)
	}
}

func TestManyMistakesAreCutToWhatAPersonReads(t *testing.T) {
	rules := make([]string, 120)
	for i := range rules {
		rules[i] = `code: BAD, when: nothing.here, points: 1`
	}
	_, err := Parse("many.yaml", []byte(smallSource(rules...)))
	if n := strings.Count(err.Error(), "\n") + 1; n != maxErrors {
		t.Errorf("%d mistakes are told", n)
	}
}

func FuzzParse(f *testing.F) {
	files, _ := filepath.Glob("testdata/*.yaml")
	for _, file := range files {
		src, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(src)
	}
	f.Add([]byte(smallSource(`code: LOOP, when: 'any(order.items, .quantity / amount > 1)', points: 5`)))
	f.Fuzz(func(t *testing.T, src []byte) {
		p, err := Parse("fuzz.yaml", src)
		if err != nil {
			var e *Error
			if !errors.As(err, &e) || e.Line < 1 || e.Column < 1 {
				t.Fatalf("an error without a place: %v", err)
			}
			return
		}
		d := p.Decide(paris(), recall(paris(), nil), nil)
		if d.Outcome.Severity() < 0 || d.Score < 0 || d.Reasons == nil || d.Degraded == nil {
			t.Fatalf("%+v", d)
		}
	})
}
