package vault

import (
	"image"

	"golang.org/x/image/draw"
)

// upright applies an EXIF orientation to the pixels. Values 5 to 8 swap width and height.
func upright(img image.Image, orientation int) image.Image {
	if orientation <= 1 || orientation > 8 {
		return img
	}
	switch src := img.(type) {
	case *image.YCbCr:
		if dst, ok := turnYCbCr(src, orientation); ok {
			return dst
		}
	case *image.Gray:
		dst := image.NewGray(turned(src.Rect, orientation))
		turn(plane{dst.Pix, dst.Stride}, plane{src.Pix, src.Stride}, src.Rect.Dx(), src.Rect.Dy(), 1, orientation)
		return dst
	case *image.RGBA:
		dst := image.NewRGBA(turned(src.Rect, orientation))
		turn(plane{dst.Pix, dst.Stride}, plane{src.Pix, src.Stride}, src.Rect.Dx(), src.Rect.Dy(), 4, orientation)
		return dst
	case *image.NRGBA:
		dst := image.NewNRGBA(turned(src.Rect, orientation))
		turn(plane{dst.Pix, dst.Stride}, plane{src.Pix, src.Stride}, src.Rect.Dx(), src.Rect.Dy(), 4, orientation)
		return dst
	}
	b := img.Bounds()
	flat := image.NewNRGBA(image.Rectangle{Max: b.Size()})
	draw.Draw(flat, flat.Rect, img, b.Min, draw.Src)
	return upright(flat, orientation)
}

// turnYCbCr turns the three planes each, which takes a third of the memory of going through RGBA. It declines the two
// chroma layouts that have no counterpart on their side.
func turnYCbCr(src *image.YCbCr, orientation int) (*image.YCbCr, bool) {
	ratio := src.SubsampleRatio
	if orientation >= 5 {
		switch ratio {
		case image.YCbCrSubsampleRatio422:
			ratio = image.YCbCrSubsampleRatio440
		case image.YCbCrSubsampleRatio440:
			ratio = image.YCbCrSubsampleRatio422
		case image.YCbCrSubsampleRatio411, image.YCbCrSubsampleRatio410:
			return nil, false
		}
	}
	w, h := src.Rect.Dx(), src.Rect.Dy()
	cw, ch := w, h
	switch src.SubsampleRatio {
	case image.YCbCrSubsampleRatio422:
		cw = (w + 1) / 2
	case image.YCbCrSubsampleRatio420:
		cw, ch = (w+1)/2, (h+1)/2
	case image.YCbCrSubsampleRatio440:
		ch = (h + 1) / 2
	case image.YCbCrSubsampleRatio411:
		cw = (w + 3) / 4
	case image.YCbCrSubsampleRatio410:
		cw, ch = (w+3)/4, (h+1)/2
	}
	dst := image.NewYCbCr(turned(src.Rect, orientation), ratio)
	turn(plane{dst.Y, dst.YStride}, plane{src.Y, src.YStride}, w, h, 1, orientation)
	turn(plane{dst.Cb, dst.CStride}, plane{src.Cb, src.CStride}, cw, ch, 1, orientation)
	turn(plane{dst.Cr, dst.CStride}, plane{src.Cr, src.CStride}, cw, ch, 1, orientation)
	return dst, true
}

func turned(r image.Rectangle, orientation int) image.Rectangle {
	if orientation >= 5 {
		return image.Rect(0, 0, r.Dy(), r.Dx())
	}
	return image.Rect(0, 0, r.Dx(), r.Dy())
}

type plane struct {
	pix    []byte
	stride int
}

// turn copies w x h source pixels of n bytes so that the picture stands upright. EXIF names where the stored first
// row and first column belong: 2 mirrors left and right, 4 top and bottom, 3 both (upside down); 5, 7, 8 and 6 are 1, 3,
// 2 and 4 with rows and columns swapped.
func turn(dst, src plane, w, h, n, orientation int) {
	swap := orientation >= 5
	mirrorX := orientation == 2 || orientation == 3 || orientation == 7 || orientation == 8
	mirrorY := orientation == 3 || orientation == 4 || orientation == 6 || orientation == 7
	for y := range h {
		ty := y
		if mirrorY {
			ty = h - 1 - y
		}
		for x := range w {
			tx := x
			if mirrorX {
				tx = w - 1 - x
			}
			to := ty*dst.stride + tx*n
			if swap {
				to = tx*dst.stride + ty*n
			}
			copy(dst.pix[to:to+n], src.pix[y*src.stride+x*n:][:n])
		}
	}
}
