package intake

import "time"

// The media types a kept document may have.
const (
	typeJPEG = "image/jpeg"
	typePNG  = "image/png"
	typePDF  = "application/pdf"
)

// typeWebP is taken and re-encoded: none is kept.
const typeWebP = "image/webp"

// Document is what passed the intake. A picture's bytes are not the buyer's: they were made anew from the pixels, turned
// upright, so that no place, device, thumbnail or trailing file comes along.
type Document struct {
	Type   string // image/jpeg, image/png or application/pdf; a WebP picture has become one of the first two
	Data   []byte
	Pages  int // 1 for a picture
	Width  int // pixels, as stored; 0 for a PDF
	Height int
	// Views are what an analyst looks at when Data is a PDF: each page as a JPEG. There are none for a picture, nor where
	// no renderer is installed.
	Views [][]byte
	// Hash knows the picture, or the first page, again after it was saved anew, scaled or trimmed a little: compare with
	// Distance. 0 says that there is nothing to compare: a blank page, or a PDF that was not rendered.
	Hash uint64
	// Exact is SHA-256 of the upright pixels, of all pages; of the file itself for a PDF that was not rendered. Metadata does
	// not change it. Keep it only under a key (vault.Digest): by itself it would let anybody with the same file find it.
	Exact [32]byte
}

// Blank reports whether there is nothing to see on the document: a white page, a photo taken in a pocket. Any two of them
// are alike, down to the last pixel even.
func (d Document) Blank() bool {
	return d.Hash == 0 && d.Pages == 1 && (d.Type != typePDF || len(d.Views) == 1)
}

// Limits bound what the intake takes and what it may cost. A field left at zero has its default.
type Limits struct {
	Bytes     int           // of the file; 10 MiB
	Pixels    int           // of a picture, also one inside a PDF; 40 million
	Side      int           // pixels on one side of a picture; 12 000
	Memory    int           // bytes a picture may take while it is decoded; 96 MiB
	Pages     int           // of a PDF; 10
	Expansion int           // bytes all streams of a PDF may unpack to; 50 MiB
	Time      time.Duration // by the clock, for one file, its waiting not counted; 5 s. Processor time is bounded below that
}

// DefaultLimits are the limits of the OWASP File Upload Cheat Sheet and ASVS 5.0 chapter V5 put into figures: large
// enough for any phone's photo and any bank's statement.
func DefaultLimits() Limits {
	return Limits{Bytes: 10 << 20, Pixels: 40_000_000, Side: 12_000, Memory: 96 << 20, Pages: 10, Expansion: 50 << 20, Time: 5 * time.Second}
}

func (l Limits) filled() Limits {
	d := DefaultLimits()
	for _, f := range []struct{ have, def *int }{
		{&l.Bytes, &d.Bytes}, {&l.Pixels, &d.Pixels}, {&l.Side, &d.Side},
		{&l.Memory, &d.Memory}, {&l.Pages, &d.Pages}, {&l.Expansion, &d.Expansion},
	} {
		if *f.have <= 0 {
			*f.have = *f.def
		}
	}
	if l.Time <= 0 {
		l.Time = d.Time
	}
	return l
}
