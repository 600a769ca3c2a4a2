package intake

import (
	"crypto/sha256"
	"encoding/binary"
	"hash"
	"image"
	"math"
	"math/bits"
)

// across and down are the cells that a picture is averaged into before it is compared: one more across than comparisons.
const (
	across = 9
	down   = 8
)

// Alike is the largest Distance at which two pictures are worth laying side by side. Measured on forty drawn letters and
// photos of them (TestTheSameDocumentIsKnownAgain with OCTROI_DOCUMENTS=40): all that were saved anew at another quality,
// scaled, or trimmed evenly by one in a hundred are within it; of those trimmed at one corner by two in a hundred, nine in
// ten; trimmed by five, three in four. Of 780 pairs of unlike letters none is within it, of unlike photos one in a hundred,
// of letters with one letterhead that differ in what they say one in two hundred. So it is a hint and never a verdict: a
// bank writes to many people. Documents whose Exact is the same are the same.
const Alike = 6

// Distance is in how many of 64 features two documents' hashes differ; 64 when either has none.
func Distance(a, b uint64) int {
	if a == 0 || b == 0 {
		return 64
	}
	return bits.OnesCount64(a ^ b)
}

// fingerprint gathers what a picture is known again by, one band at a time from the top.
type fingerprint struct {
	size  image.Point
	row   int
	cells [down][across]cell
	edges [across + 1]int // where each column of cells begins
	sha   hash.Hash
}

type cell struct{ sum, n uint64 }

func newPrint(size image.Point) *fingerprint {
	p := &fingerprint{size: size, sha: sha256.New()}
	for i := range p.edges {
		p.edges[i] = i * size.X / across
	}
	p.sha.Write(binary.BigEndian.AppendUint64(nil, uint64(size.X)<<32|uint64(size.Y)))
	return p
}

// see takes the next band, in one of the layouts that plain gives.
func (p *fingerprint) see(band image.Image) {
	b := band.Bounds()
	for y := range b.Dy() {
		row := &p.cells[min((p.row+y)*down/p.size.Y, down-1)]
		switch m := band.(type) {
		case *image.YCbCr:
			line := m.Y[y*m.YStride:][:b.Dx()]
			p.sha.Write(line)
			p.add(row, line, 1, gray)
		case *image.Gray:
			line := m.Pix[y*m.Stride:][:b.Dx()]
			p.sha.Write(line)
			p.add(row, line, 1, gray)
		case *image.RGBA:
			line := m.Pix[y*m.Stride:][:4*b.Dx()]
			p.sha.Write(line)
			p.add(row, line, 4, luma)
		}
	}
	if m, ok := band.(*image.YCbCr); ok {
		p.seeColour(m)
	}
	p.row += b.Dy()
}

// seeColour takes a band's chroma, which is part of the exact pixels but not of what is compared.
func (p *fingerprint) seeColour(m *image.YCbCr) {
	cx, cy := shared(m.SubsampleRatio)
	w, h := (m.Rect.Dx()+cx-1)/cx, (m.Rect.Dy()+cy-1)/cy
	for y := range h {
		p.sha.Write(m.Cb[y*m.CStride:][:w])
		p.sha.Write(m.Cr[y*m.CStride:][:w])
	}
}

func gray(px []byte) (sum uint64) {
	for _, v := range px {
		sum += uint64(v)
	}
	return sum
}

// luma sums ITU-R BT.601 brightness.
func luma(px []byte) (sum uint64) {
	for i := 0; i+3 < len(px); i += 4 {
		sum += (299*uint64(px[i]) + 587*uint64(px[i+1]) + 114*uint64(px[i+2])) / 1000
	}
	return sum
}

// add adds one line of pixels, n bytes each, to a row of cells.
func (p *fingerprint) add(row *[across]cell, line []byte, n int, bright func([]byte) uint64) {
	for i := range row {
		from, to := p.edges[i], p.edges[i+1]
		row[i].sum += bright(line[from*n : to*n])
		row[i].n += uint64(to - from)
	}
}

func (p *fingerprint) exact() (sum [32]byte) {
	p.sha.Sum(sum[:0])
	return sum
}

// blank is the contrast, in levels of 255, below which a picture has nothing to be known by: a blank page, a lens cap.
const blank = 2.0

// hash is 64 bits that stay what they are when the picture is saved anew or scaled: for each cell, whether the one to its
// right is brighter.
func (p *fingerprint) hash() (h uint64) {
	var g [down][across]float64
	mean, spread := 0.0, 0.0
	for y := range g {
		for x := range g[y] {
			switch c := p.cells[y][x]; {
			case c.n > 0:
				g[y][x] = float64(c.sum) / float64(c.n)
			case x > 0: // fewer pixels than cells
				g[y][x] = g[y][x-1]
			case y > 0:
				g[y][x] = g[y-1][x]
			}
			mean += g[y][x] / (across * down)
		}
	}
	for y := range g {
		for x := range g[y] {
			spread += (g[y][x] - mean) * (g[y][x] - mean) / (across * down)
			if x > 0 && g[y][x] > g[y][x-1] {
				h |= 1 << (y*(across-1) + x - 1)
			}
		}
	}
	if math.Sqrt(spread) < blank {
		return 0
	}
	return h
}
