package intake

import (
	"bytes"
	"encoding/binary"
	"image"
	"image/jpeg"
	"math/rand/v2"
	"os/exec"
	"syscall"
	"testing"
	"time"
)

// TestBandsMakeTheSamePictureAsOnePiece holds what is written in bands, pixel by pixel, against what the standard library
// writes at once.
func TestBandsMakeTheSamePictureAsOnePiece(t *testing.T) {
	rnd := rand.New(rand.NewPCG(7, 8))
	for _, size := range []image.Point{{1, 1}, {17, 255}, {33, 256}, {40, 257}, {300, 1000}, {1021, 2600}} {
		rect := image.Rectangle{Max: size}
		colour, gray := image.NewYCbCr(rect, image.YCbCrSubsampleRatio420), image.NewGray(rect)
		for i := range colour.Y {
			colour.Y[i] = byte(i/7) + byte(rnd.IntN(60))
		}
		for i := range colour.Cb {
			colour.Cb[i], colour.Cr[i] = byte(rnd.IntN(256)), byte(i)
		}
		copy(gray.Pix, colour.Y)
		for _, img := range []image.Image{colour, gray} {
			got, err := encodeJPEG(newUpright(img, 1), func(image.Image) {})
			if err != nil {
				t.Fatal(err)
			}
			var whole bytes.Buffer
			if err := jpeg.Encode(&whole, img, &jpeg.Options{Quality: quality}); err != nil {
				t.Fatal(err)
			}
			a, aerr := jpeg.Decode(bytes.NewReader(got))
			b, berr := jpeg.Decode(&whole)
			if aerr != nil || berr != nil || a.Bounds() != b.Bounds() {
				t.Fatalf("%T of %v: %v, %v", img, size, aerr, berr)
			}
			for y := range size.Y {
				for x := range size.X {
					if a.At(x, y) != b.At(x, y) {
						t.Fatalf("%T of %v differs at %d,%d: %v, %v", img, size, x, y, a.At(x, y), b.At(x, y))
					}
				}
			}
		}
	}
}

// TestAnotherDecoderReadsTheBands has poppler's JPEG library, which is not Go's, read a picture written in bands.
func TestAnotherDecoderReadsTheBands(t *testing.T) {
	path := renderer(t)
	picture, err := encodeJPEG(newUpright(corners(1000, 1400), 1), func(image.Image) {})
	if err != nil {
		t.Fatal(err)
	}
	page := objectsPDF("", "<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Kids[3 0 R]/Count 1>>",
		"<</Type/Page/Parent 2 0 R/MediaBox[0 0 100 140]/Contents 4 0 R/Resources<</XObject<</P 5 0 R>>>>>>",
		streamOf("", []byte("100 0 0 140 0 0 cm /P Do")),
		streamOf("/Type/XObject/Subtype/Image/Width 1000/Height 1400/ColorSpace/DeviceRGB/BitsPerComponent 8/Filter/DCTDecode", picture))
	cmd := exec.Command(path, "-jpeg", "-scale-to", "140", "-")
	cmd.Stdin = bytes.NewReader(page)
	var said bytes.Buffer
	cmd.Stderr = &said
	drawn, err := cmd.Output()
	if err != nil || said.Len() > 0 {
		t.Fatalf("%v: %s", err, said.String())
	}
	img, err := jpegDecode(drawn)
	if err != nil {
		t.Fatal(err)
	}
	want := corners(100, 140)
	for _, at := range []image.Point{{20, 20}, {80, 20}, {20, 70 + 30}, {80, 70 + 30}, {20, 60}, {80, 80}} {
		r, g, b, _ := img.At(at.X, at.Y).RGBA()
		wr, wg, wb, _ := want.At(at.X, at.Y).RGBA()
		if r>>15 != wr>>15 || g>>15 != wg>>15 || b>>15 != wb>>15 {
			t.Errorf("at %v: %x %x %x, want %x %x %x", at, r>>8, g>>8, b>>8, wr>>8, wg>>8, wb>>8)
		}
	}
}

// cameraPhoto is a 12 megapixel JPEG of about 5 MB that lies on its side, as phones send them.
func cameraPhoto(t testing.TB) []byte {
	rnd := rand.New(rand.NewPCG(1, 2))
	img := image.NewYCbCr(image.Rect(0, 0, 4000, 3000), image.YCbCrSubsampleRatio420)
	for i := range img.Y {
		img.Y[i] = byte(i/4000/12+i%4000/16) + byte(rnd.IntN(22))
	}
	for i := range img.Cb {
		img.Cb[i], img.Cr[i] = byte(128+i%2000/40), byte(128+i/2000/50)
	}
	return withJPEGExif(jpegOf(t, img), exifOf(binary.BigEndian, 6))
}

// BenchmarkJudge5MBPhoto is the work in the child alone.
func BenchmarkJudge5MBPhoto(b *testing.B) {
	photo := cameraPhoto(b)
	b.SetBytes(int64(len(photo)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := judged("photo.jpg", "image/jpeg", photo, Limits{}); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkInspect5MBPhoto is all that a buyer waits for: a child is started, fed, and heard. The test binary starts
// about as fast as the program.
func BenchmarkInspect5MBPhoto(b *testing.B) {
	photo := cameraPhoto(b)
	w := opened(b, Config{})
	b.SetBytes(int64(len(photo)))
	before := childrenTime(b)
	for b.Loop() {
		if _, err := w.Inspect(b.Context(), "case_1", "photo.jpg", "image/jpeg", photo); err != nil {
			b.Fatal(err)
		}
	}
	// On a busy machine the clock says little; the work is the same.
	b.ReportMetric(float64((childrenTime(b)-before).Milliseconds())/float64(b.N), "cpu-ms/op")
}

// childrenTime is the processor time of all children that have ended.
func childrenTime(t testing.TB) time.Duration {
	t.Helper()
	var r syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_CHILDREN, &r); err != nil {
		t.Fatal(err)
	}
	return time.Duration(r.Utime.Nano() + r.Stime.Nano())
}
