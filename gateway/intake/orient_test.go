package intake

import (
	"image"
	"image/color"
	"math/rand/v2"
	"testing"
)

func TestEveryPixelLayoutTurnsAlike(t *testing.T) {
	rnd := rand.New(rand.NewPCG(3, 4))
	noise := func(px []byte) {
		for i := range px {
			px[i] = byte(rnd.IntN(256))
		}
	}
	var layouts []image.Image
	for _, ratio := range []image.YCbCrSubsampleRatio{image.YCbCrSubsampleRatio444, image.YCbCrSubsampleRatio422, image.YCbCrSubsampleRatio420,
		image.YCbCrSubsampleRatio440, image.YCbCrSubsampleRatio411, image.YCbCrSubsampleRatio410} {
		for _, side := range []int{28, 36} {
			m := image.NewYCbCr(image.Rect(0, 0, side, side-8), ratio)
			noise(m.Y)
			noise(m.Cb)
			noise(m.Cr)
			layouts = append(layouts, m)
		}
	}
	rect := image.Rect(0, 0, 30, 20)
	gray, gray16, rgba, nrgba, deep := image.NewGray(rect), image.NewGray16(rect), image.NewRGBA(rect), image.NewNRGBA(rect), image.NewNRGBA64(rect)
	few := image.NewPaletted(rect, color.Palette{color.White, color.Black, color.NRGBA{255, 0, 0, 255}})
	noise(gray.Pix)
	noise(gray16.Pix)
	for i := range rect.Dx() * rect.Dy() {
		c := color.NRGBA{byte(rnd.IntN(256)), byte(rnd.IntN(256)), byte(rnd.IntN(256)), 255}
		for _, m := range []interface{ Set(int, int, color.Color) }{rgba, nrgba, deep} {
			m.Set(i%30, i/30, c)
		}
		few.SetColorIndex(i%30, i/30, byte(rnd.IntN(3)))
	}
	for _, img := range append(layouts, gray, gray16, rgba, nrgba, deep, few) {
		for o := 0; o <= 9; o++ {
			checkTurned(t, img, o)
		}
	}
}

// checkTurned holds every pixel of a turned picture, taken in strips, against where EXIF says it comes from.
func checkTurned(t *testing.T, img image.Image, o int) {
	t.Helper()
	u, b := newUpright(img, o), img.Bounds()
	size := u.size()
	if wide := o >= 5 && o <= 8; wide && (size.X != b.Dy() || size.Y != b.Dx()) || !wide && size != b.Size() {
		t.Fatalf("%T orientation %d: %v of %v", img, o, size, b.Size())
	}
	const strip = 8
	for from := 0; from < size.Y; from += strip {
		part := u.rows(from, min(from+strip, size.Y))
		at := part.Bounds().Min
		for y := from; y < min(from+strip, size.Y); y++ {
			for x := range size.X {
				sx, sy := stored(x, y, size, o)
				got, want := color.NRGBAModel.Convert(part.At(at.X+x, at.Y+y-from)), color.NRGBAModel.Convert(img.At(b.Min.X+sx, b.Min.Y+sy))
				if got != want {
					t.Fatalf("%T orientation %d: pixel %d,%d is %v, want %v from %d,%d", img, o, x, y, got, want, sx, sy)
				}
			}
		}
	}
}

// stored is where an upright pixel lies in the stored picture, from the table of Exif 2.32, 4.6.4 A.
func stored(x, y int, size image.Point, o int) (sx, sy int) {
	r, b := size.X-1-x, size.Y-1-y
	switch o {
	case 2:
		return r, y
	case 3:
		return r, b
	case 4:
		return x, b
	case 5:
		return y, x
	case 6:
		return y, r
	case 7:
		return b, r
	case 8:
		return b, x
	}
	return x, y
}
