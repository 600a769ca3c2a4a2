package flow_test

import (
	"bytes"
	"image"
	"image/color"
	"image/jpeg"
	"math/rand/v2"
	"slices"
	"testing"

	"golang.org/x/image/draw"

	"octroi/gateway/hold"
	"octroi/gateway/payment"
)

// paper draws the photo of a paper on a table: light from a corner, dark lines of writing, a stamp; none like another's.
func paper(seed uint64) *image.RGBA {
	rnd := rand.New(rand.NewPCG(seed, 5))
	img := image.NewRGBA(image.Rect(0, 0, 900, 1200))
	dark, tilt := rnd.IntN(70), rnd.IntN(3)
	for y := range 1200 {
		for x := range 900 {
			v := uint8(150 + (x*tilt+y)/30 + rnd.IntN(6))
			img.SetRGBA(x, y, color.RGBA{v, v, v - 8, 255})
		}
	}
	for range 40 {
		x, y := rnd.IntN(700), rnd.IntN(1150)
		line := image.Rect(x, y, x+60+rnd.IntN(400), y+10+rnd.IntN(40))
		draw.Draw(img, line, image.NewUniform(color.Gray{uint8(dark + rnd.IntN(60))}), image.Point{}, draw.Src)
	}
	return img
}

func white() *image.RGBA {
	img := image.NewRGBA(image.Rect(0, 0, 900, 1200))
	draw.Draw(img, img.Rect, image.White, image.Point{}, draw.Src)
	return img
}

// part is a part of a picture at another scale.
func part(img image.Image, of image.Rectangle, scale float64) image.Image {
	out := image.NewRGBA(image.Rect(0, 0, int(float64(of.Dx())*scale), int(float64(of.Dy())*scale)))
	draw.ApproxBiLinear.Scale(out, out.Rect, img, of, draw.Src, nil)
	return out
}

// sends lets the buyer of a held order send a picture, saved at a quality, and tells whether it was known from another
// buyer's order.
func (w *world) sends(p payment.Payment, img image.Image, quality int) bool {
	w.t.Helper()
	var b bytes.Buffer
	check(w.t, jpeg.Encode(&b, img, &jpeg.Options{Quality: quality}))
	check(w.t, w.flow.ReceiveDocument(w.t.Context(), token(p), hold.Identity, "id.jpg", "image/jpeg", b.Bytes()))
	snap, err := w.store.Case(w.t.Context(), p.Case.ID)
	check(w.t, err)
	docs := snap.Case.Proof.Documents
	reused := docs[len(docs)-1].Reused
	if got := snap.Payment.Decision.Has("DOCUMENT_REUSED"); reused && !got {
		w.t.Errorf("a document is marked and the reason is missing: %+v", snap.Payment.Decision)
	}
	return reused
}

func TestADocumentOfAnotherOrderIsAReasonHoweverItWasSaved(t *testing.T) {
	w := begin(t, everyOrderHeld(t))
	buyers := w.holds(0, 6)
	scan := paper(1)
	full := scan.Bounds()
	if w.sends(buyers[0], scan, 92) {
		t.Fatal("the first one is known already")
	}
	for i, again := range []struct {
		how     string
		img     image.Image
		quality int
	}{{"as it was", scan, 92}, {"saved anew", scan, 60}, {"a fifth smaller", part(scan, full, 0.8), 85}, {"a fifth larger", part(scan, full, 1.2), 85},
		{"trimmed by one in a hundred", part(scan, full.Inset(6), 1), 85}} {
		if !w.sends(buyers[i+1], again.img, again.quality) {
			t.Errorf("%s it is not known again", again.how)
		}
	}
	if got := w.see(buyers[1].ID).Decision; !got.Has("DOCUMENT_REUSED") {
		t.Errorf("the shop is not told: %+v", got)
	}
	if !w.told("case.proof_received", buyers[1].ID) {
		t.Error("the shop hears nothing")
	}
}

func TestOtherPapersBlankPagesAndTheSameCaseAreNoReason(t *testing.T) {
	t.Parallel() // it waits more than it works
	w := begin(t, everyOrderHeld(t))
	buyers := w.holds(0, 14)
	for i := range 10 {
		if w.sends(buyers[i], paper(uint64(100+i)), 85) {
			t.Errorf("paper %d is taken for another's", i)
		}
	}
	for i := range 2 {
		if w.sends(buyers[10+i], white(), 85-i) {
			t.Error("a blank page is known again")
		}
	}
	for _, again := range []image.Image{paper(7), paper(7), part(paper(7), paper(7).Bounds(), 0.8)} {
		if w.sends(buyers[12], again, 90) {
			t.Error("a document is held against the case it came with")
		}
	}
	// The same buyer's next order: it is told, and no reason.
	r := order(12)
	r.Order.Reference, r.Method.Number = "A-next", made(500)
	next := w.pay(r)
	if w.sends(next, paper(7), 90) {
		t.Error("a buyer's own document is held against them")
	}
	snap, err := w.store.Case(t.Context(), next.Case.ID)
	check(t, err)
	if !slices.ContainsFunc(snap.Case.Events, func(e hold.Event) bool { return e.Type == "document_sent_before" }) {
		t.Errorf("the analyst is not told: %+v", snap.Case.Events)
	}
}
