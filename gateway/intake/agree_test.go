package intake

import (
	"encoding/binary"
	"errors"
	"strings"
	"testing"
)

func TestNameTypeAndContentMustAgree(t *testing.T) {
	photo, scan, page := jpegOf(t, corners(8, 8)), pngOf(t, corners(8, 8)), pdfOf(1, "")
	heic := []byte("\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic")
	for _, c := range []struct {
		name, declared string
		data           []byte
		want           string
	}{
		{"a.png", "", photo, CodeMismatch},
		{"a.jpg", "image/png", photo, CodeMismatch},
		{"a.jpg", "", scan, CodeMismatch},
		{"a.jpg", "", page, CodeMismatch},
		{"a.pdf", "application/pdf", photo, CodeMismatch},
		{"a.jpg", "", []byte("<html><script>alert(1)</script>"), CodeMismatch},
		{"a.pdf", "", append([]byte("GIF89a"), page...), CodeMismatch},
		{"a.pdf", "", append([]byte("junk\n"), page...), CodeMismatch},
		{"a", "image/jpeg", []byte("RIFF\x00\x00\x00\x00WEBPVP8 "), CodeMismatch},
		{"a.webp", "", photo, CodeMismatch},
		{"a.webp", "image/webp", []byte("RIFF\x00\x00\x00\x00WAVEfmt "), CodeMismatch},
		{"a.jpg.exe", "", photo, CodeNotAllowed},
		{"a.jpg", "text/html", photo, CodeNotAllowed},
		{"a.jpg", "not a media type;;", photo, CodeNotAllowed},
		{"a.svg", "image/svg+xml", []byte("<svg xmlns='http://www.w3.org/2000/svg'/>"), CodeNotAllowed},
		{"a.zip", "", []byte("PK\x03\x04"), CodeNotAllowed},
		{"IMG_1.HEIC", "image/heic", heic, CodeHEIC},
		{"IMG_1.jpg", "image/jpeg", heic, CodeHEIC},
		{"IMG_1.heic", "", []byte("anything"), CodeHEIC},
		{"IMG_1.heic", "", photo, CodeMismatch},
		{"a.jpg", "image/jpeg", nil, CodeEmpty},
	} {
		if _, err := judged(c.name, c.declared, c.data, Limits{}); code(err) != c.want {
			t.Errorf("%s as %q (%.12q): %v, want %s", c.name, c.declared, c.data, err, c.want)
		}
	}
}

func FuzzJudge(f *testing.F) {
	f.Add("a.jpg", withJPEGExif(jpegOf(f, corners(16, 8)), exifOf(binary.LittleEndian, 6)))
	f.Add("a.png", pngOf(f, corners(16, 8)))
	f.Add("a.webp", webpOf(f, "lossy"))
	f.Add("a.webp", webpOf(f, "lossless"))
	f.Add("a.webp", webpOf(f, "transparent"))
	f.Add("a.pdf", pdfOf(2, ""))
	f.Add("a.pdf", pdfShowing("[(4111)-300(1111)] TJ (1111) ' <31313131> Tj", subset("1 beginbfrange <0013> <001C> [<0030> <0031>] endbfrange")...))
	f.Add("a.pdf", pdfWithObjectStream("<</Type/Pages/Kids[5 0 R]/Count 1>>"))
	f.Fuzz(func(t *testing.T, name string, data []byte) {
		doc, err := judged(name, "", data, Limits{Pixels: 1 << 20, Expansion: 1 << 20})
		var u *Unacceptable
		switch {
		case err == nil && (len(doc.Data) == 0 || doc.Pages < 1):
			t.Errorf("accepted without content: %+v", doc)
		case err != nil && (!errors.As(err, &u) || strings.Contains(u.Sentence("en")+u.Sentence("fr"), "%!")):
			t.Errorf("%v is no answer to a buyer", err)
		}
		if err == nil && doc.Type != typePDF {
			if again, err := judged("", doc.Type, doc.Data, Limits{}); err != nil || again.Width != doc.Width {
				t.Errorf("what the intake wrote it does not read: %v", err)
			}
		}
	})
}
