package main

import (
	"bytes"
	"crypto/rand"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"filippo.io/age"

	"octroi/gateway/store"
	"octroi/gateway/vault"
)

func TestTheKeysOfDocumentsRotate(t *testing.T) {
	path, _ := onThisMachine(t, "127.0.0.1:1", "http://127.0.0.1:1")
	dir := filepath.Dir(path)
	identities := filepath.Join(dir, "secrets", "documents-identity")
	oldID := strings.TrimSpace(string(must[[]byte](t)(os.ReadFile(identities))))
	code, made, errs := command(t, "vault", "key")
	first, newID, two := strings.Cut(strings.TrimSpace(made), "\n")
	newTo, named := strings.CutPrefix(first, "# recipient: ")
	if code != 0 || !two || !named {
		t.Fatalf("vault key ended with %d: %s%s", code, made, errs)
	}
	oldTo := recipientOf(t, oldID)
	text := string(must[[]byte](t)(os.ReadFile(path)))
	at := strings.Index(text, "recipient: age")
	line, _, _ := strings.Cut(text[at:], "\n")
	text = strings.Replace(text, line, "recipient: "+newTo, 1)
	put(t, path, text)

	documents := must[*vault.Disk](t)(vault.OpenDisk(filepath.Join(dir, "documents")))
	sealer := must[*vault.Sealer](t)(vault.NewSealer(documents, oldTo))
	must[vault.Sealed](t)(sealer.Seal(t.Context(), "doc_1", []byte("proof")))

	// With the new identity not in the file nothing may change: nobody could read what is wrapped to it.
	if code, _, errs := command(t, "vault", "rotate", "--config", path); code != 1 || !strings.Contains(errs, "the identity of the new recipient") {
		t.Fatalf("without the new identity it ended with %d: %s", code, errs)
	}
	put(t, identities, made+oldID+"\n")
	for _, want := range []string{"1 keys wrapped to the recipient, 0 were already\n", "0 keys wrapped to the recipient, 1 were already\n"} {
		if code, out, errs := command(t, "vault", "rotate", "--config", path); code != 0 || out != want {
			t.Fatalf("ended with %d: %q, want %q: %s", code, out, want, errs)
		}
	}
	if plain, err := must[*vault.Opener](t)(vault.NewOpener(documents, newID)).Open(t.Context(), "doc_1"); err != nil || !bytes.Equal(plain, []byte("proof")) {
		t.Errorf("with the new identity: %q, %v", plain, err)
	}
	if _, err := must[*vault.Opener](t)(vault.NewOpener(documents, oldID)).Open(t.Context(), "doc_1"); !errors.Is(err, vault.ErrWrongKey) {
		t.Errorf("with the old identity: %v", err)
	}
	cfg := must[loaded](t)(loadConfig(path, lookupEnv)).Config
	cfg.Clock, cfg.Rand, cfg.Logger = time.Now, rand.Reader, slog.New(slog.DiscardHandler)
	db := must[*store.Store](t)(openStore(t.Context(), cfg))
	defer db.Close()
	if trail := must[[]store.Audit](t)(db.AuditTrail(t.Context(), "documents", 10)); len(trail) != 2 || trail[0].Action != "vault.rotated" || trail[0].Actor != operator {
		t.Errorf("the audit log says %+v", trail)
	}
}

// recipientOf is the public half of an identity.
func recipientOf(t *testing.T, identity string) string {
	t.Helper()
	id, err := age.ParseHybridIdentity(identity)
	if err != nil {
		t.Fatal(err)
	}
	return id.Recipient().String()
}

func TestWithoutARendererTheProgramRunsAndSaysSo(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	dir := filepath.Join(t.TempDir(), "demo")
	w := open(t, options(dir))
	w.shut()
	if log := must[[]byte](t)(os.ReadFile(filepath.Join(dir, demoLog))); !strings.Contains(string(log)+w.stderr.String(), "no pdftoppm") {
		t.Error("the log does not say that PDF documents are not drawn")
	}
}

func TestServeRefusesARecipientThatNobodyOpens(t *testing.T) {
	path, env := onThisMachine(t, "127.0.0.1:1", "http://127.0.0.1:1")
	l := must[loaded](t)(loadConfig(path, env))
	cfg := withClock(l.Config)
	cfg.Rand, cfg.Logger = rand.Reader, slog.New(slog.DiscardHandler)
	_, stranger, err := vault.GenerateIdentity()
	if err != nil {
		t.Fatal(err)
	}
	own := cfg.Documents.Recipient
	cfg.Documents.Recipient = stranger
	if p, err := Start(t.Context(), cfg); err == nil || !strings.Contains(err.Error(), "documents.recipient: no identity in documents.identity_file opens") {
		t.Errorf("got %v", err)
		if p != nil {
			p.Close()
		}
	}
	cfg.Documents.Recipient = own
	p := must[*Program](t)(Start(t.Context(), cfg))
	if err := p.Close(); err != nil {
		t.Error(err)
	}
}
