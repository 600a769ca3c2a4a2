package intake

import (
	"bytes"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"

	"golang.org/x/image/webp"
)

// maxKept bounds a picture after it was written anew, in bytes: one that is within the limits does not come near it.
const maxKept = 32 << 20

// judgePicture decodes the whole picture, turns it upright and writes it anew.
func judgePicture(kind string, data []byte, lim Limits, room int) (Document, error) {
	shape, err := shapeOf(kind, data)
	if err != nil {
		return Document{}, err
	}
	if err := shape.within(lim); err != nil {
		return Document{}, err
	}
	if shape.memory() > room {
		return Document{}, errLarge
	}
	img, err := decodePicture(kind, data)
	if err != nil || img.Bounds().Dx() != shape.width || img.Bounds().Dy() != shape.height {
		return Document{}, refuse(CodeUnreadable)
	}
	u := newUpright(img, shape.orientation)
	size := u.size()
	known := newPrint(size)
	doc := Document{Type: typeJPEG, Pages: 1, Width: size.X, Height: size.Y}
	if kind == typePNG || shape.lossless {
		// Small print on a screenshot stays as sharp as it was.
		doc.Type = typePNG
		doc.Data, err = encodePNG(u, len(data), known.see)
	} else {
		doc.Data, err = encodeJPEG(u, known.see)
	}
	if err != nil {
		return Document{}, refuse(CodeUnreadable)
	}
	if len(doc.Data) > maxKept {
		return Document{}, &Unacceptable{Code: CodeTooLarge, Limit: lim.Bytes >> 20}
	}
	doc.Hash, doc.Exact = known.hash(), known.exact()
	return doc, nil
}

func decodePicture(kind string, data []byte) (image.Image, error) {
	switch kind {
	case typePNG:
		return png.Decode(bytes.NewReader(data))
	case typeWebP:
		return webp.Decode(bytes.NewReader(data))
	}
	return jpeg.Decode(bytes.NewReader(data))
}

// encodePNG writes the picture as PNG; see is called as encodeJPEG does.
func encodePNG(u upright, size int, see func(image.Image)) ([]byte, error) {
	height := u.size().Y
	for from := 0; from < height; from += bandRows {
		see(plain(u.rows(from, min(from+bandRows, height))))
	}
	out := bytes.NewBuffer(make([]byte, 0, size))
	err := (&png.Encoder{CompressionLevel: png.BestSpeed}).Encode(out, u.rows(0, height))
	return out.Bytes(), err
}

// shape is what a picture's header says before a single pixel is decoded.
type shape struct {
	width, height int
	cost          int  // bytes of memory for ten pixels, while they are decoded and written anew
	orientation   int  // EXIF's 1 to 8
	lossless      bool // of a WebP picture
}

func shapeOf(kind string, data []byte) (shape, error) {
	var s shape
	var cfg image.Config
	var err error
	switch kind {
	case typePNG:
		cfg, err = png.DecodeConfig(bytes.NewReader(data))
		s.orientation, s.cost = orientationOfPNG(data), 40
		if cfg.ColorModel == color.RGBA64Model || cfg.ColorModel == color.NRGBA64Model {
			s.cost = 80
		}
		if s.orientation > 1 {
			s.cost += 80 // flat, and turned
		}
	case typeWebP:
		cfg, err = webp.DecodeConfig(bytes.NewReader(data))
		w := readWebP(data)
		s.orientation, s.lossless, s.cost = w.orientation, w.lossless, w.cost()
	default:
		cfg, err = jpeg.DecodeConfig(bytes.NewReader(data))
		h := readJPEG(data)
		s.orientation, s.cost = h.orientation, h.cost()
		if h.scans == 0 || h.scans > maxScans {
			return shape{}, refuse(CodeUnreadable)
		}
	}
	if err != nil {
		return shape{}, refuse(CodeUnreadable)
	}
	s.width, s.height = cfg.Width, cfg.Height
	return s, nil
}

// memory is what decoding and writing the picture anew takes, in bytes.
func (s shape) memory() int { return s.width * s.height / 10 * s.cost }

func (s shape) within(lim Limits) error {
	if s.width <= 0 || s.height <= 0 {
		return refuse(CodeUnreadable)
	}
	pixels := min(lim.Pixels, lim.Memory/s.cost*10)
	if s.width > lim.Side || s.height > lim.Side || s.width*s.height > pixels {
		return &Unacceptable{Code: CodeTooManyPixels, Limit: pixels / 1_000_000, Side: lim.Side}
	}
	return nil
}
