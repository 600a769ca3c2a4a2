package intake

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"image"
	"image/png"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// marker stands in everything that must not come through.
const marker = "<script>alert('HOSTILE-7c1e')</script>"

// hostile is one file of an attacker. Kept says that a picture made of it is harmless, once the marker is gone.
type hostile struct {
	kind, name string
	data       []byte
	kept       bool
}

// attacker makes files from a seed, of every kind in turn.
type attacker struct {
	t         testing.TB
	rnd       *rand.Rand
	photo     []byte
	scan      []byte
	small     []byte
	webp      []byte
	page      []byte
	lossless  []byte
	encrypted []byte
	kinds     []func(a *attacker) hostile
	made      map[string][]byte // what takes long to make
}

// once makes something the first time.
func (a *attacker) once(name string, make func() []byte) []byte {
	if a.made[name] == nil {
		a.made[name] = make()
	}
	return a.made[name]
}

func newAttacker(t testing.TB, seed uint64) *attacker {
	a := &attacker{t: t, made: map[string][]byte{}, rnd: rand.New(rand.NewPCG(seed, 11)), webp: webpOf(t, "lossy"), lossless: webpOf(t, "lossless"),
		photo: jpegOf(t, letter(seed, 0)), scan: pngOf(t, corners(300, 200)), small: jpegOf(t, corners(64, 32)),
		page: pdfShowing("(Attestation de domicile) Tj")}
	a.encrypted = objectsPDF("/Encrypt<</Filter/Standard/V 5/R 6/P -4>>", "<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Kids[]/Count 0>>")
	a.kinds = []func(*attacker) hostile{(*attacker).bomb, (*attacker).flood, (*attacker).cut, (*attacker).flipped, (*attacker).polyglot,
		(*attacker).metadata, (*attacker).acting, (*attacker).hidden, (*attacker).packed, (*attacker).broken, (*attacker).carrier,
		(*attacker).liar, (*attacker).slow, (*attacker).noise, (*attacker).card}
	return a
}

func (a *attacker) next(i int) hostile { return a.kinds[i%len(a.kinds)](a) }

func (a *attacker) oneOf(s ...string) string { return s[a.rnd.IntN(len(s))] }

// bomb says that it has 2500 megapixels, in a few bytes.
func (a *attacker) bomb() hostile {
	side := uint32(12_001 + a.rnd.IntN(50_000))
	switch a.rnd.IntN(3) {
	case 0:
		return hostile{"bomb", "a.png", append(pngHeader(50_000, side, 8, 6), pngChunk("IDAT", deflate(make([]byte, 1<<16)))...), false}
	case 1:
		data := bytes.Clone(a.photo)
		at := bytes.Index(data, []byte{0xFF, 0xC0})
		binary.BigEndian.PutUint16(data[at+5:], 50_000)
		binary.BigEndian.PutUint16(data[at+7:], uint16(min(side, 65_000)))
		return hostile{"bomb", "a.jpg", data, false}
	}
	data := bytes.Clone(a.webp)
	copy(data[24:], []byte{byte(side), byte(side >> 8), byte(side >> 16), byte(side), byte(side >> 8), byte(side >> 16)})
	return hostile{"bomb", "a.webp", data, false}
}

// flood is a picture of few bytes and as many pixels as are taken, or a few more.
func (a *attacker) flood() hostile {
	w, h := 4000+1000*a.rnd.IntN(3), 3000+1000*a.rnd.IntN(4)
	return hostile{"flood", "a.png", a.once(fmt.Sprint("flood", w, h), func() []byte {
		var b bytes.Buffer
		if err := (&png.Encoder{CompressionLevel: png.BestSpeed}).Encode(&b, image.NewGray(image.Rect(0, 0, w, h))); err != nil {
			a.t.Fatal(err)
		}
		return b.Bytes()
	}), true}
}

// cut ends too early.
func (a *attacker) cut() hostile {
	name, data := "a.jpg", a.photo
	switch a.rnd.IntN(4) {
	case 0:
		name, data = "a.png", a.scan
	case 1:
		name, data = "a.webp", a.webp
	case 2:
		name, data = "a.pdf", a.page
	}
	return hostile{"cut", name, data[:12+a.rnd.IntN(len(data)*9/10-12)], false}
}

// flipped has a few bytes changed: what can still be read is no worse than what it was made from.
func (a *attacker) flipped() hostile {
	name, data := "a.jpg", a.small
	switch a.rnd.IntN(5) {
	case 0:
		name, data = "a.png", a.scan
	case 1:
		name, data = "a.webp", a.webp
	case 2:
		name, data = "a.webp", a.lossless
	case 3:
		name, data = "a.pdf", a.page
	}
	data = bytes.Clone(data)
	for range 1 + a.rnd.IntN(8) {
		data[a.rnd.IntN(len(data))] = byte(a.rnd.IntN(256))
	}
	return hostile{"flipped", name, data, true}
}

// polyglot is a picture to one reader and something else to another.
func (a *attacker) polyglot() hostile {
	tail := []byte(a.oneOf("PK\x03\x04", "%PDF-1.7\n", "GIF89a", "\x7fELF", "MZ", "<?php ", "") + marker)
	switch a.rnd.IntN(4) {
	case 0:
		return hostile{"polyglot", "a.png", append(bytes.Clone(a.scan), tail...), true}
	case 1:
		return hostile{"polyglot", "a.jpg", append(append(bytes.Clone(a.small), tail...), zipOf(a.t)...), true}
	case 2:
		return hostile{"polyglot", "a.pdf", append(bytes.Clone(a.page), tail...), false}
	}
	// A comment right behind the first marker, as the JPEG that is a script begins.
	comment := append([]byte{0xFF, 0xD8, 0xFF, 0xFE, 0, byte(len(marker) + 2)}, marker...)
	return hostile{"polyglot", "a.jpg", append(comment, a.small[2:]...), true}
}

// metadata carries a script, and where the photo was taken.
func (a *attacker) metadata() hostile {
	order := []binary.AppendByteOrder{binary.BigEndian, binary.LittleEndian}[a.rnd.IntN(2)]
	tiff := append(exifOf(order, uint16(a.rnd.IntN(12))), marker...)
	switch a.rnd.IntN(4) {
	case 0:
		text := pngChunk("tEXt", append([]byte("Comment\x00"), marker...))
		return hostile{"metadata", "a.png", append(append(bytes.Clone(a.scan[:33]), text...), a.scan[33:]...), true}
	case 1:
		return hostile{"metadata", "a.png", append(append(bytes.Clone(a.scan[:33]), pngChunk("eXIf", tiff)...), a.scan[33:]...), true}
	case 2:
		return hostile{"metadata", "a.webp", withWebPExif(a.t, a.webp, tiff), true}
	}
	return hostile{"metadata", "a.jpg", withJPEGExif(a.small, tiff), true}
}

// acting is a PDF that runs, carries or asks for something.
func (a *attacker) acting() hostile {
	catalog := a.oneOf("/OpenAction<</S/JavaScript/JS("+marker+")>>", "/Names<</JavaScript<</Names[(x)<</S/JavaScript/JS(1)>>]>>>>",
		"/AA<</WC<</S/JavaScript/JS(1)>>>>", "/A<</S/Launch/F(cmd.exe)>>", "/Names<</EmbeddedFiles<</Names[(x) 9 0 R]>>>>",
		"/AcroForm<</XFA 9 0 R>>", "/A<</S/SubmitForm/F(https://example.org/)>>", "/X<</Subtype/RichMedia>>", "/A<</S/GoToR/F(x.pdf)>>",
		"/AcroForm<</Fields[<</FT/Tx/T(name)>>]>>")
	if a.rnd.IntN(2) == 0 { // any letter of a name may be written as its number
		from := strings.IndexByte(catalog, '/') + 1
		catalog = catalog[:from] + fmt.Sprintf("#%02x", catalog[from]) + catalog[from+1:]
	}
	return hostile{"acting", "a.pdf", pdfOf(1+a.rnd.IntN(3), catalog), false}
}

// hidden is a script where only one of two readers looks.
func (a *attacker) hidden() hostile {
	script := "<</S/JavaScript/JS(" + marker + ")>>"
	tree := "<</Type/Pages/Kids[5 0 R]/Count 1>>"
	files := [][]byte{
		pdfWithObjectStream(tree, script), pdfWithObjectStream(tree, "<</#4A#53(1)>>"),
		bytes.Replace(pdfOf(1, ""), []byte("xref\n0"), []byte("9 0 obj "+script+" endobj\nxref\n0"), 1),
		revised(pdfOf(1, "/OpenAction 9 0 R"), "<</Type/Catalog/Pages 2 0 R>>"), pdfOf(1, "", "%stream\n<</JS(1)>>\n%endstream"), a.encrypted,
	}
	return hostile{"hidden", "a.pdf", files[a.rnd.IntN(len(files))], false}
}

// packed is a PDF that unpacks to far more than it is.
func (a *attacker) packed() hostile {
	much := 64 + 40*a.rnd.IntN(3)
	switch a.rnd.IntN(4) {
	case 0:
		zeros := a.once("zeros", func() []byte { return deflate(make([]byte, 8<<20)) })
		return hostile{"packed", "a.pdf", pdfOf(1, "", slices.Repeat([]string{streamOf("/Filter/FlateDecode", zeros)}, much/8)...), false}
	case 1:
		twice := a.once(fmt.Sprint("twice", much), func() []byte { return deflate(deflate(make([]byte, much<<20))) })
		return hostile{"packed", "a.pdf", pdfOf(1, "", streamOf("/Filter[/FlateDecode/FlateDecode]", twice)), false}
	case 2:
		return hostile{"packed", "a.pdf", a.once("objects", func() []byte {
			return pdfWithObjectStream("<</Type/Pages/Kids[5 0 R]/Count 1>>", strings.Repeat(" ", 9<<20))
		}), false}
	}
	return hostile{"packed", "a.pdf", pdfOf(1, "", streamOf("/Subtype/Image/Width 50000/Height 50000/Filter/JPXDecode", nil)), false}
}

// broken is a PDF with a structure to trip over.
func (a *attacker) broken() hostile {
	nest := strings.Repeat("[", 500+a.rnd.IntN(5000))
	files := [][]byte{
		pdfOf(11+a.rnd.IntN(200), ""), pdfOf(0, ""), pdfOf(1, "/X"+nest+strings.Repeat("]", len(nest))), pdfOf(1, "/X"+nest),
		objectsPDF("", "<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Kids[2 0 R]/Count 1>>"), objectsPDF("", "(no)"),
		[]byte("%PDF-1.7\nstartxref\n9999\n%%EOF"), bytes.Replace(pdfOf(11, ""), []byte("/Count 11"), []byte("/Count 1 "), 1),
		pdfOf(1, "", streamOf("/Filter/FlateDecode/DecodeParms<</Predictor 12/Columns 9999999999>>", deflate(make([]byte, 50)))),
		pdfOf(1, strings.Repeat("/ObjStm", maxObjectStreams+1)),
		objectsPDF("/Size 2147483647/Prev 9", "<</Type/Catalog/Pages 99 0 R>>"),
	}
	return hostile{"broken", "a.pdf", files[a.rnd.IntN(len(files))], false}
}

// carrier is a PDF that is an archive too, or has one behind it.
func (a *attacker) carrier() hostile {
	if a.rnd.IntN(2) == 0 {
		return hostile{"carrier", "a.pdf", append(bytes.Clone(a.page), zipOf(a.t)...), false}
	}
	return hostile{"carrier", "a.pdf", pdfOf(1, "", streamOf("", zipOf(a.t))), false}
}

// liar is not what its name says.
func (a *attacker) liar() hostile {
	files := map[string][]byte{"a.jpg": []byte("<html>" + marker), "a.png": []byte("<svg xmlns='http://www.w3.org/2000/svg'>" + marker + "</svg>"),
		"a.pdf": a.photo, "a.webp": a.scan, "a.jpg.exe": a.photo, "a.zip": zipOf(a.t), "b.png": a.small, "b.pdf": append([]byte("MZ"), a.page...),
		"c.jpg": []byte("\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic"), "a.gif": []byte("GIF89a" + marker)}
	names := []string{"a.jpg", "a.png", "a.pdf", "a.webp", "a.jpg.exe", "a.zip", "b.png", "b.pdf", "c.jpg", "a.gif"}
	name := a.oneOf(names...)
	return hostile{"liar", name, files[name], false}
}

// slow is made to keep a decoder or the renderer busy.
func (a *attacker) slow() hostile {
	switch a.rnd.IntN(12) {
	case 0: // lines upon lines
		line := strings.Repeat("0 0 m 200 200 l 0 200 l 200 0 l 100 300 300 100 7 9 c h B*\n", 2000+a.rnd.IntN(20_000))
		return hostile{"slow", "a.pdf", pdfDrawing(line), true}
	case 1: // a pattern of patterns
		return hostile{"slow", "a.pdf", objectsPDF("", "<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Kids[3 0 R]/Count 1>>",
			"<</Type/Page/Parent 2 0 R/MediaBox[0 0 9000 9000]/Contents 4 0 R/Resources<</Pattern<</P 5 0 R>>>>>>",
			streamOf("", []byte("/Pattern cs /P scn 0 0 9000 9000 re f")),
			streamOf("/PatternType 1/PaintType 1/TilingType 1/BBox[0 0 1 1]/XStep .01/YStep .01/Resources<</Pattern<</P 5 0 R>>>>",
				[]byte("/Pattern cs /P scn 0 0 1 1 re f"))), true}
	case 2, 3: // words upon words
		return hostile{"slow", "a.pdf", pdfShowing(strings.Repeat("[(4) -300 (1)] TJ ", 20_000+a.rnd.IntN(50_000))), true}
	}
	// A JPEG of hundreds of passes.
	scans := bytes.Repeat([]byte{0xFF, 0xDA, 0, 8, 1, 1, 0, 0, 63, 0}, maxScans+a.rnd.IntN(1000))
	return hostile{"slow", "a.jpg", append(bytes.Clone(a.photo[:len(a.photo)-2]), scans...), false}
}

func pdfDrawing(content string) []byte {
	return objectsPDF("", "<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Kids[3 0 R]/Count 1>>",
		"<</Type/Page/Parent 2 0 R/MediaBox[0 0 500 500]/Contents 4 0 R>>", streamOf("/Filter/FlateDecode", deflate([]byte(content))))
}

// noise begins well.
func (a *attacker) noise() hostile {
	names := []string{"a.jpg", "a.png", "a.webp", "a.pdf"}
	begins := []string{"\xFF\xD8\xFF\xE0", "\x89PNG\r\n\x1a\n", "RIFF\x00\x10\x00\x00WEBPVP8 ", "%PDF-1.7\n"}
	i := a.rnd.IntN(len(names))
	data := []byte(begins[i])
	for range a.rnd.IntN(1 << 16) {
		data = append(data, byte(a.rnd.IntN(256)))
	}
	return hostile{"noise", names[i], data, false}
}

// card is a buyer's own mistake rather than an attack, and must not be kept either.
func (a *attacker) card() hostile {
	number := a.oneOf("4111 1111 1111 1111", "5555 4444 3333 1111", "4917610000000000", "3700 000000 00002")
	return hostile{"card", "a.pdf", pdfShowing("(" + number + ") Tj"), false}
}
