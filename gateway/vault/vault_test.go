package vault

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"filippo.io/age"
)

var canary = []byte("Relevé de compte de Jeanne Témoin, ligne unique, canari 7f3a91")

func newVault(t testing.TB) (string, *Sealer, *Opener) {
	t.Helper()
	identity, recipient, err := GenerateIdentity()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	s, err := NewSealer(dir, recipient)
	if err != nil {
		t.Fatal(err)
	}
	o, err := NewOpener(dir, identity)
	if err != nil {
		t.Fatal(err)
	}
	return dir, s, o
}

func mustSeal(t testing.TB, s *Sealer, id string, plain []byte) {
	t.Helper()
	if _, err := s.Seal(t.Context(), id, plain); err != nil {
		t.Fatal(err)
	}
}

// filesUnder reads every file of the vault, by path relative to it.
func filesUnder(t *testing.T, dir string) map[string][]byte {
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

func TestSealedDocumentOpensUntilDestroyed(t *testing.T) {
	dir, s, o := newVault(t)
	got, err := s.Seal(t.Context(), "doc_1", canary)
	if err != nil || got.Size != int64(len(canary)) {
		t.Fatalf("Seal = %+v, %v", got, err)
	}
	plain, err := o.Open(t.Context(), "doc_1")
	if err != nil || !bytes.Equal(plain, canary) {
		t.Fatalf("Open = %q, %v", plain, err)
	}
	for range 2 { // destroying is idempotent
		if err := o.Destroy(t.Context(), "doc_1"); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := o.Open(t.Context(), "doc_1"); !errors.Is(err, ErrDestroyed) {
		t.Fatalf("Open after Destroy: %v, want ErrDestroyed", err)
	}
	if _, err := s.Seal(t.Context(), "doc_1", canary); !errors.Is(err, ErrDestroyed) {
		t.Fatalf("Seal after Destroy: %v, want ErrDestroyed", err)
	}
	left := filesUnder(t, dir)
	if mark, ok := left["destroyed/doc_1"]; len(left) != 1 || !ok || len(mark) != 0 {
		t.Fatalf("after Destroy the vault holds %v, want one empty mark", left)
	}
}

func TestLargeDocumentSurvivesTheRoundTrip(t *testing.T) {
	_, s, o := newVault(t)
	big := bytes.Repeat([]byte("0123456789abcdef"), 1<<16) // 1 MiB, sixteen age chunks and a rest
	mustSeal(t, s, "doc_big", big)
	plain, err := o.Open(t.Context(), "doc_big")
	if err != nil || !bytes.Equal(plain, big) {
		t.Fatalf("got %d bytes, %v", len(plain), err)
	}
}

func TestNoPlaintextByteOnDisk(t *testing.T) {
	dir, s, _ := newVault(t)
	mustSeal(t, s, "doc_1", bytes.Repeat(canary, 100))
	for name, content := range filesUnder(t, dir) {
		for at := 0; at+6 <= len(canary); at++ {
			if bytes.Contains(content, canary[at:at+6]) {
				t.Fatalf("%s holds %q of the plaintext", name, canary[at:at+6])
			}
		}
	}
}

func TestVaultIsClosedToOthers(t *testing.T) {
	dir, s, _ := newVault(t)
	mustSeal(t, s, "doc_1", canary)
	err := filepath.WalkDir(dir, func(p string, e fs.DirEntry, err error) error {
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

func TestWrongIdentityCannotOpen(t *testing.T) {
	dir, s, _ := newVault(t)
	mustSeal(t, s, "doc_1", canary)
	other, _, err := GenerateIdentity()
	if err != nil {
		t.Fatal(err)
	}
	stranger, err := NewOpener(dir, other)
	if err != nil {
		t.Fatal(err)
	}
	if plain, err := stranger.Open(t.Context(), "doc_1"); !errors.Is(err, ErrWrongKey) || plain != nil {
		t.Fatalf("Open = %q, %v, want ErrWrongKey", plain, err)
	}
}

func TestOldIdentityStillOpensAfterRotation(t *testing.T) {
	dir := t.TempDir()
	oldID, oldRec, _ := GenerateIdentity()
	classic, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	before, _ := NewSealer(dir, oldRec)
	mustSeal(t, before, "doc_old", canary)
	after, err := NewSealer(dir, classic.Recipient().String())
	if err == nil {
		mustSeal(t, after, "doc_new", canary)
	}
	o, err := NewOpener(dir, classic.String()+"\n"+oldID+"\n")
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range []string{"doc_old", "doc_new"} {
		if plain, err := o.Open(t.Context(), id); err != nil || !bytes.Equal(plain, canary) {
			t.Errorf("%s: %v", id, err)
		}
	}
}

func TestHeaderAndPayloadTogetherAreOneAgeFile(t *testing.T) {
	dir := t.TempDir()
	identity, recipient, _ := GenerateIdentity()
	s, _ := NewSealer(dir, recipient)
	mustSeal(t, s, "doc_1", canary)
	files := filesUnder(t, dir)
	ids, _ := age.ParseIdentities(strings.NewReader(identity))
	r, err := age.Decrypt(bytes.NewReader(append(files["keys/doc_1"], files["documents/doc_1"]...)), ids...)
	if err != nil {
		t.Fatal(err)
	}
	var plain bytes.Buffer
	if _, err := plain.ReadFrom(r); err != nil || !bytes.HasSuffix(plain.Bytes(), canary) {
		t.Fatalf("%q, %v", plain.Bytes(), err)
	}
}

func TestDocumentWithoutItsKeyIsUnreadableForTheHolderOfTheIdentity(t *testing.T) {
	dir, s, o := newVault(t)
	mustSeal(t, s, "doc_1", canary)
	backup := filesUnder(t, dir)["documents/doc_1"]
	if err := s.Destroy(t.Context(), "doc_1"); err != nil {
		t.Fatal(err)
	}
	// A backup brings the bytes back, under a fresh id even; the key is gone.
	if err := os.WriteFile(filepath.Join(dir, "documents", "doc_2"), backup, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := o.Open(t.Context(), "doc_2"); !errors.Is(err, ErrNotFound) {
		t.Fatalf("Open = %v, want ErrNotFound", err)
	}
}

func TestSwappedOrDamagedDocumentsAreNoticed(t *testing.T) {
	dir, s, o := newVault(t)
	mustSeal(t, s, "doc_1", canary)
	mustSeal(t, s, "doc_2", []byte("another"))
	at := func(name string) string { return filepath.Join(dir, name) }
	files := filesUnder(t, dir)
	put := func(name string, b []byte) {
		if err := os.WriteFile(at(name), b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	put("keys/doc_3", files["keys/doc_1"])
	put("documents/doc_3", files["documents/doc_1"])
	flipped := bytes.Clone(files["documents/doc_1"])
	flipped[len(flipped)-1] ^= 1
	put("keys/doc_4", files["keys/doc_1"])
	put("documents/doc_4", flipped)
	put("keys/doc_5", files["keys/doc_2"])
	put("documents/doc_5", files["documents/doc_1"])
	put("keys/doc_6", files["keys/doc_1"])
	put("documents/doc_6", files["documents/doc_1"][:30])
	put("keys/doc_7", bytes.Repeat([]byte("x"), maxHeader+1))
	for _, id := range []string{"doc_3", "doc_4", "doc_5", "doc_6", "doc_7"} {
		if plain, err := o.Open(t.Context(), id); !errors.Is(err, ErrDamaged) || plain != nil {
			t.Errorf("%s: %q, %v, want ErrDamaged", id, plain, err)
		}
	}
}

func TestIDsAreNeverPaths(t *testing.T) {
	_, s, o := newVault(t)
	for _, id := range []string{"", "..", "../x", "a/b", `a\b`, "Doc", "a.b", "é", "a\x00", strings.Repeat("a", 65)} {
		_, serr := s.Seal(t.Context(), id, canary)
		_, oerr := o.Open(t.Context(), id)
		for _, err := range []error{serr, oerr, s.Destroy(t.Context(), id)} {
			if !errors.Is(err, ErrBadID) {
				t.Errorf("id %q: %v, want ErrBadID", id, err)
			}
		}
	}
}

func TestSealRefusesEmptyHugeAndCancelled(t *testing.T) {
	_, s, _ := newVault(t)
	for _, plain := range [][]byte{nil, make([]byte, MaxDocument+1)} {
		if _, err := s.Seal(t.Context(), "doc_1", plain); !errors.Is(err, ErrTooLarge) {
			t.Errorf("%d bytes: %v", len(plain), err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := s.Seal(ctx, "doc_1", canary); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}

func TestIDIsUsedOnceEvenWhenManySealAtOnce(t *testing.T) {
	_, s, o := newVault(t)
	var wg sync.WaitGroup
	wins := make(chan []byte, 16)
	for i := range 16 {
		wg.Go(func() {
			plain := bytes.Repeat([]byte{byte('a' + i)}, 1000)
			switch _, err := s.Seal(t.Context(), "doc_1", plain); {
			case err == nil:
				wins <- plain
			case !errors.Is(err, ErrExists):
				t.Errorf("losing Seal: %v", err)
			}
		})
	}
	wg.Wait()
	close(wins)
	if len(wins) != 1 {
		t.Fatalf("%d writers won, want 1", len(wins))
	}
	if plain, err := o.Open(t.Context(), "doc_1"); err != nil || !bytes.Equal(plain, <-wins) {
		t.Fatalf("the winner's document does not open: %v", err)
	}
}

func TestCrashBetweenTempFileAndRenameLeavesNothingReadable(t *testing.T) {
	dir, s, o := newVault(t)
	header, payload, err := s.encrypt("doc_1", canary)
	if err != nil {
		t.Fatal(err)
	}
	steps := []func() error{
		func() error { return s.disk.stage(payloadOf("doc_1"), payload) },
		func() error { return s.disk.publish(payloadOf("doc_1")) },
		func() error { return s.disk.stage(headerOf("doc_1"), header) },
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
	if left := filesUnder(t, dir); len(left) != 0 {
		t.Fatalf("the sweep left %v", left)
	}
	mustSeal(t, s, "doc_1", canary)
}

func TestSweepFinishesADestroyCutShortAndSparesTheRest(t *testing.T) {
	dir, s, o := newVault(t)
	mustSeal(t, s, "doc_1", canary)
	mustSeal(t, s, "doc_2", canary)
	if err := s.disk.mark(tombOf("doc_1")); err != nil { // and the machine stops
		t.Fatal(err)
	}
	if _, err := o.Open(t.Context(), "doc_1"); !errors.Is(err, ErrDestroyed) {
		t.Fatalf("Open = %v, want ErrDestroyed", err)
	}
	if n, err := s.Sweep(t.Context(), time.Now().Add(time.Hour)); n != 2 || err != nil {
		t.Fatalf("Sweep = %d, %v, want 2", n, err)
	}
	if left := filesUnder(t, dir); len(left) != 3 {
		t.Fatalf("left: %d files, want the mark and doc_2's two", len(left))
	}
	if _, err := o.Open(t.Context(), "doc_2"); err != nil {
		t.Fatal(err)
	}
}

func TestDestroyTakesCrashedTemporaryFilesToo(t *testing.T) {
	dir, s, _ := newVault(t)
	header, payload, _ := s.encrypt("doc_1", canary)
	if err := errors.Join(s.disk.stage(payloadOf("doc_1"), payload), s.disk.stage(headerOf("doc_1"), header)); err != nil {
		t.Fatal(err)
	}
	if err := s.Destroy(t.Context(), "doc_1"); err != nil {
		t.Fatal(err)
	}
	if left := filesUnder(t, dir); len(left) != 1 {
		t.Fatalf("left %v, want the mark alone", left)
	}
}

func TestKeysAreCheckedAndNeverRepeated(t *testing.T) {
	identity, recipient, _ := GenerateIdentity()
	for _, bad := range []string{"", "age1nonsense", identity, recipient + "\n" + recipient} {
		if _, err := NewSealer(t.TempDir(), bad); err == nil || bad != "" && strings.Contains(err.Error(), bad) {
			t.Errorf("NewSealer: %v", err)
		}
	}
	for _, bad := range []string{"", recipient, identity[:40], identity + "x"} {
		if _, err := NewOpener(t.TempDir(), bad); err == nil || bad != "" && strings.Contains(err.Error(), bad) {
			t.Errorf("NewOpener: %v", err)
		}
	}
	if _, err := NewSealer("", recipient); err == nil {
		t.Error("no folder was accepted")
	}
}

func TestDigestNeedsAKeyAndKnowsADocumentAgain(t *testing.T) {
	if _, err := Digest(make([]byte, 31), canary); err == nil {
		t.Error("a short key was accepted")
	}
	key, other := bytes.Repeat([]byte{1}, 32), bytes.Repeat([]byte{2}, 32)
	a, err := Digest(key, canary)
	b, _ := Digest(key, bytes.Clone(canary))
	c, _ := Digest(other, canary)
	if err != nil || len(a) != 64 || a != b || a == c {
		t.Errorf("digests %q %q %q, %v", a, b, c, err)
	}
}

func BenchmarkSealAndOpen5MB(b *testing.B) {
	_, s, o := newVault(b)
	plain := make([]byte, 5<<20)
	b.SetBytes(int64(len(plain)))
	for b.Loop() {
		mustSeal(b, s, "doc_1", plain)
		if _, err := o.Open(b.Context(), "doc_1"); err != nil {
			b.Fatal(err)
		}
		if err := os.Remove(filepath.Join(s.disk.dir, headerOf("doc_1"))); err != nil {
			b.Fatal(err)
		}
		if err := os.Remove(filepath.Join(s.disk.dir, payloadOf("doc_1"))); err != nil {
			b.Fatal(err)
		}
	}
}
