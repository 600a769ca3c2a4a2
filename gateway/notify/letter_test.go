package notify

import (
	"bytes"
	"context"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/mail"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"octroi/gateway/payment"
	"octroi/gateway/store"
)

// letterTo makes a proof request for a buyer.
func letterTo(t *testing.T, name, bare string) Letter {
	t.Helper()
	words, err := render(sample(store.MailProofRequest, payment.French))
	if err != nil {
		t.Fatal(err)
	}
	from, err := address("Mémoire & Cie", "commandes@shop.example")
	if err != nil {
		t.Fatal(err)
	}
	to, err := address(name, bare)
	if err != nil {
		t.Fatal(err)
	}
	return Letter{ID: "mail_7.ab12", At: time.Date(2026, 6, 28, 9, 30, 0, 0, time.UTC), From: from, To: to, Rendered: words}
}

// parts reads a message as a mail program would: headers, then the two bodies decoded.
func parts(t *testing.T, raw []byte) (mail.Header, map[string]string) {
	t.Helper()
	m, err := mail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	kind, params, err := mime.ParseMediaType(m.Header.Get("Content-Type"))
	if err != nil || kind != "multipart/alternative" {
		t.Fatalf("content type %q: %v", kind, err)
	}
	bodies := map[string]string{}
	r := multipart.NewReader(m.Body, params["boundary"])
	for {
		p, err := r.NextRawPart()
		if err == io.EOF {
			return m.Header, bodies
		}
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(quotedprintable.NewReader(p))
		if err != nil {
			t.Fatal(err)
		}
		bodies[p.Header.Get("Content-Type")] = strings.ReplaceAll(string(body), "\r\n", "\n")
	}
}

func TestFolderKeepsOneWholePrivateFilePerLetter(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "mail")
	f, err := NewFolder(dir)
	if err != nil {
		t.Fatal(err)
	}
	l := letterTo(t, "Jeanne Lefèvre", "jeanne@example.org")
	for range 2 { // the second try of the same letter
		if err := f.Send(context.Background(), l); err != nil {
			t.Fatal(err)
		}
	}
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != 1 {
		t.Fatalf("%d files (%v), want 1", len(entries), err)
	}
	if got, want := entries[0].Name(), "20260628T093000.000Z-mail_7.ab12.eml"; got != want {
		t.Errorf("file %q, want %q", got, want)
	}
	if st, err := entries[0].Info(); err != nil || st.Mode().Perm() != 0o600 {
		t.Errorf("mode %v (%v), want 0600", st.Mode(), err)
	}
	raw, err := os.ReadFile(filepath.Join(dir, entries[0].Name()))
	if err != nil {
		t.Fatal(err)
	}
	header, bodies := parts(t, raw)
	for name, want := range map[string]string{"Message-Id": "<mail_7.ab12@shop.example>", "Date": "Sun, 28 Jun 2026 09:30:00 +0000",
		"Auto-Submitted": "auto-generated", "Content-Language": "fr", "Mime-Version": "1.0"} {
		if got := header.Get(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	if from, err := header.AddressList("From"); err != nil || from[0].Name != "Mémoire & Cie" {
		t.Errorf("From: %v, %v", from, err)
	}
	if got := bodies["text/plain; charset=UTF-8"]; got != l.Rendered.Text {
		t.Errorf("text part:\n%q\nwant\n%q", got, l.Rendered.Text)
	}
	if got := bodies["text/html; charset=UTF-8"]; got != l.Rendered.HTML {
		t.Errorf("HTML part:\n%q", got)
	}
}

func TestLongNamesAreFoldedAndComeBackWhole(t *testing.T) {
	name := strings.TrimSpace(strings.Repeat("Éléonore ", 8))
	l := letterTo(t, name, "e@example.org")
	l.Rendered.Subject = oneLine(strings.Repeat("Prélèvement ", 16), 200)
	var raw bytes.Buffer
	m, err := l.mime()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := m.WriteTo(&raw); err != nil {
		t.Fatal(err)
	}
	for line := range strings.SplitSeq(raw.String(), "\r\n") {
		if len(line) > 100 {
			t.Errorf("a line is %d bytes long: %q", len(line), line)
		}
	}
	header, _ := parts(t, raw.Bytes())
	if to, err := header.AddressList("To"); err != nil || to[0].Name != name {
		t.Errorf("To: %v, %v", to, err)
	}
	subject, err := new(mime.WordDecoder).DecodeHeader(header.Get("Subject"))
	if err != nil || subject != l.Rendered.Subject {
		t.Errorf("Subject: %q, %v", subject, err)
	}
}

func TestNothingBreaksOutOfAHeader(t *testing.T) {
	for _, bare := range []string{"a@example.org\r\nBcc: b@example.org", "a@example.org, b@example.org", "<a@example.org>",
		"A <a@example.org>", "a@example.org\x00", "a b@example.org", "", "a", "@", strings.Repeat("a", 250) + "@example.org"} {
		if _, err := address("", bare); err == nil {
			t.Errorf("address %q was taken", bare)
		} else if bare != "" && bare != "a" && bare != "@" && strings.Contains(err.Error(), bare) {
			t.Errorf("the error repeats the address: %v", err)
		}
	}
	name := "Jean\r\nBcc: victim@example.org\r\n\r\n<b>body</b>"
	l := letterTo(t, name, "a@example.org")
	var raw bytes.Buffer
	m, err := l.mime()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := m.WriteTo(&raw); err != nil {
		t.Fatal(err)
	}
	if header, _ := parts(t, raw.Bytes()); header.Get("Bcc") != "" || len(header) != 9 {
		t.Errorf("headers: %v", header)
	}
	for name, spoil := range map[string]func(*Letter){
		"subject": func(l *Letter) { l.Rendered.Subject += "\r\nBcc: b@example.org" },
		"name":    func(l *Letter) { l.To.Name = "a\r\nBcc: b@example.org" },
		"to":      func(l *Letter) { l.To.Address = "a@example.org\r\nBcc: b@example.org" },
		"from":    func(l *Letter) { l.From.Address = "a@example.org>\r\nBcc: b@example.org" },
		"id":      func(l *Letter) { l.ID = "x>\r\nBcc: b@example.org" },
	} {
		l := letterTo(t, "A", "a@example.org")
		spoil(&l)
		if _, err := l.mime(); !IsPermanent(err) {
			t.Errorf("%s: %v, want a permanent error", name, err)
		}
	}
}
