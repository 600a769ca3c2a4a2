package intake

import (
	"bytes"
	"encoding/binary"
	"image"
	"os"
	"testing"
)

// webpOf reads a picture that a browser wrote: four quarters, as corners draws them.
func webpOf(t testing.TB, name string) []byte {
	t.Helper()
	b, err := os.ReadFile("testdata/" + name + ".webp")
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// withWebPExif appends an EXIF chunk and sets the flag that announces it (RFC 9649, 2.7.1).
func withWebPExif(t testing.TB, picture, tiff []byte) []byte {
	t.Helper()
	if string(picture[12:16]) != "VP8X" {
		t.Fatal("not an extended file")
	}
	out := bytes.Clone(picture)
	out[20] |= 1 << 3
	out = binary.LittleEndian.AppendUint32(append(out, "EXIF"...), uint32(len(tiff)))
	out = append(out, tiff...)
	if len(tiff)%2 == 1 {
		out = append(out, 0)
	}
	binary.LittleEndian.PutUint32(out[4:], uint32(len(out)-8))
	return out
}

func TestWebPPicturesBecomeJPEGOrPNGUprightWithoutTheirMetadata(t *testing.T) {
	shown := map[uint16]string{1: "RGBW", 3: "WBGR", 6: "BRWG", 8: "GWRB"}
	for name, want := range map[string]string{"lossy": typeJPEG, "lossless": typePNG, "transparent": typeJPEG} {
		for orientation, quarters := range shown {
			data := withWebPExif(t, webpOf(t, name), exifOf(binary.LittleEndian, orientation))
			doc, err := judged("a.webp", "image/webp", data, Limits{})
			if err != nil || doc.Type != want {
				t.Fatalf("%s, orientation %d: %s, %v", name, orientation, doc.Type, err)
			}
			if !bytes.Contains(data, []byte("GPSCANARY")) || bytes.Contains(doc.Data, []byte("GPSCANARY")) || bytes.Contains(doc.Data, []byte("ICCP")) {
				t.Errorf("%s: metadata is still in the picture", name)
			}
			checkQuarters(t, doc, quarters)
		}
	}
	if !readWebP(webpOf(t, "transparent")).alpha || readWebP(webpOf(t, "lossy")).alpha {
		t.Error("transparency was not read")
	}
}

func TestTransparentPartsShowWhitePaper(t *testing.T) {
	doc, err := judged("a.webp", "", webpOf(t, "transparent"), Limits{})
	if err != nil {
		t.Fatal(err)
	}
	img, _, err := image.Decode(bytes.NewReader(doc.Data))
	if err != nil {
		t.Fatal(err)
	}
	// The hole is eight pixels across, in the middle, where no quarter but one is white.
	if r, g, b, _ := img.At(doc.Width/2-2, doc.Height/2-2).RGBA(); r < 0xC000 || g < 0xC000 || b < 0xC000 {
		t.Errorf("a transparent pixel is %x %x %x", r>>8, g>>8, b>>8)
	}
}

func TestWebPBombsAndBrokenOnesAreRefused(t *testing.T) {
	lossy := webpOf(t, "lossy")
	canvas := func(w, h uint32) []byte {
		out := bytes.Clone(lossy)
		copy(out[24:], []byte{byte(w - 1), byte((w - 1) >> 8), byte((w - 1) >> 16), byte(h - 1), byte((h - 1) >> 8), byte((h - 1) >> 16)})
		return out
	}
	lossless := append([]byte("RIFF\x12\x00\x00\x00WEBPVP8L\x06\x00\x00\x00\x2f"), 0xFF, 0xFF, 0xFF, 0x0F, 0) // 16384 x 16384
	moving := bytes.Clone(lossy)
	moving[20] |= 1 << 1
	copy(moving[bytes.Index(moving, []byte("VP8 ")):], "ANMF")
	for name, c := range map[string]struct {
		data []byte
		want string
	}{
		"a canvas of 1600 megapixel": {canvas(40_000, 40_000), CodeTooManyPixels},
		"a canvas unlike its frame":  {canvas(65, 32), CodeUnreadable},
		"a lossless flood":           {lossless, CodeTooManyPixels},
		"an animation":               {moving, CodeUnreadable},
		"cut short":                  {lossy[:len(lossy)-60], CodeUnreadable},
		"its first bytes":            {lossy[:12], CodeUnreadable},
		"no picture in it":           {[]byte("RIFF\x04\x00\x00\x00WEBP"), CodeUnreadable},
	} {
		if _, err := judged("a.webp", "", c.data, Limits{}); code(err) != c.want {
			t.Errorf("%s: %v, want %s", name, err, c.want)
		}
	}
}
