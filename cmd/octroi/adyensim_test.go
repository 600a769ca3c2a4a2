package main

import (
	"bufio"
	"context"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"octroi/providers/adyensim"
)

// aloneRun is a simulator run by itself, and what it has printed.
type aloneRun struct {
	printed string
	stop    func() error
}

// runAlone starts a simulator and waits until it has printed its last line.
func runAlone(t *testing.T, a standalone, last string) aloneRun {
	t.Helper()
	a.Config = adyensim.Config{Clock: time.Now, Rand: rand.Reader, MerchantAccount: demoAccount}
	a.listen, a.errs = "127.0.0.1:0", t.Output()
	ctx, cancel := context.WithCancel(t.Context())
	from, to := io.Pipe()
	ended := make(chan error, 1)
	go func() {
		ended <- a.run(ctx, to)
		_ = to.Close()
	}()
	r := aloneRun{stop: func() error { cancel(); return <-ended }}
	for lines := bufio.NewScanner(from); lines.Scan(); {
		r.printed += lines.Text() + "\n"
		if strings.HasPrefix(strings.TrimSpace(lines.Text()), last) {
			return r
		}
	}
	t.Fatalf("it ended with %v after %q", r.stop(), r.printed)
	return r
}

func TestSimulatorAloneSpeaksHTTPSAndPrintsWhatToTrust(t *testing.T) {
	r := runAlone(t, standalone{tls: true}, "trust")
	base := regexp.MustCompile(`https://127\.0\.0\.1:\d+`).FindString(r.printed)
	file := strings.TrimSpace(regexp.MustCompile(`trust +(\S+)`).FindStringSubmatch(r.printed)[1])
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(must[[]byte](t)(os.ReadFile(file))) {
		t.Fatal("the file holds no certificate")
	}
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool}}}
	for _, version := range []string{"v71", "v72"} {
		resp, err := client.Post(base+"/"+version+"/payments", "application/json", strings.NewReader("{}"))
		if err != nil || resp.StatusCode != http.StatusUnauthorized {
			t.Errorf("%s: %v, %v", version, resp, err)
		}
	}
	client.CloseIdleConnections()
	if err := r.stop(); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(filepath.Dir(file)); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the temporary folder is still there: %v", err)
	}
}

func TestSimulatorKeepsTheCertificateInTheFolderItWasGiven(t *testing.T) {
	dir := t.TempDir()
	if err := runAlone(t, standalone{tls: true, tlsDir: dir}, "trust").stop(); err != nil {
		t.Error(err)
	}
	if text := must[[]byte](t)(os.ReadFile(filepath.Join(dir, "adyensim.pem"))); !strings.HasPrefix(string(text), "-----BEGIN CERTIFICATE-----") {
		t.Errorf("%s", text)
	}
}

func TestSimulatorAloneStaysOnThisMachine(t *testing.T) {
	for _, args := range [][]string{{"--listen", "0.0.0.0:0"}, {"--listen", "nonsense"}, {"--tls-dir", t.TempDir()}} {
		var errs strings.Builder
		if code := run(append([]string{"adyensim"}, args...), io.Discard, &errs); code != 1 || !strings.Contains(errs.String(), args[0]) {
			t.Errorf("%v: %d %s", args, code, errs.String())
		}
	}
}
