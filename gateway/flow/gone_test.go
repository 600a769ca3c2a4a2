package flow_test

import (
	"bytes"
	"errors"
	"image/jpeg"
	"io"
	"io/fs"
	"maps"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/johannesboyne/gofakes3"
	"github.com/johannesboyne/gofakes3/backend/s3mem"

	"octroi/gateway/flow"
	"octroi/gateway/hold"
	"octroi/gateway/payment"
	"octroi/gateway/vault"
)

// shelf is where documents lie, seen from behind: every blob by its name.
type shelf struct {
	store vault.Store
	blobs func() map[string][]byte
}

func onDisk(t *testing.T) shelf {
	dir := t.TempDir()
	disk, err := vault.OpenDisk(dir)
	check(t, err)
	return shelf{disk, func() map[string][]byte { return filesBelow(t, dir) }}
}

// filesBelow reads a folder whole.
func filesBelow(t testing.TB, dir string) map[string][]byte {
	t.Helper()
	all := map[string][]byte{}
	check(t, filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := os.ReadFile(path)
		all[strings.TrimPrefix(path, dir+"/")] = b
		return err
	}))
	return all
}

func inBucket(t *testing.T) shelf {
	back := s3mem.New()
	check(t, back.CreateBucket("proofs"))
	server := httptest.NewServer(gofakes3.New(back).Server())
	t.Cleanup(server.Close)
	bucket, err := vault.OpenS3(t.Context(), vault.S3Config{Endpoint: server.URL, Bucket: "proofs", AccessKey: "any", SecretKey: "any secret"})
	check(t, err)
	return shelf{bucket, func() map[string][]byte {
		all := map[string][]byte{}
		list, err := back.ListBucket("proofs", nil, gofakes3.ListBucketPage{})
		check(t, err)
		for _, c := range list.Contents {
			o, err := back.GetObject("proofs", c.Key, nil)
			check(t, err)
			all[c.Key], err = io.ReadAll(o.Contents)
			check(t, errors.Join(err, o.Contents.Close()))
		}
		return all
	}}
}

// TestAfterTheRetentionTimeNoByteOfADocumentIsLeft goes the whole way: uploads, decision, 72 hours, and then every file that
// the gateway has. Documents are told by what the intake makes of them, since that is what is kept: the buyer's own bytes,
// whose marker would be easier to look for, never are.
func TestAfterTheRetentionTimeNoByteOfADocumentIsLeft(t *testing.T) {
	for name, open := range map[string]func(*testing.T) shelf{"on disk": onDisk, "in a bucket": inBucket} {
		t.Run(name, func(t *testing.T) {
			temporary := t.TempDir()
			t.Setenv("TMPDIR", temporary)
			at := open(t)
			identity, recipient, err := vault.GenerateIdentity()
			check(t, err)
			sealer, err := vault.NewSealer(at.store, recipient)
			check(t, err)
			opener, err := vault.NewOpener(at.store, identity)
			check(t, err)
			w := begin(t, func(c *flow.Config) { c.Sealer = sealer })
			p := w.pay(risky(1))
			w.uploads(p)
			ids := w.documents(p)
			kept := map[string][]byte{}
			for _, id := range ids {
				kept[id], err = opener.Open(t.Context(), id)
				check(t, err)
			}
			sealed := at.blobs()
			check(t, second(w.flow.Approve(t.Context(), analyst, p.Case.ID, "genuine")))
			w.becomes(p.ID, payment.Captured)
			w.settled()
			w.later(71 * time.Hour)
			w.rests()
			if _, err := opener.Open(t.Context(), ids[0]); err != nil {
				t.Fatalf("an hour before its time a document is gone: %v", err)
			}
			w.later(2 * time.Hour)
			w.eventually("the documents are destroyed", func() bool { return len(w.documents(p)) == 0 })
			w.nothingLeft(at, opener, identity, sealed, kept)
			if left := filesBelow(t, temporary); len(left) > 0 {
				t.Errorf("temporary files are left: %v", left)
			}
			w.audits(ids, p)
		})
	}
}

// uploads sends a photo that carries a marker where cameras write the place, and a PDF.
func (w *world) uploads(p payment.Payment) {
	w.t.Helper()
	var photo bytes.Buffer
	check(w.t, jpeg.Encode(&photo, paper(1), nil))
	comment := append([]byte{0xFF, 0xD8, 0xFF, 0xFE, 0, byte(len(canary) + 2)}, canary...)
	check(w.t, w.flow.ReceiveDocument(w.t.Context(), token(p), hold.Identity, "id.jpg", "image/jpeg", append(comment, photo.Bytes()[2:]...)))
	check(w.t, w.flow.ReceiveDocument(w.t.Context(), token(p), hold.BankStatement, "statement.pdf", "application/pdf", pdfSaying("statement of "+canary)))
}

// documents are the ids of the case's documents that still lie in the vault.
func (w *world) documents(p payment.Payment) (ids []string) {
	w.t.Helper()
	snap, err := w.store.Case(w.t.Context(), p.Case.ID)
	check(w.t, err)
	for _, d := range snap.Case.Proof.Documents {
		if d.Status != hold.DocumentDestroyed {
			ids = append(ids, d.ID)
		}
	}
	return ids
}

// window is how long a piece of a document is looked for, in bytes: pieces of this length do not come about by chance.
const window = 24

// nothingLeft looks for every piece of the documents, in the clear and as they were sealed, and for a way to read them.
func (w *world) nothingLeft(at shelf, opener *vault.Opener, identity string, sealed, kept map[string][]byte) {
	t := w.t
	t.Helper()
	after := at.blobs()
	for name, blob := range after {
		if !strings.Contains(name, "destroyed/") || len(blob) > 1 {
			t.Errorf("%s of %d bytes is left in the vault", name, len(blob))
		}
	}
	everywhere := maps.Clone(after)
	for name, b := range filesBelow(t, w.dir) { // the database, its write-ahead log, and the folder of documents
		everywhere["gateway/"+name] = b
	}
	everywhere["redis"] = []byte(w.redis.Dump())
	if len(everywhere["gateway/octroi.db"]) == 0 {
		t.Fatal("the database was not looked at")
	}
	for id, plain := range kept {
		if _, err := opener.Open(t.Context(), id); !errors.Is(err, vault.ErrDestroyed) {
			t.Errorf("%s: %v", id, err)
		}
		if _, err := opener.Views(t.Context(), id); !errors.Is(err, vault.ErrDestroyed) {
			t.Errorf("views of %s: %v", id, err)
		}
		sealed["plain "+id] = plain
	}
	for name, file := range everywhere {
		if bytes.Contains(file, []byte(identity)) {
			t.Errorf("the identity stands in %s", name)
		}
		for of, document := range sealed {
			for at := 0; at+window <= len(document); at += len(document)/64 + 1 {
				if bytes.Contains(file, document[at:at+window]) {
					t.Errorf("a piece of %s, at %d, stands in %s", of, at, name)
					break
				}
			}
		}
	}
}

// audits holds the log against what was destroyed.
func (w *world) audits(ids []string, p payment.Payment) {
	w.t.Helper()
	for _, id := range ids {
		trail, err := w.store.AuditTrail(w.t.Context(), id, 20)
		check(w.t, err)
		destroyed := 0
		for _, a := range trail {
			if a.Action == "document.destroyed" && a.Detail == p.Case.ID {
				destroyed++
			}
		}
		if destroyed != 1 {
			w.t.Errorf("the destruction of %s is %d times in the audit log: %+v", id, destroyed, trail)
		}
	}
	if _, err := w.store.SealAudit(w.t.Context(), 1000); err != nil {
		w.t.Error(err)
	}
	if _, err := w.store.VerifyAudit(w.t.Context()); err != nil {
		w.t.Error(err)
	}
	// What stays: kind, verdict, who and when, and how the picture looked, 64 bits of light and dark from which no picture
	// can be made.
	snap, err := w.store.Case(w.t.Context(), p.Case.ID)
	check(w.t, err)
	for _, d := range snap.Case.Proof.Documents {
		if d.Verdict != hold.VerdictAccepted || d.Kind == "" || d.JudgedAt.IsZero() {
			w.t.Errorf("what was made of %s is not kept: %+v", d.ID, d)
		}
	}
}
