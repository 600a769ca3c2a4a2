package mailbox

import (
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// eml is a mail as the folder keeps it, %s being its subject and its HTML body.
const eml = "From: \"Shop\" <orders@shop.example>\r\nTo: <a@example.org>\r\nSubject: %s\r\nDate: Sun, 28 Jun 2026 09:30:00 +0000\r\n" +
	"Content-Language: fr\r\nMIME-Version: 1.0\r\nContent-Type: multipart/alternative;\r\n boundary=b\r\n\r\n" +
	"--b\r\nContent-Type: text/plain; charset=UTF-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\nR=C3=A9pondez : https://pay.shop.example/proof/abc <b>\r\n" +
	"--b\r\nContent-Type: text/html; charset=UTF-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n%s\r\n--b--\r\n"

// name is the file name of the i-th mail.
func name(i int) string {
	return fmt.Sprintf("20260628T0930%02d.%03dZ-mail_%d.ab.eml", i/1000%60, i%1000, i)
}

// opened serves a folder of such files.
func opened(t *testing.T, files map[string]string) (string, *httptest.Server) {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	h, err := Handler(dir, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	s := httptest.NewServer(http.StripPrefix("/mailbox", h))
	t.Cleanup(s.Close)
	return dir, s
}

func get(t *testing.T, s *httptest.Server, path string) (int, http.Header, string) {
	t.Helper()
	r, err := s.Client().Get(s.URL + "/mailbox" + path)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	body, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	return r.StatusCode, r.Header, string(body)
}

func TestListShowsTheNewestFirstAndSaysHowManyThereAre(t *testing.T) {
	files := map[string]string{"notes.txt": "x", ".mail-123": "half written", "evil.eml": "x"}
	for i := range maxShown + 20 {
		files[name(i)] = fmt.Sprintf(eml, fmt.Sprintf("=?UTF-8?q?Num=C3=A9ro_%d?=", i), "x")
	}
	_, s := opened(t, files)
	status, _, page := get(t, s, "/")
	if status != http.StatusOK {
		t.Fatalf("%d %s", status, page)
	}
	first, last := strings.Index(page, ">Numéro 119<"), strings.Index(page, ">Numéro 20<")
	if first < 0 || last < first || strings.Contains(page, ">Numéro 19<") || !strings.Contains(page, fmt.Sprintf("there are %d.", maxShown+20)) {
		t.Errorf("not the newest %d of %d, newest first:\n%s", maxShown, maxShown+20, page)
	}
	if _, _, page := get(t, s, "/?lang=fr"); !strings.Contains(page, `<html lang="fr">`) || !strings.Contains(page, "Boîte aux lettres") {
		t.Errorf("not in French:\n%s", page)
	}
	_, empty := opened(t, nil)
	if status, _, page := get(t, empty, "/"); status != http.StatusOK || !strings.Contains(page, "No mail yet.") {
		t.Errorf("empty: %d %s", status, page)
	}
}

func TestMailIsShownInAFrameThatCanDoNothing(t *testing.T) {
	_, s := opened(t, map[string]string{name(1): fmt.Sprintf(eml, "<script>alert(1)</script>", "<html><head></head><body><script>alert(1)</script></body></html>")})
	id := strings.TrimSuffix(name(1), ".eml")
	status, header, page := get(t, s, "/"+id)
	if status != http.StatusOK || strings.Contains(page, "<script>") {
		t.Errorf("%d, and markup of a mail stands in the page:\n%s", status, page)
	}
	if !strings.Contains(header.Get("Content-Security-Policy"), "default-src 'none'") || strings.Contains(header.Get("Content-Security-Policy"), "script") {
		t.Errorf("policy %q", header.Get("Content-Security-Policy"))
	}
	for _, want := range []string{`src="` + id + `/html"`, `sandbox="allow-popups allow-popups-to-escape-sandbox"`, "Répondez :",
		`<a href="https://pay.shop.example/proof/abc" target="_blank" rel="noopener noreferrer">`, "&lt;b&gt;"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %s:\n%s", want, page)
		}
	}
	status, header, html := get(t, s, "/"+id+"/html")
	policy := header.Get("Content-Security-Policy")
	if status != http.StatusOK || !strings.HasPrefix(policy, "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'") || strings.Contains(policy, "allow-scripts") {
		t.Errorf("%d with policy %q", status, policy)
	}
	if !strings.Contains(html, `<head><base target="_blank">`) || header.Get("Referrer-Policy") != "no-referrer" {
		t.Errorf("links would open within the frame, or tell where they were pressed: %v\n%s", header, html)
	}
}

func TestOnlyTheFoldersOwnMailsAreOpened(t *testing.T) {
	outside := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(outside, []byte(fmt.Sprintf(eml, "SECRET", "x")), 0o600); err != nil {
		t.Fatal(err)
	}
	dir, s := opened(t, map[string]string{"notes.eml": fmt.Sprintf(eml, "SECRET", "x")})
	if err := os.Symlink(outside, filepath.Join(dir, name(7))); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"/notes", "/..%2fsecret", "/..%2f..%2fetc%2fpasswd", "/%2e%2e", "/" + strings.TrimSuffix(name(8), ".eml"), "/a/b/c",
		"/" + strings.TrimSuffix(name(7), ".eml")} {
		status, _, page := get(t, s, path)
		if status == http.StatusOK || strings.Contains(page, "SECRET") || strings.Contains(page, dir) {
			t.Errorf("%s: %d %s", path, status, page)
		}
	}
}

func TestMailThatIsNoneOfOursIsAnError(t *testing.T) {
	whole := fmt.Sprintf(eml, "x", "x")
	files := map[string]string{
		name(1): "no header at all",
		name(2): strings.Replace(whole, "multipart/alternative", "text/html", 1),
		name(3): strings.Replace(whole, "--b--", "", 1),
		name(4): fmt.Sprintf(eml, "x", strings.Repeat("a", maxLetter)),
	}
	_, s := opened(t, files)
	for file := range files {
		status, _, page := get(t, s, "/"+strings.TrimSuffix(file, ".eml"))
		if status != http.StatusInternalServerError || strings.Contains(page, "aaa") {
			t.Errorf("%s: %d %s", file, status, page)
		}
	}
}

func TestMailboxOnlyReads(t *testing.T) {
	_, s := opened(t, nil)
	r, err := s.Client().Post(s.URL+"/mailbox/", "text/plain", nil)
	if err != nil {
		t.Fatal(err)
	}
	_ = r.Body.Close()
	if r.StatusCode != http.StatusMethodNotAllowed {
		t.Errorf("a POST was answered %d", r.StatusCode)
	}
}
