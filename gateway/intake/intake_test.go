package intake

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"image"
	"log/slog"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
)

// TestMain lets the test binary be its own child, honest or not.
func TestMain(m *testing.M) {
	switch {
	case len(os.Args) == 2 && os.Args[1] == Hidden:
		os.Exit(Serve(os.Stdin, os.Stdout))
	case len(os.Args) == 3 && os.Args[1] == "traitor":
		os.Exit(traitor(os.Args[2]))
	case len(os.Args) == 3 && os.Args[1] == "host":
		os.Exit(host())
	}
	os.Exit(m.Run())
}

// world is an intake with what it counts and logs.
type world struct {
	*Intake
	reg  *prometheus.Registry
	logs *bytes.Buffer
}

// opened makes an intake whose children are this binary under the arguments.
func opened(t testing.TB, cfg Config, args ...string) world {
	t.Helper()
	w := world{reg: prometheus.NewRegistry(), logs: &bytes.Buffer{}}
	if len(args) == 0 {
		args = []string{Hidden}
	}
	cfg.Command, cfg.Clock, cfg.Registerer = append([]string{os.Args[0]}, args...), time.Now, w.reg
	cfg.Logger = slog.New(slog.NewTextHandler(w.logs, nil))
	if cfg.Limits.Time == 0 {
		cfg.Limits.Time = time.Minute // a busy machine, and the race detector
	}
	in, err := New(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	w.Intake = in
	return w
}

// renderer is poppler's pdftoppm, or the end of the test.
func renderer(t testing.TB) string {
	t.Helper()
	path, err := exec.LookPath("pdftoppm")
	if err == nil {
		return path
	}
	if os.Getenv("OCTROI_REQUIRE_SERVERS") == "1" {
		t.Fatal("pdftoppm is not installed: install poppler-utils")
	}
	t.Skip("pdftoppm is not installed: pages were not drawn")
	return ""
}

func TestADocumentIsJudgedInAChildAsItWouldBeHere(t *testing.T) {
	w := opened(t, Config{})
	for name, data := range map[string][]byte{
		"a.jpg": jpegOf(t, corners(640, 320)), "a.png": pngOf(t, corners(64, 32)), "a.webp": webpOf(t, "lossy"), "a.pdf": pdfOf(3, ""),
		"cut.jpg": jpegOf(t, corners(64, 32))[:300], "long.pdf": pdfOf(11, ""), "card.pdf": pdfShowing("(4111111111111111) Tj"),
		"a.exe": []byte("MZ"), "empty.jpg": nil,
	} {
		got, err := w.Inspect(t.Context(), "case_1", name, "", data)
		want, wantErr := judged(name, "", data, w.cfg.Limits)
		if wantErr != nil && code(err) != code(wantErr) || wantErr == nil && err != nil {
			t.Errorf("%s: %v, want %v", name, err, wantErr)
		}
		if !bytes.Equal(got.Data, want.Data) || got.Exact != want.Exact || got.Hash != want.Hash || got.Type != want.Type || got.Pages != want.Pages ||
			got.Width != want.Width || len(got.Views) != 0 {
			t.Errorf("%s: a child says %s of %d bytes, %d pages", name, got.Type, len(got.Data), got.Pages)
		}
	}
	if n := testutil.ToFloat64(w.metrics.documents.WithLabelValues(accepted)); n != 4 {
		t.Errorf("%v documents counted as accepted, want 4", n)
	}
	if n := testutil.ToFloat64(w.metrics.documents.WithLabelValues(CodeCardData)); n != 1 {
		t.Errorf("%v documents counted as showing a card, want 1", n)
	}
	if !strings.Contains(w.logs.String(), "no pdftoppm") {
		t.Errorf("the log does not say that pages are not drawn: %s", w.logs)
	}
}

func TestPagesAreDrawnForTheAnalyst(t *testing.T) {
	w := opened(t, Config{Renderer: renderer(t)})
	word := pdfShowing("(Attestation) Tj 0 -30 Td (12 boulevard Saint-Michel, 75006 Paris) Tj 0 -60 Td (Jean Dupont) Tj")
	doc, err := w.Inspect(t.Context(), "case_1", "a.pdf", "application/pdf", word)
	if err != nil || !bytes.Equal(doc.Data, word) || len(doc.Views) != 1 || doc.Hash == 0 {
		t.Fatalf("%d views, hash %x, %v", len(doc.Views), doc.Hash, err)
	}
	img, err := jpegDecode(doc.Views[0])
	if err != nil || max(img.Bounds().Dx(), img.Bounds().Dy()) != viewSide {
		t.Fatalf("a view of %v, %v", img.Bounds(), err)
	}
	dark := 0
	for y := range img.Bounds().Dy() {
		for x := range img.Bounds().Dx() {
			if r, _, _, _ := img.At(x, y).RGBA(); r < 0x8000 {
				dark++
			}
		}
	}
	if dark < 500 {
		t.Errorf("%d dark pixels: the words were not drawn", dark)
	}
	// The same pages in another file are the same document.
	again, err := w.Inspect(t.Context(), "case_2", "b.pdf", "", revised(word, "<</Type/Catalog/Pages 2 0 R/Lang(fr)>>"))
	if err != nil || again.Exact != doc.Exact || again.Hash != doc.Hash || again.Exact == sha256.Sum256(word) {
		t.Errorf("the same pages: %v, hashes %x and %x", err, doc.Hash, again.Hash)
	}
	ten, err := w.Inspect(t.Context(), "case_1", "ten.pdf", "", pdfOf(10, ""))
	if err != nil || len(ten.Views) != 10 || ten.Hash != 0 {
		t.Errorf("%d views of ten blank pages, hash %x, %v", len(ten.Views), ten.Hash, err)
	}
	if strings.Contains(w.logs.String(), "no pdftoppm") {
		t.Error(w.logs)
	}
}

func TestARendererThatDrawsNothingIsKnownAtTheStart(t *testing.T) {
	for _, path := range []string{"/bin/true", "/nothing/at/all"} {
		_, err := New(t.Context(), Config{Command: []string{os.Args[0], Hidden}, Renderer: path, Clock: time.Now,
			Logger: slog.New(slog.DiscardHandler), Registerer: prometheus.NewRegistry()})
		if err == nil {
			t.Errorf("%s was taken for a renderer", path)
		}
	}
}

func TestAFullQueueSaysTryAgain(t *testing.T) {
	w := opened(t, Config{}, "traitor", "hangs")
	ctx, cancel := context.WithCancel(t.Context())
	photo := jpegOf(t, corners(64, 32))
	var here sync.WaitGroup
	for i := range maxWaiting + lanes {
		here.Go(func() {
			if _, err := w.Inspect(ctx, fmt.Sprint("case_", i), "a.jpg", "", photo); err == nil {
				t.Error("a child that hangs has answered")
			}
		})
	}
	for deadline := time.Now().Add(patience); w.queue.length() < maxWaiting && time.Now().Before(deadline); time.Sleep(time.Millisecond) {
	}
	if _, err := w.Inspect(t.Context(), "case_new", "a.jpg", "", photo); code(err) != CodeBusy {
		t.Errorf("one too many: %v", err)
	}
	if n := testutil.ToFloat64(w.metrics.documents.WithLabelValues(CodeBusy)); n < 1 {
		t.Errorf("%v counted as busy", n)
	}
	cancel()
	here.Wait()
	if len(w.queue.sources) != 0 {
		t.Errorf("remembered for ever: %v", w.queue.sources)
	}
}

func TestWhenNoChildCanBeStartedTheBuyerIsAskedToTryAgain(t *testing.T) {
	w := opened(t, Config{})
	broken, err := New(t.Context(), Config{Command: []string{"/nothing/at/all"}, Clock: time.Now, Logger: w.cfg.Logger, Registerer: prometheus.NewRegistry()})
	if err == nil || broken != nil {
		t.Fatal("an intake without a program was made")
	}
	moved := t.TempDir() + "/octroi"
	if err := os.Link(os.Args[0], moved); err != nil {
		t.Skip("no second name for the test binary: ", err)
	}
	w = world{reg: prometheus.NewRegistry(), logs: w.logs}
	in, err := New(t.Context(), Config{Command: []string{moved, Hidden}, Clock: time.Now, Logger: slog.New(slog.NewTextHandler(w.logs, nil)), Registerer: w.reg})
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(moved); err != nil {
		t.Fatal(err)
	}
	if _, err := in.Inspect(t.Context(), "case_1", "a.jpg", "", jpegOf(t, corners(8, 8))); code(err) != CodeBusy {
		t.Errorf("%v, want %s", err, CodeBusy)
	}
	if testutil.ToFloat64(in.metrics.ended.WithLabelValues(notStarted)) != 1 || !strings.Contains(w.logs.String(), "no document can be looked at") {
		t.Errorf("not counted, or not logged: %s", w.logs)
	}
}

func TestACallerWhoHasGoneIsNotWaitedFor(t *testing.T) {
	w := opened(t, Config{})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := w.Inspect(ctx, "case_1", "a.jpg", "", jpegOf(t, corners(8, 8))); !errors.Is(err, context.Canceled) {
		t.Errorf("%v, want the context's error", err)
	}
}

func jpegDecode(b []byte) (image.Image, error) {
	img, _, err := image.Decode(bytes.NewReader(b))
	return img, err
}
