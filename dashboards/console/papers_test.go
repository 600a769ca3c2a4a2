package console

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/pdfcpu/pdfcpu/pkg/api"
	"github.com/prometheus/client_golang/prometheus"

	"octroi/gateway/intake"
)

// picture is a small drawing of a document.
func picture(t testing.TB) []byte {
	t.Helper()
	img := image.NewRGBA(image.Rect(0, 0, 480, 300))
	for y := range 300 {
		for x := range 480 {
			shade := color.RGBA{R: 226, G: uint8(232 - y/12), B: uint8(238 - x/20), A: 255}
			if x > 30 && x < 150 && y > 60 && y < 230 || y > 70 && y < 240 && y%34 < 10 && x > 180 && x < 440 {
				shade = color.RGBA{R: 120, G: 138, B: 150, A: 255}
			}
			img.Set(x, y, shade)
		}
	}
	var b bytes.Buffer
	check(t, png.Encode(&b, img))
	return b.Bytes()
}

// installed finds a program, or ends the test where it cannot be had and nothing says that it must.
func installed(t testing.TB, name string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		if os.Getenv("OCTROI_REQUIRE_SERVERS") == "1" {
			t.Fatalf("%s is not installed, and OCTROI_REQUIRE_SERVERS=1 forbids skipping", name)
		}
		t.Skipf("%s is not installed; with OCTROI_REQUIRE_SERVERS=1 this would fail", name)
	}
	return path
}

// drawing is an intake that draws the pages of a PDF.
func drawing(t testing.TB) *intake.Intake {
	t.Helper()
	renderer := installed(t, "pdftoppm")
	limits := intake.DefaultLimits()
	limits.Time = time.Minute // a busy machine, and the race detector
	in, err := intake.New(t.Context(), intake.Config{Command: []string{os.Args[0], intake.Hidden}, Renderer: renderer, Limits: limits,
		Clock: time.Now, Logger: slog.New(slog.DiscardHandler), Registerer: prometheus.NewRegistry()})
	check(t, err)
	return in
}

// twoPages is a PDF of two pictures.
func twoPages(t testing.TB) []byte {
	t.Helper()
	var b bytes.Buffer
	check(t, api.ImportImages(nil, &b, []io.Reader{bytes.NewReader(picture(t)), bytes.NewReader(picture(t))}, nil, nil))
	return b.Bytes()
}
