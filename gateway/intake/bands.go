package intake

import (
	"bytes"
	"encoding/binary"
	"errors"
	"image"
	"image/jpeg"
	"runtime"
	"sync"

	"golang.org/x/image/draw"
)

// quality of re-encoded JPEG pictures: small print stays readable, and a phone's photo seldom grows.
const quality = 88

// A JPEG may restart its arithmetic at fixed intervals (ITU-T T.81 B.2.4.4): what lies between two restarts is coded by
// itself. So a picture is written in bands, as many at once as there are processors, and no more of it is turned upright
// at a time than these bands.
const (
	bandRows    = 256    // a multiple of the 16 rows that blocks of shared chroma are high
	maxInterval = 65_535 // blocks in an interval, which has 16 bits
	maxMarkers  = 8      // restart markers count from RST0 to RST7 and begin again
)

// band is one strip of a picture, coded as a JPEG of its own.
type band struct {
	data []byte
	err  error
}

// encodeJPEG writes the picture as JPEG. See is called with each band before it is written, in order from the top.
func encodeJPEG(u upright, see func(image.Image)) ([]byte, error) {
	size := u.size()
	across := (size.X + 15) / 16
	if _, gray := u.img.(*image.Gray); gray {
		across = ((size.X + 7) / 8) * 2 // twice as many of its smaller blocks fit in the height of a large one
	}
	rows := min(bandRows, maxInterval/across*16)
	if rows < 16 {
		return nil, errors.New("intake: a picture too wide for JPEG")
	}
	bands := make([]band, (size.Y+rows-1)/rows)
	var work sync.WaitGroup
	places := make(chan struct{}, runtime.GOMAXPROCS(0))
	for i := range bands {
		part := plain(u.rows(i*rows, min((i+1)*rows, size.Y)))
		see(part)
		places <- struct{}{}
		work.Go(func() {
			defer func() { <-places }()
			bands[i] = encodeBand(part)
		})
	}
	work.Wait()
	interval := across * rows / 16
	if _, gray := u.img.(*image.Gray); gray {
		interval = across / 2 * rows / 8
	}
	return joinBands(bands, size, interval)
}

// plain gives a picture one of the three layouts that can be coded fast. What shows through shows white paper.
func plain(img image.Image) image.Image {
	switch img.(type) {
	case *image.YCbCr, *image.Gray, *image.RGBA:
		return img
	}
	flat := image.NewRGBA(image.Rectangle{Max: img.Bounds().Size()})
	draw.Draw(flat, flat.Rect, image.White, image.Point{}, draw.Src)
	draw.Draw(flat, flat.Rect, img, img.Bounds().Min, draw.Over)
	return flat
}

func encodeBand(part image.Image) (b band) {
	var out bytes.Buffer
	// What a stranger's picture makes of the encoder is this file's failure, not the goroutine's.
	defer func() {
		if recover() != nil {
			b = band{err: errors.New("intake: the encoder gave up")}
		}
	}()
	err := jpeg.Encode(&out, part, &jpeg.Options{Quality: quality})
	return band{out.Bytes(), err}
}

// joinBands puts the coded bands behind the first one's header, which is told the whole height and the interval.
func joinBands(bands []band, size image.Point, interval int) ([]byte, error) {
	total := 0
	for _, b := range bands {
		if b.err != nil {
			return nil, b.err
		}
		total += len(b.data)
	}
	out := bytes.NewBuffer(make([]byte, 0, total))
	for i, b := range bands {
		frame, scan, begin, err := marks(b.data)
		if err != nil {
			return nil, err
		}
		if i == 0 {
			out.Write(b.data[:scan])
			binary.BigEndian.PutUint16(out.Bytes()[frame+5:], uint16(size.Y))
			if len(bands) > 1 {
				out.Write(binary.BigEndian.AppendUint16([]byte{0xFF, 0xDD, 0, 4}, uint16(interval)))
			}
			out.Write(b.data[scan:begin])
		} else {
			out.Write([]byte{0xFF, 0xD0 + byte((i-1)%maxMarkers)})
		}
		coded, ok := bytes.CutSuffix(b.data[begin:], []byte{0xFF, 0xD9})
		if !ok {
			return nil, errors.New("intake: a band without an end")
		}
		out.Write(coded)
	}
	out.Write([]byte{0xFF, 0xD9})
	return out.Bytes(), nil
}

// marks finds, in a JPEG just written, where its frame header and its scan header stand, and where the coded part begins.
func marks(data []byte) (frame, scan, begin int, err error) {
	for i := 2; i+4 <= len(data) && data[i] == 0xFF; {
		n := int(binary.BigEndian.Uint16(data[i+2:]))
		switch data[i+1] {
		case 0xC0:
			frame = i
		case 0xDA:
			if frame > 0 && i+2+n <= len(data) {
				return frame, i, i + 2 + n, nil
			}
		}
		i += 2 + n
	}
	return 0, 0, 0, errors.New("intake: a band without a header")
}
