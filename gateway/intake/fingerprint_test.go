package intake

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"math"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/image/draw"
	typeface "golang.org/x/image/font"
	"golang.org/x/image/font/basicfont"
	"golang.org/x/image/math/fixed"
)

// letter draws a page as a bank or an authority writes it: a letterhead in one place for all who use the template, lines
// of words of their own below. Pages of one template differ in what they say alone.
func letter(template, content uint64) *image.RGBA {
	page := image.NewRGBA(image.Rect(0, 0, 620, 876))
	draw.Draw(page, page.Rect, image.White, image.Point{}, draw.Src)
	look, words := rand.New(rand.NewPCG(template, 1)), rand.New(rand.NewPCG(template, content+2))
	box := func(rnd *rand.Rand, area image.Rectangle, shade uint8) {
		x, y := area.Min.X+rnd.IntN(area.Dx()/2), area.Min.Y+rnd.IntN(area.Dy()/2)
		r := image.Rect(x, y, x+area.Dx()/6+rnd.IntN(area.Dx()/3), y+area.Dy()/6+rnd.IntN(area.Dy()/3))
		draw.Draw(page, r, image.NewUniform(color.Gray{shade}), image.Point{}, draw.Src)
	}
	box(look, image.Rect(20, 10, 600, 140), uint8(look.IntN(180)))
	left, top, step := 30+look.IntN(80), 170+look.IntN(120), 16+look.IntN(10)
	for y := top; y < 840; y += step {
		if words.IntN(5) == 0 {
			continue
		}
		line := ""
		for n := 2 + words.IntN(12); n > 0; n-- {
			line += fmt.Sprintf("%x ", words.IntN(1<<(4+words.IntN(20))))
		}
		d := typeface.Drawer{Dst: page, Src: image.Black, Face: basicfont.Face7x13, Dot: fixed.P(left, y)}
		d.DrawString(line)
	}
	if look.IntN(2) == 0 {
		box(look, image.Rect(300, 700, 600, 860), uint8(100+look.IntN(100)))
	}
	return page
}

// photo draws what a camera sees of a page on a table: light from one side, the page a little turned and not quite whole.
func photo(page image.Image, seed uint64) *image.RGBA {
	rnd := rand.New(rand.NewPCG(seed, 9))
	out := image.NewRGBA(image.Rect(0, 0, 800, 1000))
	angle, scale := (rnd.Float64()-0.5)*0.2, 0.95+0.15*rnd.Float64()
	sin, cos := math.Sin(angle)*scale, math.Cos(angle)*scale
	dx, dy := 30+60*rnd.Float64(), 30+60*rnd.Float64()
	base, tilt := 150+rnd.Float64()*60, rnd.Float64()*80
	for y := range 1000 {
		for x := range 800 {
			light := 0.75 + 0.25*math.Sin(tilt+float64(x)/600+float64(y)/900)
			px, py := (float64(x)-dx)*cos-(float64(y)-dy)*sin, (float64(x)-dx)*sin+(float64(y)-dy)*cos
			v := base * 0.5
			if px >= 0 && py >= 0 && px < 620 && py < 876 {
				r, _, _, _ := page.At(int(px), int(py)).RGBA()
				v = float64(r >> 8)
			}
			g := uint8(min(max(v*light+rnd.NormFloat64()*4, 0), 255))
			out.SetRGBA(x, y, color.RGBA{g, g, g, 255})
		}
	}
	return out
}

// hashOf hashes a picture as an upload of it would be.
func hashOf(t testing.TB, img image.Image, quality int) uint64 {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, img, &jpeg.Options{Quality: quality}); err != nil {
		t.Fatal(err)
	}
	doc, err := judged("a.jpg", "", b.Bytes(), Limits{})
	if err != nil {
		t.Fatal(err)
	}
	return doc.Hash
}

// scaled gives the part of a picture at another size.
func scaled(img image.Image, part image.Rectangle, by float64) image.Image {
	out := image.NewRGBA(image.Rect(0, 0, int(float64(part.Dx())*by), int(float64(part.Dy())*by)))
	draw.ApproxBiLinear.Scale(out, out.Rect, img, part, draw.Src, nil)
	return out
}

// trimmed takes a share of the width and height away, on all four sides alike or from one corner.
func trimmed(r image.Rectangle, share float64, corner bool) image.Rectangle {
	dx, dy := int(float64(r.Dx())*share), int(float64(r.Dy())*share)
	if corner {
		return image.Rect(r.Min.X, r.Min.Y, r.Max.X-dx, r.Max.Y-dy)
	}
	return image.Rect(r.Min.X+dx/2, r.Min.Y+dy/2, r.Max.X-dx/2, r.Max.Y-dy/2)
}

// spread are distances, smallest first.
type spread []int

func (s spread) String() string {
	slices.Sort(s)
	at := func(p float64) int { return s[int(p*float64(len(s)-1))] }
	return fmt.Sprintf("n=%d min %d, p10 %d, median %d, p90 %d, p99 %d, max %d; %.2f%% alike", len(s), s[0], at(.1), at(.5), at(.9), at(.99), s[len(s)-1],
		100*s.alike())
}

// alike is the share that is taken for the same.
func (s spread) alike() float64 {
	within := 0
	for _, d := range s {
		if d <= Alike {
			within++
		}
	}
	return float64(within) / float64(len(s))
}

func TestNothingToCompareIsAlikeToNothing(t *testing.T) {
	paper := image.NewRGBA(image.Rect(0, 0, 200, 300))
	draw.Draw(paper, paper.Rect, image.White, image.Point{}, draw.Src)
	if h := hashOf(t, paper, 90); h != 0 || Distance(h, h) != 64 {
		t.Errorf("a blank page has the hash %x and is at %d of itself", h, Distance(h, h))
	}
	if Distance(1, 3) != 1 || Distance(^uint64(0), 1) != 63 {
		t.Error("distance is not the number of unlike bits")
	}
}

func TestExactPixelsAreKnownWhateverTheMetadata(t *testing.T) {
	img := corners(64, 32)
	plain, tagged := jpegOf(t, img), withJPEGExif(jpegOf(t, img), exifOf(binary.BigEndian, 1))
	a, err := judged("a.jpg", "", plain, Limits{})
	b, berr := judged("b.jpg", "", tagged, Limits{})
	c, cerr := judged("c.jpg", "", jpegOf(t, corners(32, 64)), Limits{})
	if err := errors.Join(err, berr, cerr); err != nil {
		t.Fatal(err)
	}
	if a.Exact != b.Exact || a.Exact == c.Exact || a.Hash == 0 || a.Hash != b.Hash {
		t.Errorf("%x, with metadata %x, another %x", a.Exact[:4], b.Exact[:4], c.Exact[:4])
	}
}

func TestTheSameDocumentIsKnownAgain(t *testing.T) {
	documents := uint64(8)
	if n, err := strconv.Atoi(os.Getenv("OCTROI_DOCUMENTS")); err == nil {
		documents = uint64(n)
	}
	same, others := map[string]spread{}, map[string]spread{}
	var pages, photos []uint64
	for i := range documents {
		for kind, img := range map[string]*image.RGBA{"page": letter(i, 0), "photo": photo(letter(i, 0), i)} {
			first := hashOf(t, img, 92)
			if kind == "page" {
				pages = append(pages, first)
			} else {
				photos = append(photos, first)
			}
			full := img.Bounds()
			for name, again := range map[string]uint64{
				"saved at 50":            hashOf(t, img, 50),
				"half the size":          hashOf(t, scaled(img, full, 0.5), 85),
				"a third larger":         hashOf(t, scaled(img, full, 1.33), 85),
				"trimmed by 1 %":         hashOf(t, scaled(img, trimmed(full, 0.01, false), 1), 85),
				"trimmed by 2 %":         hashOf(t, scaled(img, trimmed(full, 0.02, false), 1), 85),
				"a corner trimmed, 2 %":  hashOf(t, scaled(img, trimmed(full, 0.02, true), 1), 85),
				"trimmed by 5 %":         hashOf(t, scaled(img, trimmed(full, 0.05, false), 1), 85),
				"half size, 1 % trimmed": hashOf(t, scaled(img, trimmed(full, 0.01, true), 0.5), 70),
			} {
				same[kind+" "+name] = append(same[kind+" "+name], Distance(first, again))
			}
		}
		for other := uint64(1); other < 6; other++ {
			others["pages of one template"] = append(others["pages of one template"], Distance(pages[i], hashOf(t, letter(i, other), 92)))
		}
		others["two photos of one page"] = append(others["two photos of one page"], Distance(photos[i], hashOf(t, photo(letter(i, 0), i+1000), 92)))
	}
	for i := range pages {
		for j := range i {
			others["pages"] = append(others["pages"], Distance(pages[i], pages[j]))
			others["photos"] = append(others["photos"], Distance(photos[i], photos[j]))
		}
	}
	for name, s := range same {
		t.Logf("same, %-30s %v", name, s)
		if share := s.alike(); share < 0.5 || share < 1 && !strings.Contains(name, "trimmed") {
			t.Errorf("%s: only %.0f %% are known again", name, 100*share)
		}
	}
	for name, s := range others {
		t.Logf("others, %-28s %v", name, s)
		if share := s.alike(); share > 0.1 && name != "two photos of one page" {
			t.Errorf("%s: %.0f %% are taken for one another", name, 100*share)
		}
	}
}
