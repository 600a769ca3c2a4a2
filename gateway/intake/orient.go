package intake

import (
	"image"

	"golang.org/x/image/draw"
)

// upright is a picture seen the right way up, whatever EXIF orientation it is stored in: 1 to 8, where 5 to 8 swap
// width and height. It turns only the rows it is asked for, so that a large photo is never in memory twice.
type upright struct {
	img         image.Image
	orientation int
}

// newUpright takes a decoded picture. One whose layout cannot be turned as it is becomes RGBA first.
func newUpright(img image.Image, orientation int) upright {
	if orientation <= 1 || orientation > 8 {
		return upright{img, 1} // every decoder's layouts can be cut
	}
	switch m := img.(type) {
	case *image.Gray, *image.RGBA, *image.NRGBA:
		return upright{img, orientation}
	case *image.YCbCr:
		if _, ok := turnedRatio(m.SubsampleRatio, orientation); ok {
			return upright{img, orientation}
		}
	}
	flat := image.NewNRGBA(image.Rectangle{Max: img.Bounds().Size()})
	draw.Draw(flat, flat.Rect, img, img.Bounds().Min, draw.Src)
	return upright{flat, orientation}
}

// size is the upright picture's.
func (u upright) size() image.Point {
	s := u.img.Bounds().Size()
	if u.orientation >= 5 {
		s.X, s.Y = s.Y, s.X
	}
	return s
}

// rows gives the rows from to upto of the upright picture. from must be even, because chroma is shared by two rows. The
// result may share memory with the picture.
func (u upright) rows(from, upto int) image.Image {
	b := u.img.Bounds()
	if u.orientation == 1 {
		part := image.Rect(b.Min.X, b.Min.Y+from, b.Max.X, b.Min.Y+upto)
		if cut, ok := u.img.(interface {
			SubImage(image.Rectangle) image.Image
		}); ok {
			return cut.SubImage(part)
		}
	}
	w, h, out := b.Dx(), b.Dy(), image.Rect(0, 0, u.size().X, upto-from)
	switch src := u.img.(type) {
	case *image.YCbCr:
		return u.rowsYCbCr(src, from, upto)
	case *image.Gray:
		dst := image.NewGray(out)
		turn(plane{dst.Pix, dst.Stride}, plane{src.Pix, src.Stride}, w, h, 1, u.orientation, from, upto)
		return dst
	case *image.RGBA:
		dst := image.NewRGBA(out)
		turn(plane{dst.Pix, dst.Stride}, plane{src.Pix, src.Stride}, w, h, 4, u.orientation, from, upto)
		return dst
	case *image.NRGBA:
		dst := image.NewNRGBA(out)
		turn(plane{dst.Pix, dst.Stride}, plane{src.Pix, src.Stride}, w, h, 4, u.orientation, from, upto)
		return dst
	}
	return image.NewRGBA(out) // newUpright lets no other layout through
}

// turnedRatio is the chroma layout of the turned picture. Two layouts have no counterpart on their side.
func turnedRatio(ratio image.YCbCrSubsampleRatio, orientation int) (image.YCbCrSubsampleRatio, bool) {
	if orientation < 5 {
		return ratio, true
	}
	switch ratio {
	case image.YCbCrSubsampleRatio422:
		return image.YCbCrSubsampleRatio440, true
	case image.YCbCrSubsampleRatio440:
		return image.YCbCrSubsampleRatio422, true
	case image.YCbCrSubsampleRatio411, image.YCbCrSubsampleRatio410:
		return ratio, false
	}
	return ratio, true
}

// rowsYCbCr turns the three planes each, which takes a third of the memory of going through RGBA.
func (u upright) rowsYCbCr(src *image.YCbCr, from, upto int) *image.YCbCr {
	ratio, _ := turnedRatio(src.SubsampleRatio, u.orientation)
	w, h := src.Rect.Dx(), src.Rect.Dy()
	cx, cy := shared(src.SubsampleRatio)
	cw, ch := (w+cx-1)/cx, (h+cy-1)/cy
	dst := image.NewYCbCr(image.Rect(0, 0, u.size().X, upto-from), ratio)
	turn(plane{dst.Y, dst.YStride}, plane{src.Y, src.YStride}, w, h, 1, u.orientation, from, upto)
	_, dy := shared(ratio)
	from, upto = from/dy, (upto+dy-1)/dy
	turn(plane{dst.Cb, dst.CStride}, plane{src.Cb, src.CStride}, cw, ch, 1, u.orientation, from, upto)
	turn(plane{dst.Cr, dst.CStride}, plane{src.Cr, src.CStride}, cw, ch, 1, u.orientation, from, upto)
	return dst
}

// shared is how many pixels, across and down, share one chroma sample.
func shared(ratio image.YCbCrSubsampleRatio) (x, y int) {
	switch ratio {
	case image.YCbCrSubsampleRatio422:
		return 2, 1
	case image.YCbCrSubsampleRatio420:
		return 2, 2
	case image.YCbCrSubsampleRatio440:
		return 1, 2
	case image.YCbCrSubsampleRatio411:
		return 4, 1
	case image.YCbCrSubsampleRatio410:
		return 4, 2
	}
	return 1, 1
}

type plane struct {
	pix    []byte
	stride int
}

// turn fills dst with the rows from to upto of the w x h source as it stands upright; a pixel has n bytes. EXIF names
// where the stored first row and first column belong: 2 mirrors left and right, 4 top and bottom, 3 both (upside down);
// 5, 8, 6 and 7 are 1, 2, 4 and 3 with rows and columns swapped, so that a stored column becomes a row.
func turn(dst, src plane, w, h, n, orientation, from, upto int) {
	swap := orientation >= 5
	mirrorX := orientation == 2 || orientation == 3 || orientation == 7 || orientation == 8
	mirrorY := orientation == 3 || orientation == 4 || orientation == 6 || orientation == 7
	width, step := w, n
	if swap {
		width, step = h, src.stride
	}
	// A row of the result is a stored row or column, read from one end or the other.
	backwards := mirrorX && !swap || mirrorY && swap
	for y := from; y < upto; y++ {
		at := 0
		switch {
		case swap && mirrorX:
			at = (w - 1 - y) * n
		case swap:
			at = y * n
		case mirrorY:
			at = (h - 1 - y) * src.stride
		default:
			at = y * src.stride
		}
		by := step
		if backwards {
			at, by = at+(width-1)*step, -step
		}
		row := dst.pix[(y-from)*dst.stride:][:width*n]
		if n == 1 {
			for x := range row {
				row[x] = src.pix[at]
				at += by
			}
			continue
		}
		for x := 0; x < len(row); x += n {
			copy(row[x:x+n], src.pix[at:at+n])
			at += by
		}
	}
}
