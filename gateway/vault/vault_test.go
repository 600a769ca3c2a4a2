package vault

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"sync"
	"testing"

	"filippo.io/age"
)

var canary = []byte("Relevé de compte de Jeanne Témoin, ligne unique, canari 7f3a91")

// place is where a vault may lie, seen from outside too.
type place struct {
	Store
	files func(t testing.TB) map[string][]byte // every blob by its name
	put   func(t testing.TB, name string, blob []byte)
}

// everywhere runs a test over each kind of store.
func everywhere(t *testing.T, test func(t *testing.T, at place)) {
	t.Run("disk", func(t *testing.T) { test(t, onDisk(t)) })
	t.Run("S3", func(t *testing.T) { test(t, inBucket(t)) })
}

// keys makes a pair and what writes and reads with it.
func keys(t testing.TB, in Store) (*Sealer, *Opener) {
	t.Helper()
	identity, recipient, err := GenerateIdentity()
	if err != nil {
		t.Fatal(err)
	}
	return sealer(t, in, recipient), opener(t, in, identity)
}

func sealer(t testing.TB, in Store, recipient string) *Sealer {
	t.Helper()
	s, err := NewSealer(in, recipient)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func opener(t testing.TB, in Store, identity string) *Opener {
	t.Helper()
	o, err := NewOpener(in, identity)
	if err != nil {
		t.Fatal(err)
	}
	return o
}

func mustSeal(t testing.TB, s *Sealer, id string, plain []byte) {
	t.Helper()
	if _, err := s.Seal(t.Context(), id, plain); err != nil {
		t.Fatal(err)
	}
}

func TestSealedDocumentOpensUntilDestroyed(t *testing.T) {
	everywhere(t, func(t *testing.T, at place) {
		s, o := keys(t, at)
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
		left := at.files(t)
		if mark, ok := left["destroyed/doc_1"]; len(left) != 1 || !ok || len(mark) > 1 {
			t.Fatalf("after Destroy the vault holds %v, want one empty mark", left)
		}
	})
}

func TestLargeDocumentSurvivesTheRoundTrip(t *testing.T) {
	everywhere(t, func(t *testing.T, at place) {
		s, o := keys(t, at)
		big := bytes.Repeat([]byte("0123456789abcdef"), 1<<16) // 1 MiB, sixteen age chunks and a rest
		mustSeal(t, s, "doc_big", big)
		plain, err := o.Open(t.Context(), "doc_big")
		if err != nil || !bytes.Equal(plain, big) {
			t.Fatalf("got %d bytes, %v", len(plain), err)
		}
	})
}

func TestNoPlaintextByteIsStored(t *testing.T) {
	everywhere(t, func(t *testing.T, at place) {
		s, _ := keys(t, at)
		mustSeal(t, s, "doc_1", bytes.Repeat(canary, 100))
		for name, content := range at.files(t) {
			for at := 0; at+6 <= len(canary); at++ {
				if bytes.Contains(content, canary[at:at+6]) {
					t.Fatalf("%s holds %q of the plaintext", name, canary[at:at+6])
				}
			}
		}
	})
}

func TestWrongIdentityCannotOpen(t *testing.T) {
	everywhere(t, func(t *testing.T, at place) {
		s, _ := keys(t, at)
		mustSeal(t, s, "doc_1", canary)
		_, stranger := keys(t, at)
		if plain, err := stranger.Open(t.Context(), "doc_1"); !errors.Is(err, ErrWrongKey) || plain != nil {
			t.Fatalf("Open = %q, %v, want ErrWrongKey", plain, err)
		}
	})
}

func TestOldIdentityStillOpensAfterRotation(t *testing.T) {
	everywhere(t, func(t *testing.T, at place) {
		oldID, oldRec, _ := GenerateIdentity()
		classic, err := age.GenerateX25519Identity()
		if err != nil {
			t.Fatal(err)
		}
		mustSeal(t, sealer(t, at, oldRec), "doc_old", canary)
		mustSeal(t, sealer(t, at, classic.Recipient().String()), "doc_new", canary)
		o := opener(t, at, classic.String()+"\n"+oldID+"\n")
		for _, id := range []string{"doc_old", "doc_new"} {
			if plain, err := o.Open(t.Context(), id); err != nil || !bytes.Equal(plain, canary) {
				t.Errorf("%s: %v", id, err)
			}
		}
	})
}

func TestHeaderAndPayloadTogetherAreOneAgeFile(t *testing.T) {
	everywhere(t, func(t *testing.T, at place) {
		identity, recipient, _ := GenerateIdentity()
		mustSeal(t, sealer(t, at, recipient), "doc_1", canary)
		files := at.files(t)
		ids, _ := age.ParseIdentities(strings.NewReader(identity))
		r, err := age.Decrypt(bytes.NewReader(append(files["keys/doc_1"], files["documents/doc_1"]...)), ids...)
		if err != nil {
			t.Fatal(err)
		}
		var plain bytes.Buffer
		if _, err := plain.ReadFrom(r); err != nil || !bytes.HasSuffix(plain.Bytes(), canary) {
			t.Fatalf("%q, %v", plain.Bytes(), err)
		}
	})
}

func TestDocumentWithoutItsKeyIsUnreadableForTheHolderOfTheIdentity(t *testing.T) {
	everywhere(t, func(t *testing.T, at place) {
		s, o := keys(t, at)
		mustSeal(t, s, "doc_1", canary)
		backup := at.files(t)["documents/doc_1"]
		if err := s.Destroy(t.Context(), "doc_1"); err != nil {
			t.Fatal(err)
		}
		// A backup brings the bytes back, under a fresh id even; the key is gone.
		at.put(t, "documents/doc_2", backup)
		if _, err := o.Open(t.Context(), "doc_2"); !errors.Is(err, ErrNotFound) {
			t.Fatalf("Open = %v, want ErrNotFound", err)
		}
	})
}

func TestSwappedOrDamagedDocumentsAreNoticed(t *testing.T) {
	everywhere(t, func(t *testing.T, at place) {
		s, o := keys(t, at)
		mustSeal(t, s, "doc_1", canary)
		mustSeal(t, s, "doc_2", []byte("another"))
		files := at.files(t)
		put := func(name string, b []byte) { at.put(t, name, b) }
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
	})
}

func TestIDsAreNeverPaths(t *testing.T) {
	everywhere(t, func(t *testing.T, at place) {
		s, o := keys(t, at)
		for _, id := range []string{"", "..", "../x", "a/b", `a\b`, "Doc", "a.b", "é", "a\x00", strings.Repeat("a", 65)} {
			_, serr := s.Seal(t.Context(), id, canary)
			_, oerr := o.Open(t.Context(), id)
			for _, err := range []error{serr, oerr, s.Destroy(t.Context(), id)} {
				if !errors.Is(err, ErrBadID) {
					t.Errorf("id %q: %v, want ErrBadID", id, err)
				}
			}
		}
	})
}

func TestSealRefusesEmptyHugeAndCancelled(t *testing.T) {
	everywhere(t, func(t *testing.T, at place) {
		s, _ := keys(t, at)
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
	})
}

func TestIDIsUsedOnceEvenWhenManySealAtOnce(t *testing.T) {
	everywhere(t, func(t *testing.T, at place) {
		s, o := keys(t, at)
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
	})
}

func TestKeysAreCheckedAndNeverRepeated(t *testing.T) {
	identity, recipient, _ := GenerateIdentity()
	for _, bad := range []string{"", "age1nonsense", identity, recipient + "\n" + recipient} {
		if _, err := NewSealer(onDisk(t), bad); err == nil || bad != "" && strings.Contains(err.Error(), bad) {
			t.Errorf("NewSealer: %v", err)
		}
	}
	for _, bad := range []string{"", recipient, identity[:40], identity + "x"} {
		if _, err := NewOpener(onDisk(t), bad); err == nil || bad != "" && strings.Contains(err.Error(), bad) {
			t.Errorf("NewOpener: %v", err)
		}
	}
	if _, err := OpenDisk(""); err == nil {
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
