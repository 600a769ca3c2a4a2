package vault

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"filippo.io/age"
)

// later is after everything that a test has sealed.
func later() time.Time { return time.Now().Add(time.Hour) }

func pair(t testing.TB) (identity, recipient string) {
	t.Helper()
	identity, recipient, err := GenerateIdentity()
	if err != nil {
		t.Fatal(err)
	}
	return identity, recipient
}

func TestAfterARotationOnlyTheNewIdentityOpens(t *testing.T) {
	everywhere(t, func(t *testing.T, at place) {
		oldID, oldTo := pair(t)
		newID, newTo := pair(t)
		classic, err := age.GenerateX25519Identity()
		if err != nil {
			t.Fatal(err)
		}
		mustSeal(t, sealer(t, at, oldTo), "doc_1", canary)
		mustSeal(t, sealer(t, at, classic.Recipient().String()), "doc_2", canary)
		mustSeal(t, sealer(t, at, newTo), "doc_3", canary)
		before := at.files(t)
		all := opener(t, at, newID+"\n"+oldID+"\n"+classic.String()+"\n")
		done, err := all.Rewrap(t.Context(), newTo, later())
		if err != nil || done != (Rewrapped{Done: 2, Already: 1}) {
			t.Fatalf("%+v, %v", done, err)
		}
		after := at.files(t)
		for _, id := range []string{"doc_1", "doc_2", "doc_3"} {
			if !bytes.Equal(before[payloadOf(id)], after[payloadOf(id)]) {
				t.Errorf("%s: the document itself was touched", id)
			}
			if plain, err := opener(t, at, newID).Open(t.Context(), id); err != nil || !bytes.Equal(plain, canary) {
				t.Errorf("%s with the new identity: %v", id, err)
			}
			if _, err := opener(t, at, oldID+"\n"+classic.String()).Open(t.Context(), id); !errors.Is(err, ErrWrongKey) {
				t.Errorf("%s with the old identities: %v, want ErrWrongKey", id, err)
			}
		}
		if len(before) != len(after) {
			t.Errorf("%d blobs before, %d after", len(before), len(after))
		}
		if done, err := all.Rewrap(t.Context(), newTo, later()); err != nil || done != (Rewrapped{Already: 3}) {
			t.Errorf("a second time: %+v, %v", done, err)
		}
	})
}

func TestARotationThatWouldLockTheVaultIsRefused(t *testing.T) {
	at := onDisk(t)
	oldID, oldTo := pair(t)
	_, newTo := pair(t)
	mustSeal(t, sealer(t, at, oldTo), "doc_1", canary)
	o := opener(t, at, oldID)
	if _, err := o.Rewrap(t.Context(), newTo, later()); err == nil {
		t.Error("keys were wrapped to a recipient whose identity nobody showed")
	}
	if _, err := o.Rewrap(t.Context(), "age1nonsense", later()); err == nil {
		t.Error("keys were wrapped to nonsense")
	}
	strangerID, strangerTo := pair(t)
	if _, err := opener(t, at, strangerID).Rewrap(t.Context(), strangerTo, later()); !errors.Is(err, ErrWrongKey) {
		t.Errorf("a stranger's rotation: %v", err)
	}
	if _, err := o.Open(t.Context(), "doc_1"); err != nil {
		t.Errorf("after refusals the document does not open: %v", err)
	}
}

func TestARotationNeverBringsADestroyedDocumentBack(t *testing.T) {
	everywhere(t, func(t *testing.T, at place) {
		oldID, oldTo := pair(t)
		newID, newTo := pair(t)
		s, o := sealer(t, at, oldTo), opener(t, at, newID+"\n"+oldID)
		const documents = 40
		for i := range documents {
			mustSeal(t, s, fmt.Sprint("doc_", i), canary)
		}
		var work sync.WaitGroup
		work.Go(func() {
			if _, err := o.Rewrap(t.Context(), newTo, later()); err != nil {
				t.Error(err)
			}
		})
		work.Go(func() {
			for i := range documents {
				if err := s.Destroy(t.Context(), fmt.Sprint("doc_", i)); err != nil {
					t.Error(err)
				}
			}
		})
		work.Wait()
		for name := range at.files(t) {
			if !strings.HasPrefix(name, tombs+"/") {
				t.Errorf("%s is left", name)
			}
		}
	})
}

// TestKeysRotateWhileUploadsGoOn seals to the old recipient, and from some moment on to the new one, while keys are
// rewrapped; once the uploads have changed over, another run of it leaves nothing that the old identity opens.
func TestKeysRotateWhileUploadsGoOn(t *testing.T) {
	everywhere(t, func(t *testing.T, at place) {
		oldID, oldTo := pair(t)
		newID, newTo := pair(t)
		before, after := sealer(t, at, oldTo), sealer(t, at, newTo)
		o := opener(t, at, newID+"\n"+oldID)
		const uploads, each = 4, 20
		done := make(chan struct{})
		var buyers, rotation sync.WaitGroup
		for u := range uploads {
			buyers.Go(func() {
				for i := range each {
					s, id := before, fmt.Sprintf("doc_%d_%d", u, i)
					if i >= each/2 {
						s = after
					}
					if _, err := s.Seal(t.Context(), id, canary, canary); err != nil {
						t.Error(err)
						return
					}
					// Whoever looks meanwhile always finds it, under whichever key.
					if plain, err := o.Open(t.Context(), id); err != nil || !bytes.Equal(plain, canary) {
						t.Errorf("%s just after it came: %v", id, err)
					}
				}
			})
		}
		rotation.Go(func() {
			for {
				if _, err := o.Rewrap(t.Context(), newTo, later()); err != nil {
					t.Error(err)
				}
				select {
				case <-done:
					return
				default:
				}
			}
		})
		buyers.Wait()
		close(done)
		rotation.Wait()
		if end, err := o.Rewrap(t.Context(), newTo, later()); err != nil || end.Done+end.Already != uploads*each {
			t.Fatalf("the last run: %+v, %v", end, err)
		}
		fresh, stale := opener(t, at, newID), opener(t, at, oldID)
		for u := range uploads {
			for i := range each {
				id := fmt.Sprintf("doc_%d_%d", u, i)
				if views, err := fresh.Views(t.Context(), id); err != nil || len(views) != 1 || !bytes.Equal(views[0], canary) {
					t.Errorf("%s with the new identity: %v", id, err)
				}
				if _, err := stale.Open(t.Context(), id); !errors.Is(err, ErrWrongKey) {
					t.Errorf("%s with the old identity: %v", id, err)
				}
			}
		}
	})
}

func TestViewsAreKeptWithTheirDocumentAndGoWithIt(t *testing.T) {
	everywhere(t, func(t *testing.T, at place) {
		s, o := keys(t, at)
		pages := [][]byte{[]byte("page one"), {}, bytes.Repeat([]byte("page three"), 10_000)}
		if _, err := s.Seal(t.Context(), "doc_1", canary, pages...); err != nil {
			t.Fatal(err)
		}
		plain, err := o.Open(t.Context(), "doc_1")
		views, verr := o.Views(t.Context(), "doc_1")
		if err != nil || verr != nil || !bytes.Equal(plain, canary) || len(views) != 3 {
			t.Fatalf("%q, %d views, %v, %v", plain, len(views), err, verr)
		}
		for i := range pages {
			if !bytes.Equal(views[i], pages[i]) {
				t.Errorf("view %d is not what was kept", i)
			}
		}
		mustSeal(t, s, "doc_2", canary)
		if views, err := o.Views(t.Context(), "doc_2"); err != nil || len(views) != 0 {
			t.Errorf("%d views of a document without, %v", len(views), err)
		}
		if err := s.Destroy(t.Context(), "doc_1"); err != nil {
			t.Fatal(err)
		}
		if _, err := o.Views(t.Context(), "doc_1"); !errors.Is(err, ErrDestroyed) {
			t.Errorf("views of a destroyed document: %v", err)
		}
	})
}

// TestAfterItsDestructionNoByteAndNoWayIsLeft takes everything that ever was in the vault, with every identity that ever
// was, and tries to read the document again.
func TestAfterItsDestructionNoByteAndNoWayIsLeft(t *testing.T) {
	everywhere(t, func(t *testing.T, at place) {
		oldID, oldTo := pair(t)
		newID, newTo := pair(t)
		long := bytes.Repeat(canary, 2000)
		mustSeal(t, sealer(t, at, oldTo), "doc_1", long)
		sealed := at.files(t)
		o := opener(t, at, newID+"\n"+oldID)
		if _, err := o.Rewrap(t.Context(), newTo, later()); err != nil {
			t.Fatal(err)
		}
		rotated := at.files(t)
		if err := o.Destroy(t.Context(), "doc_1"); err != nil {
			t.Fatal(err)
		}
		left := at.files(t)
		if len(left) != 1 || len(left[tombOf("doc_1")]) > 1 {
			t.Fatalf("left: %d blobs, want one empty mark", len(left))
		}
		// A backup of the documents alone, as the manual asks for, with all identities: there is no key in it.
		ids, err := age.ParseIdentities(strings.NewReader(oldID + "\n" + newID))
		if err != nil {
			t.Fatal(err)
		}
		for _, backup := range []map[string][]byte{sealed, rotated} {
			payload := backup[payloadOf("doc_1")]
			for at := 0; at+8 <= len(canary); at++ {
				if bytes.Contains(payload, canary[at:at+8]) {
					t.Fatalf("the backup holds %q", canary[at:at+8])
				}
			}
			if _, err := age.Decrypt(bytes.NewReader(payload), ids...); err == nil {
				t.Error("a document without its key was opened")
			}
			at.put(t, payloadOf("doc_2"), payload)
			if _, err := o.Open(t.Context(), "doc_2"); !errors.Is(err, ErrNotFound) {
				t.Errorf("brought back from a backup: %v", err)
			}
			at.put(t, payloadOf("doc_1"), payload)
			if _, err := o.Open(t.Context(), "doc_1"); !errors.Is(err, ErrDestroyed) {
				t.Errorf("brought back under its own name: %v", err)
			}
		}
	})
}

// TestAnIdentityIsMadeOfItsSeed holds the writing of identities against age's own.
func TestAnIdentityIsMadeOfItsSeed(t *testing.T) {
	for i := range 64 {
		seed := bytes.Repeat([]byte{byte(i * 37)}, 32)
		seed[i%32] ^= 0xa5
		identity, recipient, err := IdentityFrom(seed)
		if err != nil {
			t.Fatal(err)
		}
		parsed, err := age.ParseHybridIdentity(identity)
		if err != nil || parsed.String() != identity || parsed.Recipient().String() != recipient {
			t.Fatalf("age reads another one, or none: %v", err)
		}
		if o := opener(t, onDisk(t), identity); !o.Opens(recipient) {
			t.Error("the pair does not fit")
		}
	}
	for _, size := range []int{0, 31, 33} {
		if _, _, err := IdentityFrom(make([]byte, size)); err == nil {
			t.Errorf("a seed of %d bytes was taken", size)
		}
	}
}
