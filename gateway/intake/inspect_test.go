package intake

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"testing"
)

// corners is a picture whose four quarters tell how it was turned: red, green over blue, white.
func corners(w, h int) *image.RGBA {
	img := image.NewRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			img.Set(x, y, [2][2]color.RGBA{{{255, 0, 0, 255}, {0, 255, 0, 255}}, {{0, 0, 255, 255}, {255, 255, 255, 255}}}[y*2/h][x*2/w])
		}
	}
	return img
}

func jpegOf(t testing.TB, img image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, img, &jpeg.Options{Quality: 95}); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func pngOf(t testing.TB, img image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// exifOf is a TIFF directory with an orientation and a GPS position (48.8566 N), in either byte order.
func exifOf(order binary.AppendByteOrder, orientation uint16) []byte {
	b := []byte("MM")
	if order.String() == "LittleEndian" {
		b = []byte("II")
	}
	entry := func(tag, kind uint16, n, v uint32) {
		b = order.AppendUint16(b, tag)
		b = order.AppendUint16(b, kind)
		b = order.AppendUint32(b, n)
		b = order.AppendUint32(b, v)
	}
	b = order.AppendUint16(b, 42)
	b = order.AppendUint32(b, 8)
	b = order.AppendUint16(b, 2)
	short := uint32(orientation)
	if b[0] == 'M' {
		short <<= 16
	}
	entry(0x0112, 3, 1, short)
	entry(0x8825, 4, 1, 38) // the GPS directory
	b = order.AppendUint32(b, 0)
	b = order.AppendUint16(b, 1)
	entry(0x0002, 5, 3, 56)
	b = order.AppendUint32(b, 0)
	for _, v := range []uint32{48, 1, 51, 1, 2376, 100} {
		b = order.AppendUint32(b, v)
	}
	return append(b, "GPSCANARY-48.8566"...)
}

func withJPEGExif(picture, tiff []byte) []byte {
	body := append([]byte("Exif\x00\x00"), tiff...)
	out := append([]byte{0xFF, 0xD8, 0xFF, 0xE1}, binary.BigEndian.AppendUint16(nil, uint16(len(body)+2))...)
	return append(append(out, body...), picture[2:]...)
}

func pngChunk(kind string, body []byte) []byte {
	out := binary.BigEndian.AppendUint32(nil, uint32(len(body)))
	out = append(append(out, kind...), body...)
	return binary.BigEndian.AppendUint32(out, crc32.ChecksumIEEE(out[4:]))
}

func pngHeader(w, h uint32, depth, kind byte) []byte {
	ihdr := binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(nil, w), h)
	return append([]byte("\x89PNG\r\n\x1a\n"), pngChunk("IHDR", append(ihdr, depth, kind, 0, 0, 0))...)
}

// judged is what a child makes of a file that there is room for.
func judged(name, declared string, data []byte, lim Limits) (Document, error) {
	return judge(context.Background(), name, declared, data, lim.filled(), lim.filled().Memory)
}

func code(err error) string {
	var u *Unacceptable
	if errors.As(err, &u) {
		return u.Code
	}
	return "not an *Unacceptable"
}

func TestPhotosAreReencodedUprightWithoutTheirMetadata(t *testing.T) {
	// What a viewer shows of the stored quarters R G / B W for each orientation, row by row.
	shown := map[uint16]string{1: "RGBW", 2: "GRWB", 3: "WBGR", 4: "BWRG", 5: "RBGW", 6: "BRWG", 7: "WGBR", 8: "GWRB"}
	for orientation, want := range shown {
		for _, order := range []binary.AppendByteOrder{binary.BigEndian, binary.LittleEndian} {
			tiff := exifOf(order, orientation)
			picture := pngOf(t, corners(64, 32))
			files := map[string][]byte{
				"a.jpg": withJPEGExif(jpegOf(t, corners(64, 32)), tiff),
				"a.png": append(append(bytes.Clone(picture[:33]), pngChunk("eXIf", tiff)...), picture[33:]...),
			}
			for name, data := range files {
				doc, err := judged(name, "", data, Limits{})
				if err != nil {
					t.Fatalf("%s, orientation %d: %v", name, orientation, err)
				}
				for _, trace := range []string{"Exif", "eXIf", "GPSCANARY", "II*\x00", "MM\x00*"} {
					if !bytes.Contains(data, []byte("GPSCANARY")) || bytes.Contains(doc.Data, []byte(trace)) {
						t.Errorf("%s, orientation %d: %q is still in the picture", name, orientation, trace)
					}
				}
				checkQuarters(t, doc, want)
			}
		}
	}
}

func checkQuarters(t *testing.T, doc Document, want string) {
	t.Helper()
	img, _, err := image.Decode(bytes.NewReader(doc.Data))
	if err != nil {
		t.Fatal(err)
	}
	w, h := img.Bounds().Dx(), img.Bounds().Dy()
	if doc.Width != w || doc.Height != h || doc.Pages != 1 || w*h != 64*32 {
		t.Fatalf("document says %dx%d and %d pages, the picture is %dx%d", doc.Width, doc.Height, doc.Pages, w, h)
	}
	got := ""
	for _, at := range []image.Point{{w / 4, h / 4}, {w * 3 / 4, h / 4}, {w / 4, h * 3 / 4}, {w * 3 / 4, h * 3 / 4}} {
		r, g, b, _ := img.At(at.X, at.Y).RGBA()
		letters := map[[3]bool]string{{true, false, false}: "R", {false, true, false}: "G", {false, false, true}: "B", {true, true, true}: "W"}
		got += letters[[3]bool{r > 0x8000, g > 0x8000, b > 0x8000}]
	}
	if got != want {
		t.Errorf("%s of %dx%d shows %q, want %q", doc.Type, w, h, got, want)
	}
}

func TestUnusualButHonestPicturesPass(t *testing.T) {
	rect := image.Rect(0, 0, 40, 30)
	for name, data := range map[string][]byte{
		"gray.jpg":                jpegOf(t, image.NewGray(rect)),
		"deep.png":                pngOf(t, image.NewNRGBA64(rect)),
		"few.png":                 pngOf(t, image.NewPaletted(rect, color.Palette{color.Black, color.White})),
		"PHOTO.JPEG":              jpegOf(t, corners(8, 8)),
		`C:\Users\me\scan.v2.png`: pngOf(t, corners(8, 8)),
		"image":                   jpegOf(t, corners(8, 8)), // no extension claims nothing
	} {
		for _, declared := range []string{"", "application/octet-stream"} {
			if doc, err := judged(name, declared, data, Limits{}); err != nil || doc.Width == 0 {
				t.Errorf("%s as %q: %+v, %v", name, declared, doc.Type, err)
			}
		}
	}
	if _, err := judged("a.jpg", "image/jpeg; charset=binary", jpegOf(t, corners(8, 8)), Limits{}); err != nil {
		t.Error(err)
	}
}

func TestWhatRidesBehindAPictureIsGone(t *testing.T) {
	tail := []byte("PK\x03\x04<script>alert(1)</script>%PDF-1.7 polyglot")
	for name, data := range map[string][]byte{
		"a.jpg": append(jpegOf(t, corners(16, 16)), tail...),
		"a.png": append(pngOf(t, corners(16, 16)), tail...),
	} {
		doc, err := judged(name, "", data, Limits{})
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		for _, trace := range []string{"PK\x03\x04", "script", "%PDF"} {
			if bytes.Contains(doc.Data, []byte(trace)) {
				t.Errorf("%s still holds %q", name, trace)
			}
		}
	}
}

func TestPicturesTooLargeOrCutShortAreRefused(t *testing.T) {
	photo, scan := jpegOf(t, corners(200, 100)), pngOf(t, corners(200, 100))
	flood := bytes.Clone(photo)
	sof := bytes.Index(flood, []byte{0xFF, 0xC0})
	binary.BigEndian.PutUint16(flood[sof+5:], 50_000)
	binary.BigEndian.PutUint16(flood[sof+7:], 50_000)
	manyScans := append(bytes.Clone(photo[:len(photo)-2]), bytes.Repeat([]byte{0xFF, 0xDA, 0, 8, 1, 1, 0, 0, 63, 0}, maxScans)...)
	for name, c := range map[string]struct {
		data []byte
		lim  Limits
		want string
	}{
		"flood.png": {append(pngHeader(50_000, 50_000, 8, 2), pngChunk("IDAT", nil)...), Limits{}, CodeTooManyPixels},
		"long.png":  {append(pngHeader(12_001, 1, 8, 2), pngChunk("IDAT", nil)...), Limits{}, CodeTooManyPixels},
		"deep.png":  {append(pngHeader(6_000, 6_000, 16, 6), pngChunk("IDAT", nil)...), Limits{}, CodeTooManyPixels},
		"flood.jpg": {flood, Limits{}, CodeTooManyPixels},
		"small.jpg": {photo, Limits{Pixels: 19_999}, CodeTooManyPixels},
		"scans.jpg": {manyScans, Limits{}, CodeUnreadable},
		"half.jpg":  {photo[:len(photo)/2], Limits{}, CodeUnreadable},
		"half.png":  {scan[:len(scan)/2], Limits{}, CodeUnreadable},
		"head.jpg":  {photo[:4], Limits{}, CodeUnreadable},
		"head.png":  {scan[:12], Limits{}, CodeUnreadable},
		"bytes.png": {scan, Limits{Bytes: len(scan) - 1}, CodeTooLarge},
		"just.png":  {scan, Limits{Bytes: len(scan)}, "not an *Unacceptable"},
	} {
		if _, err := judged(name, "", c.data, c.lim); code(err) != c.want {
			t.Errorf("%s: %v, want %s", name, err, c.want)
		}
	}
}

func TestPicturesAreChargedForWhatTheirDecoderTakes(t *testing.T) {
	frame := []byte{8, 0, 16, 0, 16, 3, 1, 0x22, 0, 2, 0x11, 1, 3, 0x11, 1}
	inks := []byte{8, 0, 16, 0, 16, 4, 1, 0x11, 0, 2, 0x11, 0, 3, 0x11, 0, 4, 0x11, 0}
	rgb := []byte{8, 0, 16, 0, 16, 3, 'R', 0x11, 0, 'G', 0x11, 0, 'B', 0x11, 0}
	for name, c := range map[string]struct {
		marker byte
		frame  []byte
		want   int // bytes for ten pixels
	}{
		"4:2:0": {0xC0, frame, 15}, "4:2:0 progressive": {0xC2, frame, 75}, "four inks": {0xC0, inks, 120}, "RGB by name": {0xC0, rgb, 70},
	} {
		h := jpegHeader{}
		h.segment(c.marker, c.frame)
		if h.cost() != c.want {
			t.Errorf("%s: %d bytes for ten pixels, want %d", name, h.cost(), c.want)
		}
	}
	adobe := jpegHeader{}
	adobe.segment(0xEE, append([]byte("Adobe"), 0, 100, 0, 0, 0, 0, 0))
	adobe.segment(0xC0, frame)
	if !adobe.rgb {
		t.Error("Adobe's marker for RGB was passed over")
	}
	if err := (shape{width: 6000, height: 4000, cost: 75}).within(DefaultLimits()); code(err) != CodeTooManyPixels {
		t.Errorf("a 24 megapixel progressive picture would take 180 MB: %v", err)
	}
	for _, s := range []shape{{width: 4000, height: 3000, cost: 75}, {width: 7296, height: 5472, cost: 15}, {width: 4000, height: 3000, cost: 40}} {
		if err := s.within(DefaultLimits()); err != nil {
			t.Errorf("%d x %d at %d: %v", s.width, s.height, s.cost, err)
		}
	}
}
