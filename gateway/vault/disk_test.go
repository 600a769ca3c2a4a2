package vault

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"time"
)

func onDisk(t testing.TB) place {
	t.Helper()
	dir := t.TempDir()
	d, err := OpenDisk(dir)
	if err != nil {
		t.Fatal(err)
	}
	return place{d, func(t testing.TB) map[string][]byte { return filesUnder(t, dir) }, func(t testing.TB, name string, blob []byte) {
		if err := os.WriteFile(filepath.Join(dir, name), blob, 0o600); err != nil {
			t.Fatal(err)
		}
	}}
}

// filesUnder reads every file of the vault, by path relative to it.
func filesUnder(t testing.TB, dir string) map[string][]byte {
	t.Helper()
	out := map[string][]byte{}
	err := filepath.WalkDir(dir, func(p string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		rel, _ := filepath.Rel(dir, p)
		out[filepath.ToSlash(rel)], err = os.ReadFile(p)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestVaultIsClosedToOthers(t *testing.T) {
	dir := t.TempDir()
	d, err := OpenDisk(dir)
	if err != nil {
		t.Fatal(err)
	}
	s, _ := keys(t, d)
	mustSeal(t, s, "doc_1", canary)
	err = filepath.WalkDir(dir, func(p string, e fs.DirEntry, err error) error {
		if err != nil || p == dir {
			return err
		}
		info, err := e.Info()
		want := fs.FileMode(0o600)
		if e.IsDir() {
			want = 0o700
		}
		if info.Mode().Perm() != want {
			t.Errorf("%s has mode %o, want %o", e.Name(), info.Mode().Perm(), want)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestCrashBetweenTempFileAndRenameLeavesNothingReadable(t *testing.T) {
	at := onDisk(t)
	s, o := keys(t, at)
	d := at.Store.(*Disk)
	header, payload, err := s.encrypt("doc_1", [][]byte{canary})
	if err != nil {
		t.Fatal(err)
	}
	steps := []func() error{
		func() error { return d.stage(payloadOf("doc_1"), payload, false) },
		func() error { return d.publish(payloadOf("doc_1")) },
		func() error { return d.stage(headerOf("doc_1"), header, false) },
	}
	for i, step := range steps {
		if err := step(); err != nil {
			t.Fatal(err)
		}
		if _, err := o.Open(t.Context(), "doc_1"); !errors.Is(err, ErrNotFound) {
			t.Fatalf("stopped after step %d, Open says %v, want ErrNotFound", i+1, err)
		}
	}
	if n, err := s.Sweep(t.Context(), time.Now().Add(-time.Hour)); n != 0 || err != nil {
		t.Fatalf("a sweep took %d files of a Seal still under way, %v", n, err)
	}
	if n, err := s.Sweep(t.Context(), time.Now().Add(time.Hour)); n != 2 || err != nil {
		t.Fatalf("Sweep = %d, %v, want 2 files", n, err)
	}
	if left := at.files(t); len(left) != 0 {
		t.Fatalf("the sweep left %v", left)
	}
	mustSeal(t, s, "doc_1", canary)
}

func TestDestroyTakesCrashedTemporaryFilesToo(t *testing.T) {
	at := onDisk(t)
	s, _ := keys(t, at)
	d := at.Store.(*Disk)
	header, payload, _ := s.encrypt("doc_1", [][]byte{canary})
	if err := errors.Join(d.stage(payloadOf("doc_1"), payload, false), d.stage(headerOf("doc_1"), header, false)); err != nil {
		t.Fatal(err)
	}
	if err := s.Destroy(t.Context(), "doc_1"); err != nil {
		t.Fatal(err)
	}
	if left := at.files(t); len(left) != 1 {
		t.Fatalf("left %v, want the mark alone", left)
	}
}

func TestSweepFinishesADestroyCutShortAndSparesTheRest(t *testing.T) {
	everywhere(t, func(t *testing.T, at place) {
		s, o := keys(t, at)
		mustSeal(t, s, "doc_1", canary)
		mustSeal(t, s, "doc_2", canary)
		if err := at.Mark(t.Context(), tombOf("doc_1")); err != nil { // and the machine stops
			t.Fatal(err)
		}
		if _, err := o.Open(t.Context(), "doc_1"); !errors.Is(err, ErrDestroyed) {
			t.Fatalf("Open = %v, want ErrDestroyed", err)
		}
		if n, err := s.Sweep(t.Context(), time.Now().Add(time.Hour)); n != 2 || err != nil {
			t.Fatalf("Sweep = %d, %v, want 2", n, err)
		}
		if left := at.files(t); len(left) != 3 {
			t.Fatalf("left: %d files, want the mark and doc_2's two", len(left))
		}
		if _, err := o.Open(t.Context(), "doc_2"); err != nil {
			t.Fatal(err)
		}
	})
}

func BenchmarkSealAndOpen5MB(b *testing.B) {
	at := onDisk(b)
	s, o := keys(b, at)
	plain := make([]byte, 5<<20)
	b.SetBytes(int64(len(plain)))
	for b.Loop() {
		mustSeal(b, s, "doc_1", plain)
		if _, err := o.Open(b.Context(), "doc_1"); err != nil {
			b.Fatal(err)
		}
		if err := errors.Join(at.Remove(b.Context(), headerOf("doc_1")), at.Remove(b.Context(), payloadOf("doc_1"))); err != nil {
			b.Fatal(err)
		}
	}
}
