package vault

import (
	"bytes"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"

	"golang.org/x/image/draw"
)

// quality of re-encoded JPEG pictures: small print stays readable, and a phone's photo seldom grows.
const quality = 88

// inspectPicture decodes the whole picture, turns it upright and writes it anew.
func inspectPicture(kind string, data []byte, lim Limits) (Document, error) {
	shape, err := shapeOf(kind, data)
	if err != nil {
		return Document{}, err
	}
	if err := shape.within(lim); err != nil {
		return Document{}, err
	}
	decode := png.Decode
	if kind == typeJPEG {
		decode = jpeg.Decode
	}
	img, err := decode(bytes.NewReader(data))
	if err != nil {
		return Document{}, refuse(CodeUnreadable)
	}
	img = upright(layout(kind, img), shape.orientation)

	out := bytes.NewBuffer(make([]byte, 0, len(data)))
	if kind == typeJPEG {
		err = jpeg.Encode(out, img, &jpeg.Options{Quality: quality})
	} else {
		err = (&png.Encoder{CompressionLevel: png.BestSpeed}).Encode(out, img)
	}
	if err != nil {
		return Document{}, refuse(CodeUnreadable)
	}
	if out.Len() > MaxDocument {
		return Document{}, &Unacceptable{Code: CodeTooLarge, Limit: lim.Bytes >> 20}
	}
	size := img.Bounds().Size()
	return Document{Type: kind, Data: out.Bytes(), Pages: 1, Width: size.X, Height: size.Y}, nil
}

// shape is what a picture's header says before a single pixel is decoded.
type shape struct {
	width, height int
	cost          int // bytes of memory for each pixel while decoding
	orientation   int // EXIF's 1 to 8
}

func shapeOf(kind string, data []byte) (shape, error) {
	if kind == typePNG {
		cfg, err := png.DecodeConfig(bytes.NewReader(data))
		if err != nil {
			return shape{}, refuse(CodeUnreadable)
		}
		s := shape{width: cfg.Width, height: cfg.Height, cost: 4, orientation: orientationOfPNG(data)}
		switch cfg.ColorModel {
		case color.RGBA64Model, color.NRGBA64Model:
			s.cost = 8
		}
		return s, nil
	}
	cfg, err := jpeg.DecodeConfig(bytes.NewReader(data))
	if err != nil {
		return shape{}, refuse(CodeUnreadable)
	}
	h := readJPEG(data)
	if h.scans == 0 || h.scans > maxScans {
		return shape{}, refuse(CodeUnreadable)
	}
	s := shape{width: cfg.Width, height: cfg.Height, cost: 4, orientation: h.orientation}
	if h.progressive {
		// image/jpeg keeps a 32-bit coefficient for each sample until the last scan is read.
		s.cost = 5 * max(h.samples, 1)
	}
	return s, nil
}

func (s shape) within(lim Limits) error {
	pixels := min(lim.Pixels, lim.Memory/s.cost)
	if s.width <= 0 || s.height <= 0 {
		return refuse(CodeUnreadable)
	}
	if s.width > lim.Side || s.height > lim.Side || s.width*s.height > pixels {
		return &Unacceptable{Code: CodeTooManyPixels, Limit: pixels / 1_000_000, Side: lim.Side}
	}
	return nil
}

// layout gives the picture one of the few pixel layouts that turning and fast encoding know.
func layout(kind string, img image.Image) image.Image {
	switch img.(type) {
	case *image.YCbCr, *image.Gray, *image.RGBA, *image.NRGBA, *image.Gray16, *image.RGBA64, *image.NRGBA64, *image.Paletted:
		return img
	}
	b := image.Rectangle{Max: img.Bounds().Size()}
	var to draw.Image = image.NewNRGBA(b)
	if kind == typeJPEG {
		to = image.NewRGBA(b)
	}
	draw.Draw(to, b, img, img.Bounds().Min, draw.Src)
	return to
}
